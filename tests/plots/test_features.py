"""Dots where the areas are, labels that do not touch, densities whose area is told, and what cannot be drawn."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection

from lab_utils.errors import ParameterError
from lab_utils.plots import plot_densities, plot_features

MADE = {"pitch_count": 0.5, "note_count": 0.7, "mean_overlapped_area": 0.6, "yang_lerch": 0.9}
REAL = {"note_count": 0.9, "pitch_count": 1.0, "mean_overlapped_area": 0.95, "yang_lerch": 0.97}


def dots(ax):
    """Return the points of each set, in the order of the sets."""
    found = [c.get_offsets().tolist() for c in ax.collections if isinstance(c, PathCollection)]
    return found[::-1]  # the first set is drawn last, on top


def test_each_area_has_its_dot():
    ax = plot_features({"GAN": MADE, "test": REAL}, title="Areas")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mean", "pitch count", "note count"]
    heights = ax.get_yticks().tolist()
    assert dots(ax) == [[[x, y] for x, y in zip(row, heights, strict=True)] for row in ([0.6, 0.5, 0.7], [0.95, 1.0, 0.9])]
    assert [text.get_text() for text in ax.texts] == ["GAN 0.60", "test 0.95"]
    assert heights == sorted(heights) and ax.get_ylim()[0] > heights[-1] > heights[0] > ax.get_ylim()[1]  # the mean on top


def test_a_mean_that_is_not_given_is_taken():
    ax = plot_features({"GAN": {"pitch_count": 0.25, "note_count": 0.75}})
    assert dots(ax)[0][0][0] == 0.5


def test_labels_of_equal_means_do_not_touch():
    ax = plot_features({name: {"pitch_count": 0.99} for name in ("one set", "another", "validation")})
    ax.figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.x0)
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert boxes[-1].x1 <= ax.figure.bbox.x1


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({}, "received 0"),
        ({str(number): MADE for number in range(6)}, "received 6"),
        ({"a": MADE, "b": {"pitch_count": 0.5}}, "received pitch_count for 'b'"),
        ({"a": {}}, "received none for 'a'"),
        ({"a": {"pitch_count": 1.5}}, "received 1.5"),
        ({"a": {"pitch_count": float("nan")}}, "areas from 0 to 1"),
    ],
)
def test_what_cannot_be_drawn(sets, words):
    with pytest.raises(ParameterError, match=words):
        plot_features(sets)


def bell(distance, middle):
    values = np.exp(-0.5 * (distance - middle) ** 2)
    return values / values.sum()


def test_densities_have_area_one_and_the_overlap_is_told():
    distance = np.linspace(-4, 12, 801)
    shares = np.array([bell(distance, 2), bell(distance, 2), bell(distance, 4)])
    ax = plot_densities(distance, shares, title="Note count", unit="notes")
    for line in ax.lines:
        assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(1, abs=1e-3)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["within the reference", "within the generated", "between the two", "overlap 0.32"]  # 2 Φ(−1)
    (shade,) = [c for c in ax.collections if isinstance(c, PolyCollection)]
    top = max(shade.get_paths()[0].vertices[:, 1])
    assert top == pytest.approx(ax.lines[0].get_ydata()[350], rel=1e-6)  # the curves cross at 3
    assert ax.get_xlabel() == "distance of two phrases (notes)"


def test_a_long_tail_is_cut():
    distance = np.linspace(0, 1000, 2001)
    shares = np.array([bell(distance, 10)] * 3)
    assert ax_end(shares, distance) < 20
    shares[1] = 0.9 * shares[1] + 0.1 * bell(distance, 900)
    assert ax_end(shares, distance) > 890


def ax_end(shares, distance):
    return plot_densities(distance, shares).get_xlim()[1]


def test_densities_that_do_not_fit():
    with pytest.raises(ParameterError, match="distance, shares: expected"):
        plot_densities(np.arange(5), np.ones((2, 5)))
