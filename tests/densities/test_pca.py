"""Principal components, beside scikit-learn's and beside answers known by construction."""

import numpy as np
import pytest
from sklearn.decomposition import PCA as Oracle

from lab_utils.densities import pca
from lab_utils.densities.pca import PCA
from lab_utils.errors import ParameterError


def points(count=60, features=9, seed=0):
    """Points whose features depend on each other, round a mean that is not 0."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, features)) @ rng.standard_normal((features, features)) + rng.standard_normal(features)


@pytest.mark.parametrize("shape", [(60, 9), (8, 30)])
def test_agrees_with_scikit_learn(shape):
    x, new = points(*shape), points(*shape, seed=1)
    own, oracle = PCA(4).fit(x), Oracle(4, svd_solver="full").fit(x)
    np.testing.assert_allclose(own.rebuild(new), oracle.inverse_transform(oracle.transform(new)), atol=1e-9)
    np.testing.assert_allclose(np.abs(own.encode(new)), np.abs(oracle.transform(new)), atol=1e-9)
    np.testing.assert_allclose(own.variances * shape[0] / (shape[0] - 1), oracle.explained_variance_, rtol=1e-9)


def test_likelihood_is_scikit_learns_but_for_the_divisor():
    """Theirs divides by N − 1: with every point twice over and over, the two come together."""
    x = np.repeat(points(), 2000, axis=0)
    np.testing.assert_allclose(PCA(3).fit(x).log_likelihood(x[::2000]), Oracle(3).fit(x).score_samples(x[::2000]), rtol=1e-4)


def test_randomised_search_is_near_the_exact_one(monkeypatch):
    x = points(300, 200)
    exact = PCA(10).fit(x)
    monkeypatch.setattr(pca, "EXACT", 0)
    searched = PCA(10).fit(x, seed=3)
    np.testing.assert_array_equal(searched.directions, PCA(10).fit(x, seed=3).directions)
    np.testing.assert_allclose(searched.variances, exact.variances, rtol=1e-2)
    squares = [np.square(x - model.rebuild(x)).sum() for model in (exact, searched)]
    assert squares[0] <= squares[1] < 1.002 * squares[0]


def test_a_plane_that_holds_all_points_rebuilds_them():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 3)) @ rng.standard_normal((3, 12)) + 5
    model = PCA(3).fit(x)
    np.testing.assert_allclose(model.rebuild(x), x, atol=1e-9)
    np.testing.assert_allclose(model.encode(model.decode(model.encode(x))), model.encode(x), atol=1e-9)
    assert model.noise < 1e-12
    np.testing.assert_allclose(model.directions @ model.directions.T, np.eye(3), atol=1e-9)


def test_samples_have_the_variances_that_were_fitted():
    model = PCA(2).fit(points(500, 5))
    drawn = model.sample(40_000, seed=1)
    np.testing.assert_array_equal(drawn[:3], model.sample(40_000, seed=1)[:3])
    np.testing.assert_allclose(drawn.mean(axis=0), model.mean, atol=0.1)
    np.testing.assert_allclose(model.encode(drawn).var(axis=0), model.variances, rtol=0.05)
    plain = model.sample(50, seed=1, noise=False)
    np.testing.assert_allclose(plain, model.rebuild(plain), atol=1e-9)


def test_floats_of_32_bits_are_enough():
    x = points(2000, 40).astype(np.float32)
    np.testing.assert_allclose(PCA(5).fit(x).rebuild(x), PCA(5).fit(x.astype(float)).rebuild(x), atol=1e-3)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda: PCA(0), "components"),
        (lambda: PCA(9).fit(points(60, 9)), "more than 9 points and features"),
        (lambda: PCA(2).fit(np.zeros((3, 4, 5))), "shape (points, features)"),
        (lambda: PCA(2).fit(np.full((5, 5), np.nan)), "NaN"),
        (lambda: PCA(2).encode(points()), "call fit"),
        (lambda: PCA(2).fit(points()).encode(points(features=8)), "shape (points, 9)"),
        (lambda: PCA(2).fit(points()).decode(np.zeros((1, 3))), "codes: expected numbers of shape (points, 2)"),
        (lambda: PCA(2).fit(points()).sample(0, seed=0), "count"),
        (lambda: PCA(2).fit(np.zeros((9, 4))).log_likelihood(np.zeros((1, 4))), "take fewer"),
    ],
)
def test_bad_input_is_refused_in_one_line(broken, words):
    with pytest.raises(ParameterError) as caught:
        broken()
    assert words in str(caught.value) and "\n" not in str(caught.value)
