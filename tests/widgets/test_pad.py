import importlib.util
import re
from base64 import b64decode
from pathlib import Path

import ipywidgets
import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.score import Score, note_array
from lab_utils.widgets import latent_pad
from lab_utils.widgets import pad as module
from lab_utils.widgets.pad import LatentPad, Pad

_path = Path(__file__).parents[1] / "algorithms" / "test_latent_space.py"
_spec = importlib.util.spec_from_file_location("latent_toys", _path)
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)


class Writer:
    """Writes the stop as pitch and the level as length, and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, stop, level, measure):
        self.asked.append((stop, level, measure))
        return Score(note_array([(0.0, 4.0 + level, 60 + stop, 80, 0)])), f"{stop} and {level}"


@pytest.fixture
def pad():
    return LatentPad(Writer(), stops=5, measures=("density", "range"), measure="density")


def asked(pad):
    return pad._write.asked


def picture(pad):
    return b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', pad.shown.value).group(1))


def test_the_first_page_is_the_first_tune_and_does_not_play_by_itself(pad):
    assert pad.place == (0, 0) and asked(pad) == [(0, 0, None)]
    assert repr(pad) == "LatentPad: tune A" and "tune A: 0 and 0" in pad.shown.value
    data = pad._repr_mimebundle_()
    assert data["text/html"] == pad.html and "autoplay" not in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == pad.box.model_id
    assert picture(pad).startswith(b"\x89PNG")


def test_a_move_of_the_knob_moves_the_sliders_and_draws_and_plays_once(pad):
    before = picture(pad)
    pad.pad.place = [3, 0]
    assert pad.place == (3, 2) and (pad.morph.value, pad.amount.value) == (3, 2)
    assert asked(pad) == [(0, 0, None), (3, 2, "density")]  # not once for each of the two
    assert "<audio autoplay controls" in pad.shown.value and picture(pad) != before
    assert repr(pad) == "LatentPad: 3/4 of the way, density +2"


def test_a_slider_moves_the_knob(pad):
    pad.morph.value = 4
    pad.amount.value = -1
    assert pad.pad.place == [4, 3] and "tune B, density -1" in pad.shown.value
    assert asked(pad)[1:] == [(4, 0, None), (4, -1, "density")]


def test_what_was_drawn_once_is_kept(pad):
    for place in ([1, 2], [2, 2], [1, 2], [2, 2]):
        pad.pad.place = place
    assert len(asked(pad)) == 3
    pad.measure.value = "range"  # in the middle row the measure changes nothing
    assert len(asked(pad)) == 3 and pad.pad.labels["top"] == "more range"
    pad.pad.place = [2, 1]
    assert asked(pad)[-1] == (2, 1, "range")


def test_it_does_not_play_when_it_is_told_not_to(pad):
    pad.sounds.value = False
    pad.pad.place = [1, 1]
    assert "autoplay" not in pad.shown.value and "<audio controls" in pad.shown.value


def test_a_place_without_music_is_told_on_the_page():
    def write(stop, level, measure):
        if level:
            raise DataError("the network wrote nothing but rests <here>.")
        return Score(note_array([(0.0, 4.0, 60, 80, 0)])), "one note"

    pad = LatentPad(write, stops=3, measures=("density",), measure="density")
    pad.pad.place = [1, 1]
    assert "density +1: the network wrote nothing but rests &lt;here&gt;." in pad.shown.value
    pad.pad.place = [1, 2]
    assert "one note" in pad.shown.value


def test_the_page_has_its_script_and_style_and_every_part_is_reached_by_keys(pad):
    told = Path(module.__file__).with_suffix(".js").read_text()
    assert 'addEventListener("keydown"' in told and "tabindex" in told and Pad._css
    assert "http" not in told.replace("http://www.w3.org/2000/svg", "")  # nothing is fetched
    kinds = {type(one) for one in pad.box.children[0].children[1].children}
    assert kinds == {ipywidgets.SelectionSlider, ipywidgets.Dropdown, ipywidgets.Checkbox}


def test_a_pad_on_a_space_morphs_and_moves_the_attribute():
    space = toys.toy()
    one, other = toys.phrase(8, 22, 10), toys.phrase(14, 34, 16)
    pad = latent_pad(one, other, space=space, stops=5)
    told = {}
    for level, row in ((2, 0), (0, 2), (-2, 4)):
        pad.pad.place = [2, row]
        told[level] = int(re.search(r"(\d+) notes", pad.html).group(1))
    assert told[-2] < told[0] < told[2]
    pad.measure.value = "mode"
    assert (pad.pad.labels["top"], pad.pad.labels["bottom"]) == ("more major", "more minor")
    pad.pad.place = [4, 2]
    assert "tune B: 14 notes" in pad.shown.value


def test_without_phrases_two_held_out_ones_are_taken():
    pages = {latent_pad(space=toys.toy(), seed=seed, stops=3).html for seed in (1, 1, 2)}
    assert len(pages) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first": np.zeros(32, int)}, "two phrases or none"),
        ({"measure": "colour"}, "measure: expected one of density, range, mode; received 'colour'"),
        ({"stops": 2}, "stops"),
    ],
)
def test_what_no_pad_can_be_made_of_is_told(given, said):
    with pytest.raises(ParameterError, match=said):
        latent_pad(space=toys.toy(), **given)
