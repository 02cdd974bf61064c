"""What is seen of a sound in each frame of 46 ms, every 5 ms: a pitch, how sure it is, a level, and how much the spectrum grows.

Conventions
-----------
* Frame k is centred on ``k`` times :attr:`Ear.seconds`; it is known half a window later, the same whatever the blocks' size.
* Sound over 40 kHz is brought to a half, a third … of its rate first.
* The pitch and the depth of the period are those of YIN (:mod:`lab_utils.audio.yin`). Two notes together, or one that rings into
  the next, have a common period that is neither's: so where the spectrum has next to nothing at the pitch, the best other dip is
  taken at which it has something. A tone whose first partial is 20 dB under its strongest is missed for that.
* The **flux** is the mean, over the bins, of how much the logarithm of the spectrum has grown in 15 ms; each bin is compared with
  the largest of five neighbours, so that vibrato does not count (SuperFlux; Böck and Widmer, 2013).

Used by :mod:`lab_utils.audio.notes` and the notebook ``12_dialogue_pipeline``.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from lab_utils.audio.streaming import Decimator, Frames, check_block, hann
from lab_utils.audio.yin import Yin
from lab_utils.errors import ParameterError, check_whole

LOWEST, HIGHEST = 40, 96  # E2 to C7
RATE = 20000  # Hz: what lies over twice this is brought to a half, a third …
HOP, WINDOW = 0.005, 0.046  # seconds


class Frame(NamedTuple):
    """What is seen in a frame: `pitch` (MIDI with fractions), `depth` (0 a tone, 1 noise), `level` (dB), `flux`."""

    pitch: float
    depth: float
    level: float
    flux: float


class Ear:
    """From samples to what is seen in each frame.

    Parameters
    ----------
    sample_rate : int
        In Hz.
    lowest, highest : float
        MIDI pitches.
    floor_db : float
        What is softer is silence.
    """

    LAG, WIDE = 3, 2  # frames over which the spectrum grows; bins to each side within which a partial may move
    FIRST = 0.1  # of the strongest partial: the least that the first one has
    MIXED, SURE = 0.6, 0.3  # a note beside another is told by so shallow a dip; its depth then counts for so much of itself

    def __init__(self, sample_rate, *, lowest=LOWEST, highest=HIGHEST, floor_db=-50.0):
        check_whole("sample_rate", sample_rate, 4000)
        self.decimator = Decimator(max(sample_rate // RATE, 1))
        rate = sample_rate / self.decimator.every
        self.hop, window = round(HOP * rate), 2 * round(WINDOW * rate / 2)
        self.seconds = self.hop / rate  # from frame to frame
        self.frames, self.shape, self.floor = Frames(window, self.hop), hann(window), floor_db
        self.yin = Yin(rate, lowest=lowest, highest=min(highest, 69 + 12 * np.log2(rate / 6.1 / 440)))
        self.width = rate / window  # of a bin, in Hz
        self.first = (window - self.yin.length) // 2  # where the part that YIN compares begins
        if self.first < 0:
            raise ParameterError(f"lowest: expected a pitch from about {LOWEST} on, received {lowest}.")
        self.near = slice(window // 2 - round(0.005 * rate), window // 2 + round(0.005 * rate))
        self.past = deque([None] * self.LAG, maxlen=self.LAG)

    def push(self, block):
        """Return the new Frames that `block`, shape (n,), completes."""
        return [self._seen(frame) for frame in self.frames.push(self.decimator.push(check_block(block)))]

    def finish(self):
        """Return the last Frames."""
        last = self.frames.push(self.decimator.finish())
        return [self._seen(frame) for frame in last + self.frames.finish()]

    def _seen(self, frame):
        middle = frame[self.near].astype(np.float64)
        level = float(10 * np.log10(max(np.mean(middle * middle), 1e-12)))
        spectrum = np.log1p(1000 * np.abs(np.fft.rfft(frame * self.shape)) / (len(frame) / 4))
        before = self.past[0]
        flux = 0.0 if before is None else float(np.maximum(spectrum - before, 0).mean())
        widest = spectrum.copy()
        for bins in range(1, self.WIDE + 1):
            widest[bins:] = np.maximum(widest[bins:], spectrum[:-bins])
            widest[:-bins] = np.maximum(widest[:-bins], spectrum[bins:])
        self.past.append(widest)
        if level <= self.floor:
            return Frame(0.0, 1.0, level, flux)
        part = frame[self.first : self.first + self.yin.length]
        pitch, depth = self.yin.pitch(part)
        if self._has_first_partial(pitch, spectrum):
            return Frame(pitch, depth, level, flux)
        for pitch, depth in self.yin.candidates(part):  # two notes together have a common period: which is one of them?
            if depth < self.MIXED and self._has_first_partial(pitch, spectrum):
                return Frame(pitch, self.SURE * depth, level, flux)
        return Frame(0.0, 1.0, level, flux)

    def _has_first_partial(self, pitch, spectrum):
        """Whether the spectrum has something at the pitch itself."""
        place = 440.0 * 2 ** ((pitch - 69) / 12) / self.width
        return np.expm1(spectrum[max(int(place) - 1, 0) : int(place) + 3].max()) > self.FIRST * np.expm1(spectrum.max())
