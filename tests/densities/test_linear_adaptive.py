"""Adaptive prediction: where the sound changes it is better than a fixed one; it peeks at nothing; its codes sum to one."""

import numpy as np
import pytest

from lab_utils.audio.mulaw import decode, edges, encode
from lab_utils.densities import AdaptiveLinearPrediction, LinearPrediction
from lab_utils.densities.linear import bits
from lab_utils.errors import ParameterError

VALUES, EDGES = decode(np.arange(256)), edges()


def changing(seed, parts=6, length=4000):
    """Resonances that jump in frequency and loudness from part to part."""
    rng, samples = np.random.default_rng(seed), [0.0, 0.0]
    for _ in range(parts):
        pole = 0.97 * np.exp(2j * np.pi * rng.uniform(200, 3000) / 8000)
        size = rng.uniform(0.005, 0.03)
        for _ in range(length):
            samples.append(2 * pole.real * samples[-1] - abs(pole) ** 2 * samples[-2] + rng.normal(0, size))
    return encode(np.array(samples[2:]))


@pytest.fixture(scope="module")
def model():
    return AdaptiveLinearPrediction(VALUES, EDGES).fit([changing(1), changing(2)])


def test_it_follows_a_sound_that_changes(model):
    fixed = LinearPrediction(VALUES, EDGES).fit([changing(1), changing(2)])
    assert bits(model, [changing(3)]) < bits(fixed, [changing(3)]) - 0.5


def test_it_costs_little_where_nothing_changes():
    rng = np.random.default_rng(0)
    train, valid = (encode(rng.normal(0, 0.2, 20_000)) for _ in range(2))
    fixed, adaptive = (kind(VALUES, EDGES).fit([train]) for kind in (LinearPrediction, AdaptiveLinearPrediction))
    assert 0 < bits(adaptive, [valid]) - bits(fixed, [valid]) < 0.25


def test_nothing_leaks_from_the_future_nor_from_the_code_itself(model):
    codes = changing(4, parts=1, length=1000)
    changed = codes.copy()
    changed[501:] = 255 - changed[501:]
    np.testing.assert_allclose(model.nll(codes)[:501], model.nll(changed)[:501], rtol=1e-9)
    for one, other in zip(model.predict(codes), model.predict(changed), strict=True):
        np.testing.assert_allclose(one[:502], other[:502], rtol=1e-9)


def test_the_codes_of_a_step_sum_to_one(model):
    start = changing(5, parts=1, length=700)
    assert sum(np.exp(-model.nll(np.append(start, code))[-1]) for code in range(256)) == pytest.approx(1, abs=1e-9)


def test_the_coefficients_are_those_of_least_squares_over_the_window(model):
    codes = changing(6, parts=1, length=1024)
    samples = VALUES[codes]
    start, past = 512, model.past(samples)
    window = slice(start - model.window, start)
    wanted = np.linalg.lstsq(past[window], samples[window], rcond=None)[0]
    np.testing.assert_allclose(model.predict(codes)[0][start : start + 32], past[start : start + 32] @ wanted, atol=0.03)


def test_the_scale_is_a_running_mean_of_what_was_missed(model):
    codes = changing(7, parts=1, length=300)
    means, scales = model.predict(codes)
    missed, wanted = np.abs(VALUES[codes] - means), [0.0]
    for size in missed[:-1]:
        wanted.append(wanted[-1] * (1 - 1 / model.memory) + size / model.memory)
    np.testing.assert_allclose(scales, 1e-4 + np.array(wanted), rtol=1e-6)


def test_silence_and_a_sequence_shorter_than_a_block(model):
    assert np.isfinite(model.nll(np.full(1000, 128))).all()
    assert model.nll(np.array([128, 130, 127])).shape == (3,)


def test_refuses(model):
    with pytest.raises(ParameterError, match="LinearPrediction"):
        model.sample(1, length=10, seed=0)
    with pytest.raises(ParameterError, match="window"):
        AdaptiveLinearPrediction(VALUES, EDGES, window=0)
