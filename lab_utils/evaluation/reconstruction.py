"""How far a reconstruction lies from the original: of pitches, piano rolls, spectrograms, and onsets.

Conventions
-----------
* **RMSE** is the root of the mean squared difference, in the unit of what is compared: semitones of a pitch, 0–1 of a roll, dB of
  a log spectrogram. Pieces are weighted by their numbers: all squares are summed before the root is taken.
* **Pitches** are int, shape (T,) or (T, voices), negative for a rest. A rest has no distance to a note, so the RMSE is that of
  the places where both sound, and the **rest errors** are told beside it: the share of all places where one sounds and the other
  does not. Neither is to be read without the other: who plays only what is sure has a small RMSE. An octave is 12 semitones off.
* **Rolls** are numbers 0–1 (or bool), shape (T, P); **spectrograms** are float, shape (frames, bins). Most of a roll is silence,
  so even the empty roll has a small RMSE: it is told beside it, as ``silence``. A spectrogram's ``mean`` is the RMSE of the best
  constant picture, the standard deviation.
* **Onsets**: an onset is found if one of the same pitch and column stands within `tolerance` steps, each used once; then
  precision, recall and their harmonic mean F1 (mir_eval's definition; Raffel et al., 2014).

Nothing is moved in time to fit: the original and the reconstruction have one shape. The notebook ``07_testing`` uses it.
"""

import numpy as np

from lab_utils.errors import ParameterError


def pitch_rmse(originals, rebuilt):
    """Return the distance of pitches.

    Parameters
    ----------
    originals, rebuilt : list of array_like of int, each shape (T,) or (T, voices)
        MIDI pitch, negative for a rest; the same shapes in the same order.

    Returns
    -------
    dict
        ``rmse`` in semitones where both sound (None where they never do), ``equal``, the share of all places that are the same,
        rests counted, ``rest_errors``, the share where only one sounds, and ``places``, their number.
    """
    one, other = _joined(originals, rebuilt, "pitches")
    both = (one >= 0) & (other >= 0)
    squares = np.square(one[both].astype(np.float64) - other[both])
    return {
        "rmse": float(np.sqrt(squares.mean())) if len(squares) else None,
        "equal": float((both & (one == other) | (one < 0) & (other < 0)).mean()),
        "rest_errors": float(((one >= 0) != (other >= 0)).mean()),
        "places": len(one),
    }


def roll_rmse(originals, rebuilt):
    """Return the distance of piano rolls.

    Parameters
    ----------
    originals, rebuilt : list of array_like, each shape (T, P)
        0–1 or bool; the rolls of :mod:`lab_utils.encoding.pianoroll` as ``roll > 0``.

    Returns
    -------
    dict
        ``rmse``, and ``silence``, the RMSE of an empty roll.
    """
    one, other = _joined(originals, rebuilt, "rolls")
    for values in (one, other):
        if values.min() < 0 or values.max() > 1:
            raise ParameterError(
                f"rolls: expected values 0–1, received {values.min():g}–{values.max():g}; "
                "of a roll of starts and sustains take roll > 0."
            )
    one, other = one.astype(np.float64), other.astype(np.float64)
    return {"rmse": float(np.sqrt(np.square(one - other).mean())), "silence": float(np.sqrt(np.square(one).mean()))}


def spectrogram_rmse(originals, rebuilt):
    """Return the distance of spectrograms.

    Parameters
    ----------
    originals, rebuilt : list of array_like of float, each shape (frames, bins)
        Both in the same unit, dB or scaled.

    Returns
    -------
    dict
        ``rmse`` in that unit, and ``mean``, the RMSE of the best constant.
    """
    one, other = (values.astype(np.float64) for values in _joined(originals, rebuilt, "spectrograms"))
    return {"rmse": float(np.sqrt(np.square(one - other).mean())), "mean": float(one.std())}


def onset_f1(originals, rebuilt, *, tolerance=0):
    """Return how well the onsets are found.

    Parameters
    ----------
    originals, rebuilt : list of array_like of bool, each shape (T, P)
        True where a note starts, by pitch or by voice.
    tolerance : int
        Steps that an onset may be early or late.

    Returns
    -------
    dict
        ``f1``, ``precision``, ``recall``, each 0–1 (1 where there is nothing to find and nothing was found), ``onsets`` and
        ``found``, the numbers of the original's and of the pairs.
    """
    if tolerance < 0:
        raise ParameterError(f"tolerance: expected 0 steps or more, received {tolerance}.")
    pairs = _pairs_of_arrays(originals, rebuilt, "onsets")
    if any(one.ndim != 2 for one, _ in pairs):
        raise ParameterError(f"onsets: expected shape (steps, pitches or voices), received {pairs[0][0].shape}.")
    wanted, played = (sum(int((arrays[i] > 0).sum()) for arrays in pairs) for i in (0, 1))
    found = 0
    for one, other in pairs:
        for column in range(one.shape[1]):
            found += _matches(np.flatnonzero(one[:, column]), np.flatnonzero(other[:, column]), tolerance)
    precision, recall = (found / n if n else float(not wanted + played) for n in (played, wanted))
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"f1": f1, "precision": precision, "recall": recall, "onsets": wanted, "found": found}


def evaluate(originals, rebuilt, *, kind):
    """Return the figures of reconstructions of one kind: "pitch", "roll", "spectrogram" or "onsets"."""
    measures = {"pitch": pitch_rmse, "roll": roll_rmse, "spectrogram": spectrogram_rmse, "onsets": onset_f1}
    if kind not in measures:
        raise ParameterError(f"kind: expected one of {', '.join(measures)}; received {kind!r}.")
    return measures[kind](originals, rebuilt)


def _matches(one, other, tolerance):
    """Return how many pairs of two sorted lists of steps lie within `tolerance`, each step used once.

    Taking the earliest that still fits is the largest matching, for all intervals have one width.
    """
    found = i = j = 0
    while i < len(one) and j < len(other):
        if abs(one[i] - other[j]) <= tolerance:
            found, i, j = found + 1, i + 1, j + 1
        elif one[i] < other[j]:
            i += 1
        else:
            j += 1
    return found


def _pairs_of_arrays(originals, rebuilt, name):
    pairs = [(np.asarray(one), np.asarray(other)) for one, other in zip(originals, rebuilt, strict=False)]
    if len(originals) != len(rebuilt) or not pairs or any(one.shape != other.shape or not one.size for one, other in pairs):
        raise ParameterError(
            f"{name}: expected originals and reconstructions of the same shapes, received {len(originals)} and {len(rebuilt)}, "
            f"{', '.join(f'{one.shape} and {other.shape}' for one, other in pairs[:2]) or 'none'}; cut both to one length."
        )
    return pairs


def _joined(originals, rebuilt, name):
    """Return all values of the originals and all of the reconstructions, two arrays of shape (N,)."""
    pairs = _pairs_of_arrays(originals, rebuilt, name)
    return tuple(np.concatenate([pair[i].ravel() for pair in pairs]) for i in (0, 1))
