"""A place on the circle of fifths with two sliders: what each model says of it, and what it sounds like.

Conventions
-----------
* Models are handed in as functions from places (N, 2) to numbers (N,); each gets a map, and its number for the place is told. All
  maps show the same place, so that what one model praises and another forbids is seen at once.
* The sliders are the hour (0 to 12, C at noon) and the distance from the middle, 0 to 1; of what lies further out no music is.
* The sound is :func:`lab_utils.encoding.score_at`: notes drawn by the weights of the place. It needs no model.
* All stands in one HTML widget; no Output widget, whose content a test cannot compare. In a notebook without a running kernel no
  slider moves: what is displayed carries the chosen page as plain HTML too. What was shown once is kept.

Used by the notebook ``02_generative_models``.
"""

import base64
from functools import cache

import ipywidgets
import numpy as np

from lab_utils import plots
from lab_utils.encoding.fifths import score_at
from lab_utils.errors import ParameterError
from lab_utils.plots.style import new_axes
from lab_utils.widgets.player import play

WIDE = ipywidgets.Layout(width="440px")
HOURS = np.arange(0, 12.01, 0.25)
DISTANCES = np.arange(0, 1.01, 0.05)
RATE = 12000  # samples a second


class FifthsExplorer:
    """Two sliders and a place; made by :func:`explore_fifths`.

    Parameters
    ----------
    maps : dict of str to callable
    points : np.ndarray of float, shape (N, 2), or None
    hour, distance : float
        The first place.
    """

    def __init__(self, maps, *, points, hour, distance):
        self._maps, self._points = maps, points
        self._page = cache(self._draw)
        options = {"continuous_update": False, "layout": WIDE, "style": {"description_width": "70px"}}
        hours = [(f"{one:.2f}", float(one)) for one in HOURS]
        distances = [(f"{one:.2f}", float(round(one, 2))) for one in DISTANCES]
        self.hour = ipywidgets.SelectionSlider(options=hours, value=hour, description="hour", **options)
        self.distance = ipywidgets.SelectionSlider(options=distances, value=distance, description="distance", **options)
        self.shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.hour, self.distance, self.shown])
        self._show()
        self.hour.observe(self._show, "value")
        self.distance.observe(self._show, "value")

    @property
    def place(self):
        """The place that is chosen, shape (2,)."""
        angle = self.hour.value * np.pi / 6
        return self.distance.value * np.array([np.sin(angle), np.cos(angle)])

    @property
    def html(self):
        """Numbers, maps and sound of the place, as HTML."""
        return self._page(self.hour.value, self.distance.value)

    def __repr__(self):
        return f"FifthsExplorer: hour {self.hour.value:g}, distance {self.distance.value:g}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _show(self, _=None):
        self.shown.value = self.html

    def _draw(self, hour, distance):
        place = self.place
        told = {name: round(float(np.asarray(values(place[None]))[0]), 2) + 0.0 for name, values in self._maps.items()}  # no −0
        axes = np.atleast_1d(new_axes(2.0 * len(told), 2.25, columns=len(told), shown=False))
        for ax, (name, values) in zip(axes, self._maps.items(), strict=True):
            plots.plot_fifths(self._points, values=values, mark=place, title=name, size=1.2, ax=ax)
        picture = base64.b64encode(plots.figure_bytes(axes)).decode()
        numbers = " · ".join(f"{name}: <b>{number:.2f}</b>" for name, number in told.items())
        sound = play(score_at(place, title="its notes at random"), RATE, show=None)
        return (
            f"<div>{numbers}</div>"
            f'<img alt="Maps of {", ".join(told)} with the place at hour {hour:g}, distance {distance:g}" '
            f'style="display:block; margin:6px 0; max-width:100%; height:auto" src="data:image/png;base64,{picture}">'
            f"{sound._repr_html_()}"
        )


def explore_fifths(maps, *, points=None, hour=2.0, distance=0.6):
    """Return maps of models on the circle of fifths with two sliders for a place; as the last line of a cell it appears under it.

    Parameters
    ----------
    maps : dict of str to callable
        ``values(places) -> np.ndarray, shape (N,)`` of places (N, 2), by name; one to four.
    points : np.ndarray of float, shape (N, 2), optional
        Drawn on every map.
    hour, distance : float, optional
        The first place: a quarter of an hour from 0 to 12, and a twentieth from 0 to 1.

    Returns
    -------
    FifthsExplorer

    Raises
    ------
    ParameterError
        No maps or more than four, another place.

    Examples
    --------
    >>> explore_fifths({"density": lambda places: np.exp(mixture.log_likelihood(places))})
    """
    if not 1 <= len(maps) <= 4:
        raise ParameterError(f"maps: expected one to four functions by name, received {len(maps)}.")
    found = {}
    for name, value, choices in (("hour", hour, HOURS), ("distance", distance, DISTANCES)):
        near = choices[np.abs(choices - value).argmin()]
        if abs(near - value) > 1e-6:
            raise ParameterError(f"{name}: expected {choices[0]:g} to {choices[-1]:g} by {choices[1]:g}, received {value!r}.")
        found[name] = float(round(near, 2))
    return FifthsExplorer(dict(maps), points=points, **found)
