"""The circle of fifths, with bars of music as points in it, and what a model says of every place.

Conventions
-----------
* Places are those of :mod:`lab_utils.encoding.fifths`: C at noon, each hour a fifth up, radius 1. No music is outside the circle.
* `values` is a function of places; it is asked on a square of :data:`CELLS` by as many places, beyond the circle too, for a model
  may well believe in what cannot be. It is drawn as a map of heights in :data:`LEVELS` colours, from white (low) to dark.
* Groups of points have the colours of :data:`GROUPS`, in the order in which they come: no two neighbours in hue.

Used by the notebook ``02_generative_models``.
"""

import numpy as np
from matplotlib import colormaps
from matplotlib.patheffects import withStroke

from lab_utils.errors import ParameterError
from lab_utils.plots.style import INK, LINE, NOTE, PALETTE, SOFT, TITLE, new_axes

CLOCK = ("C", "G", "D", "A", "E", "B", "F♯", "D♭", "A♭", "E♭", "B♭", "F")  # from noon on
CELLS = 81
LEVELS = 9
HALO = [withStroke(linewidth=2.5, foreground="white")]  # so that a name is read on dark ground
GROUPS = tuple(PALETTE[i] for i in (3, 1, 0, 2, 4, 5))


def plot_fifths(points=None, *, values=None, limits=None, mark=None, title=None, reach=1.25, size=3.0, ax=None):
    """Plot points on the circle of fifths.

    Parameters
    ----------
    points : np.ndarray of float, shape (N, 2); or dict of str to such arrays; optional
        Bars, or groups of bars by name; with groups there is a legend.
    values : callable, optional
        ``values(places) -> np.ndarray, shape (M,)`` of places (M, 2): what is drawn beneath, such as a density.
    limits : tuple of (low, high), optional
        Values that are white and dark; by default the lowest and the highest.
    mark : tuple of (x, y), optional
        A place to be marked with a cross.
    title : str, optional
    reach : float
        How far the picture goes from the middle.
    size : float
        Of the points, in square points.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Points or values of another shape.
    """
    ax = new_axes(4.2, 4.2) if ax is None else ax
    ax.set_facecolor("white")
    if values is not None:
        _draw_values(ax, values, limits, reach)
    angle = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.sin(angle), np.cos(angle), color=LINE, linewidth=0.8, zorder=2)
    for hour, name in enumerate(CLOCK):
        x, y = np.sin(hour * np.pi / 6), np.cos(hour * np.pi / 6)
        look = {"fontsize": NOTE, "color": SOFT, "path_effects": HALO, "snap": False}  # snapped to pixels, an E loses its stem
        ax.text(1.1 * x, 1.1 * y, name, ha="center", va="center", zorder=4, **look)
    groups = points if isinstance(points, dict) else {"": points} if points is not None else {}
    for (name, group), colour in zip(groups.items(), GROUPS if isinstance(points, dict) else (INK,), strict=False):
        group = _checked(group)
        ax.scatter(*group.T, s=size, color=colour, alpha=0.6, linewidths=0, label=name, zorder=3)
    if isinstance(points, dict):
        options = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.02), "ncols": len(groups), "columnspacing": 1.0}
        ax.legend(frameon=False, fontsize=NOTE, markerscale=(12 / size) ** 0.5, handletextpad=0.1, **options)
    if mark is not None:
        ax.plot(*mark, "P", color="white", markeredgecolor=INK, markersize=9, zorder=5)
    if title:
        ax.set_title(title, loc="left", color=INK, fontsize=TITLE, pad=4)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def _draw_values(ax, values, limits, reach):
    edge = np.linspace(-reach, reach, CELLS)
    places = np.stack(np.meshgrid(edge, edge), axis=-1).reshape(-1, 2)
    found = np.asarray(values(places), dtype=float)
    if found.shape != (len(places),):
        raise ParameterError(f"values: expected a number for each of {len(places)} places, received shape {found.shape}.")
    low, high = (found.min(), found.max()) if limits is None else limits
    levels = np.linspace(low, high if high > low else low + 1, LEVELS + 1)
    picture = np.clip(found, levels[0], levels[-1]).reshape(CELLS, CELLS)
    colours = colormaps["Blues"](np.linspace(0, 1, LEVELS))
    ax.contourf(edge, edge, picture, levels=levels, colors=colours, zorder=1)


def _checked(points):
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ParameterError(f"points: expected shape (points, 2), received {points.shape}.")
    return points
