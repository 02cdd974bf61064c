"""The plain ways to look for a best mask, which a swarm has to beat at the same number of evaluations; and the sure one.

* `random_search` tries masks at random: what any method must beat.
* `hill_climb` goes from a random mask to the best that differs in one bit, as long as that is better, then begins anew
  (steepest ascent with random restarts). On short masks it is a strong rival.
* `exhaustive` tries all, for up to :data:`MOST_BITS` bits: it tells the true best, and so what the others are worth.

Masks are bool, shape (P, D), as :func:`lab_utils.generation.binary_swarm` hands them to its objective; higher is better. Used by
the notebook ``13_restricted_beam_search``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation._budget import Budget, masks

BATCH = 4096
MOST_BITS = 24  # 17 million masks


def random_search(objective, bits, *, evaluations=5000, seed=0, progress=None):
    """Return the :class:`~lab_utils.generation._budget.Best` of so many random masks.

    Parameters
    ----------
    objective : callable
        ``objective(masks bool (P, bits)) -> values (P,)``.
    bits : int
    evaluations : int
    seed : int
    progress : callable, optional
        Called with a Flight after each batch.
    """
    bits, budget, rng = check_whole("bits", bits, 1), Budget(objective, evaluations, progress), np.random.default_rng(seed)
    while budget.left:
        budget(rng.random((min(BATCH, budget.left), bits)) < 0.5)
    return budget.best()


def hill_climb(objective, bits, *, evaluations=5000, seed=0, start=None, progress=None):
    """Return the Best that climbing bit by bit finds, beginning anew on each top until the budget is spent.

    Parameters
    ----------
    objective, bits, evaluations, seed, progress
        As in :func:`random_search`.
    start : np.ndarray of bool, shape (bits,) or (n, bits), optional
        Where the first climbs begin.
    """
    bits, budget, rng = check_whole("bits", bits, 1), Budget(objective, evaluations, progress), np.random.default_rng(seed)
    given = [] if start is None else list(masks(start, len(np.atleast_2d(start)), bits, rng))
    while budget.left:
        here = given.pop(0) if given else rng.random(bits) < 0.5
        value = budget(here[None])[0]
        while budget.left:
            around = here ^ np.eye(bits, dtype=bool)[rng.permutation(bits)]  # shuffled: the budget may end among them
            values = budget(around)
            if values.max() <= value:
                break
            here, value = around[values.argmax()], values.max()
    return budget.best()


def exhaustive(objective, bits, *, progress=None):
    """Return the Best of all 2^bits masks; the last bit counts fastest.

    Parameters
    ----------
    objective, bits, progress
        As in :func:`random_search`.

    Raises
    ------
    ParameterError
        If `bits` is over :data:`MOST_BITS`.
    """
    if check_whole("bits", bits, 1) > MOST_BITS:
        raise ParameterError(f"bits: expected at most {MOST_BITS}, received {bits}: 2^{bits} masks take too long; use a swarm.")
    budget = Budget(objective, 2**bits, progress)
    while budget.left:
        first = 2**bits - budget.left
        numbers = np.arange(first, min(first + BATCH, 2**bits))
        budget((numbers[:, None] >> np.arange(bits - 1, -1, -1)) & 1 > 0)
    return budget.best()
