"""One voice on a grid of 16ths as tokens (start a note, hold, rest) and as the inputs of the melody RNN.

Conventions
-----------
* A **line** is int16, shape (T,): the MIDI pitch in each 16th, −1 for a rest.
* **tokens** are int32, shape (T,), with the numbers of :mod:`lab_utils.encoding.chorale`: 0 hold, 1 rest, then one for each
  pitch that may start; the chorale's soprano is one column of its grid.
* The inputs of a step say what stood *before* it: ``sounding`` (what the voice was doing), ``held`` (for how many 16ths, at most
  31), ``position`` (the place of the step itself in the bar).
* Left out: notes shorter than a 16th, and more than one note at a time: of a Score with several voices the first is taken.

The notebooks ``06_training`` and ``07_testing`` use it. Tokens like these are those of Magenta's melody RNN (Waite, 2016),
whose "note off" is our rest; the counter of what is held is TonicNet's (Peracha, 2019).
"""

import numpy as np

from lab_utils.encoding import chorale
from lab_utils.encoding.chorale import FIRST_PITCH, SILENT, STEPS_PER_QUARTER, VOCABULARY
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

FEATURES = {"sounding": VOCABULARY, "held": chorale.LONGEST_HOLD + 1, "position": chorale.POSITIONS}
KINDS = ("hold", "rest", "onset")


def tokens_from_line(line, onsets=None, *, name="line"):
    """Return the tokens of a line.

    Parameters
    ----------
    line : array_like of int, shape (T,)
        MIDI pitch or −1 for a rest.
    onsets : np.ndarray of bool, shape (T,), optional
        Where a note starts; left out, wherever the pitch changes.
    name : str
        What to call the line in an error.

    Returns
    -------
    np.ndarray of int32, shape (T,)
    """
    line = np.asarray(line)
    if line.ndim != 1 or not len(line):
        raise ParameterError(f"{name}: expected one row of MIDI pitches, shape (steps,), received shape {line.shape}.")
    grid = chorale.check_grid(line[:, None], name=name, voices=1)
    if onsets is not None and np.shape(onsets) != line.shape:
        raise ParameterError(f"onsets: expected shape {line.shape} like the line, received {np.shape(onsets)}.")
    return chorale.tokens_from_checked(grid, None if onsets is None else np.asarray(onsets)[:, None])[:, 0]


def line_from_tokens(tokens):
    """Return (line, onsets) of `tokens`: the inverse of :func:`tokens_from_line`.

    Parameters
    ----------
    tokens : array_like of int, shape (T,)

    Returns
    -------
    line : np.ndarray of int16, shape (T,)
    onsets : np.ndarray of bool, shape (T,)
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 1:
        raise ParameterError(f"tokens: expected shape (steps,), received {tokens.shape}.")
    grid, onsets = chorale.grid_from_tokens(tokens[:, None], voices=1)
    return grid[:, 0], onsets[:, 0]


def inputs_from_tokens(tokens):
    """Return what stood before each step of `tokens` (T,): a dict of ``sounding`` and ``held``, int32, each shape (T,)."""
    inputs = chorale.inputs_from_tokens(np.asarray(tokens)[:, None])
    return {name: inputs[name][:, 0] for name in ("sounding", "held")}


def kinds(tokens):
    """Return the kind of each token as a number into :data:`KINDS`, int, shape like `tokens`: held, rest, onset."""
    return np.minimum(tokens, FIRST_PITCH)


def line_from_score(score):
    """Return (line, onsets) of the first voice of a Score, on a grid of 16ths; of notes at once the highest is taken.

    Parameters
    ----------
    score : Score

    Returns
    -------
    line : np.ndarray of int16, shape (T,)
    onsets : np.ndarray of bool, shape (T,)
    """
    if not len(score):
        raise ParameterError("score: expected at least one note, received a Score without notes.")
    notes = score.quantise(STEPS_PER_QUARTER).notes
    notes = np.sort(notes[notes["voice"] == score.voices[0]], order=["onset_quarter", "pitch"])
    start = np.round(notes["onset_quarter"] * STEPS_PER_QUARTER).astype(int)
    end = start + np.maximum(1, np.round(notes["duration_quarter"] * STEPS_PER_QUARTER).astype(int))
    line, onsets = np.full(end.max(), SILENT, np.int16), np.zeros(end.max(), bool)
    for first, last, pitch in zip(start, end, notes["pitch"], strict=True):
        line[first:] = SILENT  # a note ends where the next one starts
        line[first:last] = pitch
        onsets[first] = True
    return chorale.check_grid(line[:, None], name="score", voices=1)[:, 0], onsets


def score_from_line(line, onsets=None, *, tempo=80.0, meter=(4, 4), pickup_steps=0, key=None, title="", program=0):
    """Return the Score of a line: the inverse of :func:`line_from_score`; parameters as those of a chorale's."""
    return Score(
        note_array(chorale.note_rows(tokens_from_line(line, onsets))),
        tempos=((0.0, float(tempo)),),
        meters=((0.0, *meter),),
        keys=((0.0, *key),) if key else (),
        pickup_quarter=pickup_steps / STEPS_PER_QUARTER,
        programs=(program,),
        title=title,
    )
