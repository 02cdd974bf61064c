"""An n-gram model of one voice: what comes next is counted by what came before; the rival of every network of melodies.

Conventions
-----------
* A sequence is an int array, shape (T,), of symbols 0 to `symbols` − 1. What they mean is the caller's: pitches on a grid, ABC
  symbols, …
* **order** is the number of symbols before the one to be predicted that are looked at. Order 0 is the unigram, order 1 the
  bigram, order 8 looks half a bar of sixteenths back.
* With `beats` > 0 each step also has a **position** 0 to `beats` − 1, its place in the beat or bar. It is the most important
  element of the context, then come the symbol before, the one before that, and so on.
* With `lasting` > 0 the past is told in notes: first for how many steps the last symbol has lasted, up to `lasting`, then that
  symbol, the last one that was another, and so on; so order 3 sees three notes, however long they are.
* The start of a sequence is an element of the context too (once): the model learns how pieces begin. Behind it there is nothing.

The model is interpolated Witten-Bell (Witten & Bell, 1991; in the notation of Chen & Goodman, 1999). The context of level j is
made of its j most important elements. With c the counts of the training set and k the number of different symbols that followed
the context there::

    p_j(s | context) = (c(context, s) + k · p_{j-1}(s | shorter context)) / (c(context) + k)        p_{-1}(s) = 1 / symbols

A context that was never seen leaves the probability as it is. So every symbol has a chance, and all of them sum to one.

A sample is drawn symbol by symbol from those probabilities, each given what was drawn before it (ancestral sampling).

Left out: the end of a sequence is not predicted, so a sample is as long as it is asked to be. Units are nats. The recipe
``melody`` puts the model beside its networks, and so do the notebooks ``06_training``, ``07_testing`` and
``15_polyphony_benchmark``; ``02_generative_models`` samples from it.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

ABSENT = -1  # an element behind the start of the sequence


class NGram:
    """An interpolated Witten-Bell n-gram model.

    Parameters
    ----------
    order : int
        How many symbols of the past are looked at, 0 or more.
    symbols : int
        Size of the vocabulary, V.
    beats : int
        How many positions in the beat or bar are told apart; 0: the model knows no positions.
    lasting : int
        How many lengths of the last symbol are told apart; 0: the past is told in steps.

    Notes
    -----
    Contexts are numbered level by level: the number of a context of level j stands for the pair (number of its shorter context,
    element j), kept as one integer in a sorted array. So all is done by sorting and searching whole arrays: 660,000 symbols at
    order 8 are counted in about a second.
    """

    def __init__(self, order, symbols, *, beats=0, lasting=0):
        for name, value, least in (("order", order, 0), ("symbols", symbols, 1), ("beats", beats, 0), ("lasting", lasting, 0)):
            if not isinstance(value, int | np.integer) or value < least:
                raise ParameterError(f"{name}: expected an integer from {least} up, received {value!r}.")
        self.order, self.symbols, self.beats, self.lasting = int(order), int(symbols), int(beats), int(lasting)
        self._levels = []

    def fit(self, sequences, positions=None):
        """Count the sequences; what was counted before is forgotten.

        Parameters
        ----------
        sequences : list of array_like of int, each shape (T,)
        positions : list of array_like of int, each shape (T,), optional
            The position of each step; left out, steps are counted modulo `beats` from the start of each sequence.

        Returns
        -------
        NGram
            Itself.
        """
        checked = self._checked(sequences, positions)
        symbols = np.concatenate([sequence for sequence, _ in checked])  # (N,)
        elements = np.concatenate([self._elements(*pair) for pair in checked])  # (N, E)
        context = np.zeros(len(symbols), np.int64)
        self._levels = [_Level(np.zeros(1, np.int64), context, symbols, self.symbols)]
        for j in range(elements.shape[1]):
            there = elements[:, j] != ABSENT
            elements, symbols, context = elements[there], symbols[there], context[there]
            keys, context = np.unique(self._pair(context, elements[:, j]), return_inverse=True)
            self._levels.append(_Level(keys, context, symbols, self.symbols))
        return self

    def nll(self, sequence, positions=None):
        """Return the negative log-likelihood of each symbol given those before it.

        Parameters
        ----------
        sequence : array_like of int, shape (T,)
        positions : array_like of int, shape (T,), optional
            As in :meth:`fit`.

        Returns
        -------
        np.ndarray of float64, shape (T,)
            Nats.
        """
        sequence, positions = self._check(sequence, positions)
        return -np.log(self._interpolate(self._elements(sequence, positions), sequence[:, None])[:, 0])

    def log_likelihood(self, sequences, positions=None):
        """Return the log-probability of each sequence as a whole.

        Parameters
        ----------
        sequences, positions
            As in :meth:`fit`.

        Returns
        -------
        np.ndarray of float64, shape (N,)
            Nats a sequence: minus the sums of :meth:`nll`.
        """
        checked = self._checked(sequences, positions)
        symbols = np.concatenate([sequence for sequence, _ in checked])  # (N,), all at once: many are short
        elements = np.concatenate([self._elements(*pair) for pair in checked])
        starts = np.cumsum([0] + [len(sequence) for sequence, _ in checked[:-1]])
        return np.add.reduceat(np.log(self._interpolate(elements, symbols[:, None])[:, 0]), starts)

    def sample(self, count, steps, *, seed, positions=None):
        """Return sequences drawn from the model.

        Parameters
        ----------
        count : int
            How many, N.
        steps : int
            How long they are, T.
        seed : int
            The same for the same sequences.
        positions : array_like of int, shape (T,), optional
            The position of each step, the same for all; left out, steps are counted modulo `beats`.

        Returns
        -------
        np.ndarray of int64, shape (N, T)
        """
        drawn = np.zeros((check_whole("count", count, 1), check_whole("steps", steps, 1)), np.int64)
        _, positions = self._check(drawn[0], positions)
        every = np.broadcast_to(np.arange(self.symbols), (count, self.symbols))
        uniform = np.random.default_rng(seed).random((steps, count))
        for t in range(steps):
            elements = self._elements(drawn[:, : t + 1], positions[: t + 1], at=[t])[
                :, 0
            ]  # (N, E); what stands at t is not looked at
            cumulated = np.cumsum(self._interpolate(elements, every), axis=1)  # (N, V)
            passed = cumulated <= uniform[t][:, None] * cumulated[:, -1:]
            drawn[:, t] = np.minimum(passed.sum(axis=1), self.symbols - 1)
        return drawn

    def distributions(self, sequence, positions=None):
        """Return the probability of every symbol at each step of a sequence, shape (T, V); arguments as in :meth:`nll`."""
        sequence, positions = self._check(sequence, positions)
        every = np.broadcast_to(np.arange(self.symbols), (len(sequence), self.symbols))
        return self._interpolate(self._elements(sequence, positions), every)

    def probabilities(self, context, position=0):
        """Return the probability of every symbol to come next.

        Parameters
        ----------
        context : array_like of int, shape (T,)
            What came before, oldest first; all of it, for one that is short is taken for the start of a sequence.
        position : int
            Of the symbol to come.

        Returns
        -------
        np.ndarray of float64, shape (V,)
        """
        context = np.asarray(context, dtype=np.int64).reshape(-1)
        if not self.lasting:
            context = context[-self.order - 1 :]
        sequence = np.append(context, 0)  # what stands in the last place is not looked at
        return self.distributions(sequence, np.full(len(sequence), position) if self.beats else None)[-1]

    def _checked(self, sequences, positions):
        """Return (sequence, positions) of each of many, checked."""
        if not len(sequences) or (positions is not None and len(positions) != len(sequences)):
            received = f"{len(sequences)} sequences" + ("" if positions is None else f" and {len(positions)} of positions")
            raise ParameterError(f"sequences: expected at least one, with positions for each or for none, received {received}.")
        return [self._check(s, None if positions is None else positions[i]) for i, s in enumerate(sequences)]

    def _check(self, sequence, positions):
        sequence = np.asarray(sequence)
        fits = sequence.ndim == 1 and sequence.size and np.issubdtype(sequence.dtype, np.integer)
        if not fits or sequence.min() < 0 or sequence.max() >= self.symbols:
            raise ParameterError(
                f"sequence: expected shape (steps,) of symbols 0–{self.symbols - 1}, received shape {sequence.shape}"
                + (f" with {sequence.min()}–{sequence.max()}." if sequence.size else ".")
            )
        if positions is None:
            positions = np.arange(len(sequence)) % max(self.beats, 1)
        positions = np.asarray(positions)
        if not self.beats and positions.any():
            raise ParameterError("positions: expected none, for this model was made with beats=0; give it beats.")
        if positions.shape != sequence.shape or positions.min() < 0 or positions.max() >= max(self.beats, 1):
            raise ParameterError(
                f"positions: expected shape {sequence.shape} of 0–{max(self.beats, 1) - 1}, received shape {positions.shape}"
                + (f" with {positions.min()}–{positions.max()}." if positions.size else ".")
            )
        return sequence.astype(np.int64), positions.astype(np.int64)

    def _elements(self, sequence, positions, at=None):
        """Return what is known at the steps `at` (by default all), the most important first; the start counts as symbol V.

        `sequence` has shape (..., T), `positions` (T,), `at` (A,); the answer (..., A, E).
        """
        steps = np.arange(sequence.shape[-1])
        at = steps if at is None else np.asarray(at)
        shape = (*sequence.shape[:-1], len(at))
        columns = [np.broadcast_to(positions[at], shape)] if self.beats else []
        last = np.broadcast_to(at - 1, shape)  # the step that the next element speaks of; -1 is the start
        begins = np.maximum.accumulate(np.where(np.diff(sequence, axis=-1, prepend=-1) != 0, steps, 0), axis=-1)
        if self.lasting:
            lasted = last + 1 - np.take_along_axis(begins, np.maximum(last, 0), axis=-1)
            columns.append(np.where(last >= 0, np.minimum(lasted, self.lasting), 0))
        for _ in range(self.order):
            there = np.maximum(last, 0)
            symbol = np.take_along_axis(sequence, there, axis=-1)
            columns.append(np.select([last >= 0, last == -1], [symbol, self.symbols], ABSENT))
            before = np.take_along_axis(begins, there, axis=-1) if self.lasting else there
            last = np.where(last >= 0, before - 1, -2)
        return np.stack(columns, axis=-1) if columns else np.zeros((*shape, 0), np.int64)

    def _pair(self, context, element):
        return context * max(self.symbols + 1, self.beats, self.lasting + 1) + element

    def _interpolate(self, elements, asked):
        """Return the probability of the symbols `asked`, shape (T, A), where `elements`, shape (T, E), is known."""
        if not self._levels:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit(sequences) first.")
        chance = np.full(asked.shape, 1 / self.symbols)
        context = np.zeros(len(elements), np.int64)
        for j, level in enumerate(self._levels):
            if j:  # the longer context, or -1 where it was never seen; beyond that there is none
                known = (context >= 0) & (elements[:, j - 1] != ABSENT)
                context = np.where(known, _find(level.contexts, self._pair(context, elements[:, j - 1])), -1)
            seen = np.flatnonzero(context >= 0)
            here = context[seen]
            found = _find(level.pairs, here[:, None] * self.symbols + asked[seen])
            counts = np.where(found >= 0, level.counts[found], 0)
            kinds, totals = level.kinds[here][:, None], level.totals[here][:, None]
            chance[seen] = (counts + kinds * chance[seen]) / (totals + kinds)
        return chance


class _Level:
    """The counts of the contexts of one length: `context` holds the number of each of N contexts, `symbols` what followed it."""

    def __init__(self, contexts, context, symbols, vocabulary):
        self.contexts = contexts  # sorted keys; a context's number is its place among them
        self.pairs, self.counts = np.unique(context * vocabulary + symbols, return_counts=True)
        self.totals = np.bincount(context, minlength=len(contexts))
        self.kinds = np.bincount(self.pairs // vocabulary, minlength=len(contexts))


def _find(keys, wanted):
    """Return where each of `wanted` stands in the sorted `keys`, -1 for what is not there."""
    if not len(keys):
        return np.full(wanted.shape, -1)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)
