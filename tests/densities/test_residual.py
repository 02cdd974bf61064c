"""The mixture of scales: known distributions found again, masses that sum to one, tails, and what it refuses."""

import math

import numpy as np
import pytest

from lab_utils.densities.residual import ScaleMixture
from lab_utils.errors import ParameterError

SCALES = np.geomspace(1e-3, 30, 24)


def _fitted(residuals, width=0.02):
    low = np.floor(residuals / width) * width
    return ScaleMixture(SCALES).fit(low, low + width), low, low + width


def test_a_logistic_is_found_again():
    residuals = np.random.default_rng(0).logistic(size=20_000) * SCALES[15]
    model, _, _ = _fitted(residuals)
    assert model.weights[15] > 0.9 or model.weights[14:17].sum() > 0.97


@pytest.mark.parametrize("draw", ["normal", "laplace", "t"])
def test_a_known_distribution_costs_its_entropy(draw):
    rng = np.random.default_rng(1)
    residuals = rng.standard_t(3, 10_000) if draw == "t" else getattr(rng, draw)(size=10_000)
    entropy = {"normal": 0.5 * math.log(2 * math.pi * math.e), "laplace": 1 + math.log(2), "t": 1.7735}[draw]  # nats
    model, low, high = _fitted(residuals)
    found = -model.log_mass(low, high).mean() + math.log(0.02)
    # a normal's peak is the bluntest of all: narrower logistics do not make one
    assert entropy - 0.04 < found < entropy + 0.04


def test_the_masses_of_intervals_that_fill_the_line_sum_to_one():
    model, _, _ = _fitted(np.random.default_rng(2).normal(size=1000))
    edges = np.concatenate([[-np.inf], np.linspace(-3, 5, 40), [np.inf]])
    assert np.exp(model.log_mass(edges[:-1], edges[1:])).sum() == pytest.approx(1, abs=1e-12)


def test_it_is_symmetric_and_nothing_is_impossible():
    model, _, _ = _fitted(np.random.default_rng(3).normal(size=1000) * 0.01)
    one, other = model.log_mass(np.array([2.0]), np.array([2.5])), model.log_mass(np.array([-2.5]), np.array([-2.0]))
    np.testing.assert_allclose(one, other)
    assert np.isfinite(model.log_mass(np.array([400.0]), np.array([400.1])))


def test_a_sample_is_distributed_as_what_was_fitted():
    model, _, _ = _fitted(np.random.default_rng(4).laplace(size=20_000))
    sample = model.sample(20_000, seed=0)
    assert np.abs(sample).mean() == pytest.approx(1, rel=0.05)
    np.testing.assert_array_equal(sample, model.sample(20_000, seed=0))


def test_refuses():
    with pytest.raises(ParameterError, match="scales"):
        ScaleMixture([1.0, 0.5])
    with pytest.raises(ParameterError, match="not above"):
        ScaleMixture([1.0]).fit(np.array([1.0]), np.array([0.0]))
    with pytest.raises(ParameterError, match="widen"):
        ScaleMixture([1e-3]).fit(np.array([5.0]), np.array([6.0]))
    with pytest.raises(ParameterError, match="fitted"):
        ScaleMixture([1.0]).log_mass(np.zeros(1), np.ones(1))
    with pytest.raises(ParameterError, match="fitted"):
        ScaleMixture([1.0]).sample(1, seed=0)
