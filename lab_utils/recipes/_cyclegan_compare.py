"""One CycleGAN for each of several settings, and one table: how strength and content go against each other.

A **variant** is one setting in the place of the size's own, or several, ``cycle=1+content=0``. A folder holds a run for each
variant and seed, ``<variant>_<seed>``, and ``table.csv`` with a row for each, of phrases of the validation fold: see
:data:`COLUMNS`.

``hidden`` is what the way back knows that the transfer does not show (Chu et al., 2017, call it steganography): a dance goes to
its hymn and back; then the plain rule's hymn of the same dance, one note a beat, which can hide nothing, goes back the same way.
It is how many more of the dance's notes off the beat come back in the first case than in the second, as a share of them.
"""

from pathlib import Path

import numpy as np

from lab_utils import progress as terminal
from lab_utils.errors import ParameterError
from lab_utils.recipes import _comparison as comparison
from lab_utils.recipes import _cyclegan_figures as figures
from lab_utils.recipes._cyclegan_network import BEAT, load, transfer
from lab_utils.recipes._cyclegan_rivals import rule
from lab_utils.training.checkpoint import read_about

VARIANTS = (
    "cycle=0+content=0", "cycle=0.2+content=0", "cycle=1+content=0", "cycle=3+content=0", "cycle=0", "cycle=0.2", "cycle=1",
    "identity=0", "chance=0",
)  # fmt: skip
COLUMNS = (
    "variant", "seed", "strength", "second_strength", "content_f1", "content_f1_beat", "nats", "steps_returned", "hidden",
    "epoch",
)  # fmt: skip


def compare(train, resume, out, *, variants, seeds, progress=True, **options):
    """Train what is not trained yet and return the folder; parameters as those of the recipe's ``compare``."""
    variants = comparison.wanted(variants, seeds)
    settings = {variant: settings_of(variant) for variant in variants}
    panel, rows = figures.Panel("valid"), []
    for seed in range(seeds):
        for variant in variants:
            folder = Path(out, f"{variant}_{seed}")
            terminal.tell(f"{variant}, seed {seed}", show=progress)
            comparison.trained(train, resume, folder, progress=progress, seed=seed, **settings[variant], **options)
            rows.append({"variant": variant, "seed": seed, **row_of(folder, panel)})
            comparison.write_table(rows, COLUMNS, Path(out, "table.csv"))
    return Path(out)


def settings_of(variant):
    """Return the settings that a variant names, a dict: "cycle=1+content=0" → {"cycle": 1.0, "content": 0.0}; "" → {}."""
    pairs = [setting.partition("=") for setting in variant.split("+")] if variant else []
    try:
        return {name.strip(): float(value) for name, _, value in pairs}
    except ValueError as error:
        raise ParameterError(f"variants: expected settings such as cycle=0.3, by commas; received {variant!r}.") from error


def row_of(folder, panel):
    """Return the figures of the run in `folder`, strings by column, of the phrases that `panel` holds."""
    model, _ = load(folder)
    change = changing(model)
    found = panel.measure(change, draws=2)
    values = {
        "strength": found["strength"], "second_strength": found["second_classifier"]["strength"],
        **{name: found[name] for name in ("content_f1", "content_f1_beat", "nats", "steps_returned")},
        "hidden": hidden(change, panel.sources["dance"].numbers),
    }  # fmt: skip
    return {name: f"{value:.3f}" for name, value in values.items()} | {"epoch": read_about(Path(folder, "weights.npz"))["epoch"]}


def hidden(change, dances):
    """Return what the way back of dances knows and their hymns do not show, a share of their notes off the beat; see the module.

    Parameters
    ----------
    change : callable
        ``change(numbers, to) -> numbers``.
    dances : np.ndarray of uint8, shape (N, 64, 2)
    """
    return _returned(dances, change(change(dances, "hymn"), "dance")) - _returned(dances, change(rule(dances, "hymn"), "dance"))


def _returned(source, back):
    """The share of a source's notes off the beat that start in the way back too, at the same pitch."""
    off = (source[..., 1] > 0) & (np.arange(source.shape[1]) % BEAT > 0)
    same = (back[..., 1] > 0) & (back[..., 0] == source[..., 0])
    return float((off & same).sum() / max(1, off.sum()))


def changing(model):
    """Return the function ``change(numbers, to) -> numbers`` of a model, with nothing left to chance."""
    return lambda numbers, to: transfer(model, numbers, to=to)
