"""A composer to try: a seed, a temperature, and what the network writes with them, to be seen and heard.

Conventions
-----------
* Music comes from a function that is handed in, ``write(seed, temperature) -> Score``; :func:`compose_chorales` hands in a
  trained chorale network, which is loaded when the first piece is wanted.
* What was written is put into one HTML widget, as the player writes it; no Output widget, whose content a test cannot compare.
* In a notebook without a running kernel no widget moves. So what is displayed carries the first piece as plain HTML too, and a
  page that knows no widgets shows that.
* A piece that was written once is kept, so that going back to it takes no time.

Used by notebook ``05_recurrent_networks``.
"""

from functools import cache

import ipywidgets

from lab_utils.errors import ParameterError
from lab_utils.widgets.player import play

SEEDS = 99
COLDEST, HOTTEST, STEP = 0.1, 2.0, 0.1
SAMPLE_RATE = 16_000  # Hz: enough for a choir, and the page carries the sound twice


class Composer:
    """Two sliders and the piece that they give; made by :func:`compose_chorales`.

    Parameters
    ----------
    write : callable
        ``write(seed, temperature) -> Score``.
    seed : int
    temperature : float
        Both as they stand first.
    """

    def __init__(self, write, *, seed, temperature):
        self._page = cache(lambda seed, temperature: _page(write(seed, temperature), seed, temperature))
        options = {"continuous_update": False, "layout": ipywidgets.Layout(width="440px")}
        options["style"] = {"description_width": "90px"}
        self.seed = ipywidgets.IntSlider(seed, 0, SEEDS, description="seed", **options)
        self.temperature = ipywidgets.FloatSlider(
            temperature, min=COLDEST, max=HOTTEST, step=STEP, readout_format=".1f", description="temperature", **options
        )
        self.shown = ipywidgets.HTML(self.html)
        self.box = ipywidgets.VBox([self.seed, self.temperature, self.shown])
        self.seed.observe(self._show, "value")
        self.temperature.observe(self._show, "value")

    @property
    def html(self):
        """The player of the piece that the sliders give, with its staff, as HTML."""
        return self._page(self.seed.value, round(self.temperature.value, 1))

    def __repr__(self):
        return f"Composer: {_named(self.seed.value, self.temperature.value)}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _show(self, _=None):
        self.shown.value = f"<p>writing {_named(self.seed.value, self.temperature.value)} …</p>"
        self.shown.value = self.html


def compose_chorales(run="chorale", *, seed=1, temperature=0.9, bars=4, write=None):
    """Return a composer of chorales; as the last line of a cell it appears under it.

    Parameters
    ----------
    run : str or Path
        The network that writes; as in :func:`lab_utils.recipes.chorale.load`.
    seed : int
        From 0 to 99.
    temperature : float
        From 0.1 to 2.
    bars : int
        How long the pieces are.
    write : callable, optional
        ``write(seed, temperature) -> Score``, in place of the network.

    Returns
    -------
    Composer

    Raises
    ------
    ParameterError
        A seed or a temperature beyond the sliders.

    Examples
    --------
    >>> compose_chorales(seed=3)
    """
    if not (isinstance(seed, int) and 0 <= seed <= SEEDS):
        raise ParameterError(f"seed: expected a whole number from 0 to {SEEDS}, received {seed!r}.")
    if not COLDEST <= temperature <= HOTTEST:
        raise ParameterError(f"temperature: expected a number from {COLDEST} to {HOTTEST:g}, received {temperature!r}.")
    return Composer(write or _network(run, bars), seed=seed, temperature=float(temperature))


def _network(run, bars):
    from lab_utils.recipes import chorale  # here, because another `write` needs no Keras

    model, _ = chorale.load(run)

    def write(seed, temperature):
        tokens, _ = chorale.compose(model, seed=seed, bars=bars, temperature=temperature)
        return chorale.score_from_tokens(tokens[0])

    return write


def _page(score, seed, temperature):
    condense = score.voices == (0, 1, 2, 3)
    return play(score, SAMPLE_RATE, show="staff", title=_named(seed, temperature), condense=condense)._repr_html_()


def _named(seed, temperature):
    return f"seed {seed}, temperature {temperature:.1f}"
