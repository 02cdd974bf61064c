"""A piano roll on which notes are pinned: press "fill", and a network writes the melody that leads through them.

Conventions
-----------
* The roll has a column for each 8th and a row for each semitone. A click on a cell pins a note there, another takes it out; a
  column holds one pin. From the keyboard: arrows move, the space bar pins.
* **fill** writes the likeliest melody round the pins (red; what is filled in is blue), **another** draws one by chance, **clear**
  takes everything out. A key is kept if one is chosen. What cannot be met is told in a sentence under the buttons.
* Music comes from a function that is handed in, ``write(pins, key, seed) -> Score``: pins are a dict of 16th step → MIDI pitch,
  the key (sharps, mode) or None, and seed 0 asks for the likeliest, any other for a draw. :func:`pin_roll` hands in the soprano
  network, which is loaded when the first melody is wanted.
* What was written is put into one HTML widget: sound and staff. No Output widget, whose content a test cannot compare.
* In a notebook without a running kernel nothing moves: what is displayed carries the first melody as plain HTML too.

The page's side is pins.js. Used by the notebook ``13_restricted_beam_search``.
"""

from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from lab_utils.errors import LabError, ParameterError, check_whole
from lab_utils.score import key_name
from lab_utils.widgets.player import play

HERE = Path(__file__).parent
COLUMN = 2  # 16ths
BAR = 8  # columns
LOWEST, HIGHEST = 60, 81  # the sopranos' range, but for three notes
SAMPLE_RATE = 16_000  # Hz: enough for one voice, and the page carries the sound twice
FIRST = {0: 72, 16: 79, 32: 76, 56: 72}
OFFERED = [(sharps, mode) for mode in ("major", "minor") for sharps in (0, 1, 2, -1, -2)]
KEYS = {"any key": None} | {key_name(*key): key for key in OFFERED}


class Roll(anywidget.AnyWidget):
    """The cells with what is on them.

    Parameters
    ----------
    columns, bar : int
        How many, and how many make a bar.
    low, high : int
        MIDI pitches of the lowest and highest row.
    pins : list of [column, pitch]
    notes : list of [column, length in columns, pitch]
    """

    _esm = HERE / "pins.js"
    _css = HERE / "pins.css"
    columns = traitlets.Int().tag(sync=True)
    bar = traitlets.Int(BAR).tag(sync=True)
    low = traitlets.Int(LOWEST).tag(sync=True)
    high = traitlets.Int(HIGHEST).tag(sync=True)
    pins = traitlets.List().tag(sync=True)
    notes = traitlets.List().tag(sync=True)


class PinRoll:
    """A roll, its buttons, and the melody that was filled in; made by :func:`pin_roll`.

    Parameters
    ----------
    write : callable
        ``write(pins, key, seed) -> Score``.
    pins : dict of int to int
        16th step → MIDI pitch.
    bars : int
    key : str
        One of :data:`KEYS`.
    """

    def __init__(self, write, *, pins, bars, key):
        self._write, self._drawn = write, 0
        self.score = None
        self.roll = Roll(columns=bars * BAR, pins=[[step // COLUMN, pitch] for step, pitch in sorted(pins.items())])
        self.key = ipywidgets.Dropdown(options=list(KEYS), value=key, layout={"width": "110px"})
        self.fill, self.another, self.clear = (
            ipywidgets.Button(description=name, tooltip=tip, layout={"width": "90px"})
            for name, tip in (("fill", "the likeliest melody"), ("another", "one by chance"), ("clear", "take all pins out"))
        )
        self.told, self.shown = ipywidgets.HTML(), ipywidgets.HTML()
        buttons = ipywidgets.HBox([self.fill, self.another, self.clear, self.key])
        self.box = ipywidgets.VBox([self.roll, buttons, self.told, self.shown])
        self._filled(0)
        self.fill.on_click(lambda _: self._filled(0))
        self.another.on_click(lambda _: self._filled(self._drawn + 1))
        self.clear.on_click(lambda _: self._clear())

    @property
    def pins(self):
        """The pinned notes, a dict of 16th step to MIDI pitch."""
        return {column * COLUMN: pitch for column, pitch in self.roll.pins}

    def __repr__(self):
        return f"PinRoll: {len(self.roll.pins)} pins in {self.roll.columns // BAR} bars, {self.key.value}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.shown.value or self.told.value}

    def _filled(self, seed):
        """Write a melody round the pins and show it, or say why there is none."""
        self._drawn = seed or self._drawn
        self.told.value = "<p>writing …</p>"
        try:
            self.score = self._write(self.pins, KEYS[self.key.value], seed)
        except LabError as error:
            self.told.value = f"<p><b>Cannot be filled.</b> {_escaped(str(error))}</p>"
            return
        notes = self.score.notes
        rows = zip(notes["onset_quarter"], notes["duration_quarter"], notes["pitch"], strict=True)
        self.roll.notes = [[2.0 * float(start), 2.0 * float(length), int(pitch)] for start, length, pitch in rows]
        how = f"drawn by chance, no. {seed}" if seed else "the likeliest that was found"
        self.shown.value = play(self.score, SAMPLE_RATE, show="staff", title=f"{len(notes)} notes, {how}")._repr_html_()
        self.told.value = ""

    def _clear(self):
        self.roll.pins, self.roll.notes = [], []
        self.told.value = "<p>Click on the roll to pin notes, then fill.</p>"


def pin_roll(run="soprano", *, pins=None, bars=4, key="any key", write=None):
    """Return a roll to pin notes on; as the last line of a cell it appears under it, filled.

    Parameters
    ----------
    run : str or Path
        The network that fills; as in :func:`lab_utils.algorithms.beam.fill`.
    pins : dict of int to int, optional
        What is pinned first: 16th step, an even number, → MIDI pitch from 60 to 81.
    bars : int
        1 to 8, of four quarters.
    key : str
        The key that is chosen first; one of :data:`KEYS`.
    write : callable, optional
        ``write(pins, key, seed) -> Score``, in place of the network.

    Returns
    -------
    PinRoll

    Raises
    ------
    ParameterError
        A pin off the roll, or a number of bars or a key that there is not.

    Examples
    --------
    >>> pin_roll(pins={0: 67, 28: 72}, bars=2)
    """
    steps = check_whole("bars", bars, 1, 8) * BAR * COLUMN
    if key not in KEYS:
        raise ParameterError(f"key: expected one of {', '.join(KEYS)}; received {key!r}.")
    pins = {step: pitch for step, pitch in FIRST.items() if step < steps} if pins is None else dict(pins)
    for step, pitch in pins.items():
        if not (0 <= step < steps and step % COLUMN == 0 and LOWEST <= pitch <= HIGHEST):
            raise ParameterError(
                f"pins: expected even steps under {steps} and MIDI pitches {LOWEST} to {HIGHEST}, received {pitch!r} at {step!r}."
            )
    return PinRoll(write or _network(run, steps), pins=pins, bars=bars, key=key)


def _network(run, steps):
    def write(pins, key, seed):
        from lab_utils.algorithms import beam  # here, because another `write` needs no Keras

        drawn = {"sampled": True, "seed": seed} if seed else {}
        return beam.fill(pins, steps=steps, run=run, key=key, low=LOWEST, high=HIGHEST, grid=COLUMN, **drawn).score

    return write


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")
