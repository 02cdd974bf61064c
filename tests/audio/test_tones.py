"""An instrument of tones rendered beforehand."""

import numpy as np
import pytest

from lab_utils.audio.notes import find_notes
from lab_utils.audio.tones import Instrument
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array


@pytest.fixture(scope="module")
def flute():
    return Instrument(73, sample_rate=11025, lowest=67, highest=72, engine="embedded")


def test_plays_what_is_written(flute):
    rows = [(0, 1, 67), (1, 1, 69), (2, 1, 72)]
    samples = flute(Score(note_array(rows), tempos=((0.0, 120.0),)))
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx((1.5 + 0.12) * 11025, abs=2)
    heard = find_notes(samples, sample_rate=11025)
    assert [note.pitch for note in heard] == [67, 69, 72]
    assert [note.onset_seconds for note in heard] == pytest.approx([0, 0.5, 1], abs=0.06)


def test_equal_twice_and_tones_unchanged(flute):
    score = Score(note_array([(0, 1, 67), (1, 1, 67)]))
    assert np.array_equal(flute(score), flute(score))


def test_starts_and_ends_softly(flute):
    samples = flute(Score(note_array([(0, 2, 70)])))
    assert np.abs(samples[:5]).max() < 0.1 and np.abs(samples[-5:]).max() < 0.01
    assert 0.1 < np.abs(samples).max() <= 1


def test_velocity_is_loudness(flute):
    soft, loud = (np.abs(flute(Score(note_array([(0, 1, 70, velocity)])))).max() for velocity in (40, 80))
    assert loud == pytest.approx(2 * soft, rel=1e-3)


def test_a_pitch_beyond_is_rendered_when_it_is_played(flute):
    samples = flute(Score(note_array([(0, 1, 74)]), tempos=((0.0, 60.0),)))
    assert [note.pitch for note in find_notes(samples, sample_rate=11025)] == [74]


def test_no_notes(flute):
    assert not flute(Score(note_array([]))).any()


def test_a_loud_chord_stays_within_full_scale(flute):
    samples = flute(Score(note_array([(0, 1, pitch, 127, pitch) for pitch in range(67, 73)])))
    assert np.abs(samples).max() <= 1


def test_bad_range():
    with pytest.raises(ParameterError, match="lowest: expected"):
        Instrument(0, lowest=80, highest=60)
