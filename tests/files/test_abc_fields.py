from fractions import Fraction as F

import music21
import pytest

from lab_utils.errors import DataError
from lab_utils.files import abc_fields


@pytest.mark.parametrize(
    ("value", "meter"),
    [("6/8", (6, 8)), ("C", (4, 4)), ("C|", (2, 2)), ("none", (4, 4)), ("(2+3)/8", (5, 8)), ("2+2+3 / 16", (7, 16))],
)
def test_meters(value, meter):
    assert abc_fields.meter(value) == meter


@pytest.mark.parametrize("value", ["", "3", "0/4", "3/5", "4/0", "waltz"])
def test_what_is_no_meter(value):
    with pytest.raises(DataError, match="^M: expected a meter"):
        abc_fields.meter(value)


@pytest.mark.parametrize(("value", "length"), [("1/8", F(1, 8)), ("1", F(1)), ("3/16 ", F(3, 16))])
def test_lengths(value, length):
    assert abc_fields.fraction(value) == length


@pytest.mark.parametrize("value", ["", "1/0", "0/8", "-1/8", "short"])
def test_what_is_no_length(value):
    with pytest.raises(DataError, match="^L: expected a length"):
        abc_fields.fraction(value)


@pytest.mark.parametrize(
    ("value", "quarters"),
    [
        ("1/4=120", 120.0),
        ("3/8 = 60", 90.0),
        ('"Allegro" 1/4=66.5', 66.5),
        ('1/2=60 "Andante"', 120.0),
        ("1/4 1/8=40", 60.0),
        ("120", 60.0),  # of the unit, an eighth
        ("C=120", 60.0),
        ("C3=40", 60.0),
        ('"Adagio"', None),
        ("", None),
    ],
)
def test_tempos(value, quarters):
    assert abc_fields.tempo(value, F(1, 2)) == quarters


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("C", (0, "major")),
        ("Am", (0, "minor")),
        ("F#min", (3, "minor")),
        ("Bb", (-2, "major")),
        ("Ebm", (-6, "minor")),
        ("Ador", (1, "minor")),
        ("D mix", (1, "major")),
        ("EPhrygian", (0, "minor")),
        ("F Lydian", (0, "major")),
        ("Bloc", (0, "minor")),
        ("G clef=bass", (1, "major")),
        ("HP", (2, "major")),
        ("none", None),
        ("", None),
    ],
)
def test_keys(value, key):
    assert abc_fields.key(value)[0] == key


@pytest.mark.parametrize("value", ["C", "G", "Am", "Bbm", "Ador", "Dmix", "Ephr", "Flyd", "Bloc", "C#", "Cb"])
def test_music21_knows_the_same_signatures(value):
    letter, mode = value.rstrip("mdorixphlyc"), value.lstrip("ABCDEFG#b")
    oracle = music21.key.Key(letter.replace("b", "-"), {"": "major", "m": "minor", "dor": "dorian", "mix": "mixolydian",
                             "phr": "phrygian", "lyd": "lydian", "loc": "locrian"}[mode])  # fmt: skip
    (sharps, _), alters = abc_fields.key(value)
    assert sharps == oracle.sharps
    assert {step: alter for step, alter in alters.items() if alter} == {p.step: int(p.alter) for p in oracle.alteredPitches}


def test_a_key_may_have_accidentals_of_its_own():
    assert abc_fields.key("D =c ^g")[1] == {"F": 1, "C": 0, "G": 1, "D": 0, "A": 0, "E": 0, "B": 0}


@pytest.mark.parametrize("value", ["H", "Bn", "G#", "Fbm", "c"])
def test_what_is_no_key(value):
    with pytest.raises(DataError, match="^K: expected a key"):
        abc_fields.key(value)
