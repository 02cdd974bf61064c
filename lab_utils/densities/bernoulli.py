"""The Bernoulli roll: every cell of a piano roll is on or off by a coin of its own, and no coin knows of another.

Conventions
-----------
* Rolls are an array of 0 and 1 (or False and True), shape (N, T, P): N samples, T time steps, P pitches.
* A **position** is a place in a cycle of `period` steps, say a bar; the first step of every roll has position 0. Cells of one
  pitch at one position share a coin: with ``period=1`` a pitch has one coin for all steps, with ``period=T`` each cell its own.
* With n rolls' cells counted for a coin and c of them on, its probability is ``(c + a) / (n + 2a)``, a = `added` (a Beta prior,
  Laplace's rule for a = 1); so no cell is impossible.
* The log-likelihood of a roll is the sum over its cells of ``x log p + (1 − x) log (1 − p)``, in nats a roll. It is a
  probability, not a density, so it is never above 0.

It knows how often each key sounds, and nothing of which keys sound together or how long: that is what it is there to show, and
the floor under models of rolls that do. Source: the Bernoulli model of binary pictures (Bishop, 2006, section 9.3.3, with one
component). Used by the notebook ``02_generative_models``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole


class BernoulliRoll:
    """Independent coins for the cells of piano rolls.

    Parameters
    ----------
    period : int
        How many positions are told apart, 1 or more.
    added : float
        What is added to the counts of on and of off, above 0.

    Attributes
    ----------
    probability : np.ndarray of float64, shape (period, P)
        The chance of being on, after :meth:`fit`.
    steps : int
        T of the rolls that were fitted: how long a sample is.
    """

    def __init__(self, *, period=1, added=0.5):
        if not 0 < added < np.inf:
            raise ParameterError(f"added: expected a number above 0, received {added!r}; without it a cell may be impossible.")
        self.period, self.added = check_whole("period", period, 1), float(added)
        self.probability = self.steps = None

    def fit(self, x):
        """Count the rolls `x`, shape (N, T, P), at least one period long; return self."""
        x = _check(x)
        if x.shape[1] < self.period:
            raise ParameterError(f"x: expected rolls of at least {self.period} steps (one period), received {x.shape[1]}.")
        self.steps = x.shape[1]
        position = np.arange(self.steps) % self.period
        on = np.stack([x[:, position == p].sum(axis=(0, 1)) for p in range(self.period)])  # (period, P)
        seen = len(x) * np.bincount(position, minlength=self.period)[:, None]
        self.probability = (on + self.added) / (seen + 2 * self.added)
        return self

    def log_likelihood(self, x):
        """Return the log-probability of each roll.

        Parameters
        ----------
        x : array_like of 0 and 1, shape (N, T, P)
            T need not be that of the rolls that were fitted.

        Returns
        -------
        np.ndarray of float64, shape (N,)
            Nats a roll.
        """
        self._check_fitted()
        x = _check(x, self.probability.shape[1])
        chance = self._chances(x.shape[1])
        return np.einsum("ntp,tp->n", x, np.log(chance)) + np.einsum("ntp,tp->n", 1.0 - x, np.log1p(-chance))

    def sample(self, count, *, seed, steps=None):
        """Return `count` rolls, uint8, shape (count, T, P); T is that of the rolls that were fitted, or `steps`."""
        self._check_fitted()
        chance = self._chances(self.steps if steps is None else steps)
        noise = np.random.default_rng(seed).random((check_whole("count", count, 1), *chance.shape))
        return (noise < chance).astype(np.uint8)

    def _chances(self, steps):
        return self.probability[np.arange(steps) % self.period]  # (T, P)

    def _check_fitted(self):
        if self.probability is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit(x) first.")


def _check(x, pitches=None):
    x = np.asarray(x)
    if x.ndim != 3 or not x.size or (pitches is not None and x.shape[2] != pitches):
        wanted = "pitches" if pitches is None else pitches
        raise ParameterError(f"x: expected rolls of shape (rolls, steps, {wanted}), received {x.shape}.")
    if not ((x == 0) | (x == 1)).all():
        raise ParameterError("x: expected rolls of 0 and 1, received other values; give `roll > 0`.")
    return x.astype(np.float64)
