"""Samples to spectrograms and back: short-time Fourier transform or mel bands, as a level in decibels.

Conventions
-----------
* A spectrogram is float32, shape (frames, bins). Frame k is centred on sample ``k * hop``; beyond both ends lies silence.
* Values are decibels under a full-scale sine: a sine of amplitude 1 on a bin reads 0 dB, of amplitude 0.1 reads -20 dB. Only a
  constant offset (+6 dB) or a square wave (+2 dB) reads more than 0 dB.
* No value is under ``floor_db``. What stands on the floor is silence, and comes back as silence.
* ``kind="stft"``: bins at equal distances in Hz, from 0 on. ``kind="mel"``: bands at equal distances on the mel scale
  (Slaney's, as in librosa), each the power mean of a triangle of STFT bins.
* The phase is no part of a spectrogram. :meth:`Transform.inverse` takes it from the caller, or finds one by the
  algorithm of Griffin and Lim.

What it leaves out: stereo, constant-Q transforms, streaming. Used by the notebook ``04_from_midi_to_spectrogram``.
"""

import warnings
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

import librosa
import numpy as np

from lab_utils.audio.samples import check_samples
from lab_utils.errors import ParameterError, check_whole

WINDOW_SHAPE = "hann"
WINDOW_WIDTH = 1.5  # the equivalent noise bandwidth of a Hann window, in bins: what a sine's power is spread over
MEL_STEPS = 30  # steps of the search for the STFT behind mel bands; from here on the error falls slowly


@dataclass(frozen=True)
class Transform:
    """The settings of a spectrogram, which make it and invert it.

    Parameters
    ----------
    sample_rate : int, default=22050
        In Hz.
    window : int, default=1024
        Length of the Hann window in samples, even.
    hop : int, default=256
        Samples from frame to frame, at most half a window.
    kind : {"stft", "mel"}, default="stft"
    bins : int, optional
        For the STFT how many of the lowest bins are kept, all ``window // 2 + 1`` by default; for mel the number of bands,
        128 by default.
    floor_db : float, default=-100.0
        The lowest level told from silence, in dB.

    Raises
    ------
    ParameterError
        For settings that fit no transform, among them so many mel bands that one would hold no bin of the STFT.

    Examples
    --------
    >>> transform = Transform(kind="mel", bins=80)
    >>> spectrogram = transform.forward(samples)  # (frames, 80), dB
    >>> heard = transform.inverse(spectrogram, seed=1)  # Griffin-Lim
    """

    sample_rate: int = 22050
    window: int = 1024
    hop: int = 256
    kind: str = "stft"
    bins: int | None = None
    floor_db: float = -100.0

    def __post_init__(self):
        for name, least in (("sample_rate", 1), ("window", 16), ("hop", 1)):
            check_whole(name, getattr(self, name), least)
        if self.window % 2:
            raise ParameterError(f"window: expected an even number of samples, received {self.window}.")
        if self.hop > self.window // 2:
            raise ParameterError(f"hop: expected at most half a window ({self.window // 2}), received {self.hop}.")
        if self.kind not in ("stft", "mel"):
            raise ParameterError(f"kind: expected 'stft' or 'mel', received {self.kind!r}.")
        if not (isinstance(self.floor_db, int | float) and -300 <= self.floor_db < 0):
            raise ParameterError(f"floor_db: expected a level from -300 up to 0 dB, received {self.floor_db!r}.")
        self._settle_bins()

    def _settle_bins(self):
        if self.bins is None:
            object.__setattr__(self, "bins", self._lines if self.kind == "stft" else 128)
        check_whole("bins", self.bins, 1)
        if self.kind == "stft" and self.bins > self._lines:
            raise ParameterError(f"bins: a window of {self.window} has at most {self._lines}, received {self.bins}.")
        if self.kind == "mel" and not self._bands().any(axis=1).all():
            raise ParameterError(f"bins: {self.bins} mel bands leave some empty at window={self.window}; take fewer bands.")

    @property
    def _lines(self):
        """How many bins the STFT has."""
        return self.window // 2 + 1

    @property
    def _unit(self):
        """The STFT magnitude of a sine of amplitude 1 on a bin."""
        return self.window / 4  # half the sum of a Hann window

    def _bands(self):
        return _mel_bands(self.sample_rate, self.window, self.bins)  # (bins, lines)

    @property
    def frequencies(self):
        """Centre of each bin in Hz, shape (bins,)."""
        if self.kind == "mel":
            return librosa.mel_frequencies(self.bins + 2, fmax=self.sample_rate / 2)[1:-1]
        return np.arange(self.bins) * self.sample_rate / self.window

    def times(self, frames):
        """Return the centre of each of `frames` frames in seconds, shape (frames,)."""
        return np.arange(frames) * self.hop / self.sample_rate

    def complex(self, samples):
        """Return the STFT with its phase, before levels and mel bands.

        Parameters
        ----------
        samples : np.ndarray of float, shape (samples,)
            In [-1, 1]; shorter ones than a window are filled up with silence.

        Returns
        -------
        np.ndarray of complex64, shape (frames, window // 2 + 1)
            ``frames`` is ``1 + samples // hop``.

        Raises
        ------
        ParameterError
            For samples that are empty, stereo, integers, or hold a NaN.
        """
        samples = check_samples(samples)
        samples = np.pad(samples, (0, max(self.window - len(samples), 0)))
        return np.ascontiguousarray(librosa.stft(samples, **self._framing, n_fft=self.window).T)

    @property
    def _framing(self):
        return dict(hop_length=self.hop, window=WINDOW_SHAPE, center=True, pad_mode="constant")

    def forward(self, samples):
        """Return the spectrogram of `samples`; :meth:`inverse` is the way back.

        Parameters
        ----------
        samples : np.ndarray of float, shape (samples,)
            As for :meth:`complex`.

        Returns
        -------
        np.ndarray of float32, shape (frames, bins)
            In dB, from `floor_db` on.

        Raises
        ------
        ParameterError
            As :meth:`complex`.
        """
        power = np.abs(self.complex(samples) / self._unit) ** 2  # (frames, lines)
        power = power @ self._bands().T / WINDOW_WIDTH if self.kind == "mel" else power[:, : self.bins]
        floor = np.float32(self.floor_db)
        quiet = np.finfo(np.float32).tiny  # only so that the logarithm is finite
        return np.maximum(10 * np.log10(np.maximum(power, quiet)), floor).astype(np.float32)

    def magnitude(self, spectrogram):
        """Return the STFT magnitudes behind a spectrogram; for mel bands the best that are not negative.

        Mel bands are undone by multiplicative steps (Lee and Seung, 2001), which keep every magnitude at zero or above.

        Parameters
        ----------
        spectrogram : np.ndarray of float, shape (frames, bins)
            In dB.

        Returns
        -------
        np.ndarray of float32, shape (frames, window // 2 + 1)
            In the scale of :meth:`complex`; zero where the spectrogram stands on its floor.

        Raises
        ------
        ParameterError
            For an array of another shape, or one that holds a NaN.
        """
        values = self._check_spectrogram(spectrogram)
        power = np.where(values > np.float32(self.floor_db), 10 ** (values.astype(np.float64) / 10), 0.0)
        if self.kind == "mel":
            power = _undo_bands(self._bands(), power * WINDOW_WIDTH)
        else:
            power = np.pad(power, ((0, 0), (0, self._lines - self.bins)))
        return (np.sqrt(power) * self._unit).astype(np.float32)

    def _check_spectrogram(self, spectrogram):
        values = np.asarray(spectrogram)
        if values.ndim != 2 or values.shape[1] != self.bins or len(values) < 2:
            raise ParameterError(f"spectrogram: expected shape (frames ≥ 2, {self.bins}), received {values.shape}.")
        if not np.isfinite(values).all():
            raise ParameterError("spectrogram: expected numbers, received NaN or infinity; look for it with np.isnan().")
        return values

    def inverse(self, spectrogram, phase=None, *, iterations=32, momentum=0.99, seed=0, length=None):
        """Return samples with this spectrogram; :meth:`forward` is the way there.

        Without a phase, one is sought from a random start by repeated transforms forth and back (Griffin and Lim,
        1984), sped up by a momentum (Perraudin, Balazs and Søndergaard, 2013).

        Parameters
        ----------
        spectrogram : np.ndarray of float, shape (frames, bins)
            In dB.
        phase : np.ndarray, shape (frames, window // 2 + 1), optional
            In radians, or complex numbers whose angle counts, as :meth:`complex` returns them.
        iterations : int, default=32
            Rounds of Griffin-Lim.
        momentum : float, default=0.99
            Of the fast version; 0 is the algorithm of 1984.
        seed : int, default=0
            Of the random start.
        length : int, optional
            Samples wanted; ``(frames - 1) * hop`` by default, up to a hop less than went in.

        Returns
        -------
        np.ndarray of float32, shape (samples,)

        Raises
        ------
        ParameterError
            For an array of another shape, one that holds a NaN, or options out of their range.
        """
        magnitude = self.magnitude(spectrogram)
        length = (len(magnitude) - 1) * self.hop if length is None else length
        check_whole("length", length, 1)
        if phase is None:
            return self._griffin_lim(magnitude, iterations, momentum, seed, length)
        phase = np.asarray(phase)
        if phase.shape != magnitude.shape:
            raise ParameterError(f"phase: expected shape {magnitude.shape}, received {phase.shape}; take it from complex().")
        angle = np.angle(phase) if np.iscomplexobj(phase) else phase
        if not np.isfinite(angle).all():
            raise ParameterError("phase: expected numbers, received NaN or infinity; take it from complex().")
        stft = (magnitude * np.exp(1j * angle)).astype(np.complex64)
        return librosa.istft(stft.T, hop_length=self.hop, n_fft=self.window, window=WINDOW_SHAPE, length=length)

    def _griffin_lim(self, magnitude, iterations, momentum, seed, length):
        check_whole("iterations", iterations, 1)
        check_whole("seed", seed, 0)
        if not 0 <= momentum < 1:
            raise ParameterError(f"momentum: expected a number from 0 up to 1, received {momentum!r}.")
        options = dict(n_iter=iterations, momentum=momentum, random_state=seed, length=length, n_fft=self.window)
        return librosa.griffinlim(magnitude.T, init="random", **options, **self._framing)

    def to_dict(self):
        """Return the settings as a dict for JSON; :meth:`from_dict` is the inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, settings):
        """Return the Transform of a dict made by :meth:`to_dict`; ParameterError if it holds other names or values."""
        known = {field.name for field in fields(cls)}
        if not isinstance(settings, dict) or not set(settings) <= known:
            raise ParameterError(f"settings: expected a dict with keys among {sorted(known)}, received {settings!r}.")
        return cls(**settings)


@lru_cache(maxsize=16)
def _mel_bands(sample_rate, window, bins):
    """Triangles of height 1, shape (bins, lines), read-only because they are shared."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty bands; Transform refuses them
        triangles = librosa.filters.mel(sr=sample_rate, n_fft=window, n_mels=bins, norm=None)
    triangles.flags.writeable = False
    return triangles


def _undo_bands(bands, power):
    """The (frames, lines) ≥ 0 with ``x @ bands.T`` nearest to `power`, started from the pseudo-inverse."""
    scale = power.max(initial=0.0) or 1.0
    tiny = np.float32(1e-20)  # a zero would stay a zero for ever
    power = (power / scale).astype(np.float32)
    found = np.maximum(power @ np.linalg.pinv(bands).T, tiny)
    wanted = power @ bands
    for _ in range(MEL_STEPS):
        found *= wanted / (found @ bands.T @ bands + tiny)
    return found * scale
