"""An instrument whose tones were rendered beforehand: a Score becomes sound by adding them up, within milliseconds.

The synthesizers of :mod:`lab_utils.audio.synth` need up to a fifth of a second for a short piece, most of it for making
themselves ready: too long for an answer in a dialogue. So every pitch is rendered once, for some seconds, and a note is the start
of its tone, faded out where it ends.

What it leaves out: velocities change the loudness alone, not the colour; a note longer than its tone fades away; one voice's
program plays all. Used by :mod:`lab_utils.algorithms.pipeline`.
"""

import numpy as np

from lab_utils.audio.synth import synthesize
from lab_utils.errors import ParameterError, check_whole
from lab_utils.score import Score, note_array

LONGEST, RING, GAP = (
    3.0,
    0.6,
    0.3,
)  # seconds: of a tone, of what is kept of its end, of silence between two when they are rendered
RELEASE = 0.12  # seconds of fading out
LOUD = 0.5  # the loudest sample of the loudest tone


class Instrument:
    """Tones of one General MIDI program.

    Parameters
    ----------
    program : int
        General MIDI, 0–127.
    sample_rate : int
        In Hz.
    lowest, highest : int
        MIDI pitches that are rendered at once; one beyond them is when it is first played.
    engine : str
        As of :func:`lab_utils.audio.synth.synthesize`.
    """

    def __init__(self, program=73, *, sample_rate=22050, lowest=55, highest=84, engine="auto"):
        check_whole("sample_rate", sample_rate, 4000)
        if not 0 <= lowest <= highest <= 127:
            raise ParameterError(f"lowest: expected MIDI pitches, the lowest first; received {lowest} and {highest}.")
        self.program, self.sample_rate, self.engine, self.tones, self.gain = program, sample_rate, engine, {}, None
        self._render(range(lowest, highest + 1))

    def _render(self, pitches):
        """Render the tones of `pitches` one after another, and cut them apart."""
        each = LONGEST + GAP
        notes = note_array([(i * each, LONGEST, pitch, 100) for i, pitch in enumerate(pitches)])
        score = Score(notes, tempos=((0.0, 60.0),), programs=(self.program,))
        samples = synthesize(
            score, sample_rate=self.sample_rate, engine=self.engine, peak=None, seconds=each * len(notes)
        )  # a level that is the same for all
        if self.gain is None:
            self.gain = LOUD / max(float(np.abs(samples).max()), 1e-6)
        for i, pitch in enumerate(pitches):
            first = round(i * each * self.sample_rate)
            self.tones[pitch] = samples[first : first + round(LONGEST * self.sample_rate)] * np.float32(self.gain)

    def __call__(self, score):
        """Return `score` as samples.

        Parameters
        ----------
        score : Score
            One voice or several, all played by this instrument.

        Returns
        -------
        np.ndarray of float32, shape (samples,)
            To the end of the last note and its release; within [-1, 1].
        """
        notes = score.notes
        starts = score.seconds(notes["onset_quarter"])
        ends = score.seconds(notes["onset_quarter"] + notes["duration_quarter"])
        release = round(RELEASE * self.sample_rate)
        made = np.zeros(round(float(ends.max(initial=0.0)) * self.sample_rate) + release + 1, np.float32)
        for note, start, end in zip(notes, starts, ends, strict=True):
            pitch = int(note["pitch"])
            if pitch not in self.tones:
                self._render([pitch])
            first, length = round(float(start) * self.sample_rate), round(float(end - start) * self.sample_rate)
            tone = self.tones[pitch][: length + release] * np.float32(note["velocity"] / 100)
            fade = min(release, len(tone))
            tone[len(tone) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
            made[first : first + len(tone)] += tone
        return np.clip(made, -1, 1)
