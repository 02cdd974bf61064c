"""The GAN recipe: two networks that learn to write four-voice phrases against each other, from the data to the score.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`.

Data: ``chorales`` or ``jsb16``, as phrases of whole bars; each is moved to a random key each time it is shown, as far as every
voice stays within its range in the training fold. What a network reads and writes: :mod:`lab_utils.models.roll_gan`.

The loss tells little about the samples, so the best weights are those whose samples have the largest mean overlapped area with
the validation fold; averaged weights are better than those of any step (Yazıcı et al., 2019). Every validation counts the
distinct phrases among 64 (:data:`ALIKE`), and tells a collapse in words.

Shipped: ``gan``, under ``datasets/checkpoints``. The notebook ``09_gan`` uses the recipe.
"""

from functools import partial

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.errors import ParameterError, check_whole
from lab_utils.recipes import _gan_figures as figures
from lab_utils.recipes._gan_network import RECIPE, SHIPPED, SIZES, Config, build, decode, load, noise, sample, score_samples
from lab_utils.recipes._gan_rolls import Form, prepare, shifts, transposed
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._run import learn
from lab_utils.recipes._verbs import training_verbs
from lab_utils.storage import write_json

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "Config", "Form", "build", "decode", "evaluate", "generate", "load", "noise", "prepare",
    "resume", "sample", "score_from_phrases", "score_samples", "train",
]  # fmt: skip

WATCHED = 64  # phrases
COLLAPSED = 0.5  # the share of distinct ones under which it is told
ALIKE = 0.25  # the share of places in which phrases differ that are not told apart; of real ones hardly any two are so near
VALIDATED = 400  # phrases
TEMPO = 76.0  # quarters a minute
CHOIR = 52  # General MIDI's choir


def _material(config, *, data, seed, progress):
    return config, prepare(data, bars=config.bars)


def _fit(run, config, material, **options):
    from lab_utils.training.collapse import CollapseWatch
    from lab_utils.training.examples import Examples

    form, seed = material["form"], run.config["seed"]
    if not (run.folder / "form.json").exists():  # or else the run was stopped before it was written
        run.write(write_json, form.to_dict(), "form.json")
    grids, onsets = material["train"]
    arrays = {"numbers": form.numbers(grids, onsets), "shifts": shifts(grids, form)}
    batches = Examples(arrays, batch=config.batch, seed=seed, change=transposed(form))
    features = figures.reference(*material["valid"])
    watch = CollapseWatch(
        lambda model: sample(model, form, WATCHED)[0], every=config.every, least=config.collapse or COLLAPSED,
        within=ALIKE, stop=config.collapse > 0, what="phrases",
    )  # fmt: skip
    return learn(
        run, config, build=partial(_built, form=form, numbers=arrays["numbers"]), batches=batches, seed=seed,
        validate=lambda model: 1 - figures.area(*sample(model, form, VALIDATED), features),
        compose=lambda model: score_from_phrases(*sample(model, form, 2, seed=seed)),
        callbacks=[watch], **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data="chorales", material=_material, fit=_fit)


def _built(config, *, form, numbers, seed):
    model = build(config, form, seed=seed)
    model.generator.begin(numbers)
    return model


def evaluate(*, run="gan", samples=1000):
    """Return how alike the phrases of a trained generator and real ones are.

    Parameters
    ----------
    run : str or Path
        A run's folder, or "gan".
    samples : int
        How many phrases are made, 2 or more.

    Returns
    -------
    dict
        ``mean_overlapped_area`` with ``floor`` and ``ceiling``, ``distinct`` (share), ``near_duplicates``, ``nearest``,
        ``short_notes``, as :mod:`lab_utils.recipes._gan_figures` tells; then the area of each feature, and under ``generated``
        and ``reference`` all that :func:`lab_utils.evaluation.style.evaluate` measures.
    """
    check_whole("samples", samples, 2)
    return figures.evaluate(run, samples=samples)


def generate(*, run="gan", seed=0, bars=16, temperature=1.0, out="out"):
    """Make phrases and write them in a row, as score, sound and pictures; return where they are.

    Parameters
    ----------
    run : str or Path
        As in :func:`evaluate`.
    seed : int
        The same seed gives the same phrases.
    bars : int
        Of all phrases together, a multiple of a phrase's, 64 at most.
    temperature : float
        From 0.05 to 1: under 1 the phrases are variations of one.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg`` and ``roll``; ``phrases``, ``scores`` (what the
        critic thinks of each), ``bars``, ``seconds``, ``seed``.
    """
    model, form, _ = load(run)
    if not (isinstance(bars, int) and form.bars <= bars <= 64) or bars % form.bars:
        raise ParameterError(f"bars: expected a multiple of {form.bars}, a phrase's bars, up to 64; received {bars!r}.")
    grids, onsets = sample(model, form, bars // form.bars, seed=seed, temperature=temperature)
    score = score_from_phrases(grids, onsets, title=f"Phrases no. {seed}")
    told = {"phrases": len(grids), "scores": [float(s) for s in score_samples(model, form, grids, onsets)]}
    return {**write_piece(score, out, "gan"), **told, "bars": bars, "seconds": score.duration_seconds, "seed": seed}


def score_from_phrases(grids, onsets, *, title=""):
    """Return the Score of phrases in a row, each with the key that it seems to be in.

    Parameters
    ----------
    grids : np.ndarray of int16, shape (N, T, 4)
    onsets : np.ndarray of bool, shape (N, T, 4)
    title : str
    """
    from lab_utils.files.key import find_key

    starts = np.array(onsets)
    starts[:, 0] = np.asarray(grids)[:, 0] != encoding.SILENT
    keys = []
    for number, (grid, start) in enumerate(zip(grids, starts, strict=True)):
        if start.any():
            key = find_key(encoding.score_from_chorale(grid, start))
            keys.append((number * len(grid) / encoding.STEPS_PER_QUARTER, *key))
    joined = np.concatenate(grids), np.concatenate(starts)
    return encoding.score_from_chorale(*joined, tempo=TEMPO, title=title, program=CHOIR).with_(keys=tuple(keys))
