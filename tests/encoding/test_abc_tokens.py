import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from lab_utils.encoding.abc_tokens import END, Vocabulary, abc_from_symbols, bars_right, symbols_from_abc
from lab_utils.errors import DataError, ParameterError
from lab_utils.files.abc import from_abc

CORPUS = Path(find_spec("music21").submodule_search_locations[0], "corpus")
KEYS = [
    "C",
    "G",
    "D",
    "A",
    "E",
    "F",
    "Bb",
    "Eb",
    "F#",
    "Am",
    "Em",
    "Dm",
    "Gm",
    "Bm",
    "F#m",
    "Ador",
    "Edor",
    "Dmix",
    "Amix",
    "Glyd",
]
EVERYTHING = """X:7
T:The  Toy
R:jig
M:6/8
L:1/8
Q:1/4=120
K:Ador
e|:{g}A2 B "Am"c>BA|(3ABc d ^c2 c|[EA]2A-A2 e|1 ~f2 =f f3:|2 _B3 zB,c'||
a6-|a3-a2-|1a6:|
"""


def top(score):
    """The highest note of every onset, as (onset, duration, pitch)."""
    rows = {}
    for onset, duration, pitch, *_ in score.notes.tolist():
        if onset not in rows or pitch > rows[onset][1]:
            rows[onset] = (duration, pitch)
    return [(onset, *row) for onset, row in sorted(rows.items())]


def same(text):
    """Whether a tune is the same before and after; the Score before it for a look."""
    before = from_abc(text)
    after = from_abc(abc_from_symbols(symbols_from_abc(text), title=before.title))
    frame = [(score.meters, score.keys, score.pickup_quarter, score.title) for score in (before, after)]
    return top(before) == top(after) and frame[0] == frame[1]


def symbols(music, key="C", meter="4/4"):
    return " ".join(symbols_from_abc(f"X:1\nM:{meter}\nL:1/8\nK:{key}\n{music}\n")[2:])


def written(row, *, key="[K:Cmaj]", meter="[M:4/4]"):
    return abc_from_symbols([meter, key, *row.split()]).split("K:")[1].split("\n", 1)[1].strip()


# --- round trips ------------------------------------------------------------------------------------------------------


def test_a_tune_with_everything_comes_back():
    assert same(EVERYTHING)


@pytest.mark.parametrize("key", KEYS)
def test_every_pitch_in_every_key_comes_back(key):
    notes = " ".join(
        f"{sign}{letter}" for letter in ("A,", "E", "F", "G", "c", "d", "b", "c'") for sign in ("", "^", "", "_", "=", "")
    )
    text = f"X:1\nM:4/4\nL:1/8\nK:{key}\n{notes.replace('G d', 'G | d')} | {notes}|]\n"
    assert same(text)


@pytest.mark.parametrize("book", ["oneills1850/0501-0550.abc", "oneills1850/1001-1031.abc", "oneills1850/1476-1555.abc"])
def test_real_tunes_come_back(book):
    tunes = re.split(r"^(?=X:)", (CORPUS / book).read_text("latin-1"), flags=re.MULTILINE)[1:]
    read = 0
    for tune in tunes[::3]:
        try:
            row = symbols_from_abc(tune)
        except DataError:
            continue
        assert same(tune), tune
        assert symbols_from_abc(abc_from_symbols(row)) == row
        read += 1
    assert read > 0.9 * len(tunes[::3])


def test_tunes_of_random_symbols_are_read_as_they_are_meant():
    """Sampled tunes make little sense; they must mean the same to the writer, the reader, and the reader of the files."""
    random = np.random.default_rng(5)
    body = "^F F F _D D ^c c c/2 e2/3 e2/3 d4/3 A/3 z z2 ^c' G,3/2 ^G,2 C4 - - | || |: :| :: [1 [2".split()  # noqa: SIM905
    for trial in range(60):
        key = ("Cmaj", "Gmaj", "Bbmaj", "Emin", "Ador", "Dmix")[trial % 6]
        row = ["[M:4/4]", f"[K:{key}]", "C", *random.choice(body, 60).tolist()]
        text = abc_from_symbols(row)
        tidy = symbols_from_abc(text)
        notes = [symbol for symbol in row if symbol[0] not in "[|:-"]
        assert [symbol for symbol in tidy if symbol[0] not in "[|:-"] == notes
        assert symbols_from_abc(abc_from_symbols(tidy)) == tidy
        assert same(text)


# --- text to symbols --------------------------------------------------------------------------------------------------


def test_a_tune_with_everything_as_symbols():
    row = symbols_from_abc(EVERYTHING)
    assert row[:2] == ["[M:6/8]", "[K:Ador]"]
    assert " ".join(row[2:]) == (
        "G |: C2 D E3/2 D/2 C | C2/3 D2/3 E2/3 F =E2 =E | C2 C - C2 G | [1 A2 _A _A3 :| [2 _D3 z _D, e || "
        "c6 - | c3 - c2 - | [1 c6 :|"
    )


def test_one_tonic_for_all():
    """The same scale in every key gives the same symbols."""
    scales = {"C": "CDEFGABc", "G": "GABcdefg", "D": "DEFGABcd", "Bb": "BcdefgabB"[:-1], "F": "FGABcdef"}
    assert {symbols(scale, key) for key, scale in scales.items()} == {"C D E F G A B c |]"}
    assert symbols("ABcdef^ga", "Am") == symbols("DEFGAB^cd", "Dm") == "C D E F G A =B c |]"
    assert symbols("CDEFGABc", "Cm") == symbols("ABcdefga", "Am") == "C D E F G A B c |]"


def test_other_units_and_meters():
    assert symbols_from_abc("X:1\nM:C|\nL:1/16\nK:D\nD4 D2 D|\n")[:4] == ["[M:2/2]", "[K:Dmaj]", "C2", "C"]
    assert symbols("C>DE<F C>>D") == "C3/2 D/2 E/2 F3/2 C7/4 D/4 |]"


def test_ties_that_lead_nowhere_are_dropped():
    assert symbols("C-|C D-E-z E-") == "C - | C D E z E |]"


def test_the_first_of_many_tunes_is_taken():
    assert symbols_from_abc("words\n\nX:1\nM:2/4\nL:1/8\nK:C\nC4|\n\nX:2\nM:2/4\nK:C\nD4|\n")[2:] == ["C4", "|]"]


@pytest.mark.parametrize("text", ["", "no tune", "X:1\nM:2/4\nK:C\n", "X:1\nM:2/4\nK:C\nC\nK:D\nD\n"])
def test_what_is_no_tune(text):
    with pytest.raises(DataError, match="^text: .*; "):
        symbols_from_abc(text)


# --- symbols to text --------------------------------------------------------------------------------------------------


def test_a_tune_as_it_is_written():
    row = ["[M:6/8]", "[K:Gmaj]", "G", "|", "C2", "D", "E2", "F", "|", "=B,3", "C3", "|]"]
    text = abc_from_symbols(row, title="A  100 % Jig", number=7)
    assert text == "X:7\nT:A 100 \\% Jig\nM:6/8\nL:1/8\nK:G\nd | G2A B2c | F3 G3 |]\n"
    assert abc_from_symbols([row[1], row[0], *row[2:]], title="A 100 % Jig", number=7) == text
    assert [abc_from_symbols(["[M:2/4]", f"[K:{key}]", "C4"]).splitlines()[4] for key in ("Amin", "Ador", "Bbmaj", "F#min")] == [
        "K:Am", "K:Ador", "K:Bb", "K:F#m",
    ]  # fmt: skip


def test_notes_are_beamed_by_the_beat():
    assert written("C D E F G A B c |") == "CDEF GABc |"
    assert written("G | C D E F |", meter="[M:2/4]") == "G | CD EF |"
    assert written("C/2 D/2 E E F |", meter="[M:2/4]") == "C/2D/2E EF |"


def test_triplets_are_put_together():
    assert written("C2/3 D2/3 E2/3 F |") == "(3CDEF |"
    assert written("C4/3 D2/3 E/3 F/3 G/3 |") == "(3:2:2C2D(3E/2F/2G/2 |"
    assert written("C2/3 D2/3 |") == "(3:2:2CD |"  # what is left open is still as long as it says
    assert written("C2/3 z2/3 C2/3 |") == "(3CzC |"


def test_an_accidental_is_undone_in_the_bar():
    assert written("^F F F ^F | F =F _B B |") == "^F=F=F^F | FF_B=B |"
    assert written("^F - | F F |") == "^F- | =FF |"  # a tie would carry it over
    assert written("_B ^F |", key="[K:Gmaj]") == "=f^c |"


def test_some_bars_a_line():
    assert written("C8 | " * 5 + "C8 |]").split("\n") == ["C8 | C8 | C8 | C8 |", "C8 | C8 |]"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("", "a meter and a key first"),
        ("[M:4/4] C D", "a meter and a key first"),
        ("[M:4/4] [K:Cmaj]", "at least one note"),
        ("[M:4/4] [K:Cmaj] z |", "at least one note"),
        ("[M:4/4] [K:Cmaj] C [M:4/4] D", r"after the first two, received '\[M:4/4\]'"),
        ("[M:4/4] [K:Cmaj] C ? D", r"received '\?'"),
        (f"[M:4/4] [K:Cmaj] C {END}", "received '<end>'"),
        ("[M:4/4] [K:B#maj] C", "at most seven signs"),
        ("[M:4/4] [K:Emin] ^^E", "at most a double sharp or flat"),
    ],
)
def test_what_makes_no_tune(row, message):
    with pytest.raises(ParameterError, match=message):
        abc_from_symbols(row.split())


def test_the_module_offers_what_a_recipe_needs():
    row = symbols_from_abc(EVERYTHING)
    vocabulary = Vocabulary([row])
    assert vocabulary.symbols(vocabulary.ids(row)) == row
    assert bars_right(row) == (7, 9)  # nothing completes the upbeat, and a bar has five eighths
