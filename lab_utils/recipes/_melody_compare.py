"""Several networks, several seeds, one table: what the verb ``compare`` does.

A folder holds one run for each network and seed, ``<variant>_<seed>``, and ``table.csv`` with a row for each: the best validation
NLL, the epoch at which it was reached, the number of weights, the seconds of an epoch (their median). Seeds are 0, 1, 2, …: as
the figures of one network differ between seeds, so far may two networks differ by chance.
"""

from pathlib import Path

import numpy as np

from lab_utils import progress as terminal
from lab_utils.recipes import _comparison as comparison
from lab_utils.training.checkpoint import count_weights
from lab_utils.training.run import Run

COLUMNS = ("variant", "seed", "nll", "epoch", "weights", "seconds_an_epoch")


def compare(train, resume, recipe, out, *, variants, seeds, progress=True, **options):
    """Train what is not trained yet and return the folder; parameters as those of the recipe's ``compare``."""
    rows, variants = [], comparison.wanted(variants, seeds)
    for seed in range(seeds):
        for variant in variants:
            folder = Path(out, f"{variant}_{seed}")
            terminal.tell(f"{variant}, seed {seed}", show=progress)
            comparison.trained(train, resume, folder, progress=progress, variant=variant, seed=seed, **options)
            rows.append({"variant": variant, "seed": seed, **row_of(folder)})
            comparison.write_table(rows, COLUMNS, Path(out, "table.csv"))
    return Path(out)


def row_of(folder):
    """Return the figures of the run in `folder` as its history tells them."""
    run = Run(folder)
    history = run.history()
    valid = np.array(history["valid"])
    best = int(np.nanargmin(valid))
    return {
        "nll": f"{valid[best]:.4f}",
        "epoch": int(history["epoch"][best]),
        "weights": count_weights(run.folder / "weights.npz"),
        "seconds_an_epoch": f"{np.median(history['seconds']):.2f}",
    }
