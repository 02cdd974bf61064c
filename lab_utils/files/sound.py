"""Sound files to samples and back: WAV, FLAC, OGG and MP3 in, WAV, FLAC and MP3 out.

Conventions
-----------
* Samples are float32 in [-1, 1], shape (samples,), always beside their sample rate in Hz.
* **One channel.** A file with more is mixed down: the mean of its channels.
* WAV and FLAC hold whole numbers of `bits`: 16 (the default) or 24; WAV of 32 bits holds the float32 samples themselves.
  Reading back is exact to half a step of 2⁻¹⁵ or 2⁻²³ (a whole step at +1, which whole numbers do not reach), and at 32 bits
  altogether; samples that came from a file of as many bits come back unchanged.
* MP3 is lossy and small: what notebooks embed. The same samples give the same bytes.
* Lossy and float files may hold values beyond full scale: reading clips them. Writing never clips: it refuses.

Reading and writing are libsndfile's work, through soundfile. Used by every notebook that plays sound, from ``00_start_here`` on.
"""

import io
from pathlib import Path

import numpy as np
import soundfile

from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import read_bytes, write_bytes

MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
FLAC_LAST_RATE = 655350
WAV_LAST_RATE = 2**31 - 1
COMPRESSION = 0.8  # of 1: a chorale at 22,050 Hz takes 29 kbit/s, and what is lost lies 27 dB below it
ROUNDING = 1e-6  # how far float32 arithmetic may carry a peak of 1 beyond it


def read_sound(path):
    """Return the samples in a sound file, mixed down to one channel.

    Parameters
    ----------
    path : str or Path
        WAV, FLAC, OGG or MP3; the content decides, not the suffix.

    Returns
    -------
    samples : np.ndarray, float32, shape (samples,)
        In [-1, 1].
    sample_rate : int
        In Hz.

    Raises
    ------
    DataError
        If the file is missing, no sound, cut short, empty, or holds a NaN.
    """
    data = read_bytes(path)
    if _ends_early(data):  # libsndfile would return what there is
        raise DataError(f"{path}: is cut short; copy the whole file.")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            expected, sample_rate = file.frames, file.samplerate
            samples = file.read(dtype="float32", always_2d=True)  # (N, channels)
    except (soundfile.SoundFileError, RuntimeError) as error:
        reason = getattr(error, "error_string", str(error)).rstrip(".")
        raise DataError(f"{path}: is not a readable sound file ({reason}); choose WAV, FLAC, OGG or MP3.") from error
    if not len(samples):
        raise DataError(f"{path}: has no samples; record or export it again.")
    if len(samples) < expected:
        raise DataError(f"{path}: is cut short, it has {len(samples)} of {expected} samples; copy the whole file.")
    if not np.isfinite(samples).all():
        raise DataError(f"{path}: has samples that are not numbers (NaN or infinite); export it again.")
    return np.clip(samples.mean(axis=1), -1, 1), sample_rate  # (N,)


def count_channels(path):
    """Return how many channels a sound file has, for who wants to say that :func:`read_sound` mixes them; errors as there."""
    data = read_bytes(path)
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            return file.channels
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise DataError(f"{path}: is no sound that can be read; expected WAV, FLAC, OGG or MP3.") from error


def write_sound(samples, path, *, sample_rate, bits=16):
    """Write samples to a WAV, FLAC or MP3 file, whole or not at all; :func:`read_sound` is the inverse.

    Parameters
    ----------
    samples : np.ndarray, float, shape (samples,)
        In [-1, 1].
    path : str or Path
        The suffix chooses the format: .wav, .flac or .mp3.
    sample_rate : int
        In Hz.
    bits : {16, 24, 32}, default=16
        Bits a sample in WAV and FLAC; 32 is float, for WAV only. MP3 has none.

    Raises
    ------
    DataError
        If the suffix is another one, or the file cannot be written.
    ParameterError
        If `samples` has another shape, is empty, holds a NaN or a value outside [-1, 1], or the format has no such rate or bits.
    """
    format = Path(path).suffix.lower().removeprefix(".")
    if format not in ("wav", "flac", "mp3"):
        raise DataError(f"{path}: expected the suffix .wav, .flac or .mp3, received {Path(path).suffix!r}; rename it.")
    if format == "mp3":
        data = to_mp3_bytes(samples, sample_rate=sample_rate)
    else:
        data = _to_pcm_bytes(samples, sample_rate, bits, format)
    write_bytes(data, path)


def to_mp3_bytes(samples, *, sample_rate):
    """Return samples as the bytes of an MP3 file, the same bytes each time.

    Parameters
    ----------
    samples : np.ndarray, float, shape (samples,)
        In [-1, 1].
    sample_rate : int
        In Hz, one of :data:`MP3_RATES`.

    Returns
    -------
    bytes

    Raises
    ------
    ParameterError
        As :func:`write_sound`.
    """
    samples = _checked(samples)
    if sample_rate not in MP3_RATES:
        rates = ", ".join(map(str, MP3_RATES))
        raise ParameterError(f"sample_rate: MP3 expects {rates} Hz, received {sample_rate!r}; resample, or write WAV.")
    return _encode(samples, sample_rate, "MP3", "MPEG_LAYER_III", compression_level=COMPRESSION)


def _to_pcm_bytes(samples, sample_rate, bits, format):
    samples = _checked(samples)
    allowed = (16, 24, 32) if format == "wav" else (16, 24)
    if bits not in allowed:
        raise ParameterError(f"bits: {format.upper()} expects one of {allowed}, received {bits!r}.")
    last = FLAC_LAST_RATE if format == "flac" else WAV_LAST_RATE
    if isinstance(sample_rate, bool) or not isinstance(sample_rate, (int, np.integer)) or not 1 <= sample_rate <= last:
        raise ParameterError(f"sample_rate: {format.upper()} expects a whole number of Hz to {last}, received {sample_rate!r}.")
    if bits == 32:
        return _encode(samples, sample_rate, format, "FLOAT")
    # libsndfile would write 32767 steps to 1 and read 32768: rounding here makes reading the exact inverse
    steps = np.clip(np.round(samples.astype(np.float64) * 2 ** (bits - 1)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return _encode((steps * 2 ** (32 - bits)).astype(np.int32), sample_rate, format, f"PCM_{bits}")


def _encode(samples, sample_rate, format, subtype, **options):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, int(sample_rate), format=format.upper(), subtype=subtype, **options)
    data = buffer.getvalue()
    peak = data.find(b"PEAK", 0, 200) if subtype == "FLOAT" else -1
    if peak > 0:  # this chunk holds the time of day: without it the same samples give the same bytes
        data = data[: peak + 12] + bytes(4) + data[peak + 16 :]
    return data


def _checked(samples):
    samples = np.asarray(samples)
    if samples.ndim != 1 or not len(samples):
        raise ParameterError(f"samples: expected one channel, shape (samples,), received {samples.shape}; mix the channels down.")
    if not np.issubdtype(samples.dtype, np.floating):
        raise ParameterError(f"samples: expected floats in [-1, 1], received {samples.dtype}; divide by full scale.")
    samples = samples.astype(np.float32)
    if not np.isfinite(samples).all():
        raise ParameterError(
            f"samples: expected numbers, received {np.count_nonzero(~np.isfinite(samples))} NaN or infinite ones."
        )
    peak = np.abs(samples).max()
    if peak > 1 + ROUNDING:
        raise ParameterError(f"samples: expected values in [-1, 1], received a peak of {peak:.6g}; divide by it first.")
    return np.clip(samples, -1, 1)


def _ends_early(data):
    """Whether a WAV file has fewer bytes than it says, or an OGG file no last page."""
    if data[:4] == b"RIFF":
        said = int.from_bytes(data[4:8], "little")
        return said not in (0, 0xFFFFFFFF) and len(data) < said + 8  # these two: a stream whose length was not known
    if data[:4] == b"OggS":
        page = data[data.rfind(b"OggS") :]
        sizes = page[27 : 27 + page[26]] if len(page) > 27 else b""
        return not sizes or not page[5] & 4 or len(page) < 27 + len(sizes) + sum(sizes)  # 4 marks the last page
    return False
