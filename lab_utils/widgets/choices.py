"""Sliders for whatever a function draws: each place of the sliders is a picture.

Conventions
-----------
* The function is handed in and gets the chosen values by name, and the axes to draw on as ``ax``; what is to be told in words
  it puts into the title. So the learner's own code moves under the sliders.
* The picture stands in one HTML widget; no Output widget, whose content a test cannot compare.
* In a notebook without a running kernel no slider moves: what is displayed carries the first picture as plain HTML too.
* What was drawn once is kept, so that going back to it takes no time.

Used by notebook ``01_deep_learning``.
"""

import base64
from functools import cache

import ipywidgets

from lab_utils import plots
from lab_utils.errors import ParameterError
from lab_utils.plots.style import new_axes

WIDE = ipywidgets.Layout(width="440px")


class ChoiceExplorer:
    """Sliders and the picture that they choose; made by :func:`explore_choices`.

    Parameters
    ----------
    draw : callable
    choices : dict of str to sequence
        The values of each slider.
    first : dict of str to object
        Where each slider stands first.
    size : (float, float)
        Of the picture, in inches.
    """

    def __init__(self, draw, choices, *, first, size):
        self._draw, self._size = draw, size
        self._page = cache(self._drawn)
        options = {"continuous_update": False, "layout": WIDE, "style": {"description_width": "120px"}}
        self.sliders = {
            name: ipywidgets.SelectionSlider(
                options=[(_told(value), value) for value in values],
                value=first[name],
                description=name.replace("_", " "),
                **options,
            )
            for name, values in choices.items()
        }
        self.shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([*self.sliders.values(), self.shown])
        self._show()
        for slider in self.sliders.values():
            slider.observe(self._show, "value")

    @property
    def chosen(self):
        """The chosen value of each slider, a dict by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    @property
    def html(self):
        """The picture of what is chosen, as HTML."""
        return self._page(tuple(self.chosen.values()))

    def __repr__(self):
        return f"{type(self).__name__}: {self._caption()}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _caption(self):
        return ", ".join(f"{name.replace('_', ' ')} {_told(value)}" for name, value in self.chosen.items())

    def _show(self, _=None):
        self.shown.value = self.html

    def _drawn(self, values):
        width, height = self._size
        ax = new_axes(width=width, height=height, shown=False)
        self._draw(ax=ax, **dict(zip(self.sliders, values, strict=True)))
        picture = base64.b64encode(plots.figure_bytes(ax)).decode()
        return (
            f'<img alt="Picture for {self._caption()}" style="max-width:100%; height:auto" src="data:image/png;base64,{picture}">'
        )


def explore_choices(draw, *, first=None, size=(5.6, 3.4), **choices):
    """Return sliders and the picture that they choose; as the last line of a cell it appears under it.

    Parameters
    ----------
    draw : callable
        Called as ``draw(ax=axes, NAME=value, …)`` with a value of each choice; draws on the axes.
    first : dict of str to object, optional
        Where sliders stand first; the first value of those that are left out.
    size : (float, float), default=(5.6, 3.4)
        Of the picture, in inches.
    **choices : sequence
        The values of each slider, by its name; they must be hashable.

    Returns
    -------
    ChoiceExplorer

    Raises
    ------
    ParameterError
        No choices, one without values, a first value that is none of them.

    Examples
    --------
    >>> explore_choices(lambda ax, hidden, rate: ax.plot(learn(hidden, rate)), hidden=(1, 2, 4), rate=(0.1, 1.0))
    """
    return ChoiceExplorer(draw, choices, first=checked_first(first, choices), size=size)


def checked_first(first, choices):
    """Return where each slider of `choices` stands first, a dict: as `first` says, or at the first value; raise what is wrong."""
    empty = [name for name, values in choices.items() if not len(values)]
    if not choices or empty:
        raise ParameterError(f"choices: expected values for each slider, received none for {', '.join(empty) or 'any'}.")
    first = {name: values[0] for name, values in choices.items()} | dict(first or {})
    for name, value in first.items():
        if name not in choices or value not in choices[name]:
            known = ", ".join(map(_told, choices[name])) if name in choices else f"for one of {', '.join(choices)}"
            raise ParameterError(f"first: expected a value {known}, received {value!r} for {name}.")
    return first


def _told(value):
    return f"{value:g}" if isinstance(value, int | float) else str(value)
