"""Every kind of widget of the course, in one page of JupyterLab and in one of Voilà: each is moved, and what should change does.

What is to change is the staff, the figure, the sound or the text; whether the browser can decode them is asked for too. The pad,
the roll of pins and the live dialogue, which bring a script of their own, have tests of their own.
"""

import re

import pytest

from lab_utils import widgets

CELLS = {
    "explore_receptive_field": "from lab_utils.widgets import explore_receptive_field\nexplore_receptive_field()",
    "compose_chorales": """
from lab_utils.score import Score, note_array
from lab_utils.widgets import compose_chorales

def write(seed, temperature):
    soprano, alto = 60 + seed, 48 + round(10 * temperature)
    return Score(note_array([(0, 4, soprano, 80, 0), (0, 4, alto, 80, 1), (0, 4, 52, 80, 2), (0, 4, 45, 80, 3)]))

compose_chorales(seed=3, write=write)
""",
    "browse_bars": "from lab_utils.widgets import browse_bars\nbrowse_bars(style='tune')",
    "explore_choices": """
import numpy as np
from lab_utils.widgets import explore_choices

def draw(ax, waves, height):
    ax.plot(height * np.sin(2 * np.pi * waves * np.linspace(0, 1, 200)))

explore_choices(draw, waves=(1, 2, 4), height=(0.5, 1.0))
""",
    "explore_fifths": """
from lab_utils.widgets import explore_fifths
explore_fifths({"to the right": lambda places: places[:, 0], "upwards": lambda places: places[:, 1]})
""",
    "explore_latent": """
from lab_utils.widgets import explore_latent

def tune(first, second):
    return Score(note_array((i, 1, 60 + round(2 * first) + round(second) * i) for i in range(4)))

explore_latent(tune, np.random.default_rng(0).normal(size=(60, 2)), x="height", y="slope")
""",
    "listening_test": """
from lab_utils.widgets import listening_test
low, high = ([Score(note_array((i, 1, pitch + 2 * i) for i in range(3)))] for pitch in (60, 72))
listening_test(low, high, count=2)
""",
    "explore_scores": """
from lab_utils.widgets import explore_scores

def phrase(number):
    return Score(note_array((i, 1, 60 + number + i) for i in range(4)), title=f"phrase {number}")

explore_scores(phrase, number=range(3))
""",
    "explore_trials": """
from lab_utils.widgets import explore_trials

def fall(speed):
    return 0.5 + 3 * np.exp(-speed * np.arange(40))

explore_trials({"sgd": {0.1: fall(0.02), 1.0: fall(0.05)}, "adam": {0.001: fall(0.1), 0.01: fall(0.2), 0.1: fall(0.01)}})
""",
    "explore_windows": """
from lab_utils.widgets import explore_windows
explore_windows(np.sin(2 * np.pi * 440 * np.arange(22050) / 22050).astype("float32"), 22050, window=512)
""",
    "gallery": """
from lab_utils.widgets import gallery, play
gallery({"the low one": play(low[0]), "the high one": high[0]})
""",
}
OWN_TESTS = {"live_dialogue", "latent_pad", "pin_roll"}
PARTS = {"play": "gallery", "Player": "gallery"}  # seen with


@pytest.fixture
def output(notebook):
    """A function from the name of a widget to its output in the page, scrolled to; what it shows has been decoded."""

    def found(name):
        part = notebook.output(list(CELLS).index(name))
        part.loaded()
        return part

    return found


def test_no_widget_is_left_out():
    assert set(widgets.__all__) == set(CELLS) | OWN_TESTS | set(PARTS)


def test_receptive_field(output, place):
    tree = output("explore_receptive_field")
    before = tree.seen()
    assert before["pictures"][0].startswith("data:image/png;base64,")
    tree.press("layers", times=2)
    after = tree.wait_until("Picture for layers 6, repeats 1", changed=before)  # by way of 5
    assert tree.widget("layers").locator(".widget-readout").text_content() == "6"
    assert len(after["pictures"][0]) > len(before["pictures"][0])  # a taller tree
    tree.photograph(f"receptive_{place}")


def test_composer(output, place):
    composer = output("compose_chorales")
    before = composer.seen()
    assert composer.play_seconds() > 1.5
    composer.press("seed")
    written = composer.wait_until("seed 4, temperature 0.9", changed=before)
    assert written["sounds"][0].startswith("data:audio/mpeg;base64,")
    composer.press("seed")  # once more: Lab hands later moves to another thread than the first
    written = composer.wait_until("seed 5, temperature 0.9", changed=written)
    composer.press("temperature", "ArrowLeft", times=2)
    composer.wait_until("seed 5, temperature 0.7", changed=written)
    composer.loaded()
    composer.photograph(f"composer_{place}")


def test_bars(output, place):
    bars = output("browse_bars")
    tune = bars.seen()
    bars.press("bar")
    second = bars.wait_until(", bar 2 · tune", changed=tune)
    bars.choose("style", "chorale")
    chorale = bars.wait_until("· chorale ·", changed=second)
    titles = bars.widget("piece").locator("option").all_text_contents()
    bars.choose("piece", titles[1])
    bars.wait_until(titles[1].replace("\xa0", " "), changed=chorale)
    bars.loaded()
    assert bars.play_seconds() > 1
    bars.photograph(f"bars_{place}")


def test_choices(output, place):
    curve = output("explore_choices")
    first = curve.seen()
    curve.press("waves")
    second = curve.wait_until("Picture for waves 2, height 0.5", changed=first)
    curve.press("height")
    curve.wait_until("Picture for waves 2, height 1", changed=second)
    curve.loaded()
    curve.photograph(f"choices_{place}")


def test_fifths(output, place):
    maps = output("explore_fifths")
    first = maps.seen()
    assert "to the right: 0.52 · upwards: 0.30" in first["text"]
    maps.press("hour", times=4)
    third = maps.wait_until("to the right: 0.60 · upwards: 0.00", changed=first)
    maps.press("distance", "ArrowLeft", times=6)  # so far that other notes are drawn
    maps.wait_until("to the right: 0.30 · upwards: 0.00", changed=third)
    maps.loaded()
    maps.photograph(f"fifths_{place}")


def test_latent(output, place):
    latent = output("explore_latent")
    middle = latent.seen()
    assert len(middle["pictures"]) == 2  # the map and the staff
    latent.press("height")
    higher = latent.wait_until("(+0.5, +0.0)", changed=middle)
    latent.press("slope", times=2)
    latent.wait_until("(+0.5, +1.0)", changed=higher)
    assert all(seconds > 2 for seconds in latent.loaded())
    latent.photograph(f"latent_{place}")


def test_listening(output, place):
    listening = output("listening_test")
    assert "0 of 2 answered" in listening.seen()["text"]
    assert len(listening.loaded()) == 2 and listening.play_seconds(1) > 1
    listening.click("real", 0)
    listening.wait_until("1 of 2 answered")
    listening.click("made", 1)
    told = listening.wait_until("of 2 right.")["text"]
    real, right = re.search(r"Real: (\d)\.", told).group(1), re.search(r"(\d) of 2 right", told).group(1)
    assert right == {"1": "2", "2": "0"}[real]
    listening.photograph(f"listening_{place}")


def test_scores(output, place):
    scores = output("explore_scores")
    first = scores.seen()
    scores.press("number")
    second = scores.wait_until("phrase 1", changed=first)
    scores.press("number")
    scores.wait_until("phrase 2", changed=second)
    scores.loaded()
    scores.photograph(f"scores_{place}")


def test_trials(output, place):
    trials = output("explore_trials")
    sgd = trials.seen()
    trials.choose("optimiser", "adam")
    adam = trials.wait_until("Losses of adam with learning rate 0.01", changed=sgd)
    assert "mean of the last 10 losses: 0.50" in adam["text"]
    trials.press("learning rate", "ArrowLeft")
    trials.wait_until("Losses of adam with learning rate 0.001", changed=adam)
    trials.loaded()
    trials.photograph(f"trials_{place}")


def test_windows(output, place):
    windows = output("explore_windows")
    short = windows.seen()
    assert "a bin every 43.1 Hz" in short["text"]
    windows.press("window")
    longer = windows.wait_until("a bin every 21.5 Hz", changed=short)
    windows.press("hop")
    windows.wait_until("a frame comes every 5.8 ms", changed=longer)
    windows.loaded()
    windows.photograph(f"windows_{place}")


def test_players(output, place):
    players = output("gallery")
    assert len(players.seen()["pictures"]) == 1  # the staff that one of them brought
    lengths = players.loaded()
    told = [float(length) for length in re.findall(r"one (\d\.\d) s", players.seen()["text"])]
    assert lengths == pytest.approx(told, abs=0.2)
    for number, length in enumerate(lengths):
        assert players.play_seconds(number) == length
    players.photograph(f"players_{place}")


def test_nothing_was_asked_of_the_internet(notebook):
    assert notebook.outside == []
