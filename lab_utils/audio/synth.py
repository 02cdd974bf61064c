"""Scores played by a synthesizer: Score → samples, each voice by its General MIDI program.

Two engines play the same SoundFont (TimGM6mb, which the wheel ``pretty_midi`` ships):

* ``"fluidsynth"``: FluidSynth, where its library is installed; it renders at the rate asked for.
* ``"embedded"``: RustySynth in the wheel ``midirenderer``; it needs nothing else and sounds the same on every machine.

``"auto"`` takes FluidSynth where it is found. The two sound alike but not equal, so what is stored names its engine.

Conventions
-----------
* One channel: the mean of left and right. Time 0 of the Score is sample 0; rests at the start are kept.
* The same Score gives the same samples, whatever was rendered before; the SoundFont is loaded once.
* The loudest sample stands at `peak`: nothing clips and nothing is wasted. Loudness tells nothing of a Score's velocities;
  the balance between its notes does.
* An onset is up to 1.5 ms off at 22,050 Hz, for synthesizers look at their notes every 64 samples.
* A note that is struck again in its voice while it sounds ends there.

What it leaves out: controllers, pitch bends, stereo. Beyond 15 pitched voices the embedded engine merges those of one program.
Used by every notebook from ``00_start_here`` on.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lab_utils.audio.engine_embedded import Embedded
from lab_utils.audio.engine_library import FluidSynth
from lab_utils.errors import DataError, MissingToolError, ParameterError
from lab_utils.score import Score

ENGINES = {"fluidsynth": FluidSynth, "embedded": Embedded}  # the first that is installed is "auto"
RATES = 4000, 96000  # Hz
AUDIBLE = 1e-3  # a tail is cut where it stays 60 dB under the peak, as a room's reverberation time is measured
FADE = 0.01  # seconds of fading out where a sound is cut short
SPARE = 0.1  # seconds rendered beyond a given length, so that there is always something to cut
LONGEST = 3600.0  # seconds


class Engine(NamedTuple):
    """Whether an engine can play here, and its version or what is missing."""

    ready: bool
    detail: str


def synthesize(score, *, sample_rate=22050, engine="auto", soundfont=None, trim=True, seconds=None, peak=0.9):
    """Return `score` as sound.

    Parameters
    ----------
    score : Score
        Its `programs` choose the instruments: General MIDI, 128 for the drum kit.
    sample_rate : int, default=22050
        In Hz, 4,000 to 96,000.
    engine : {"auto", "fluidsynth", "embedded"}, default="auto"
    soundfont : str or Path, optional
        A SoundFont (.sf2); the shipped TimGM6mb by default.
    trim : bool, default=True
        End where the last tone has fallen 60 dB under the peak; False keeps the tail down to 80 dB.
    seconds : float, optional
        Return exactly this length instead: cut with a short fade, or filled up with silence.
    peak : float or None, default=0.9
        The largest magnitude in what is returned, above 0 and at most 1. None keeps the synthesizer's own level: soft, but a
        note is then as loud whatever is played beside it (the embedded engine still raises what is too faint for 16 bits).

    Returns
    -------
    np.ndarray of float32, shape (samples,)
        All zeros if no note makes a sound, as for a drum that the kit lacks.

    Raises
    ------
    ParameterError
        An empty Score, one longer than an hour, more voices than the engine has, or an option outside its range.
    MissingToolError
        The engine or the SoundFont is not installed; the message says how to get it.
    DataError
        The SoundFont cannot be read, or lacks a program.
    """
    _check_score(score)
    _check_options(sample_rate, engine, seconds, peak)
    player = _ready(_chosen(engine), soundfont_path() if soundfont is None else Path(soundfont))
    if seconds:
        samples = _exactly(player, score, seconds, int(sample_rate))
    else:
        samples = _until(player.render(score, int(sample_rate)), AUDIBLE if trim else 0)
    return np.clip(samples, -1, 1) if peak is None else _at_peak(samples, np.float32(peak))


def engines():
    """Return what can play here.

    Returns
    -------
    dict of str → Engine
        ``{"fluidsynth": Engine(ready=True, detail="FluidSynth 2.3.1"), "embedded": …}``; the first that is ready is "auto".
        Where one is not ready, `detail` says what is missing and how to get it.
    """
    return {name: _examined(kind) for name, kind in ENGINES.items()}


def soundfont_path():
    """Return where the shipped SoundFont, TimGM6mb.sf2, lies; MissingToolError if its wheel is not installed.

    Returns
    -------
    Path
    """
    found = importlib.util.find_spec("pretty_midi")  # looked up, not imported: that would take a second
    path = Path(found.origin).with_name("TimGM6mb.sf2") if found and found.origin else None
    if path is None or not path.is_file():
        raise MissingToolError(
            "soundfont: TimGM6mb.sf2 is not installed; run `pip install pretty_midi`, which ships it, or name another .sf2 file."
        )
    return path


def _examined(kind):
    try:
        return Engine(True, kind.version())
    except MissingToolError as error:
        return Engine(False, str(error))


def _chosen(engine):
    if engine != "auto":
        return engine
    return next((name for name, found in engines().items() if found.ready), "embedded")


def _ready(engine, soundfont):
    """The engine with the SoundFont loaded; an engine made before for the same file is used again."""
    try:
        stamp = soundfont.stat().st_mtime_ns
        with open(soundfont, "rb") as file:
            head = file.read(12)
    except OSError as error:
        raise DataError(f"{soundfont}: cannot be read ({error.strerror}); name a SoundFont (.sf2).") from error
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise DataError(f"{soundfont}: is no SoundFont; choose a .sf2 file.")
    if soundfont.stat().st_size < 8 + int.from_bytes(head[4:8], "little"):
        raise DataError(f"{soundfont}: is cut short; copy the whole file.")
    return _loaded(engine, soundfont.resolve(), stamp)


@lru_cache(maxsize=4)
def _loaded(engine, soundfont, stamp):
    return ENGINES[engine](soundfont)


def _check_score(score):
    if not isinstance(score, Score):
        raise ParameterError(f"score: expected a Score, received {type(score).__name__}; read a file with lab_utils.files.")
    if not len(score):
        raise ParameterError("score: expected at least one note, received an empty Score; there is nothing to hear.")
    if score.duration_seconds > LONGEST:
        raise ParameterError(f"score: expected at most an hour, received {score.duration_seconds:.0f} s; take some bars of it.")


def _check_options(sample_rate, engine, seconds, peak):
    whole = isinstance(sample_rate, int | np.integer) and not isinstance(sample_rate, bool)
    if not whole or not RATES[0] <= sample_rate <= RATES[1]:
        raise ParameterError(f"sample_rate: expected whole Hz from {RATES[0]} to {RATES[1]}, received {sample_rate!r}.")
    if engine not in ("auto", *ENGINES):
        raise ParameterError(f"engine: expected 'auto', 'fluidsynth' or 'embedded', received {engine!r}.")
    if seconds is not None and not 1 / sample_rate <= seconds <= LONGEST:
        raise ParameterError(f"seconds: expected a length up to {LONGEST:.0f} s, received {seconds!r}.")
    if peak is not None and not 0 < peak <= 1:
        raise ParameterError(f"peak: expected a number above 0, at most 1, or None; received {peak!r}.")


def _at_peak(samples, peak):
    loudest = np.abs(samples).max()
    return np.clip(samples * (peak / loudest), -peak, peak) if loudest > 0 else samples  # clipped, for a product is rounded


def _until(samples, threshold):
    """Drop the end that stays under `threshold` of the peak."""
    loud = np.flatnonzero(np.abs(samples) > threshold * np.abs(samples).max())
    return samples[: loud[-1] + 1] if len(loud) else samples


def _exactly(player, score, seconds, sample_rate):
    """The first `seconds` of the sound: silence added, or the end faded out."""
    length, started = round(seconds * sample_rate), score.seconds(score.notes["onset_quarter"]) < seconds
    if not started.any():
        return np.zeros(length, np.float32)
    samples = player.render(score.with_(notes=score.notes[started]), sample_rate, seconds + SPARE)
    if len(samples) < length:
        return np.pad(samples, (0, length - len(samples)))
    samples, fade = samples[:length].copy(), min(round(FADE * sample_rate), length)
    samples[length - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return samples
