"""A map of latent vectors: where phrases lie in two of their directions, coloured by something that can be heard.

Conventions
-----------
* A point is a phrase. Both axes have the same scale, so that distances on the map are distances in that plane.
* Dashed circles show where the prior N(0, I) puts its vectors: of two of its numbers 39 % lie within the inner (radius 1) and
  86 % within the outer circle (radius 2). They are true for any two directions at right angles, turned as they like.
* A mark is a place that is looked at, a path the way from one place to another, with a dot for each stop.

What two numbers cannot show: all the other directions. The notebook ``08_vae`` and :mod:`lab_utils.widgets.latent` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.plots import style

RADII = (1.0, 2.0)
COLOURS = "viridis"


def plot_latent(
    points, values=None, *, ax=None, title=None, unit=None, prior=True, mark=None, path=None, x=None, y=None, size=7, reach=None
):
    """Draw latent vectors in two dimensions.

    Parameters
    ----------
    points : array_like of float, shape (N, 2)
        Where the phrases lie.
    values : array_like of float, shape (N,), optional
        What colours them, by a colour bar.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title, unit, x, y : str, optional
        The title, what the values are, and what the axes are.
    prior : bool
        Draw its two circles.
    mark : array_like of float, shape (2,), optional
        A place to look at.
    path : array_like of float, shape (stops, 2), optional
    size : float
        Of a point, in square points.
    reach : float, optional
        How far both axes go from 0; as far as the points lie if left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Another shape, no point, NaN or infinity, a reach that is not above 0.
    """
    points = _checked(points, "points", (None, 2))
    values = None if values is None else _checked(values, "values", (len(points),))
    if reach is not None and not reach > 0:
        raise ParameterError(f"reach: expected a number above 0, received {reach!r}; leave it out to show every point.")
    ax = style.new_axes(width=4.4, height=3.7) if ax is None else ax
    colours = {"color": style.PALETTE[3]} if values is None else {"c": values, "cmap": COLOURS}
    dots = ax.scatter(*points.T, s=size, linewidths=0, alpha=0.8, zorder=2, **colours)
    if values is not None:
        _colour_bar(ax, dots, unit)
    for radius in RADII if prior else ():
        turn = np.linspace(0, 2 * np.pi, 200)
        ax.plot(radius * np.cos(turn), radius * np.sin(turn), color=style.INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=3)
    if path is not None:
        ax.plot(*_checked(path, "path", (None, 2)).T, "o-", color=style.PALETTE[0], markersize=4, linewidth=1.2, zorder=4)
    if mark is not None:
        place = _checked(mark, "mark", (2,))
        ax.scatter(*place, s=110, marker="X", color=style.PALETTE[0], edgecolors="white", linewidths=1.2, zorder=5)
    ax.set_aspect("equal", adjustable="datalim" if reach is None else "box")
    if reach is not None:
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    return style.dress(ax, title=title, x=x, y=y)


def _colour_bar(ax, dots, unit):
    bar = ax.figure.colorbar(dots, ax=ax, pad=0.02, aspect=30)
    bar.solids.set_alpha(1)
    bar.outline.set_visible(False)
    bar.ax.tick_params(color=style.LINE, labelcolor=style.SOFT, labelsize=style.TICK, length=3)
    if unit:
        bar.set_label(unit, color=style.SOFT, fontsize=style.LABEL)


def _checked(numbers, name, shape):
    """Return `numbers` as floats; a ParameterError where they have not that shape (None: any number from 1 up) or are none."""
    numbers = np.asarray(numbers, dtype=float)
    fits = numbers.ndim == len(shape) and all(size in (None, found) for size, found in zip(shape, numbers.shape, strict=True))
    if not fits or not numbers.size or not np.isfinite(numbers).all():
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ParameterError(f"{name}: expected finite numbers of shape ({wanted}), received shape {numbers.shape} or others.")
    return numbers
