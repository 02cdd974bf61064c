import html
import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.files import read_sound
from lab_utils.recipes import chorale
from lab_utils.score import Score, note_array
from lab_utils.widgets import compose_chorales


def four_voices(seed, temperature):
    """A chord whose soprano tells the seed."""
    return Score(note_array([(0, 4, 60 + seed, 80, 0), (0, 4, 57, 80, 1), (0, 4, 52, 80, 2), (0, 4, 45, 80, 3)]))


class Writer:
    """Writes a chord and keeps what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, seed, temperature):
        self.asked.append((seed, temperature))
        return four_voices(seed, temperature)


def test_the_first_piece_is_written_and_shown(tmp_path):
    writer = Writer()
    composer = compose_chorales(seed=3, temperature=0.7, write=writer)
    assert writer.asked == [(3, 0.7)]
    assert "seed 3, temperature 0.7" in composer.shown.value
    (tmp_path / "piece.mp3").write_bytes(b64decode(re.search(r'src="data:audio/mpeg;base64,([^"]+)"', composer.shown.value)[1]))
    samples, rate = read_sound(tmp_path / "piece.mp3")
    assert len(samples) / rate > 1.9 and np.abs(samples).max() > 0.5
    assert b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', composer.shown.value)[1]).startswith(b"\x89PNG")


def test_a_moved_slider_writes_anew_and_what_was_written_is_kept():
    writer = Writer()
    composer = compose_chorales(seed=3, temperature=0.7, write=writer)
    first = composer.shown.value
    composer.temperature.value = 1.2
    composer.seed.value = 5
    assert "seed 5, temperature 1.2" in composer.shown.value
    composer.seed.value = 3
    composer.temperature.value = 0.7
    assert composer.shown.value == first
    assert writer.asked == [(3, 0.7), (3, 1.2), (5, 1.2)]


def test_while_it_writes_the_page_says_so():
    made, said = [], []

    def write(seed, temperature):
        said.extend(composer.shown.value for composer in made)
        return four_voices(seed, temperature)

    made.append(compose_chorales(seed=1, write=write))
    made[0].seed.value = 2
    assert said == ["<p>writing seed 2, temperature 0.9 …</p>"]


def test_a_page_without_widgets_gets_the_first_piece():
    composer = compose_chorales(seed=3, write=four_voices)
    data = composer._repr_mimebundle_()
    assert data["text/plain"] == "Composer: seed 3, temperature 0.9"
    assert data["text/html"] == composer.shown.value
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == composer.box.model_id
    assert composer.shown in composer.box.children and isinstance(composer.shown, ipywidgets.HTML)


def test_any_number_of_voices_is_engraved():
    tune = Score(note_array([(0, 4, 60)]))
    assert html.escape("seed 1, temperature 0.9") in compose_chorales(write=lambda seed, temperature: tune).html


def test_a_trained_network_writes(tmp_path):
    run = chorale.train(size="tiny", out=tmp_path / "run", epochs=1, progress=False)
    composer = compose_chorales(run, seed=2, temperature=1.0, bars=2)
    again = chorale.score_from_tokens(chorale.compose(chorale.load(run)[0], seed=2, bars=2, temperature=1.0)[0][0])
    assert composer.html == compose_chorales(seed=2, temperature=1.0, write=lambda seed, temperature: again).html


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seed": 100}, "^seed: expected a whole number from 0 to 99, received 100"),
        ({"seed": 1.5}, "^seed: expected a whole number"),
        ({"temperature": 0.0}, "^temperature: expected a number from 0.1 to 2, received 0.0"),
    ],
)
def test_bad_choices_are_named(wrong, message):
    with pytest.raises(ParameterError, match=message):
        compose_chorales(write=four_voices, **wrong)
