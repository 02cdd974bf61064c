"""The period of one frame of sound, by YIN.

YIN (de Cheveigné and Kawahara, 2002) asks for which lag a stretch of sound differs least from itself: the squared difference,
divided by its mean over all shorter lags, is about 1 for noise and near 0 at the period of a tone. The first lag with a deep
enough dip is taken, for the multiples of a period fit as well as the period itself.

It tells one period a frame and nothing of the frames around it; :mod:`lab_utils.audio.pitch` decides along a whole sound, which
is surer but cannot be had while the sound is still coming. Used by :mod:`lab_utils.audio.notes`.
"""

import numpy as np

from lab_utils.errors import ParameterError

DIP = 0.1  # a dip that deep is taken at once
SLACK = 0.05  # and one that is no worse than the deepest by this much, if it comes before


class Yin:
    """Finds the period of frames of one length.

    Parameters
    ----------
    sample_rate : int
        In Hz.
    lowest, highest : float
        MIDI pitches, with fractions, between which is searched.
    width : float
        Seconds that are compared with what follows.
    """

    def __init__(self, sample_rate, *, lowest, highest, width=0.025):
        low, high = (440.0 * 2 ** ((pitch - 69) / 12) for pitch in (lowest, highest))
        if not 0 < low < high < sample_rate / 6:
            raise ParameterError(
                f"highest: expected a pitch over `lowest` and under a sixth of the rate ({sample_rate} Hz), "
                f"received {lowest} and {highest}."
            )
        self.sample_rate, self.width = sample_rate, round(width * sample_rate)
        self.least, self.lags = int(sample_rate / high), int(np.ceil(sample_rate / low)) + 2
        self.length = self.width + self.lags  # samples that are looked at
        self.size = 1 << int(np.ceil(np.log2(self.length + self.width)))
        self.counts = np.arange(1, self.lags)

    def difference(self, frame):
        """Return how much a frame differs from itself by lag, 1 for noise and 0 for a perfect period, float64, shape (lags,).

        Parameters
        ----------
        frame : np.ndarray of float, shape (length,)
        """
        frame = frame.astype(np.float64)
        spectrum = np.conj(np.fft.rfft(frame[: self.width], self.size)) * np.fft.rfft(frame, self.size)
        together = np.fft.irfft(spectrum, self.size)[: self.lags]
        power = np.concatenate([[0.0], np.cumsum(frame * frame)])
        energy = power[self.width : self.width + self.lags] - power[: self.lags]
        squares = np.maximum(energy[0] + energy - 2 * together, 0)
        found = np.ones(self.lags)
        found[1:] = squares[1:] * self.counts / np.maximum(np.cumsum(squares[1:]), 1e-12)
        return found

    def pitch(self, frame):
        """Return (MIDI pitch with fractions, depth of the dip: 0 a pure tone, about 1 noise) of a frame, shape (length,)."""
        found = self.difference(frame)
        dips = self._dips(found)
        if not len(dips):
            return 0.0, 1.0
        depths = found[dips]
        return self._at(found, int(dips[np.argmax(depths < max(DIP, depths.min() + SLACK))]))

    def candidates(self, frame):
        """Return (pitch, depth) of every dip of a frame, the deepest first."""
        found = self.difference(frame)
        return sorted((self._at(found, int(lag)) for lag in self._dips(found)), key=lambda one: one[1])

    def _dips(self, found):
        """The lags at which the difference has a minimum."""
        middle = found[self.least : -1]
        return np.flatnonzero((middle <= found[self.least - 1 : -2]) & (middle < found[self.least + 1 :])) + self.least

    def _at(self, found, lag):
        """(pitch, depth) of the dip at `lag`."""
        before, at, after = found[lag - 1 : lag + 2]
        bend = before - 2 * at + after
        period = lag + (0.5 * (before - after) / bend if bend > 0 else 0.0)  # the top of a parabola through three lags
        return float(69 + 12 * np.log2(self.sample_rate / period / 440.0)), float(at)
