"""Sound that comes in blocks: cut into frames, brought to a lower rate, transformed; the same whatever the size of the blocks.

Conventions
-----------
* ``push(block)`` takes the next samples, float, shape (n,), n from 0 on, and returns all that can be told by now; ``finish()``
  returns the rest, as if silence followed. What all calls return, put together, is the same bit for bit for all sizes of blocks.
* Frame k is centred on sample ``k * hop``; before the start and after the end lies silence, as in
  :class:`lab_utils.audio.spectrogram.Transform`, whose STFT :class:`StreamingSTFT` equals.
* So a frame is known half a window after its centre: that is the delay of all that listens.

What it leaves out: the inverse. Used by :mod:`lab_utils.audio.notes` and the notebook ``12_dialogue_pipeline``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

TAPS = 16  # of the low pass, to each side and for each sample left out


def check_block(block):
    """Return `block` as float32, shape (n,), n from 0 on; a :class:`ParameterError` for anything else."""
    block = np.asarray(block)
    if block.ndim != 1 or block.dtype.kind != "f":
        raise ParameterError(
            f"block: expected floats, shape (samples,), received {block.dtype}, {block.shape}; mix to one channel."
        )
    if not np.isfinite(block).all():
        raise ParameterError("block: expected numbers, received NaN or infinity; replace them with np.nan_to_num().")
    return block.astype(np.float32, copy=False)


class Frames:
    """Cut a stream into overlapping frames.

    Parameters
    ----------
    window, hop : int
        Length of a frame, and from frame to frame, in samples.
    """

    def __init__(self, window, hop):
        check_whole("window", window, 2)
        check_whole("hop", hop, 1)
        self.window, self.hop, self.received = window, hop, 0
        self.waiting = np.zeros(window // 2, np.float32)  # what the next frame begins with

    def push(self, block):
        """Return the frames that `block` completes, a list of float32 arrays, shape (window,)."""
        self.received += len(block)
        held = np.concatenate([self.waiting, block])
        count = max((len(held) - self.window) // self.hop + 1, 0)
        self.waiting = held[count * self.hop :].copy()
        return [held[first : first + self.window] for first in range(0, count * self.hop, self.hop)]

    def finish(self):
        """Return the frames centred within what was received that are not complete, filled up with silence."""
        received = self.received
        return self.push(np.zeros((self.window + 1) // 2, np.float32)) if received else []


class StreamingSTFT:
    """The short-time Fourier transform of a stream: that of ``Transform(window=…, hop=…).complex``, frame by frame.

    Parameters
    ----------
    window, hop : int
        Length of the Hann window, even, and from frame to frame, in samples.
    """

    def __init__(self, *, window=1024, hop=256):
        check_whole("window", window, 16)
        if window % 2:
            raise ParameterError(f"window: expected an even number of samples, received {window}.")
        self.frames, self.shape = Frames(window, hop), hann(window)

    def push(self, block):
        """Return the new columns, complex64, shape (frames, window // 2 + 1)."""
        return self._transformed(self.frames.push(check_block(block)))

    def finish(self):
        """Return the last columns; a stream shorter than a window is filled up to one, as the batch does."""
        missing = max(self.frames.window - self.frames.received, 0)
        short = self.frames.push(np.zeros(missing, np.float32)) if self.frames.received else []
        return self._transformed(short + self.frames.finish())

    def _transformed(self, frames):
        columns = [np.fft.rfft(frame * self.shape).astype(np.complex64) for frame in frames]
        return np.array(columns, np.complex64).reshape(-1, len(self.shape) // 2 + 1)


def hann(window):
    """Return the periodic Hann window, float64, shape (window,)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)


class Decimator:
    """Keep one sample of `every`, after a low pass (a sinc under a Hann window); output m is where input ``m * every`` was."""

    def __init__(self, every):
        check_whole("every", every, 1)
        reach = TAPS * every
        places = np.arange(-reach, reach + 1)
        taps = np.sinc(0.9 * places / every) * (0.5 + 0.5 * np.cos(np.pi * places / (reach + 1)))
        self.every, self.taps = every, (taps / taps.sum()).astype(np.float32)
        self.waiting = np.zeros(reach, np.float32)

    def push(self, block):
        """Return the samples that `block` lets tell, float32, shape (about n / every,)."""
        if self.every == 1:
            return block
        held = np.concatenate([self.waiting, block])
        count = max((len(held) - len(self.taps)) // self.every + 1, 0)
        made = np.zeros(count, np.float32)
        for place, tap in enumerate(self.taps):  # tap by tap: a product of matrices would round by the size of the block
            made += tap * held[place : place + count * self.every : self.every][:count]
        self.waiting = held[count * self.every :].copy()
        return made

    def finish(self):
        """Return what is left, as if silence followed."""
        return self.push(np.zeros(TAPS * self.every, np.float32)) if self.every > 1 else np.zeros(0, np.float32)
