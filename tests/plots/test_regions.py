"""Regions: the ground under a point has the colour of the answer there, and exactly the wrong points are ringed."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lab_utils.errors import ParameterError
from lab_utils.plots import PALETTE, plot_regions

POINTS = np.array([[0.0, 0.0], [1.0, 2.0], [4.0, 1.0], [6.0, 3.0]])
LABELS = np.array([0, 1, 1, 1])  # the second lies on the left side: a classifier that looks to the side gets it wrong


def sides(points):
    """Sure of class 0 left of 3, of class 1 right of it."""
    right = points[:, 0] > 3
    return np.stack([~right, right], axis=1).astype(float)


def pixel(ax, across, up):
    (image,) = ax.images
    values = np.asarray(image.get_array())
    left, right, low, high = image.get_extent()
    row = int((up - low) / (high - low) * (len(values) - 1))
    return values[row, int((across - left) / (right - left) * (values.shape[1] - 1))]


def test_the_ground_is_a_pale_colour_of_the_answer():
    ax = plot_regions(sides, POINTS, LABELS)
    for across, colour in ((0.5, PALETTE[0]), (5.5, PALETTE[1])):
        assert pixel(ax, across, 1.0) == pytest.approx(1 - 0.45 * (1 - np.array(to_rgb(colour))), abs=1 / 64)


def test_where_it_is_unsure_the_colours_melt():
    ax = plot_regions(lambda points: np.full((len(points), 2), 0.5), POINTS, LABELS)
    mean = (np.array(to_rgb(PALETTE[0])) + to_rgb(PALETTE[1])) / 2
    assert pixel(ax, 2.0, 1.0) == pytest.approx(1 - 0.45 * (1 - mean), abs=1 / 64)


def test_the_wrong_points_are_ringed_and_no_others():
    ax = plot_regions(sides, POINTS, LABELS)
    ringed = [
        tuple(place)
        for dots in ax.collections
        for place, edge in zip(dots.get_offsets(), dots.get_edgecolors(), strict=True)
        if tuple(edge[:3]) == (0, 0, 0)
    ]
    assert ringed == [(1.0, 2.0)]


def test_every_point_lies_inside_and_names_stand_in_the_legend():
    ax = plot_regions(sides, POINTS, LABELS, names=("left", "right"), title="Sides", x="across", y="up")
    (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert low < 0 and high > 6 and bottom < 0 and top > 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left", "right"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("across", "up", "Sides")


def test_a_cut_runs_where_its_sum_is_zero():
    ax = plot_regions(sides, POINTS, LABELS, cuts=([[1.0, 1.0, 0.0], [0.0, 2.0, 0.0]], [-3.0, -4.0, 1.0]))
    assert len(ax.lines) == 2  # the third has no weights, hence no line
    for line, weights, bias in zip(ax.lines, ([1, 0], [1, 2]), (-3, -4), strict=True):
        for place in (line.get_xy1(), line.get_xy2()):
            assert np.dot(weights, place) + bias == pytest.approx(0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"points": POINTS[:, :1]}, "points: expected finite"),
        ({"points": POINTS * np.nan}, "points: expected finite"),
        ({"labels": LABELS[:2]}, "labels: expected a whole number"),
        ({"labels": LABELS + 0.5}, "labels: expected a whole number"),
        ({"labels": LABELS + 1}, "labels: expected classes 0 to 1"),
        ({"names": ("one",)}, "labels: expected classes 0 to 1"),
        ({"classify": lambda points: points[:, 0]}, "classify: expected finite"),
        ({"cuts": ([1.0, 2.0], [0.0])}, "cuts: expected weights"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes, said):
    given = {"classify": sides, "points": POINTS, "labels": LABELS} | changes
    with pytest.raises(ParameterError, match=said):
        plot_regions(given.pop("classify"), given.pop("points"), given.pop("labels"), **given)
