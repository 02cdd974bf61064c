"""The home page: the piece at the top, and the way through the course."""

import io
from types import SimpleNamespace

import home
import numpy as np
import pytest
import soundfile
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from staging import SiteError

RATE = 22050
TABLE = """# Course

Opening.

## The course

| notebook | what |
| --- | --- |
| [00 Start here](notebooks/00_start.ipynb) | hear it |

## More
"""
TEMPLATE = """# Home

<!-- hero -->
{notebooks} notebooks, {sounds} sounds

<!-- notebooks 00 -->

<!-- practice -->

<!-- toctrees -->
"""


def mp3(samples):
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="MP3")
    return file.getvalue()


@pytest.fixture
def start():
    """A first notebook with a player and its staff."""
    import base64

    sound = base64.b64encode(mp3(0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE))).decode()
    html = f'<audio src="data:audio/mpeg;base64,{sound}"></audio><img alt="Staff" style="" src="data:image/png;base64,aGk=">'
    shown = new_code_cell("play()", outputs=[new_output("display_data", data={"text/html": html})])
    return new_notebook(cells=[new_markdown_cell("# Start: a machine"), shown])


def repository(tmp_path, names=("notebooks/00_start.ipynb",)):
    (tmp_path / "README.md").write_text(TABLE)
    return SimpleNamespace(root=tmp_path, course=list(names), solutions=[], assignments=["a"], classroom=[])


def test_the_page_holds_sound_staff_spectrogram_and_path(tmp_path, start):
    text = home.page(TEMPLATE, repository(tmp_path), [start])
    assert text.count("<audio") == 1 and text.count("<img") == 2
    assert "1 notebooks, 1 sounds" in text
    assert '<a href="notebooks/00_start.html"><b>00</b><span>Start here</span>hear it</a>' in text
    assert "00 · Start here <notebooks/00_start>" in text
    assert "Assignments <notebooks/assignments/index>" in text and "Exercises, solved" not in text
    assert "[the assignments](notebooks/assignments/index.md), 1 in all" in text and "the solutions" not in text


def test_a_notebook_that_no_group_names_is_an_error(tmp_path, start):
    both = repository(tmp_path, ("notebooks/00_start.ipynb", "notebooks/16_new.ipynb"))
    with pytest.raises(SiteError, match=r"index\.md: its groups name the notebooks \['00'\], there are \['00', '16'\]"):
        home.page(TEMPLATE, both, [start, start])


def test_a_first_notebook_without_a_player_is_an_error(tmp_path):
    with pytest.raises(SiteError, match="notebook 00 stores no player"):
        home.page(TEMPLATE, repository(tmp_path), [new_notebook(cells=[new_markdown_cell("# Start")])])


def test_a_tone_is_a_line_where_it_belongs():
    """A tone of 1 kHz in the first half, of 300 Hz in the second."""
    time = np.arange(2 * RATE) / RATE
    picture, seconds = home.spectrogram(mp3(0.5 * np.sin(2 * np.pi * np.where(time < 1, 1000, 300) * time)))
    grey = np.asarray(Image.open(io.BytesIO(picture)).convert("L")).astype(int)
    mel = np.expm1(np.linspace(np.log1p(60 / 700), np.log1p(home.HIGHEST / 700), home.BANDS)) * 700
    wide = grey.shape[1]
    first, second = (mel[::-1][grey[:, column].argmax()] for column in (wide // 4, 3 * wide // 4))
    assert seconds == pytest.approx(2, abs=0.1)
    assert first == pytest.approx(1000, rel=0.04)
    assert second == pytest.approx(300, rel=0.04)


def test_the_page_of_setting_up_leaves_the_table_to_the_home_page():
    text = home.without_course(TABLE)
    assert text.startswith("# Set up and use\n\nOpening.") and "Start here" not in text and "## More" in text
