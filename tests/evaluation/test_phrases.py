"""Grids and note arrays against notes written by hand, there and back, and what is no phrase."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrases import check_grids, grids_from_notes, join, notes_from_grids
from lab_utils.score import NOTE_DTYPE, Score, note_array

R = -1
GRIDS = np.array([[[60, 50], [60, 50], [62, R], [62, R]], [[R, 50], [R, 50], [R, 50], [65, 50]]], np.int16)  # (2, 4, 2)


def rows(notes):
    return [tuple(map(float, row)) for row in notes[["onset_quarter", "duration_quarter", "pitch", "voice"]].tolist()]


def test_notes_of_grids_by_hand():
    first, second = notes_from_grids(GRIDS, steps_per_quarter=2)
    assert rows(first) == [(0, 1, 60, 0), (1, 1, 62, 0), (0, 1, 50, 1)]
    assert rows(second) == [(1.5, 0.5, 65, 0), (0, 2, 50, 1)]
    assert first.dtype == NOTE_DTYPE and len(Score(second)) == 2


def test_onsets_part_a_note_and_add_to_the_changes():
    onsets = np.zeros(GRIDS.shape, bool)
    onsets[1, 2, 1] = True
    onsets[1, 1, 0] = True  # a rest that "starts" is still a rest
    first, second = notes_from_grids(GRIDS, onsets, steps_per_quarter=2)
    assert rows(second) == [(1.5, 0.5, 65, 0), (0, 1, 50, 1), (1, 1, 50, 1)]
    assert len(first) == 3


def test_silent_grids_have_no_notes():
    assert [len(notes) for notes in notes_from_grids(np.full((3, 4, 2), R))] == [0, 0, 0]


def test_a_note_never_runs_into_the_next_voice_or_phrase():
    assert [len(notes) for notes in notes_from_grids(np.full((2, 4, 3), 60))] == [3, 3]


def test_grids_there_and_back():
    rng = np.random.default_rng(0)
    grids = rng.choice([R, 60, 62], size=(30, 16, 3)).astype(np.int16)
    onsets = rng.random(grids.shape) < 0.3
    notes = notes_from_grids(grids, onsets)
    back, struck = grids_from_notes(notes, quarters=4.0, voices=3)
    np.testing.assert_array_equal(back, grids)
    changes = np.concatenate([np.ones((30, 1, 3), bool), grids[:, 1:] != grids[:, :-1]], axis=1)
    np.testing.assert_array_equal(struck, (onsets | changes) & (grids != R))
    for one, other in zip(notes, notes_from_grids(back, struck), strict=True):
        np.testing.assert_array_equal(one, other)


def test_join_sorts_cuts_and_numbers():
    late = Score(note_array([(3.0, 2.0, 60), (0.0, 1.0, 64)]))
    joined = join([late, note_array([]), note_array([(0, 1, 70, 80, 1), (0, 1, 71, 80, 0)])], quarters=4.0)
    assert joined.count == 3 and joined.phrase.tolist() == [0, 0, 2, 2]
    assert joined.onset.tolist() == [0, 3, 0, 0] and joined.duration.tolist() == [1, 1, 1, 1]
    assert joined.pitch.tolist() == [64, 60, 71, 70]


@pytest.mark.parametrize(
    ("phrases", "quarters", "words"),
    [
        ([], 4.0, "received none"),
        ([np.zeros((4, 2), int)], 4.0, "notes_from_grids"),
        ([note_array([(4.0, 1.0, 60)])], 4.0, "an onset at 4"),
        ([note_array([(0.0, 1.0, 160)])], 4.0, "pitches 0–127"),
        ([note_array([(-1.0, 1.0, 60)])], 4.0, "an onset at -1"),
        ([note_array([(0.0, 1.0, 60)])], 0.0, "quarters: expected"),
    ],
)
def test_what_is_no_phrase(phrases, quarters, words):
    with pytest.raises(ParameterError, match=words):
        join(phrases, quarters=quarters)


def test_what_is_no_grid():
    for wrong in (np.zeros((4, 2), int), np.zeros((0, 4, 2), int), np.zeros((1, 4, 2)), np.full((1, 4, 2), -2), [[[128]]]):
        with pytest.raises(ParameterError, match="grids: expected"):
            check_grids(wrong)
    with pytest.raises(ParameterError, match="onsets: expected the shape"):
        notes_from_grids(GRIDS, np.zeros((2, 4, 3), bool))


def test_what_fits_no_grid():
    with pytest.raises(ParameterError, match="phrase 0 has two at once in voice 0"):
        grids_from_notes([note_array([(0, 2, 60), (1, 1, 62)])], quarters=4.0, voices=1)
    with pytest.raises(ParameterError, match="voices: expected more than 1"):
        grids_from_notes([note_array([(0, 2, 60, 80, 1)])], quarters=4.0, voices=1)
