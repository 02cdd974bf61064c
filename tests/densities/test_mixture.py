"""The mixture against scikit-learn step by step, against its own samples, and on hills whose places are known."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as Oracle

from lab_utils.densities.gaussian import Gaussian
from lab_utils.densities.mixture import GaussianMixture
from lab_utils.errors import ParameterError

CENTRES = np.array([[0.0, 0.0], [6.0, 1.0], [2.0, 7.0]])


def hills(count=300, seed=0):
    rng = np.random.default_rng(seed)
    return CENTRES[rng.choice(3, count, p=[0.5, 0.3, 0.2])] + rng.standard_normal((count, 2)) * [1, 0.5]


@pytest.mark.parametrize(("kind", "theirs"), [("full", "full"), ("diagonal", "diag")])
def test_equal_to_scikit_learn_from_the_same_start(kind, theirs):
    x = hills()
    options = {"kind": kind, "regulariser": 1e-3, "seed": 5, "tolerance": -np.inf}
    start = GaussianMixture(4, **options, iterations=1).fit(x)
    model = GaussianMixture(4, **options, iterations=12).fit(x)
    precisions = np.linalg.inv(start.covariances)
    if kind == "diagonal":
        precisions = np.diagonal(precisions, axis1=1, axis2=2)
    oracle = Oracle(
        4, covariance_type=theirs, reg_covar=1e-3, tol=0, max_iter=11,
        weights_init=start.weights, means_init=start.means, precisions_init=precisions,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        oracle.fit(x)
    np.testing.assert_allclose(model.weights, oracle.weights_, rtol=1e-6)
    np.testing.assert_allclose(model.means, oracle.means_, rtol=1e-6)
    np.testing.assert_allclose(
        np.array([c if kind == "full" else np.diag(c) for c in model.covariances]), oracle.covariances_, rtol=1e-6
    )
    other = hills(seed=1)
    np.testing.assert_allclose(model.log_likelihood(other), oracle.score_samples(other), rtol=1e-6)
    np.testing.assert_allclose(model.responsibilities(other), oracle.predict_proba(other), atol=1e-6)


@pytest.mark.parametrize("kind", ["full", "diagonal"])
def test_no_step_lowers_the_likelihood(kind):
    for seed in range(5):
        x = np.random.default_rng(seed).random((80, 2)) ** 2  # no mixture of normals fits it
        history = GaussianMixture(5, kind=kind, regulariser=0, seed=seed, iterations=30, tolerance=1e-6).fit(x).history
        assert len(history) > 3
        assert np.diff(history).min() > -1e-10


def test_one_component_is_the_gaussian():
    x = hills()
    model, gaussian = GaussianMixture(1).fit(x), Gaussian().fit(x)
    np.testing.assert_allclose(model.covariances[0], gaussian.covariance, rtol=1e-9)
    np.testing.assert_allclose(model.log_likelihood(x), gaussian.log_likelihood(x), rtol=1e-9)
    assert len(model.history) == 2  # there is nothing to gain


def test_the_hills_are_found_and_are_likelier_than_one():
    model = GaussianMixture(3, seed=1).fit(hills(3000))
    order = [np.linalg.norm(model.means - centre, axis=1).argmin() for centre in CENTRES]
    np.testing.assert_allclose(model.means[order], CENTRES, atol=0.15)
    np.testing.assert_allclose(model.weights[order], [0.5, 0.3, 0.2], atol=0.03)
    other = hills(seed=9)
    assert model.log_likelihood(other).mean() > Gaussian().fit(hills(3000)).log_likelihood(other).mean() + 0.5


def test_the_density_integrates_to_one():
    model = GaussianMixture(3).fit(hills())
    edge = np.linspace(-10, 16, 500)
    grid = np.stack(np.meshgrid(edge, edge), axis=-1).reshape(-1, 2)
    assert np.exp(model.log_likelihood(grid)).sum() * (edge[1] - edge[0]) ** 2 == pytest.approx(1, abs=1e-4)


def test_samples_have_its_moments_and_repeat():
    model = GaussianMixture(3, seed=1).fit(hills(3000))
    drawn = model.sample(30_000, seed=2)
    nearest = model.responsibilities(drawn).argmax(axis=1)
    np.testing.assert_allclose(np.bincount(nearest) / len(drawn), model.weights, atol=0.02)
    for k in range(3):
        np.testing.assert_allclose(drawn[nearest == k].mean(axis=0), model.means[k], atol=0.05)
        np.testing.assert_allclose(np.cov(drawn[nearest == k].T), model.covariances[k], atol=0.1)
    np.testing.assert_array_equal(drawn, model.sample(30_000, seed=2))


def test_far_points_neither_overflow_nor_lose_their_shares():
    model = GaussianMixture(3).fit(hills())
    far = np.array([[1e4, -1e4]])
    assert np.isfinite(model.log_likelihood(far)).all()
    assert model.responsibilities(far).sum() == pytest.approx(1)


def test_points_all_alike_and_more_components_than_kinds_of_points():
    alike = np.ones((10, 2))
    model = GaussianMixture(3, regulariser=1e-2).fit(alike)
    np.testing.assert_allclose(model.means[model.weights > 0.01], 1)
    assert model.log_likelihood(alike)[0] == pytest.approx(-np.log(2 * np.pi * 1e-2), abs=1e-6)
    with pytest.raises(ParameterError, match="regulariser"):
        GaussianMixture(2, regulariser=0).fit(alike)


def test_the_same_seed_gives_the_same_fit_and_a_second_fit_forgets_the_first():
    x = hills()
    model = GaussianMixture(4, seed=3).fit(hills(seed=8)).fit(x)
    np.testing.assert_array_equal(model.means, GaussianMixture(4, seed=3).fit(x).means)
    assert not np.allclose(model.means, GaussianMixture(4, seed=4).fit(x).means)


def test_refuses_what_it_cannot_fit():
    with pytest.raises(ParameterError, match="components: .* 0"):
        GaussianMixture(0)
    with pytest.raises(ParameterError, match="iterations"):
        GaussianMixture(2, iterations=1.5)
    with pytest.raises(ParameterError, match="x: .* 5 components, received 3 points"):
        GaussianMixture(5).fit(np.zeros((3, 2)))
    with pytest.raises(ParameterError, match="call fit"):
        GaussianMixture(2).log_likelihood(hills())
    with pytest.raises(ParameterError, match="x: "):
        GaussianMixture(2).fit(hills()).log_likelihood(np.zeros((4, 3)))
