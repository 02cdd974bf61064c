"""What is seen of a sound in each frame."""

import numpy as np
import pytest

from lab_utils.audio.ear import Ear
from lab_utils.errors import ParameterError

RATE = 22050


def sine(hertz, seconds=0.3, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_a_tone_is_seen(rate):
    ear = Ear(rate)
    frames = ear.push(sine(440, rate=rate)) + ear.finish()
    assert len(frames) == pytest.approx(0.3 / ear.seconds, abs=1.5) and ear.seconds == pytest.approx(0.005, abs=1e-4)
    for frame in frames[10:-10]:
        assert frame.pitch == pytest.approx(69, abs=0.05) and frame.depth < 0.05
        assert frame.level == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.5)


def test_flux_is_largest_where_a_tone_begins():
    ear = Ear(RATE)
    frames = ear.push(np.concatenate([np.zeros(RATE // 10, np.float32), sine(440)])) + ear.finish()
    flux = [frame.flux for frame in frames[:-8]]
    assert np.argmax(flux) * ear.seconds == pytest.approx(0.105, abs=0.015)
    assert max(flux[40:]) < 0.1 * max(flux)


def test_a_vibrato_makes_less_flux_than_a_step():
    at = np.arange(RATE) / RATE
    hertz = 440 * 2 ** (0.3 * np.sin(2 * np.pi * 5.5 * at) / 12)
    vibrato = 0.5 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)
    ear, other = Ear(RATE), Ear(RATE)
    steady = ear.push(vibrato.astype(np.float32))
    step = other.push(np.concatenate([sine(440, 0.5), sine(494, 0.5)]))
    assert max(frame.flux for frame in steady[20:-20]) < 0.5 * max(frame.flux for frame in step[20:-20])


def test_a_pitch_that_no_partial_has_is_none():
    ear = Ear(RATE)
    frames = ear.push(sine(440) * 0.5 + sine(440 * 5 / 4) * 0.5)  # their common period is that of 110 Hz
    assert all(frame.depth > 0.5 or frame.pitch > 68 for frame in frames[10:-10])


def test_silence_has_no_pitch():
    frames = Ear(RATE).push(np.zeros(RATE // 2, np.float32))
    assert all(frame == (0.0, 1.0, -120.0, 0.0) for frame in frames)


def test_a_pitch_too_low_for_the_window():
    with pytest.raises(ParameterError, match="lowest: expected"):
        Ear(RATE, lowest=20)
