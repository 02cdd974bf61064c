import pytest

from lab_utils.audio.engine_common import single_strikes
from lab_utils.score import Score, note_array


def _rows(score):
    notes = score.notes
    names = ("onset_quarter", "duration_quarter", "pitch", "voice")
    return [tuple(float(note[name]) for name in names) for note in notes]


def test_an_overlapped_note_ends_where_it_is_struck_again():
    score = Score(note_array([(0, 3, 60), (2, 3, 60)]))
    assert _rows(single_strikes(score)) == [(0, 2, 60, 0), (2, 3, 60, 0)]


def test_doubled_notes_become_the_longer_one():
    score = Score(note_array([(0, 1, 60), (0, 2, 60), (0.001, 4, 60)]))
    assert _rows(single_strikes(score)) == [(0.001, 4, 60, 0)]


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 1, 60), (1, 1, 60)],  # repeated, not overlapping
        [(0, 4, 60), (1, 1, 61)],  # another pitch
        [(0, 4, 60, 80, 0), (1, 1, 60, 80, 1)],  # another voice
        [(0, 1, 60, 80, 0)],
    ],
)
def test_other_notes_stay(rows):
    score = Score(note_array(rows))
    assert single_strikes(score) == score
