import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest

from lab_utils.audio import Transform
from lab_utils.errors import ParameterError
from lab_utils.widgets import explore_windows
from lab_utils.widgets.windows import OVERLAPS, WINDOWS, WindowExplorer, lowest_semitone

RATE = 22050


@pytest.fixture(scope="module")
def sine():
    return np.sin(2 * np.pi * 440 * np.arange(RATE // 4) / RATE).astype(np.float32)


def test_the_first_choice_is_shown(sine):
    explorer = explore_windows(sine, RATE)
    assert isinstance(explorer, WindowExplorer)
    assert explorer.transform == Transform(RATE, 1024, 256)
    assert "a bin every 21.5 Hz" in explorer.shown.value
    assert "a window lasts 46.4 ms, a frame comes every 11.6 ms" in explorer.shown.value
    frames = 1 + len(sine) // 256
    assert f"{frames} frames × 513 bins = {frames * 513:,} numbers" in explorer.shown.value


def test_every_setting_can_be_chosen_and_is_drawn(sine):
    explorer, pictures = explore_windows(sine, RATE), set()
    for explorer.window.value in WINDOWS:
        for explorer.overlap.value in OVERLAPS.values():
            assert f"window {explorer.window.value}, hop {explorer.transform.hop}" in explorer.shown.value
            picture = b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', explorer.shown.value)[1])
            assert picture.startswith(b"\x89PNG")
            pictures.add(picture)
    assert len(pictures) == len(WINDOWS) * len(OVERLAPS)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_key_that_is_named_is_told_from_the_next_and_the_one_below_is_not(window):
    name = lowest_semitone(Transform(RATE, window, window // 4))
    key = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name[0]] + ("♯" in name) + 12 * (int(name[-1]) + 1)
    low, named, high = 440 * 2 ** ((np.array([key - 1, key, key + 1]) - 69) / 12)
    assert high - named >= 2 * RATE / window > named - low


def test_a_page_without_widgets_gets_the_picture(sine):
    explorer = explore_windows(sine, RATE, window=4096, overlap=8)
    data = explorer._repr_mimebundle_()
    assert data["text/html"] == explorer.shown.value and "data:image/png" in data["text/html"]
    assert data["text/plain"] == "WindowExplorer: window 4096, hop 512"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    assert explorer.shown in explorer.box.children and isinstance(explorer.shown, ipywidgets.HTML)


def test_what_was_shown_is_kept(sine, monkeypatch):
    made = []
    monkeypatch.setattr(WindowExplorer, "_draw", lambda self, transform: made.append(transform.window) or "picture")
    explorer = explore_windows(sine, RATE)
    for explorer.window.value in (512, 1024, 512):
        pass
    assert made == [1024, 512]


def test_bad_choices_are_named(sine):
    with pytest.raises(ParameterError, match="^window: expected one of 256, .*received 1000"):
        explore_windows(sine, RATE, window=1000)
    with pytest.raises(ParameterError, match="^overlap: expected one of 2, 4, 8, received 3"):
        explore_windows(sine, RATE, overlap=3)
    with pytest.raises(ParameterError, match="^top: expected a frequency up to half the sample rate"):
        explore_windows(sine, RATE, top=20000)
    with pytest.raises(ParameterError, match="^samples: "):
        explore_windows(np.zeros((2, 100), np.float32), RATE)
