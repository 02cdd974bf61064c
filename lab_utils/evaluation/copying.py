"""Memorisation: does a model compose, or does it recite what it was trained on?

Conventions
-----------
* A sequence is an int array, shape (T,). What a number stands for is the caller's choice and decides what a copy is: symbols of
  ABC text, or, with :func:`note_symbols`, the interval and duration of each note, which finds a copy in any key.
* The **longest run** of a sequence is the longest stretch of it that stands, number for number, somewhere in one sequence of the
  training set.
* A sequence **recites** if its longest run has `run` numbers or more. The share of generated tunes that do says little alone:
  tunes share phrases, and one that the model never saw has some of them too. So the same share of held-out tunes stands beside
  it, and what counts is how much more the generated ones have: ``beyond``.
* A long sequence has more chances to hold a run: compare tunes of like length, or look at ``notes_copied``, the share of numbers
  that lie in such runs, which does not grow with the length.

The run of 16 notes that is the default is two bars of a reel. The search sorts all stretches of 1, 2, 4, 8 … numbers (prefix
doubling; Manber & Myers, 1993): 750 tunes are looked for among 2,400 in some seconds. The recipe ``melody`` and the notebook
``07_testing`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError


def note_symbols(pitches, durations):
    """Return the numbers of a melody that do not change with its key: a note's duration and the interval to the next note.

    Parameters
    ----------
    pitches : array_like of int, shape (T,)
        MIDI pitches, 0–127.
    durations : array_like of int, shape (T,)
        In any whole unit, 1–9999.

    Returns
    -------
    np.ndarray of int64, shape (T − 1,)
        A run of n notes is one of n − 1 numbers.
    """
    pitches, durations = np.asarray(pitches, dtype=np.int64), np.asarray(durations, dtype=np.int64)
    if pitches.shape != durations.shape or pitches.ndim != 1:
        raise ParameterError(f"pitches, durations: expected one shape (notes,), received {pitches.shape} and {durations.shape}.")
    if pitches.size and (pitches.min() < 0 or pitches.max() > 127 or durations.min() < 1 or durations.max() > 9999):
        raise ParameterError("pitches, durations: expected 0–127 and 1–9999, received others; leave rests out.")
    return (np.diff(pitches) + 127) * 10_000 + durations[:-1]


def matches(sequences, training):
    """Return, for each place of each sequence, how long a stretch from there on stands in the training set, and where.

    Parameters
    ----------
    sequences, training : list of array_like of int, each shape (T,)

    Returns
    -------
    list of (lengths, sources, places)
        For each sequence three int arrays, shape (T,): the length of the stretch, the number of a training sequence that has it,
        and its first place there (−1 and −1 where the length is 0).
    """
    sequences, training = _check(sequences, "sequences"), _check(training, "training")
    joined, which, place = _join([*training, *sequences])
    ours = which >= len(training)
    ranks = [joined]  # which stretch of 1, 2, 4, … numbers begins at each place, numbered in their sorted order
    while np.bincount(ranks[-1][~ours], minlength=len(joined))[ranks[-1][ours]].any():  # some of this length are shared
        half = 2 ** (len(ranks) - 1)
        behind = ranks[-1][np.minimum(np.arange(len(joined)) + half, len(joined) - 1)]
        ranks.append(np.unique(ranks[-1] * len(joined) + behind, return_inverse=True)[1])
    order = np.argsort(ranks[-1], kind="stable")  # in it the best match of a place is the nearest place of the training set
    lengths, best = np.zeros(len(joined), np.int64), np.full(len(joined), -1)
    for walk in (order, order[::-1]):
        last = np.maximum.accumulate(np.where(ours[walk], -1, np.arange(len(walk))))
        there = (last >= 0) & ours[walk]
        mine, theirs = walk[there], walk[last[there]]
        found = _common(mine, theirs, ranks)
        longer = found > lengths[mine]
        lengths[mine[longer]], best[mine[longer]] = found[longer], theirs[longer]
    source, start = np.where(best >= 0, which[best], -1), np.where(best >= 0, place[best], -1)
    begins = np.flatnonzero(ours & (place == 0))
    cuts = [slice(begin, begin + len(sequence)) for begin, sequence in zip(begins, sequences, strict=True)]
    return [(lengths[cut], source[cut], start[cut]) for cut in cuts]


def longest_runs(sequences, training):
    """Return the longest run of each sequence that the training set has.

    Parameters
    ----------
    sequences, training : list of array_like of int, each shape (T,)

    Returns
    -------
    np.ndarray, shape (sequences,), with the fields
        ``length``; ``start``, its first place in the sequence; ``source``, the number of the training sequence, and
        ``source_start``, its first place there. Length 0 has a source of −1.
    """
    fields = [(name, np.int64) for name in ("length", "start", "source", "source_start")]
    found = []
    for lengths, sources, places in matches(sequences, training):
        at = int(lengths.argmax())
        found.append((lengths[at], at, sources[at], places[at]))
    return np.array(found, dtype=fields)


def evaluate(generated, held_out, training, *, run=16, seed=0, draws=2000):
    """Return how many generated sequences recite the training set, beside how many held-out ones do.

    Parameters
    ----------
    generated, held_out, training : list of array_like of int, each shape (T,)
    run : int
        How many numbers make a run worth the name.
    seed, draws : int
        Of the bootstrap over sequences.

    Returns
    -------
    dict
        ``generated`` and ``held_out``, each a dict of ``share`` (of the sequences that recite), ``notes_copied`` (the share of
        numbers that lie in runs of that length), ``median_run`` and ``longest_run``, ``sequences``, ``too_short`` (shorter than
        `run`, counted as not reciting); ``beyond``, the first share less the second; ``interval``, its 95 % bootstrap interval;
        ``run``.
    """
    if run < 1:
        raise ParameterError(f"run: expected 1 or more, received {run}.")
    generated, held_out = _check(generated, "generated"), _check(held_out, "held_out")
    found = matches([*generated, *held_out], training)
    parts = {"generated": found[: len(generated)], "held_out": found[len(generated) :]}
    recites = {name: np.array([lengths.max() >= run for lengths, _, _ in part]) for name, part in parts.items()}
    rng = np.random.default_rng(seed)
    drawn = [values[rng.integers(len(values), size=(draws, len(values)))].mean(axis=1) for values in recites.values()]
    figures = {name: _figures([lengths for lengths, _, _ in part], run) for name, part in parts.items()}
    return {
        **figures,
        "beyond": figures["generated"]["share"] - figures["held_out"]["share"],
        "interval": [float(q) for q in np.quantile(drawn[0] - drawn[1], (0.025, 0.975))],
        "run": run,
    }


def _figures(lengths, run):
    longest = np.array([piece.max() for piece in lengths])
    copied = 0
    for piece in lengths:  # a place lies in a run if one that starts at or before it reaches beyond it
        reach = np.maximum.accumulate(np.where(piece >= run, np.arange(len(piece)) + piece, 0))
        copied += int((reach > np.arange(len(piece))).sum())
    return {
        "share": float((longest >= run).mean()),
        "notes_copied": copied / sum(len(piece) for piece in lengths),
        "median_run": float(np.median(longest)),
        "longest_run": int(longest.max()),
        "sequences": len(lengths),
        "too_short": sum(len(piece) < run for piece in lengths),
    }


def _check(sequences, name):
    sequences = [np.asarray(sequence) for sequence in sequences]
    if not sequences or any(s.ndim != 1 or not s.size or not np.issubdtype(s.dtype, np.integer) for s in sequences):
        raise ParameterError(f"{name}: expected at least one int sequence of shape (steps,), received none or others.")
    return sequences


def _join(sequences):
    """Return (numbers, sequence, place) of all sequences in a row; behind each stands a mark of its own that matches nothing."""
    lengths = np.array([len(sequence) for sequence in sequences]) + 1
    _, plain = np.unique(np.concatenate(sequences), return_inverse=True)
    which = np.repeat(np.arange(len(sequences)), lengths)
    ends = np.cumsum(lengths) - 1
    joined = np.empty(len(which), np.int64)
    joined[ends] = plain.max() + 1 + np.arange(len(sequences))
    inside = np.ones(len(which), bool)
    inside[ends] = False
    joined[inside] = plain
    return joined, which, np.arange(len(which)) - (ends - lengths + 1)[which]


def _common(one, other, ranks):
    """Return how many numbers the text has in common from the places `one` and from the places `other` on."""
    length = np.zeros(len(one), np.int64)
    for level in reversed(range(len(ranks))):
        same = ranks[level][one + length] == ranks[level][other + length]
        length += same * 2**level
    return length
