"""A spectrogram with two sliders, window and hop: what is gained in pitch is lost in time.

Conventions
-----------
* Under the sliders stand the resolutions in hertz and milliseconds, the size of the array, and the picture, all in one HTML
  widget; no Output widget, whose content a test cannot compare.
* "Told apart" means two bins: the half width of a Hann window's main lobe (Harris, 1978). A semitone is wider than that from
  some key of the piano upwards, and that key is named.
* In a notebook without a running kernel no slider moves: what is displayed carries the chosen picture as plain HTML too.
* What was shown once is kept, so that going back to it takes no time.

Used by notebook ``04_from_midi_to_spectrogram``.
"""

import base64
import math
from functools import cache

import ipywidgets

from lab_utils import plots
from lab_utils.audio import Transform
from lab_utils.errors import ParameterError
from lab_utils.plots.style import new_axes

WINDOWS = (256, 512, 1024, 2048, 4096, 8192)  # samples
OVERLAPS = {"1/2 window": 2, "1/4 window": 4, "1/8 window": 8}
LOBE = 2  # bins from the middle of a Hann window's main lobe to its edge
SEMITONE = 2 ** (1 / 12) - 1  # the distance to the next key, as a share of the frequency
NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
WIDE = ipywidgets.Layout(width="440px")


class WindowExplorer:
    """Two sliders and the spectrogram that they choose; made by :func:`explore_windows`.

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
    sample_rate : int
        In Hz.
    window : int
        One of :data:`WINDOWS`, in samples.
    overlap : int
        How many hops a window has: 2, 4 or 8.
    top : float
        The highest frequency shown, in Hz.
    """

    def __init__(self, samples, sample_rate, *, window, overlap, top):
        self._samples, self._sample_rate, self._top = samples, sample_rate, top
        self._page = cache(self._draw)
        options = {"continuous_update": False, "layout": WIDE, "style": {"description_width": "60px"}}
        sizes = [(f"{size:,}", size) for size in WINDOWS]
        self.window = ipywidgets.SelectionSlider(options=sizes, value=window, description="window", **options)
        self.overlap = ipywidgets.SelectionSlider(options=list(OVERLAPS.items()), value=overlap, description="hop", **options)
        self.shown = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.window, self.overlap, self.shown])
        self._show()
        self.window.observe(self._show, "value")
        self.overlap.observe(self._show, "value")

    @property
    def transform(self):
        """The Transform that is chosen."""
        return Transform(self._sample_rate, self.window.value, self.window.value // self.overlap.value)

    @property
    def html(self):
        """Resolution and picture of what is chosen, as HTML."""
        return self._page(self.transform)

    def __repr__(self):
        return f"WindowExplorer: window {self.transform.window}, hop {self.transform.hop}"

    def _repr_mimebundle_(self, **_):
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.html}

    def _show(self, _=None):
        self.shown.value = self.html

    def _draw(self, transform):
        values = transform.forward(self._samples)
        ax = plots.plot_spectrogram(values, transform, ax=new_axes(height=2.8, shown=False), top=self._top)
        picture = base64.b64encode(plots.figure_bytes(ax)).decode()
        return (
            f"{_told(transform, *values.shape)}"
            f'<img alt="Spectrogram, window {transform.window}, hop {transform.hop}" '
            f'style="display:block; margin-top:6px; max-width:100%; height:auto" src="data:image/png;base64,{picture}">'
        )


def explore_windows(samples, sample_rate, *, window=1024, overlap=4, top=5000.0):
    """Return a spectrogram of `samples` with sliders for window and hop; as the last line of a cell it appears under it.

    Parameters
    ----------
    samples : np.ndarray of float, shape (samples,)
    sample_rate : int
        In Hz.
    window : int, default=1024
        The first choice, in samples: one of 256, 512, 1024, 2048, 4096, 8192.
    overlap : {2, 4, 8}, default=4
        The first choice of the hop: this many hops make a window.
    top : float, default=5000.0
        The highest frequency shown, in Hz.

    Returns
    -------
    WindowExplorer

    Raises
    ------
    ParameterError
        Another window, overlap or top; samples as :meth:`Transform.forward` refuses them.

    Examples
    --------
    >>> explore_windows(samples, 22050, window=4096)
    """
    for name, value, known in (("window", window, WINDOWS), ("overlap", overlap, tuple(OVERLAPS.values()))):
        if value not in known:
            raise ParameterError(f"{name}: expected one of {', '.join(map(str, known))}, received {value!r}.")
    if not 0 < top <= sample_rate / 2:
        raise ParameterError(f"top: expected a frequency up to half the sample rate ({sample_rate / 2:g} Hz), received {top!r}.")
    return WindowExplorer(samples, sample_rate, window=window, overlap=overlap, top=top)


def lowest_semitone(transform):
    """Return the name of the lowest key of the piano that a transform tells from the next key, as in "F♯5" (C4 is middle C).

    Parameters
    ----------
    transform : Transform
        Of kind "stft".

    Returns
    -------
    str
    """
    frequency = LOBE * transform.sample_rate / transform.window / SEMITONE
    pitch = math.ceil(69 + 12 * math.log2(frequency / 440))
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def _told(transform, frames, bins):
    rate, window, hop = transform.sample_rate, transform.window, transform.hop
    return (
        f"<div><b>Pitch:</b> a bin every {rate / window:.1f} Hz; a semitone is told apart from {lowest_semitone(transform)} on. "
        f"<b>Time:</b> a window lasts {1000 * window / rate:.1f} ms, a frame comes every {1000 * hop / rate:.1f} ms. "
        f"<b>Size:</b> {frames:,} frames × {bins:,} bins = {frames * bins:,} numbers.</div>"
    )
