"""Training curves: loss by epoch, the best epoch marked, baselines as level lines, every line labelled where it ends.

Used by every notebook that trains, and by its "is my result normal?" card.
"""

import numpy as np
from matplotlib.ticker import FuncFormatter

from lab_utils.errors import ParameterError
from lab_utils.plots import style

TRAIN, VALID = style.PALETTE[3], style.PALETTE[0]


def plot_training(history, *, ax=None, metric="loss", best="min", baselines=None, title=None, unit=None, log=False, digits=3):
    """Draw how a metric moved over the epochs.

    Parameters
    ----------
    history : dict of str to sequence of float, or keras.callbacks.History
        A value an epoch under `metric` and, where there is one, under ``"val_" + metric``. NaN where it was not measured.
        ``"epoch"`` may hold the epochs' numbers; else they count from 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    metric : str
    best : {"min", "max", None}
        Whether the best validation value (the training's, if there is none) is the lowest or highest; None marks nothing.
    baselines : dict of str to float, optional
        What simpler models reach, by name.
    title : str, optional
    unit : str, optional
        Names the y axis, for example "nats a note"; `metric` if left out.
    log : bool
        A logarithmic y axis.
    digits : int
        Decimals of the numbers in labels.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        No such metric, no value in it, curves of different lengths, an unknown `best`.
    """
    if best not in ("min", "max", None):
        raise ParameterError(f"best: expected 'min', 'max' or None, received {best!r}.")
    epochs, curves = _curves(getattr(history, "history", history), metric)
    baselines = dict(baselines or {})
    ax = style.new_axes(height=3.0) if ax is None else ax
    style.dress(ax, title=title, x="epoch", y=unit or metric.replace("_", " "), pad=17 if best else 8)
    ax.grid(axis="y", color=style.FAINT, linewidth=0.6)
    ends = []  # (text, height, colour) of the labels at the right
    for name, values in curves.items():
        seen, colour = np.isfinite(values), VALID if name == "valid" else TRAIN
        dots = "o" if seen.sum() <= 15 else None
        ax.plot(epochs[seen], values[seen], color=colour, linewidth=1.6, marker=dots, markersize=3.5, zorder=3)
        ends.append((f"{name} {values[seen][-1]:.{digits}f}", values[seen][-1], colour))
    for name, value in baselines.items():
        ax.axhline(value, color=style.SOFT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2)
        ends.append((f"{name} {value:.{digits}f}", value, style.SOFT))
    _limits(ax, epochs, [*np.concatenate(list(curves.values())), *baselines.values()], log)
    _end_labels(ax, ends)
    if best:
        _mark_best(ax, epochs, curves.get("valid", curves["train"]), best, digits)
    return ax


def _curves(history, metric):
    """The epochs' numbers, shape (epochs,), and the curves by name, each of shape (epochs,)."""
    if not hasattr(history, "keys"):
        raise ParameterError(f"history: expected a dict of metric to values, received {type(history).__name__}.")
    if metric not in history:
        there = ", ".join(sorted(map(str, history))) or "nothing"
        raise ParameterError(f"metric: expected one of the history's ({there}), received {metric!r}.")
    found = {"train": history[metric]} | ({"valid": history["val_" + metric]} if "val_" + metric in history else {})
    curves = {name: np.asarray(values, dtype=float) for name, values in found.items()}
    epochs = np.asarray(history["epoch"] if "epoch" in history else np.arange(1, len(curves["train"]) + 1), dtype=float)
    for name, values in curves.items():
        if values.shape != epochs.shape:
            raise ParameterError(f"history: expected one value an epoch, {epochs.shape}, received {values.shape} for {name}.")
        if not np.isfinite(values).any():
            raise ParameterError(f"history: expected numbers for {name} {metric}, received none that is finite; did it diverge?")
    return epochs, curves


def _limits(ax, epochs, values, log):
    values = np.array(values)[np.isfinite(values)]
    if log:
        if values.min() <= 0:
            raise ParameterError(f"log: expected values above 0 on a logarithmic axis, received {values.min():g}; use log=False.")
        ax.set_yscale("log")
        plain = FuncFormatter(lambda value, _: f"{value:g}")
        few = FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "235" else "")
        ax.yaxis.set_major_formatter(plain)
        ax.yaxis.set_minor_formatter(few)
        values = np.log10(values)
    low, high = values.min(), values.max()
    margin = 0.06 * ((high - low) or 1.0)
    limits = np.array([low - margin, high + margin])
    ax.set_ylim(10.0**limits if log else limits)
    room = 0.5 if len(epochs) == 1 else 0.0
    ax.set_xlim(epochs.min() - room, epochs.max() + room)


def _end_labels(ax, ends):
    """Write each line's name beside its end, in its colour, moved apart where they would touch."""
    to_points = 72 / ax.figure.dpi
    heights = np.array([ax.transData.transform((0, value))[1] for _, value, _ in ends]) * to_points
    placed = style.apart(heights, 1.35 * style.NOTE)
    for (text, value, colour), moved in zip(ends, placed - heights, strict=True):
        ax.annotate(
            text, (1, value), xycoords=ax.get_yaxis_transform(), xytext=(14, moved), textcoords="offset points", va="center",
            fontsize=style.NOTE, color=colour, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)},
        )  # fmt: skip


def _mark_best(ax, epochs, values, best, digits):
    at = int(np.nanargmin(values) if best == "min" else np.nanargmax(values))
    low, high = ax.get_xlim()
    share = (epochs[at] - low) / (high - low)
    ax.plot(epochs[at], values[at], "o", markersize=6, markerfacecolor="white", markeredgecolor=style.INK, markeredgewidth=1.3,
            clip_on=False, zorder=5)  # fmt: skip
    ax.axvline(epochs[at], color=style.INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=2.5)
    side = "left" if share < 0.2 else "right" if share > 0.8 else "center"
    ax.annotate(
        f"best: {values[at]:.{digits}f} in epoch {epochs[at]:g}", (epochs[at], 1), xycoords=ax.get_xaxis_transform(),
        xytext=(0, 3), textcoords="offset points", ha=side, va="bottom", fontsize=style.NOTE, color=style.INK,
    )  # fmt: skip
