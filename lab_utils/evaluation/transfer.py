"""How far a transfer moves phrases into another style, and how much of each phrase it keeps: neither is worth much alone.

Conventions
-----------
* Phrases of style A become B, which is one **direction**, and then A again, the way **back**. Figures of both directions,
  A → B → A and B → A → B, are averaged, each counting the same.
* **Strength** is that of Brunner et al. (2018). With P(x) the share of phrases that a classifier calls the *source's* style::

      S = ½ [ P(source) − P(transfer) + P(back) − P(transfer) ]

  1: every source and every way back is called what it was, no transfer is. 0: as of phrases that nothing was done to.
  It is linear in single phrases, so each has a strength of its own, −1 to 1, whose mean it is. With probabilities in the place
  of calls P is a mean probability.
* **Content** is chroma F1: of the pitch classes that sound in the source and in the transfer, step by step (16ths, the strict
  reading) or in windows of some steps (a beat, say, in which the order does not count). With |·| the number of (window, pitch
  class) pairs, F1 = 2 |both| / (|source| + |transfer|). Octaves do not count; a transfer that is moved to another key loses all.
* **Notes kept** is the share of the source's notes that start in the transfer too, at the same step with the same pitch class;
  **notes old** the share of the transfer's notes that the source has. **Density** is notes in a bar. **Steps returned** is the
  share of steps in which the way back has the pitch and the onset of the source.
* A grid is int, shape (N, T) or (N, T, voices), MIDI pitch, negative for a rest; onsets are bool, of the same shape.
* The 95 % **intervals** are of the bootstrap over pieces (Efron, 1979): whole pieces are drawn anew with all of their phrases, in
  each direction for itself.

Left out: whether the music is good. A transfer may be strong, keep all and be dull; what a rule without any learning reaches
belongs beside every figure. The recipe ``cyclegan`` and the notebook ``10_cyclegan`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError

CLASSES = 12
ROLES = ("source", "transfer", "back")


def strength(source, transfer, back):
    """Return the strength of each transfer.

    Parameters
    ----------
    source, transfer, back : array_like of bool or float, shape (N,)
        Whether a classifier calls each phrase the source's style, or the probability that it is.

    Returns
    -------
    np.ndarray of float64, shape (N,)
        −1 to 1; the mean of all is S.
    """
    calls = [np.asarray(values, np.float64) for values in (source, transfer, back)]
    if calls[0].ndim != 1 or not calls[0].size or any(values.shape != calls[0].shape for values in calls):
        raise ParameterError(f"source, transfer, back: expected one number a phrase, received {[v.shape for v in calls]}.")
    for name, values in zip(ROLES, calls, strict=True):
        if not ((values >= 0) & (values <= 1)).all():
            raise ParameterError(f"{name}: expected bools or probabilities from 0 to 1, received others.")
    return (calls[0] + calls[2]) / 2 - calls[1]


def chroma_f1(source, transfer, *, window=1):
    """Return the chroma F1 of each phrase and what was made of it.

    Parameters
    ----------
    source, transfer : array_like of int, shape (N, T) or (N, T, voices)
    window : int
        Steps within which the order does not count; a divisor of T.

    Returns
    -------
    np.ndarray of float64, shape (N,)
        0 to 1; 1 where neither sounds at all.
    """
    one, other = (_chroma(grid, window, name) for grid, name in ((source, "source"), (transfer, "transfer")))
    if one.shape != other.shape:
        raise ParameterError(f"source, transfer: expected as many phrases of one length, received {one.shape}, {other.shape}.")
    both, sizes = (one & other).sum(axis=(1, 2)), one.sum(axis=(1, 2)) + other.sum(axis=(1, 2))
    return np.where(sizes, 2 * both / np.maximum(sizes, 1), 1.0)


def _chroma(grid, window, name):
    """Return which pitch classes sound in each window, bool, shape (N, T / window, 12)."""
    grid = np.asarray(grid)
    if grid.ndim not in (2, 3) or not grid.size or not np.issubdtype(grid.dtype, np.integer):
        raise ParameterError(f"{name}: expected whole numbers, shape (phrases, steps), received {grid.dtype} {grid.shape}.")
    if not 1 <= window <= grid.shape[1] or grid.shape[1] % window:
        raise ParameterError(f"window: expected a divisor of the {grid.shape[1]} steps, received {window!r}.")
    grid = grid.reshape(len(grid), grid.shape[1] // window, -1)  # (N, windows, steps and voices)
    return ((grid[..., None] % CLASSES == np.arange(CLASSES)) & (grid[..., None] >= 0)).any(axis=2)


def notes_kept(source, transfer):
    """Return the share of the source's notes that start in the transfer too, of each phrase.

    Parameters
    ----------
    source, transfer : (grid, onsets)
        Each shape (N, T) or (N, T, voices). Swapped, it returns how many of the transfer's notes are old.

    Returns
    -------
    np.ndarray of float64, shape (N,)
        0 to 1; 1 where the source has no notes.
    """
    one, other = _starting(source, "source"), _starting(transfer, "transfer")
    if one.shape != other.shape:
        raise ParameterError(f"source, transfer: expected as many phrases of one length, received {one.shape}, {other.shape}.")
    notes = one.sum(axis=(1, 2))
    return np.where(notes, (one & other).sum(axis=(1, 2)) / np.maximum(notes, 1), 1.0)


def _starting(phrases, name):
    """Return which pitch classes start in each step, bool, shape (N, T, 12)."""
    grid, onsets = _pair(phrases, name)
    return _chroma(np.where(onsets, grid, -1), 1, name)


def _pair(phrases, name):
    grid, onsets = (np.asarray(values) for values in phrases)
    if grid.shape != onsets.shape:
        raise ParameterError(f"{name}: expected onsets of shape {grid.shape} like the grid, received {onsets.shape}.")
    return grid, onsets.astype(bool)


def density(onsets, *, bar=16):
    """Return the notes in a bar of `bar` steps, of each phrase: `onsets` bool (N, T) or (N, T, voices) → float64 (N,)."""
    onsets = np.asarray(onsets, bool)
    return onsets.reshape(len(onsets), -1).sum(axis=1) * bar / onsets.shape[1]


def steps_returned(source, back):
    """Return the share of steps in which the way back is as the source was, of each phrase: two (grid, onsets) → (N,)."""
    (grid, onsets), (other, starts) = _pair(source, "source"), _pair(back, "back")
    if grid.shape != other.shape:
        raise ParameterError(f"source, back: expected as many phrases of one length, received {grid.shape}, {other.shape}.")
    return ((grid == other) & (onsets == starts)).reshape(len(grid), -1).mean(axis=1)


def bootstrap(values, pieces, *, seed=0, draws=2000):
    """Return the mean of `values` (N,) in each of many draws of whole pieces, float64, shape (draws,).

    Parameters
    ----------
    values : array_like of float, shape (N,)
    pieces : array_like of int, shape (N,)
        The piece that each value is of.
    seed, draws : int
    """
    values, numbers = np.asarray(values, np.float64), np.unique(pieces, return_inverse=True)[1]
    if values.ndim != 1 or values.shape != numbers.shape or not len(values):
        raise ParameterError(f"pieces: expected one for each of the values, received {numbers.shape} for {values.shape}.")
    sums, sizes = np.bincount(numbers, weights=values), np.bincount(numbers)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(draws, len(sizes)))
    return sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)


def measures(source, transfer, back, *, bar=16, beat=4):
    """Return all that needs no classifier, a dict of name to one number a phrase, float64 (N,); each phrase a (grid, onsets)."""
    return {
        "content_f1": chroma_f1(source[0], transfer[0]),
        "content_f1_beat": chroma_f1(source[0], transfer[0], window=beat),
        "notes_kept": notes_kept(source, transfer),
        "notes_old": notes_kept(transfer, source),
        "density": density(transfer[1], bar=bar),
        "steps_returned": steps_returned(source, back),
    }


def summary(directions, *, seed=0, draws=2000):
    """Return the means of measures over both directions, each direction's, and bootstrap intervals over pieces.

    Parameters
    ----------
    directions : dict
        Name of a direction → (measures, pieces): a dict of name → (N,), and the piece of each phrase, (N,).
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    dict
        Each measure's mean over the directions; ``interval``, dict of each measure's 95 % interval; ``by_direction``, the
        means of each.
    """
    if not directions:
        raise ParameterError("directions: expected at least one, received none.")
    names = list(next(iter(directions.values()))[0])
    by_direction = {way: {name: float(found[name].mean()) for name in names} for way, (found, _) in directions.items()}
    found = {name: float(np.mean([of[name] for of in by_direction.values()])) for name in names}
    intervals = {}
    for name in names:
        drawn = [
            bootstrap(values[name], pieces, seed=seed + number, draws=draws)
            for number, (values, pieces) in enumerate(directions.values())
        ]
        intervals[name] = [float(q) for q in np.quantile(np.mean(drawn, axis=0), (0.025, 0.975))]
    return {**found, "interval": intervals, "by_direction": by_direction}


def evaluate(directions, *, seed=0, draws=2000):
    """Return the figures of a transfer under one classifier.

    Parameters
    ----------
    directions : dict
        Name of a direction, such as "hymn_to_dance", → dict of ``source``, ``transfer``, ``back``, each (grid, onsets);
        ``calls``, the three answers that :func:`strength` takes; ``pieces``, the piece of each phrase, (N,).
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``strength``, ``content_f1``, ``content_f1_beat``, ``notes_kept``, ``notes_old``, ``density`` and ``steps_returned``, with
        ``interval`` and ``by_direction`` as :func:`summary` returns them.
    """
    measured = {
        name: ({"strength": strength(*of["calls"]), **measures(*(of[role] for role in ROLES))}, of["pieces"])
        for name, of in directions.items()
    }
    return summary(measured, seed=seed, draws=draws)
