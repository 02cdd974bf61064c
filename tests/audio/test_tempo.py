"""The tempo of a few notes, and the Score that they make."""

import numpy as np
import pytest

from lab_utils.audio.notes import Heard
from lab_utils.audio.tempo import find_tempo, heard_from_score, score_from_heard
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array


def onsets(quarters, tempo, seed=None):
    found = np.array(quarters) * 60 / tempo
    return found if seed is None else found + np.random.default_rng(seed).normal(0, 0.01, len(found))


@pytest.mark.parametrize("tempo", [66, 80, 100, 120])
@pytest.mark.parametrize("quarters", [[0, 1, 2, 3, 4], [0, 0.5, 1, 1.5, 2, 3], [0, 1, 1.5, 2, 3, 3.5, 4]])
def test_tempo_is_found_up_to_a_factor_of_two(tempo, quarters):
    found = find_tempo(onsets(quarters, tempo, seed=1))
    assert min(abs(found / tempo - ratio) for ratio in (0.5, 1, 2)) < 0.05


def test_tempo_of_one_note():
    assert find_tempo([3.0]) == 90


def test_tempo_is_within_bounds():
    rng = np.random.default_rng(0)
    assert all(55 <= find_tempo(np.sort(rng.uniform(0, 3, 6))) <= 150 for _ in range(20))
    assert 55 <= find_tempo([0, 0, 0]) <= 150  # all at once


def test_there_and_back():
    score = Score(note_array([(0, 1, 60), (1, 0.5, 62), (1.5, 0.5, 64), (2, 1.25, 60), (4, 1, 67)]), tempos=((0.0, 100.0),))
    assert score_from_heard(heard_from_score(score), tempo=100) == score


def test_played_by_hand():
    heard = [Heard(1.02, 1.49, 60, 90), Heard(1.51, 1.98, 62, 80), Heard(1.99, 2.24, 64, 80), Heard(2.25, 2.9, 65, 70)]
    score = score_from_heard(heard, tempo=120)
    assert score.notes["onset_quarter"].tolist() == [0, 1, 2, 2.5]
    assert score.notes["duration_quarter"].tolist() == [1, 1, 0.5, 1.25]
    assert score.notes["velocity"].tolist() == [90, 80, 80, 70]


def test_two_onsets_on_one_step_are_one_note():
    score = score_from_heard([Heard(0, 0.02, 60, 80), Heard(0.02, 0.5, 62, 80)], tempo=60)
    assert score.notes["pitch"].tolist() == [62]


def test_bad_input():
    with pytest.raises(ParameterError, match="heard: expected at least one"):
        score_from_heard([])
    with pytest.raises(ParameterError, match="tempo: expected"):
        score_from_heard([Heard(0, 1, 60, 80)], tempo=0)
