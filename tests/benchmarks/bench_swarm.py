"""What the particle swarm reaches for its evaluations, beside hill climbing and random search, and how fast it asks.

Run by `make bench`. Rhythms of four bars, 64 bits, the tasks of `lab-utils evaluate swarm`; mean over seeds of the best value so
far, in nats (higher is better), after so many evaluations. Then landscapes of 16 bits with links (NK, Kauffman, 1993), whose best
is known: the more links, the less one bit tells of another. There climbing bit by bit, begun anew from each top, is hard to beat.
"""

import time

import numpy as np

from lab_utils.algorithms._swarm_figures import LONG
from lab_utils.algorithms.swarm import SEARCHES, find_rhythm, objective
from lab_utils.generation import binary_swarm, exhaustive, hill_climb, random_search

MARKS = 100, 300, 1000, 2000, 5000
SEEDS = 12
VARIANTS = {
    "swarm (sticky, ring)": binary_swarm,
    "swarm of 1997": lambda *task, **options: binary_swarm(*task, rule="sigmoid", reach=None, patience=0, **options),
    "hill climbing": hill_climb,
    "random search": random_search,
}


def main():
    """Print both tables."""
    print(f"value in nats, 64 bits, mean of {SEEDS} seeds" + "".join(f"{mark:>9}" for mark in MARKS) + "   evaluations a second")
    for name in SEARCHES:
        started = time.perf_counter()
        found = [find_rhythm(LONG[seed % len(LONG)], search=name, seed=seed) for seed in range(SEEDS)]
        rate = sum(best.evaluations for best in found) / (time.perf_counter() - started)
        values = np.mean([best.history[np.array(MARKS) - 1] for best in found], axis=0)
        print(f"{name:<45}" + "".join(f"{value:9.1f}" for value in values) + f"{rate:12,.0f}", flush=True)
    print(
        f"\nbest of 65,536 masks found in 5,000 evaluations, share of {SEEDS} seeds"
        + "".join(f"{n} links".rjust(10) for n in (2, 4, 6))
    )
    tasks = [linked(16, links) for links in (2, 4, 6)]
    tops = [(task, exhaustive(task, 16).value) for task in tasks]
    for name, search in VARIANTS.items():
        shares = [np.mean([search(task, 16, seed=seed).value == top for seed in range(SEEDS)]) for task, top in tops]
        print(f"{name:<66}" + "".join(f"{share:10.2f}" for share in shares), flush=True)
    wish = LONG[0]
    masks = np.random.default_rng(0).random((5000, wish.steps)) < 0.5
    started = time.perf_counter()
    objective(wish)(masks)
    print(f"\nthe objective alone, 5,000 masks at once: {time.perf_counter() - started:.3f} s")


def linked(bits, links):
    """An NK landscape: what a bit is worth depends on so many others."""
    rng = np.random.default_rng(links)
    others = np.stack([np.append(i, rng.choice(np.delete(np.arange(bits), i), links, replace=False)) for i in range(bits)])
    worth = rng.random((bits, 2 ** (links + 1)))
    return lambda masks: worth[np.arange(bits), masks[:, others] @ (1 << np.arange(links + 1))].mean(axis=1)


if __name__ == "__main__":
    main()
