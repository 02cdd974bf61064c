"""Attention accuracy: does a model look back at the step that it needs?

Conventions
-----------
* **weights** are float, shape (T, W): ``weights[t, k]`` is the weight that the model, about to predict step t, puts on step
  t − 1 − k; k = 0 is the latest step. A row sums to 1 over the steps that exist; what would lie before the start has weight 0, so
  row 0 is all zeros. The **attended** step is the one with the strongest weight, of equal ones the latest.

**On a copy task** the source is known. :func:`copy_task` makes sequences in which some tokens are copies of an earlier one, and
tells of which. The **attention accuracy** is the share of these steps at which the attended step is the source: not another step
with the same token, and not the neighbour of the source.

**On real tunes** nobody knows the source. So :func:`attention_hits` counts how often the attended step holds the pitch that
comes, over steps at which a pitch sounds, the first step left out. In most steps a note is held and the latest step is right, so
the figure that tells something is that of the **onsets**. Beside it stand

* ``uniform``: the same for equal weights, as an exact expectation: the mean over the window of "holds the pitch that comes";
* ``mass``: the weight that lies on such steps, all the others' weights counted too; for equal weights this is ``uniform``;
* ``last``: the same for a model that always attends to the latest step;
* ``possible``: how often any step of the window holds the pitch, which no model can pass;
* ``entropy`` of the weights in nats, 0 where one step has it all, and ``uniform_entropy``, the most that the windows allow.

A network may as well look at the step *before* the place it copies from, to see what followed there: with ``ahead=1`` the step
after the attended one is compared. That weights fall on a step is no proof that the network uses it (Jain & Wallace, 2019).

The window of 40 steps is that of Magenta's attention_rnn (Waite, 2016). The recipe ``melody`` and the notebook ``07_testing`` use
this module.
"""

import numpy as np

from lab_utils.errors import ParameterError

WINDOW = 40  # steps
TASKS = ("lag", "marked")


def copy_task(sequences, *, kind="marked", items=8, symbols=8, seed=0):
    """Return sequences whose later tokens are copies of earlier ones, and the step that each is a copy of.

    Parameters
    ----------
    sequences : int
        How many, B.
    kind : str
        "lag": `items` random tokens 0 to `symbols` − 1, then the same once more, so the source lies `items` steps back.
        "marked": `items` pairs of a mark and a random token, the marks in random order, then all marks once more in another
        order, each followed by the token that it had before; so the source is to be found by its mark. Tokens are 0 to
        `symbols` − 1, marks `symbols` to `symbols` + `items` − 1.
    items, symbols : int
        To fit the window, "lag" takes at most W items and "marked" W // 4 (10 where W is 40).
    seed : int

    Returns
    -------
    tokens : np.ndarray of int32, shape (B, T)
        T is 2 · `items` for "lag", 4 · `items` for "marked".
    sources : np.ndarray of int32, shape (B, T)
        The step that each token is a copy of, −1 where it is none.
    """
    if kind not in TASKS:
        raise ParameterError(f"kind: expected one of {', '.join(TASKS)}; received {kind!r}.")
    if min(sequences, items, symbols) < 1:
        raise ParameterError(f"sequences, items, symbols: expected 1 or more, received {sequences}, {items}, {symbols}.")
    rng = np.random.default_rng(seed)
    drawn = rng.integers(symbols, size=(sequences, items))
    if kind == "lag":
        sources = np.concatenate([np.full(items, -1), np.arange(items)])
        return np.tile(drawn, 2).astype(np.int32), np.tile(sources, (sequences, 1)).astype(np.int32)
    first, again = (rng.permuted(np.tile(np.arange(items), (sequences, 1)), axis=1) for _ in range(2))
    place = np.take_along_axis(np.argsort(first, axis=1), again, axis=1)  # which pair had the mark that comes again
    marks = symbols + np.concatenate([first, again], axis=1)
    values = np.concatenate([drawn, np.take_along_axis(drawn, place, axis=1)], axis=1)
    sources = np.full((sequences, 4 * items), -1)
    sources[:, 2 * items + 1 :: 2] = 2 * place + 1
    return np.stack([marks, values], axis=2).reshape(sequences, -1).astype(np.int32), sources.astype(np.int32)


def copy_accuracy(weights, sources):
    """Return the attention accuracy: the share of copied steps at which the strongest weight lies on the source.

    Parameters
    ----------
    weights : array_like of float, shape (B, T, W)
    sources : array_like of int, shape (B, T)
        From :func:`copy_task`; −1 where nothing is copied.
    """
    sources = np.asarray(sources)
    weights = [check_weights(piece, steps=sources.shape[1]) for piece in weights]
    if sources.ndim != 2 or len(weights) != len(sources) or not (sources >= 0).any():
        raise ParameterError(f"sources: expected ({len(weights)}, T) with steps that are copies, received {sources.shape}.")
    back = np.arange(sources.shape[1]) - 1 - sources  # the k of the source
    copied = sources >= 0
    if back[copied].min() < 0 or back[copied].max() >= weights[0].shape[1]:
        raise ParameterError(
            f"sources: expected 1–{weights[0].shape[1]} steps back, as the weights reach, received {back[copied].min() + 1}–"
            f"{back[copied].max() + 1}; make the window longer or the task shorter."
        )
    attended = np.stack([piece.argmax(axis=1) for piece in weights])
    return float((attended == back)[copied].mean())


def attention_hits(weights, pitches, *, counted=None, ahead=0):
    """Return how often the attended step holds the pitch that comes, step by step, with what it is to be compared to.

    Parameters
    ----------
    weights : array_like of float, shape (T, W)
    pitches : array_like of int, shape (T,)
        The pitch that sounds in each step, held or new; negative for a rest.
    counted : array_like of bool, shape (T,), optional
        Steps that count, such as the onsets; left out, all. The first step and rests never count.
    ahead : int
        Compare the step that follows the attended one by this many; steps that would not lie in the past are no hits.

    Returns
    -------
    dict of str to np.ndarray of float, each shape (steps that count,)
        ``attended``, ``mass``, ``uniform``, ``last``, ``possible``, ``entropy``, ``uniform_entropy``; see the top of the module.
    """
    pitches = np.asarray(pitches)
    weights = check_weights(weights, steps=len(pitches))
    counts = (pitches >= 0) & (np.arange(len(pitches)) > 0)
    if counted is not None:
        if np.shape(counted) != pitches.shape:
            raise ParameterError(f"counted: expected shape {pitches.shape} like the pitches, received {np.shape(counted)}.")
        counts &= np.asarray(counted, dtype=bool)
    there = _window(*weights.shape)[counts]
    step = np.flatnonzero(counts)[:, None] - 1 - np.arange(weights.shape[1])  # (S, W), the step that column k speaks of
    past = there & (np.arange(weights.shape[1]) >= ahead)
    hit = past & (pitches[np.where(past, step + ahead, 0)] == pitches[counts][:, None])
    chosen = weights[counts]
    logs = np.log(np.where(chosen > 0, chosen, 1))
    return {
        "attended": np.take_along_axis(hit, chosen.argmax(axis=1)[:, None], axis=1)[:, 0].astype(float),
        "mass": (chosen * hit).sum(axis=1),
        "uniform": hit.sum(axis=1) / np.maximum(past.sum(axis=1), 1),
        "last": hit[:, ahead].astype(float) if ahead < hit.shape[1] else np.zeros(len(hit)),
        "possible": hit.any(axis=1).astype(float),
        "entropy": -(chosen * logs).sum(axis=1),
        "uniform_entropy": np.log(there.sum(axis=1)),
    }


def evaluate(weights, pitches, *, onsets=None, ahead=0):
    """Return the means of :func:`attention_hits` over tunes, for all steps and for the onsets.

    Parameters
    ----------
    weights : list of array_like of float, each shape (T, W)
    pitches : list of array_like of int, each shape (T,)
    onsets : list of array_like of bool, each shape (T,), optional
        Where a note starts; left out, wherever the pitch changes.
    ahead : int

    Returns
    -------
    dict
        ``all`` and ``onsets``, each a dict of the means (None where no step counts) with ``steps``, how many count.
    """
    if onsets is None:
        onsets = [np.diff(np.asarray(piece), prepend=-1) != 0 for piece in pitches]
    if not len(weights) == len(pitches) == len(onsets) or not len(weights):
        raise ParameterError(
            "weights, pitches, onsets: expected as many tunes, at least one; "
            f"received {len(weights)}, {len(pitches)}, {len(onsets)}."
        )
    figures = {}
    for name, masks in (("all", [None] * len(pitches)), ("onsets", onsets)):
        hits = [attention_hits(w, p, counted=mask, ahead=ahead) for w, p, mask in zip(weights, pitches, masks, strict=True)]
        joined = {key: np.concatenate([tune[key] for tune in hits]) for key in hits[0]}
        figures[name] = {key: float(values.mean()) if len(values) else None for key, values in joined.items()}
        figures[name]["steps"] = len(joined["attended"])
    return figures


def uniform_weights(steps, *, window=WINDOW):
    """Return equal weights on all steps of the window that exist, shape (T, W)."""
    there = _window(steps, window)
    return there / np.maximum(there.sum(axis=1, keepdims=True), 1)


def check_weights(weights, *, steps):
    """Return `weights` as float64, shape (`steps`, W), or raise a :class:`ParameterError` that says what is wrong with them."""
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 2 or len(weights) != steps or not weights.size:
        raise ParameterError(f"weights: expected shape ({steps}, window), received {weights.shape}.")
    there = _window(*weights.shape)
    if (weights[~there] != 0).any():
        raise ParameterError(
            "weights: expected 0 before the start (row t has t steps behind it), received other values; mask them."
        )
    sums = weights[1:].sum(axis=1)
    if weights.min() < 0 or (len(sums) and not np.allclose(sums, 1, atol=1e-2)):
        raise ParameterError("weights: expected rows that sum to 1 from the second on, received others; take the softmax.")
    return weights


def _window(steps, window):
    """Return which columns speak of a step that exists, bool, shape (T, W)."""
    return np.arange(steps)[:, None] > np.arange(window)
