"""The figures of a trained GAN: its phrases beside real ones, beside a bigram sampler, and beside the training set.

* ``mean_overlapped_area``: of 1,000 samples against the training fold (:mod:`lab_utils.evaluation.overlap`). ``floor`` is that of
  a bigram sampler of each voice, ``ceiling`` those of the held-out folds.
* ``nearest``: distances to the nearest training phrase in any of the twelve keys, of samples and of held-out phrases.
* ``short_notes``: the share of notes of one 16th, of the samples and of the training fold.
"""

from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError
from lab_utils.evaluation import nearest, style
from lab_utils.evaluation.baselines import bigram_grids
from lab_utils.recipes import _gan_rolls as rolls
from lab_utils.recipes._gan_network import load, sample

QUARTERS = rolls.BAR / encoding.STEPS_PER_QUARTER  # of a bar
TRANSPOSITIONS = 6


def phrases(grids, onsets):
    """Return the note arrays of grids, as the measures of style read them."""
    return style.notes_from_grids(grids, onsets)


def reference(grids, onsets):
    """Return the features of real phrases (dict), for :func:`area`, which needs them again and again."""
    return style.features(phrases(grids, onsets), quarters=QUARTERS * grids.shape[1] / rolls.BAR)


def area(grids, onsets, features):
    """Return the mean overlapped area of phrases and what :func:`reference` returned, a float."""
    quarters = QUARTERS * grids.shape[1] / rolls.BAR
    return style.overlapped_area(phrases(grids, onsets), features, quarters=quarters)["mean_overlapped_area"]


def evaluate(run, *, samples=1000, seed=0):
    """Return the figures of a run; see the recipe's ``evaluate``."""
    model, form, config = load(run)
    data = config["data"]
    train, valid = (rolls.windows(rolls.pieces(data, fold), bars=form.bars) for fold in ("train", "valid"))
    test = _test(data, form)
    made = sample(model, form, samples, seed=seed)
    measured = style.evaluate(phrases(*made), phrases(*train), quarters=QUARTERS * form.bars)
    features = reference(*train)
    counted = [grid for grid, _, _ in rolls.pieces(data, "train")]
    bigram = bigram_grids(counted, count=samples, steps=form.shape[0], seed=seed)
    held_out = {"valid": valid, **({"test": test} if test else {})}
    near = {fold: nearest.evaluate(made[0], real[0], train[0], transpositions=TRANSPOSITIONS) for fold, real in held_out.items()}
    last = near[list(near)[-1]]
    generated, real = measured["generated"], measured["reference"]
    return {
        "run": str(run),
        "data": f"{data} train",
        "samples": samples,
        "mean_overlapped_area": measured["mean_overlapped_area"],
        "floor": area(bigram, None, features),
        "ceiling": {fold: area(*real, features) for fold, real in held_out.items()},
        "distinct": last["generated"]["distinct"],
        "near_duplicates": last["generated"]["near_duplicates"],
        "nearest": {
            "generated": last["generated"]["mean"], "copies": last["generated"]["copies"],
            **{fold: found["held_out"]["mean"] for fold, found in near.items()},
            **{f"{fold}_copies": found["held_out"]["copies"] for fold, found in near.items()},
            **{f"closer_than_{fold}": found["closer"] for fold, found in near.items()},
        },
        "short_notes": {"generated": generated["short_notes"], "data": real["short_notes"]},
        "overlapped_area": measured["overlapped_area"],
        "yang_lerch": measured["yang_lerch"],
        "generated": generated,
        "reference": real,
    }  # fmt: skip


def _test(data, form):
    """Return the windows of the test fold, or None where the data at hand have none."""
    try:
        return rolls.windows(rolls.pieces(data, "test"), bars=form.bars)
    except DataError:
        return None
