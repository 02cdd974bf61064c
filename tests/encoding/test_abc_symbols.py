from fractions import Fraction

import pytest

from lab_utils.encoding.abc_symbols import (
    MODES,
    bar_ticks,
    from_c,
    key_alter,
    key_of,
    key_sharps,
    kind,
    length_text,
    meter_of,
    moved,
    note_of,
    note_symbol,
    steps_down,
    ticks,
    to_c,
)
from lab_utils.errors import ParameterError
from lab_utils.files import abc_fields


@pytest.mark.parametrize(
    ("symbol", "what", "length"),
    [
        ("[M:6/8]", "meter", 0), ("[K:Bbmaj]", "key", 0), ("|", "bar", 0), ("::", "bar", 0), ("[1", "ending", 0),
        ("-", "tie", 0),
        ("z", "rest", 12), ("z3/2", "rest", 18), ("A", "note", 12), ("^c'2", "note", 24), ("_B,/2", "note", 6),
        ("e2/3", "note", 8),
        ("c/12", "note", 1), ("c/24", "", 0), ("c0", "", 0), ("c/0", "", 0), ("^z", "", 0), ("z,", "", 0), ("H", "", 0),
        ("", "", 0),
        ("[K:Xmaj]", "", 0), ("[K:G]", "", 0), ("[M:C]", "", 0), ("<end>", "", 0), ("A B", "", 0),
    ],
)  # fmt: skip
def test_what_a_symbol_is_and_how_long(symbol, what, length):
    assert (kind(symbol), ticks(symbol)) == (what, length)


@pytest.mark.parametrize(("meter", "length"), [("[M:4/4]", 96), ("[M:6/8]", 72), ("[M:9/8]", 108), ("[M:2/2]", 96)])
def test_a_bar_in_ticks(meter, length):
    assert bar_ticks(meter) == length


@pytest.mark.parametrize("symbol", ["C", "c", "^c'2", "_B,,/2", "=f3/4", "__a2/3", "^^g'"])
def test_notes_come_back(symbol):
    assert note_symbol(*note_of(symbol)) == symbol


def test_a_note_by_its_parts():
    assert note_of("^c2") == ("C", 5, 1, Fraction(2))
    assert note_of("A,/2") == ("A", 3, None, Fraction(1, 2))
    assert [length_text(Fraction(*length)) for length in ((1, 1), (3, 1), (1, 2), (3, 2))] == ["", "3", "/2", "3/2"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tonic", ["C", "D", "E", "F", "G", "A", "B", "Bb", "Eb", "F#"])
def test_keys_as_the_files_know_them(tonic, mode):
    sharps = key_sharps(tonic[0], tonic[1:], mode)
    if abs(sharps) > 7:
        with pytest.raises(ParameterError, match="at most seven signs"):
            key_of(f"[K:{tonic}{mode}]")
        return
    assert key_of(f"[K:{tonic}{mode}]") == (tonic[0], tonic[1:], mode)
    (known, _), alters = abc_fields.key(tonic + mode)
    assert known == sharps
    assert {letter: key_alter(letter, sharps) for letter in "CDEFGAB"} == alters


def test_letters_are_moved_over_the_octave():
    assert moved("C", 5, -1) == ("B", 4)
    assert moved("B", 3, 1) == ("C", 4)
    assert [steps_down(tonic) for tonic in "CDEFGAB"] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("note", "key", "written"),
    [
        (("G", 4, 0), ("G", "", "maj"), ("C", 4, None)),  # the tonic
        (("F", 5, 1), ("G", "", "maj"), ("B", 4, None)),  # the leading note is in the key
        (("F", 5, 0), ("G", "", "maj"), ("B", 4, -1)),  # flattened
        (("G", 4, 1), ("A", "", "min"), ("B", 3, 0)),  # the leading note of A minor: B natural in C minor
        (("F", 4, 1), ("A", "", "dor"), ("A", 3, None)),  # the sixth of the Dorian mode
        (("B", 4, -1), ("B", "b", "maj"), ("C", 4, None)),
    ],
)
def test_notes_as_if_the_tonic_were_c(note, key, written):
    assert to_c(*note, key) == written
    assert from_c(*written, key) == note


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tonic", "CDEFGAB")
def test_every_note_comes_back_from_c(tonic, mode):
    key = (tonic, "", mode)
    if abs(key_sharps(*key)) > 7:
        pytest.skip("no such key")
    notes = [(letter, octave, alter) for letter in "CDEFGAB" for octave in (3, 5) for alter in (-1, 0, 1)]
    assert [from_c(*to_c(*note, key), key) for note in notes] == notes


@pytest.mark.parametrize("ask", [meter_of, key_of])
@pytest.mark.parametrize("symbol", ["A2", "[M:6/7]", "[K:H]"])
def test_what_is_no_head(ask, symbol):
    with pytest.raises(ParameterError, match="^symbols: expected a "):
        ask(symbol)
