"""A browser of bars: choose a style, a piece and a bar; see it as a staff and hear it.

Conventions
-----------
* It shows whatever has what a :class:`lab_utils.datasets.Bar` has: score, style, number, key, meter, fold, a piece with a title;
  by default the 275 bars of ``stave275`` on the instruments of their styles.
* What was chosen is written into one HTML widget, as the player writes it; no Output widget, whose content a test cannot compare.
* In a notebook without a running kernel no widget moves. So what is displayed carries the chosen bar's player as plain
  HTML too, and a page that knows no widgets shows that.
* What was shown once is kept, so that going back to it takes no time.

Used by notebook ``03_music_as_data``.
"""

from functools import cache

import ipywidgets

from lab_utils.datasets.stave275 import load_stave275
from lab_utils.errors import ParameterError
from lab_utils.widgets.player import play

WIDE = ipywidgets.Layout(width="540px", max_width="100%")  # the longest title of a piece


class BarBrowser:
    """Three choices and what they choose; made by :func:`browse_bars`.

    Parameters
    ----------
    bars : sequence of Bar
        Grouped by style, then by piece, in the order in which they come.
    style : str
        The style that is chosen first.
    """

    def __init__(self, bars, *, style):
        self._pieces = {}  # style → title → bars
        for bar in bars:
            self._pieces.setdefault(bar.style, {}).setdefault(bar.piece.title, []).append(bar)
        self._page = cache(_page)
        options = {"layout": WIDE, "style": {"description_width": "50px"}}
        self.style = ipywidgets.Dropdown(options=list(self._pieces), value=style, description="style", **options)
        self.piece = ipywidgets.Dropdown(options=list(self._pieces[style]), description="piece", **options)
        self.place = ipywidgets.SelectionSlider(options=self._numbers(), description="bar", continuous_update=False, **options)
        self.shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.style, self.piece, self.place, self.shown])
        self._show()
        self.style.observe(self._choose_style, "value")
        self.piece.observe(self._choose_piece, "value")
        self.place.observe(self._show, "value")

    @property
    def bar(self):
        """The Bar that is chosen."""
        return self._bars()[self.place.value]

    @property
    def html(self):
        """The player of the chosen bar with its staff, as HTML."""
        return self._page(self.bar)

    def __repr__(self):
        return f"BarBrowser: {self.bar.piece.title}, bar {self.bar.number}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _bars(self):
        return self._pieces[self.style.value][self.piece.value]

    def _numbers(self):
        return [(str(bar.number), place) for place, bar in enumerate(self._bars())]

    def _choose_style(self, _):
        self.piece.options = list(self._pieces[self.style.value])
        self._choose_piece()  # not left to the event: the first piece may be called like the last one

    def _choose_piece(self, _=None):
        if self.piece.value in self._pieces[self.style.value]:  # between two lists of pieces none is chosen
            self.place.options = self._numbers()
            self.place.value = 0
            self._show()

    def _show(self, _=None):
        self.shown.value = self.html


def browse_bars(bars=None, *, style=None):
    """Return a browser of bars; as the last line of a cell it appears under it.

    Parameters
    ----------
    bars : sequence of Bar, optional
        What to choose from; by default ``load_stave275(instrumentation="style")``.
    style : str, optional
        The style that is chosen first; by default that of the first bar.

    Returns
    -------
    BarBrowser

    Raises
    ------
    ParameterError
        No bars, or a style that none of them has.

    Examples
    --------
    >>> browse_bars(style="tune")
    """
    bars = list(load_stave275(instrumentation="style") if bars is None else bars)
    if not bars:
        raise ParameterError("bars: expected at least one, received none; leave them out for all of stave275.")
    known = list(dict.fromkeys(bar.style for bar in bars))
    if style is not None and style not in known:
        raise ParameterError(f"style: expected one of {', '.join(known)}, received {style!r}.")
    return BarBrowser(bars, style=style or known[0])


def _page(bar):
    about = f"{bar.piece.title}, bar {bar.number} · {bar.style} · {bar.key} · {bar.meter} · {bar.fold}"
    return play(bar.score, show="staff", title=about)._repr_html_()
