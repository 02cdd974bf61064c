"""A Markov chain of order 0 or 1 over a few hundred symbols, as one table: for sequences too long to be sorted, such as sound.

Conventions
-----------
* A sequence is an int array, shape (T,), of symbols 0 to V − 1.
* Order 0, the **unigram**: each symbol's share of the training sequences, with one count spread evenly over all of them.
* Order 1: the row of the symbol before, smoothed by the unigram as Witten and Bell (1991) do: with c the counts and k the number
  of different symbols that followed a, p(b | a) = (c(a, b) + k · p(b)) / (c(a) + k). A symbol never followed by anything: the
  unigram. The first symbol of a sequence is drawn from the unigram.
* Units are nats.

:mod:`lab_utils.densities.ngram` does the same at any order, by sorting, and knows positions and the start of a sequence; this one
counts 17 million symbols in a second. Used by the recipe ``wavenet`` and the notebook ``11_wavenet``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole


class MarkovChain:
    """A chain over `symbols` symbols.

    Parameters
    ----------
    symbols : int
        V.
    order : int
        0 or 1.

    Attributes
    ----------
    unigram : np.ndarray of float64, shape (V,)
    table : np.ndarray of float64, shape (V, V)
        Row a: the probabilities of what follows a. Both after :meth:`fit`; each row sums to one.
    """

    def __init__(self, symbols, *, order=1):
        self.symbols = check_whole("symbols", symbols, 1)
        if isinstance(order, bool) or order not in (0, 1):
            raise ParameterError(f"order: expected 0 or 1, received {order!r}; NGram has higher ones.")
        self.order = order
        self.unigram = self.table = None

    def fit(self, sequences):
        """Count `sequences`, each int of shape (T,); return self."""
        counts, pairs = np.zeros(self.symbols), np.zeros(self.symbols**2)
        for sequence in sequences:
            sequence = self._check(sequence)
            counts += np.bincount(sequence, minlength=self.symbols)
            pairs += np.bincount(sequence[:-1] * self.symbols + sequence[1:], minlength=self.symbols**2)
        if not counts.any():
            raise ParameterError("sequences: expected at least one, received none.")
        self.unigram = (counts + 1 / self.symbols) / (counts.sum() + 1)
        pairs = pairs.reshape(self.symbols, self.symbols)
        kinds = np.maximum((pairs > 0).sum(axis=1, keepdims=True), 1)
        smoothed = (pairs + kinds * self.unigram) / (pairs.sum(axis=1, keepdims=True) + kinds)
        self.table = smoothed if self.order else np.broadcast_to(self.unigram, smoothed.shape)
        return self

    def nll(self, sequence):
        """Return the negative log-likelihood of each symbol given the one before it, shape (T,), in nats."""
        self._check_fitted()
        sequence = self._check(sequence)
        return -np.log(np.concatenate([self.unigram[sequence[:1]], self.table[sequence[:-1], sequence[1:]]]))

    def log_likelihood(self, sequences):
        """Return the log-probability of each sequence as a whole, shape (N,), in nats."""
        return np.array([-self.nll(sequence).sum() for sequence in sequences])

    def sample(self, count, *, length, seed):
        """Return `count` sequences of `length` symbols drawn from the chain, shape (count, length)."""
        self._check_fitted()
        noise = np.random.default_rng(seed).random((check_whole("length", length, 1), check_whole("count", count, 1)))
        first, following = np.cumsum(self.unigram), np.cumsum(self.table, axis=1)
        made = np.empty((length, count), np.int64)
        made[0] = np.searchsorted(first / first[-1], noise[0], side="right")
        for step in range(1, length):
            rows = following[made[step - 1]]
            made[step] = (rows / rows[:, -1:] <= noise[step][:, None]).sum(axis=1)
        return made.T

    def _check(self, sequence):
        sequence = np.asarray(sequence)
        if sequence.ndim != 1 or not len(sequence) or sequence.dtype.kind not in "iu":
            raise ParameterError(f"sequence: expected symbols, shape (steps,), received {sequence.shape} of {sequence.dtype}.")
        if sequence.min() < 0 or sequence.max() >= self.symbols:
            raise ParameterError(f"sequence: expected symbols up to {self.symbols - 1}, received {sequence.max()}.")
        return sequence.astype(np.int64)

    def _check_fitted(self):
        if self.unigram is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit() first.")
