import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.widgets import explore_fifths
from lab_utils.widgets.fifths import FifthsExplorer

MAPS = {"east": lambda places: places[:, 0], "north": lambda places: places[:, 1]}


def test_the_first_place_is_shown_with_what_each_model_says():
    explorer = explore_fifths(MAPS, points=np.zeros((3, 2)), hour=3, distance=0.5)
    assert isinstance(explorer, FifthsExplorer)
    np.testing.assert_allclose(explorer.place, [0.5, 0], atol=1e-12)
    assert "east: <b>0.50</b> · north: <b>0.00</b>" in explorer.shown.value
    picture = b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', explorer.shown.value)[1])
    assert picture.startswith(b"\x89PNG")
    assert 'src="data:audio/mpeg;base64,' in explorer.shown.value


def test_sliders_move_the_place_its_picture_and_its_sound():
    explorer = explore_fifths({"east": MAPS["east"]})
    first = explorer.shown.value
    explorer.hour.value = 9.0
    assert "east: <b>-0.60</b>" in explorer.shown.value
    second = explorer.shown.value
    explorer.distance.value = 1.0
    assert "east: <b>-1.00</b>" in explorer.shown.value
    for pattern in (r"image/png;base64,([^\"]+)", r"audio/mpeg;base64,([^\"]+)"):
        assert len({re.search(pattern, page)[1] for page in (first, second, explorer.shown.value)}) == 3


def test_the_middle_and_the_last_choices_can_be_shown():
    explorer = explore_fifths({"east": MAPS["east"]}, hour=12, distance=0)
    assert "east: <b>0.00</b>" in explorer.shown.value
    explorer.distance.value = explorer.distance.options[-1][1]
    assert "audio/mpeg" in explorer.shown.value


def test_a_page_without_widgets_gets_the_picture_and_the_sound():
    explorer = explore_fifths(MAPS, hour=2.25, distance=0.15)
    data = explorer._repr_mimebundle_()
    assert data["text/html"] == explorer.shown.value
    assert data["text/plain"] == "FifthsExplorer: hour 2.25, distance 0.15"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    assert explorer.shown in explorer.box.children and isinstance(explorer.shown, ipywidgets.HTML)


def test_what_was_shown_is_kept(monkeypatch):
    made = []
    monkeypatch.setattr(FifthsExplorer, "_draw", lambda self, hour, distance: made.append(hour) or "page")
    explorer = explore_fifths(MAPS)
    for explorer.hour.value in (5.0, 2.0, 5.0):
        pass
    assert made == [2.0, 5.0]


def test_bad_choices_are_named():
    with pytest.raises(ParameterError, match="maps: expected one to four .* received 0"):
        explore_fifths({})
    with pytest.raises(ParameterError, match="hour: expected 0 to 12 by 0.25, received 1.1"):
        explore_fifths(MAPS, hour=1.1)
    with pytest.raises(ParameterError, match="distance: expected 0 to 1 by 0.05, received 2"):
        explore_fifths(MAPS, distance=2)
