"""How well notes were heard: their onsets, and their pitches.

Conventions
-----------
* A piece is an array of notes, float, shape (notes, 2): onset in seconds, MIDI pitch; in any order.
* An onset is **found** if one that was heard lies within `tolerance` seconds, each used once; of all ways to pair them up one
  with the most pairs is taken. Precision is the share of the heard onsets that are in a pair, recall that of the wanted ones, F1
  their harmonic mean (mir_eval's definition, 50 ms; Raffel et al., 2014).
* A **note** is found if onset and pitch are: pairs are of one pitch then (MIREX' note onset measure).
* **Pitch accuracy** is the share of the pairs of onsets, paired whatever their pitches, whose pitches are the same. So it says
  nothing of notes that were missed: the F1 does.
* Several pieces are weighted by their notes: pairs are summed before anything is divided.

What it leaves out: where notes end, velocities. Used by :mod:`lab_utils.algorithms.pipeline` and the notebook
``12_dialogue_pipeline``.
"""

import numpy as np

from lab_utils.errors import ParameterError

TOLERANCE = 0.05  # seconds


def onset_pairs(wanted, heard, *, tolerance=TOLERANCE):
    """Return the largest set of pairs of onsets within `tolerance`, int, shape (pairs, 2): indices into both.

    Parameters
    ----------
    wanted, heard : array_like of float, shape (onsets,)
        Seconds.
    tolerance : float

    Notes
    -----
    In the order of time the earliest that still fits is taken: as all windows have one width, no set of pairs is larger.
    """
    if not tolerance >= 0:
        raise ParameterError(f"tolerance: expected seconds from 0 on, received {tolerance}.")
    wanted, heard = np.asarray(wanted, float), np.asarray(heard, float)
    one, other = np.argsort(wanted, kind="stable"), np.argsort(heard, kind="stable")
    pairs, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        apart = heard[other[j]] - wanted[one[i]]
        if abs(apart) <= tolerance:
            pairs.append((one[i], other[j]))
            i, j = i + 1, j + 1
        elif apart > 0:
            i += 1
        else:
            j += 1
    return np.array(pairs, int).reshape(-1, 2)


def onset_f1(wanted, heard, *, tolerance=TOLERANCE):
    """Return how well the onsets are heard.

    Parameters
    ----------
    wanted, heard : list of array_like of float, each shape (notes, 2)
        A piece each.
    tolerance : float
        Seconds.

    Returns
    -------
    dict
        ``f1``, ``precision``, ``recall``, 0–1 (1 where there is nothing to find and nothing was heard), ``found``.
    """
    pieces = _checked(wanted, heard)
    found = sum(len(onset_pairs(one[:, 0], other[:, 0], tolerance=tolerance)) for one, other in pieces)
    return _figures(found, pieces)


def note_f1(wanted, heard, *, tolerance=TOLERANCE):
    """Return how well notes are heard, onset and pitch; parameters and result as of :func:`onset_f1`."""
    pieces, found = _checked(wanted, heard), 0
    for one, other in pieces:
        for pitch in np.unique(one[:, 1]):
            same = (rows[rows[:, 1] == pitch, 0] for rows in (one, other))
            found += len(onset_pairs(*same, tolerance=tolerance))
    return _figures(found, pieces)


def pitch_accuracy(wanted, heard, *, tolerance=TOLERANCE):
    """Return the share of the onsets found whose pitch is right, 0–1; None if no onset is found. Parameters: :func:`onset_f1`."""
    right = []
    for one, other in _checked(wanted, heard):
        pairs = onset_pairs(one[:, 0], other[:, 0], tolerance=tolerance)
        right.append(one[pairs[:, 0], 1] == other[pairs[:, 1], 1])
    right = np.concatenate(right)
    return float(right.mean()) if len(right) else None


def evaluate(wanted, heard, *, tolerance=TOLERANCE):
    """Return ``onset_f1``, ``precision``, ``recall``, ``note_f1``, ``pitch_accuracy`` and ``notes``; see :func:`onset_f1`."""
    onsets = onset_f1(wanted, heard, tolerance=tolerance)
    return {
        "onset_f1": onsets["f1"],
        "precision": onsets["precision"],
        "recall": onsets["recall"],
        "note_f1": note_f1(wanted, heard, tolerance=tolerance)["f1"],
        "pitch_accuracy": pitch_accuracy(wanted, heard, tolerance=tolerance),
        "notes": sum(len(piece) for piece in wanted),
    }


def _figures(found, pieces):
    wanted, heard = (sum(len(pair[i]) for pair in pieces) for i in (0, 1))
    precision, recall = (found / n if n else float(not wanted + heard) for n in (heard, wanted))
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"f1": f1, "precision": precision, "recall": recall, "found": found}


def _checked(wanted, heard):
    pieces = [
        tuple(np.asarray(rows, float).reshape(-1, 2) if np.size(rows) == 0 else np.asarray(rows, float) for rows in pair)
        for pair in zip(wanted, heard, strict=False)
    ]
    shapes = [rows.shape for pair in pieces for rows in pair]
    if len(wanted) != len(heard) or not pieces or any(len(shape) != 2 or shape[1] != 2 for shape in shapes):
        raise ParameterError(
            f"heard: expected as many pieces as wanted, each of shape (notes, 2), received {len(wanted)} and {len(heard)}, "
            f"{shapes[:2]}."
        )
    if not all(np.isfinite(rows).all() for pair in pieces for rows in pair):
        raise ParameterError("heard: expected numbers, received NaN or infinity.")
    return pieces
