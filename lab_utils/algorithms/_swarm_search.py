"""The searches for onsets: a wish becomes an objective, and a swarm, climbing or chance looks for its best mask.

Conventions: those of :mod:`lab_utils.algorithms.swarm`, which hands out these functions.
"""

from functools import lru_cache

import numpy as np

from lab_utils.algorithms._swarm_rhythms import rhythms
from lab_utils.algorithms._swarm_wish import Objective, Wish
from lab_utils.densities import Rhythm
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation import binary_swarm, continuous_swarm, hill_climb, random_search

FORMS = {
    2: ("AA", "AB"),
    4: ("AABA", "ABAC", "AABB", "ABAB"),
    8: ("AABAAABA", "ABACABAD", "AABBAACC"),
}  # by bars
DENSITIES = (5, 9)  # notes a bar, of a wish that is drawn
SEARCHES = {"swarm": binary_swarm, "hill_climb": hill_climb, "random": random_search}
EVALUATIONS = 5000  # for four bars, where searches are compared


@lru_cache(maxsize=8)
def rhythm_model(data="tunes", *, bar=16):
    """Return the :class:`~lab_utils.densities.Rhythm` of a data set's training fold, "tunes" or "chorales"; fitted once."""
    return Rhythm(bar=bar).fit(rhythms(data, "train", bar=bar))


def objective(wish, data="tunes", *, weights=None):
    """Return the objective of a wish, a function of masks (P, steps) that returns their values (P,).

    Parameters
    ----------
    wish : Wish
    data : str
        Whose rhythms are likely: "tunes" or "chorales".
    weights : dict, optional
        Nats a failure; see :mod:`lab_utils.algorithms._swarm_wish`.
    """
    return Objective(rhythm_model(data, bar=wish.bar), wish, weights=weights)


def wish_of(bars=4, *, seed=0):
    """Return a Wish of so many bars (2, 4 or 8), its form and density drawn with `seed`."""
    if bars not in FORMS:
        raise ParameterError(f"bars: expected one of {', '.join(map(str, FORMS))}, received {bars!r}.")
    rng = np.random.default_rng(check_whole("seed", seed, 0))
    return Wish(form=str(rng.choice(FORMS[bars])), density=float(rng.integers(*DENSITIES, endpoint=True)))


def find_rhythm(wish, *, search="swarm", evaluations=None, seed=0, data="tunes", progress=None):
    """Return the :class:`~lab_utils.generation.Best` mask that a search finds for a wish.

    Parameters
    ----------
    wish : Wish
    search : str
        "swarm", "hill_climb" or "random".
    evaluations : int, optional
        How many masks may be tried; default 5,000 for each four bars.
    seed : int
    data : str
    progress : callable, optional
        Called with a Flight on the way.
    """
    if search not in SEARCHES:
        raise ParameterError(f"search: expected one of {', '.join(SEARCHES)}; received {search!r}.")
    budget = budget_of(wish, EVALUATIONS) if evaluations is None else evaluations
    return SEARCHES[search](objective(wish, data), wish.steps, evaluations=budget, seed=seed, progress=progress)


def budget_of(wish, each):
    """`each` for each four bars begun."""
    return each * -(-len(wish.form) // 4)


def onset_mask(onsets, steps):
    """Return the masks, bool (P, steps), of onsets in steps, float (P, notes); two notes may fall on the same step."""
    onsets = np.atleast_2d(onsets)
    masks = np.zeros((len(onsets), steps), dtype=bool)
    masks[np.arange(len(onsets))[:, None], np.clip(np.floor(onsets + 0.5).astype(int), 0, steps - 1)] = True
    return masks


def find_onsets(wish, *, evaluations=None, seed=0, data="tunes", progress=None):
    """Return the Best onsets, float (notes,) in steps, that the continuous swarm finds: each number is a note that flies.

    Parameters
    ----------
    wish : Wish
        As many notes fly as it wants in all.
    evaluations, seed, data, progress
        As in :func:`find_rhythm`.
    """
    notes, value = round(wish.density * len(wish.form)), objective(wish, data)
    budget = budget_of(wish, EVALUATIONS) if evaluations is None else evaluations
    return continuous_swarm(
        lambda onsets: value(onset_mask(onsets, wish.steps)), np.full(notes, -0.5), np.full(notes, wish.steps - 0.5),
        evaluations=budget, seed=seed, progress=progress,
    )  # fmt: skip
