"""The VAE recipe: two bars of one voice as a vector of latent numbers, from the data to new phrases.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; and the
ways between phrases and vectors: :func:`encode`, :func:`decode`, :func:`reconstruct`, :func:`sample`, :func:`interpolate`.

Data: ``chorales`` (all four voices), ``tunes`` or a JSON file; see :mod:`lab_utils.recipes._vae_phrases`. The network is
:class:`~lab_utils.models.vae.NoteVAE`. Its aims, on pieces it has not seen: step accuracy 0.90 and onset F1 0.75 from the mean of
q(z | x), the decoder running free, and phrases of the prior whose mean overlapped area with the training fold is 0.70.
Its training is a bargain between the two: a small β rebuilds more and leaves the prior with vectors that no phrase has.

Shipped, under ``datasets/checkpoints``: ``vae`` (chorales) and ``vae_tunes``. The notebook ``08_vae`` uses the recipe.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.recipes import _vae_figures as figures
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._phrases import Phrases
from lab_utils.recipes._run import learn
from lab_utils.recipes._vae_network import (
    RECIPE,
    SHIPPED,
    SIZES,
    Config,
    bound,
    build,
    decode,
    draw,
    encode,
    interpolate,
    kl_of_numbers,
    load,
    logits,
    reconstruct,
    sample,
    score_from_phrases,
    tokens_from_logits,
    validation_loss,
)
from lab_utils.recipes._vae_phrases import from_score, grids, moved, prepare
from lab_utils.recipes._verbs import training_verbs

__all__ = [
    "RECIPE", "SHIPPED", "SIZES", "Config", "Phrases", "bound", "build", "decode", "draw", "encode", "evaluate", "from_score",
    "generate", "grids", "interpolate", "kl_of_numbers", "load", "logits", "measure", "prepare", "reconstruct", "resume",
    "sample", "score_from_phrases", "tokens_from_logits", "train", "validation_loss",
]  # fmt: skip

measure = figures.measure
SHORTEST, LONGEST = 4, 64  # bars that `generate` writes of either kind


def _material(config, *, data, seed, progress):
    return config, prepare(data)


def _fit(run, config, folds, *, on_epoch=None, **options):
    from lab_utils.training.collapse import posterior_watch
    from lab_utils.training.examples import Examples

    seed, phrases = run.config["seed"], folds["train"]
    batches = Examples(
        {"tokens": phrases.tokens, "ranges": phrases.ranges}, target="target", batch=config.batch, seed=seed, change=moved
    )
    return learn(
        run, config, build=build, batches=batches, seed=seed,
        validate=lambda model: validation_loss(model, folds["valid"].tokens),
        compose=lambda model: score_from_phrases(sample(model, 4, seed=seed)),
        on_epoch=posterior_watch(len(batches), what="phrase", after=on_epoch), **options,
    )  # fmt: skip


train, resume = training_verbs(RECIPE, data="chorales", material=_material, fit=_fit)


def evaluate(*, run="vae", fold="valid", grid=None, samples=1000):
    """Return how well phrases come back from their latent vectors, and what the prior's phrases are like.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    fold : str
        "valid", on which the settings were chosen, or of the data sets "test".
    grid : str or Path, optional
        JSON file: a list of pieces, each a list of [S, A, T, B] frames, −1 for a rest, whose phrases take the place of the fold.
    samples : int
        How many phrases are drawn from the prior.

    Returns
    -------
    dict
        ``step_accuracy`` and ``onset_f1`` (of the right pitch in the right step), each 0–1, from the mean of q(z | x), the
        decoder running free; ``kl``, nats a phrase; ``prior_overlapped_area``; ``onset_precision``, ``onset_recall``;
        ``sounding_accuracy``; ``nll`` of the tokens given one drawn z, nats a phrase; ``bound_per_step``, the bound on −log p(x),
        nats a step; ``latent`` and ``active`` numbers; ``spread``, the mean variance of their means, at most 1; ``by_kind`` of
        token; ``floor``, the same figures of plain rivals; ``prior``: the ceiling (held-out phrases) and the floors of the
        overlapped area, its features, the measures of style beside the held-out phrases', the distance to the training fold.
        See :mod:`lab_utils.recipes._vae_figures`.
    """
    return figures.of_run(run, fold=fold, grid=grid, samples=samples)


def generate(*, run="vae", seed=0, bars=16, temperature=1.0, out="out"):
    """Write phrases of the prior, and the way from one phrase to another, as scores, sounds and pictures; return where they are.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    seed : int
        The same seed gives the same phrases.
    bars : int
        An even number from 4 to 64: phrases of two bars in a row, of each kind.
    temperature : float
        The spread of the latent vectors: under 1 keeps to the middle, over 1 dares more.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg`` and ``roll`` of the phrases of the prior;
        ``interpolation``, a dict of the same paths: from the first of those phrases to the last on a straight way; ``phrases``,
        ``seconds``, ``seed``.
    """
    if not isinstance(bars, int | np.integer) or bars % 2 or not SHORTEST <= bars <= LONGEST:
        raise ParameterError(f"bars: expected an even number from {SHORTEST} to {LONGEST}, received {bars!r}.")
    model, _ = load(run)
    drawn = sample(model, bars // 2, seed=seed, temperature=temperature)
    between = interpolate(model, drawn[0], drawn[-1], count=bars // 2)
    score = score_from_phrases(drawn, title=f"Phrases no. {seed}")
    made = write_piece(score, out, "phrases")
    made["interpolation"] = write_piece(score_from_phrases(between, title="From one phrase to another"), out, "interpolation")
    return {**made, "phrases": len(drawn), "seconds": score.duration_seconds, "seed": seed}
