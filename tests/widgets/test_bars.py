import html
import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest

from lab_utils.datasets import load_stave275
from lab_utils.errors import ParameterError
from lab_utils.files import read_sound
from lab_utils.widgets import browse_bars
from lab_utils.widgets.bars import BarBrowser


@pytest.fixture(scope="module")
def bars():
    """The shipped pieces of three styles, so that no test needs music21's corpus."""
    return [bar for style in ("chorale", "quartet", "tune") for bar in load_stave275(style=style)]


def test_the_first_choice_is_shown(bars):
    browser = browse_bars(bars, style="tune")
    assert isinstance(browser, BarBrowser)
    assert browser.bar is bars[110]
    assert html.escape(browser.bar.piece.title) in browser.shown.value
    assert "bar 1 · tune · G major · 6/8 · train" in browser.shown.value


def test_without_a_style_it_is_the_first_bars(bars):
    assert browse_bars(bars).bar is bars[0]


def test_every_bar_can_be_chosen(bars, monkeypatch):
    monkeypatch.setattr("lab_utils.widgets.bars._page", lambda bar: bar.name)
    browser, shown = browse_bars(bars), []
    for style in browser.style.options:
        browser.style.value = style
        for piece in browser.piece.options:
            browser.piece.value = piece
            for _, place in browser.place.options:
                browser.place.value = place
                shown.append(browser.shown.value)
    assert shown == [bar.name for bar in bars]


def test_another_style_or_piece_begins_with_its_first_bar(bars):
    browser = browse_bars(bars)
    browser.place.value = 7
    assert browser.bar is bars[7]
    browser.piece.value = browser.piece.options[1]
    assert browser.bar is bars[11] and "bar 1 " in browser.shown.value
    browser.place.value = 3
    browser.style.value = "quartet"
    assert browser.bar is bars[55] and html.escape(bars[55].piece.title) in browser.shown.value


def test_pieces_of_one_title_in_two_styles_are_kept_apart(bars, monkeypatch):
    monkeypatch.setattr("lab_utils.widgets.bars._page", lambda bar: f"{bar.style} {bar.number}")
    first, second = bars[0], bars[55]
    for piece in (first.piece, second.piece):
        monkeypatch.setitem(vars(piece), "title", "Prelude")  # past the lock of a frozen dataclass
    browser = browse_bars([first, second])
    browser.style.value = "quartet"
    assert browser.bar is second and browser.shown.value == "quartet 1"


def test_the_slider_names_the_printed_numbers(bars):
    browser = browse_bars(bars[5:11])
    assert [label for label, _ in browser.place.options] == ["6", "7", "8", "9", "10", "11"]


def test_what_is_shown_sounds_and_has_a_staff(bars, tmp_path):
    browser = browse_bars(bars, style="tune")
    sound = re.search(r'src="data:audio/mpeg;base64,([^"]+)"', browser.shown.value)[1]
    (tmp_path / "bar.mp3").write_bytes(b64decode(sound))
    samples, rate = read_sound(tmp_path / "bar.mp3")
    assert len(samples) / rate > browser.bar.score.duration_seconds * 0.9
    assert np.abs(samples).max() > 0.5
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', browser.shown.value)[1]
    assert b64decode(picture).startswith(b"\x89PNG")


def test_a_page_without_widgets_gets_the_player(bars):
    browser = browse_bars(bars)
    data = browser._repr_mimebundle_()
    assert data["text/html"] == browser.shown.value
    assert data["text/plain"] == "BarBrowser: Schwing dich auf zu deinem Gott (BWV 40.6), bar 1"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == browser.box.model_id
    assert browser.shown in browser.box.children and isinstance(browser.shown, ipywidgets.HTML)


def test_what_was_shown_is_kept(bars, monkeypatch):
    made = []
    monkeypatch.setattr("lab_utils.widgets.bars._page", lambda bar: made.append(bar.number) or bar.name)
    browser = browse_bars(bars)
    for place in (1, 0, 1):
        browser.place.value = place
    assert made == [1, 2]


def test_bad_choices_are_named(bars):
    with pytest.raises(ParameterError, match="^style: expected one of chorale, quartet, tune, received 'opera'"):
        browse_bars(bars, style="opera")
    with pytest.raises(ParameterError, match="^bars: expected at least one, received none"):
        browse_bars([])
