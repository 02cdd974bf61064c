"""The style recipe: which of five styles a bar is of, told from its notes or from its sound; and that knowledge put to use.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; besides,
:func:`compare`, the rotation over the pieces; :func:`look`, what the network looks at; :func:`steer`, bars of a wanted style.

**A discriminative model.** The network learns p(y | x), the style given the bar, and nothing of how likely a bar is: it cannot
write one. To write, it needs a model that can; here an n-gram of bars, which knows of no style. The classifier weighs what the
n-gram writes, p(x | y) ∝ p(x) p(y | x), and so steers it. What :func:`generate` writes is that: bars of an n-gram, chosen by
the classifier.

Data: stave275, 275 bars, five styles of five pieces of eleven bars; 220 train and 55 validate, by piece. What the pictures are
and which pieces are left out: :mod:`lab_utils.recipes._style_data`. In training each bar is moved by up to six semitones, each
time anew.

Shipped, under ``datasets/checkpoints``: ``style_notes`` and ``style_spectrogram``. The notebook ``02_generative_models`` uses
the recipe.
"""

from pathlib import Path

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.recipes import _style_compare, _style_steering
from lab_utils.recipes import _style_figures as figures
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._run import learn
from lab_utils.recipes._style_data import SILENCE, VARIANTS, Material, check_variant, heard, prepare, score_of, transposing
from lab_utils.recipes._style_network import OF_VARIANT, RECIPE, SHIPPED, SIZES, Config, build, load, nll
from lab_utils.recipes._verbs import training_verbs

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "VARIANTS", "Config", "Material", "build", "compare", "evaluate", "generate", "load", "look",
    "prepare", "resume", "score_of", "steer", "train",
]  # fmt: skip

DATA = "stave275"
METERS = {"salon": (3, 4)}  # a bar of the pictures has no meter any more; it is written in one that is common in its style


def _settle(size, *, data, epochs, settings):
    if data != DATA:
        raise ParameterError(f"data: expected {DATA}, received {data!r}; no other set of the course has styles.")
    variant = settings.pop("variant", "notes")
    check_variant(variant)
    chosen = {**OF_VARIANT.get(variant, {}).get(size, {}), **settings}
    return RECIPE.settle(size, epochs=epochs, settings=chosen, variant=variant)


def _material(config, *, data, seed, progress):
    material = prepare(config.variant, bars=config.bars, progress=progress)
    material.valid(config.holdout)  # refuses a holdout that is none before a folder is made
    return config, material


def _fit(run, config, material, **options):
    from lab_utils.training.examples import Examples

    train, valid, seed = material.train(config.holdout), material.valid(config.holdout), run.config["seed"]
    arrays = {"pictures": material.pictures[train], "styles": material.styles[train]}
    change = transposing(config.shift) if config.shift else None
    batches = Examples(arrays, target="styles", batch=config.batch, seed=seed, change=change)
    styles = material.styles[valid]
    return learn(
        run, config, build=build, batches=batches, seed=seed,
        validate=lambda model: nll(model.probability(material.pictures[valid]), styles).mean(), **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data=DATA, settle=_settle, material=_material, fit=_fit, composes=False)


def evaluate(*, run=None, samples=600):
    """Return how well styles are told apart, beside rivals, and what steering by the classifier does.

    Only five pieces are held out, one of each style: ``interval`` says how little a single split tells. ``rotation`` has the
    figures of five networks that hold out every piece once.

    Parameters
    ----------
    run : str or Path, optional
        As in :func:`load`: the figures of that run alone, on the bars that it was not trained on. Left out, those of both shipped
        checkpoints: of the notes at the top, of the sound under ``spectrogram``.
    samples : int
        Without `run`: how many bars the n-gram writes for the figures under ``steering``; 0 leaves these out.

    Returns
    -------
    dict
        ``accuracy``, ``interval``, ``majority``, ``nearest_neighbour``, ``counts``, ``nll``, ``piece_accuracy`` (a vote of a
        piece's bars), ``per_style``, ``per_piece``, ``confusion`` (rows what it is), ``styles``, ``rotation``, ``steering``,
        and more; see :mod:`lab_utils.recipes._style_figures` and :mod:`lab_utils.recipes._style_steering`.
    """
    if run is not None:
        return figures.of_run(run)
    found = figures.report()
    if not samples:
        return found
    (model, config), (listener, _) = load("style_notes"), load("style_spectrogram")
    material, sound = prepare("notes", progress=False), prepare("spectrogram", progress=False)

    def listen(rolls):
        return listener.probability(heard([score_of(roll[None]) for roll in rolls], sound.told)).argmax(axis=1)

    train = material.train(config.holdout)
    return {**found, "steering": _style_steering.figures(model, material, train, pool=samples, listener=listen)}


def compare(*, out="runs/style", data=DATA, size="full", variants=VARIANTS, seeds=1, **options):
    """Train the rotation, five networks of each variant with other pieces held out, and return its folder with ``rotation.csv``.

    What has been trained already is left alone, so that a comparison that was stopped goes on.

    Parameters
    ----------
    out : str or Path
        One folder a network, ``<variant>_<holdout>_<seed>``.
    data, size
        As in :func:`train`.
    variants : sequence of str
    seeds : int
        Networks of each kind and holdout.
    options
        Of :func:`train`.
    """
    return _style_compare.compare(train, resume, out, data=data, size=size, variants=variants, seeds=seeds, **options)


def look(bar, *, run="style_notes", style=None, patch=(6, 12), step=None):
    """Return what led a network to its judgement of one bar: an occlusion map.

    Parameters
    ----------
    bar : str
        The bar's name, "drowsy_maggie-07".
    run : str or Path
        As in :func:`load`.
    style : str, optional
        The style that is asked about; the one that the network calls the bar if left out.
    patch, step : (int, int)
        As in :func:`lab_utils.evaluation.occlusion.evaluate`, in steps and semitones.

    Returns
    -------
    dict
        As there, and ``picture``, ``lowest``, ``style`` (the one asked about) and ``is`` (the right one), for
        :func:`lab_utils.plots.plot_evidence`.
    """
    from lab_utils.evaluation import occlusion

    model, config = load(run)
    material = prepare(config.variant, bars=config.bars, progress=False)
    if bar not in material.ids:
        raise ParameterError(f"bar: expected a bar's name such as {material.ids[0]!r}, received {bar!r}.")
    number = int(np.flatnonzero(material.ids == bar)[0])
    label = None if style is None else _number(style, material)
    picture = material.pictures[number]
    found = occlusion.evaluate(model.probability, picture, label=label, patch=patch, step=step, fill=SILENCE)
    named = {"style": material.names[found["label"]], "is": material.names[material.styles[number]]}
    return {**found, **named, "picture": picture, "lowest": material.lowest}


def _number(style, material):
    if style not in material.names:
        raise ParameterError(f"style: expected one of {', '.join(material.names)}; received {style!r}.")
    return material.names.index(style)


def steer(style, *, count=8, pool=600, seed=0, run="style_notes", strength=1.0):
    """Return bars of an n-gram that a classifier of notes takes for `style`.

    Parameters
    ----------
    style : str
        One of the five.
    count : int
        How many bars to draw.
    pool : int
        How many the n-gram writes to draw from.
    seed : int
    run : str or Path
        The classifier, as in :func:`load`; the n-gram is fitted on the bars that it was trained on.
    strength : float
        As in :func:`lab_utils.generation.steering.steer`; 0 does not steer.

    Returns
    -------
    lab_utils.generation.steering.Steered
        Its samples are rolls, float32 (count, 48, 88); :func:`score_of` makes a Score of them.
    """
    model, config = load(run)
    if config.variant != "notes":
        raise ParameterError(f"run: expected a classifier of notes, received one of {config.variant!r}; take style_notes.")
    material = prepare("notes", bars=config.bars, progress=False)
    number = _number(style, material)
    written = _style_steering.write(_style_steering.fitted(material, material.train(config.holdout)), pool, seed=seed)
    return _style_steering.steered(model, written, number, count=count, seed=seed, strength=strength)


def generate(*, run="style_notes", style="quartet", seed=0, bars=8, out="out"):
    """Write bars of an n-gram, chosen by the classifier towards a style: score, sound and pictures; return where they are.

    The bars are drawn one by one: nothing joins one to the next.

    Parameters
    ----------
    run, style, seed
        As in :func:`steer`.
    bars : int
        How many, 1 to 64.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        ``what`` it is, in words; the paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll``;
        ``probability``, the mean p(style | bar) of the bars; ``unsteered``, that of the n-gram's bars as they come;
        ``distinct``, how many of the bars differ.
    """
    check_whole("bars", bars, 1, 64)
    drawn = steer(style, count=bars, seed=seed, run=run)
    title = f"{style.capitalize()} by selection, no. {seed}"
    score = score_of(drawn.samples, meter=METERS.get(style, (4, 4)), title=title)
    made = write_piece(score, Path(out), "style")
    model, _ = load(run)
    number = prepare("notes", bars=1, progress=False).names.index(style)
    return {
        "what": f"{bars} bars of an n-gram of all styles, chosen by a classifier that takes them for {style}; each stands alone",
        **made, "probability": float(model.probability(drawn.samples)[:, number].mean()),
        "unsteered": float(np.exp(drawn.evidence)), "distinct": len(set(drawn.chosen.tolist())), "seed": seed,
    }  # fmt: skip
