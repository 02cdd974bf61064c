import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.plots import plot_evidence

PICTURE, FALLS = np.zeros((16, 30)), np.zeros((16, 30))
PICTURE[4:8, 10], FALLS[4:8, 9:12], FALLS[12, 20] = 1, 0.3, -0.1


def test_the_map_lies_over_its_picture_time_to_the_right_pitch_upwards():
    ax = plot_evidence(PICTURE, FALLS, lowest=48, title="a bar")
    below, above = ax.images
    assert np.array_equal(below.get_array(), PICTURE.T) and np.array_equal(above.get_array(), FALLS.T)
    assert below.origin == above.origin == "lower"
    assert below.get_extent() == above.get_extent() == [0, 1, 47.5, 77.5]
    assert above.get_clim() == (-0.3, 0.3)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["C3", "C4", "C5"] and ax.get_yticks().tolist() == [48, 60, 72]


def test_red_speaks_for_blue_against_and_nothing_is_clear():
    image = plot_evidence(PICTURE, FALLS).images[1]
    for_it, against, nothing = (image.to_rgba([value])[0] for value in (0.3, -0.3, 0.0))
    assert for_it[0] > for_it[2] and against[2] > against[0]
    assert nothing[3] < 0.05 < for_it[3]


def test_small_falls_are_not_blown_up():
    assert plot_evidence(PICTURE, FALLS / 1000).images[1].get_clim() == (-0.05, 0.05)
    assert plot_evidence(PICTURE, FALLS, limit=1.0).images[1].get_clim() == (-1, 1)


@pytest.mark.parametrize(
    ("picture", "falls", "words"),
    [
        (PICTURE, FALLS[:4], "falls: expected finite"),
        (PICTURE[0], FALLS[0], "picture: expected"),
        (PICTURE * np.nan, FALLS, "picture"),
    ],
)
def test_what_does_not_fit_is_named(picture, falls, words):
    with pytest.raises(ParameterError, match=words):
        plot_evidence(picture, falls)
