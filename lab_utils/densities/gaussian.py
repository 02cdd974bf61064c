"""The normal distribution of points with D features: a mean and a covariance, taken from the points in one line each.

Conventions
-----------
* Points are a float array, shape (N, D), one point a row; a single feature has shape (N, 1).
* ``covariance`` is always kept whole, shape (D, D); with ``kind="diagonal"`` it is zero off the diagonal, so the features are
  independent and the ellipse of equal density stands upright.
* The covariance is that of the largest likelihood (divided by N), plus the **regulariser** on its diagonal, in the squared units
  of the features. It keeps a feature that never changes, or N ≤ D points, from giving a density that is infinite.
* Log-likelihoods are in nats. They are logarithms of a *density*: they change with the units of the features and may be above 0.

The density (Bishop, 2006, section 2.3), with the covariance's Cholesky factor L and y = L⁻¹(x − mean)::

    log p(x) = − ½ ( D log 2π + |y|² ) − Σ log L_dd          a sample: mean + L ε, with ε from the standard normal

Left out: degrees of freedom (N − 1), missing values. Used by ``mixture`` and by the notebook ``02_generative_models``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

KINDS = ("full", "diagonal")


class Gaussian:
    """A normal distribution with D features.

    Parameters
    ----------
    kind : {"full", "diagonal"}
    regulariser : float
        What is added to the variance of each feature, 0 or more.

    Attributes
    ----------
    mean : np.ndarray of float64, shape (D,)
    covariance : np.ndarray of float64, shape (D, D)
        Both after :meth:`fit`, or set by hand.
    """

    def __init__(self, kind="full", *, regulariser=1e-6):
        self.kind, self.regulariser = check_kind(kind), check_regulariser(regulariser)
        self.mean = self.covariance = None

    def fit(self, x):
        """Take mean and covariance from the points `x`, shape (N, D); return self."""
        x = check_points(x)
        self.mean = x.mean(axis=0)
        self.covariance = covariance(x - self.mean, np.full(len(x), 1 / len(x)), self.kind, self.regulariser)
        cholesky(self.covariance)  # refuses at once what has no density
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
        self._check_fitted()
        return log_density(check_points(x, len(self.mean)), self.mean, cholesky(self.covariance))

    def sample(self, count, *, seed):
        """Return `count` points drawn from the distribution, shape (count, D); the same for the same seed."""
        self._check_fitted()
        noise = np.random.default_rng(seed).standard_normal((check_whole("count", count, 1), len(self.mean)))
        return self.mean + noise @ cholesky(self.covariance).T

    def _check_fitted(self):
        if self.mean is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit(x) first.")


def covariance(centred, weights, kind, regulariser):
    """Return the regularised covariance of points round their mean.

    Parameters
    ----------
    centred : np.ndarray of float, shape (N, D)
        Points minus their mean.
    weights : np.ndarray of float, shape (N,)
        Their shares, which sum to 1.
    kind : {"full", "diagonal"}
    regulariser : float

    Returns
    -------
    np.ndarray of float64, shape (D, D)
    """
    if kind == "diagonal":
        return np.diag(weights @ centred**2 + regulariser)
    return centred.T @ (weights[:, None] * centred) + regulariser * np.eye(centred.shape[1])


def cholesky(matrix):
    """Return the lower triangular L with L Lᵀ = `matrix`, a covariance, shape (D, D)."""
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError as error:
        raise ParameterError(
            "x: expected points that vary in every direction, received some whose covariance has no inverse; "
            "raise the regulariser, or fit fewer components."
        ) from error


def log_density(x, mean, factor):
    """Return the log density of the points `x`, shape (N, D), under the normal of `mean` and Cholesky `factor`; shape (N,)."""
    y = np.linalg.solve(factor, (x - mean).T)  # (D, N)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + (y**2).sum(axis=0)) - np.log(np.diag(factor)).sum()


def check_points(x, features=None):
    """Return `x` as float64, shape (N, D); a ParameterError where it is none, or has not `features` columns."""
    x = np.asarray(x)
    fits = x.ndim == 2 and x.size and (np.issubdtype(x.dtype, np.number) or x.dtype == bool)
    if not fits or (features is not None and x.shape[1] != features):
        wanted = "features" if features is None else features
        raise ParameterError(f"x: expected numbers of shape (points, {wanted}), received shape {x.shape} of {x.dtype}.")
    if not np.isfinite(x).all():
        raise ParameterError(f"x: expected finite numbers, received {int((~np.isfinite(x)).sum())} that are not; leave them out.")
    return x.astype(np.float64)


def check_kind(kind):
    """Return `kind` if it is one of :data:`KINDS`."""
    if kind not in KINDS:
        raise ParameterError(f"kind: expected one of {', '.join(KINDS)}; received {kind!r}.")
    return kind


def check_regulariser(value):
    """Return `value` if it is a number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
        raise ParameterError(f"regulariser: expected a number from 0 up, received {value!r}.")
    return float(value)
