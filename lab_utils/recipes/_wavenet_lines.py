"""A line of notes as WaveNet is told it: frames of 5 ms with pitch and age, and its sound on the instrument of the data.

Conventions
-----------
* A **line** is a Score of one voice, one note at a time, in seconds (60 quarters a minute), every onset and end on a frame.
  :func:`line_of` makes one from any Score; :func:`conditions_of` and :func:`sound_of` read it.
* Of several voices the line is the one that lies highest on average; of notes that sound together in it, the highest.
* The instrument, the range and why they were chosen: :mod:`lab_utils.recipes._wavenet_data`.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import PERCUSSION, Score, note_array

PROGRAM = 20  # General MIDI's reed organ
LOWEST, HIGHEST = 40, 81  # E2 to A5
PITCHES = HIGHEST - LOWEST + 2  # the numbers of a condition: silence, and each pitch
AGES = 128
FRAMES_PER_SECOND = 200
RATES = 8000, 16000
VELOCITY = 100
GAIN = 6.0  # the synthesizer's level is a tenth of full scale
SPARE = 0.3  # seconds played beyond the end, so that no fade falls into what is kept


def line_of(score, *, seconds=None):
    """Return the line of a Score that WaveNet can play.

    Parameters
    ----------
    score : Score
        Any, of any tempo; drums are left out.
    seconds : float, optional
        Only so much of it, from its beginning.

    Returns
    -------
    Score
        One voice, 60 quarters a minute, notes on frames; those that are shorter than a frame are made one long.

    Raises
    ------
    ParameterError
        No notes at all, or notes outside E2 to A5.
    """
    pitched = [voice for voice in score.voices if score.program(voice) != PERCUSSION]
    if not pitched:
        raise ParameterError("score: expected a line of notes, received none; choose a file with a note that is no drum.")
    voice = max(pitched, key=lambda number: score.voice_notes(number)["pitch"].mean())
    notes = score.voice_notes(voice)
    ends = score.seconds(notes["onset_quarter"] + notes["duration_quarter"])
    spans = np.rint(np.stack([score.seconds(notes["onset_quarter"]), ends], axis=1) * FRAMES_PER_SECOND).astype(int)
    spans[:, 1] = np.maximum(spans[:, 1], spans[:, 0] + 1)
    if seconds is not None:
        spans = np.minimum(spans, round(seconds * FRAMES_PER_SECOND))
    owner = np.full(max(int(spans.max()), 1), -1)
    for row in np.lexsort((spans[:, 0], notes["pitch"])):  # the highest written last
        owner[slice(*spans[row])] = row
    rows = _runs(owner, notes["pitch"])
    if not rows:
        raise ParameterError(f"seconds: expected a length in which a note sounds, received {seconds!r}.")
    check_range([row[2] for row in rows])
    return Score(note_array(rows), tempos=((0.0, 60.0),), programs=(PROGRAM,), title=score.title)


def check_range(pitches):
    """Raise a :class:`ParameterError` where a pitch is outside the range that the networks know."""
    low, high = min(pitches), max(pitches)
    if low < LOWEST or high > HIGHEST:
        way = "up" if low < LOWEST else "down"
        raise ParameterError(
            f"notes: expected MIDI {LOWEST} to {HIGHEST} (E2 to A5), received {low} to {high}; transpose the line {way} first."
        )


def conditions_of(line, *, seconds=None):
    """Return what is asked for in each frame.

    Parameters
    ----------
    line : Score
        As :func:`line_of` returns it.
    seconds : float, optional
        The length; up to the end of the last note if left out.

    Returns
    -------
    np.ndarray of int32, shape (frames, 2)
        The pitch's number (0 for silence, else MIDI − 39), and the frames since it was struck, or since silence began, held
        at 127.
    """
    onset = np.rint(line.notes["onset_quarter"] * FRAMES_PER_SECOND).astype(int)
    end = np.rint((line.notes["onset_quarter"] + line.notes["duration_quarter"]) * FRAMES_PER_SECOND).astype(int)
    frames = int(end.max()) if seconds is None else round(seconds * FRAMES_PER_SECOND)
    found, struck = np.zeros((frames, 2), np.int32), np.zeros(frames, np.int64)
    for first, last, pitch in zip(onset, end, line.notes["pitch"], strict=True):
        found[first:last, 0], struck[first:last] = pitch - LOWEST + 1, first
        struck[last:] = last
    found[:, 1] = np.minimum(np.arange(frames) - struck, AGES - 1)
    return found


def sound_of(line, *, sample_rate=8000, seconds=None):
    """Return a line as the data's instrument plays it.

    Parameters
    ----------
    line : Score
    sample_rate : int
        In Hz.
    seconds : float, optional
        The length; up to the end of the last note if left out.

    Returns
    -------
    np.ndarray of float32, shape (samples,)
        In [-1, 1], at the level of the data.
    """
    from lab_utils.audio.synth import synthesize

    seconds = line.duration_seconds if seconds is None else seconds
    notes = line.notes.copy()
    notes["velocity"] = VELOCITY
    played = line.with_(notes=notes, programs=(PROGRAM,))
    sound = synthesize(played, sample_rate=sample_rate, engine="embedded", seconds=seconds + SPARE, peak=None)
    return np.clip(GAIN * sound[: round(seconds * sample_rate)], -1, 1)


def _runs(owner, pitches):
    """The notes of a row that says which note each frame belongs to, as rows of a note array in seconds."""
    cuts = np.flatnonzero(np.diff(owner)) + 1
    spans = zip([0, *cuts], [*cuts, len(owner)], strict=True)
    return [
        (first / FRAMES_PER_SECOND, (last - first) / FRAMES_PER_SECOND, int(pitches[owner[first]]), VELOCITY)
        for first, last in spans
        if owner[first] >= 0
    ]
