"""The figures of the swarm: how often it finds the best of all masks, and how it stands beside its rivals on long ones.

* **short**: tasks of 16 bits, whose best is known from trying all 65,536: bars of 16ths of several densities without and with a
  cadence, and two bars of eighths that repeat with variation or contrast.
* **long**: tasks of 64 bits, four bars of 16ths with different forms and densities.
* Every search has the same number of evaluations and the same seeds; a tie is no win.
"""

import numpy as np

from lab_utils.algorithms._swarm_rhythms import rhythms
from lab_utils.algorithms._swarm_search import find_onsets, find_rhythm, objective
from lab_utils.algorithms._swarm_wish import Wish
from lab_utils.densities import Rhythm
from lab_utils.generation import exhaustive

SHORT = (
    Wish(form="A", density=5, cadence=0),
    Wish(form="A", density=9, cadence=0),
    Wish(form="A", density=6),
    Wish(form="AA", density=5, variation=2, cadence=0, bar=8),
    Wish(form="AB", density=5, contrast=4, cadence=4, bar=8),
)
LONG = (
    Wish(form="AABA", density=7),
    Wish(form="ABAC", density=6, variation=2),
    Wish(form="AABB", density=9),
    Wish(form="ABAB", density=5, variation=2),
)
HARD = ("downbeats", "lengths", "cadence")


def figures(*, fold, seeds, evaluations):
    """Return the figures, a dict.

    Parameters
    ----------
    fold : str
        Of the density of rhythms.
    seeds, evaluations : int
        Seeds are dealt out to the long tasks in turn; every short one gets all.

    Returns
    -------
    dict
        ``optimum_found``: the share of runs on short masks that end on the best of all; ``optimum_found_worst``: of the task
        where it is smallest; ``hill_climb_optimum``, ``random_optimum``: the rivals' shares; ``beats_random``,
        ``beats_hill_climb``: the share of seeds on long masks; ``values``: mean value in nats on those, of each search and of the
        ``continuous`` swarm; ``hard_met``: the share of rhythms found on them that break no hard wish; ``nats_per_step`` of the
        density on `fold`, and of its rival ``place_only``; ``fold``, ``seeds``, ``evaluations``.
    """
    shares = {name: _found(name, seeds, evaluations) for name in ("swarm", "hill_climb", "random")}
    long = _long(seeds, evaluations)
    swarm = long["swarm"]
    return {
        "optimum_found": float(np.mean(shares["swarm"])),
        "optimum_found_worst": float(np.min(shares["swarm"])),
        "hill_climb_optimum": float(np.mean(shares["hill_climb"])),
        "random_optimum": float(np.mean(shares["random"])),
        "beats_random": float((swarm > long["random"]).mean()),
        "beats_hill_climb": float((swarm > long["hill_climb"]).mean()),
        "values": {name: float(long[name].mean()) for name in ("swarm", "hill_climb", "random", "continuous")},
        "hard_met": float(long["hard_met"].mean()),
        "nats_per_step": _nats(fold),
        "place_only": _nats(fold, distances=()),
        "fold": fold, "seeds": seeds, "evaluations": evaluations,
    }  # fmt: skip


def _nats(fold, **options):
    model = Rhythm(**options).fit(rhythms("tunes", "train"))
    return float(model.nll(rhythms("tunes", fold)).mean())


def _found(name, seeds, evaluations):
    """The share of seeds with which a search finds the best of all, for each short task."""
    shares = []
    for wish in SHORT:
        best = exhaustive(objective(wish), wish.steps).value
        found = [find_rhythm(wish, search=name, evaluations=evaluations, seed=seed).value for seed in range(seeds)]
        shares.append(np.mean(np.array(found) >= best - 1e-9))
    return shares


def _long(seeds, evaluations):
    """The values that each search reaches on the long tasks, a dict of (seeds,), and whether the swarm kept the hard wishes."""
    values = {name: [] for name in ("swarm", "hill_climb", "random", "continuous", "hard_met")}
    for seed in range(seeds):
        wish = LONG[seed % len(LONG)]
        for name in ("swarm", "hill_climb", "random"):
            found = find_rhythm(wish, search=name, evaluations=evaluations, seed=seed)
            values[name].append(found.value)
            if name == "swarm":
                failures = objective(wish).failures(found.position[None])
                values["hard_met"].append(not any(failures[hard][0] for hard in HARD))
        values["continuous"].append(find_onsets(wish, evaluations=evaluations, seed=seed).value)
    return {name: np.array(column) for name, column in values.items()}
