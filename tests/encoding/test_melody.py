"""Lines to tokens and back, what a step is shown, and bad input in one line."""

import numpy as np
import pytest

from lab_utils.encoding import chorale, melody
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

LINE = np.array([60, 60, 62, 62, 62, -1, -1, 64, 64, 64], np.int16)
ONSETS = np.array([1, 0, 1, 0, 1, 0, 0, 1, 1, 0], bool)


def test_tokens_by_eye():
    c, d, e = (pitch - chorale.LOWEST + chorale.FIRST_PITCH for pitch in (60, 62, 64))
    assert melody.tokens_from_line(LINE).tolist() == [c, 0, d, 0, 0, 1, 0, e, 0, 0]
    assert melody.tokens_from_line(LINE, ONSETS).tolist() == [c, 0, d, 0, d, 1, 0, e, e, 0]


@pytest.mark.parametrize("seed", range(5))
def test_line_to_tokens_and_back(seed):
    rng = np.random.default_rng(seed)
    line = np.repeat(np.where(rng.random(30) < 0.2, -1, rng.integers(50, 80, 30)), rng.integers(1, 5, 30))
    onsets = (rng.random(len(line)) < 0.3) & (line != -1)
    back, starts = melody.line_from_tokens(melody.tokens_from_line(line, onsets))
    np.testing.assert_array_equal(back, line)
    assert (starts >= onsets).all()
    np.testing.assert_array_equal(melody.tokens_from_line(back, starts), melody.tokens_from_line(line, onsets))


def test_a_soprano_is_a_column_of_the_chorale():
    rng = np.random.default_rng(0)
    grid = np.repeat(rng.integers(50, 70, (12, 4)), 3, axis=0)
    tokens = chorale.tokens_from_grid(grid)
    np.testing.assert_array_equal(melody.tokens_from_line(grid[:, 0]), tokens[:, 0])
    whole, own = chorale.inputs_from_tokens(tokens), melody.inputs_from_tokens(tokens[:, 0])
    for name in ("sounding", "held"):
        np.testing.assert_array_equal(own[name], whole[name][:, 0])


def test_line_to_score_and_back():
    score = melody.score_from_line(LINE, ONSETS, meter=(3, 4), pickup_steps=4, key=(1, "major"), title="a line")
    line, onsets = melody.line_from_score(score)
    np.testing.assert_array_equal(line, LINE)
    np.testing.assert_array_equal(onsets, ONSETS)
    assert score.title == "a line" and score.meters == ((0.0, 3, 4),) and score.pickup_quarter == 1


def test_of_notes_at_once_the_highest_and_of_voices_the_first():
    score = Score(note_array([(0, 2, 60), (0, 1, 67), (1, 1, 62), (0, 2, 50, 80, 1)]))
    line, onsets = melody.line_from_score(score)
    assert line.tolist() == [67] * 4 + [62] * 4
    assert np.flatnonzero(onsets).tolist() == [0, 4]


def test_kinds():
    assert [melody.KINDS[k] for k in melody.kinds(np.array([0, 1, 2, 40]))] == ["hold", "rest", "onset", "onset"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: melody.tokens_from_line([]), "shape"),
        (lambda: melody.tokens_from_line([[60]]), "one row"),
        (lambda: melody.tokens_from_line([60, 20], name="piece 3"), "piece 3.*received 20"),
        (lambda: melody.tokens_from_line([60, 60], [True]), "onsets"),
        (lambda: melody.line_from_tokens([0, 5]), "hold of nothing"),
        (lambda: melody.line_from_tokens([[5]]), "shape"),
        (lambda: melody.line_from_score(Score(note_array([]))), "without notes"),
    ],
)
def test_bad_input_is_told(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
