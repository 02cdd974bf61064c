import re

import ipywidgets
import pytest

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array
from lab_utils.widgets import listening_test


def notes(*pitches):
    """Scores of one note each."""
    return [Score(note_array([(0, 1, pitch)])) for pitch in pitches]


REAL, MADE = notes(60, 62, 64, 65), notes(72, 74, 76)


def heard(test):
    """How long each excerpt sounds: each player's own samples."""
    return [player.samples.tobytes() for player in test.players.players]


def test_half_is_real_and_the_seed_draws():
    test = listening_test(REAL, MADE, count=6, seed=1)
    assert len(test.key) == len(test.buttons) == len(test.players.players) == 6 and sum(test.key) == 3
    assert len(set(heard(test))) == 6  # nothing is heard twice
    again, other = listening_test(REAL, MADE, count=6, seed=1), listening_test(REAL, MADE, count=6, seed=2)
    assert (again.key, heard(again)) == (test.key, heard(test)) and heard(other) != heard(test)


def test_the_key_tells_what_is_heard():
    test = listening_test(notes(60), notes(84), count=2, seed=0)
    alone = listening_test(notes(60), notes(60), count=2).players.players[0].samples.tobytes()
    assert [sound == alone for sound in heard(test)] == test.key


def test_the_result_comes_with_the_last_answer():
    test = listening_test(REAL, MADE, count=4, seed=0)
    assert test.answers == [None] * 4 and "0 of 4 answered" in test.result.value
    for buttons, real in zip(test.buttons[:3], test.key, strict=False):
        buttons.value = "real" if real else "made"
    assert "3 of 4 answered" in test.result.value and "Real:" not in test.result.value
    test.buttons[3].value = "made" if test.key[3] else "real"
    assert test.answers == [*test.key[:3], not test.key[3]]
    assert "<b>3 of 4 right.</b>" in test.result.value
    assert "between 19% and 99%" in test.result.value and "in 31% of all tests" in test.result.value
    real = [number for number, is_real in enumerate(test.key, 1) if is_real]
    assert f"Real: {real[0]}, {real[1]}." in test.result.value


def test_a_page_without_widgets_gets_the_sounds_and_a_folded_key():
    test = listening_test(REAL, MADE, count=4, seed=0)
    data = test._repr_mimebundle_()
    assert data["text/plain"] == "ListeningTest: 4 excerpts, 2 of them real"
    assert data["text/html"].count('src="data:audio/mpeg;base64,') == 4
    assert re.search(r"<details><summary>.*</summary>.*Real: \d, \d\. Made: \d, \d\..*</details>$", data["text/html"])
    assert "Real:" not in data["text/html"].split("<details>")[0]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == test.box.model_id
    assert isinstance(test.result, ipywidgets.HTML) and test.result in test.box.children


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 3}, "count: expected an even number from 2 up, .* received 3"),
        ({"count": 0}, "received 0"),
        ({"count": 8}, "made: expected at least 4 Scores for 8 excerpts, received 3"),
    ],
)
def test_wrong_choices_are_named(options, message):
    with pytest.raises(ParameterError, match=message):
        listening_test(REAL, MADE, **options)
