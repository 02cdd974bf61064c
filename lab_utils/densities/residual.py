"""What a prediction misses by: a symmetric distribution with a sharp peak and heavy tails, fitted on intervals.

Conventions
-----------
* It is a mixture of logistic distributions round 0 whose scales are fixed, evenly spaced in logarithm; only their **weights** are
  fitted. So the likelihood has one maximum, and a hundred steps of EM (Dempster et al., 1977) come near it. Student's t and
  the Laplace distribution are mixtures of scales too: what is fitted includes them, nearly.
* Logistic, since its distribution function is plain arithmetic. What was rounded to a code lies somewhere in an **interval**,
  whose mass is the difference of that function at both ends, as for the pictures of PixelCNN++ (Salimans et al., 2017). Ends may
  be infinite, so the masses of intervals that fill the line sum to one.

Used by :mod:`lab_utils.densities.linear`.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

ITERATIONS = 100
LEAST = 1e-7  # lighter components are dropped; the widest is kept, so that nothing is impossible
ROWS = 1 << 16  # intervals weighed at a time


class ScaleMixture:
    """Logistic distributions round 0, of many scales.

    Parameters
    ----------
    scales : array_like of float, shape (K,)
        Ascending, in the units of the residual; the widest should be as wide as any residual.

    Attributes
    ----------
    weights : np.ndarray of float64, shape (K,)
        After :meth:`fit`; they sum to one.
    """

    def __init__(self, scales):
        self.scales = np.asarray(scales, float)
        if self.scales.ndim != 1 or not len(self.scales) or not (self.scales > 0).all() or (np.diff(self.scales) <= 0).any():
            raise ParameterError(f"scales: expected positive numbers in ascending order, received {scales!r}.")
        self.weights = None

    def fit(self, low, high):
        """Fit the weights to residuals of which is known between which two bounds each lies; return self.

        Parameters
        ----------
        low, high : np.ndarray of float, shape (N,)
        """
        masses = self._masses(*_checked(low, high), self.scales)  # (N, K)
        masses = masses[masses.sum(axis=1) > 0]
        if not len(masses):
            raise ParameterError("low: expected residuals within a few of the widest scales, received none; widen the scales.")
        weights = np.full(len(self.scales), 1 / len(self.scales))
        for _ in range(ITERATIONS):
            weights = weights * (masses / (masses @ weights)[:, None]).mean(axis=0)
        weights[-1] = max(weights[-1], LEAST)
        self.weights = np.where(weights < LEAST, 0, weights)
        self.weights /= self.weights.sum()
        return self

    def log_mass(self, low, high):
        """Return the logarithm of the probability of each interval from `low` to `high`, shape (N,), in nats."""
        low, high = _checked(low, high)
        if self.weights is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit() first.")
        used, found = self.weights > 0, np.empty(len(low))
        for first in range(0, len(low), ROWS):
            rows = slice(first, first + ROWS)
            found[rows] = self._masses(low[rows], high[rows], self.scales[used]) @ self.weights[used]
        with np.errstate(divide="ignore"):
            return np.log(found)

    def sample(self, count, *, seed):
        """Return `count` residuals, shape (count,); the same for the same seed."""
        if self.weights is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit() first.")
        rng = np.random.default_rng(seed)
        return rng.logistic(size=check_whole("count", count, 1)) * rng.choice(self.scales, size=count, p=self.weights)

    @staticmethod
    def _masses(low, high, scales):
        """The mass of each interval under each scale, (N, K); taken on the side below 0, where small numbers stay exact."""
        above = low > -high
        low, high = np.where(above, -high, low), np.where(above, -low, high)
        return _logistic(high[:, None] / scales) - _logistic(low[:, None] / scales)


def _logistic(x):
    """The distribution function of the logistic distribution."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def _checked(low, high):
    low, high = np.asarray(low, float), np.asarray(high, float)
    if low.ndim != 1 or low.shape != high.shape or not (low <= high).all():
        raise ParameterError(f"low: expected bounds not above high's, one each, received shapes {low.shape} and {high.shape}.")
    return low, high
