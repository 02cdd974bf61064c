"""The period of one frame."""

import numpy as np
import pytest

from lab_utils.audio.yin import Yin
from lab_utils.errors import ParameterError

RATE = 22050


def tone(pitch, length, partials=(1.0, 0.5, 0.3)):
    hertz, at = 440 * 2 ** ((pitch - 69) / 12), np.arange(length) / RATE
    return sum(part * np.sin(2 * np.pi * hertz * (i + 1) * at) for i, part in enumerate(partials)).astype(np.float32)


@pytest.mark.parametrize("pitch", [41, 50.3, 60, 69.5, 84, 95])
def test_a_tone_has_its_pitch(pitch):
    yin = Yin(RATE, lowest=40, highest=96)
    found, depth = yin.pitch(tone(pitch, yin.length))
    assert found == pytest.approx(pitch, abs=0.1)
    assert depth < 0.05


def test_a_missing_fundamental_is_heard():
    yin = Yin(RATE, lowest=40, highest=96)
    found, _ = yin.pitch(tone(57, yin.length, partials=(0.0, 1.0, 1.0)))
    assert found == pytest.approx(57, abs=0.1)


def test_noise_has_no_period():
    yin = Yin(RATE, lowest=40, highest=96)
    rng = np.random.default_rng(0)
    depths = [yin.pitch(rng.standard_normal(yin.length).astype(np.float32))[1] for _ in range(20)]
    assert min(depths) > 0.25


def test_silence_has_none_either():
    yin = Yin(RATE, lowest=40, highest=96)
    assert yin.pitch(np.zeros(yin.length, np.float32))[1] == 1.0


def test_difference_is_that_of_its_definition():
    yin = Yin(4000, lowest=50, highest=70)
    frame = np.random.default_rng(1).standard_normal(yin.length).astype(np.float32).astype(float)
    squares = np.array([np.sum((frame[: yin.width] - frame[lag : lag + yin.width]) ** 2) for lag in range(yin.lags)])
    expected = np.ones(yin.lags)
    for lag in range(1, yin.lags):
        expected[lag] = squares[lag] / squares[1 : lag + 1].mean()
    assert yin.difference(frame) == pytest.approx(expected, abs=1e-9)


def test_a_range_beyond_the_rate():
    with pytest.raises(ParameterError, match="highest: expected"):
        Yin(8000, lowest=40, highest=110)


def test_candidates_hold_the_louder_of_two_notes():
    yin = Yin(RATE, lowest=40, highest=96)
    mixed = tone(69, yin.length) + 0.5 * tone(73, yin.length)
    found = yin.candidates(mixed)
    assert found[0][0] == pytest.approx(45, abs=0.2)  # the common period
    assert any(abs(pitch - 69) < 0.5 and depth < 0.6 for pitch, depth in found)
    assert [depth for _, depth in found] == sorted(depth for _, depth in found)
