"""Bars as numbers: answers counted by eye, and the way back from the picture for every bar that its steps hold."""

import numpy as np
import pytest

from lab_utils import Score, note_array
from lab_utils.datasets import load_stave275
from lab_utils.encoding import BAR_FEATURES, bar_features, bar_roll, score_from_bar_roll
from lab_utils.errors import ParameterError

# A bar of 3/4: a chord of two for a half, then one note for an eighth, the rest silent.
BAR = Score(note_array([(0, 2, 60, 80, 0), (0, 2, 64, 80, 1), (2, 0.5, 72, 80, 0)]), meters=((0, 3, 4),))


def named(score):
    return dict(zip(BAR_FEATURES, bar_features(score), strict=True))


def test_the_roll_gives_the_bar_its_steps_whatever_its_meter():
    roll = bar_roll(BAR)
    assert roll.shape == (24, 84) and roll.dtype == np.uint8
    expected = np.zeros((24, 84), np.uint8)
    expected[:16, [36, 40]] = 2
    expected[0, [36, 40]] = 1
    expected[16:20, 48] = 2
    expected[16, 48] = 1
    assert np.array_equal(roll, expected)


def test_a_short_note_at_the_end_stays_within_the_bar():
    score = Score(note_array([(0, 1, 60), (3.95, 0.05, 62)]))
    assert bar_roll(score, steps=8).shape == (8, 84)


def test_the_bar_comes_back_from_its_roll():
    back = score_from_bar_roll(bar_roll(BAR), quarters=3.0, meters=((0, 3, 4),))
    for column in ("onset_quarter", "duration_quarter", "pitch"):
        assert sorted(back.notes[column]) == pytest.approx(sorted(BAR.notes[column]))


def test_most_bars_of_the_data_set_come_back():
    """Those that cannot have notes between the steps, or two voices on one key; more steps hold more of them."""

    def rows(score):
        columns = (score.notes[name].round(3).tolist() for name in ("onset_quarter", "duration_quarter", "pitch"))
        return sorted(zip(*columns, strict=True))

    bars = [bar.score for bar in load_stave275()[::6] if bar.piece.ships]
    held = {}
    for steps in (24, 96):
        rolls = [bar_roll(score, steps=steps) for score in bars]
        back = [score_from_bar_roll(roll, quarters=score.bar_lines()[-1]) for roll, score in zip(rolls, bars, strict=True)]
        held[steps] = np.mean([rows(before) == rows(after) for before, after in zip(bars, back, strict=True)])
    assert 0.5 < held[24] < held[96]


def test_the_features_are_those_counted_by_eye():
    found = named(BAR)
    assert [found[name] for name in ("lowest", "highest", "range", "voices")] == [60, 72, 12, 2]
    assert found["mean_pitch"] == pytest.approx(196 / 3)
    assert found["notes_per_quarter"] == 1 and found["onsets_per_quarter"] == pytest.approx(2 / 3)
    assert found["together"] == 1.5 and found["sounding"] == 1.5 and found["mean_length"] == 1.5
    assert found["C"] == pytest.approx(2.5 / 4.5) and found["E"] == pytest.approx(2 / 4.5) and found["B"] == 0


def test_a_transposed_bar_keeps_all_but_its_pitches():
    before, after = named(BAR), named(BAR.transpose(2))
    assert after["D"] == before["C"] and after["mean_pitch"] == before["mean_pitch"] + 2
    same = ("range", "notes_per_quarter", "onsets_per_quarter", "together", "sounding", "mean_length", "voices")
    assert all(after[name] == before[name] for name in same)


@pytest.mark.parametrize("steps", [0, -1, 2.5, None])
def test_steps_that_are_none_are_refused(steps):
    with pytest.raises(ParameterError, match="steps: expected"):
        bar_roll(BAR, steps=steps)


def test_an_empty_bar_is_refused():
    empty = Score(note_array([]))
    for read in (bar_features, bar_roll):
        with pytest.raises(ParameterError, match="score: expected at least one note"):
            read(empty)


def test_a_bar_without_length_is_refused():
    with pytest.raises(ParameterError, match="quarters: expected a positive length"):
        score_from_bar_roll(bar_roll(BAR), quarters=0)
