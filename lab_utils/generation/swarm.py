"""Particle swarms: candidates that fly through a space of masks or of numbers, each drawn to the best it and its neighbours saw.

Conventions
-----------
* A **position** is a whole candidate, shape (D,): a mask of D bits, or D numbers. In music a mask says at which step of a bar a
  note starts, and each of D numbers is the onset of one note. The objective is handed in; higher is better.
* Each **particle** remembers the best position it has met, and knows its neighbours': itself and the `reach` nearest on either
  side of a **ring**, or everybody (``reach=None``). In a ring news travels slowly, so not all follow the first good find: over
  masks a ring finds more, over few numbers everybody does.
* A particle whose own best has stood for `patience` flights forgets it and starts anew somewhere else; the best of all is kept.
  With 0 nobody does, as the algorithms were published; of masks more are found with it, of numbers fewer.
* One position tried is one evaluation; the budget is spent exactly. The same seed gives the same flight.

Sources
-------
* `continuous_swarm`: Kennedy & Eberhart (1995), with the constriction of Clerc & Kennedy (2002), χ = 0.7298, φ = 2.05 + 2.05,
  which keeps the swarm from flying apart. At a wall a particle stops and turns, half as fast (Clerc, 2011).
* `binary_swarm`, ``rule="sigmoid"``: Kennedy & Eberhart (1997). The velocity of a bit is the log-odds that it is 1; so a bit
  keeps jumping, however well it stands.
* ``rule="sticky"``, the default: Nguyen, Xue, Andreae & Zhang (2021), in its static form. The velocity is the probability that a
  bit flips: by a little from itself, more if the particle's own best or its neighbours' has it otherwise; and a bit that has
  just flipped is reluctant to flip again on its own for some flights (Nguyen, Xue & Andreae, 2017).
* The ring: Kennedy & Mendes (2002).

Left out: several aims at once, constraints that forbid (let the objective punish), velocities that adapt. The rivals stand in
:mod:`lab_utils.generation.rivals`. The notebook ``13_restricted_beam_search`` uses them.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation._budget import Budget, masks

RULES = ("sticky", "sigmoid")
SPONTANEOUS = 2.0  # bits of a mask that would flip without any pull, in a flight, by the sticky rule
OWN, SHARED = 2 / 3, 1 / 3  # how the rest of the probability is split between a particle's own best and its neighbours'
STICKS = 8  # flights until a bit that has flipped is as free as the others
FASTEST = 4.0  # of the sigmoid rule: a bit flips against its velocity in at least 2 % of flights
PULL = 2.0  # of the sigmoid rule: the largest pull of either best
CONSTRICTION, PHI = 0.7298, 2.05


def binary_swarm(
    objective, bits, *, particles=30, evaluations=5000, seed=0, start=None, rule="sticky", reach=2, patience=None, progress=None
):  # fmt: skip
    """Look for the mask with the highest value.

    Parameters
    ----------
    objective : callable
        ``objective(masks bool (P, bits)) -> values (P,)``.
    bits : int
        Length of a mask, D.
    particles : int
        How many fly, 2 or more.
    evaluations : int
        How many masks may be tried.
    seed : int
    start : np.ndarray of bool, shape (bits,) or (n, bits), optional
        Where the first particles begin; the others begin anywhere.
    rule : str
        "sticky" or "sigmoid"; see the module.
    reach : int or None
        Neighbours on either side of the ring; None: all.
    patience : int, optional
        Flights without a better find of its own after which a particle starts anew, default as many as there are bits; 0: never.
    progress : callable, optional
        Called with a Flight (positions, values, best, evaluations) after each flight.

    Returns
    -------
    Best
    """
    bits, rng = check_whole("bits", bits, 1), np.random.default_rng(seed)
    if rule not in RULES:
        raise ParameterError(f"rule: expected one of {', '.join(RULES)}; received {rule!r}.")
    patience = bits if patience is None else patience
    swarm = _Swarm(Budget(objective, evaluations, progress), check_whole("particles", particles, 2), reach, patience)
    swarm.begin(masks(start, swarm.size, bits, rng))
    sticks = np.zeros((swarm.size, bits))
    velocity = rng.uniform(-FASTEST, FASTEST, (swarm.size, bits))
    own_will = min(SPONTANEOUS / bits, 0.5)
    while swarm.budget.left:
        x, own, shared = swarm.positions, swarm.own, swarm.shared()
        if rule == "sticky":
            pull = (1 - own_will) * (OWN * (own != x) + SHARED * (shared != x))
            flips = rng.random(x.shape) < own_will * (1 - sticks) + pull
            sticks = np.where(flips, 1.0, np.maximum(sticks - 1 / STICKS, 0))
            x = x ^ flips
        else:
            velocity = velocity + sum(PULL * rng.random(x.shape) * (best * 1.0 - x) for best in (own, shared))
            velocity = np.clip(velocity, -FASTEST, FASTEST)
            x = rng.random(x.shape) < 1 / (1 + np.exp(-velocity))
        anew = swarm.tired()
        x[anew] = rng.random((int(anew.sum()), bits)) < 0.5
        sticks[anew] = 0
        swarm.fly(x)
    return swarm.budget.best()


def continuous_swarm(
    objective, low, high, *, particles=30, evaluations=5000, seed=0, start=None, reach=None, patience=0, progress=None
):  # fmt: skip
    """Look for the numbers with the highest value between `low` and `high`.

    Parameters
    ----------
    objective : callable
        ``objective(positions float64 (P, D)) -> values (P,)``.
    low, high : array_like of float, shape (D,)
        The walls of the space.
    start : array_like of float, shape (D,) or (n, D), optional
        Where the first particles begin; moved between the walls.
    particles, evaluations, seed, reach, patience, progress
        As in :func:`binary_swarm`.

    Returns
    -------
    Best
    """
    low, high = walls(low, high)
    rng = np.random.default_rng(seed)
    swarm = _Swarm(Budget(objective, evaluations, progress), check_whole("particles", particles, 2), reach, patience)
    x = rng.uniform(low, high, (swarm.size, len(low)))
    if start is not None:
        start = np.atleast_2d(np.asarray(start, dtype=np.float64))
        if start.ndim != 2 or start.shape[1] != len(low) or not np.isfinite(start).all():
            raise ParameterError(f"start: expected numbers of shape ({len(low)},) or (n, {len(low)}), received {start.shape}.")
        x[: len(start)] = np.clip(start[: swarm.size], low, high)
    velocity = (rng.uniform(low, high, x.shape) - x) / 2
    swarm.begin(x)
    while swarm.budget.left:
        x = swarm.positions
        pulls = sum(PHI * rng.random(x.shape) * (best - x) for best in (swarm.own, swarm.shared()))
        velocity = CONSTRICTION * (velocity + pulls)
        moved = x + velocity
        velocity[(moved < low) | (moved > high)] *= -0.5
        x = np.clip(moved, low, high)
        anew = swarm.tired()
        x[anew] = rng.uniform(low, high, (int(anew.sum()), len(low)))
        velocity[anew] = 0
        swarm.fly(x)
    return swarm.budget.best()


def walls(low, high):
    """Return (low, high) as float64 arrays (D,) if the first is below the second everywhere."""
    low, high = (np.atleast_1d(np.asarray(side, dtype=np.float64)) for side in (low, high))
    if (
        low.ndim != 1
        or low.shape != high.shape
        or not (np.isfinite(low).all() and np.isfinite(high).all() and (low < high).all())
    ):
        raise ParameterError(f"low, high: expected numbers of one shape (D,), low below high, received {low} and {high}.")
    return low, high


class _Swarm:
    """What both kinds share: positions (P, D), each particle's own best, who knows whom, and who is tired."""

    def __init__(self, budget, size, reach, patience):
        self.budget, self.size, self.patience = budget, size, check_whole("patience", patience, 0)
        reach = size if reach is None else check_whole("reach", reach, 0)
        beside = np.arange(-min(reach, size // 2), min(reach, size // 2) + 1)
        self._known = (np.arange(size)[:, None] + beside) % size  # (P, neighbours)
        self._waited = np.zeros(size, dtype=int)

    def begin(self, positions):
        self.positions, self.own = positions, positions.copy()
        self._values = np.full(self.size, -np.inf)
        self.fly(positions)

    def shared(self):
        """The best position that a neighbour of each particle has met, (P, D)."""
        leader = self._values[self._known].argmax(axis=1)
        return self.own[self._known[np.arange(self.size), leader]]

    def tired(self):
        """Who starts anew, bool (P,); their memory is gone with this call."""
        anew = (self._waited >= self.patience) if self.patience else np.zeros(self.size, dtype=bool)
        self._values[anew] = -np.inf
        self._waited[anew] = 0
        return anew

    def fly(self, positions):
        """Move to `positions`, as many as the budget still pays for, and remember what was better."""
        values = self.budget(positions)
        tried = len(values)
        better = values > self._values[:tried]
        self._waited[:tried] = np.where(better, 0, self._waited[:tried] + 1)
        moved = np.flatnonzero(better)
        self.own[moved], self._values[moved] = positions[moved], values[moved]
        self.positions = positions
