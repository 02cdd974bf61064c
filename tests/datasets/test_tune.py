import numpy as np
import pytest

from lab_utils.datasets.tune import Tune
from lab_utils.encoding.abc_tokens import symbols_from_abc


@pytest.fixture
def tune():
    text = "X:1\nM:6/8\nL:1/8\nK:Ador\nE|A2B c>BA|(3AGE A3 ^c/B/|A3 A2:|\n"
    return Tune("toy", "A Toy", "Ryan", "jig", tuple(symbols_from_abc(text)))


def test_what_a_tune_knows(tune):
    assert (tune.meter, tune.key, len(tune)) == ((6, 8), "Ador", len(tune.symbols))


def test_a_tune_in_its_own_key_again(tune):
    assert tune.abc.startswith("X:1\nT:A Toy\nM:6/8\nL:1/8\nK:Ador\nE | A2B c3/2B/2A |")
    assert symbols_from_abc(tune.abc) == list(tune.symbols)
    assert (tune.score.title, tune.score.meter, tune.score.key, tune.score.pickup_quarter) == ("A Toy", (6, 8), (1, "minor"), 0.5)
    assert tune.score.notes["pitch"].tolist()[:5] == [64, 69, 71, 72, 71]


@pytest.mark.parametrize(
    ("key", "body", "up"),
    [("Ador", "E|A2B c>BA|(3AGE A3 ^c/B/|A3 A2:|", 9), ("Bbmaj", "B2 =E2-|E4|z2 e2|]", 10), ("F#min", "F2 A2- A2|=f3 z|]", 6)],
)
def test_the_melody_from_the_symbols_is_that_of_the_score(key, body, up):
    tune = Tune("toy", "", "Ryan", "jig", tuple(symbols_from_abc(f"X:1\nM:4/4\nL:1/8\nK:{key}\n{body}\n")))
    pitches, ticks = tune.melody
    np.testing.assert_array_equal(pitches + up, tune.score.notes["pitch"])
    np.testing.assert_allclose(ticks / 24, tune.score.notes["duration_quarter"])
