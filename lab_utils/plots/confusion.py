"""The confusion matrix: what each class was taken for.

Conventions
-----------
* ``counts[i, j]`` is how many of class i were called class j: rows are what it is, from the top, columns what it was called.
* A cell shows the count; its shade is the share of its row, so that classes of different sizes compare. The diagonal, what was
  right, is blue, everything else red.

Used by the recipe ``style`` and the notebook ``02_generative_models``.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from lab_utils.errors import ParameterError
from lab_utils.plots import style

RIGHT, WRONG = (
    LinearSegmentedColormap.from_list(name, ["white", end])
    for name, end in (("right", style.PALETTE[3]), ("wrong", style.PALETTE[0]))
)


def plot_confusion(counts, names, *, ax=None, title=None):
    """Draw a confusion matrix.

    Parameters
    ----------
    counts : array_like of int, shape (classes, classes)
    names : sequence of str, length classes
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Counts that are no square of numbers from 0 up, or another number of names.
    """
    counts = np.asarray(counts)
    if (
        counts.ndim != 2
        or counts.shape[0] != counts.shape[1]
        or not counts.size
        or counts.dtype.kind not in "iu"
        or counts.min() < 0
    ):
        raise ParameterError(
            f"counts: expected whole numbers from 0 up, shape (classes, classes), received {counts.shape} {counts.dtype}."
        )
    if len(names) != len(counts):
        raise ParameterError(f"names: expected one for each of {len(counts)} classes, received {len(names)}.")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    if ax is None:
        ax = style.new_axes(width=1.8 + 0.62 * len(counts), height=0.9 + 0.5 * len(counts))
    style.dress(ax, title=title, x="called", y="is")
    colours = np.where(np.eye(len(counts), dtype=bool)[..., None], RIGHT(shares), WRONG(shares))
    ax.imshow(colours, aspect="auto", interpolation="nearest")
    for (row, column), count in np.ndenumerate(counts):
        dark = shares[row, column] > 0.55
        text = {
            "color": "white" if dark else style.INK if count else style.LINE,
            "fontsize": style.LABEL,
            "ha": "center",
            "va": "center",
        }
        ax.text(column, row, str(count), **text)
    ax.set_xticks(range(len(names)), names, rotation=30 if max(map(len, names)) > 8 else 0)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax
