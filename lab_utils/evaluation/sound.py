"""How well a sound is what was asked for: its pitches, its distance from a target, and whether it keeps its loudness and tone.

Conventions
-----------
* Samples are float, shape (samples,), in [-1, 1]. Pitches are MIDI numbers with fractions, NaN where unvoiced, one a frame;
  the asked ones are 0 (or less) where nothing is asked for. Both rows are of the same frames: who measures, brings them there.
* **Pitch hits**: of the frames where a note is asked for and the sound is voiced, the share within 50 cents of the note. It is
  blind to notes that were not played at all, so the **voiced share**, of the frames where a note is asked for, stands beside it.
  Frames just after an onset (`skip` of them) belong to two notes and can be left out.
* **Spectral distance**: the root mean square difference of two log spectrograms (frames, bins) in dB, over frames and bins, after
  both are lifted to `floor_db` under the target's loudest value: far under it differences cannot be heard. In log-mel
  spectrograms it is the log-spectral distance of bands. The level counts.
* **Drift**: root mean square and spectral flatness second by second. Flatness is the geometric by the arithmetic mean of the
  power spectrum (Johnston, 1988): 1 for white noise, near 0 for a tone; silence has none (NaN).

The notebook ``11_wavenet`` and the recipe ``wavenet`` use it; pitches are found by :mod:`lab_utils.audio.pitch`, spectrograms by
:class:`~lab_utils.audio.spectrogram.Transform`.
"""

import numpy as np

from lab_utils.errors import ParameterError

CENTS = 50.0
WINDOW = 512  # samples of the spectra whose flatness is taken
QUIET = 1e-5  # a root mean square under this is silence


def pitch_hits(found, asked, *, cents=CENTS, skip=0):
    """Return how often the pitch is the asked one.

    Parameters
    ----------
    found : np.ndarray of float, shape (frames,)
        MIDI pitches with fractions, NaN where unvoiced.
    asked : np.ndarray, shape (frames,)
        MIDI pitches; 0 or less where nothing is asked for.
    cents : float
        How far a hit may be off.
    skip : int
        How many frames after each change of `asked` are left out.

    Returns
    -------
    dict
        ``hits``, the share of voiced frames that are right, and ``voiced``, the share of the asked frames that are voiced (each
        None where there are none), ``octaves``, the share of voiced frames that are right but for octaves, hits included,
        ``frames``, how many were asked, and ``extra``, the share of frames that are voiced where nothing is asked for (or None).
    """
    found, asked = np.asarray(found, float), np.asarray(asked)
    if found.ndim != 1 or found.shape != asked.shape or not len(found):
        raise ParameterError(f"found: expected one pitch a frame as in asked, received shapes {found.shape} and {asked.shape}.")
    if skip < 0 or not cents > 0:
        raise ParameterError(f"skip: expected 0 or more frames, and cents above 0; received {skip!r} and {cents!r}.")
    kept = np.ones(len(asked), bool)
    for change in np.flatnonzero(np.diff(asked)) + 1:
        kept[change : change + skip] = False
    kept[:skip] = False
    wanted, voiced = kept & (asked > 0), ~np.isnan(found)
    away = 100 * (found - asked)[wanted & voiced]
    folded = np.abs((away + 600) % 1200 - 600)
    return {
        "hits": _share(np.abs(away) <= cents),
        "voiced": _share(voiced[wanted]),
        "octaves": _share(folded <= cents),
        "frames": int(wanted.sum()),
        "extra": _share(voiced[kept & (asked <= 0)]),
    }


def spectral_distance(made, target, *, floor_db=-60.0):
    """Return the root mean square difference of two log spectrograms, in dB.

    Parameters
    ----------
    made, target : np.ndarray of float, shape (frames, bins)
        Levels in dB.
    floor_db : float
        What lies further under the target's loudest value counts as lying there.

    Returns
    -------
    float
    """
    made, target = np.asarray(made, float), np.asarray(target, float)
    if made.ndim != 2 or made.shape != target.shape or not made.size:
        raise ParameterError(f"made: expected the target's shape, received {made.shape} and {target.shape}; cut both alike.")
    if not floor_db < 0:
        raise ParameterError(f"floor_db: expected a level under 0 dB, received {floor_db!r}.")
    floor = target.max() + floor_db
    return float(np.sqrt(np.mean((np.maximum(made, floor) - np.maximum(target, floor)) ** 2)))


def loudness(samples, *, sample_rate, seconds=1.0):
    """Return the root mean square of each whole second (or `seconds`) of `samples`, shape (seconds,)."""
    return np.sqrt((_seconds(samples, sample_rate, seconds) ** 2).mean(axis=1))


def flatness(samples, *, sample_rate, seconds=1.0):
    """Return the spectral flatness of each whole second (or `seconds`), shape (seconds,): 1 for white noise, near 0 for a tone.

    The mean of the flatness of short spectra (512 samples), of those that are not silent; NaN where all are.
    """
    parts = _seconds(samples, sample_rate, seconds)
    window = min(WINDOW, parts.shape[1])
    found = np.full(len(parts), np.nan)
    for row, part in enumerate(parts):
        frames = np.lib.stride_tricks.sliding_window_view(part, window)[:: max(window // 2, 1)]
        frames = frames[np.sqrt((frames**2).mean(axis=1)) > QUIET]
        if len(frames):
            power = np.abs(np.fft.rfft(frames * np.hanning(window), axis=1))[:, 1:-1] ** 2 + 1e-12
            found[row] = (np.exp(np.log(power).mean(axis=1)) / power.mean(axis=1)).mean()
    return found


def drift(samples, *, sample_rate):
    """Return whether a sound stays what it is, second by second.

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
        Two seconds or more.
    sample_rate : int

    Returns
    -------
    dict
        ``rms`` and ``flatness``, lists of a number a second (flatness None where silent).
    """
    flat = flatness(samples, sample_rate=sample_rate)
    return {
        "rms": [float(value) for value in loudness(samples, sample_rate=sample_rate)],
        "flatness": [None if np.isnan(value) else float(value) for value in flat],
    }


def evaluate(made, target, *, sample_rate):
    """Return the drift of a made sound and of its target side by side: ``made`` and ``target``, each as :func:`drift` tells it,
    and ``rms_db``, how much louder the made one's last third is than its first, in dB, less the same of the target.
    """
    told = {"made": drift(made, sample_rate=sample_rate), "target": drift(target, sample_rate=sample_rate)}
    gains = []
    for name in ("made", "target"):
        rms = np.maximum(np.array(told[name]["rms"]), QUIET)
        third = max(len(rms) // 3, 1)
        gains.append(20 * np.log10(np.sqrt((rms[-third:] ** 2).mean()) / np.sqrt((rms[:third] ** 2).mean())))
    return {**told, "rms_db": float(gains[0] - gains[1])}


def _share(flags):
    return float(np.mean(flags)) if len(flags) else None


def _seconds(samples, sample_rate, seconds):
    """The whole seconds of the samples as rows, float64."""
    samples, length = np.asarray(samples, float), round(sample_rate * seconds)
    if samples.ndim != 1 or length < 16 or len(samples) < length:
        raise ParameterError(
            f"samples: expected one channel of {seconds:g} s or more, received shape {samples.shape} at {sample_rate} Hz."
        )
    if not np.isfinite(samples).all():
        raise ParameterError("samples: expected numbers, received NaN or infinity.")
    return samples[: len(samples) // length * length].reshape(-1, length)
