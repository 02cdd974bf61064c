"""Piano rolls keep every note's start, length and pitch."""

import numpy as np
import pytest

from lab_utils.encoding import roll_from_score, score_from_roll
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array


def test_a_small_roll_written_by_hand():
    score = Score(note_array([(0, 0.5, 60), (0.5, 0.25, 60), (0.25, 0.5, 62)]))
    roll = roll_from_score(score, lowest=60, highest=62)
    np.testing.assert_array_equal(roll, [[1, 0, 0], [2, 0, 1], [1, 0, 2]])


@pytest.mark.parametrize("steps_per_quarter", [4, 12])
def test_round_trip(steps_per_quarter):
    rng = np.random.default_rng(0)
    rows = []
    for pitch in rng.choice(np.arange(21, 109), 20, replace=False):
        at = 0
        for _ in range(4):
            at += int(rng.integers(0, 3))  # sometimes nothing between two notes of a pitch
            length = int(rng.integers(1, 9))
            rows.append((at / steps_per_quarter, length / steps_per_quarter, int(pitch)))
            at += length
    score = Score(note_array(rows))
    roll = roll_from_score(score, steps_per_quarter=steps_per_quarter)
    assert score_from_roll(roll, steps_per_quarter=steps_per_quarter) == score


def test_a_binary_roll_joins_neighbouring_steps():
    score = score_from_roll(np.array([[True], [True], [False], [True]]), lowest=60)
    assert [tuple(row)[:3] for row in score.notes] == [(0, 0.5, 60), (0.75, 0.25, 60)]


def test_bad_input_is_refused():
    with pytest.raises(ParameterError, match="received 20"):
        roll_from_score(Score(note_array([(0, 1, 20)])))
    with pytest.raises(ParameterError, match="without notes"):
        roll_from_score(Score(note_array([])))
    with pytest.raises(ParameterError, match="shape"):
        score_from_roll(np.zeros(4))
    with pytest.raises(ParameterError, match="other values"):
        score_from_roll(np.array([[3]]))
