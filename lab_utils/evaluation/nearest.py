"""How near generated phrases lie to the training set, and to each other: is it new, and is it more than one thing?

Conventions
-----------
* Phrases are **grids**, int, shape (N, T, voices), MIDI pitch or −1 for a rest, all of one length.
* The **distance** of two phrases is the share of the T × voices places that differ (the Hamming distance, normalised): 0 the
  same, 1 nothing in common. Nothing is moved in time. With ``transpositions`` it is the least one over moving the sample by up to
  that many semitones up or down, so that a copy in another key is a copy.
* A generated phrase lies near some training phrase as such, for phrases of one style share their turns: so the distances of
  held-out phrases stand beside. Who is no closer than they are does not recite. Both sets meet the same training set, for the
  nearest of many is nearer than the nearest of few.
* A **near-duplicate** is a phrase whose distance to an earlier one of its own set is at most `within`.

1,000 phrases of 64 × 4 against 20,000 take some seconds for each transposition. ``copying`` looks for runs of notes in pieces of
any length; this here compares whole phrases on one grid. The recipe ``gan`` and the notebooks ``08_vae`` and ``09_gan`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrases import REST, check_grids

WITHIN = 0.05  # share of the places: so near is a near-duplicate, or a copy
CHUNK = 4096  # training phrases that are compared at once: some 1 MB, which stays in the processor's cache


def distances(samples, training, *, transpositions=0):
    """Return the distance of each sample to the nearest training phrase.

    Parameters
    ----------
    samples : array_like of int, shape (N, T, voices)
    training : array_like of int, shape (M, T, voices)
    transpositions : int
        How many semitones a sample is moved at most, 0–11. 6 finds a copy in every key, though not one moved by an octave.

    Returns
    -------
    np.ndarray of float64, shape (N,)

    Raises
    ------
    ParameterError
        If the shapes do not fit.
    """
    return nearest(samples, training, transpositions=transpositions)[0]


def nearest(samples, training, *, transpositions=0):
    """Return (distances, places): as :func:`distances`, and the number of that training phrase, int64, the first of equals."""
    samples, training = check_grids(samples, name="samples"), check_grids(training, name="training")
    if samples.shape[1:] != training.shape[1:]:
        raise ParameterError(
            f"samples, training: expected phrases of one shape, received {samples.shape[1:]} and {training.shape[1:]}."
        )
    if transpositions not in range(12):
        raise ParameterError(f"transpositions: expected 0 to 11 semitones, received {transpositions!r}.")
    rows, known = (grids.reshape(len(grids), -1).astype(np.int8) for grids in (samples, training))
    best, places = np.full(len(rows), -1), np.zeros(len(rows), np.int64)
    moves = sorted(range(-transpositions, transpositions + 1), key=abs)
    for start in range(0, len(known), CHUNK):
        columns = np.ascontiguousarray(known[start : start + CHUNK].T)
        buffer = np.empty(columns.shape, bool)
        for number, row in enumerate(rows):
            for move in moves:
                same = _equal_places(_moved(row, move), columns, buffer)
                place = int(same.argmax())
                if same[place] > best[number]:
                    best[number], places[number] = same[place], start + place
    return 1 - best / rows.shape[1], places


def distinct(samples):
    """Return the share of the samples (N, T, voices) that are no repetition of an earlier one, in (0, 1]."""
    samples = check_grids(samples, name="samples")
    return len(np.unique(samples.reshape(len(samples), -1), axis=0)) / len(samples)


def near_duplicates(samples, *, within=WITHIN):
    """Return the share of the samples (N, T, voices) that lie within the distance `within` of an earlier one, in [0, 1)."""
    samples = check_grids(samples, name="samples")
    _check_within(within)
    columns = np.ascontiguousarray(samples.reshape(len(samples), -1).astype(np.int8).T)
    least = (1 - within) * len(columns) - 1e-9
    found = 0
    for number in range(1, len(samples)):
        earlier = columns[:, :number]
        found += _equal_places(columns[:, number], earlier, np.empty(earlier.shape, bool)).max() >= least
    return int(found) / len(samples)


def evaluate(samples, held_out, training, *, transpositions=0, within=WITHIN):
    """Return how near generated phrases lie to the training set, beside held-out phrases, and how many repeat each other.

    Parameters
    ----------
    samples, held_out, training : array_like of int, each shape (any number, T, voices)
    transpositions : int
        See :func:`distances`.
    within : float
        The distance up to which a phrase is a copy or a near-duplicate.

    Returns
    -------
    dict
        ``generated`` and ``held_out``, each a dict of ``phrases``, the ``mean``, ``median`` and ``least`` distance, ``copies``
        (share of the phrases within `within` of the training set), ``distinct`` and ``near_duplicates``; and ``closer``, the
        probability that a generated phrase lies nearer than a held-out one, ties as half: 0.5 if they are alike, 1 if all that is
        generated is nearer.
    """
    _check_within(within)
    found, values = {}, {}
    for name, grids in {"generated": samples, "held_out": held_out}.items():
        values[name] = distances(grids, training, transpositions=transpositions)
        found[name] = {
            "phrases": len(values[name]),
            "mean": float(values[name].mean()),
            "median": float(np.median(values[name])),
            "least": float(values[name].min()),
            "copies": float((values[name] <= within + 1e-9).mean()),
            "distinct": distinct(grids),
            "near_duplicates": near_duplicates(grids, within=within),
        }
    ordered = np.sort(values["held_out"])
    nearer, as_near = (np.searchsorted(ordered, values["generated"] + gap) for gap in (1e-9, -1e-9))
    found["closer"] = float(1 - (nearer + as_near).mean() / (2 * len(ordered)))
    return found


def _moved(row, semitones):
    """Return a row of pitches moved; rests stay. A pitch moved out of MIDI's range equals none."""
    if not semitones:
        return row
    moved = row.astype(np.int16) + semitones
    return np.where(row == REST, REST, np.where((moved < 0) | (moved > 127), -2, moved)).astype(np.int8)


def _equal_places(row, columns, buffer):
    """Return in how many places `row` (places,) equals each of the `columns` (places, phrases), int64."""
    same = np.equal(columns, row[:, None], out=buffer).view(np.uint8)
    count = np.zeros(columns.shape[1], np.int64)
    for start in range(0, len(same), 255):  # sums of so few fit in a byte, which is much faster
        count += np.add.reduce(same[start : start + 255], axis=0, dtype=np.uint8)
    return count


def _check_within(within):
    if not 0 <= within < 1:
        raise ParameterError(f"within: expected a distance from 0 to below 1, received {within!r}.")
