import json

import numpy as np
import pytest

from lab_utils.encoding.abc_vocabulary import END, LAST_BAR, LAST_PLACE, Vocabulary
from lab_utils.errors import ParameterError

TUNE = ["[M:6/8]", "[K:Gmaj]", "|:", "G,", "|", "C2", "-", "C/2", "e2/3", "|", "^F3", "z3", ":|", "[2", "c6", "|]"]


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary([TUNE])


def test_numbers_and_back(vocabulary):
    assert len(vocabulary) == 1 + len(set(TUNE)) and vocabulary.names[0] == END
    ids = vocabulary.ids(TUNE)
    assert ids.dtype == np.int32 and ids.min() > 0
    assert vocabulary.symbols(ids) == TUNE
    assert "G," in vocabulary and "G" not in vocabulary


def test_the_first_end_behind_the_start_ends_a_tune(vocabulary):
    ids = vocabulary.ids(TUNE)
    assert vocabulary.symbols([0, 0, *ids, 0, *ids, 0, 0]) == TUNE
    assert vocabulary.symbols([0, 0]) == [] == vocabulary.symbols([])


def test_numbers_do_not_hang_on_the_order(vocabulary):
    assert Vocabulary(reversed(TUNE)) == vocabulary
    assert Vocabulary(TUNE[:-1]) != vocabulary
    assert vocabulary.names[1:6] == ("[M:6/8]", "[K:Gmaj]", ":|", "|", "|:")
    assert vocabulary.names[-8:] == ("-", "z3", "G,", "C/2", "C2", "^F3", "c6", "e2/3")


def test_what_each_symbol_does_to_the_clock(vocabulary):
    told = {
        name: (
            int(vocabulary.durations[i]),
            bool(vocabulary.is_bar[i]),
            bool(vocabulary.is_section[i]),
            bool(vocabulary.is_note[i]),
        )
        for i, name in enumerate(vocabulary.names)
    }
    assert told[END] == (0, True, True, False)
    assert told["|"] == (0, True, False, False) and told[":|"] == (0, True, True, False)
    assert told["-"] == told["[2"] == told["[K:Gmaj]"] == (0, False, False, False)
    assert told["C2"] == (24, False, False, True) and told["e2/3"] == (8, False, False, True)
    assert told["z3"] == (36, False, False, False)


def test_places_by_hand(vocabulary):
    places = vocabulary.places(vocabulary.ids(TUNE))
    assert places.tolist() == [0, 0, 0, 0, 12, 0, 24, 24, 30, 38, 0, 36, 72, 0, 0, 72]
    numbers = vocabulary.bar_numbers(vocabulary.ids(TUNE))
    assert numbers.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 0, 0, 0]


def test_the_running_rule_gives_the_same(vocabulary):
    """Symbol by symbol, as a network keeps the clock; long enough to reach both limits."""
    ids = np.random.default_rng(3).integers(0, len(vocabulary), 400)
    ids = np.concatenate([ids, np.repeat(vocabulary.ids(["c6", "|"]), 30), [0, 1, 2]])
    place = bars = 0
    for token, expected, number in zip(ids, vocabulary.places(ids), vocabulary.bar_numbers(ids), strict=True):
        assert (expected, number) == (place, bars)
        place = 0 if vocabulary.is_bar[token] else min(place + vocabulary.durations[token], LAST_PLACE)
        bars = 0 if vocabulary.is_section[token] else min(bars + vocabulary.is_bar[token], LAST_BAR)
    assert vocabulary.places(ids).max() == LAST_PLACE and vocabulary.bar_numbers(ids).max() == LAST_BAR
    assert vocabulary.places(ids).dtype == np.int32 and vocabulary.places([]).shape == (0,)


def test_json_and_back(vocabulary):
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary


@pytest.mark.parametrize("content", [None, {}, {"symbols": "abc"}, {"symbols": ["C2", END]}, {"symbols": [END, "C2", "C2"]}])
def test_json_that_is_no_vocabulary(content):
    with pytest.raises(ParameterError, match="^content: "):
        Vocabulary.from_dict(content)


def test_bad_input(vocabulary):
    with pytest.raises(ParameterError, match=r"vocabulary of 16, received 'G'; leave that tune out"):
        vocabulary.ids(["C2", "G"])
    with pytest.raises(ParameterError, match="received 'H2'"):
        Vocabulary(["C2", "H2"])
    for ids in ([len(vocabulary)], [-1], [[1]], [0.5], 3):
        with pytest.raises(ParameterError, match="^ids: expected a row of numbers 0–15"):
            vocabulary.symbols(ids)
        with pytest.raises(ParameterError, match="^ids: "):
            vocabulary.places(ids)
