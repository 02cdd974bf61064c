"""A pad on which two tunes melt into each other: sideways from the one to the other, up and down in an attribute.

Conventions
-----------
* **Sideways** lie the stops of a morph (:meth:`lab_utils.algorithms.latent.Space.morph`): on the left the one phrase, on the
  right the other, both as they come back out of their codes. **Up and down** a measure of the phrase at that stop rises or falls,
  along local vectors asked for there: two steps each way. Which measure, a list tells: density, range or mode.
* A place is chosen by the pointer, by the arrow keys on the pad, or by two sliders, which say where the knob is; they move
  together. While the knob is dragged nothing is decoded.
* What is decoded is put into one HTML widget: sound, staff and what is measured of it. After a move it plays, unless the tick is
  taken away. No Output widget, whose content a test cannot compare.
* In a notebook without a running kernel nothing moves: what is displayed carries the first page as plain HTML too.
* What was decoded and drawn once is kept. A stop's vectors are asked for when the knob first leaves the middle row there.

The page's side is pad.js. Used by the notebook ``14_sampling_a_vae``.
"""

from functools import cache
from html import escape
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
import traitlets

from lab_utils.errors import LabError, ParameterError, check_whole
from lab_utils.widgets.player import play

HERE = Path(__file__).parent
LEVELS = (2, 1, 0, -1, -2)  # from the top row down
WORDS = {"mode": ("more major", "more minor")}
TEMPO = 120.0  # quarters a minute
RATE = 16_000  # Hz: enough for one voice, and the page carries the sound twice
LOOK = {"layout": ipywidgets.Layout(width="330px"), "style": {"description_width": "80px"}}


class Pad(anywidget.AnyWidget):
    """The plane with its knob; `place` is (column, row), both from 0, row 0 on top.

    Parameters
    ----------
    columns, rows : int
    place : list of int
    labels : dict of str to str
        What stands at the ``left``, ``right``, ``top`` and ``bottom``.
    """

    _esm = HERE / "pad.js"
    _css = HERE / "pad.css"
    columns = traitlets.Int(9).tag(sync=True)
    rows = traitlets.Int(len(LEVELS)).tag(sync=True)
    place = traitlets.List(traitlets.Int()).tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)


class LatentPad:
    """A pad, its sliders, and the phrase at the chosen place; made by :func:`latent_pad`.

    Parameters
    ----------
    write : callable
        ``write(stop, level, measure) -> (Score, str)``: the phrase there, and what is told of it.
    stops : int
    measures : sequence of str
    measure : str
        The one that is chosen first.
    """

    def __init__(self, write, *, stops, measures, measure):
        self._write, self._stops, self._moving = write, stops, False
        self._page = cache(self._drawn)
        names = ["A", *(f"{stop}/{stops - 1}" for stop in range(1, stops - 1)), "B"]
        ticks = [(name, stop) for stop, name in enumerate(names)]
        heights = [(f"{level:+d}" if level else "0", level) for level in reversed(LEVELS)]
        self.morph = ipywidgets.SelectionSlider(options=ticks, description="morph", continuous_update=False, **LOOK)
        self.amount = ipywidgets.SelectionSlider(options=heights, value=0, description="amount", continuous_update=False, **LOOK)
        self.measure = ipywidgets.Dropdown(options=list(measures), value=measure, description="attribute", **LOOK)
        self.sounds = ipywidgets.Checkbox(True, description="play after every move", indent=False)
        self.pad = Pad(columns=stops, place=[0, LEVELS.index(0)], labels=self._labels())
        self.shown = ipywidgets.HTML(self.html)
        controls = ipywidgets.VBox([self.morph, self.amount, self.measure, self.sounds])
        row = ipywidgets.HBox([self.pad, controls], layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"))
        self.box = ipywidgets.VBox([row, self.shown])
        self.pad.observe(self._pad_moved, "place")
        for slider in (self.morph, self.amount):
            slider.observe(self._slider_moved, "value")
        self.measure.observe(self._measure_chosen, "value")

    @property
    def place(self):
        """Where the knob is: (stop, level)."""
        return self.morph.value, self.amount.value

    @property
    def html(self):
        """Sound, staff and measures of the chosen place, as HTML."""
        stop, level = self.place
        return self._page(stop, level, self.measure.value if level else None)

    def __repr__(self):
        return f"LatentPad: {self._named(*self.place, self.measure.value)}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _pad_moved(self, change):
        if self._moving:
            return
        column, row = change["new"]
        self._move(column, LEVELS[row])

    def _slider_moved(self, _):
        if not self._moving:
            self._move(*self.place)

    def _measure_chosen(self, _):
        self.pad.labels = self._labels()
        self._show()

    def _move(self, stop, level):
        self._moving = True
        try:
            self.morph.value, self.amount.value = stop, level
            self.pad.place = [stop, LEVELS.index(level)]
        finally:
            self._moving = False
        self._show()

    def _show(self):
        page = self.html
        self.shown.value = page.replace("<audio ", "<audio autoplay ", 1) if self.sounds.value else page

    def _labels(self):
        name = self.measure.value
        more, less = WORDS.get(name, (f"more {name}", f"less {name}"))
        return {"left": "tune A", "right": "tune B", "top": more, "bottom": less}

    def _named(self, stop, level, measure):
        where = "tune A" if stop == 0 else "tune B" if stop == self._stops - 1 else f"{stop}/{self._stops - 1} of the way"
        return f"{where}, {measure} {level:+d}" if level else where

    def _drawn(self, stop, level, measure):
        try:
            score, told = self._write(stop, level, measure)
        except LabError as error:  # as where the decoder writes nothing but rests: nobody reads a kernel's log
            return f"<p>{self._named(stop, level, measure)}: {escape(str(error))}</p>"
        return play(score, RATE, show="staff", width=700, title=f"{self._named(stop, level, measure)}: {told}")._repr_html_()


def latent_pad(first=None, second=None, *, space=None, seed=0, stops=9, measure="density"):
    """Return a pad that morphs two tunes; as the last line of a cell it appears under it.

    Parameters
    ----------
    first, second : array_like of int, shape (32,), optional
        The two phrases, as :mod:`lab_utils.recipes.vae` takes them; if left out, two held-out ones, chosen by `seed`.
    space : lab_utils.algorithms.latent.Space, optional
        That of the shipped network of tunes if left out.
    seed : int
    stops : int
        How many places there are sideways, 3 to 33.
    measure : {"density", "range", "mode"}
        What goes up and down first.

    Returns
    -------
    LatentPad

    Raises
    ------
    ParameterError
        One phrase without the other, or one that is none; another measure.

    Examples
    --------
    >>> latent_pad(seed=3)
    """
    from lab_utils.algorithms import latent  # here, because the pad itself needs no Keras

    check_whole("stops", stops, 3, 33)
    if measure not in latent.MEASURES:
        raise ParameterError(f"measure: expected one of {', '.join(latent.MEASURES)}; received {measure!r}.")
    if (first is None) != (second is None):
        raise ParameterError("first, second: expected two phrases or none, received one of them.")
    space = space or latent.open_space()
    if first is None:
        held = space.fold("valid")
        first, second = held.tokens[latent.pairs(held, 1, seed=seed)[0]]
    way = space.morph(first, second, count=stops)
    return LatentPad(_writer(space, way, latent), stops=stops, measures=tuple(latent.MEASURES), measure=measure)


def _writer(space, way, latent):
    """Return ``write(stop, level, measure)`` on the way; a stop is climbed level by level, and what was reached is kept."""
    half = latent.BY / 2

    @cache
    def around(stop):
        return space.vectors(way.latents[stop : stop + 1])

    @cache
    def code(stop, level, measure):
        if not level:
            return way.latents[stop : stop + 1]
        nearer = level - int(np.sign(level))
        known = None if nearer else around(stop)
        return space.change(code(stop, nearer, measure), measure, np.sign(level) * half, steps=1, first=known)

    def write(stop, level, measure):
        phrase = way.decoded[stop : stop + 1] if not level else space.decode(code(stop, level, measure))
        notes, semitones, modality = (float(of(phrase)[0]) for of in latent.MEASURES.values())
        told = f"{notes:.0f} notes, range {semitones:.0f} semitones, mode {modality:+.2f}"
        return latent.score_from_phrases(phrase, tempo=TEMPO), told

    return write
