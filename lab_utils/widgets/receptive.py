"""How far a stack of causal dilated convolutions looks back: sliders, the tree, and what fits into it, in samples and in notes.

Conventions
-----------
* The dilations double from layer to layer, from 1 on, and start anew with each repeat, as in WaveNet.
* **One period** of a note fits into the receptive field where its frequency is the sample rate divided by the samples, or higher:
  a network that sees less than a period cannot tell the pitch.

Used by the notebook ``11_wavenet``.
"""

import math

from lab_utils.plots.receptive import plot_receptive_field, receptive_field
from lab_utils.plots.ruling import NAMES
from lab_utils.widgets.choices import explore_choices

LAYERS, REPEATS, KERNELS, RATES = tuple(range(1, 11)), (1, 2, 3, 4), (2, 3), (8000, 16000, 44100)
LOWEST_HERTZ = 27.5  # of a piano


def explore_receptive_field(*, layers=4, repeats=1, kernel=2, sample_rate=8000):
    """Return sliders for a stack of causal layers and the picture of what reaches one output.

    Parameters
    ----------
    layers : int
        In one repeat, where the slider stands first: 1 to 10, so dilations up to 512.
    repeats : int
        1 to 4.
    kernel : int
        2 or 3.
    sample_rate : int
        8000, 16000 or 44100 Hz.

    Returns
    -------
    ChoiceExplorer
        As the last line of a cell it appears under it.

    Raises
    ------
    ParameterError
        Where a slider cannot stand there.
    """
    first = {"layers": layers, "repeats": repeats, "kernel": kernel, "sample_rate": sample_rate}
    return explore_choices(_draw, first=first, size=(7.0, 3.0), layers=LAYERS, repeats=REPEATS, kernel=KERNELS, sample_rate=RATES)


def dilations_of(layers, repeats):
    """Return the dilations of a stack, from the input on: 1, 2, 4, … and again."""
    return tuple(2**layer for layer in range(layers)) * repeats


def reach_in_words(samples, sample_rate):
    """Return a receptive field in samples, milliseconds and the lowest note of which one period fits, as one line."""
    hertz = sample_rate / samples
    pitch = math.ceil(69 + 12 * math.log2(hertz / 440) - 1e-9)
    name = f"{NAMES[pitch % 12]}{pitch // 12 - 1}"
    note = f"{name} ({440 * 2 ** ((pitch - 69) / 12):.0f} Hz) and higher" if hertz >= LOWEST_HERTZ else "any note"
    return f"{samples:,} samples, {1000 * samples / sample_rate:.1f} ms: a whole period of {note}"


def _draw(ax, layers, repeats, kernel, sample_rate):
    dilations = dilations_of(layers, repeats)
    told = reach_in_words(receptive_field(dilations, kernel=kernel), sample_rate)
    plot_receptive_field(dilations, kernel=kernel, ax=ax, title=told)
