"""Phrases of equal length as note arrays: what the measures of style read, and the fast way there from grids.

Conventions
-----------
* A **phrase** is a :class:`~lab_utils.score.Score` or a note array (``NOTE_DTYPE``) that starts at 0 and lies within `quarters`
  quarter notes; a note that sounds beyond them is cut there, one that starts beyond them is an error. A phrase may be empty.
* A **grid** is int, shape (N, T, voices): N phrases of T steps, MIDI pitch or −1 for a rest; ``onsets``, bool, of the same shape
  tells where a note starts. Without it a note starts where the pitch changes, so that a repeated note is a long one.
* :func:`notes_from_grids` and :func:`grids_from_notes` are each other's inverse, but for velocity.

The measures of ``style`` and the notebooks ``08_vae`` and ``09_gan`` use it.
"""

from typing import NamedTuple

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import NOTE_DTYPE

STEPS_PER_QUARTER = 4
REST = -1


class Joined(NamedTuple):
    """All notes of many phrases in a row, sorted by phrase, voice, onset, pitch."""

    phrase: np.ndarray  # int, shape (notes,): the number of the phrase that a note belongs to
    onset: np.ndarray  # quarters
    duration: np.ndarray  # quarters, cut at the phrase's end
    pitch: np.ndarray
    voice: np.ndarray
    count: int  # phrases
    quarters: float


def join(phrases, *, quarters, name="phrases"):
    """Return the notes of `phrases` in a row.

    Parameters
    ----------
    phrases : sequence of Score or np.ndarray of NOTE_DTYPE
        Not empty, though each of them may be.
    quarters : float
        Their length.
    name : str
        The argument's, for the message.

    Returns
    -------
    Joined

    Raises
    ------
    ParameterError
        If there is no phrase, one is something else, or a note starts beyond `quarters`.
    """
    if not quarters > 0:
        raise ParameterError(f"quarters: expected a positive length, received {quarters!r}.")
    arrays = [getattr(phrase, "notes", phrase) for phrase in phrases]
    wrong = [type(array).__name__ for array in arrays if getattr(array, "dtype", None) != NOTE_DTYPE or array.ndim != 1]
    if wrong or not arrays:
        raise ParameterError(
            f"{name}: expected Scores or note arrays, received {wrong[0] if wrong else 'none'}; "
            "of a grid make them with notes_from_grids()."
        )
    notes = np.concatenate(arrays)
    late = notes["onset_quarter"] > quarters - 1e-9
    if late.any() or (notes["onset_quarter"] < 0).any():
        onset = notes["onset_quarter"][late][0] if late.any() else notes["onset_quarter"].min()
        raise ParameterError(f"{name}: expected notes that start within {quarters:g} quarters, received an onset at {onset:g}.")
    if ((notes["pitch"] < 0) | (notes["pitch"] > 127) | ~(notes["duration_quarter"] > 0)).any():
        raise ParameterError(f"{name}: expected pitches 0–127 and positive durations, received others.")
    phrase = np.repeat(np.arange(len(arrays)), [len(array) for array in arrays])
    order = np.lexsort((notes["pitch"], notes["onset_quarter"], notes["voice"], phrase))
    notes, phrase = notes[order], phrase[order]
    duration = np.minimum(notes["duration_quarter"], quarters - notes["onset_quarter"])
    columns = (notes["pitch"].astype(np.int64), notes["voice"].astype(np.int64))
    return Joined(phrase, notes["onset_quarter"], duration, *columns, len(arrays), float(quarters))


def notes_from_grids(grids, onsets=None, *, steps_per_quarter=STEPS_PER_QUARTER):
    """Return the note arrays of many grids.

    Parameters
    ----------
    grids : array_like of int, shape (N, T, voices)
        MIDI pitch, or −1 for a rest.
    onsets : array_like of bool, shape (N, T, voices), optional
        True where a note starts; a change of pitch starts one anyway.
    steps_per_quarter : int

    Returns
    -------
    list of np.ndarray of NOTE_DTYPE, length N
        Sorted by voice, then onset; T ÷ `steps_per_quarter` quarters long.

    Raises
    ------
    ParameterError
        If shapes or pitches are not such.
    """
    grids = check_grids(grids)
    count, steps, voices = grids.shape
    lines = grids.transpose(0, 2, 1)  # (N, voices, T): a voice's steps in a row
    starts = np.ones(lines.shape, bool)
    starts[..., 1:] = lines[..., 1:] != lines[..., :-1]
    if onsets is not None:
        onsets = np.asarray(onsets, dtype=bool)
        if onsets.shape != grids.shape:
            raise ParameterError(f"onsets: expected the shape of the grids {grids.shape}, received {onsets.shape}.")
        starts |= onsets.transpose(0, 2, 1)
    at = np.flatnonzero(starts)  # every line starts something at its first step, so no note runs into the next line
    length = np.diff(np.append(at, lines.size))
    pitch = lines.reshape(-1)[at]
    at, length, pitch = at[pitch != REST], length[pitch != REST], pitch[pitch != REST]
    notes = np.empty(len(at), NOTE_DTYPE)
    notes["onset_quarter"], notes["duration_quarter"] = at % steps / steps_per_quarter, length / steps_per_quarter
    notes["pitch"], notes["velocity"], notes["voice"] = pitch, 80, at // steps % voices
    return np.split(notes, np.searchsorted(at, np.arange(1, count) * voices * steps))


def grids_from_notes(phrases, *, quarters, voices, steps_per_quarter=STEPS_PER_QUARTER):
    """Return (grids, onsets) of phrases: the inverse of :func:`notes_from_grids`.

    Parameters
    ----------
    phrases : sequence of Score or np.ndarray of NOTE_DTYPE, length N
        Each voice with one note at a time, on the grid.
    quarters : float
    voices : int
    steps_per_quarter : int

    Returns
    -------
    grids : np.ndarray of int16, shape (N, T, voices)
    onsets : np.ndarray of bool, shape (N, T, voices)
    """
    notes = join(phrases, quarters=quarters)
    if len(notes.voice) and notes.voice.max() >= voices:
        raise ParameterError(f"voices: expected more than {notes.voice.max()}, the highest in the phrases, received {voices}.")
    steps = round(quarters * steps_per_quarter)
    grids = np.full((notes.count, steps, voices), REST, np.int16)
    onsets = np.zeros(grids.shape, bool)
    start = np.round(notes.onset * steps_per_quarter).astype(int)
    end = np.round((notes.onset + notes.duration) * steps_per_quarter).astype(int)
    for phrase, first, last, pitch, voice in zip(notes.phrase, start, end, notes.pitch, notes.voice, strict=True):
        if (grids[phrase, first:last, voice] != REST).any():
            raise ParameterError(f"phrases: expected one note at a time, phrase {phrase} has two at once in voice {voice}.")
        grids[phrase, first:last, voice] = pitch
        onsets[phrase, first, voice] = True
    return grids, onsets


def check_grids(grids, *, name="grids"):
    """Return `grids` as an int16 array (N, T, voices), or raise a ParameterError."""
    grids = np.asarray(grids)
    if grids.ndim != 3 or not grids.size or not np.issubdtype(grids.dtype, np.integer):
        raise ParameterError(f"{name}: expected ints of shape (phrases, steps, voices), received {grids.shape} {grids.dtype}.")
    if grids.min() < REST or grids.max() > 127:
        raise ParameterError(f"{name}: expected MIDI pitches 0–127 or −1, received {grids.min()} to {grids.max()}.")
    return grids.astype(np.int16)
