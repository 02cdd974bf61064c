"""Causal dilated convolutions seen as a tree: which samples of the past reach one output.

Conventions
-----------
* `dilations` are those of the layers from the input on: (1, 2, 4, 8). A layer with a kernel of k looks at the same place and at
  k − 1 places before it, each a dilation apart.
* Time runs to the right; the output that is asked about stands at 0, at the top, and a sample n before it at −n. The input is
  the lowest row.
* What reaches the output is dark, the rest faint; one sample further back is shown, which does not reach it.
* The **receptive field** counts the samples that reach the output, its own place included: 1 + (k − 1) · Σ dilations.

The picture is that of van den Oord et al. (2016), figure 3. Used by the widget of the receptive field and by the notebook
``11_wavenet``.
"""

import numpy as np
from matplotlib.collections import LineCollection

from lab_utils.errors import ParameterError, check_whole
from lab_utils.plots import style

DOTS = 72  # with more places side by side only the lines are drawn
MOST = 400  # places of a row whose lines are drawn
LARGEST = 20_000


def receptive_field(dilations, *, kernel=2):
    """Return how many samples reach one output, an int; see :func:`plot_receptive_field`."""
    return 1 + (_checked(dilations, kernel)[1] - 1) * int(sum(dilations))


def reaching(dilations, *, kernel=2):
    """Return which places of each row reach the output.

    Parameters
    ----------
    dilations : sequence of int
    kernel : int

    Returns
    -------
    list of np.ndarray of int, each shape (places,)
        From the output's row down to the input's, places in samples, from 0 (the output's) backwards: all ≤ 0, ascending.
    """
    dilations, kernel = _checked(dilations, kernel)
    rows = [np.zeros(1, int)]
    for dilation in reversed(dilations):
        taps = -dilation * np.arange(kernel)
        rows.append(np.unique(rows[-1][:, None] + taps))
    return rows


def plot_receptive_field(dilations, *, kernel=2, ax=None, title=None):
    """Draw the tree of what reaches one output.

    Parameters
    ----------
    dilations : sequence of int
        Of the layers, from the input on.
    kernel : int, default=2
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
        The number of samples if left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        No dilations, one that is no whole number from 1 on, a kernel under 2, more than 20,000 samples.
    """
    rows = reaching(dilations, kernel=kernel)
    size = receptive_field(dilations, kernel=kernel)
    ax = style.new_axes(height=2.6) if ax is None else ax
    levels = np.arange(len(dilations), -1, -1)
    if size < DOTS:
        _faint(ax, dilations, kernel, size)
    for level, upper, dilation in zip(levels, rows, reversed(tuple(dilations)), strict=False):
        taps = -dilation * np.arange(kernel)
        width = 1.2 if size < DOTS else max(0.25, 40 / size)
        upper = upper[np.unique(np.linspace(0, len(upper) - 1, MOST).astype(int))]  # a thousand would be one dark mass
        _lines(ax, upper, level, taps, color=style.PALETTE[3], linewidth=width, zorder=2)
    if size < DOTS:
        for level, row in zip(levels, rows, strict=True):
            ax.scatter(row, np.full(len(row), level), s=18, color=style.PALETTE[3], zorder=3)
    ax.scatter([0], [levels[0]], s=42, color=style.PALETTE[0], zorder=4)
    room = max(1.0, 0.02 * size)
    ax.set_xlim(-size - room / 2, room)
    ax.set_ylim(-0.3, len(dilations) + 0.3 + 0.04 * len(dilations))
    names = ["input", *(f"dilation {dilation}" for dilation in dilations)]
    step = max(1, -(-len(names) // 12))
    ax.set_yticks(np.arange(len(names))[::step], names[::step])
    told = f"{size} samples reach one output" if title is None else title
    return style.dress(ax, title=told, x="samples before the output")


def _faint(ax, dilations, kernel, size):
    """All places and connections within the picture, faint."""
    places = np.arange(-size, 1)
    for level, dilation in enumerate(dilations, 1):
        for lag in dilation * np.arange(kernel):
            inside = places[places - lag >= -size]
            segments = [((place, level), (place - lag, level - 1)) for place in inside]
            ax.add_collection(LineCollection(segments, color=style.FAINT, linewidth=0.6, zorder=0))
    for level in range(len(dilations) + 1):
        ax.scatter(places, np.full(len(places), level), s=12, color="white", edgecolor=style.LINE, linewidth=0.7, zorder=1)


def _lines(ax, places, level, taps, **look):
    segments = [((place, level), (place + tap, level - 1)) for place in places for tap in taps]
    ax.add_collection(LineCollection(segments, **look))


def _checked(dilations, kernel):
    dilations = tuple(dilations)
    for name, value, least in (("kernel", kernel, 2), *(("dilations", dilation, 1) for dilation in dilations)):
        check_whole(name, value, least)
    if not dilations:
        raise ParameterError("dilations: expected one or more, received none.")
    if 1 + (kernel - 1) * sum(dilations) > LARGEST:
        raise ParameterError(f"dilations: expected up to {LARGEST} samples in all, received {1 + (kernel - 1) * sum(dilations)}.")
    return dilations, int(kernel)
