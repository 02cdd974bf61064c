"""The CycleGAN recipe: hymns become dances and dances hymns, learnt from phrases of both that have no pairs.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; and
:func:`compare`, the table over λ.

Data: :mod:`lab_utils.recipes._cyclegan_phrases`; each phrase is moved to a random key each time it is shown. Networks and losses:
:mod:`lab_utils.models.cyclegan`. Judges and figures: :mod:`lab_utils.recipes._cyclegan_figures`.

None of the losses tells when to stop, so the best weights are those whose transfers of the validation fold have the largest
product of three figures: strength under the first judge, content (chroma F1), and the overlapped area of their features with
those of real phrases of the style they are to be in. The second judge has no part in this.

Shipped: ``cyclegan``, under ``datasets/checkpoints``. The notebook ``10_cyclegan`` uses the recipe.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation import style
from lab_utils.evaluation import transfer as transfers
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_network import LETTERS, RECIPE, SHIPPED, SIZES, Config, build, load, transfer
from lab_utils.recipes._cyclegan_phrases import STYLES, prepare
from lab_utils.recipes._run import learn
from lab_utils.recipes._verbs import training_verbs

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "STYLES", "Config", "build", "load", "prepare", "resume", "train", "transfer",
]  # fmt: skip

DATA = "hymns-dances"
VALIDATED = 200  # phrases of each style
QUARTERS = phrases.STEPS / 4


def _settle(size, *, data, epochs, settings):
    if data != DATA:
        raise ParameterError(f"data: expected {DATA}, received {data!r}; nothing else has these styles.")
    return RECIPE.settle(size, epochs=epochs, settings=settings)


def _material(config, *, data, seed, progress):
    from lab_utils.recipes._cyclegan_judges import NetworkJudge

    return config, {"lines": prepare(), "judge": NetworkJudge()}


def _fit(run, config, material, **options):
    from lab_utils.training.examples import Examples, Unpaired

    seed = run.config["seed"]
    train = {name: _few(material["lines"][name]["train"], config.phrases) for name in STYLES}
    bodies = {
        LETTERS[name]: Examples(
            {"numbers": numbers, "shifts": shifts}, batch=config.batch, seed=seed + number, change=_shown
        )
        for number, (name, (numbers, shifts)) in enumerate(train.items())
    }  # fmt: skip
    held_out = {name: _few(material["lines"][name]["valid"], min(VALIDATED, config.phrases or VALIDATED))[0] for name in STYLES}
    features = {name: _features(numbers) for name, numbers in held_out.items()}

    def built(config, *, seed):
        model = build(config, seed=seed)
        for name, letter in LETTERS.items():
            getattr(model, f"to_{letter}").begin(train[name][0])
        return model

    def compose(model):
        source = held_out[STYLES[0]][seed % len(held_out[STYLES[0]])][None]
        return phrases.score_from_numbers(np.concatenate([source, transfer(model, source, to=STYLES[1])]))

    return learn(
        run, config, build=built, batches=Unpaired(bodies), seed=seed, compose=compose,
        validate=lambda model: 1 - merit(model, held_out, features, material["judge"])["merit"], **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data=DATA, settle=_settle, material=_material, fit=_fit)


def _few(lines, most):
    """Return numbers and shifts of `most` phrases of Lines, from all over it."""
    chosen = np.linspace(0, len(lines) - 1, min(most or len(lines), len(lines))).astype(int)
    return lines.numbers[chosen], lines.shifts[chosen]


def _shown(rows, rng):
    return {"numbers": phrases.in_random_keys(rows["numbers"], rows["shifts"], rng)}


def _features(numbers):
    grid, onsets = phrases.grid_from_numbers(numbers)
    return style.features(style.notes_from_grids(grid[..., None], onsets[..., None]), quarters=QUARTERS)


def merit(model, held_out, features, judge):
    """Return what the choice of the best weights goes by, means over both directions.

    Parameters
    ----------
    model : CycleGAN
    held_out : dict of str to np.ndarray
        Style → numbers.
    features : dict
        Style → the features of real phrases.
    judge : NetworkJudge

    Returns
    -------
    dict
        ``strength``, ``content_f1``, ``overlapped_area``, and ``merit``, the product of the three.
    """
    found = []
    for here, there in (STYLES, STYLES[::-1]):
        made = transfer(model, held_out[here], to=there)
        calls = [
            (judge.probability(numbers) > 0.5) == (here == STYLES[0])
            for numbers in (held_out[here], made, transfer(model, made, to=here))
        ]
        grids = [phrases.grid_from_numbers(numbers) for numbers in (held_out[here], made)]
        notes = style.notes_from_grids(grids[1][0][..., None], grids[1][1][..., None])
        area = style.overlapped_area(notes, features[there], quarters=QUARTERS)["mean_overlapped_area"]
        found.append([transfers.strength(*calls).mean(), transfers.chroma_f1(grids[0][0], grids[1][0]).mean(), area])
    strength, content, area = (float(value) for value in np.mean(found, axis=0))
    return {"strength": strength, "content_f1": content, "overlapped_area": area, "merit": max(strength, 0) * content * area}
