"""What a classifier answers at every point of a plane, with the examples on top: regions, and the examples that it gets wrong.

Conventions
-----------
* The classifier is handed in as a function from points, float (N, 2), to probabilities, float (N, classes); it may be any.
* The ground is the mean of the classes' colours, weighted by probability, and paler than the points: where it is pure the
  classifier is sure, where two colours melt it is not.
* A point has the colour of its true class; what the classifier gets wrong has a black ring.
* Lines can be drawn where weighted sums are zero: the places at which hidden neurons switch on.

Notebook ``01_deep_learning`` uses it.
"""

import numpy as np
from matplotlib.colors import to_rgb

from lab_utils.errors import ParameterError
from lab_utils.plots import style

GRID = 120  # points a side at which the classifier is asked
BANDS = 32  # shades of the ground: smooth to the eye, and a picture of a third of the bytes
PALE = 0.45  # how much of the colour is left in the ground


def plot_regions(classify, points, labels, *, names=None, ax=None, title=None, x=None, y=None, cuts=None, margin=0.06, size=14):
    """Draw the regions of a classifier over two features, and examples.

    Parameters
    ----------
    classify : callable
        Points, float (N, 2), to probabilities, float (N, classes).
    points : array_like of float, shape (N, 2)
    labels : array_like of int, shape (N,)
        The true class of each point, from 0.
    names : sequence of str, optional
        The classes' names, for the legend; no legend if left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title, x, y : str, optional
        The title, and what the axes are.
    cuts : (array_like of shape (2, H), array_like of shape (H,)), optional
        Weights and biases of H neurons: a dashed line where each one's sum is zero.
    margin : float
        Room round the points, as a share of their extent.
    size : float
        Of a point, in square points.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Points, labels, probabilities or cuts of another shape; a label without a class; more than eight classes.

    Examples
    --------
    >>> plot_regions(lambda points: forward(points, layers)[-1], points, labels, names=("similar", "contrary"))
    """
    points, labels = _checked(points, labels)
    low, high = points.min(axis=0), points.max(axis=0)
    room = margin * np.where(high > low, high - low, 1.0)
    low, high = low - room, high + room
    colours, shares, answers = _asked(classify, points, labels, low, high, names)
    ax = style.new_axes(width=4.3, height=3.2) if ax is None else ax
    ground = np.round((1 - PALE * (1 - shares @ colours)) * BANDS) / BANDS
    box = (low[0], high[0], low[1], high[1])
    ax.imshow(ground, extent=box, origin="lower", aspect="auto", interpolation="nearest", zorder=0)
    wrong = answers != labels
    edges = np.where(wrong[:, None], to_rgb("black"), to_rgb("white"))
    for ring in (False, True):  # the wrong ones on top
        chosen = wrong == ring
        ax.scatter(*points[chosen].T, s=size * (1.4 if ring else 1), c=colours[labels[chosen]], edgecolors=edges[chosen],
                   linewidths=1.1 if ring else 0.4, zorder=3 + ring)  # fmt: skip
    if cuts is not None:
        _draw_cuts(ax, cuts)
    ax.set(xlim=box[:2], ylim=box[2:])
    if names is not None:
        _legend(ax, colours, names)
    return style.dress(ax, title=title, x=x, y=y)


def _checked(points, labels):
    points, labels = np.asarray(points, dtype=float), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise ParameterError(f"points: expected finite numbers of shape (points, 2), received {points.shape} or others.")
    if labels.shape != points.shape[:1] or labels.dtype.kind not in "iub":
        raise ParameterError(
            f"labels: expected a whole number for each of {len(points)} points, received {labels.shape} {labels.dtype}."
        )
    return points, labels.astype(int)


def _asked(classify, points, labels, low, high, names):
    """The classes' colours (classes, 3), the classifier's shares on the grid (GRID, GRID, classes), its answers (N,)."""
    across, up = (np.linspace(*ends, GRID) for ends in zip(low, high, strict=True))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    shares, answers = np.asarray(classify(grid), dtype=float), np.asarray(classify(points), dtype=float)
    if shares.ndim != 2 or len(shares) != len(grid) or not np.isfinite(shares).all():
        raise ParameterError(f"classify: expected finite probabilities of shape ({len(grid)}, classes), received {shares.shape}.")
    classes = shares.shape[1]
    if classes > len(style.PALETTE) or labels.min() < 0 or labels.max() >= classes or (names and len(names) != classes):
        raise ParameterError(
            f"labels: expected classes 0 to {classes - 1} (at most {len(style.PALETTE)}) with a name for each or none, "
            f"received labels {labels.min()} to {labels.max()} and {len(names or ())} names."
        )
    colours = np.array([to_rgb(colour) for colour in style.PALETTE[:classes]])
    return colours, shares.reshape(GRID, GRID, classes), answers.argmax(axis=1)


def _draw_cuts(ax, cuts):
    weights, biases = (np.asarray(values, dtype=float) for values in cuts)
    if weights.ndim != 2 or len(weights) != 2 or biases.shape != weights.shape[1:]:
        raise ParameterError(f"cuts: expected weights (2, H) and biases (H,), received {weights.shape} and {biases.shape}.")
    for (across, up), bias in zip(weights.T, biases, strict=True):
        length = np.hypot(across, up)
        if length > 0:  # a neuron without weights has no line
            foot = -bias * np.array([across, up]) / length**2
            ax.axline(
                foot, foot + np.array([-up, across]) / length, color=style.INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2
            )


def _legend(ax, colours, names):
    for colour, name in zip(colours, names, strict=True):
        ax.scatter([], [], s=24, color=[colour], label=name)
    ax.legend(
        frameon=False, loc="upper left", bbox_to_anchor=(1, 1), fontsize=style.NOTE, labelcolor=style.INK, handletextpad=0.3,
        borderaxespad=0.2,
    )  # fmt: skip
