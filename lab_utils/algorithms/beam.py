"""Restricted beam search at work: harmonise a soprano, fill a melody round pinned notes, and what both are worth.

* :func:`harmonise`: any soprano, and the chorale network writes alto, tenor and bass under it.
* :func:`fill`: pin notes at steps, and the soprano network writes the rest, within key, range, grid, leaps, motif and cadence.
* :func:`generate` harmonises the line on top of a file, or a soprano of the test fold; :func:`evaluate` measures.

The search is :mod:`lab_utils.generation.beam`, what it keeps to are :mod:`lab_utils.generation.constraints` and
:mod:`lab_utils.generation.voices`. The name: *restricted beam search* is no fixed term; here it is a beam search (Lowerre, 1976)
under hard constraints that are looked ahead for, as in constrained Markov processes (Pachet, Roy & Barbieri, 2011).

Used by the widget :func:`lab_utils.widgets.pin_roll` and the notebook ``13_restricted_beam_search``.
"""

from pathlib import Path

from lab_utils.algorithms import _beam_figures as figures
from lab_utils.algorithms._beam_fill import Filled, fill
from lab_utils.algorithms._beam_harmony import BEAMS, Harmony, Melody, harmonise, read_soprano
from lab_utils.errors import DataError, ParameterError, check_whole

__all__ = ["Filled", "Harmony", "Melody", "evaluate", "fill", "generate", "harmonise", "read_soprano"]

TASKS = 200
FOLDS = ("valid", "test")


def generate(*, midi=None, run="chorale", seed=0, temperature=0.0, out="out"):
    """Harmonise a soprano, write score, sound and pictures, and return where they are.

    Parameters
    ----------
    midi : str or Path, optional
        MIDI, MusicXML or ABC, of which the line on top is harmonised; left out, a soprano of the test fold.
    run : str or Path
        A run of the chorale recipe.
    seed : int
        Which soprano of the test fold, counted round; and the chance of a temperature over 0.
    temperature : float
        0 finds the likeliest harmony; over 0 one is drawn (stochastic beam search), the hotter the more daring.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll``; ``soprano``, its title; ``moved``,
        the semitones by which it was; ``nll``, nats a voice and 16th of the harmony, and of a chorale ``nll_of_bach``;
        ``seconds``, ``seed``.

    Raises
    ------
    DataError
        If the file cannot be read, or holds no line that a choir can sing.
    """
    from lab_utils.recipes._output import write_piece

    seed = check_whole("seed", seed, 0)
    if not 0 <= temperature <= 5:
        raise ParameterError(f"temperature: expected a number from 0 to 5, received {temperature}; 0 finds the likeliest.")
    given, extra = _held_out(run, seed) if midi is None else (_of_file(midi), {})
    drawn = {"sampled": True, "temperature": temperature, "seed": seed} if temperature else {}
    harmony = harmonise(given, run=run, **drawn)
    score = harmony.score
    made = write_piece(score, out, "harmony")
    return {
        **made, "soprano": harmony.melody.title or "without a title", "moved": harmony.melody.moved, "nll": harmony.nats, **extra,
        "seconds": score.duration_seconds, "seed": seed,
    }  # fmt: skip


def _held_out(run, seed):
    from lab_utils import datasets
    from lab_utils.algorithms._beam_models import chorale_model
    from lab_utils.encoding import chorale as encoding
    from lab_utils.recipes import chorale
    from lab_utils.recipes._chorale_pieces import Piece

    pieces = datasets.load_chorales().fold("test")
    piece = pieces[seed % len(pieces)]
    model, melody = chorale_model(run)[0], read_soprano(piece)
    tokens = encoding.tokens_from_grid(piece.grid, piece.onsets if model.onsets else None)
    nll, _ = chorale.score_pieces(model, [Piece(tokens, melody.position, melody.phrase)], batch=1)[0]
    return piece, {"nll_of_bach": float(nll.mean())}


def _of_file(path):
    from lab_utils import files

    score = files.read(path)
    try:
        return read_soprano(score, name=Path(path).name)
    except ParameterError as error:  # what is wrong with the line is wrong with the file
        raise DataError(str(error)) from error


def evaluate(*, run="chorale", fold="valid", samples=TASKS, toys=1000, beams=BEAMS, pieces=None, seed=0):
    """Return the figures of the restricted beam search.

    Parameters
    ----------
    run : str or Path
        The chorale network.
    fold : {"valid", "test"}
        Of the chorales: whose sopranos are harmonised, and give the pinned notes.
    samples : int
        How many melodies are filled.
    toys : int
        How many first-order chains are held against Viterbi.
    beams : int
    pieces : int, optional
        Harmonise so many of the fold only.
    seed : int

    Returns
    -------
    dict
        ``viterbi_agreement``; ``constraints_met``, the share of all results, of both tasks, in which every hard constraint holds;
        ``beats_greedy``, the share of melodies that are as likely as the greedy one or likelier; ``harmonise_seconds``, a piece,
        after a warm-up, with ``mean`` and ``max`` on the clock and of all processors; ``fill`` and ``harmonise``, all figures.
    """
    from lab_utils import datasets

    if fold not in FOLDS:
        raise ParameterError(f"fold: expected one of {', '.join(FOLDS)}, received {fold!r}.")
    samples, toys = check_whole("samples", samples, 1), check_whole("toys", toys, 1)
    sung = datasets.load_chorales().fold(fold)
    filled = figures.fill_figures(figures.draw_tasks(sung, samples, seed=seed), beams=beams, seed=seed)
    harmonised = figures.harmony_figures(sung[: pieces or len(sung)], run=run, beams=beams)
    results = {"fill": 2 * filled["tasks"], "harmonise": harmonised["pieces"]}
    met = filled["met"] * results["fill"] + harmonised["met"] * results["harmonise"]
    return {
        "viterbi_agreement": figures.viterbi_agreement(toys, seed=seed),
        "constraints_met": met / sum(results.values()),
        "beats_greedy": filled["beats_greedy"],
        "harmonise_seconds": {name: harmonised[name] for name in ("mean", "max", "cpu_mean", "cpu_max")},
        "fold": fold, "beams": beams, "fill": filled, "harmonise": harmonised,
    }  # fmt: skip
