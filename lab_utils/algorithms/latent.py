"""Walks through the latent space of the trained note VAEs: draws, reconstructions, morphs between tunes, attributes moved.

The ways stand in :mod:`lab_utils.generation.latent` and :mod:`lab_utils.generation.attributes`; here they meet the shipped
networks ``vae_tunes`` (folk tunes) and ``vae`` (voices of chorales). :func:`open_space` gives a :class:`Space`, whose methods
encode, decode, sample, morph and change; see :mod:`lab_utils.algorithms._latent_space`.

* **A morph** goes on the arc between the codes of two phrases, decoded from their means, and stops nine times, where of 65 points
  the phrase changes evenly and does not turn back (:func:`lab_utils.generation.latent.even_stops`).
* **An attribute** (density, range, mode) is moved by local vectors, asked for at every place: a neighbourhood is decoded and
  measured. One direction for the whole space exists for density alone; :func:`evaluate` shows it.

To reach, on held-out phrases: of 20 pairs 90 % monotone (edit distance to the first end never falling, to the last never rising,
from each of the nine stops to the next, no tolerance), and 85 % of all attributes moved as asked.
The notebook ``14_sampling_a_vae`` and the widget :func:`lab_utils.widgets.latent_pad` use it.
"""

import numpy as np

from lab_utils.algorithms import _latent_figures as figures
from lab_utils.algorithms._latent_space import (
    BY,
    MEASURES,
    STOPS,
    Space,
    crossfade,
    density,
    mode,
    open_space,
    pairs,
    span,
)
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation.latent import prior
from lab_utils.recipes._output import write_piece
from lab_utils.recipes.vae import score_from_phrases

__all__ = [
    "BY", "MEASURES", "STOPS", "Space", "crossfade", "density", "evaluate", "generate", "mode", "open_space", "pairs",
    "score_from_phrases", "span",
]  # fmt: skip

SHORTEST, LONGEST = 4, 64  # bars that `generate` writes
TEMPO = 100.0  # quarters a minute


def evaluate(*, run="vae_tunes", fold="valid", samples=20, seed=0):
    """Return how smoothly the space's morphs go and how surely attributes move in it, on held-out phrases.

    Parameters
    ----------
    run : str or Path
        A run of the recipe ``vae``: a folder, or "vae_tunes" or "vae", which ship.
    fold : str
        "valid", on which the settings were chosen, or "test".
    samples : int
        How many pairs of phrases, of different pieces; their ends are those whose attributes are moved.
    seed : int
        Of the pairs, the control's directions and the prior's draws.

    Returns
    -------
    dict
        ``monotone``: the share of the pairs whose morph never turns back; ``attribute_moves``: the share of the cases (each end,
        attribute, up and down) that move strictly as asked; ``morph``: the figures of :mod:`lab_utils.evaluation.morph`, by way;
        ``middle``: what phrases half-way are like, by way; ``attributes``: the shares by attribute and kind of vector, with the
        ``control``; ``reconstruction``; ``prior``, by temperature. See :mod:`lab_utils.algorithms._latent_figures`.
    """
    check_whole("samples", samples, 1, 1000)
    check_whole("seed", seed, 0)
    return figures.of_space(open_space(run), fold=fold, samples=samples, seed=seed)


def generate(*, run="vae_tunes", seed=0, bars=18, temperature=1.0, out="out"):
    """Write a morph of two held-out phrases, and a phrase of the prior with its attributes moved; return where they are.

    Parameters
    ----------
    run : str or Path
        As in :func:`evaluate`.
    seed : int
        Which two phrases, and which draw.
    bars : int
        Of the morph: an even number from 4 to 64, two bars a stop, the ends among them.
    temperature : float
        Of the draw.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg`` and ``roll`` of the morph; ``attributes``, a dict
        of the same paths: the phrase as drawn, then with each attribute raised and lowered; ``measured``, what each of them has;
        ``stops``, how far along the arc the morph stops; ``seconds``; ``seed``.
    """
    check_whole("seed", seed, 0)
    if check_whole("bars", bars, SHORTEST, LONGEST) % 2:
        raise ParameterError(f"bars: expected an even number from {SHORTEST} to {LONGEST}, received {bars!r}.")
    space = open_space(run)
    held = space.fold("valid")
    way = space.morph(*held.tokens[pairs(held, 1, seed=seed)[0]], count=bars // 2)
    codes = prior(1, space.size, seed=seed, temperature=temperature)
    around, rows = space.vectors(codes), {"drawn": codes}
    for name in MEASURES:
        for word, sign in (("up", 1), ("down", -1)):
            rows[f"{name}_{word}"] = space.change(codes, name, sign * BY, first=around)
    changed = space.decode(np.concatenate(list(rows.values())))
    score = score_from_phrases(way.decoded, title=f"A morph, no. {seed}", tempo=TEMPO)
    made = write_piece(score, out, "morph")
    made["attributes"] = write_piece(score_from_phrases(changed, title="One phrase, moved", tempo=TEMPO), out, "attributes")
    return {
        **made,
        "measured": {name: _told(row) for name, row in zip(rows, changed, strict=True)},
        "stops": [float(share) for share in way.shares], "seconds": score.duration_seconds, "seed": seed,
    }  # fmt: skip


def _told(row):
    return {name: float(measure(row[None])[0]) for name, measure in MEASURES.items()}
