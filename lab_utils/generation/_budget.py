"""What every search for a best position shares: evaluations counted one by one, the best kept, the path to it remembered.

An objective is the dear part of a search, so two searches are compared at the same number of evaluations, whatever each does
besides. One position whose value is asked for is one evaluation, also where it was asked before.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lab_utils.errors import ParameterError, check_whole


@dataclass(frozen=True, eq=False)
class Best:
    """What a search found.

    Parameters
    ----------
    position : np.ndarray, shape (D,)
        bool of a search over masks, float64 of one over numbers; where several are equally good, the first that was tried.
    value : float
        The objective's value there.
    evaluations : int
        How many positions were tried.
    history : np.ndarray of float64, shape (evaluations,)
        The best value after each evaluation; it never falls.
    """

    position: np.ndarray
    value: float
    evaluations: int
    history: np.ndarray


class Flight(NamedTuple):
    """What a search shows on its way: the positions tried last (P, D), their values (P,), the best so far, the count."""

    positions: np.ndarray
    values: np.ndarray
    best: np.ndarray
    evaluations: int


class Budget:
    """An objective that may be asked for so many positions, and remembers the best.

    Parameters
    ----------
    objective : callable
        ``objective(positions (P, D)) -> values (P,)``; higher is better, −inf is allowed, NaN and +inf are not.
    evaluations : int
        How many positions may be tried, 1 or more.
    progress : callable, optional
        Called with a :class:`Flight` after each batch.
    """

    def __init__(self, objective, evaluations, progress=None):
        if not callable(objective):
            raise ParameterError(f"objective: expected a function of positions, received {objective!r}.")
        self.left = check_whole("evaluations", evaluations, 1)
        self._objective, self._progress = objective, progress
        self._values, self._position, self._value = [], None, -np.inf

    def __call__(self, positions):
        """Return the values (P,) of `positions` (P, D), at most as many as are left."""
        positions = positions[: self.left]
        values = np.asarray(self._objective(positions), dtype=np.float64)
        if values.shape != (len(positions),) or np.isnan(values).any() or np.isposinf(values).any():
            raise ParameterError(
                f"objective: expected a number for each of {len(positions)} positions, received {values.shape}, NaN or +inf."
            )
        self.left -= len(positions)
        self._values.append(values)
        first = int(values.argmax()) if len(values) else 0
        if len(values) and (self._position is None or values[first] > self._value):
            self._position, self._value = positions[first].copy(), float(values[first])
        if self._progress:
            self._progress(Flight(positions.copy(), values, self._position.copy(), sum(map(len, self._values))))
        return values

    def best(self):
        """Return the :class:`Best` of all that was tried."""
        history = np.maximum.accumulate(np.concatenate(self._values))
        return Best(self._position, self._value, len(history), history)


def masks(start, count, bits, rng):
    """Return `count` masks to begin with, bool (count, bits): those of `start`, then random ones."""
    drawn = rng.random((count, bits)) < 0.5
    if start is None:
        return drawn
    start = np.atleast_2d(np.asarray(start))
    if start.dtype != bool or start.ndim != 2 or start.shape[1] != bits:
        raise ParameterError(
            f"start: expected masks, bool of shape ({bits},) or (n, {bits}), received {start.dtype} {start.shape}."
        )
    drawn[: len(start)] = start[:count]
    return drawn
