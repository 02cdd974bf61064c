import html
from base64 import b64decode
from re import search

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.files import read_sound
from lab_utils.score import Score, note_array
from lab_utils.widgets import explore_scores


class Writer:
    """Writes one note, whose length tells the number, and keeps what it was asked for."""

    def __init__(self, title=""):
        self.title, self.asked = title, []

    def __call__(self, number, style):
        self.asked.append((number, style))
        return Score(note_array([(0, number, 60, 80, 0)]), title=self.title)


def test_the_first_music_is_written_and_shown_with_its_staff(tmp_path):
    writer = Writer()
    explorer = explore_scores(writer, first={"style": "dance"}, number=(2, 4), style=("hymn", "dance"))
    assert writer.asked == [(2, "dance")] and explorer.chosen == {"number": 2, "style": "dance"}
    (tmp_path / "music.mp3").write_bytes(b64decode(search(r'src="data:audio/mpeg;base64,([^"]+)"', explorer.shown.value)[1]))
    samples, rate = read_sound(tmp_path / "music.mp3")
    assert len(samples) / rate > 0.9 and np.abs(samples).max() > 0.5
    assert b64decode(search(r'src="data:image/png;base64,([^"]+)"', explorer.shown.value)[1]).startswith(b"\x89PNG")
    assert "number 2, style dance" in html.unescape(explorer.shown.value)


def test_a_moved_slider_shows_other_music_and_what_was_written_is_kept():
    writer = Writer()
    explorer = explore_scores(writer, number=(2, 4), style=("hymn",))
    first = explorer.shown.value
    explorer.sliders["number"].value = 4
    assert explorer.shown.value != first
    explorer.sliders["number"].value = 2
    assert explorer.shown.value == first and writer.asked == [(2, "hymn"), (4, "hymn")]


def test_the_scores_own_title_stands_above_it():
    explorer = explore_scores(Writer("Nr 7"), number=(2,), style=("hymn",))
    assert "Nr 7" in explorer.html and "number 2" not in explorer.html


def test_without_a_kernel_the_page_carries_the_first_music():
    explorer = explore_scores(Writer(), number=(2, 4), style=("hymn",))
    bundle = explorer._repr_mimebundle_()
    assert "<audio" in bundle["text/html"] and bundle["text/plain"] == "ScoreExplorer: number 2, style hymn"


@pytest.mark.parametrize(
    ("first", "choices", "told"),
    [(None, {}, "choices"), (None, {"number": ()}, "number"), ({"number": 3}, {"number": (1, 2)}, "received 3")],
)
def test_choices_that_cannot_be_are_told(first, choices, told):
    with pytest.raises(ParameterError, match=told):
        explore_scores(Writer(), first=first, **choices)
