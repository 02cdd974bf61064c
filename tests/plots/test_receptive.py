import numpy as np
import pytest
from matplotlib.collections import LineCollection

from lab_utils.errors import ParameterError
from lab_utils.plots import plot_receptive_field
from lab_utils.plots.receptive import reaching, receptive_field


@pytest.mark.parametrize(
    ("dilations", "kernel", "samples"), [((1,), 2, 2), ((1, 2, 4, 8), 2, 16), ((1, 2, 4), 3, 15), ((1, 2) * 2, 2, 7)]
)
def test_the_receptive_field_is_counted(dilations, kernel, samples):
    assert receptive_field(dilations, kernel=kernel) == samples
    assert reaching(dilations, kernel=kernel)[-1].tolist() == list(range(-samples + 1, 1))


@pytest.mark.parametrize(("dilations", "kernel"), [((1, 2, 4), 2), ((3, 1), 3), ((2, 2), 2)])
def test_what_reaches_is_what_a_convolution_hears(dilations, kernel):
    """An impulse at each place of the past, sent through plain causal convolutions of ones."""
    length = receptive_field(dilations, kernel=kernel) + 3
    heard = []
    for place in range(length):
        signal = np.zeros(length)
        signal[place] = 1
        for dilation in dilations:
            padded = np.concatenate([np.zeros(dilation * (kernel - 1)), signal])
            signal = sum(padded[dilation * tap : dilation * tap + length] for tap in range(kernel))
        if signal[-1]:
            heard.append(place - length + 1)
    assert reaching(dilations, kernel=kernel)[-1].tolist() == heard


def test_rows_lead_from_the_output_down():
    rows = reaching((1, 2, 4))
    assert [row.tolist() for row in rows] == [[0], [-4, 0], [-6, -4, -2, 0], list(range(-7, 1))]


def test_the_tree_is_drawn():
    ax = plot_receptive_field((1, 2, 4, 8))
    assert ax.get_title(loc="left") == "16 samples reach one output"
    dark = [c for c in ax.collections if isinstance(c, LineCollection) and c.get_zorder() == 2]
    assert [len(c.get_segments()) for c in dark] == [2, 4, 8, 16]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "input",
        "dilation 1",
        "dilation 2",
        "dilation 4",
        "dilation 8",
    ]
    low, high = ax.get_xlim()
    assert low < -16 and high > 0  # one further back is shown


def test_a_large_one_is_drawn_in_lines_alone():
    ax = plot_receptive_field(tuple(2**n for n in range(10)) * 2, title="two cycles")
    assert ax.get_title(loc="left") == "two cycles" and len(ax.get_yticks()) <= 12
    assert sum(len(c.get_offsets()) for c in ax.collections if not isinstance(c, LineCollection)) == 1  # the output


def test_axes_that_are_given_are_used():
    ax = plot_receptive_field((1, 2))
    ax.clear()
    assert plot_receptive_field((1,), ax=ax) is ax


@pytest.mark.parametrize(
    ("dilations", "kernel", "says"),
    [((), 2, "none"), ((0, 1), 2, "dilations"), ((1,), 1, "kernel"), ((1.5,), 2, "dilations"), ((2**15,), 2, "20000")],
)
def test_refuses(dilations, kernel, says):
    with pytest.raises(ParameterError, match=says):
        plot_receptive_field(dilations, kernel=kernel)
