"""The tempo of a few notes, and the Score that they make: from seconds to quarter notes.

Conventions
-----------
* A tempo is in quarters a minute, within :data:`SLOWEST` and :data:`FASTEST`; a grid has four steps a quarter.
* The tempo is the one whose grid the onsets lie nearest to, that of a quarter or an eighth as the usual distance preferred, and
  among those that fit as well the one nearest to 90: a phrase alone cannot tell 60 from 120.
* The first onset is the start of the grid: there is no upbeat.

What it leaves out: triplets, changes of tempo, the meter. After the search over grids of Cemgil, Desain and Kappen (2000),
without its prior on rhythms. Used by :mod:`lab_utils.algorithms.pipeline` and the notebook ``12_dialogue_pipeline``.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

SLOWEST, FASTEST, USUAL = 55.0, 150.0, 90.0
STEPS = 4  # of the grid, a quarter
FINE = 0.5  # quarters a minute, from one tempo tried to the next
LEAST = 0.04  # seconds that onsets lie off the grid when a person plays


def find_tempo(onsets):
    """Return the tempo of onsets in quarters a minute.

    Parameters
    ----------
    onsets : array_like of float, shape (notes,)
        Seconds, ascending.

    Returns
    -------
    float
        90 for fewer than two onsets.
    """
    onsets = np.asarray(onsets, float)
    if len(onsets) < 2:
        return USUAL
    places = onsets - onsets[0]
    between = max(float(np.median(np.diff(onsets))), 1e-3)
    tempos = np.arange(SLOWEST, FASTEST + FINE / 2, FINE)
    tempos = np.unique(np.concatenate([tempos, [60 * quarters / between for quarters in (0.25, 0.5, 1, 2, 4)]]))
    tempos = tempos[(tempos >= SLOWEST) & (tempos <= FASTEST)]
    step = 60 / tempos[:, None] / STEPS
    off = np.abs(places / step - np.round(places / step)) * step  # seconds
    cost = np.sqrt(np.mean(off**2, axis=1)) / LEAST
    usual = np.log2(between * tempos / 60)  # 0: a quarter; -1: an eighth
    cost += 0.5 * np.minimum(np.abs(usual), np.abs(usual + 1)) + 0.3 * np.abs(np.log2(tempos / USUAL))
    return float(tempos[np.argmin(cost)])


def score_from_heard(heard, *, tempo=None, program=0, title=""):
    """Return the notes heard as a Score on a grid of 16ths, the first note at its start.

    Parameters
    ----------
    heard : sequence of Heard
        In the order of time; each ends, in the Score, at the latest where the next one starts.
    tempo : float, optional
        Quarters a minute; found by :func:`find_tempo` if left out.
    program : int
    title : str

    Returns
    -------
    Score
    """
    if not heard:
        raise ParameterError("heard: expected at least one note, received none.")
    onsets = np.array([note.onset_seconds for note in heard])
    tempo = find_tempo(onsets) if tempo is None else float(tempo)
    if not tempo > 0:
        raise ParameterError(f"tempo: expected quarters a minute, received {tempo}.")
    step = 60 / tempo / STEPS
    starts = np.round((onsets - onsets[0]) / step).astype(int)
    ends = np.round((np.array([note.end_seconds for note in heard]) - onsets[0]) / step).astype(int)
    rows, following = [], [*starts[1:], ends[-1] + 1]
    for note, start, end, after in zip(heard, starts, ends, following, strict=True):
        if start == after:  # two onsets on one step: the later note has it
            continue
        rows.append((start / STEPS, max(min(end, after), start + 1) / STEPS - start / STEPS, note.pitch, note.velocity))
    return Score(note_array(rows), tempos=((0.0, tempo),), programs=(program,), title=title)


def heard_from_score(score):
    """Return the notes of a Score as Heard, in seconds: the inverse of :func:`score_from_heard` for notes on the grid."""
    from lab_utils.audio.notes import Heard

    ends = score.seconds(score.notes["onset_quarter"] + score.notes["duration_quarter"])
    starts = score.seconds(score.notes["onset_quarter"])
    rows = zip(starts.tolist(), ends.tolist(), score.notes["pitch"].tolist(), score.notes["velocity"].tolist(), strict=True)
    return [Heard(*row) for row in rows]
