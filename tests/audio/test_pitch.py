"""Pitch over time: tones whose pitch is known, silence and noise, a synthesizer's scale, and what is refused."""

import numpy as np
import pytest

from lab_utils.audio import synthesize
from lab_utils.audio.pitch import find_pitches
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

RATE = 8000


def tone(pitch, seconds=0.5, harmonics=(1.0, 0.5, 0.3)):
    times = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    return 0.3 * sum(size * np.sin(2 * np.pi * hertz * number * times) for number, size in enumerate(harmonics, 1))


@pytest.mark.parametrize("pitch", [40, 57.3, 69, 81])
def test_a_steady_tone_is_found_within_10_cents(pitch):
    found = find_pitches(tone(pitch), sample_rate=RATE)
    inner = slice(10, 40)
    assert found.voiced[inner].all()
    np.testing.assert_allclose(found.pitches[inner], pitch, atol=0.1)
    np.testing.assert_allclose(found.hertz[inner], 440 * 2 ** ((pitch - 69) / 12), rtol=0.006)


def test_a_high_note_whose_period_is_no_whole_number_of_samples_is_not_heard_an_octave_too_low():
    score = Score(note_array([(0, 1, 73), (1, 1, 77)]), tempos=((0, 120.0),), programs=(20,))
    found = find_pitches(synthesize(score, sample_rate=RATE, engine="embedded", seconds=1.0), sample_rate=RATE)
    assert (np.abs(found.pitches[10:45] - 73) < 0.5).all() and (np.abs(found.pitches[60:95] - 77) < 0.5).all()


def test_a_missing_fundamental_is_heard():
    found = find_pitches(tone(50, harmonics=(0, 1, 1, 1)), sample_rate=RATE)
    np.testing.assert_allclose(found.pitches[10:40], 50, atol=0.1)


def test_frames_are_where_they_say():
    sound = np.concatenate([tone(60), tone(67), np.zeros(4000)])
    found = find_pitches(sound, sample_rate=RATE, hop=40)
    assert len(found) == 1 + len(sound) // 40 == len(found.times) == len(found.probability)
    assert found.times[200] == pytest.approx(1.0)
    np.testing.assert_allclose(found.pitches[20:80], 60, atol=0.1)
    np.testing.assert_allclose(found.pitches[120:180], 67, atol=0.1)
    assert not found.voiced[215:].any()


def test_silence_and_noise_have_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE)
    assert find_pitches(noise, sample_rate=RATE).voiced.mean() < 0.1
    silent = find_pitches(np.zeros(RATE), sample_rate=RATE)
    assert len(silent) == 101 and not silent.voiced.any() and not silent.probability.any()


def test_what_is_far_softer_than_the_rest_counts_as_silence():
    sound = np.concatenate([tone(60), 0.001 * tone(60)])
    assert not find_pitches(sound, sample_rate=RATE).voiced[60:].any()
    assert find_pitches(sound, sample_rate=RATE, silence_db=-90.0).voiced[60:95].all()


def test_a_scale_of_the_synthesizer():
    pitches = [45, 52, 60, 64, 72, 79]
    score = Score(note_array([(i, 1, pitch) for i, pitch in enumerate(pitches)]), tempos=((0, 120.0),), programs=(20,))
    found = find_pitches(synthesize(score, sample_rate=RATE, engine="embedded"), sample_rate=RATE)
    for number, pitch in enumerate(pitches):
        inner = found.pitches[50 * number + 12 : 50 * number + 40]
        assert np.nanmedian(np.abs(inner - pitch)) < 0.3 and np.isfinite(inner).mean() > 0.9


@pytest.mark.parametrize(
    ("samples", "options", "says"),
    [
        (np.zeros((10, 2)), {}, "channel"),
        (np.zeros(100), {}, "two periods"),
        (np.zeros(8000), {"lowest": 80, "highest": 70}, "lowest"),
        (np.zeros(8000), {"highest": 110}, "half the rate"),
        (np.zeros(8000), {"hop": 0}, "hop"),
    ],
)
def test_refuses(samples, options, says):
    with pytest.raises(ParameterError, match=says):
        find_pitches(samples, sample_rate=RATE, **options)
