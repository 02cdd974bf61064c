"""Linear prediction of a sound's codes (LPC): the sample to come is a weighted sum of the last 16; the rival of WaveNet.

Conventions
-----------
* A sequence is a row of codes, int, shape (T,). `values` says which sample each code stands for and `edges` between which samples
  it lies (for μ-law: ``decode(np.arange(256))`` and ``edges()`` of :mod:`lab_utils.audio.mulaw`); the lowest and the highest code
  reach to infinity.
* Before a sequence there is silence: zeros.
* The **coefficients** are those of least squares over all the training sequences (the covariance method; Makhoul, 1975).
* The **residual** x − x̂ has a :class:`~lab_utils.densities.residual.ScaleMixture` as its distribution, fitted on residuals of the
  training sequences. The probability of a code is the mass between the code's edges minus x̂: so bits a sample compare with
  those of a network over the same codes.
* Units are nats; :func:`bits` turns them into bits a sample.

:class:`LinearPrediction` has one set of coefficients and one distribution for all the sound.
:class:`AdaptiveLinearPrediction` (in ``linear_adaptive``) takes its coefficients and the residual's scale from the past alone.

Used by the recipe ``wavenet`` and the notebook ``11_wavenet``.
"""

import numpy as np

from lab_utils.densities.residual import ScaleMixture
from lab_utils.errors import ParameterError, check_whole

SOME, FITTED = 40, 20_000  # sequences, and residuals of them, that the distribution is fitted on


def bits(model, sequences):
    """Return how many bits `model` needs for a symbol of `sequences` on average, a float.

    Parameters
    ----------
    model : with a method ``nll(sequence)`` in nats
    sequences : iterable of np.ndarray of int, each shape (T,)
    """
    found = [model.nll(sequence) for sequence in sequences]
    if not found:
        raise ParameterError("sequences: expected at least one, received none.")
    return float(np.concatenate(found).mean() / np.log(2))


class LinearPrediction:
    """LPC with one set of coefficients.

    Parameters
    ----------
    values : np.ndarray of float, shape (V,)
        The sample that each code stands for.
    edges : np.ndarray of float, shape (V + 1,)
        Ascending: code c lies between edge c and edge c + 1.
    order : int
        Samples of the past.

    Attributes
    ----------
    coefficients : np.ndarray of float64, shape (order,)
        Of the sample before, the one before that, …
    residual : ScaleMixture
        Both after :meth:`fit`.
    """

    SCALES = np.geomspace(6e-6, 0.5, 24)  # from a fraction of μ-law's finest step, 1.7e-4, to half of full scale

    def __init__(self, values, edges, *, order=16):
        self.values, edges = np.asarray(values, float), np.asarray(edges, float)
        if self.values.ndim != 1 or edges.shape != (len(self.values) + 1,) or (np.diff(edges) <= 0).any():
            raise ParameterError(
                f"edges: expected ascending bounds, one more than values, received {edges.shape} for {self.values.shape}."
            )
        self.edges = np.concatenate([[-np.inf], edges[1:-1], [np.inf]])
        self.order = check_whole("order", order, 1)
        self.coefficients = self.residual = None

    def fit(self, sequences):
        """Fit coefficients and residual; return self.

        Parameters
        ----------
        sequences : sequence of np.ndarray of int, each shape (T,)
        """
        sequences = [self._check(sequence) for sequence in sequences]
        if not sequences:
            raise ParameterError("sequences: expected at least one, received none.")
        self.coefficients = self._least_squares(sequences)
        self.residual = self._fit_residual(sequences)
        return self

    def nll(self, sequence):
        """Return the negative log-likelihood of each code given those before it, shape (T,), in nats."""
        self._check_fitted()
        return -self.residual.log_mass(*self._bounds(self._check(sequence)))

    def log_likelihood(self, sequences):
        """Return the log-probability of each sequence as a whole, shape (N,), in nats."""
        return np.array([-self.nll(sequence).sum() for sequence in sequences])

    def predict(self, sequence):
        """Return the prediction of each sample from those before it, and the scale of its residual, each shape (T,)."""
        self._check_fitted()
        return self._predict(self.values[self._check(sequence)])

    def _predict(self, samples):
        return self.past(samples) @ self.coefficients, np.ones(len(samples))

    def sample(self, count, *, length, seed):
        """Return `count` sequences of `length` codes, each code given those drawn before it; shape (count, length)."""
        self._check_fitted()
        noise = self.residual.sample(check_whole("count", count, 1) * check_whole("length", length, 1), seed=seed).reshape(
            length, count
        )
        made, past = np.empty((length, count), np.int64), np.zeros((self.order, count))
        for step in range(length):
            made[step] = np.searchsorted(self.edges[1:-1], self.coefficients @ past + noise[step])
            past = np.concatenate([self.values[made[step]][None], past[:-1]])
        return made.T

    def past(self, samples):
        """Return the `order` samples before each of `samples` (T,), the last one first, shape (T, order)."""
        padded = np.concatenate([np.zeros(self.order), samples])
        return np.lib.stride_tricks.sliding_window_view(padded[:-1], self.order)[:, ::-1]

    def _least_squares(self, sequences):
        joint = np.zeros((self.order + 1, self.order + 1))
        for sequence in sequences:
            samples = self.values[sequence]
            padded = np.concatenate([np.zeros(self.order), samples])
            lagged = np.stack([padded[lag : lag + len(samples)] for lag in range(self.order, -1, -1)])  # x, the one before, …
            joint += lagged @ lagged.T
        square, product = joint[1:, 1:], joint[1:, 0]
        ridge = 1e-9 * max(np.trace(square), 1e-12) * np.eye(self.order)  # silence alone would have no solution
        return np.linalg.solve(square + ridge, product)

    def _fit_residual(self, sequences):
        """The distribution of residuals that are spread evenly over some of the sequences."""
        some = [sequences[row] for row in np.unique(np.linspace(0, len(sequences) - 1, SOME).astype(int))]
        low, high = (np.concatenate(side) for side in zip(*map(self._bounds, some), strict=True))
        chosen = np.linspace(0, len(low) - 1, min(len(low), FITTED)).astype(int)
        return ScaleMixture(self.SCALES).fit(low[chosen], high[chosen])

    def _bounds(self, sequence):
        """Between which residuals each code lies, in units of the scale."""
        predicted, scale = self._predict(self.values[sequence])
        return (self.edges[sequence] - predicted) / scale, (self.edges[sequence + 1] - predicted) / scale

    def _check(self, sequence):
        sequence = np.asarray(sequence)
        if sequence.ndim != 1 or not len(sequence) or sequence.dtype.kind not in "iu":
            raise ParameterError(f"sequence: expected codes, shape (steps,), received {sequence.shape} of {sequence.dtype}.")
        if sequence.min() < 0 or sequence.max() >= len(self.values):
            raise ParameterError(f"sequence: expected codes up to {len(self.values) - 1}, received {sequence.max()}.")
        return sequence.astype(np.int64)

    def _check_fitted(self):
        if self.coefficients is None:
            raise ParameterError("model: expected one that was fitted, received one that was not; call fit() first.")
