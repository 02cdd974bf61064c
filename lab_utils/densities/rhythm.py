"""A density of rhythms: whether a note starts in each step, given the place in the bar, the last steps, and the bars before.

Conventions
-----------
* A **mask** is bool, shape (T,): True where a note starts; of N masks (N, T). Each begins on a bar line; its steps are counted
  within bars of `bar` steps. Units are nats.
* What is looked at is a list of **distances**: 1 is the step before, `bar` the same place a bar ago. What stood before the
  mask's own start is told apart from silence, so the model knows how pieces begin.
* The model is interpolated Witten-Bell (Witten & Bell, 1991), as :class:`~lab_utils.densities.ngram.NGram` is: the context grows
  by one distance after another, the most telling first, and each is backed by the one before::

      p_j(on | context) = (c(context, on) + k · p_{j-1}(on | shorter context)) / (c(context) + k)        p_{-1} = ½

  with c the counts and k (0, 1 or 2) how many of on and off were seen there; the first contexts are none at all, and the place in
  the bar. An n-gram sees the last steps alone; a rhythm comes again after a bar, and that is worth more than a longer past.
* All contexts stand in one table of 3^distances × bar numbers, so that thousands of masks are weighed in milliseconds, as a
  search needs it.

Left out: where notes end, and meters whose bars are not whole steps. The notebook ``13_restricted_beam_search`` uses it, through
:mod:`lab_utils.algorithms.swarm`.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

BEFORE = 2  # what an element of the context is where the mask has not begun
MOST = 10  # distances; the table has 3^10 × bar rows then


class Rhythm:
    """The density of onset masks.

    Parameters
    ----------
    bar : int
        Steps in a bar.
    distances : sequence of int, optional
        How far back the model looks, the most telling first; by default the four last steps, the same place one and two bars ago,
        and the step before that place.

    Attributes
    ----------
    chance : np.ndarray of float64, shape (bar · 3^distances,)
        The chance of an onset in each context, after :meth:`fit`.
    """

    def __init__(self, *, bar=16, distances=None):
        self.bar = check_whole("bar", bar, 1)
        chosen = dict.fromkeys((1, 2, self.bar, 3, 4, self.bar - 1, 2 * self.bar)) if distances is None else distances
        self.distances = tuple(int(distance) for distance in chosen if distances is not None or distance > 0)
        if len(self.distances) > MOST or len(set(self.distances)) < len(self.distances) or min(self.distances, default=1) < 1:
            raise ParameterError(f"distances: expected at most {MOST} different steps from 1 up, received {distances!r}.")
        self.chance = None

    def fit(self, x):
        """Count the masks `x`, shape (N, T), and return self; what was counted before is forgotten."""
        x = self._check(x)
        on, chance = x.astype(np.int64), np.full((1, 2), 0.5)  # of off and on, each for itself: 1 − p would be rounded to 0
        for rows, context in self._contexts(x):
            counts = np.bincount((2 * context + on).ravel(), minlength=2 * rows).reshape(rows, 2)
            kinds, total = (counts > 0).sum(axis=1, keepdims=True), counts.sum(axis=1, keepdims=True)
            backed = np.repeat(chance, rows // len(chance), axis=0)
            chance = np.where(total > 0, (counts + kinds * backed) / np.maximum(total + kinds, 1), backed)
        self.chance = chance[:, 1]
        self._logs = np.log(chance)
        return self

    def nll(self, x):
        """Return the negative log-likelihood of each step of masks (N, T), in nats, float64 (N, T)."""
        self._fitted()
        x = self._check(x)
        *_, (_, context) = self._contexts(x)
        return -self._logs[context, x.astype(np.int8)]

    def log_likelihood(self, x):
        """Return the log-probability of each of the masks (N, T), in nats, float64 (N,)."""
        return -self.nll(x).sum(axis=1)

    def sample(self, count, *, steps, seed):
        """Return `count` masks of `steps` steps drawn from the model, step after step, bool (count, steps)."""
        self._fitted()
        drawn = np.zeros((check_whole("count", count, 1), check_whole("steps", steps, 1)), dtype=bool)
        uniform = np.random.default_rng(seed).random(drawn.shape)
        for step in range(drawn.shape[1]):
            *_, (_, context) = self._contexts(drawn[:, : step + 1])  # what stands at the step itself is not looked at
            drawn[:, step] = uniform[:, step] < self.chance[context[:, -1]]
        return drawn

    def _contexts(self, x):
        """Yield (how many, which context each step (N, T) has): none, then the place, then with one distance after another."""
        far = max(self.distances, default=0)
        steps = x.shape[1]
        padded = np.pad(x.astype(np.int64), ((0, 0), (far, 0)), constant_values=BEFORE)
        yield 1, np.zeros(x.shape, np.int64)
        rows, context = self.bar, np.broadcast_to(np.arange(steps) % self.bar, x.shape)
        yield rows, context
        for distance in self.distances:
            rows, context = 3 * rows, 3 * context + padded[:, far - distance : far - distance + steps]
            yield rows, context

    def _fitted(self):
        if self.chance is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit(masks) first.")

    @staticmethod
    def _check(x):
        x = np.asarray(x)
        if x.ndim != 2 or not x.size or x.dtype != bool:
            raise ParameterError(f"x: expected masks, bool of shape (count, steps), received {x.dtype} {x.shape}.")
        return x
