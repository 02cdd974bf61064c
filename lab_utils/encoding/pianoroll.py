"""Piano rolls: which pitches sound in which step, as a picture that networks and people can look at.

Conventions
-----------
* A roll is uint8, shape (T, P): 0 silent, 1 a note starts, 2 it goes on. ``roll > 0`` is the plain binary roll.
* P counts pitches from `lowest` up; T counts steps of a fixed part of a quarter.
* Voices are not kept (all notes come back in voice 0); of two voices on one pitch the later onset cuts the earlier note.

The notebook ``03_music_as_data`` uses it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

START, SUSTAIN = 1, 2


def roll_from_score(score, *, steps_per_quarter=4, lowest=21, highest=108):
    """Return the piano roll of a Score.

    Parameters
    ----------
    score : Score
    steps_per_quarter : int
        Steps in a quarter; notes are moved to the nearest step.
    lowest, highest : int
        MIDI pitches of the first and last column; the default is a piano's 88 keys.

    Returns
    -------
    np.ndarray of uint8, shape (T, P)

    Raises
    ------
    ParameterError
        If the Score is empty or has a pitch outside the columns.
    """
    if not len(score):
        raise ParameterError("score: expected at least one note, received a Score without notes.")
    notes = score.quantise(steps_per_quarter).notes
    outside = notes["pitch"][(notes["pitch"] < lowest) | (notes["pitch"] > highest)]
    if len(outside):
        raise ParameterError(f"score: expected pitches {lowest}–{highest}, received {outside[0]}; widen lowest, highest.")
    start = np.round(notes["onset_quarter"] * steps_per_quarter).astype(int)
    end = start + np.round(notes["duration_quarter"] * steps_per_quarter).astype(int)
    roll = np.zeros((end.max(), highest - lowest + 1), np.uint8)
    for first, last, pitch in zip(start, end, notes["pitch"] - lowest, strict=True):
        roll[first:last, pitch] = SUSTAIN
    roll[start, notes["pitch"] - lowest] = START  # after all sustains, so that no long note hides a later onset
    return roll


def score_from_roll(roll, *, steps_per_quarter=4, lowest=21, tempo=120.0, **about):
    """Return the Score of a piano roll: the inverse of :func:`roll_from_score`.

    Parameters
    ----------
    roll : np.ndarray of int or bool, shape (T, P)
        In a binary roll (no 2) neighbouring steps of a pitch are one note.
    steps_per_quarter, lowest : int
        As in :func:`roll_from_score`.
    tempo : float
        Quarters a minute.
    **about
        Further fields of the Score: meters, keys, title, …
    """
    roll = np.asarray(roll)
    if roll.ndim != 2 or not roll.size:
        raise ParameterError(f"roll: expected shape (steps, pitches), received {roll.shape}.")
    if not np.isin(roll, (0, START, SUSTAIN)).all():
        raise ParameterError("roll: expected 0, 1 (starts) and 2 (goes on), received other values.")
    roll = roll.astype(np.uint8)
    sounds = np.vstack([roll > 0, np.zeros((1, roll.shape[1]), bool)])
    before = np.vstack([np.zeros((1, roll.shape[1]), bool), sounds[:-1]])
    starts = sounds & ~before
    if (roll == SUSTAIN).any():
        starts[:-1] |= roll == START
    rows = []
    for step, pitch in np.argwhere(starts):
        stop = step + 1
        while sounds[stop, pitch] and not starts[stop, pitch]:
            stop += 1
        rows.append((step / steps_per_quarter, (stop - step) / steps_per_quarter, int(pitch) + lowest))
    return Score(note_array(rows), tempos=((0.0, float(tempo)),), **about)
