"""The eleven features by which two sets of phrases are compared (Yang & Lerch, 2020).

Each gives one row of numbers a phrase. Six speak of pitch, five of rhythm:

====================================  =========  ===========================================================================
name                                  numbers    meaning
====================================  =========  ===========================================================================
``pitch_count``                       1          different pitches
``pitch_count_per_bar``               bars       different pitches that start in each bar
``pitch_class_histogram``             12         share of the sounding time that each pitch class has
``pitch_class_transitions``           144        share of the steps from one note to the next of its voice, by pitch classes
``pitch_range``                       1          highest less lowest pitch, semitones
``pitch_shift``                       1          mean size of those steps, semitones
``note_count``                        1          notes
``note_count_per_bar``                bars       notes that start in each bar
``inter_onset_interval``              1          mean time from one onset to the next, quarters; onsets at once are one
``note_length_histogram``             12         share of the notes that has each length of :data:`LENGTHS`
``note_length_transitions``           144        share of the steps from one note to the next of its voice, by lengths
====================================  =========  ===========================================================================

The authors wrote them for one voice. With more, the steps from note to note are taken within each voice, and everything else
over all voices together. Their twelfth, the pitch-class histogram of each bar, is left out; and their transitions are counts
where ours are shares, for else they counted notes once more.

What has no value is told as follows: without notes shares and counts are 0, without a step ``pitch_shift`` is 0, and with fewer
than two onsets ``inter_onset_interval`` is the phrase's length.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrases import join

LENGTHS = np.array([4, 2, 1, 1 / 2, 1 / 4, 3, 3 / 2, 3 / 4, 3 / 8, 4 / 3, 2 / 3, 1 / 3])  # quarters; a note takes the nearest
NAMES = (
    "pitch_count",
    "pitch_count_per_bar",
    "pitch_class_histogram",
    "pitch_class_transitions",
    "pitch_range",
    "pitch_shift",
    "note_count",
    "note_count_per_bar",
    "inter_onset_interval",
    "note_length_histogram",
    "note_length_transitions",
)


def features(phrases, *, quarters, bar=4.0):
    """Return the eleven features of each phrase.

    Parameters
    ----------
    phrases : sequence of Score or np.ndarray of NOTE_DTYPE, length N
        See :mod:`lab_utils.evaluation.phrases`.
    quarters : float
        Length of each phrase.
    bar : float
        Length of a bar in quarters; `quarters` is a multiple of it.

    Returns
    -------
    dict of str to np.ndarray of float64, shape (N, numbers)
        The keys are :data:`NAMES`.

    Raises
    ------
    ParameterError
        If `quarters` is no whole number of bars, or the phrases are none.
    """
    notes = join(phrases, quarters=quarters)
    bars = whole_bars(quarters, bar)
    step = np.flatnonzero((np.diff(notes.phrase) == 0) & (np.diff(notes.voice) == 0))  # from this note to the next of its voice
    length = np.abs(notes.duration[:, None] - LENGTHS).argmin(axis=1)
    place = notes.phrase * bars + np.minimum((notes.onset + 1e-9) // bar, bars - 1).astype(int)  # the bar, counted on and on
    used = _table(notes.phrase, notes.pitch, notes.count, 128) > 0
    interval = np.abs(np.diff(notes.pitch))[step]
    found = {
        "pitch_count": used.sum(axis=1),
        "pitch_count_per_bar": (_table(place, notes.pitch, notes.count * bars, 128) > 0).sum(axis=1),
        "pitch_class_histogram": _shares(_table(notes.phrase, notes.pitch % 12, notes.count, 12, notes.duration)),
        "pitch_class_transitions": _transitions(notes, step, notes.pitch % 12),
        "pitch_range": np.where(used.any(axis=1), 127 - used[:, ::-1].argmax(axis=1) - used.argmax(axis=1), 0),
        "pitch_shift": _means(notes.phrase[step], interval, notes.count, empty=0.0),
        "note_count": np.bincount(notes.phrase, minlength=notes.count),
        "note_count_per_bar": np.bincount(place, minlength=notes.count * bars),
        "inter_onset_interval": _intervals(notes),
        "note_length_histogram": _shares(_table(notes.phrase, length, notes.count, len(LENGTHS))),
        "note_length_transitions": _transitions(notes, step, length),
    }
    return {name: np.asarray(found[name], dtype=np.float64).reshape(notes.count, -1) for name in NAMES}


def whole_bars(quarters, bar):
    """Return how many bars `quarters` are, or raise a ParameterError."""
    if not bar > 0 or round(quarters / bar) < 1 or abs(quarters / bar - round(quarters / bar)) > 1e-6:
        raise ParameterError(f"quarters, bar: expected a whole number of bars, received {quarters!r} and {bar!r}.")
    return round(quarters / bar)


def _table(row, column, rows, columns, weights=None):
    """Return how often each column comes in each row, shape (rows, columns)."""
    return np.bincount(row * columns + column, weights, minlength=rows * columns).reshape(rows, columns)


def _shares(table):
    """Return the rows divided by their sums; a row of zeros stays."""
    total = table.sum(axis=1, keepdims=True)
    return table / np.where(total > 0, total, 1)


def _transitions(notes, step, kind):
    pairs = kind[step] * 12 + kind[step + 1] if len(step) else step
    return _shares(_table(notes.phrase[step], pairs, notes.count, 144))


def _means(row, values, rows, *, empty):
    number = np.bincount(row, minlength=rows)
    return np.where(number > 0, np.bincount(row, values, minlength=rows) / np.maximum(number, 1), empty)


def _intervals(notes):
    """Return the mean time between neighbouring onsets of each phrase, shape (phrases,)."""
    order = np.lexsort((notes.onset, notes.phrase))
    phrase, onset = notes.phrase[order], notes.onset[order]
    gap = np.diff(onset)
    apart = (np.diff(phrase) == 0) & (gap > 1e-9)
    return _means(phrase[1:][apart], gap[apart], notes.count, empty=notes.quarters)
