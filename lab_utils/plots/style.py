"""The look that all plots share, and figures saved so that the same data gives the same bytes.

Conventions
-----------
* Every plot takes ``ax=None`` and returns the axes. Without `ax` it opens a figure through pyplot, so that a notebook shows
  it once, at the end of its cell, and a desktop window opens at ``plt.show()``. pyplot is imported then and not before:
  importing this room changes no state of matplotlib.
* A figure is :data:`WIDTH` inches by :data:`DPI` dots wide, 840 pixels: as wide as the engraved staves.
* Colours and sizes are set on the axes themselves, never in ``rcParams``: another style in force stays in force elsewhere.
* :data:`PALETTE` keeps its first four colours (soprano, alto, tenor, bass) apart for readers with protanopia, deuteranopia
  or tritanopia, and in grey print: their lightness differs too.
"""

import io
import sys
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lab_utils.errors import ParameterError
from lab_utils.storage import write_bytes

PALETTE = ("#B5302A", "#DE8F05", "#1F9A8F", "#2A3F86", "#8E2FD6", "#26202B", "#B3A5F0", "#C2A36E")
INK, SOFT, LINE, FAINT, SHADE = "#1D1D22", "#5F5F6B", "#B4B4C0", "#E3E3EA", "#F3F3F7"
WIDTH, DPI = 7.0, 120
TITLE, LABEL, TICK, NOTE = 11.0, 9.0, 8.5, 8.0  # text sizes in points
_UNSEEN = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")  # backends that show nothing


def new_axes(width=WIDTH, height=3.0, *, columns=1, shown=True):
    """Return the axes of a new white figure.

    Parameters
    ----------
    width, height : float
        Inches.
    columns : int
        Axes side by side; with more than one an array of axes, shape (columns,), which share both scales.
    shown : bool
        Hand the figure to pyplot, which shows it. False for a picture that is only wanted as bytes.
    """
    options = {"figsize": (width, height), "dpi": DPI, "layout": "constrained", "facecolor": "white"}
    if shown:
        from matplotlib import pyplot

        figure = pyplot.figure(**options)
    else:
        figure = Figure(**options)
    return figure.subplots(1, columns, sharex=columns > 1, sharey=columns > 1)


def dress(ax, *, title=None, x=None, y=None, pad=8):
    """Give `ax` the shared look: dark text, thin left and bottom lines, the title at the left, `pad` points up. Returns `ax`.

    An axis of epochs is marked at whole ones.
    """
    ax.set_facecolor("white")
    for side, spine in ax.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=LINE, linewidth=0.8)
    ax.tick_params(which="both", color=LINE, labelcolor=SOFT, labelsize=TICK, width=0.8, length=3)
    ax.set_axisbelow(True)
    if x is not None:
        ax.set_xlabel(x, color=SOFT, fontsize=LABEL)
        if x == "epoch":
            ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    if y is not None:
        ax.set_ylabel(y, color=SOFT, fontsize=LABEL)
    if title:
        ax.set_title(title, loc="left", color=INK, fontsize=TITLE, pad=pad)
    return ax


def apart(positions, gap):
    """Return `positions` moved as little as keeps neighbours `gap` apart, in their given order.

    For labels at the ends of lines: blocks of crowded labels spread evenly round their mean.

    Parameters
    ----------
    positions : sequence of float, shape (labels,)
    gap : float

    Returns
    -------
    np.ndarray, shape (labels,)
    """
    order = np.argsort(positions, kind="stable")
    blocks = []  # [sum of wished first positions, number of labels]
    for rank, wished in enumerate(np.asarray(positions, dtype=float)[order]):
        blocks.append([wished - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + count]
    first = np.concatenate([np.full(count, total / count) for total, count in blocks]) if blocks else np.zeros(0)
    placed = np.empty(len(order))
    placed[order] = first + gap * np.arange(len(order))
    return placed


def figure_bytes(ax, *, kind="png"):
    """Return the figure of `ax` as the bytes of a file, the same for the same plot.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array of them, or matplotlib.figure.Figure
    kind : {"png", "svg"}
        An SVG carries its text as outlines, so that it looks the same everywhere.

    Returns
    -------
    bytes
        Without date or version, which would differ from day to day.
    """
    metadata = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    if kind not in metadata:
        raise ParameterError(f"kind: expected 'png' or 'svg', received {kind!r}.")
    figure = ax if isinstance(ax, Figure) else np.ravel(ax)[0].figure
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "lab_utils", "svg.fonttype": "path"}):
        figure.draw_without_rendering()  # the layout settles in a second round, and two savings shall not differ
        figure.savefig(buffer, format=kind, metadata=metadata[kind], bbox_inches="tight", pad_inches=0.08)
    _let_go(figure)
    return buffer.getvalue()


def save_figure(ax, path):
    """Write the figure of `ax` to `path`, all of it or nothing, and return `ax`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array of them, or matplotlib.figure.Figure
    path : str or Path
        The suffix decides: ``.png`` or ``.svg``.

    Raises
    ------
    ParameterError
        Another suffix.
    DataError
        The file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".png", ".svg"):
        raise ParameterError(f"path: expected a name that ends with .png or .svg, received {str(path)!r}; rename it.")
    write_bytes(figure_bytes(ax, kind=suffix[1:]), path)
    return ax


def _let_go(figure):
    # pyplot keeps every figure that it opened. Where nobody can see them a long run would fill the memory.
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and matplotlib.get_backend().lower() in _UNSEEN:
        pyplot.close(figure)
