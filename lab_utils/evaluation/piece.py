"""One piece by itself: is it in a key, does something come back, is it somebody else's?

The other modules compare sets of phrases; this one looks at a single Score of any length, as a composer has it on the desk.

Conventions
-----------
* The **melody** is the first voice; of notes that start together the highest. Rests are left out of it.
* A **bar** is as long as the Score's first meter says, in steps of a 16th, from the end of the upbeat on. It is told by what the
  melody sounds in each step; two bars are **alike** if at most a quarter of the steps differ, after moving one of them by less
  than an octave, so that a sequence (the same a step higher) counts as coming back. A silent bar is like no other.
* ``returning_bars``: the share of bars that are alike to an earlier one. ``longest_literal``: the length of the longest passage
  that comes a second time note for note, in its key, as a share of all bars; so four bars played four times have 0.75, and
  AABA has 0.25.
* ``in_key``: the largest share of the notes, of all voices, that lie in one major or natural minor scale (Mogren, 2016).
* ``longest_copy``: how many notes of the melody in a row some known tune has, with the same durations and in any key.
  ``longest_intervals``: the same whatever the durations.

What is usual, measured on 219 tunes of the validation fold of ``tunes`` against the training fold, repeats not played out: in
key 0.92 or more; returning bars 0.19 to 0.66 in nine tunes of ten; one tune in fifty shares 16 notes or more with a known one,
one in two hundred 24 intervals. None of it says whether a piece is good. The assignment ``composition`` uses it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.copying import longest_runs, note_symbols
from lab_utils.evaluation.nearest import distances
from lab_utils.evaluation.style import rates
from lab_utils.score import Score

STEPS_PER_QUARTER = 4
TICKS_PER_QUARTER = 24  # in which durations are compared: those of the data set's tunes
SILENT = -1
ALIKE = 0.25  # share of a bar's steps


def evaluate(score, known=()):
    """Return what the module's docstring lists.

    Parameters
    ----------
    score : Score
    known : sequence of (pitches, ticks)
        Tunes that it might have been copied from: two int arrays, shape (notes,), durations in 24ths of a quarter.

    Returns
    -------
    dict
        ``bars``, ``notes`` (of the melody), ``in_key``, ``returning_bars``, ``longest_literal``; with `known` also
        ``longest_copy``, ``longest_intervals`` (notes) and ``copied_from``, the number of the tune that has the longest copy.

    Raises
    ------
    ParameterError
        If `score` is no Score, or has fewer than two notes.
    """
    notes, rows, starts = melody(score), *bars(score)
    found = {
        "bars": len(rows),
        "notes": len(notes),
        "in_key": in_key(score),
        "returning_bars": returning_bars(rows),
        "longest_literal": longest_literal(rows, starts),
    }
    return found | (copies(notes, known) if len(known) else {})


def melody(score):
    """Return the notes of the first voice, one at a time, rows of NOTE_DTYPE, shape (notes,)."""
    if not isinstance(score, Score):
        raise ParameterError(f"score: expected a Score, received {type(score).__name__}; make one with note_array().")
    if len(score) < 2:
        raise ParameterError(f"score: expected two notes or more, received {len(score)}.")
    notes = np.sort(score.voice_notes(score.voices[0]), order=["onset_quarter", "pitch"])
    return notes[np.append(np.diff(notes["onset_quarter"]) > 1e-9, True)]


def bars(score):
    """Return (rows, starts): what the melody sounds in each step of each bar, MIDI pitch or −1, and where a note starts.

    Returns
    -------
    rows : np.ndarray of int64, shape (bars, steps)
    starts : np.ndarray of bool, shape (bars, steps)
    """
    notes, (beats, unit) = melody(score), score.meter
    length = max(1, beats * 4 * STEPS_PER_QUARTER // unit)
    begun = np.floor((notes["onset_quarter"] - score.pickup_quarter) * STEPS_PER_QUARTER + 0.5).astype(int)
    ended = begun + np.maximum(1, np.floor(notes["duration_quarter"] * STEPS_PER_QUARTER + 0.5).astype(int))
    line = np.full(-(-max(ended.max(), 1) // length) * length, SILENT, np.int64)
    starts = np.zeros(len(line), bool)
    for first, last, pitch in zip(np.maximum(begun, 0), ended, notes["pitch"], strict=True):
        line[first : max(last, 0)] = pitch
    starts[begun[begun >= 0]] = True
    return line.reshape(-1, length), starts.reshape(-1, length)


def in_key(score):
    """Return the largest share of the notes that lie in one scale, 0.58 to 1."""
    quarters = float(np.ceil((score.notes["onset_quarter"] + score.notes["duration_quarter"]).max()))
    return float(rates([score], quarters=quarters, bar=1.0)["scale_consistency"][0])


def returning_bars(rows):
    """Return the share of bars, of `rows` (bars, steps), that are alike to an earlier one."""
    sounds = (rows != SILENT).any(axis=1)
    grids, back = rows[:, :, None], 0
    for number in np.flatnonzero(sounds):
        earlier = grids[:number][sounds[:number]]
        back += bool(len(earlier)) and distances(grids[number][None], earlier, transpositions=11)[0] <= ALIKE
    return float(back / len(rows))


def longest_literal(rows, starts):
    """Return the share of the bars that the longest passage has which comes again note for note; arrays as of :func:`bars`."""
    longest = 0
    for later in range(1, len(rows)):
        same = (rows[later:] == rows[:-later]).all(axis=1) & (starts[later:] == starts[:-later]).all(axis=1)
        same &= (rows[later:] != SILENT).any(axis=1)
        ends = np.flatnonzero(~np.concatenate([[False], same, [False]]))
        longest = max(longest, int(np.diff(ends).max()) - 1)
    return longest / len(rows)


def copies(notes, known):
    """Return the part of :func:`evaluate` that is about copies; `notes` as of :func:`melody`."""
    ticks = np.clip(np.round(notes["duration_quarter"] * TICKS_PER_QUARTER).astype(int), 1, 9999)
    own, others = note_symbols(notes["pitch"], ticks), [note_symbols(*tune) for tune in known]
    there = [number for number, tune in enumerate(others) if len(tune)]
    others = [others[number] for number in there]
    run = longest_runs([own], others)[0]
    plain = longest_runs([own // 10_000], [tune // 10_000 for tune in others])[0]
    return {
        "longest_copy": _notes(run),
        "longest_intervals": _notes(plain),
        "copied_from": there[int(run["source"])] if run["length"] else -1,
    }


def _notes(run):
    return int(run["length"]) + 1 if run["length"] else 0
