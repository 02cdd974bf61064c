"""Does a model know what it does not know? Calibration: of all notes that it gives 70 %, seven in ten should come.

Conventions
-----------
* **probabilities** are float, shape (..., V), rows that sum to 1; **symbols** are int, shape (...): what came.
* The **first choice** is the most probable symbol, its **confidence** that probability. Confidences are sorted into `bins`
  intervals of one width, open at the left and closed at the right. In each, the mean confidence stands beside the accuracy: a
  picture of the two is the reliability diagram.
* The **expected calibration error** (ECE; Naeini, Cooper & Hauskrecht, 2015; Guo et al., 2017) is the mean over notes of how far
  the confidence of their bin lies from its accuracy: Σ notes in bin / notes · |accuracy − confidence|. 0 is best.
* **For the whole distribution** every one of the V probabilities of a note counts as a forecast that this symbol comes. The
  **misplaced mass** is Σ over bins |sum of the probabilities − how many of them came true| / notes: how much
  probability a note stands in the wrong bins, 0 to 2. (Classwise ECE, Nixon et al., 2019, is its like, symbol by symbol.)
* The **overconfidence** is the mean NLL less the mean entropy of the distributions, in nats. Where notes are drawn from the very
  distributions that are told, both are equal in the mean; a model that is too sure of itself pays more than it expected.

With few notes in a bin chance alone makes an error: an ECE of 0.01 from a thousand notes is none. The notebook ``07_testing``
uses it.
"""

import numpy as np

from lab_utils.errors import ParameterError


def reliability(forecast, happened, *, bins=10):
    """Return how often what was forecast happened, for each interval of the forecast probability.

    Parameters
    ----------
    forecast : array_like of float, shape (N,)
        Probabilities, 0 to 1.
    happened : array_like of bool, shape (N,)
    bins : int
        Intervals of one width.

    Returns
    -------
    dict of str to list
        For each bin ``upper``, its upper edge; ``count``; ``forecast``, the mean forecast, and ``happened``, the share that came
        true, both None in an empty bin.
    """
    forecast, happened = np.asarray(forecast, dtype=np.float64), np.asarray(happened, dtype=bool)
    if forecast.shape != happened.shape or forecast.ndim != 1 or not len(forecast):
        raise ParameterError(f"forecast, happened: expected one shape (N,), received {forecast.shape} and {happened.shape}.")
    if not ((forecast >= 0) & (forecast <= 1 + 1e-6)).all():
        raise ParameterError(f"forecast: expected probabilities 0–1, received {forecast.min():g}–{forecast.max():g}.")
    if bins < 1:
        raise ParameterError(f"bins: expected 1 or more, received {bins}.")
    upper = np.arange(1, bins + 1) / bins
    which = np.searchsorted(upper[:-1], forecast)  # the first bin whose upper edge is not below
    count = np.bincount(which, minlength=bins)
    sums = [np.bincount(which, weights=values, minlength=bins) for values in (forecast, happened)]
    means = [[float(s / n) if n else None for s, n in zip(values, count, strict=True)] for values in sums]
    return {"upper": upper.tolist(), "count": count.tolist(), "forecast": means[0], "happened": means[1]}


def calibration_error(table):
    """Return the mean over forecasts of |happened − forecast| of their bin: the ECE of a table of :func:`reliability`."""
    rows = [row for row in zip(table["count"], table["forecast"], table["happened"], strict=True) if row[0]]
    return float(sum(n * abs(came - told) for n, told, came in rows) / sum(n for n, _, _ in rows))


def evaluate(probabilities, symbols, *, counted=None, bins=10):
    """Return the calibration of a model's predictions.

    Parameters
    ----------
    probabilities : list of np.ndarray, each shape (T, V) or (T, voices, V)
    symbols : list of np.ndarray of int, each shape (T,) or (T, voices)
        What came.
    counted : list of np.ndarray of bool, of the symbols' shapes, optional
        True where a note counts, for padded pieces; left out, all count.
    bins : int

    Returns
    -------
    dict
        ``ece``, ``accuracy`` and ``confidence`` (its mean) of the first choice; ``reliability``, its table; ``misplaced_mass``
        and ``distribution``, its table, of all probabilities; ``nll``, ``entropy``, ``overconfidence`` in nats; ``notes``.

    Raises
    ------
    ParameterError
        If shapes do not fit, probabilities do not sum to one, or a symbol is outside them.
    """
    chances, came = _gather(probabilities, symbols, counted)  # (N, V), (N,)
    first, notes = chances.argmax(axis=1), len(came)
    of_first = reliability(np.minimum(chances.max(axis=1), 1), first == came, bins=bins)
    of_all = reliability(np.minimum(chances, 1).ravel(), (np.arange(chances.shape[1]) == came[:, None]).ravel(), bins=bins)
    logs = np.log(np.maximum(chances, np.finfo(np.float64).tiny))  # 0 · log 0 = 0
    nll, entropy = -logs[np.arange(notes), came].mean(), -(chances * logs).sum(axis=1).mean()
    return {
        "ece": calibration_error(of_first),
        "accuracy": float((first == came).mean()),
        "confidence": float(chances.max(axis=1).mean()),
        "reliability": of_first,
        "misplaced_mass": calibration_error(of_all) * chances.shape[1],
        "distribution": of_all,
        "nll": float(nll),
        "entropy": float(entropy),
        "overconfidence": float(nll - entropy),
        "notes": notes,
    }


def _gather(probabilities, symbols, counted):
    """Return the notes that count as two arrays, shapes (N, V) and (N,), all checked."""
    masks = [np.ones(np.shape(piece), bool) for piece in symbols] if counted is None else counted
    shapes = [(np.shape(p)[:-1], np.shape(p)[-1:]) for p in probabilities]
    fits = len(shapes) == len(symbols) == len(masks) and len({size for _, size in shapes}) == 1
    if not fits or any(s != np.shape(t) or s != np.shape(m) for (s, _), t, m in zip(shapes, symbols, masks, strict=True)):
        raise ParameterError(
            "probabilities, symbols: expected as many pieces, of shapes (T, V) and (T,) or with voices between, "
            f"received {len(shapes)} and {len(symbols)}, or other shapes."
        )
    chances = np.concatenate([np.asarray(p, np.float64)[np.asarray(m, bool)] for p, m in zip(probabilities, masks, strict=True)])
    came = np.concatenate([np.asarray(t)[np.asarray(m, bool)] for t, m in zip(symbols, masks, strict=True)])
    if not len(came) or chances.min() < 0 or np.abs(chances.sum(axis=1) - 1).max() > 1e-3:
        raise ParameterError("probabilities: expected rows that sum to 1, received none or others; take the softmax of logits.")
    if came.min() < 0 or came.max() >= chances.shape[1]:
        raise ParameterError(f"symbols: expected 0–{chances.shape[1] - 1}, received {came.min()}–{came.max()}.")
    return chances, came
