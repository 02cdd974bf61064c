"""What a rhythm fails in, counted by hand; the objective as a sum of what it is made of."""

import numpy as np
import pytest

from lab_utils.algorithms._swarm_wish import WEIGHTS, WORDS, Objective, Wish, lengths
from lab_utils.densities import Rhythm
from lab_utils.errors import ParameterError


def masks(*texts):
    return np.array([[letter == "x" for letter in text.replace("|", "")] for text in texts])


@pytest.fixture(scope="module")
def rhythm():
    return Rhythm(bar=4).fit(masks("x.x.|x.x.|xxxx|x...", "x.xx|x.x.|xxxx|x...", "x.x.|x.xx|xx..|x..."))


def failures(rhythm, wish, *texts):
    found = Objective(rhythm, wish).failures(masks(*texts))
    return {name: counts.tolist() for name, counts in found.items()}


def test_lengths_run_to_the_next_note():
    assert lengths(masks(".x..xx..", "........", "x.......")).tolist() == [
        [0, 3, 0, 0, 1, 3, 0, 0], [0] * 8, [8, 0, 0, 0, 0, 0, 0, 0],
    ]  # fmt: skip


def test_each_failure_is_counted(rhythm):
    wish = Wish(form="AABA", density=2, variation=1, contrast=2, cadence=4, bar=4)
    good = "x.x.|x.xx|xx..|x..."
    assert failures(rhythm, wish, good) == {
        "downbeats": [0], "lengths": [0], "cadence": [0], "density": [0], "repetition": [0], "contrast": [0],
    }  # fmt: skip
    assert failures(rhythm, wish, "x.x.|..xx|xx..|x...", ".x.x|x.xx|xx..|x...")["downbeats"] == [1, 1]
    assert failures(rhythm, wish, "x.x.|....|.x..|x...")["lengths"] == [1]  # two steps, then seven
    assert failures(rhythm, wish, "x.x.|x.xx|xx..|x.xx", "x.x.|x.xx|xx..|....", "x.x.|x.xx|xx..|.x..")["cadence"] == [2, 1, 2]
    assert failures(rhythm, wish, "xxxx|x.xx|xx..|x...", "x...|x...|x...|x...")["density"] == [2, 4]
    # the second bar is to differ from the first in one step, the third in two or more; the last is the cadence, not compared
    assert failures(rhythm, wish, "x.x.|x.x.|xx..|x...", good, "x.x.|xx..|xx..|x...")["repetition"] == [1, 0, 1]
    assert failures(rhythm, wish, "xx..|xx..|xx..|x...", "xx..|xx.x|xx..|x...")["contrast"] == [2, 2]


def test_bars_are_compared_with_the_first_of_their_letter(rhythm):
    assert Wish(form="ABACB").pairs == [(0, 2, True), (1, 4, True), (0, 1, False), (0, 3, False), (1, 3, False)]
    wish = Wish(form="AB", density=2, contrast=4, cadence=2, bar=4)  # of the second bar half is compared, half of 4 is wanted
    assert failures(rhythm, wish, "x.x.|x.x.", "x.x.|xxx.", "....|xxx.")["contrast"] == [2, 1, 0]


def test_without_a_cadence_all_bars_are_compared(rhythm):
    wish = Wish(form="AA", density=2, variation=0, cadence=0, bar=4)
    found = failures(rhythm, wish, "x.x.|x.xx", "x.x.|x.x.")
    assert found["repetition"] == [1, 0] and found["cadence"] == [0, 0] and found["contrast"] == [0, 0]


def test_the_value_is_the_likelihood_less_the_failures(rhythm):
    wish, drawn = Wish(form="AB", density=2, cadence=2, contrast=2, bar=4), np.random.default_rng(0).random((50, 8)) < 0.5
    weights = {"density": 0.5}
    objective = Objective(rhythm, wish, weights=weights)
    found = objective.failures(drawn)
    lost = sum({**WEIGHTS, **weights}[name] * found[name] for name in WEIGHTS)
    np.testing.assert_allclose(objective(drawn), rhythm.log_likelihood(drawn) - lost)
    assert set(found) == set(WEIGHTS) == set(WORDS) and all(
        counts.any() for name, counts in found.items() if name != "repetition"
    )
    free = Objective(rhythm, wish, weights=dict.fromkeys(WEIGHTS, 0.0))
    np.testing.assert_allclose(free(drawn), rhythm.log_likelihood(drawn))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": ""}, "form: expected a letter for each"),
        ({"form": "A" * 17}, "form: expected"),
        ({"form": 4}, "form: expected"),
        ({"density": 17}, "density: expected 1 to 16"),
        ({"density": 0}, "density: expected"),
        ({"variation": -1}, "variation: expected"),
        ({"cadence": 17}, "cadence: expected 0 to 16"),
        ({"density": 5, "bar": 4}, "density: expected 1 to 4"),
    ],
)
def test_wishes_that_cannot_be(options, message):
    with pytest.raises(ParameterError, match=message):
        Wish(**options)


def test_bars_of_another_length(rhythm):
    with pytest.raises(ParameterError, match="rhythm: expected one of bars of 16 steps"):
        Objective(rhythm, Wish())
