"""Which notes a piece of music uses, as one point: its centre of gravity on the circle of fifths.

Conventions
-----------
* The twelve **pitch classes** (C = 0, C♯ = 1, … B = 11: a key of the piano and all its octaves) stand like the hours of a clock,
  C at noon, and each next one is seven keys of the piano up, a fifth: G at one o'clock, D at two, … F at eleven.
* A point is (x, y) with x to the right and y up, in the circle of radius 1. Each note pulls with its weight: how long it sounds.
* Scales are seven neighbours on that circle. So the point's direction tells the scale, and its distance from the middle how
  narrow the choice is: a single note lies on the rim, all twelve alike in the middle.
* Many weights share a point. Of these :func:`pitch_classes_at` gives those that commit themselves least, of the largest entropy:
  ``w_k ∝ exp(λ · place of k)``, with the two numbers λ such that the centre of gravity is the point (Jaynes, 1957).

Left out: octaves, order and rhythm, and the other circles of the tonal centroid (Harte, Sandler & Gasser, 2006), of which this
is the first. Used by the notebook ``02_generative_models``.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

HOURS = np.arange(12) * 7 % 12  # of pitch class k: where it stands on the clock
PLACES = np.stack([np.sin(2 * np.pi * HOURS / 12), np.cos(2 * np.pi * HOURS / 12)], axis=1)  # (12, 2)
FURTHEST = 0.99  # share of what can be reached: on the edge itself λ would have no end
MIDDLE = 69  # the A above middle C
STEPS = 100  # of Newton's method, each at most 1 long: a handful near the middle, some forty near the edge


def fifths_point(pitches, weights=None):
    """Return the centre of gravity of notes on the circle of fifths.

    Parameters
    ----------
    pitches : array_like of int, shape (..., notes)
        MIDI pitches; a negative one is a rest and has no weight. Of a grid, give all its steps as notes.
    weights : array_like of float, shape (..., notes), optional
        How long each sounds; left out, all alike.

    Returns
    -------
    np.ndarray of float64, shape (..., 2)

    Raises
    ------
    ParameterError
        Pitches that are no integers, weights of another shape or below 0, or a row in which nothing sounds.
    """
    pitches = np.asarray(pitches)
    if not pitches.ndim or not pitches.size or not np.issubdtype(pitches.dtype, np.integer):
        raise ParameterError(f"pitches: expected integers, shape (..., notes), received {pitches.dtype} {pitches.shape}.")
    weights = np.ones(pitches.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if weights.shape != pitches.shape or not (weights >= 0).all():
        raise ParameterError(f"weights: expected numbers from 0 up, shape {pitches.shape}, received shape {weights.shape}.")
    weights = np.where(pitches >= 0, weights, 0.0)
    total = weights.sum(axis=-1, keepdims=True)
    if not (total > 0).all():
        raise ParameterError("pitches: expected a note that sounds in every row, received a row of rests; leave it out.")
    return np.einsum("...n,...nd->...d", weights / total, PLACES[pitches % 12])


def pitch_classes_at(point):
    """Return the weights of the twelve pitch classes whose centre of gravity is `point`, those of the largest entropy.

    Parameters
    ----------
    point : array_like of float, shape (2,)
        In the circle of radius 1. The rim can be reached at the twelve hours only, for between two of them lies a straight
        line; a point beyond 99 % of the way to it is moved back to there.

    Returns
    -------
    np.ndarray of float64, shape (12,)
        They sum to 1; C first.

    Raises
    ------
    ParameterError
        A point outside the circle, where no music is.
    """
    point = np.asarray(point, dtype=np.float64)
    if point.shape != (2,) or not np.isfinite(point).all() or np.hypot(*point) > 1 + 1e-9:
        raise ParameterError(f"point: expected (x, y) in the circle of radius 1, for no notes lie outside; received {point}.")
    turned = np.arctan2(*point) % (np.pi / 6) - np.pi / 12  # from the middle between two hours
    edge = FURTHEST * np.cos(np.pi / 12) / np.cos(turned)
    point = point * min(1.0, edge / max(np.hypot(*point), edge))
    pull = np.zeros(2)
    for _ in range(STEPS):
        weights = np.exp(PLACES @ pull - (PLACES @ pull).max())
        weights /= weights.sum()
        off = point - weights @ PLACES
        away = PLACES - weights @ PLACES
        step = np.linalg.solve((weights[:, None] * away).T @ away, off)
        pull = pull + step / max(1.0, np.hypot(*step))
    return weights


def score_at(point, *, notes=16, seed=0, tempo=120.0, **about):
    """Return a melody of notes drawn at random by the weights that `point` stands for: what a place on the circle sounds like.

    Parameters
    ----------
    point : array_like of float, shape (2,)
        As in :func:`pitch_classes_at`.
    notes : int
        How many, each half a quarter long.
    seed : int
    tempo : float
        Quarters a minute.
    **about
        Further fields of the Score: title, programs, …

    Returns
    -------
    Score
        Each note in the octave that is nearest to the note before it, at most twelve keys from the A above middle C.
    """
    drawn = np.random.default_rng(seed).choice(12, notes, p=pitch_classes_at(point))
    rows, before = [], MIDDLE
    for place, pitch_class in enumerate(drawn):
        before = int(pitch_class) + 12 * round((before - int(pitch_class)) / 12)
        before += 12 * ((before < MIDDLE - 12) - (before > MIDDLE + 12))
        rows.append((place / 2, 0.5, before))
    return Score(note_array(rows), tempos=((0.0, float(tempo)),), **about)
