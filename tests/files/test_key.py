"""The key of pieces whose key is known."""

import pytest

from lab_utils.errors import ParameterError
from lab_utils.files.key import find_key
from lab_utils.score import Score, note_array

MAJOR = (60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60)
MINOR = (57, 59, 60, 62, 64, 65, 68, 69, 64, 60, 57)


@pytest.mark.parametrize(("pitches", "key"), [(MAJOR, (0, "major")), (MINOR, (0, "minor"))])
@pytest.mark.parametrize("semitones", range(12))
def test_scales_and_their_transpositions(pitches, key, semitones):
    score = Score(note_array((i, 1, pitch) for i, pitch in enumerate(pitches)), keys=((0.0, *key),)).transpose(semitones)
    assert find_key(score) == score.key


def test_nothing_has_no_key():
    with pytest.raises(ParameterError, match="at least one note"):
        find_key(Score(note_array([])))
