"""How well a model predicts voices on a grid: negative log-likelihood, accuracy, and three baselines beside them.

The contract
------------
1. **joint NLL** = all nats that are needed to rebuild the array, divided by the number of its notes. A note here is one voice in
   one frame, a rest and a held frame included; whatever else a model spends (holds, chord symbols, ends) is added to the nats
   and never to the notes.
2. Whole pieces from their first frame, weighted by note; the mean over pieces stands beside it. Padding changes nothing: pieces
   are handed in without it, or with ``counted``, which is true where a note counts; what lies elsewhere is never read.
3. The baselines are fitted on the run's own training fold: each voice's unigram, its bigram, and its bigram by position in
   the beat. Copying the previous frame is right three times in four: an accuracy says little without them.

A single voice is a sequence of shape (T,). Units are nats. The **perplexity** is e to the joint NLL: how many equally likely
notes would be as hard to guess. Most notes are held, and easy; so the accuracy can be told for each **kind** of note (starting,
held, rest). The interval is the bootstrap's over pieces (Efron, 1979). The notebooks ``05_recurrent_networks`` and
``07_testing`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.baselines import BEAT, Baselines


def token_nll(logits, tokens):
    """Return the negative log-likelihood of each token, in nats.

    Parameters
    ----------
    logits : np.ndarray, shape (..., V)
        Before the softmax.
    tokens : np.ndarray of int, shape (...)

    Returns
    -------
    np.ndarray of float64, shape (...)
    """
    logits = np.asarray(logits, dtype=np.float64)
    if logits.shape[:-1] != np.shape(tokens):
        raise ParameterError(f"logits: expected shape {np.shape(tokens)} + (tokens,), received {logits.shape}.")
    peak = logits.max(axis=-1, keepdims=True)
    log_sum = peak[..., 0] + np.log(np.exp(logits - peak).sum(axis=-1))
    return log_sum - np.take_along_axis(logits, np.asarray(tokens)[..., None], axis=-1)[..., 0]


def summary(pieces, *, counted=None, seed=0, draws=1000):
    """Return the figures of a set of pieces from the NLL of their notes.

    Parameters
    ----------
    pieces : list of np.ndarray, each shape (T,) or (T, voices)
        Nats of each note.
    counted : list of np.ndarray of bool, of the same shapes, optional
        True where a note counts, for padded pieces and for those whose first note is given; left out, all count.
    seed, draws : int
        Of the bootstrap over pieces.

    Returns
    -------
    dict
        ``joint_nll``, nats a note; ``perplexity``; ``per_piece_nll``, the mean over pieces; ``interval``, the 95 % bootstrap
        interval of joint_nll; ``by_beat_position``, joint NLL on each 16th of a beat; ``notes``, their number.
    """
    pieces, counted = check_pieces(pieces, counted)
    nats, notes = piece_totals(pieces, counted)
    drawn = np.random.default_rng(seed).integers(len(pieces), size=(draws, len(pieces)))
    spread = nats[drawn].sum(axis=1) / notes[drawn].sum(axis=1)
    by_position = [np.concatenate([p[i::BEAT][c[i::BEAT]] for p, c in zip(pieces, counted, strict=True)]) for i in range(BEAT)]
    return {
        "joint_nll": float(nats.sum() / notes.sum()),
        "perplexity": perplexity(nats.sum() / notes.sum()),
        "per_piece_nll": float((nats / notes).mean()),
        "interval": [float(q) for q in np.quantile(spread, (0.025, 0.975))],
        "by_beat_position": [float(p.mean()) if len(p) else None for p in by_position],
        "notes": int(notes.sum()),
    }


def check_pieces(pieces, counted=None, *, name="pieces"):
    """Return `pieces` and `counted` as lists of arrays, or raise a :class:`ParameterError` that says what is wrong with them.

    Parameters
    ----------
    pieces : list of array_like, each shape (T,) or (T, voices)
    counted : list of array_like of bool, of the same shapes, optional
        Left out, everything counts.
    name : str
        What to call the pieces in the message.
    """
    pieces = [np.asarray(piece) for piece in pieces]
    if not pieces or any(piece.ndim not in (1, 2) or not piece.size for piece in pieces):
        raise ParameterError(
            f"{name}: expected at least one array of shape (frames,) or (frames, voices), received none or another."
        )
    if counted is None:
        return pieces, [np.ones(piece.shape, bool) for piece in pieces]
    counted = [np.asarray(mask) for mask in counted]
    if [mask.shape for mask in counted] != [piece.shape for piece in pieces] or any(mask.dtype != bool for mask in counted):
        raise ParameterError(f"counted: expected a bool array of the shape of each of the {len(pieces)} {name}, received others.")
    if not all(mask.any() for mask in counted):
        raise ParameterError("counted: expected a note that counts in each piece, received none; leave that piece out.")
    return pieces, counted


def piece_totals(pieces, counted):
    """Return (total of what counts, how many count) of each piece, two arrays of shape (pieces,)."""
    totals = np.array([piece[mask].sum(dtype=np.float64) for piece, mask in zip(pieces, counted, strict=True)])
    return totals, np.array([mask.sum() for mask in counted])


def perplexity(nll):
    """Return e to the mean `nll`, a number of nats a note: how many equally likely notes would be as hard to guess."""
    return float(np.exp(nll))


def by_kind(values, kinds, *, names=None):
    """Return the mean of something, such as whether the first choice was right, for each kind of note.

    Parameters
    ----------
    values : list of np.ndarray, each shape (T,) or (T, voices)
        Bool for an accuracy, nats for an NLL.
    kinds : dict of str to list of bool arrays, or list of int arrays, of the same shapes
        Which notes are of each kind (a note may be of several), or the number of each note's kind; a negative number is padding.
    names : sequence of str, optional
        With numbers: what kinds 0, 1, … are called.

    Returns
    -------
    dict of str to dict
        For each kind ``mean`` (None where there is no such note) and ``notes``, how many there are.
    """
    values, _ = check_pieces(values, name="values")
    if not isinstance(kinds, dict):
        labels = [np.asarray(piece) for piece in kinds]
        if names is None or any(piece.size and piece.max() >= len(names) for piece in labels):
            raise ParameterError(f"names: expected a name for each number among the kinds, received {names!r}.")
        kinds = {name: [piece == number for piece in labels] for number, name in enumerate(names)}
    figures = {}
    for name, masks in kinds.items():
        masks = [np.asarray(mask, dtype=bool) for mask in masks]
        if [mask.shape for mask in masks] != [piece.shape for piece in values]:
            raise ParameterError(f"kinds: expected the shapes of the {len(values)} values for {name!r}, received others.")
        totals, notes = piece_totals(values, masks)
        count = int(notes.sum())
        figures[name] = {"mean": float(totals.sum() / count) if count else None, "notes": count}
    return figures


def evaluate(nll, right, symbols, baselines):
    """Return the figures of a model with its baselines beside it.

    Parameters
    ----------
    nll : list of np.ndarray, each shape (T, voices)
        The model's nats for each note.
    right : list of np.ndarray of bool, each shape (T, voices)
        Whether the model's first choice was the note.
    symbols : list of np.ndarray of int, each shape (T, voices)
        The pieces as the baselines read them.
    baselines : Baselines
        Fitted on the run's training fold.

    Returns
    -------
    dict
        What :func:`summary` returns, with ``accuracy``, ``pieces`` (their number) and ``baselines``, the joint NLL of each.
    """
    if not len(nll) == len(right) == len(symbols):
        raise ParameterError(f"nll, right, symbols: expected as many pieces, received {len(nll)}, {len(right)}, {len(symbols)}.")
    figures = summary(nll)
    figures["accuracy"] = float(sum(r.sum() for r in right) / figures["notes"])
    figures["pieces"] = len(nll)
    figures["baselines"] = {
        name: summary([baselines.nll(name, piece) for piece in symbols])["joint_nll"] for name in Baselines.NAMES
    }
    return figures
