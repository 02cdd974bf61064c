import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array
from lab_utils.widgets import explore_latent
from lab_utils.widgets.latent import LatentExplorer

POINTS = np.array([[0.0, 0.0], [1.0, -2.0], [2.5, 1.0]])


class Decoder:
    """Writes the first number as pitch and the second as length, and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, first, second):
        self.asked.append((first, second))
        return Score(note_array([(0.0, 2.0 + second, 60 + int(2 * first), 80, 0)]))


def test_the_first_place_is_written_and_told():
    write = Decoder()
    shown = explore_latent(write, POINTS, place=(1, -1))
    assert isinstance(shown, LatentExplorer) and shown.place == (1, -1)
    assert write.asked == [(1, -1)]
    assert repr(shown) == "LatentExplorer: (+1.0, -1.0)"


def test_a_move_of_a_slider_writes_another_phrase_and_marks_another_place_once():
    write = Decoder()
    shown = explore_latent(write, POINTS, values=[1, 2, 3], reach=1, step=0.5)
    pages = set()
    for _ in range(2):
        for first in (0.0, 0.5):
            for second in (0.0, 1.0):
                shown.sliders[0].value, shown.sliders[1].value = first, second
                assert f"({first:+.1f}, {second:+.1f})" in shown.shown.value
                assert "data:audio/mpeg;base64," in shown.shown.value
                pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', shown.shown.value)
                assert len(pictures) == 2 and all(b64decode(one).startswith(b"\x89PNG") for one in pictures)
                pages.add(tuple(pictures))
    assert len(pages) == 4 == len(write.asked)


def test_a_page_without_widgets_gets_the_first_place():
    shown = explore_latent(Decoder(), POINTS, x="register", y="busy")
    data = shown._repr_mimebundle_()
    assert data["text/html"] == shown.shown.value and "data:audio/mpeg" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.box.model_id
    assert shown.shown in shown.box.children and isinstance(shown.shown, ipywidgets.HTML)
    assert [slider.description for slider in shown.sliders] == ["register", "busy"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"place": (0.2, 0)}, "place: expected two numbers from -3 to 3 by 0.5, received \\(0.2, 0\\)"),
        ({"place": (4, 0)}, "place"),
        ({"place": (0, 0, 0)}, "place"),
        ({"step": 0.7}, "step: expected a number above 0 that divides the reach 3.0, received 0.7"),
        ({"step": 0}, "step"),
    ],
)
def test_a_place_that_no_slider_reaches_is_refused(options, said):
    with pytest.raises(ParameterError, match=said):
        explore_latent(Decoder(), POINTS, **options)


def test_points_of_another_shape_are_refused():
    with pytest.raises(ParameterError, match="points"):
        explore_latent(Decoder(), np.zeros((2, 3)))
