"""Maps of latent vectors: every phrase is a dot at its place and in its colour, and the circles are the prior's."""

import matplotlib
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.plots import figure_bytes, plot_latent

POINTS = np.array([[0.0, 0.0], [1.0, -2.0], [3.0, 1.0]])
VALUES = np.array([60.0, 64.0, 72.0])


def test_a_phrase_is_a_dot_in_the_colour_of_its_value():
    ax = plot_latent(POINTS, VALUES, unit="mean pitch", title="A map", x="first", y="second")
    (dots,) = ax.collections
    np.testing.assert_array_equal(dots.get_offsets(), POINTS)
    ax.figure.canvas.draw()
    wanted = matplotlib.colormaps["viridis"]((VALUES - 60) / 12)
    np.testing.assert_allclose(dots.get_facecolors()[:, :3], wanted[:, :3])
    assert ax.get_title(loc="left") == "A map" and (ax.get_xlabel(), ax.get_ylabel()) == ("first", "second")
    assert [one.get_ylabel() for one in ax.figure.axes if one is not ax] == ["mean pitch"]


def test_the_circles_are_the_priors():
    drawn = np.random.default_rng(0).standard_normal((100_000, 2))
    circles = plot_latent(POINTS).lines
    radii = [np.hypot(*line.get_data()) for line in circles]
    assert all(np.ptp(radius) < 1e-9 for radius in radii)
    inside = [np.mean(np.hypot(*drawn.T) < radius[0]) for radius in radii]
    assert inside == pytest.approx([0.39, 0.86], abs=0.01)  # as the docstring says
    assert not plot_latent(POINTS, prior=False).lines


def test_mark_and_path_are_drawn_where_they_are():
    path = [[0, 0], [1, 1], [2, 2]]
    ax = plot_latent(POINTS, prior=False, mark=(0.5, -0.5), path=path, reach=4)
    np.testing.assert_array_equal(np.transpose(ax.lines[0].get_data()), path)
    np.testing.assert_array_equal(ax.collections[-1].get_offsets(), [[0.5, -0.5]])
    assert ax.get_xlim() == ax.get_ylim() == (-4, 4)


def test_the_scales_are_equal_and_the_bytes_repeat():
    ax = plot_latent(POINTS * [1, 30])
    assert ax.get_aspect() == 1
    assert figure_bytes(plot_latent(POINTS, VALUES)) == figure_bytes(plot_latent(POINTS, VALUES))


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((np.zeros((3, 3)),), {}, "points: expected finite numbers of shape \\(any, 2\\)"),
        ((np.zeros((0, 2)),), {}, "points"),
        ((POINTS * np.nan,), {}, "points"),
        ((POINTS, VALUES[:2]), {}, "values: expected finite numbers of shape \\(3\\)"),
        ((POINTS,), {"mark": (1, 2, 3)}, "mark"),
        ((POINTS,), {"path": (1, 2)}, "path"),
        ((POINTS,), {"reach": 0}, "reach: expected a number above 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, options, said):
    with pytest.raises(ParameterError, match=said):
        plot_latent(*arguments, **options)
