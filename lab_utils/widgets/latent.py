"""A place in latent space with two sliders: where it lies among the phrases, and the phrase that the decoder writes there.

Conventions
-----------
* The decoder is handed in, ``write(first, second) -> Score``, and so is the map: one point for each phrase that was encoded, in
  the same two directions as the sliders'. So it serves every model that decodes.
* What was chosen is put into one HTML widget: the map with the place marked, the staff and the sound. No Output widget, whose
  content a test cannot compare. In a notebook without a running kernel no slider moves: what is displayed carries the first
  page as plain HTML too. What was shown once is kept.

Used by the notebook ``08_vae``.
"""

import base64
from functools import cache

import ipywidgets
import numpy as np

from lab_utils import plots
from lab_utils.errors import ParameterError
from lab_utils.plots.style import new_axes
from lab_utils.widgets.player import play

WIDE = ipywidgets.Layout(width="440px")
RATE = 16000  # Hz: enough for one voice, and the page carries the sound twice


class LatentExplorer:
    """Two sliders and the phrase that they choose; made by :func:`explore_latent`.

    Parameters
    ----------
    write : callable
    points : np.ndarray of float, shape (N, 2)
    values : np.ndarray of float, shape (N,), or None
    steps : list of float
        Where a slider can stand.
    place : (float, float)
        Where they stand first.
    options : dict
        Of the map: `unit`, `x`, `y`.
    """

    def __init__(self, write, points, *, values, steps, place, options):
        self._write, self._points, self._values, self._options = write, points, values, options
        self._reach = steps[-1]
        self._page = cache(self._draw)
        look = {"continuous_update": False, "layout": WIDE, "style": {"description_width": "120px"}}
        choices = [(f"{step:+.1f}", step) for step in steps]
        self.sliders = [
            ipywidgets.SelectionSlider(options=choices, value=first, description=options[axis], **look)
            for axis, first in zip("xy", place, strict=True)
        ]
        self.shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([*self.sliders, self.shown])
        self._show()
        for slider in self.sliders:
            slider.observe(self._show, "value")

    @property
    def place(self):
        """The place that is chosen, (first, second)."""
        return tuple(slider.value for slider in self.sliders)

    @property
    def html(self):
        """Map, staff and sound of the place, as HTML."""
        return self._page(*self.place)

    def __repr__(self):
        return f"LatentExplorer: {_named(*self.place)}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _show(self, _=None):
        self.shown.value = self.html

    def _draw(self, first, second):
        ax = new_axes(width=3.9, height=3.1, shown=False)
        plots.plot_latent(self._points, self._values, ax=ax, mark=(first, second), reach=1.15 * self._reach, **self._options)
        picture = base64.b64encode(plots.figure_bytes(ax)).decode()
        heard = play(self._write(first, second), RATE, show="staff", width=520, title=_named(first, second))
        return (
            f'<img alt="Map with the place {_named(first, second)}" style="max-width:100%; height:auto" '
            f'src="data:image/png;base64,{picture}">{heard._repr_html_()}'
        )


def explore_latent(write, points, *, values=None, place=(0.0, 0.0), reach=3.0, step=0.5, unit=None, x="first", y="second"):
    """Return a map of latent space and two sliders for a place in it; as the last line of a cell it appears under it.

    Parameters
    ----------
    write : callable
        ``write(first, second) -> Score``: what the decoder writes there.
    points : array_like of float, shape (N, 2)
        Where known phrases lie, in the same two directions.
    values : array_like of float, shape (N,), optional
        What colours them; `unit` tells what it is.
    place : (float, float)
        Where the sliders stand first.
    reach, step : float
        The sliders go from -reach to reach in these steps.
    unit, x, y : str, optional
        What the colours and the two directions are.

    Returns
    -------
    LatentExplorer

    Raises
    ------
    ParameterError
        A place between the steps or beyond them, a step that does not divide the reach, another shape of the points.

    Examples
    --------
    >>> explore_latent(lambda a, b: score_from_phrases(decode(model, centre + [[a, b]] @ directions)), points)
    """
    count = round(reach / step) if step > 0 else 0
    if count < 1 or abs(count * step - reach) > 1e-9:
        raise ParameterError(f"step: expected a number above 0 that divides the reach {reach!r}, received {step!r}.")
    steps = [round(number * step, 6) for number in range(-count, count + 1)]
    found = [min(steps, key=lambda one, wish=wish: abs(one - wish)) for wish in place]
    if len(found) != 2 or np.abs(np.subtract(found, place)).max() > 1e-6:
        raise ParameterError(f"place: expected two numbers from {-reach:g} to {reach:g} by {step:g}, received {place!r}.")
    options = {"unit": unit, "x": x, "y": y}
    return LatentExplorer(write, points, values=values, steps=steps, place=tuple(found), options=options)


def _named(first, second):
    return f"({first:+.1f}, {second:+.1f})"
