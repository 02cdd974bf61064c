"""RustySynth, inside the wheel ``midirenderer``, as an engine of :mod:`lab_utils.audio.synth`; it needs nothing installed.

* It plays a MIDI file's bytes in 16 bits at 48 kHz, and stops where the file stops: a tempo mark behind the last note keeps the
  file open for the tail.
* What clips, and what has more notes at a time than its 64 tones can play, is rendered as two halves and added up, which is the
  same sound, for a synthesizer adds up its notes.
* What is so faint that 16 bits would be heard is rendered with all velocities raised alike, up to 127 for the loudest.
* A MIDI file has 15 channels beside the drums: beyond 15 voices, those of one program share a channel.
"""

import importlib
import importlib.metadata
import io
import math
import wave

import numpy as np

from lab_utils.audio.engine_common import CHUNK, LONGEST_TAIL, SILENCE, single_strikes
from lab_utils.audio.samples import resample
from lab_utils.errors import DataError, MissingToolError, ParameterError
from lab_utils.files.midi import PITCHED_CHANNELS, to_midi_bytes
from lab_utils.score import PERCUSSION, Score
from lab_utils.storage import read_bytes

TOGETHER = 28  # notes at a time: most instruments play a note with two tones, one for each ear
FAINT = 2.0**-6  # a peak under this leaves fewer than 9 of 16 bits


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
        if _notes_together(score) > TOGETHER:
            return self._in_halves(score, until)
        longest = LONGEST_TAIL if until is None else max(until - score.duration_seconds, 0.0)
        tail = min(self.TAIL, longest)
        while True:
            samples, rate, clipped = self._play(score, tail)
            last, peak = samples[-round(CHUNK * rate) :], np.abs(samples).max()
            if tail == longest or np.abs(last).max() <= max(SILENCE * peak, 1.5 / 2**15):
                break
            tail = min(2 * tail, longest)
        if clipped and len(score) > 1:
            return self._in_halves(score, until)
        if peak < FAINT and score.notes["velocity"].max() < 127:
            return self._whole(_louder(score), until)
        return samples, rate

    def _in_halves(self, score, until):
        halves, rates = zip(*(self._whole(score.with_(notes=score.notes[first::2]), until) for first in (0, 1)), strict=True)
        length = max(map(len, halves))
        return sum(np.pad(half, (0, length - len(half))) for half in halves), rates[0]

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


def _notes_together(score):
    """The largest number of notes that sound at one time."""
    ends = score.notes["onset_quarter"] + score.notes["duration_quarter"]
    times = np.concatenate([ends, score.notes["onset_quarter"]])
    steps = np.repeat([-1, 1], len(score))
    return int(np.cumsum(steps[np.lexsort((steps, times))]).max())


def _louder(score):
    """All velocities raised by one factor, so that the balance stays; the loudest becomes 127."""
    notes = score.notes.copy()
    notes["velocity"] = np.maximum(np.rint(notes["velocity"] * (127 / notes["velocity"].max())), 1)
    return score.with_(notes=notes)


def _programs(score):
    return [(voice, score.program(voice)) for voice in score.voices]


def _midirenderer():
    try:
        return importlib.import_module("midirenderer")
    except ImportError as error:
        raise MissingToolError("engine: the embedded synthesizer is not installed; run `pip install midirenderer`.") from error
