"""Several networks, several seeds, one table: what the verb ``compare`` does.

A folder holds one run for each network and seed, ``<variant>_<seed>``, and ``table.csv`` with a row for each: the best validation
NLL, the epoch at which it was reached, the number of weights, the seconds of an epoch (their median). Seeds are 0, 1, 2, …: as
the figures of one network differ between seeds, so far may two networks differ by chance.
"""

import csv
import io
from pathlib import Path

import numpy as np

from lab_utils import progress as terminal
from lab_utils.errors import ParameterError
from lab_utils.storage import write_bytes
from lab_utils.training.checkpoint import count_weights
from lab_utils.training.run import Run

COLUMNS = ("variant", "seed", "nll", "epoch", "weights", "seconds_an_epoch")


def compare(train, resume, recipe, out, *, variants, seeds, progress=True, **options):
    """Train what is not trained yet and return the folder; parameters as those of the recipe's ``compare``."""
    variants = variants.split(",") if isinstance(variants, str) else list(variants)
    if seeds < 1 or not variants:
        raise ParameterError(f"variants, seeds: expected at least one of each, received {variants}, {seeds}.")
    rows = []
    for seed in range(seeds):
        for variant in variants:
            folder = Path(out, f"{variant}_{seed}")
            terminal.tell(f"{variant}, seed {seed}", show=progress)
            if (folder / "config.json").exists():
                resume(folder, progress=progress)
            else:
                train(variant=variant, seed=seed, out=folder, progress=progress, **options)
            rows.append({"variant": variant, "seed": seed, **row_of(folder)})
            text = io.StringIO()
            writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            write_bytes(text.getvalue().encode(), Path(out, "table.csv"))  # after each: a comparison takes hours
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
