"""The normal against scipy, against its own samples, and with what has no density."""

import numpy as np
import pytest
from scipy import stats

from lab_utils.densities.gaussian import Gaussian
from lab_utils.errors import ParameterError


def points(count=200, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 3)) @ [[2, 1, 0], [0, 1, 0.3], [0, 0, 0.1]] + [60, 0, 5]


def test_equal_to_scipy():
    x = points()
    model = Gaussian(regulariser=0).fit(x)
    np.testing.assert_allclose(model.mean, x.mean(axis=0))
    np.testing.assert_allclose(model.covariance, np.cov(x.T, bias=True))
    other = points(seed=1)
    expected = stats.multivariate_normal(x.mean(axis=0), np.cov(x.T, bias=True)).logpdf(other)
    np.testing.assert_allclose(model.log_likelihood(other), expected, rtol=1e-9)


def test_a_diagonal_one_is_the_product_of_its_features():
    x, other = points(), points(seed=1)
    model = Gaussian("diagonal").fit(x)
    expected = stats.norm(x.mean(axis=0), np.sqrt(x.var(axis=0) + 1e-6)).logpdf(other).sum(axis=1)
    np.testing.assert_allclose(model.log_likelihood(other), expected, rtol=1e-9)
    assert Gaussian().fit(x).log_likelihood(other).mean() > model.log_likelihood(other).mean() + 0.1  # the features hang together


def test_the_density_integrates_to_one():
    model = Gaussian().fit(points()[:, :2])
    edges = [np.linspace(mean - 8 * wide, mean + 8 * wide, 400) for mean, wide in zip(model.mean, [2, 1.5], strict=True)]
    grid = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1).reshape(-1, 2)
    cell = np.prod([edge[1] - edge[0] for edge in edges])
    assert np.exp(model.log_likelihood(grid)).sum() * cell == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", ["full", "diagonal"])
def test_samples_have_its_moments_and_repeat(kind):
    model = Gaussian(kind).fit(points())
    drawn = model.sample(40_000, seed=3)
    np.testing.assert_allclose(drawn.mean(axis=0), model.mean, atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), model.covariance, atol=0.1)
    np.testing.assert_array_equal(drawn, model.sample(40_000, seed=3))
    assert not np.allclose(drawn, model.sample(40_000, seed=4))


def test_no_other_normal_is_likelier_on_its_own_points():
    x = points()
    model = Gaussian(regulariser=0).fit(x)
    best = model.log_likelihood(x).mean()
    for scale in (0.9, 1.1):
        other = Gaussian()
        other.mean, other.covariance = model.mean, scale * model.covariance
        assert other.log_likelihood(x).mean() < best


def test_the_regulariser_stands_on_the_diagonal_and_saves_a_feature_that_never_changes():
    x = points()
    x[:, 1] = 7
    with pytest.raises(ParameterError, match="regulariser"):
        Gaussian(regulariser=0).fit(x)
    model = Gaussian(regulariser=0.5).fit(x)
    np.testing.assert_allclose(model.covariance, np.cov(x.T, bias=True) + 0.5 * np.eye(3))
    assert np.isfinite(model.log_likelihood(x)).all()


def test_refuses_what_it_cannot_fit():
    with pytest.raises(ParameterError, match="kind: .* full, diagonal; received 'round'"):
        Gaussian("round")
    with pytest.raises(ParameterError, match="regulariser"):
        Gaussian(regulariser=-1)
    with pytest.raises(ParameterError, match="call fit"):
        Gaussian().log_likelihood(points())
    with pytest.raises(ParameterError, match="call fit"):
        Gaussian().sample(1, seed=0)
    with pytest.raises(ParameterError, match=r"x: .* \(5,\)"):
        Gaussian().fit(np.zeros(5))
    with pytest.raises(ParameterError, match="x: "):
        Gaussian().fit(np.zeros((0, 2)))
    with pytest.raises(ParameterError, match="x: .* 1 that are not"):
        Gaussian().fit([[1.0, np.nan], [2, 3]])
    with pytest.raises(ParameterError, match=r"x: .* \(points, 3\), received shape \(4, 2\)"):
        Gaussian().fit(points()).log_likelihood(np.zeros((4, 2)))
    with pytest.raises(ParameterError, match="count: .* 0"):
        Gaussian().fit(points()).sample(0, seed=0)
