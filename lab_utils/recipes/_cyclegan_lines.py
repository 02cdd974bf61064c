"""Any Score as windows of four bars that a transfer reads, and the windows' transfer laid back into the Score.

* **The line** is that of the voice that lies highest (its mean pitch, weighted by length; drums do not count). Of notes that
  start at once the highest belongs to it, and none that starts under one of its own; a note of the line ends where the next one
  starts. All other notes, in this voice or another, are accompaniment and stay as they are.
* The line is moved to the grid of 16ths; what then starts in the 16th of a note before it is left out.
* **Bars** of 16 16ths are taken as they are; bars of eight or four 16ths are joined to such bars. Any other bar is filled up to
  16, its last note held on, and cut back afterwards: so three bars of 3/4 are shown as three of 4/4. What is longer than 16 is
  cut into 16 and a rest that is filled up. An upbeat stands at the end of a bar.
* Four bars make a **window**. The first begins after the upbeat, which has a window of its own, with the first three bars behind
  it; the last one ends with the piece, so it may begin in the one before. A piece under four bars is filled with rests.
  Nothing sounds longer than the piece did.
* Each window is moved to the midst of the range that the networks know, and back. Notes that do not fit are moved by octaves.
* A window without a note stays empty and is not transferred.

The inverse of :func:`cut` is :func:`lay`: without a transfer between them the line is again what it was, but for the moves to the
grid and by octaves.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.encoding.chorale import SILENT, STEPS_PER_QUARTER
from lab_utils.errors import DataError
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_phrases import LOWEST, PITCHES, STEPS
from lab_utils.recipes._phrases import BAR
from lab_utils.score import NOTE_DTYPE, PERCUSSION

BARS = STEPS // BAR  # in a window


@dataclass(frozen=True, eq=False)
class Cut:
    """The windows of a Score's line, and what is needed to lay a transfer of them back.

    Parameters
    ----------
    numbers : np.ndarray of uint8, shape (W, 64, 2)
        The windows with notes, as :mod:`lab_utils.recipes._cyclegan_phrases` writes them.
    moved : np.ndarray of int, shape (W,)
        By how many semitones each was moved up.
    homes : tuple of (window, bar)
        For each bar from which window, and which bar of it, its transfer is taken; (−1, 0) where nothing sounds.
    spans : tuple of (start, length, offset)
        Of each bar of 16 steps: the first step of the Score in it, how many of the Score's steps are in it, from which place on.
    line, onsets : np.ndarray, shape (T,)
        The line itself: MIDI pitch or −1, and where notes start.
    voice : int
    accompaniment : np.ndarray of NOTE_DTYPE
        All notes that are not of the line.
    remarks : tuple of str
        What had to be done, for the reader.
    """

    numbers: np.ndarray
    moved: np.ndarray
    homes: tuple
    spans: tuple
    line: np.ndarray
    onsets: np.ndarray
    voice: int
    accompaniment: np.ndarray
    remarks: tuple


def cut(score, *, name="score"):
    """Return the :class:`Cut` of a Score.

    Parameters
    ----------
    score : Score
    name : str
        What to call it in an error: a file's name.

    Raises
    ------
    DataError
        If it has no note but those of drums.
    """
    voice, own, accompaniment, off = _top_line(score, name)
    spans = _spans(score)
    line, onsets = _grid(own, max(start + length for start, length, _ in spans))
    bars, struck = np.full((len(spans) + 1, BAR), SILENT), np.zeros((len(spans) + 1, BAR), bool)  # the last one stays empty
    for bar, starts, (start, length, offset) in zip(bars, struck, spans, strict=False):
        bar[offset : offset + length], starts[offset : offset + length] = (of[start : start + length] for of in (line, onsets))
        bar[offset + length :] = line[start + length - 1]  # what sounds last is held to the bar's end
    windows, homes = _windows(bars, upbeat=bool(spans[0][2]))
    grid, struck = bars[windows].reshape(-1, STEPS), struck[windows].reshape(-1, STEPS)
    moved = phrases.centring(*phrases.extent(grid))
    fitting = _folded(grid, moved)
    numbers = phrases.numbers_from_grid(fitting, struck, moved=moved)
    remarks = _remarks(score, off, int((fitting != grid)[struck].sum()))
    return Cut(numbers, moved, homes, spans, line, onsets, voice, accompaniment, remarks)


def _windows(bars, *, upbeat):
    """Return (windows, homes) of bars (bars + 1, 16), the last of them empty; see the module and :class:`Cut`.

    The windows are int, shape (W, 4): which bars are in each.
    """
    count, upbeat = len(bars) - 1, int(upbeat)
    starts = list(range(upbeat, count, BARS))
    if starts and starts[-1] + BARS > count:
        starts[-1] = max(count - BARS, upbeat)
    chosen = [np.arange(BARS)] * upbeat + [start + np.arange(BARS) for start in starts]
    windows, homes = [], [(-1, 0)] * count
    for number, window in enumerate(chosen):
        window = np.minimum(window, count)
        if (bars[window] == SILENT).all():
            continue
        own = window[:1] if number < upbeat else window
        for place, bar in enumerate(own):
            if bar < count and homes[bar][0] < 0:
                homes[bar] = (len(windows), place)
        windows.append(window)
    return np.stack(windows), tuple(homes)


def lay(score, found, numbers):
    """Return (line, accompaniment): the notes of windows laid back into a Score, and the other notes, both of NOTE_DTYPE.

    Parameters
    ----------
    score : Score
    found : Cut
        Of that Score.
    numbers : np.ndarray of uint8, shape (W, 64, 2)
        The windows of `found`, or what was made of them.
    """
    grid, onsets = np.full(len(found.line), SILENT), np.zeros(len(found.line), bool)
    made, starts = phrases.grid_from_numbers(numbers, moved=found.moved)
    before = -1
    for (start, length, offset), (window, bar) in zip(found.spans, found.homes, strict=True):
        if window >= 0:
            at = slice(bar * BAR + offset, bar * BAR + offset + length)
            grid[start : start + length], onsets[start : start + length] = made[window, at], starts[window, at]
            if window != before and start and not found.onsets[start] and grid[start] == grid[start - 1]:
                onsets[start] = False  # tied over from the window before, as in the source
        before = window
    onsets |= (np.diff(grid, prepend=SILENT) != 0) & (grid != SILENT)
    return _notes(grid, onsets, found.voice, score), found.accompaniment


def _top_line(score, name):
    """Return (voice, notes of its line, accompaniment, (how many of the line's lay off the grid, how many had no place in it)).

    The line is int, shape (notes, 3): first step, end and pitch, in the order of time.
    """
    pitched = [voice for voice in score.voices if score.program(voice) != PERCUSSION]
    if not pitched:
        raise DataError(f"{name}: has no notes{' but those of drums' if len(score) else ''}; give a file with a melody.")
    voice = max(pitched, key=lambda number: _height(score.voice_notes(number)))
    notes = score.notes
    start = _steps(notes["onset_quarter"])
    end = np.maximum(_steps(notes["onset_quarter"] + notes["duration_quarter"]), start + 1)
    begins, ends = notes["onset_quarter"], notes["onset_quarter"] + notes["duration_quarter"]
    own, lost = [], []
    for i in np.lexsort((-notes["pitch"], start)):
        last = own[-1] if own else None  # what sounds
        if notes["voice"][i] != voice:
            continue
        if own and start[i] == start[last]:
            if ends[i] <= begins[last] or begins[i] >= ends[last]:  # no chord, but two notes in one 16th
                lost.append(i)
        elif not own or start[i] >= end[last] or notes["pitch"][i] >= notes["pitch"][last]:
            own.append(i)
    late = np.abs(notes["onset_quarter"][own] * STEPS_PER_QUARTER - start[own]) > 1e-6
    line = np.stack([start, end, notes["pitch"]], axis=1)[own]
    return voice, line, np.delete(notes, own + lost), (int(late.sum()), len(lost))


def _height(notes):
    return np.average(notes["pitch"], weights=notes["duration_quarter"])


def _steps(quarters):
    """Return the nearest steps, half-way ones the later; as :meth:`lab_utils.score.Score.quantise`."""
    return np.floor(quarters * STEPS_PER_QUARTER + 0.5).astype(int)


def _grid(rows, steps):
    """Return (line, onsets), each (T,), of notes (start, end, pitch) in the order of their starts."""
    steps = max(steps, int(rows[:, 1].max()))
    line, onsets = np.full(steps, SILENT), np.zeros(steps, bool)
    for first, last, pitch in rows:
        line[first:] = SILENT  # a note ends where the next one starts
        line[first:last] = pitch
        onsets[first] = True
    return line, onsets


def _spans(score):
    """Return (start, length, offset) of each bar of 16 steps; see the module."""
    lines = _steps(score.bar_lines())
    lengths = [int(length) for length in np.diff(lines)]
    spans, upbeat = [], bool(score.pickup_quarter)
    for number, (start, length) in enumerate(zip(lines[:-1].tolist(), lengths, strict=True)):
        if not length:
            continue
        if number == 0 and upbeat and length < BAR:
            spans.append((start, length, BAR - length))
            continue
        joins = spans and BAR % length == 0 and spans[-1][1] % length == 0 and spans[-1][1] + length <= BAR
        if joins and not spans[-1][2] and spans[-1][0] + spans[-1][1] == start:
            spans[-1] = (spans[-1][0], spans[-1][1] + length, 0)
            continue
        spans += [(at, min(BAR, start + length - at), 0) for at in range(start, start + length, BAR)]
    end = max(int(_steps(score.duration_quarter)), 1)  # a last bar may be short, as where it makes up for an upbeat
    return tuple((start, min(length, end - start), offset) for start, length, offset in spans if start < end)


def _folded(grid, moved):
    """Return a grid (W, 64) in which what lies out of the range after the move is moved by octaves."""
    index = grid + moved[:, None] - LOWEST
    octaves = np.where(index < 0, -(index // 12), np.where(index >= PITCHES, -((index - PITCHES) // 12 + 1), 0))
    return np.where(grid == SILENT, SILENT, grid + 12 * octaves)


def _remarks(score, off, folded):
    """Return what is to be told of a Score; `off` as :func:`_top_line` returns it."""
    others = sorted({f"{beats}/{unit}" for _, beats, unit in score.meters if (BAR * beats) % unit or BAR % (BAR * beats // unit)})
    told = (
        (others, f"in {', '.join(others)}: each bar was filled up to four quarters and cut back, for 4/4 alone was learnt"),
        (off[0], f"{off[0]} notes of the line lay off the 16ths and were moved to them"),
        (off[1], f"{off[1]} notes of the line left out, for another one starts in their 16th"),
        (folded, f"{folded} notes of the line moved by octaves into the range of {PITCHES} semitones"),
    )
    return tuple(words for holds, words in told if holds)


def _notes(grid, onsets, voice, score):
    """Return the notes of a line (T,), with the mean loudness of the voice."""
    changes = np.flatnonzero(onsets | (np.diff(grid, prepend=SILENT - 1) != 0))
    ends = np.append(changes[1:], len(grid))
    sounding = grid[changes] != SILENT
    made = np.zeros(sounding.sum(), NOTE_DTYPE)
    made["onset_quarter"] = changes[sounding] / STEPS_PER_QUARTER
    made["duration_quarter"] = (ends - changes)[sounding] / STEPS_PER_QUARTER
    made["pitch"], made["voice"] = grid[changes][sounding], voice
    made["velocity"] = round(float(score.voice_notes(voice)["velocity"].mean()))
    return made
