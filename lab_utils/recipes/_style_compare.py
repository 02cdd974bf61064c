"""The rotation of the style recipe: for each kind of picture five networks, each with another piece of each style held out."""

import csv
import io
from pathlib import Path

from lab_utils import progress as terminal
from lab_utils.errors import ParameterError
from lab_utils.recipes._style_data import HOLDOUTS, check_variant, prepare
from lab_utils.recipes._style_figures import TABLE, rows_of
from lab_utils.recipes._style_network import load
from lab_utils.storage import write_bytes


def compare(train, resume, out, *, variants, seeds, progress=True, **options):
    """Train what is not trained yet and return the folder; parameters as those of the recipe's ``compare``."""
    variants = variants.split(",") if isinstance(variants, str) else list(variants)
    if seeds < 1 or not variants:
        raise ParameterError(f"variants, seeds: expected at least one of each, received {variants}, {seeds}.")
    for variant in variants:
        check_variant(variant)
    rows = []
    for seed in range(seeds):
        for variant in variants:
            for holdout in range(HOLDOUTS):
                terminal.tell(f"{variant}, seed {seed}, holdout {holdout} of {HOLDOUTS}", show=progress)
                rows += _rows(train, resume, Path(out, f"{variant}_{holdout}_{seed}"), variant, holdout, seed, progress, options)
                text = io.StringIO()
                writer = csv.DictWriter(text, rows[0], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
                write_bytes(text.getvalue().encode(), Path(out, TABLE))  # after each: it takes minutes
    return Path(out)


def _rows(train, resume, folder, variant, holdout, seed, progress, options):
    if (folder / "config.json").exists():
        resume(folder, progress=progress)
    else:
        train(variant=variant, holdout=holdout, seed=seed, out=folder, progress=progress, **options)
    model, config = load(folder)
    return rows_of(model, config, seed, prepare(variant, bars=config.bars, progress=False))
