"""Linear prediction on sounds whose true rate is known: noise, an autoregressive process; no leak, masses that sum to one."""

import math

import numpy as np
import pytest

from lab_utils.audio.mulaw import decode, edges, encode
from lab_utils.densities import LinearPrediction
from lab_utils.densities.linear import bits
from lab_utils.errors import ParameterError

VALUES, EDGES = decode(np.arange(256)), edges()
POLE = 0.95 * np.exp(2j * np.pi * 440 / 8000)
AR = np.array([2 * POLE.real, -(abs(POLE) ** 2)])


def log_masses(mean, deviation, codes):
    """The log-probability in bits of each code under a normal distribution."""
    phi = np.vectorize(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)))
    bounds = np.concatenate([[-np.inf], EDGES[1:-1], [np.inf]])
    return np.log2(phi((bounds[codes + 1] - mean) / deviation) - phi((bounds[codes] - mean) / deviation))


def noise(deviation=0.2, steps=20_000, seed=0):
    return encode(np.random.default_rng(seed).normal(0, deviation, steps))


def resonance(steps=20_000, seed=0, deviation=0.04, ar=AR):
    """Codes of an autoregressive process, and the bits that they cost one who knows the process and all of its past."""
    rng = np.random.default_rng(seed)
    samples = np.zeros(steps + 2)
    for step in range(2, steps + 2):
        samples[step] = ar[0] * samples[step - 1] + ar[1] * samples[step - 2] + rng.normal(0, deviation)
    means = ar[0] * samples[1:-1] + ar[1] * samples[:-2]
    codes = encode(samples[2:])
    return codes, -log_masses(means, deviation, codes.astype(int)).mean()


@pytest.fixture(scope="module")
def model():
    return LinearPrediction(VALUES, EDGES).fit([resonance(seed=seed)[0] for seed in (1, 2)])


def test_white_noise_costs_its_entropy():
    codes = np.arange(256)
    logs = np.where(np.isfinite(found := log_masses(0, 0.2, codes)), found, 0)
    entropy = -(2**logs * logs).sum()
    found = bits(LinearPrediction(VALUES, EDGES).fit([noise(seed=1), noise(seed=2)]), [noise(seed=3)])
    assert entropy - 0.03 < found < entropy + 0.06


def test_even_codes_cost_eight_bits_and_more():
    codes = np.random.default_rng(0).integers(0, 256, (2, 20_000))
    assert 8 < bits(LinearPrediction(VALUES, EDGES).fit(codes[:1]), codes[1:]) < 8.3


def test_silence_costs_nothing():
    quiet = np.full(2000, 128)
    assert bits(LinearPrediction(VALUES, EDGES).fit([quiet]), [quiet]) < 0.01


def test_an_autoregressive_process_costs_little_more_than_its_true_rate(model):
    codes, rate = resonance(seed=3)
    assert rate < bits(model, [codes]) < rate + 0.1
    np.testing.assert_allclose(model.coefficients[:2], AR, atol=0.1)


def test_nothing_leaks_from_the_future_nor_from_the_code_itself(model):
    codes = resonance(steps=300)[0]
    changed = codes.copy()
    changed[200:] = 255 - changed[200:]
    np.testing.assert_array_equal(model.nll(codes)[:200], model.nll(changed)[:200])
    means, scales = model.predict(codes)
    np.testing.assert_array_equal(means[:201], model.predict(changed)[0][:201])
    assert (scales == 1).all() and means[0] == 0


def test_the_codes_of_a_step_sum_to_one(model):
    start = resonance(steps=50)[0]
    rows = [np.append(start, code) for code in range(256)]
    assert sum(np.exp(-model.nll(row)[-1]) for row in rows) == pytest.approx(1, abs=1e-9)


def test_the_log_likelihood_is_the_sum_of_the_steps(model):
    codes = resonance(steps=100)[0]
    np.testing.assert_allclose(model.log_likelihood([codes, codes]), [-model.nll(codes).sum()] * 2)


def test_what_is_sampled_resonates_as_what_was_heard(model):
    made = model.sample(2, length=8000, seed=0)
    assert made.shape == (2, 8000)
    power = np.abs(np.fft.rfft(decode(made[0])[4000:])) ** 2
    assert np.fft.rfftfreq(4000, 1 / 8000)[power.argmax()] == pytest.approx(440, rel=0.15)
    np.testing.assert_array_equal(made, model.sample(2, length=8000, seed=0))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda model: LinearPrediction(VALUES, VALUES), "edges"),
        (lambda model: LinearPrediction(VALUES, EDGES, order=0), "order"),
        (lambda model: LinearPrediction(VALUES, EDGES).nll(np.zeros(3, int)), "fitted"),
        (lambda model: LinearPrediction(VALUES, EDGES).fit([]), "at least one"),
        (lambda model: model.nll(np.zeros(3)), "codes"),
        (lambda model: model.nll(np.array([256])), "255"),
        (lambda model: bits(model, []), "at least one"),
    ],
)
def test_refuses(model, call, says):
    with pytest.raises(ParameterError, match=says):
        call(model)
