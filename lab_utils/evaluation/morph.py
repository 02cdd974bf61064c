"""Morphs measured: does a row of phrases go from one end to the other without turning back, and by even steps?

Conventions
-----------
* A **path** is a row of phrases from one end to the other, tokens int, shape (stops, T); of N paths (N, stops, T).
* The **edit distance** of two phrases (Levenshtein, 1966) is the least number of tokens to insert, to delete, or to replace by
  another, that makes the one into the other; all of them cost 1.
* A step from stop to stop is **monotone** if the distance to the first end does not fall and that to the last does not rise. A
  path is, if all of its steps are. Both are strict: no tolerance. Beside them stands the same with a tolerance of one edit, to
  tell a jitter of one token from a way that turns back.
* Monotone alone proves little: a path that stays at its first end and then jumps is, and so is one that swaps the tokens of the
  one for those of the other. So three figures more: how many stops are **distinct**, the **largest step** as a share of the
  distance of the ends, and the **detour**, all steps added up over that distance: 1 is a straight way.

The algorithm ``latent`` and the notebook ``14_sampling_a_vae`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError


def edit_distances(one, other):
    """Return the edit distance of each phrase to its partner.

    Parameters
    ----------
    one : array_like of int, shape (N, T)
    other : array_like of int, shape (N, U)

    Returns
    -------
    np.ndarray of int, shape (N,)
    """
    one, other = _checked(one, "one", 2), _checked(other, "other", 2)
    if len(one) != len(other):
        raise ParameterError(f"one, other: expected as many phrases of each, received {len(one)} and {len(other)}.")
    row = np.tile(np.arange(other.shape[1] + 1), (len(one), 1))  # (N, U + 1), of the tokens of `one` so far
    for i in range(one.shape[1]):
        swapped = row[:, :-1] + (one[:, i : i + 1] != other)
        new = np.concatenate([row[:, :1] + 1, np.minimum(row[:, 1:] + 1, swapped)], axis=1)
        places = np.arange(new.shape[1])
        row = np.minimum.accumulate(new - places, axis=1) + places  # insertions: each costs 1 from the best before
    return row[:, -1]


def distance_table(phrases):
    """Return the edit distance of each phrase to each, int (N, N), of phrases (N, T); equal ones are compared once."""
    phrases = _checked(phrases, "phrases", 2)
    known, which = np.unique(phrases, axis=0, return_inverse=True)
    first, second = np.triu_indices(len(known), 1)
    table = np.zeros((len(known), len(known)), int)
    if len(first):
        table[first, second] = table[second, first] = edit_distances(known[first], known[second])
    return table[which.ravel()][:, which.ravel()]


def monotone_steps(paths, *, tolerance=0):
    """Return which steps of paths (N, stops, T) are monotone, bool (N, stops − 1)."""
    to_first, to_last = _to_ends(_checked(paths, "paths", 3))
    return (np.diff(to_first, axis=1) >= -tolerance) & (np.diff(to_last, axis=1) <= tolerance)


def evaluate(paths):
    """Return the figures of paths.

    Parameters
    ----------
    paths : array_like of int, shape (N, stops, T)

    Returns
    -------
    dict
        ``monotone``, the share of the paths that are, and ``monotone_steps``, of the steps; ``monotone_within_1``, of the paths
        with a tolerance of one edit a step; ``distinct``, stops that differ from all others of their path, as a mean share;
        ``largest_step`` and ``detour``, means over the paths whose ends differ; ``apart``, the mean edit distance of the ends.
    """
    paths = _checked(paths, "paths", 3)
    steps = monotone_steps(paths)
    count, stops, length = paths.shape
    between = edit_distances(paths[:, :-1].reshape(-1, length), paths[:, 1:].reshape(-1, length)).reshape(count, stops - 1)
    apart = edit_distances(paths[:, 0], paths[:, -1])
    far = apart > 0
    share = between[far] / apart[far, None] if far.any() else np.zeros((1, 1))
    return {
        "monotone": float(steps.all(axis=1).mean()),
        "monotone_steps": float(steps.mean()),
        "monotone_within_1": float(monotone_steps(paths, tolerance=1).all(axis=1).mean()),
        "distinct": float(np.mean([len(np.unique(path, axis=0)) for path in paths]) / stops),
        "largest_step": float(share.max(axis=1).mean()),
        "detour": float(share.sum(axis=1).mean()),
        "apart": float(apart.mean()),
    }


def _to_ends(paths):
    """Return the distances to the first and to the last stop, each (N, stops)."""
    count, stops, length = paths.shape
    flat = paths.reshape(-1, length)
    ends = (np.repeat(paths[:, end], stops, axis=0) for end in (0, -1))
    return tuple(edit_distances(flat, end).reshape(count, stops) for end in ends)


def _checked(tokens, name, ndim):
    tokens = np.asarray(tokens)
    if tokens.ndim != ndim or not tokens.size or not np.issubdtype(tokens.dtype, np.integer):
        raise ParameterError(
            f"{name}: expected whole numbers of {ndim} dimensions, none of them 0 long, received {tokens.shape} {tokens.dtype}."
        )
    if ndim == 3 and tokens.shape[1] < 2:
        raise ParameterError(f"{name}: expected at least two stops, received {tokens.shape[1]}.")
    return tokens
