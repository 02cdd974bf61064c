"""Where a network looks while it predicts: attention weights as a map, and under an engraved staff.

Conventions
-----------
* **weights** are float, shape (T, W), as :mod:`lab_utils.evaluation.attention` has them: ``weights[t, k]`` is the weight of step
  t − 1 − k when step t is predicted; they are put where they belong in time, on step t − 1 − k. The darker, the more weight.
* In a map, rows are the steps that are predicted, from the top, and columns the steps that are looked at.
* Under a staff there is one row a note that starts: at its place a triangle, and to the left of it, on each 16th that was looked
  at, the weight, drawn below the very place of the staff that it lies on. An outline marks the 16ths that hold the pitch that is
  going to come. A row's weights are drawn relative to its strongest.

Left out: several heads or layers. Used by notebook ``07_testing``.
"""

import numpy as np
from matplotlib.collections import PolyCollection

from lab_utils.errors import ParameterError
from lab_utils.plots import staff, style
from lab_utils.plots.pianoroll import check_score, chosen_bars

STEPS_PER_QUARTER = 4
ROW = 11  # pixels
DARK = style.PALETTE[3]


def by_step(weights):
    """Return the weights by the step that they lie on, float, shape (T, T): row t is the step that is predicted.

    Parameters
    ----------
    weights : array_like of float, shape (T, W)
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 2 or not weights.size or not np.isfinite(weights).all() or weights.min() < 0:
        raise ParameterError(f"weights: expected numbers from 0 up, shape (steps, window), received {weights.shape} or others.")
    steps = len(weights)
    looked = np.arange(steps)[:, None] - 1 - np.arange(weights.shape[1])  # (T, W)
    there = looked >= 0
    if (weights[~there] > 0).any():
        raise ParameterError("weights: expected 0 before the start (row t has t steps behind it), received other values.")
    placed = np.zeros((steps, steps))
    placed[np.nonzero(there)[0], looked[there]] = weights[there]
    return placed


def plot_attention(weights, *, labels=None, sources=None, ax=None, title=None):
    """Draw attention weights as a map.

    Parameters
    ----------
    weights : array_like of float, shape (T, W)
    labels : sequence of str, length T, optional
        What stands in each step.
    sources : array_like of int, shape (T,), optional
        The step that should be looked at, −1 for none; it is outlined.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
    """
    placed = by_step(weights)
    steps = len(placed)
    for name, values in (("labels", labels), ("sources", sources)):
        if values is not None and len(values) != steps:
            raise ParameterError(f"{name}: expected one for each of {steps} steps, received {len(values)}.")
    ax = style.new_axes(height=5.2) if ax is None else ax
    style.dress(ax, title=title, x="step that is looked at", y="step that is predicted")
    ax.imshow(placed, cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    if labels is not None:
        ax.set_xticks(range(steps), labels, fontsize=style.NOTE - 1)
        ax.set_yticks(range(steps), labels, fontsize=style.NOTE - 1)
    if sources is not None:
        rows = np.flatnonzero(np.asarray(sources) >= 0)
        ax.plot(np.asarray(sources)[rows], rows, "s", markersize=9, markerfacecolor="none", markeredgecolor=style.PALETTE[0])
    return ax


def plot_attention_staff(score, weights, *, bars=None, width=840, ax=None, title=None):
    """Draw where a network looked before each note of a melody, under the engraved staff.

    Parameters
    ----------
    score : Score
        Of one voice.
    weights : array_like of float, shape (T, W)
        On 16ths from the start of the score, its upbeat included.
    bars : (int, int), optional
        The first and last bar to show, as printed in the score; they must fit on one line.
    width : int
        Pixels of the staff.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes
        It counts the staff's pixels; rows of weights follow below.
    """
    check_score(score)
    if len(score.voices) != 1:
        raise ParameterError(f"score: expected a melody, one voice, received {len(score.voices)}; choose one.")
    placed, pitches, starts = by_step(weights), *_steps_of(score, len(weights))
    edges, first, last = _edges(score, bars, width)
    predicted = np.flatnonzero(starts[first:last]) + first
    options = {"width": width, "bars": bars}
    if ax is None:
        ax = style.new_axes(width / style.DPI, (110 + ROW * len(predicted)) / style.DPI + (0.3 if title else 0))
    staff.plot_staff(score, ax, title=title, scale=1, **options)
    bottom = ax.get_ylim()[0] - staff.MARGIN
    cells, colours, outlined = [], [], []
    for row, step in enumerate(predicted):
        top = bottom + ROW * row
        seen = placed[step, first:last]
        for i in np.flatnonzero(seen > 0):
            cell = [(edges[i], top + 1), (edges[i + 1], top + 1), (edges[i + 1], top + ROW - 1), (edges[i], top + ROW - 1)]
            cells.append(cell)
            colours.append((*_rgb(DARK), seen[i] / seen.max()))
            if pitches[first + i] == pitches[step]:
                outlined.append(cell)
        ax.plot(edges[step - first] + 4, top + ROW / 2, "v", markersize=4, color=style.PALETTE[0], linestyle="")
    ax.add_collection(PolyCollection(cells, facecolors=colours, linewidth=0), autolim=False)
    ax.add_collection(PolyCollection(outlined, facecolors="none", edgecolors=style.PALETTE[1], linewidth=0.8), autolim=False)
    ax.set_ylim(bottom + ROW * len(predicted) + 2, 0)
    return ax


def _steps_of(score, steps):
    """The pitch in each 16th (−1: none) and where a note starts, two arrays of shape (steps,)."""
    pitches, starts = np.full(steps, -1), np.zeros(steps, bool)
    for note in score.notes:
        first = round(float(note["onset_quarter"]) * STEPS_PER_QUARTER)
        last = first + max(1, round(float(note["duration_quarter"]) * STEPS_PER_QUARTER))
        if last > steps:
            raise ParameterError(f"weights: expected a row for each 16th of the score, {last} or more, received {steps}.")
        pitches[first:last], starts[first] = note["pitch"], True
    return pitches, starts


def _edges(score, bars, width):
    """Where each 16th of the bars starts on the staff, in pixels, with the end of the last; and the first step and the last."""
    lines, numbers = score.bar_lines(), score.bar_numbers()
    begin, end = chosen_bars(numbers, bars)
    quarters, pixels = staff.note_places(score, width=width, bars=bars)
    first, last = (round(float(lines[i]) * STEPS_PER_QUARTER) for i in (begin, end + 1))
    quarters = np.append(quarters, last / STEPS_PER_QUARTER)
    pixels = np.append(pixels, width - staff.MARGIN)
    return np.interp(np.arange(first, last + 1) / STEPS_PER_QUARTER, quarters, pixels) - 4, first, last


def _rgb(colour):
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
