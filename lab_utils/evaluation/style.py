"""What generated phrases are like, beside real ones: one call for every measure of style.

:func:`evaluate` gives the overlapped area (:mod:`lab_utils.evaluation.overlap`), and the means of the measures below for both
sets. None of them says whether a phrase is good: a set is normal where its figures are near the reference's. Copies of the
training set are looked for in ``nearest``.

Measures of a phrase (:func:`rates`)
------------------------------------
A *step* is one of `steps_per_quarter` to the quarter, 16ths if not told; onsets and ends are moved to the nearest step, a note
lasts one step at least. Pitches that several voices share count once. Shares lie in [0, 1].

* ``empty_bars``, ``empty_beats``: share in which nothing sounds. ``silence``: share of the steps where nothing does.
* ``pitch_classes_per_bar``: pitch classes that sound in a bar, mean over the bars, 0–12.
* ``qualified_notes``: share of the notes of three steps or more, MuseGAN's figure (Dong et al., 2018); its step was a 96th of a
  bar, ours is a 16th note, so compare it with the reference's only. ``short_notes``: share of the notes of one step.
* ``polyphony``: mean number of pitches over the steps where something sounds. ``polyphony_rate``: share of all steps with two
  pitches or more.
* ``pitch_class_entropy``: bits, of the notes' pitch classes (Wu & Yang, 2020). ``scale_consistency``: the largest share of the
  notes that lie in one major or natural minor scale (Mogren, 2016).
* ``groove_consistency``: 1 less the mean share of a bar's steps where one of two neighbouring bars has an onset and the other
  has not (Wu & Yang, 2020).
* ``tonal_distance``: mean over the pairs of voices (:mod:`lab_utils.evaluation.tonal`).

A measure that has no value is NaN: those of notes in an empty phrase, ``groove_consistency`` in one bar, ``tonal_distance`` in
one voice. The recipes ``vae`` and ``gan`` and the notebooks ``08_vae`` and ``09_gan`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.overlap import PAIRS, overlapped_area
from lab_utils.evaluation.phrase_features import NAMES, features, whole_bars
from lab_utils.evaluation.phrases import STEPS_PER_QUARTER, join, notes_from_grids
from lab_utils.evaluation.tonal import tonal_distance

__all__ = ["NAMES", "evaluate", "features", "notes_from_grids", "overlapped_area", "rates"]

QUALIFIED = 3  # steps
CHUNK = 1000  # phrases whose rolls are held at once
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)  # one is the other begun elsewhere: the same twelve scales
SCALES = np.array([[(pitch_class - root) % 12 in MAJOR for pitch_class in range(12)] for root in range(12)])
OF_NOTES = ("qualified_notes", "short_notes")  # shares of a set are of all its notes, whichever phrase they are in


def evaluate(generated, reference, *, quarters, bar=4.0, steps_per_quarter=STEPS_PER_QUARTER, pairs=PAIRS, seed=0):
    """Return every measure of style of generated phrases, beside the reference's.

    Parameters
    ----------
    generated, reference : sequence of Score or np.ndarray of NOTE_DTYPE
        Two phrases or more of each.
    quarters, bar : float
        Length of each phrase and of a bar, in quarters; a whole number of steps.
    steps_per_quarter : int
    pairs, seed : int
        See :func:`~lab_utils.evaluation.overlap.overlapped_area`.

    Returns
    -------
    dict
        ``mean_overlapped_area``; ``yang_lerch``; ``overlapped_area``, a dict by feature; ``generated`` and ``reference``, each a
        dict of ``phrases`` (their number) and the mean of each measure of :func:`rates` and of the features of one number, None
        where it has no value. ``qualified_notes`` and ``short_notes`` are shares of all notes of the set.
    """
    sets = {"generated": list(generated), "reference": list(reference)}
    values = {name: features(phrases, quarters=quarters, bar=bar) for name, phrases in sets.items()}
    area = overlapped_area(values["generated"], values["reference"], quarters=quarters, bar=bar, pairs=pairs, seed=seed)
    found = {key: area.pop(key) for key in ("mean_overlapped_area", "yang_lerch")}
    found["overlapped_area"] = area
    for name, phrases in sets.items():
        measured = rates(phrases, quarters=quarters, bar=bar, steps_per_quarter=steps_per_quarter)
        measured |= {key: column[:, 0] for key, column in values[name].items() if column.shape[1] == 1}
        found[name] = {"phrases": len(phrases)} | {
            key: _mean(column, values[name]["note_count"][:, 0] if key in OF_NOTES else None) for key, column in measured.items()
        }
    return found


def rates(phrases, *, quarters, bar=4.0, steps_per_quarter=STEPS_PER_QUARTER):
    """Return the measures of each phrase that this module's docstring lists.

    Parameters
    ----------
    phrases : sequence of Score or np.ndarray of NOTE_DTYPE, length N
    quarters, bar : float
    steps_per_quarter : int

    Returns
    -------
    dict of str to np.ndarray of float64, shape (N,)

    Raises
    ------
    ParameterError
        If `bar` is no whole number of steps, `quarters` no whole number of bars, or the phrases are none.
    """
    bars = whole_bars(quarters, bar)
    if abs(bar * steps_per_quarter - round(bar * steps_per_quarter)) > 1e-6:
        raise ParameterError(
            f"bar: expected a whole number of steps of 1/{steps_per_quarter} quarter, received {bar!r} quarters."
        )
    phrases = list(phrases)
    parts = []
    for at in range(0, max(len(phrases), 1), CHUNK):
        chunk = phrases[at : at + CHUNK]
        part = _rates(join(chunk, quarters=quarters), bars, round(bar * steps_per_quarter), steps_per_quarter)
        parts.append(part | {"tonal_distance": _row_means(tonal_distance(chunk, quarters=quarters)[1])})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _rates(notes, bars, bar_steps, steps_per_quarter):
    steps = bars * bar_steps
    start = np.minimum(np.floor(notes.onset * steps_per_quarter + 0.5).astype(int), steps - 1)
    end = np.floor((notes.onset + notes.duration) * steps_per_quarter + 0.5).astype(int)
    end = np.clip(end, start + 1, steps)
    roll = np.zeros((notes.count, 132, steps + 1), np.int16)  # eleven octaves
    np.add.at(roll, (notes.phrase, notes.pitch, start), 1)
    np.add.at(roll, (notes.phrase, notes.pitch, end), -1)
    sounds = np.cumsum(roll, axis=2, dtype=np.int16)[..., :-1] > 0
    pitches = sounds.sum(axis=1, dtype=np.int16)  # (phrases, steps)
    in_bars = sounds.reshape(notes.count, 11, 12, bars, bar_steps).any(axis=(1, 4))  # (phrases, 12, bars)
    beats = pitches[:, : steps // steps_per_quarter * steps_per_quarter].reshape(notes.count, -1, steps_per_quarter)
    number = np.bincount(notes.phrase, minlength=notes.count)
    found = {
        "empty_bars": 1 - in_bars.any(axis=1).mean(axis=1),
        "empty_beats": 1 - (beats > 0).any(axis=2).mean(axis=1) if beats.size else np.full(notes.count, np.nan),
        "silence": (pitches == 0).mean(axis=1),
        "pitch_classes_per_bar": in_bars.sum(axis=1).mean(axis=1),
        "qualified_notes": _share(notes, end - start >= QUALIFIED, number),
        "short_notes": _share(notes, end - start == 1, number),
        "polyphony": _ratio(pitches.sum(axis=1), (pitches > 0).sum(axis=1)),
        "polyphony_rate": (pitches >= 2).mean(axis=1),
    }
    return found | _of_pitch_classes(notes, number) | {"groove_consistency": _groove(notes, start, bars, bar_steps)}


def _of_pitch_classes(notes, number):
    counts = np.bincount(notes.phrase * 12 + notes.pitch % 12, minlength=notes.count * 12).reshape(-1, 12)
    shares = _ratio(counts, number[:, None])
    bits = -np.where(shares > 0, shares * np.log2(np.where(shares > 0, shares, 1)), 0).sum(axis=1)
    return {
        "pitch_class_entropy": np.where(number > 0, bits, np.nan),
        "scale_consistency": _ratio((counts @ SCALES.T).max(axis=1), number),
    }


def _groove(notes, start, bars, bar_steps):
    if bars < 2:
        return np.full(notes.count, np.nan)
    struck = np.zeros((notes.count, bars * bar_steps), bool)
    struck[notes.phrase, start] = True
    struck = struck.reshape(notes.count, bars, bar_steps)
    return 1 - (struck[:, 1:] != struck[:, :-1]).mean(axis=(1, 2))


def _share(notes, chosen, number):
    return _ratio(np.bincount(notes.phrase[chosen], minlength=notes.count), number)


def _ratio(above, below):
    """Return the quotient, NaN where it has none."""
    return np.where(below > 0, above / np.where(below > 0, below, 1), np.nan)


def _row_means(table):
    known = ~np.isnan(table)
    return _ratio(np.where(known, table, 0).sum(axis=1), known.sum(axis=1))


def _mean(values, weights):
    known = ~np.isnan(values)
    return float(np.average(values[known], weights=None if weights is None else weights[known])) if known.any() else None
