import pytest

from lab_utils.encoding.abc_reading import read_body, read_head
from lab_utils.errors import DataError


def events(music, head="M:6/8\nL:1/8\nK:G"):
    head, body = read_head(f"X:1\nT:Toy\n{head}\n{music}\n")
    return read_body(body, head)


def lengths(music, head="M:6/8\nL:1/8\nK:G"):
    return [str(event.length) for event in events(music, head) if event.what == "sound"]


def pitches(music, head="M:6/8\nL:1/8\nK:G"):
    return [event.pitch for event in events(music, head) if event.what == "sound"]


def signs(music):
    return [event.text or "." for event in events(music)]


def test_the_head():
    head, body = read_head("X:1\nM: C| % cut\nQ:120\nR:reel\nL:1/4\nK:A minor\nABc\n\nX:2\nK:C\nC\n")
    assert (head.meter, head.key, head.unit) == ((2, 2), ("A", "", "min"), 2)
    assert body[0] == "ABc"


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("G", ("G", "", "maj")), ("Am", ("A", "", "min")), ("EM", ("E", "", "min")), ("Bb", ("B", "b", "maj")),
        ("F#m", ("F", "#", "min")),
        ("D mix", ("D", "", "mix")), ("Edorian", ("E", "", "dor")), 
        ("Glydian", ("G", "", "lyd")), ("GMix % odd", ("G", "", "mix")),
    ],
)  # fmt: skip
def test_keys(told, key):
    assert read_head(f"X:1\nM:2/4\nK:{told}\nC\n")[0].key == key


@pytest.mark.parametrize(("meter", "unit"), [("2/4", "1/2"), ("3/4", "1"), ("5/8", "1/2"), ("C", "1")])
def test_the_unit_that_goes_without_saying(meter, unit):
    assert str(read_head(f"X:1\nM:{meter}\nK:G\nC\n")[0].unit) == unit


def test_lengths():
    assert lengths("A A2 A/ A/2 A3/2 A// z3 x") == ["1", "2", "1/2", "1/2", "3/2", "1/4", "3", "1"]
    assert lengths("A2 A", "M:6/8\nL:1/16\nK:G") == ["1", "1/2"]
    assert lengths("A [L:1/16] A\nL:1/4\nA") == ["1", "1/2", "2"]
    assert lengths("Z A Z2") == ["6", "1", "12"]


def test_broken_rhythm_and_tuplets():
    assert lengths("A>B c<d e2>f2 g>>a") == ["3/2", "1/2", "1/2", "3/2", "3", "1", "7/4", "1/4"]
    assert lengths("A>{g}B A > ~B") == ["3/2", "1/2", "3/2", "1/2"]
    assert lengths("(3ABc d (2AB (4ABcd") == ["2/3", "2/3", "2/3", "1", "3/2", "3/2", "3/4", "3/4", "3/4", "3/4"]
    assert lengths("(3:2:2A2B c (3A>Bc", "M:2/4\nL:1/8\nK:G") == ["4/3", "2/3", "1", "1", "1/3", "2/3"]


def test_accidentals_last_through_the_bar():
    assert pitches("f =f f F | f ^c c") == [78, 77, 77, 65, 78, 73, 73]
    assert pitches("^^c __c _B") == [74, 70, 70]
    assert pitches("^c-|c c") == [73, 73, 72]  # a tie carries it over the bar line, to one note


def test_chords_keep_the_top_note():
    assert pitches("[G2Bd] [dG]") == [74, 74]
    assert lengths("[G2B]2 [GB]") == ["4", "1"]
    assert [event.tied for event in events("[G-d] [Gd-]") if event.what == "sound"] == [False, True]


def test_what_is_passed_over():
    assert pitches('{ga}A !trill!A "Am"A uvA ~A .A (AA) A`A +trill+A yA \\ % A') == [69] * 12
    assert pitches("A\nw: la la\nN:B\n%%text C\nA\n\nc") == [69, 69]


def test_bar_lines():
    assert signs("A|A||A|]") == [".", "|", ".", "||", ".", "|]"]
    assert signs("|:A:|:A::A:||:A:|") == ["|:", ".", "::", ".", "::", ".", "::", ".", ":|"]
    assert signs("|A| |A|\n|:A|]\n|A") == [".", "|", ".", "|:", ".", "||", ".", "|]"]
    assert signs("A|1A:|2A|]") == [".", "|", "[1", ".", ":|", "[2", ".", "|]"]
    assert signs("A|[1 A :| [2 A || [2") == [".", "|", "[1", ".", ":|", "[2", ".", "|]"]
    assert signs("[|A[|]A") == [".", "||", ".", "|]"]


def test_a_field_that_changes_nothing():
    assert pitches("f\nM:6/8\nK:G\nf [K:G] f") == [78, 78, 78]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no key field"),
        ("X:1\nM:2/4\nabc\n", r"no key field"),
        ("X:1\nK:G\nA\n", r"no meter \(M:\)"),
        ("X:1\nM:2/4\nK:none\nA\n", r"K: expected a tonic with a mode .* received 'none'"),
        ("X:1\nM:2/4\nK:D ^g\nA\n", r"no accidentals beside it, received 'D \^g'"),
        ("X:1\nM:2/4\nK:G#\nA\n", r"K: expected"),
        ("X:1\nM:none\nK:G\nA\n", r"M: expected a meter like 6/8, received 'none'"),
        ("X:1\nM:2/4\nL:x\nK:G\nA\n", r"L: expected a length like 1/8, received 'x'"),
        ("X:1\nM:2/4\nV:1\nK:G\nA\n", r"several voices"),
        ("X:1\nM:2/4\nK:G\nA\nV:2\nA\n", r"several voices"),
        ("X:1\nM:2/4\nK:G\nA&A\n", r"laid over one another"),
        ("X:1\nM:2/4\nK:G\nA\nM:3/4\nA\n", r"changes its meter to 3/4"),
        ("X:1\nM:2/4\nK:G\nA [K:D] A\n", r"changes its key to D"),
        ("X:1\nM:2/4\nK:G\nz4|\n", r"no notes"),
        ("X:1\nM:2/4\nK:G\n(5ABcde\n", r"note of 1/5 eighths, no whole number of ticks"),
        ("X:1\nM:2/4\nK:Cb\n^^F\n", r"more than a double sharp or flat from the key"),
    ],
)
def test_bad_tunes(text, message):
    with pytest.raises(DataError, match=message):
        read_body(*reversed(read_head(text)))
