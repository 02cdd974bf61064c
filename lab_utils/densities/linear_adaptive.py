"""Linear prediction whose coefficients and scale come from the past alone: a harder rival of WaveNet than fixed ones.

Conventions
-----------
* As :mod:`lab_utils.densities.linear`; here the coefficients are found anew every `block` samples, by least squares over the
  `window` samples before the block (the covariance method). So nothing is sent and nothing is peeked at: a decoder could do the
  same (backward adaptation, as in ITU-T G.728, 1992).
* Little past leaves the coefficients near those of all the training sequences: a ridge draws them there.
* The **scale** of a residual is a running mean of the sizes of those before it (over about `memory` samples), and the
  distribution, fitted on the training sequences, is that of the residual in units of this scale.

Left out: sampling; a cascade of predictors, as lossless coders have. Used by the recipe ``wavenet``.
"""

import numpy as np

from lab_utils.densities.linear import LinearPrediction
from lab_utils.errors import ParameterError, check_whole

RIDGE = 1e-3  # of the mean square of the window
SILENT = 1e-8  # a mean square that is next to nothing
FLOOR = 1e-4  # the least scale, about half of μ-law's finest step


class AdaptiveLinearPrediction(LinearPrediction):
    """LPC that learns while it listens.

    Parameters
    ----------
    values, edges, order
        As of :class:`~lab_utils.densities.linear.LinearPrediction`.
    window, block, memory : int
        In samples.
    """

    SCALES = np.geomspace(0.02, 200, 22)  # in running means

    def __init__(self, values, edges, *, order=16, window=256, block=32, memory=32):
        super().__init__(values, edges, order=order)
        self.window, self.block = check_whole("window", window, 1), check_whole("block", block, 1)
        self.memory = check_whole("memory", memory, 1)

    def sample(self, count, *, length, seed):
        """Raise: what is sampled would have to be learnt from while it is made; sample the fixed LinearPrediction."""
        raise ParameterError("model: expected one that can be sampled, received the adaptive one; use LinearPrediction.")

    def _predict(self, samples):
        past = np.ascontiguousarray(self.past(samples))  # (T, order)
        blocks = np.arange(0, len(samples), self.block)
        coefficients = self._coefficients(past, samples, blocks)  # (blocks, order)
        rows = np.arange(len(samples)) // self.block
        predicted = np.clip((past * coefficients[rows]).sum(axis=1), -1, 1)
        return predicted, self._scale(samples - predicted)

    def _coefficients(self, past, samples, blocks):
        """Least squares over the window before each block, by differences of running sums of products."""
        joint = np.concatenate([past, samples[:, None]], axis=1)  # (T, order + 1)
        rows, columns = np.tril_indices(self.order + 1)
        sums = np.zeros((len(blocks), len(rows)))
        step = np.add.reduceat(joint[:, rows] * joint[:, columns], blocks, axis=0)  # products summed block by block
        sums[1:] = np.cumsum(step, axis=0)[:-1]  # up to the block
        reach = max(self.window // self.block, 1)
        sums[reach:] -= sums[:-reach].copy()
        whole = np.empty((len(blocks), self.order + 1, self.order + 1))
        whole[:, rows, columns] = whole[:, columns, rows] = sums
        square, product = whole[:, :-1, :-1], whole[:, :-1, -1]
        power = np.trace(square, axis1=1, axis2=2) / self.order
        ridge = RIDGE * power + self.window * SILENT
        square = square + ridge[:, None, None] * np.eye(self.order)
        return np.linalg.solve(square, (product + ridge[:, None] * self.coefficients)[..., None])[..., 0]

    def _scale(self, residual):
        """A running mean of the sizes of the residuals before each, with weights that fall by half every 0.7 · memory."""
        sizes = np.concatenate([[0.0], np.abs(residual)[:-1]])
        return FLOOR + _running_mean(sizes, 1 - 1 / self.memory)


def _running_mean(sizes, keep):
    """``y[t] = keep · y[t − 1] + (1 − keep) · sizes[t]``, shape (T,), in blocks short enough for powers of `keep` to be exact."""
    length = 64
    padded = np.zeros(-(-len(sizes) // length) * length)
    padded[: len(sizes)] = sizes
    powers = keep ** np.arange(length)
    kernel = (1 - keep) * np.tril(keep ** np.maximum(np.subtract.outer(np.arange(length), np.arange(length)), 0))
    within = padded.reshape(-1, length) @ kernel.T
    carried, found = 0.0, within
    for row in range(len(within)):
        found[row] += carried * keep * powers
        carried = found[row, -1]
    return found.reshape(-1)[: len(sizes)]
