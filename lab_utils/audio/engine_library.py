"""FluidSynth, wherever it is installed, as an engine of :mod:`lab_utils.audio.synth`; called through ``pyfluidsynth``.

* It renders in floating point, so that nothing can clip and no dither is added, at the rate asked for.
* Every render starts from a fresh synthesizer, which borrows the SoundFont from one that never plays: the library's own
  reset leaves reverb and chorus where they were, and the same piece would sound a little different the second time.
* Each voice has a channel of its own, up to 256; each event goes to the nearest block.
* Chorus is off: at the library's default level it drowns strings. Reverb is as the library has it.
"""

import contextlib
import ctypes
import importlib
import math
import threading
from functools import lru_cache

import numpy as np

from lab_utils.audio.engine_common import BLOCK, CHUNK, LONGEST_TAIL, SILENCE, single_strikes
from lab_utils.audio.samples import resample
from lab_utils.errors import DataError, MissingToolError, ParameterError
from lab_utils.score import PERCUSSION

NOTHING = 1e-7  # FluidSynth adds an offset of 1e-8 to its reverb, to keep the processor from slowing down
GET_FLUIDSYNTH = "apt install fluidsynth, brew install fluid-synth or conda install -c conda-forge fluidsynth"


class FluidSynth:
    """The FluidSynth library, wherever it is installed.

    Parameters
    ----------
    soundfont : Path

    Raises
    ------
    MissingToolError
        If the library is not installed.
    DataError
        If the library cannot read the SoundFont.
    """

    CHANNELS = 256
    LEAST_RATE = 22050  # below, what the synthesizer does not filter folds back: render at a multiple, then resample
    SETTINGS = {"synth.polyphony": 1024, "synth.chorus.active": 0, "synth.reverb.active": 1, "synth.cpu-cores": 1}

    def __init__(self, soundfont):
        self.library, self.soundfont, self.lock = _fluidsynth(), soundfont, threading.Lock()
        self.keeper = self.library.Synth()  # never plays: it owns the SoundFont that the playing ones borrow
        number = self.library.Synth.sfload(self.keeper, str(soundfont))
        if number < 0:
            raise DataError(f"{soundfont}: is no SoundFont that FluidSynth can read; choose another .sf2 file.")
        self.font = self.library.fluid_synth_get_sfont_by_id(self.keeper.synth, number)

    @staticmethod
    def version():
        """Return the library's name and version; MissingToolError if it is not installed."""
        return "FluidSynth " + ".".join(map(str, _version(_fluidsynth())))

    def render(self, score, sample_rate, until=None):
        """Return the mean of both channels.

        Parameters
        ----------
        score : Score
        sample_rate : int
        until : float, optional
            In seconds: what lies beyond is not wanted, and may be left out. The whole tail by default.

        Returns
        -------
        np.ndarray of float32, shape (samples,)
        """
        voices = score.voices
        if len(voices) > self.CHANNELS:
            raise ParameterError(f"score: expected at most {self.CHANNELS} voices, received {len(voices)}; merge some.")
        times = -(-self.LEAST_RATE // sample_rate)
        with self.lock, self._playing(score, voices, sample_rate * times) as play:
            samples = self._through(play, _events(score, voices, sample_rate * times), sample_rate * times, until)
        return resample(samples, sample_rate * times, sample_rate) if times > 1 else samples

    @contextlib.contextmanager
    def _playing(self, score, voices, rate):
        """A fresh synthesizer with the SoundFont, a voice's program on each channel."""
        library = self.library
        channels = 16 * math.ceil(len(voices) / 16)
        synth = library.Synth(gain=1.0, samplerate=float(rate), channels=channels, **self.SETTINGS)
        number = _function("fluid_synth_add_sfont", ctypes.c_int, *[ctypes.c_void_p] * 2)(synth.synth, self.font)
        try:
            for channel, voice in enumerate(voices):
                program = score.program(voice)
                bank, preset = (128, 0) if program == PERCUSSION else (0, program)
                if synth.program_select(channel, number, bank, preset) != library.FLUID_OK:
                    raise DataError(f"{self.soundfont}: has no program {program}; choose another SoundFont or program.")
            yield synth
        finally:
            synth.system_reset()  # no voice may hold on to the SoundFont
            _function("fluid_synth_remove_sfont", ctypes.c_int, *[ctypes.c_void_p] * 2)(synth.synth, self.font)
            synth.delete()

    def _through(self, synth, events, rate, until=None):
        """Play `events` (block, is_onset, channel, pitch, velocity), then the tail; stop soon after `until` seconds."""
        played, now = [], 0
        last = math.inf if until is None else math.ceil(until * rate / BLOCK) + 1
        for block, is_onset, channel, pitch, velocity in events:
            if block > last:
                break
            if block > now:
                played.append(_write(synth, (block - now) * BLOCK))
                now = block
            if is_onset:
                synth.noteon(channel, pitch, velocity)
            else:
                synth.noteoff(channel, pitch)
        peak = max((np.abs(part).max() for part in played), default=0.0)
        chunk = round(CHUNK * rate / BLOCK)
        end = min(now + round(LONGEST_TAIL / CHUNK) * chunk, last)
        while now < end:
            played.append(_write(synth, chunk * BLOCK))
            now += chunk
            if np.abs(played[-1]).max() <= max(SILENCE * peak, NOTHING):
                break
        samples = np.concatenate(played)
        return samples if np.abs(samples).max() > NOTHING else np.zeros_like(samples)


def _events(score, voices, rate):
    """The score as (block, is_onset, channel, pitch, velocity), in the order of time; ends before onsets."""
    notes = single_strikes(score).notes
    starts = score.seconds(notes["onset_quarter"])
    ends = score.seconds(notes["onset_quarter"] + notes["duration_quarter"])
    on = np.rint(starts * rate / BLOCK).astype(int)
    off = np.maximum(np.rint(ends * rate / BLOCK).astype(int), on + 1)
    channel = np.searchsorted(voices, notes["voice"])
    columns = [column.tolist() for column in (channel, notes["pitch"], notes["velocity"])]
    onsets = zip(on.tolist(), [True] * len(notes), *columns, strict=True)
    return sorted([*zip(off.tolist(), [False] * len(notes), *columns, strict=True), *onsets])


# ---------------------------------------------------------------- the library


def _fluidsynth():
    """The module ``fluidsynth``, made silent; MissingToolError if it or the library behind it is not there."""
    library, problem = _look_for_fluidsynth()
    if problem:
        raise MissingToolError(f"engine: {problem}; {GET_FLUIDSYNTH}, or use engine='embedded'.")
    return library


@lru_cache(maxsize=1)
def _look_for_fluidsynth():
    """The module and None, or None and what is wrong; looked for once, because a search that fails takes a second."""
    try:
        with contextlib.redirect_stdout(None):  # where CI is set it prints where it was found
            library = importlib.import_module("fluidsynth")
    except (ImportError, OSError, AttributeError) as error:
        return None, f"FluidSynth is not installed ({str(error).rstrip('.')})"
    version = _version(library)
    if version[0] < 2:
        return None, f"FluidSynth {'.'.join(map(str, version))} is too old, 2 or later is needed"
    set_log = library.cfunc("fluid_set_log_function", ctypes.c_void_p, *_arguments(ctypes.c_int, *[ctypes.c_void_p] * 2))
    for level in range(5):
        set_log(level, None, None)  # what goes wrong is told by return values, and raised here
    return library, None


def _version(library):
    numbers = [ctypes.c_int() for _ in range(3)]
    library.fluid_version(*numbers)
    return tuple(number.value for number in numbers)


def _write(synth, length):
    """The next `length` samples, whole blocks, as the mean of left and right: float32, shape (length,)."""
    left, right = np.empty((2, length), np.float32)
    pointer, whole = ctypes.c_void_p, ctypes.c_int
    write = _function("fluid_synth_write_float", whole, pointer, whole, pointer, whole, whole, pointer, whole, whole)
    write(synth.synth, length, left.ctypes.data, 0, 1, right.ctypes.data, 0, 1)
    return (left + right) / 2


@lru_cache(maxsize=8)
def _function(name, result, *kinds):
    """A function of the library that ``pyfluidsynth`` does not offer."""
    return _fluidsynth().cfunc(name, result, *_arguments(*kinds))


def _arguments(*kinds):
    return [(f"argument{place}", kind, 1) for place, kind in enumerate(kinds)]
