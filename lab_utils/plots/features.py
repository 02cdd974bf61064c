"""Overlapped area in pictures: one row of dots a feature, and the densities that one area is made of.

The figures come from :mod:`lab_utils.evaluation.overlap`, which this room does not import: hand them over. Used by the notebooks
``08_vae`` and ``09_gan``.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.plots import style

MEAN, LEFT_OUT = "mean_overlapped_area", ("yang_lerch",)
COLOURS = (style.PALETTE[0], style.PALETTE[3], style.PALETTE[2], style.PALETTE[1], style.PALETTE[4])
MARKERS = ("o", "D", "s", "^", "v")
PARTS = ("within the reference", "within the generated", "between the two")


def plot_features(sets, *, ax=None, title=None):
    """Draw the overlapped area of each feature, one dot for each set of phrases.

    Parameters
    ----------
    sets : dict of str to dict of str to float
        Areas by feature under a set's name, as ``overlapped_area`` returns them; one to five sets with the same features. The
        first is the one that it is about and drawn large, the others are its floor and ceiling: {"VAE": …, "bigram": …,
        "test fold": …}. Without ``mean_overlapped_area`` the mean is taken here.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        No set or too many, sets with different features, an area outside 0–1.
    """
    names, table = _checked(sets)
    ax = style.new_axes(height=0.6 + 0.27 * (len(names) + 1)) if ax is None else ax
    style.dress(ax, title=title, x="overlapped area (1: as alike as can be)", pad=22)
    heights = np.concatenate([[0.0], 1.4 + np.arange(len(names) - 1)])  # the mean on top, a little apart
    ax.hlines(heights, 0, 1, color=style.FAINT, linewidth=0.8, zorder=1)
    ax.plot(table[:, 0], np.zeros(len(table)), color=style.LINE, linewidth=1.6, zorder=2)
    for number, row in reversed(list(enumerate(table))):
        size, face, order = (46, COLOURS[0], 4) if number == 0 else (24, "white", 3)
        ax.scatter(row, heights, s=size, marker=MARKERS[number], facecolor=face, edgecolor=COLOURS[number], zorder=order)
    labels = [f"{name} {value:.2f}" for name, value in zip(sets, table[:, 0], strict=True)]
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(heights[-1] + 0.6, -0.6)
    for label, place, colour in zip(labels, _places(table[:, 0], labels), COLOURS, strict=False):
        ax.annotate(
            label, (place, 0), (0, 9), textcoords="offset points", ha="center", va="bottom", color=colour,
            fontsize=style.NOTE, annotation_clip=False,
        )  # fmt: skip
    ax.set_yticks(heights, [name.replace("_", " ") for name in names])
    ax.get_yticklabels()[0].set(color=style.INK, fontweight="bold")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def plot_densities(distance, shares, *, ax=None, title=None, names=PARTS, unit=None):
    """Draw the three densities of one feature, and the area under the lowest.

    A density is smoothed, so that it begins a little below 0 where distances of 0 are many.

    Parameters
    ----------
    distance : np.ndarray, shape (cells,)
        Evenly spaced.
    shares : np.ndarray, shape (3, cells)
        Within the reference, within the generated, between the two; each sums to 1. Both are what ``densities`` returns.
    ax : matplotlib.axes.Axes, optional
    title : str, optional
    names : sequence of three str
        What the curves are called.
    unit : str, optional
        The feature's unit, for the axis.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        If the shapes do not fit.
    """
    distance, shares = np.asarray(distance, dtype=float), np.asarray(shares, dtype=float)
    if distance.ndim != 1 or len(distance) < 2 or shares.shape != (3, len(distance)) or len(names) != 3:
        raise ParameterError(
            f"distance, shares: expected shapes (cells,) and (3, cells) and three names, "
            f"received {distance.shape}, {shares.shape} and {len(names)} names."
        )
    ax = style.new_axes(height=2.6) if ax is None else ax
    style.dress(ax, title=title, x="distance of two phrases" + (f" ({unit})" if unit else ""), y="density")
    density = shares / (distance[1] - distance[0])
    lowest = density.min(axis=0)
    ax.fill_between(distance, lowest, color=style.FAINT, linewidth=0, zorder=1, label=f"overlap {shares.min(axis=0).sum():.2f}")
    looks = ((style.PALETTE[3], "-"), (style.PALETTE[0], "-"), (style.PALETTE[2], (0, (4, 2))))
    for values, name, (colour, line) in zip(density, names, looks, strict=True):
        ax.plot(distance, values, color=colour, linestyle=line, linewidth=1.6, label=name, zorder=3)
    ends = np.cumsum(shares, axis=1)
    ax.set_xlim(distance[(ends > 1e-3).any(axis=0)][0], distance[(ends > 0.996).all(axis=0)][0])  # long tails are cut
    ax.set_ylim(0, 1.05 * density.max())
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles[1:] + handles[:1], labels[1:] + labels[:1], frameon=False, fontsize=style.NOTE, labelcolor=style.SOFT,
        loc="upper right",
    )  # fmt: skip
    return ax


def _checked(sets):
    """Return the names of the rows, the mean's first, and the areas, shape (sets, rows)."""
    if not 1 <= len(sets) <= len(COLOURS):
        raise ParameterError(f"sets: expected one to {len(COLOURS)} sets of areas, received {len(sets)}.")
    first = next(iter(sets.values()))
    names = [name for name in first if name != MEAN and name not in LEFT_OUT]
    for name, areas in sets.items():
        other = [key for key in areas if key != MEAN and key not in LEFT_OUT]
        if not names or sorted(other) != sorted(names):
            raise ParameterError(f"sets: expected the same features in each, received {', '.join(other) or 'none'} for {name!r}.")
    rows = [[areas[key] for key in names] for areas in sets.values()]
    means = [areas.get(MEAN, np.mean(row)) for areas, row in zip(sets.values(), rows, strict=True)]
    table = np.column_stack([means, rows]).astype(float)
    if not ((table >= 0) & (table <= 1)).all():
        raise ParameterError(f"sets: expected areas from 0 to 1, received {table.min():g} to {table.max():g}.")
    return ["mean", *names], table


def _places(values, labels):
    """Return where the middles of the labels go so that they do not touch: as near to `values` as their widths let them."""
    width = 0.0135 * max(map(len, labels))  # of a letter, as a share of the axis: about right at the room's sizes
    return np.clip(style.apart(values, width), width / 2 - 0.03, None)
