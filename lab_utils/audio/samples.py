"""Samples as they are: checked where they come in, and brought to another rate.

Samples are float32 in [-1, 1], shape (samples,), always beside their rate in Hz. soxr does the resampling, as it does inside
librosa, whose import takes four seconds: who only plays sound need not wait for it.
"""

import numpy as np
import soxr

from lab_utils.errors import ParameterError, check_whole


def resample(samples, from_rate, to_rate):
    """Return `samples` at another rate, band-limited (soxr's high quality).

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
    from_rate, to_rate : int
        In Hz.

    Returns
    -------
    np.ndarray of float32, shape (ceil(samples * to_rate / from_rate),)

    Raises
    ------
    ParameterError
        For samples that are empty, stereo, integers or hold a NaN, and for rates that are no positive whole numbers.
    """
    check_whole("from_rate", from_rate, 1)
    check_whole("to_rate", to_rate, 1)
    samples = check_samples(samples)
    if from_rate == to_rate:
        return samples.copy()
    found = soxr.resample(samples, from_rate, to_rate, quality="HQ")
    length = -(-len(samples) * to_rate // from_rate)  # soxr rounds to the nearest length: no sample in, none out
    return np.pad(found, (0, max(length - len(found), 0)))


class Resampler:
    """Samples at another rate while they come in: the blocks together are what :func:`resample` gives of the whole, bit for bit.

    A block comes out about 40 ms after it went in: the filter needs what follows.

    Parameters
    ----------
    from_rate, to_rate : int
        In Hz.

    Raises
    ------
    ParameterError
        For rates that are no positive whole numbers.
    """

    def __init__(self, from_rate, to_rate):
        check_whole("from_rate", from_rate, 1)
        check_whole("to_rate", to_rate, 1)
        self.from_rate, self.to_rate = from_rate, to_rate
        self._stream = None if from_rate == to_rate else soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="HQ")

    def push(self, block):
        """Take a block, float, shape (n,), n from 0 on, and return what is ready, float32, shape (m,)."""
        block = np.asarray(block)
        if len(block) or block.ndim != 1:
            block = check_samples(block)
        return self._through(block.astype(np.float32), last=False)

    def finish(self):
        """Return the rest, float32, shape (m,); nothing may be pushed after that."""
        return self._through(np.zeros(0, np.float32), last=True)

    def _through(self, block, last):
        return block.copy() if self._stream is None else self._stream.resample_chunk(block, last=last)


def check_samples(samples):
    """Return `samples` as float32, shape (samples,), or raise a :class:`ParameterError` that says what to do with them."""
    samples = np.asarray(samples)
    if samples.ndim != 1:
        raise ParameterError(
            f"samples: expected one channel, shape (samples,), received {samples.shape}; mix stereo down with .mean(axis=1)."
        )
    if samples.dtype.kind != "f":
        raise ParameterError(f"samples: expected floats in [-1, 1], received {samples.dtype}; divide 16-bit integers by 32768.")
    if not len(samples):
        raise ParameterError("samples: expected at least one sample, received none.")
    if not np.isfinite(samples).all():
        raise ParameterError("samples: expected numbers, received NaN or infinity; replace them with np.nan_to_num().")
    return samples.astype(np.float32, copy=False)
