"""The judge recipe: is a line of four bars a hymn or a dance? A classifier that judges transfers and has no part in their making.

Four verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate`. There is no ``generate``: a
classifier writes nothing.

Data: the phrases of the recipe ``cyclegan`` (:mod:`lab_utils.recipes._cyclegan_phrases`), each moved to a random key each time it
is shown; hymns, of which there are fewer, are shown as often as dances. Shipped: ``judge``, under ``datasets/checkpoints``. The
notebook ``10_cyclegan`` uses it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_judges as judges
from lab_utils.recipes import _judge_network as network
from lab_utils.recipes._cyclegan_phrases import STYLES, in_random_keys, prepare
from lab_utils.recipes._judge_network import RECIPE, SHIPPED, SIZES, Config, build, load
from lab_utils.recipes._run import learn
from lab_utils.recipes._verbs import training_verbs

__all__ = ["RECIPE", "SHIPPED", "SIZES", "STYLES", "Config", "build", "evaluate", "load", "prepare", "resume", "train"]

DATA = "hymns-dances"


def _settle(size, *, data, epochs, settings):
    if data != DATA:
        raise ParameterError(f"data: expected {DATA}, received {data!r}; nothing else has these styles.")
    return RECIPE.settle(size, epochs=epochs, settings=settings)


def _material(config, *, data, seed, progress):
    return config, prepare()


def _fit(run, config, material, **options):
    from lab_utils.training.examples import Examples

    arrays = _evened([_few(material[style]["train"], config.phrases) for style in STYLES])
    batches = Examples(arrays, target="styles", batch=config.batch, seed=run.config["seed"], change=_shown)
    held_out = [_few(material[style]["valid"], config.phrases)["numbers"] for style in STYLES]

    def validate(model):
        own = [network.probability(model, numbers)[:, style] for style, numbers in enumerate(held_out)]
        return float(np.mean([-np.log(np.maximum(chance, 1e-12)).mean() for chance in own]))

    return learn(run, config, build=build, batches=batches, validate=validate, seed=run.config["seed"], **options)


train, resume = training_verbs(RECIPE, data=DATA, settle=_settle, material=_material, fit=_fit, composes=False)


def _few(lines, most):
    """Return `most` phrases of Lines, from all over it, as arrays by name."""
    chosen = np.arange(len(lines)) if most is None else np.linspace(0, len(lines) - 1, min(most, len(lines))).astype(int)
    return {"numbers": lines.numbers[chosen], "shifts": lines.shifts[chosen]}


def _evened(styles):
    """Return the arrays of all styles in one, with the numbers of the styles; the phrases of the rarer come again and again."""
    longest = max(len(arrays["numbers"]) for arrays in styles)
    rows = [np.resize(np.arange(len(arrays["numbers"])), longest) for arrays in styles]
    joined = {name: np.concatenate([of[name][at] for of, at in zip(styles, rows, strict=True)]) for name in ("numbers", "shifts")}
    return {**joined, "styles": np.repeat(np.arange(len(styles)), longest).astype(np.int32)}


def _shown(rows, rng):
    """Return a batch as the network sees it: each phrase in a random key, as a picture."""
    moved = in_random_keys(rows["numbers"], rows["shifts"], rng)
    return {"pictures": network.pictures(moved), "styles": rows["styles"]}


def evaluate(*, run="judge", fold="valid"):
    """Return how well the network tells held-out phrases apart, beside judges that hear less.

    Parameters
    ----------
    run : str or Path
        A run's folder, or "judge".
    fold : str
        "valid", by which the weights were chosen, or "test".

    Returns
    -------
    dict
        ``accuracy``, the mean of both styles', ``hymn`` and ``dance``; the same of ``ngram`` (the second judge), ``intervals``,
        ``rhythm`` and ``counts``, see :mod:`lab_utils.recipes._cyclegan_judges`; ``phrases`` and ``pieces``, their numbers.
    """
    material = prepare()
    held_out = judges.of_fold(material, fold)
    found = {
        name: judges.accuracy(judge, held_out)
        for name, judge in judges.judges(judges.of_fold(material, "train"), run=run).items()
    }
    return {
        "run": str(run), "fold": fold, **found.pop("network"), **found,
        "phrases": {style: len(lines) for style, lines in held_out.items()},
        "pieces": {style: len(set(lines.pieces.tolist())) for style, lines in held_out.items()},
    }  # fmt: skip
