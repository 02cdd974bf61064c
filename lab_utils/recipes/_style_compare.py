"""The rotation of the style recipe: for each kind of picture five networks, each with another piece of each style held out."""

from pathlib import Path

from lab_utils import progress as terminal
from lab_utils.recipes import _comparison as comparison
from lab_utils.recipes._style_data import HOLDOUTS, check_variant, prepare
from lab_utils.recipes._style_figures import TABLE, rows_of
from lab_utils.recipes._style_network import load


def compare(train, resume, out, *, variants, seeds, progress=True, **options):
    """Train what is not trained yet and return the folder; parameters as those of the recipe's ``compare``."""
    variants = comparison.wanted(variants, seeds)
    for variant in variants:
        check_variant(variant)
    rows = []
    for seed in range(seeds):
        for variant in variants:
            for holdout in range(HOLDOUTS):
                terminal.tell(f"{variant}, seed {seed}, holdout {holdout} of {HOLDOUTS}", show=progress)
                rows += _rows(train, resume, Path(out, f"{variant}_{holdout}_{seed}"), variant, holdout, seed, progress, options)
                comparison.write_table(rows, rows[0], Path(out, TABLE))
    return Path(out)


def _rows(train, resume, folder, variant, holdout, seed, progress, options):
    comparison.trained(train, resume, folder, progress=progress, variant=variant, holdout=holdout, seed=seed, **options)
    model, config = load(folder)
    return rows_of(model, config, seed, prepare(variant, bars=config.bars, progress=False))
