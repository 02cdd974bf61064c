"""The two synthesizers behind :mod:`lab_utils.audio.synth`: Score → samples at a safe gain, with the whole tail.

Both are made once for a SoundFont, which they keep loaded, and start every render from a fresh synthesizer: FluidSynth's own
reset leaves the reverb and chorus where they were, and the same piece would sound a little different the second time.

* :class:`FluidSynth` calls the library through ``pyfluidsynth``, in floating point, so that nothing can clip and no dither
  is added. A channel for each voice, up to 256. Chorus is off: at the library's default level it drowns strings.
* :class:`Embedded` hands a MIDI file to the wheel ``midirenderer`` (RustySynth), which renders in 16 bits at 48 kHz and stops
  where the file stops: a tempo mark behind the last note keeps the file open for the tail. What clips is rendered as two
  halves and added up, which is the same sound, for a synthesizer adds up its notes. What is so faint that 16 bits would
  be heard is rendered with all velocities raised alike, up to 127 for the loudest.

Both look at their notes only every :data:`BLOCK` samples. FluidSynth gets each event at the nearest block.
"""

import contextlib
import ctypes
import importlib
import importlib.metadata
import io
import math
import threading
import wave
from functools import lru_cache

import numpy as np

from lab_utils.audio.samples import resample
from lab_utils.errors import DataError, MissingToolError, ParameterError
from lab_utils.files.midi import PITCHED_CHANNELS, to_midi_bytes
from lab_utils.score import PERCUSSION, Score
from lab_utils.storage import read_bytes

BLOCK = 64  # samples between two looks at the notes, fixed in both synthesizers
SILENCE = 1e-4  # a tail this far under the peak (80 dB) has ended
NOTHING = 1e-7  # FluidSynth adds an offset of 1e-8 to its reverb, to keep the processor from slowing down
FAINT = 2.0**-6  # a peak under this leaves fewer than 9 of 16 bits
LONGEST_TAIL = 20.0  # seconds; a voice that sounds on for ever is cut there
CHUNK = 0.25  # seconds of a tail looked at together
SAME_STRIKE = 0.01  # quarters; two notes of one pitch closer than this are one
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


class Embedded:
    """RustySynth, inside the wheel ``midirenderer``.

    Parameters
    ----------
    soundfont : Path

    Raises
    ------
    MissingToolError
        If the wheel is not installed.
    DataError
        If the SoundFont cannot be read.
    """

    TAIL = 4.0  # seconds, doubled until the end is silent

    def __init__(self, soundfont):
        self.renderer, self.soundfont, self.font = _midirenderer(), soundfont, read_bytes(soundfont)

    @staticmethod
    def version():
        """Return the wheel's name and version; MissingToolError if it is not installed."""
        _midirenderer()
        return f"midirenderer {importlib.metadata.version('midirenderer')}"

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
        samples, rate = self._whole(_fitting(score), until)
        return resample(samples, rate, sample_rate)

    def _whole(self, score, until=None):
        """The samples with their tail, or up to `until` seconds, and their rate in Hz."""
        longest = LONGEST_TAIL if until is None else max(until - score.duration_seconds, 0.0)
        tail = min(self.TAIL, longest)
        while True:
            samples, rate, clipped = self._play(score, tail)
            last, peak = samples[-round(CHUNK * rate) :], np.abs(samples).max()
            if tail == longest or np.abs(last).max() <= max(SILENCE * peak, 1.5 / 2**15):
                break
            tail = min(2 * tail, longest)
        if clipped and len(score) > 1:
            halves = [self._whole(score.with_(notes=score.notes[first::2]), until)[0] for first in (0, 1)]
            length = max(map(len, halves))
            return sum(np.pad(half, (0, length - len(half))) for half in halves), rate
        if peak < FAINT and score.notes["velocity"].max() < 127:
            return self._whole(_louder(score), until)
        return samples, rate

    def _play(self, score, tail):
        """The samples, their rate in Hz, and whether any of them stands at the end of 16 bits."""
        end, (_, tempo) = score.duration_quarter, score.tempos[-1]
        open_until = math.ceil(end + tail * tempo / 60)
        midi = to_midi_bytes(score.with_(tempos=(*score.tempos, (float(open_until), tempo))))
        try:
            content = self.renderer.render_wave_from(self.font, midi)
        except (RuntimeError, ValueError) as error:
            raise DataError(f"{self.soundfont}: cannot be played ({error}); choose another SoundFont (.sf2).") from error
        with wave.open(io.BytesIO(content)) as file:
            rate, channels = file.getframerate(), file.getnchannels()
            whole = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, channels)  # (N, channels)
        clipped = max(int(whole.max()), -int(whole.min())) >= 2**15 - 1
        return whole.sum(axis=1, dtype=np.float32) / np.float32(channels * 2**15), rate, clipped


ENGINES = {"fluidsynth": FluidSynth, "embedded": Embedded}  # the first that is installed is "auto"


# ---------------------------------------------------------------- what both play


def single_strikes(score):
    """Return `score` with each note ended where its pitch is struck again in its voice, and doubled notes made one.

    A synthesizer knows one key a pitch and channel: the end of the first note would silence the second.
    """
    notes = score.notes[np.lexsort([score.notes[name] for name in ("duration_quarter", "onset_quarter", "pitch", "voice")])]
    same = (np.diff(notes["pitch"], append=-1) == 0) & (np.diff(notes["voice"], append=-1) == 0)
    gap = np.where(same, np.diff(notes["onset_quarter"], append=np.inf), np.inf)
    notes["duration_quarter"] = np.minimum(notes["duration_quarter"], np.maximum(gap, SAME_STRIKE))
    return score.with_(notes=notes[gap >= SAME_STRIKE])


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


def _fitting(score):
    """Notes, tempos and programs alone; drums are one voice, and others of one program where MIDI has too few channels."""
    pitched = [voice for voice in score.voices if score.program(voice) != PERCUSSION]
    by_program = len(pitched) > len(PITCHED_CHANNELS)
    keys = [program if by_program or program == PERCUSSION else -1 - voice for voice, program in _programs(score)]
    merged = list(dict.fromkeys(keys))
    if sum(key != PERCUSSION for key in merged) > len(PITCHED_CHANNELS):
        raise ParameterError(
            f"score: the embedded synthesizer expects at most {len(PITCHED_CHANNELS)} programs beside the drums, received "
            f"{sum(key != PERCUSSION for key in merged)}; use engine='fluidsynth'."
        )
    notes = score.notes.copy()
    notes["voice"] = np.array([merged.index(key) for key in keys])[np.searchsorted(score.voices, notes["voice"])]
    program = dict(zip(keys, (program for _, program in _programs(score)), strict=True))
    tempos = tuple(tempo for tempo in score.tempos if tempo[0] < score.duration_quarter)
    return single_strikes(Score(notes, tempos=tempos, programs=tuple(program[key] for key in merged)))


def _louder(score):
    """All velocities raised by one factor, so that the balance stays; the loudest becomes 127."""
    notes = score.notes.copy()
    notes["velocity"] = np.maximum(np.rint(notes["velocity"] * (127 / notes["velocity"].max())), 1)
    return score.with_(notes=notes)


def _programs(score):
    return [(voice, score.program(voice)) for voice in score.voices]


# ---------------------------------------------------------------- the libraries


def _midirenderer():
    try:
        return importlib.import_module("midirenderer")
    except ImportError as error:
        raise MissingToolError("engine: the embedded synthesizer is not installed; run `pip install midirenderer`.") from error


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
