import re
from base64 import b64decode

import ipywidgets
import pytest

from lab_utils.errors import ParameterError
from lab_utils.widgets import explore_choices
from lab_utils.widgets.choices import ChoiceExplorer


class Drawn:
    """A function that draws, and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, ax, hidden, learning_rate):
        self.asked.append((hidden, learning_rate))
        ax.plot([0, hidden], [0, learning_rate])


def explorer(**options):
    draw = Drawn()
    return draw, explore_choices(draw, hidden=(1, 2, 4), learning_rate=(0.1, 1.0), **options)


def test_the_first_choice_is_drawn():
    draw, shown = explorer(first={"hidden": 2})
    assert isinstance(shown, ChoiceExplorer)
    assert draw.asked == [(2, 0.1)] and shown.chosen == {"hidden": 2, "learning_rate": 0.1}
    assert repr(shown) == "ChoiceExplorer: hidden 2, learning rate 0.1"


def test_every_choice_has_a_picture_and_is_drawn_once():
    draw, shown = explorer()
    pictures = set()
    for _ in range(2):
        for hidden in (1, 2, 4):
            for rate in (0.1, 1.0):
                shown.sliders["hidden"].value, shown.sliders["learning_rate"].value = hidden, rate
                assert f"Picture for hidden {hidden}, learning rate {rate:g}" in shown.shown.value
                picture = b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', shown.shown.value)[1])
                assert picture.startswith(b"\x89PNG")
                pictures.add(picture)
    assert len(pictures) == 6 == len(draw.asked)


def test_a_page_without_widgets_gets_the_picture():
    _, shown = explorer()
    data = shown._repr_mimebundle_()
    assert data["text/html"] == shown.shown.value and "data:image/png" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == shown.box.model_id
    assert shown.shown in shown.box.children and isinstance(shown.shown, ipywidgets.HTML)


def test_words_can_be_chosen_too():
    shown = explore_choices(lambda ax, style: ax.set_title(style), style=("jig", "reel"), first={"style": "reel"})
    assert repr(shown) == "ChoiceExplorer: style reel"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "choices: expected values for each slider, received none for any"),
        ({"hidden": ()}, "received none for hidden"),
        ({"hidden": (1, 2), "first": {"hidden": 3}}, "first: expected a value 1, 2, received 3 for hidden"),
        ({"hidden": (1, 2), "first": {"width": 3}}, "first: expected a value for one of hidden, received 3 for width"),
    ],
)
def test_what_cannot_be_chosen_is_refused(options, said):
    with pytest.raises(ParameterError, match=said):
        explore_choices(lambda ax, **_: None, **options)
