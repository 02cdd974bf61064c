"""Measures of sound on cases whose answer is known by construction."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.sound import drift, evaluate, flatness, loudness, pitch_hits, spectral_distance

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 500 * np.arange(3 * RATE) / RATE)


def test_hits_are_within_fifty_cents_of_voiced_frames():
    asked = np.array([60, 60, 60, 60, 60, 0, 0, 0, 62, 62])
    found = np.array([60.4, 59.6, 60.6, 72.1, np.nan, np.nan, 55, np.nan, 62, 61])
    told = pitch_hits(found, asked)
    assert told["hits"] == pytest.approx(3 / 6) and told["voiced"] == pytest.approx(6 / 7)
    assert told["octaves"] == pytest.approx(4 / 6) and told["extra"] == pytest.approx(1 / 3) and told["frames"] == 7


def test_wider_tolerance_and_frames_after_a_change_left_out():
    asked, found = np.repeat([60, 64], 5), np.array([50, 60, 60, 60, 60, 60, 60, 64.7, 64, 64])
    assert pitch_hits(found, asked)["hits"] == pytest.approx(6 / 10)
    assert pitch_hits(found, asked, skip=2)["hits"] == pytest.approx(5 / 6)
    assert pitch_hits(found, asked, skip=2, cents=80)["hits"] == 1


def test_nothing_asked_and_nothing_voiced():
    assert pitch_hits(np.array([60.0]), np.array([0])) == {"hits": None, "voiced": None, "octaves": None, "frames": 0, "extra": 1}
    told = pitch_hits(np.array([np.nan]), np.array([60]))
    assert told["hits"] is None and told["voiced"] == 0


def test_spectral_distance_of_a_known_change():
    target = np.random.default_rng(0).uniform(-40, 0, (20, 8))
    assert spectral_distance(target, target) == 0
    assert spectral_distance(target + 3, target) == pytest.approx(3)
    half = target.copy()
    half[:10] += 4
    assert spectral_distance(half, target) == pytest.approx(4 / np.sqrt(2))


def test_what_lies_under_the_floor_does_not_count():
    target = np.array([[0.0, -80.0]])
    assert spectral_distance(np.array([[0.0, -200.0]]), target) == 0
    assert spectral_distance(np.array([[0.0, -30.0]]), target) == pytest.approx(30 / np.sqrt(2))


def test_loudness_by_second():
    sound = np.concatenate([TONE[:RATE], 2 * TONE[:RATE], TONE[: RATE // 2]])
    np.testing.assert_allclose(loudness(sound, sample_rate=RATE), [0.5 / np.sqrt(2), 1 / np.sqrt(2)], rtol=1e-6)


def test_flatness_tells_noise_from_tone_and_silence():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE)
    found = flatness(np.concatenate([noise, TONE[:RATE], np.zeros(RATE)]), sample_rate=RATE)
    assert found[0] == pytest.approx(np.exp(-np.euler_gamma), abs=0.02)  # of the power of Gaussian noise, which is exponential
    assert found[1] < 1e-4 and np.isnan(found[2])


def test_flatness_does_not_ask_how_loud():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE)
    np.testing.assert_allclose(flatness(noise, sample_rate=RATE), flatness(0.01 * noise, sample_rate=RATE), rtol=1e-3)


def test_a_tone_that_turns_to_noise_drifts():
    noise = np.random.default_rng(0).normal(0, 0.3, RATE)
    told = drift(np.concatenate([TONE[: 2 * RATE], noise]), sample_rate=RATE)
    assert told["flatness"][2] > 100 * told["flatness"][0] and len(told["rms"]) == 3
    assert drift(np.zeros(2 * RATE), sample_rate=RATE) == {"rms": [0.0, 0.0], "flatness": [None, None]}


def test_growing_louder_than_the_target_is_told_in_db():
    swell = np.concatenate([TONE[:RATE], TONE[:RATE], 10 * TONE[:RATE]])
    assert evaluate(0.1 * swell, TONE, sample_rate=RATE)["rms_db"] == pytest.approx(20)
    assert evaluate(TONE, TONE, sample_rate=RATE)["rms_db"] == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: pitch_hits(np.zeros(3), np.zeros(4)),
        lambda: pitch_hits(np.zeros(3), np.zeros(3), skip=-1),
        lambda: spectral_distance(np.zeros((2, 3)), np.zeros((3, 3))),
        lambda: spectral_distance(np.zeros((2, 3)), np.zeros((2, 3)), floor_db=10),
        lambda: loudness(np.zeros(100), sample_rate=RATE),
        lambda: flatness(np.zeros((RATE, 2)), sample_rate=RATE),
        lambda: drift(np.full(RATE, np.nan), sample_rate=RATE),
    ],
)
def test_refuses(call):
    with pytest.raises(ParameterError):
        call()
