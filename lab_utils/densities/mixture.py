"""A mixture of normal distributions, fitted by expectation–maximisation: several hills where a Gaussian has one.

Conventions
-----------
* Points are a float array, shape (N, D); K components have weights w, which sum to 1, means and covariances, each of them as in
  :mod:`lab_utils.densities.gaussian`, the regulariser too.
* The model is ``p(x) = Σ_k w_k N(x; mean_k, covariance_k)``. A sample is drawn in two steps: a component by its weight, then a
  point from its normal.
* The start is chosen by k-means++ (Arthur & Vassilvitskii, 2007): the first centre is any point, each further one a point drawn
  with a probability in proportion to its squared distance to the nearest centre; points then belong to their nearest centre.
* Expectation–maximisation (Dempster, Laird & Rubin, 1977) repeats two steps until the mean log-likelihood of a point gains less
  than `tolerance`, or `iterations` times::

      E:  r_nk = w_k N(x_n; k) / p(x_n)                      how much component k answers for point n
      M:  weights, means and covariances of the points weighted by r

  Without a regulariser no step lowers the likelihood; with a small one it is so but for the last digits.
* It finds a hilltop of the likelihood, not the highest: another seed may find another. ``history`` holds the mean log-likelihood
  of the points (nats) before each step and after the last.

Left out: several starts (fit with several seeds, keep the best), the choice of K (compare on held-out points), tied covariances.
Used by the notebook ``02_generative_models``.
"""

import numpy as np

from lab_utils.densities.gaussian import (
    check_kind,
    check_points,
    check_regulariser,
    cholesky,
    covariance,
    log_density,
)  # fmt: skip
from lab_utils.errors import ParameterError, check_whole

TINY = 10 * np.finfo(np.float64).eps  # keeps the weight of a component that answers for nothing above 0


class GaussianMixture:
    """A mixture of normal distributions.

    Parameters
    ----------
    components : int
        K, at least 1.
    kind : {"full", "diagonal"}
    regulariser : float
        What is added to the variances of each component, 0 or more. A component may fall onto a single point, where its
        density has no bound: the regulariser is what stops it.
    iterations : int
        The most steps.
    tolerance : float
        The smallest gain of the mean log-likelihood, in nats, for which another step is made.
    seed : int
        Of the start.

    Attributes
    ----------
    weights : np.ndarray of float64, shape (K,)
    means : np.ndarray of float64, shape (K, D)
    covariances : np.ndarray of float64, shape (K, D, D)
    history : list of float
        Mean log-likelihood of the training points: at the start, and after each step.
    """

    def __init__(self, components, *, kind="full", regulariser=1e-6, iterations=200, tolerance=1e-4, seed=0):
        self.components, self.iterations = check_whole("components", components, 1), check_whole("iterations", iterations, 1)
        self.kind, self.regulariser = check_kind(kind), check_regulariser(regulariser)
        self.tolerance, self.seed = tolerance, seed
        self.weights = self.means = self.covariances = None
        self.history = []

    def fit(self, x):
        """Fit the points `x`, shape (N, D), from a fresh start; return self."""
        x = check_points(x)
        if len(x) < self.components:
            raise ParameterError(f"x: expected a point for each of {self.components} components, received {len(x)} points.")
        self._maximise(x, _nearest(x, _centres(x, self.components, np.random.default_rng(self.seed))))
        self.history = [self.log_likelihood(x).mean()]
        for _ in range(self.iterations):
            self._maximise(x, self.responsibilities(x))
            self.history.append(self.log_likelihood(x).mean())
            if self.history[-1] - self.history[-2] < self.tolerance:
                break
        return self

    def log_likelihood(self, x):
        """Return the log density of each point.

        Parameters
        ----------
        x : array_like of float, shape (N, D)

        Returns
        -------
        np.ndarray of float64, shape (N,)
            Nats.
        """
        return _log_sum(self._joint(x))

    def responsibilities(self, x):
        """Return how much each component answers for each point: p(component | point), shape (N, K); rows sum to 1."""
        joint = self._joint(x)
        return np.exp(joint - _log_sum(joint)[:, None])

    def sample(self, count, *, seed):
        """Return `count` points drawn from the mixture, shape (count, D), in no order; the same for the same seed."""
        self._check_fitted()
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.weights), check_whole("count", count, 1), p=self.weights)  # (count,)
        noise = rng.standard_normal((count, self.means.shape[1]))
        factors = np.stack([cholesky(one) for one in self.covariances])
        return self.means[chosen] + np.einsum("nij,nj->ni", factors[chosen], noise)

    def _joint(self, x):
        """Return log w_k + log N(x_n; k), shape (N, K)."""
        self._check_fitted()
        x = check_points(x, self.means.shape[1])
        parts = zip(self.weights, self.means, self.covariances, strict=True)
        return np.stack([np.log(weight) + log_density(x, mean, cholesky(one)) for weight, mean, one in parts], axis=1)

    def _maximise(self, x, shares):
        """Set weights, means and covariances to those of the points `x` weighted by `shares`, shape (N, K)."""
        totals = shares.sum(axis=0) + TINY  # (K,)
        shares = shares / totals
        self.weights = totals / totals.sum()
        self.means = shares.T @ x
        self.covariances = np.stack(
            [covariance(x - mean, share, self.kind, self.regulariser) for mean, share in zip(self.means, shares.T, strict=True)]
        )

    def _check_fitted(self):
        if self.weights is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit(x) first.")


def _centres(x, count, rng):
    """Return `count` points of `x` as the centres of k-means++, shape (count, D)."""
    centres = [x[rng.integers(len(x))]]
    for _ in range(count - 1):
        distance = ((x[:, None] - np.stack(centres)) ** 2).sum(axis=2).min(axis=1)  # (N,)
        total = distance.sum()
        chance = distance / total if total > 0 else None  # all points alike: any will do
        centres.append(x[rng.choice(len(x), p=chance)])
    return np.stack(centres)


def _nearest(x, centres):
    """Return 1 where a centre is the nearest one of a point, else 0, shape (N, K)."""
    nearest = ((x[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    return np.eye(len(centres))[nearest]


def _log_sum(joint):
    """Return log Σ exp over the last axis, without overflow."""
    highest = joint.max(axis=-1)
    return highest + np.log(np.exp(joint - highest[..., None]).sum(axis=-1))
