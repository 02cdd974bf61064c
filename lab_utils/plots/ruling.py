"""What lies under a piano roll: rows of the keyboard with their names, beats, bar lines and bar numbers.

How much is ruled and named follows the room: with many bars only some carry a number, with low rows only C, E and G a name.
"""

import numpy as np

from lab_utils.plots import style

NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
BLACK = (1, 3, 6, 8, 10)
_NAMED = ((8.5, (0, 2, 4, 5, 7, 9, 11)), (5.0, (0, 4, 7)), (2.6, (0, 7)))  # in rows of at least so many points


def pitches(ax, low, high):
    """Shade the rows of the black keys, rule the octaves, name the pitches.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    low, high : int
        The first and last row, as MIDI pitches.
    """
    for pitch in range(low, high + 1):
        if pitch % 12 in BLACK:
            ax.axhspan(pitch - 0.5, pitch + 0.5, color=style.SHADE, linewidth=0, zorder=0)
        if pitch % 12 == 0 and pitch > low:
            ax.axhline(pitch - 0.5, color=style.LINE, linewidth=0.6, zorder=0.5)
    points = 72 * room(ax)[1] / (high - low + 1)  # a row's height
    named = next((keys for least, keys in _NAMED if points >= least), (0,))
    ticks = [pitch for pitch in range(low, high + 1) if pitch % 12 in named]
    ax.set_yticks(ticks, [f"{NAMES[p % 12]}{p // 12 - 1}" for p in ticks])
    for tick, label in zip(ticks, ax.get_yticklabels(), strict=True):
        label.set(color=style.INK if tick % 12 == 0 else style.SOFT, fontsize=style.TICK if tick % 12 == 0 else style.NOTE)
    ax.tick_params(axis="y", length=0)


def bars(ax, score, lines, numbers):
    """Rule bars and, where there is room, beats; number the bars.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its y limits set.
    score : Score
    lines : np.ndarray, shape (bars + 1,)
        Where the bars start and the last one ends, in quarter notes.
    numbers : np.ndarray of int, shape (bars,)
    """
    inches = room(ax)[0] / (lines[-1] - lines[0])  # the width of a quarter note
    bar_width = np.median(np.diff(lines)) * inches
    at = beats(score, lines)
    if len(at) and np.diff(np.union1d(at, lines)).min() * inches > 0.07:
        ax.vlines(at, *ax.get_ylim(), color=style.FAINT, linewidth=0.6, zorder=0.6)
    step = next(step for step in (1, 2, 4, 8, 16, 32, 64, 10**6) if step * bar_width > 0.24)
    kept = [i for i, number in enumerate(numbers) if step == 1 or number % step == 1 or (i == 0 and number == 0)]
    if len(kept) > 2 and numbers[0] == 0 and (lines[kept[1]] - lines[0]) * inches < 0.05:
        del kept[1]  # so short an upbeat that 0 and 1 would touch
    ruled = lines[1:] if bar_width > 0.12 else lines[kept]  # many narrow bars: only those that carry a number
    ax.vlines(ruled, *ax.get_ylim(), color=style.LINE, linewidth=0.7, zorder=0.7)
    ax.set_xticks(lines[kept], [str(numbers[i]) for i in kept])
    if numbers[0] == 0 and len(kept) > 1 and (lines[kept[1]] - lines[0]) * inches < 0.14:
        for label, side in zip(ax.get_xticklabels(), ("right", "left"), strict=False):
            label.set_ha(side)  # a short upbeat: its 0 and the 1 make room for each other


def beats(score, lines):
    """Return the beats between the bar lines, in quarter notes; three eighths make one beat in 6/8, 9/8 and 12/8.

    Parameters
    ----------
    score : Score
    lines : np.ndarray, shape (bars + 1,)

    Returns
    -------
    np.ndarray, shape (beats,)
        Ascending, without the bar lines themselves.
    """
    found = []
    for here, there in zip(lines[:-1], lines[1:], strict=True):
        _, count, unit = [m for m in score.meters if m[0] <= here + 1e-9][-1]
        beat = 4.0 / unit * (3 if unit >= 8 and count % 3 == 0 and count > 3 else 1)
        found.extend(np.arange(there - beat, here + 1e-9, -beat))  # counted from the end: an upbeat leads to the line
    return np.array(sorted(found))


def room(ax):
    """Return width and height of the axes in inches, near enough before the layout of a new figure is known."""
    box = ax.get_position()
    alone = len(ax.figure.axes) == 1
    return ax.figure.get_figwidth() * (0.93 if alone else box.width), ax.figure.get_figheight() * box.height
