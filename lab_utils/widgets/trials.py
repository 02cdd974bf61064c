"""Short trainings to choose from, an optimiser and a learning rate: one curve in colour before all the others in grey.

Conventions
-----------
* Curves are handed in, nothing is trained here: ``{optimiser: {learning rate: losses, one a step}}``. A loss that is no number
  ends its curve.
* What is told of a curve is the mean of its last :data:`LAST` losses, for a single batch says little; the best is the lowest.
* The picture stands in one HTML widget; no Output widget, whose content a test cannot compare.
* In a notebook without a running kernel no slider moves: what is displayed carries the chosen picture as plain HTML too.
* What was shown once is kept, so that going back to it takes no time.

Used by notebook ``06_training``.
"""

import base64
from functools import cache

import ipywidgets
import numpy as np

from lab_utils import plots
from lab_utils.errors import ParameterError
from lab_utils.plots.style import LINE, new_axes

LAST = 10  # losses of which the mean is told
ROOM = 1.08  # how far above the first losses the picture goes: what diverges leaves it
WIDTH, HEIGHT = 5.6, 2.2  # inches; many curves make a large file
WIDE = ipywidgets.Layout(width="440px")


class TrialExplorer:
    """Two choices and the curve that they choose; made by :func:`explore_trials`.

    Parameters
    ----------
    curves : dict of str to dict of float to np.ndarray, shape (steps,)
    optimizer : str
    rate : float
        Both as they stand first.
    """

    def __init__(self, curves, *, optimizer, rate):
        self._curves = curves
        self._page = cache(self._draw)
        options = {"layout": WIDE, "style": {"description_width": "90px"}}
        self.optimizer = ipywidgets.Dropdown(options=list(curves), value=optimizer, description="optimiser", **options)
        self.rate = ipywidgets.SelectionSlider(
            options=_named(curves[optimizer]), value=rate, description="learning rate", continuous_update=False, **options
        )
        self.shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.optimizer, self.rate, self.shown])
        self._show()
        self.optimizer.observe(self._choose_optimizer, "value")
        self.rate.observe(self._show, "value")

    @property
    def html(self):
        """What is told of the chosen curve, and the picture, as HTML."""
        return self._page(self.optimizer.value, self.rate.value)

    def __repr__(self):
        return f"TrialExplorer: {self.optimizer.value}, learning rate {self.rate.value:g}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _choose_optimizer(self, _):
        rates = list(self._curves[self.optimizer.value])
        self.rate.options = _named(rates)
        self.rate.value = rates[len(rates) // 2]
        self._show()  # not left to the event: the rate may be the one that stood there

    def _show(self, _=None):
        if self.rate.value in self._curves[self.optimizer.value]:  # between two lists of rates it may not be
            self.shown.value = self.html

    def _draw(self, optimizer, rate):
        ax = new_axes(WIDTH, HEIGHT, shown=False)
        for by_rate in self._curves.values():
            for losses in by_rate.values():
                ax.plot(np.arange(1, len(losses) + 1), losses, color=LINE, linewidth=0.7)
        losses = self._curves[optimizer][rate]
        ax.plot(np.arange(1, len(losses) + 1), losses, color=plots.PALETTE[0], linewidth=2)
        seen = np.concatenate([one[np.isfinite(one)] for by_rate in self._curves.values() for one in by_rate.values()])
        top = ROOM * max(losses[0] for by_rate in self._curves.values() for losses in by_rate.values())
        ax.set_ylim(0.9 * seen.min(), top)
        plots.dress(ax, title=f"{optimizer}, learning rate {rate:g}", x="step", y="loss")
        picture = base64.b64encode(plots.figure_bytes(ax)).decode()
        return (
            f"<div>{told(losses)}</div>"
            f'<img alt="Losses of {optimizer} with learning rate {rate:g}" '
            f'style="display:block; margin-top:6px; max-width:100%; height:auto" src="data:image/png;base64,{picture}">'
        )


def explore_trials(curves, *, optimizer=None, rate=None):
    """Return a picture of short trainings with a choice of one; as the last line of a cell it appears under it.

    Parameters
    ----------
    curves : dict of str to dict of float to array_like of float, shape (steps,)
        Losses by optimiser and learning rate; the first loss of each a number.
    optimizer : str, optional
        The first choice; by default the first.
    rate : float, optional
        The first choice; by default the one in the middle.

    Returns
    -------
    TrialExplorer

    Raises
    ------
    ParameterError
        No curves, a curve that starts with no number, a choice that is none of them.

    Examples
    --------
    >>> explore_trials({"adam": {0.001: losses, 0.01: others}})
    """
    curves = {name: {float(r): np.asarray(one, float) for r, one in by.items()} for name, by in curves.items()}
    if not curves or not all(curves.values()):
        raise ParameterError("curves: expected at least one for each optimiser, received none; train first.")
    for name, by_rate in curves.items():
        if not all(one.ndim == 1 and len(one) and np.isfinite(one[0]) for one in by_rate.values()):
            raise ParameterError(f"curves: expected rows of losses that start with a number, received others for {name!r}.")
    optimizer = next(iter(curves)) if optimizer is None else optimizer
    if optimizer not in curves:
        raise ParameterError(f"optimizer: expected one of {', '.join(curves)}; received {optimizer!r}.")
    rates = list(curves[optimizer])
    rate = rates[len(rates) // 2] if rate is None else rate
    if rate not in rates:
        raise ParameterError(f"rate: expected one of {', '.join(f'{one:g}' for one in rates)}; received {rate!r}.")
    return TrialExplorer(curves, optimizer=optimizer, rate=float(rate))


def told(losses):
    """Return what is said of a curve: where it ended, or at which step it stopped being numbers.

    Parameters
    ----------
    losses : np.ndarray of float, shape (steps,)

    Returns
    -------
    str
    """
    if not np.isfinite(losses).all():
        return f"no number any more from step {int(np.argmin(np.isfinite(losses))) + 1} on"
    return f"mean of the last {min(LAST, len(losses))} losses: {losses[-LAST:].mean():.2f}"


def _named(rates):
    return [(f"{rate:g}", rate) for rate in rates]
