"""The pitch of one voice over time, found by probabilistic YIN.

Conventions
-----------
* Frame k is centred on sample ``k · hop``; beyond both ends lies silence. `hop` samples are 10 ms unless told otherwise.
* Each frame has a **pitch** in MIDI numbers, with fractions (69.5 is A4 and 50 cents), NaN where it is unvoiced, and the
  **probability** that it is voiced. Voiced or not is decided along the whole sound (Viterbi's algorithm), not frame by frame: so
  pYIN (Mauch and Dixon, 2014, as librosa has it) makes fewer octave errors than YIN.
* The steps of its search are a tenth of a semitone: a steady tone is found within 5 cents.
* What lies softer than `silence_db` under the loudest frame counts as unvoiced: of the ringing after a note pYIN would tell a
  pitch too.
* The window must hold two periods of the lowest pitch: it is chosen so. Sound under 16 kHz is brought to it first: in steps of
  a sample of 8 kHz a high note's period is so coarse that two of them fit better, and it is heard an octave too low.

What it leaves out: several notes at a time; notes with their onsets. It takes about half the time that the sound lasts, after a
first call that compiles for some seconds. Used by the recipe ``wavenet`` and the notebook ``11_wavenet``.
"""

from dataclasses import dataclass

import librosa
import numpy as np

from lab_utils.audio.samples import check_samples, resample
from lab_utils.errors import ParameterError, check_whole

LOWEST, HIGHEST = 36, 84  # C2 to C6
SILENCE_DB = -40.0
FINE = 16000  # Hz: the rate that pYIN is given at least


@dataclass(frozen=True, eq=False)
class Pitches:
    """The pitch of each frame.

    Parameters
    ----------
    times : np.ndarray of float64, shape (frames,)
        Centres of the frames in seconds.
    pitches : np.ndarray of float64, shape (frames,)
        MIDI numbers with fractions; NaN where unvoiced.
    probability : np.ndarray of float64, shape (frames,)
        That the frame is voiced.
    """

    times: np.ndarray
    pitches: np.ndarray
    probability: np.ndarray

    def __len__(self):
        return len(self.times)

    @property
    def voiced(self):
        """Which frames are voiced, bool, shape (frames,)."""
        return ~np.isnan(self.pitches)

    @property
    def hertz(self):
        """The frequency of each frame in Hz, shape (frames,); NaN where unvoiced."""
        return 440.0 * 2 ** ((self.pitches - 69) / 12)


def find_pitches(samples, *, sample_rate, lowest=LOWEST, highest=HIGHEST, hop=None, silence_db=SILENCE_DB):
    """Return the pitch of one voice over time.

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
        In [-1, 1].
    sample_rate : int
        In Hz.
    lowest, highest : float
        Between which MIDI pitches is searched.
    hop : int, optional
        Samples from frame to frame; 10 ms by default.
    silence_db : float
        The level, under the loudest frame, that a voiced frame has at least.

    Returns
    -------
    Pitches
        ``1 + samples // hop`` frames.

    Raises
    ------
    ParameterError
        Samples that are none, or fewer than two periods of the lowest pitch; a range that is empty or goes beyond half the rate.
    """
    samples = check_samples(samples)
    check_whole("sample_rate", sample_rate, 1000)
    hop = max(sample_rate // 100, 1) if hop is None else hop
    check_whole("hop", hop, 1)
    low, high = (440.0 * 2 ** ((pitch - 69) / 12) for pitch in (lowest, highest))
    if not 0 < low < high < sample_rate / 2:
        raise ParameterError(
            f"lowest: expected a pitch under `highest` and both under half the rate, received {lowest!r} and {highest!r}."
        )
    if len(samples) < 2 * sample_rate / low:
        raise ParameterError(
            f"samples: expected two periods of the lowest pitch, {2 * sample_rate / low:.0f} samples or more, "
            f"received {len(samples)}; take a longer sound, or raise `lowest`."
        )
    frames = 1 + len(samples) // hop
    times = np.arange(frames) * hop / sample_rate
    if not samples.any():  # pYIN would divide by nothing
        return Pitches(times, np.full(frames, np.nan), np.zeros(frames))
    finer = max(-(-FINE // sample_rate), 1)
    window = 2 ** int(np.ceil(np.log2(4 * finer * sample_rate / low)))  # pYIN looks at lags up to half a window, less a little
    hertz, voiced, probability = librosa.pyin(
        resample(samples, sample_rate, finer * sample_rate), fmin=low, fmax=high, sr=finer * sample_rate, frame_length=window,
        hop_length=finer * hop, fill_na=np.nan, pad_mode="constant",
    )  # fmt: skip
    loud = _levels(samples, hop, window // finer) > silence_db
    pitches = 69 + 12 * np.log2(np.where(voiced, hertz, 440.0) / 440.0)
    return Pitches(times, np.where(voiced & loud, pitches, np.nan), probability)


def _levels(samples, hop, window):
    """The level of each frame in dB under the loudest, over a quarter of the window, shape (frames,)."""
    reach = max(window // 8, 1)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    centres = np.arange(1 + len(samples) // hop) * hop
    first, last = np.maximum(centres - reach, 0), np.minimum(centres + reach, len(samples))
    mean = np.maximum(power[last] - power[first], 0) / np.maximum(last - first, 1)
    return 10 * np.log10(np.maximum(mean, 1e-12) / max(mean.max(), 1e-12))
