import re
from base64 import b64decode

import pytest

from lab_utils.errors import ParameterError
from lab_utils.widgets import explore_receptive_field
from lab_utils.widgets.receptive import dilations_of, reach_in_words


def test_the_first_place_is_drawn():
    shown = explore_receptive_field()
    assert repr(shown) == "ChoiceExplorer: layers 4, repeats 1, kernel 2, sample rate 8000"
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', shown.shown.value)[1]
    assert b64decode(picture).startswith(b"\x89PNG")


def test_a_slider_changes_the_picture():
    shown = explore_receptive_field()
    before = shown.shown.value
    shown.sliders["kernel"].value = 3
    assert shown.shown.value != before and "kernel 3" in shown.shown.value


def test_the_largest_is_drawn_too():
    shown = explore_receptive_field(layers=10, repeats=4, kernel=3, sample_rate=44100)
    assert 10_000 < len(shown.shown.value) < 300_000


def test_dilations_double_and_start_anew():
    assert dilations_of(3, 2) == (1, 2, 4, 1, 2, 4)


@pytest.mark.parametrize(
    ("samples", "rate", "words"),
    [
        (16, 8000, "16 samples, 2.0 ms: a whole period of C5 (523 Hz) and higher"),  # 500 Hz is a little above B4
        (100, 44000, "100 samples, 2.3 ms: a whole period of A4 (440 Hz) and higher"),
        (2047, 8000, "2,047 samples, 255.9 ms: a whole period of any note"),
    ],
)
def test_words(samples, rate, words):
    assert reach_in_words(samples, rate) == words


def test_places_where_no_slider_stands():
    with pytest.raises(ParameterError, match="received 11 for layers"):
        explore_receptive_field(layers=11)
