"""Token grids as piano rolls: what a network reads and writes, frame by frame.

A grid holds MIDI pitches, -1 for a rest, one column a voice; see :mod:`lab_utils.plots.pianoroll` for how it is drawn.
Used by the notebooks on recurrent networks and attention.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.plots import pianoroll
from lab_utils.score import Score, note_array

CHORALE = ("Soprano", "Alto", "Tenor", "Bass")


def plot_grid(
    grid,
    onsets=None,
    *,
    ax=None,
    steps_per_quarter=4,
    meter=(4, 4),
    pickup_steps=0,
    names=None,
    fermatas=None,
    bars=None,
    **options,
):
    """Draw a token grid as a piano roll.

    Parameters
    ----------
    grid : np.ndarray of int, shape (frames, voices)
        MIDI pitch, or -1 for a rest.
    onsets : np.ndarray of bool, shape (frames, voices), optional
        Where a note starts. Without it equal pitches in a row are drawn as one note.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    steps_per_quarter : int
        Frames a quarter note.
    meter : (int, int)
        Beats and beat unit of a bar.
    pickup_steps : int
        Frames of an upbeat, 0 for none.
    names : sequence of str, optional
        Of the voices; Soprano, Alto, Tenor, Bass where there are four.
    fermatas : np.ndarray of bool, shape (frames,), optional
        Where a fermata is held; its sign stands over the first frame.
    bars : (int, int), optional
        The first and last bar to show; all if left out.
    **options
        `title`, `legend`, `playhead` and `markers` as in :func:`lab_utils.plots.plot_pianoroll`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        A grid of another shape or kind, onsets or fermatas that do not match it, nothing but rests.
    """
    grid, onsets, fermatas = _checked(grid, onsets, fermatas)
    if names is None:
        names = CHORALE if grid.shape[1] == 4 else ()
    score = Score(
        note_array(_notes(grid, onsets, steps_per_quarter)),
        meters=((0.0, *meter),),
        pickup_quarter=pickup_steps / steps_per_quarter,
        names=tuple(names),
    )
    lines, numbers = _bars(score, len(grid) / steps_per_quarter)
    first, last = pianoroll.chosen_bars(numbers, bars)
    held = np.flatnonzero(fermatas & ~np.concatenate([[False], fermatas[:-1]])) / steps_per_quarter
    return pianoroll.draw_roll(score, lines[first : last + 2], numbers[first : last + 1], ax=ax, fermatas=held, **options)


def _notes(grid, onsets, steps_per_quarter):
    """Rows for note_array: a note starts where the pitch changes or an onset stands."""
    starts_here = np.ones(grid.shape, dtype=bool)
    starts_here[1:] = (grid[1:] != grid[:-1]) | onsets[1:]
    for voice, column in enumerate(grid.T):
        starts = np.flatnonzero(starts_here[:, voice])
        lengths = np.diff(np.append(starts, len(grid)))
        for start, length in zip(starts, lengths, strict=True):
            if column[start] >= 0:
                yield start / steps_per_quarter, length / steps_per_quarter, int(column[start]), 80, voice


def _bars(score, end):
    """Bar lines and numbers up to `end`, in quarter notes: a grid may end with rests, which a Score does not hold."""
    lines = list(score.bar_lines())
    beats, unit = score.meter
    while lines[-1] < end - 1e-9:
        lines.append(lines[-1] + beats * 4.0 / unit)
    return np.array(lines), np.arange(len(lines) - 1) + score.bar_numbers()[0]


def _checked(grid, onsets, fermatas):
    grid = np.asarray(grid)
    if grid.ndim != 2 or grid.shape[0] == 0 or not 1 <= grid.shape[1] <= 16:
        raise ParameterError(f"grid: expected shape (frames, voices), received {grid.shape}; a chorale has 4 voices.")
    if grid.dtype.kind not in "iu" or grid.min() < -1 or grid.max() > 127:
        raise ParameterError(f"grid: expected MIDI pitches as integers, -1 for a rest, received {_kind(grid)}.")
    if grid.max() < 0:
        raise ParameterError("grid: expected at least one note, received nothing but rests; there is nothing to draw.")
    onsets = np.zeros(grid.shape, dtype=bool) if onsets is None else np.asarray(onsets, dtype=bool)
    if onsets.shape != grid.shape:
        raise ParameterError(f"onsets: expected the grid's shape {grid.shape}, received {onsets.shape}.")
    fermatas = np.zeros(len(grid), dtype=bool) if fermatas is None else np.asarray(fermatas, dtype=bool)
    if fermatas.shape != grid.shape[:1]:
        raise ParameterError(f"fermatas: expected shape {grid.shape[:1]}, one a frame, received {fermatas.shape}.")
    return grid, onsets, fermatas


def _kind(grid):
    return f"{grid.dtype} from {grid.min()} to {grid.max()}"
