from pathlib import Path

import music21
import numpy as np
import pytest
from music21.abcFormat import ABCHandler, translate

from lab_utils.errors import DataError
from lab_utils.files.abc_tune import read_tune
from lab_utils.files.musicxml import from_music21

HEAD = "X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n"
CORPUS = music21.__path__[0] + "/corpus/"


def rows(music, head=HEAD):
    """(onset, duration, pitch) of each note, in quarters."""
    score = read_tune(head + music, "text")
    return [(float(n["onset_quarter"]), float(n["duration_quarter"]), int(n["pitch"])) for n in score.notes]


def pitches(music, head=HEAD):
    return [row[2] for row in rows(music, head)]


def durations(music, head=HEAD):
    return [row[1] for row in rows(music, head)]


def test_letters_are_pitches():
    assert pitches("C,, C, C B c b c' c''") == [36, 48, 60, 71, 72, 83, 84, 96]


@pytest.mark.parametrize(
    ("length", "quarters"),
    [
        ("", 0.5),
        ("2", 1),
        ("3", 1.5),
        ("/", 0.25),
        ("/2", 0.25),
        ("//", 0.125),
        ("3/2", 0.75),
        ("3/", 0.75),
        ("/4", 0.125),
        ("8", 4),
    ],
)
def test_lengths_count_units(length, quarters):
    assert durations(f"C{length}") == [quarters]


@pytest.mark.parametrize(
    ("head", "quarters"),
    [
        ("M:2/4\n", 0.25),
        ("M:3/4\n", 0.5),
        ("M:6/8\n", 0.5),
        ("M:C\n", 0.5),
        ("M:2/4\nL:1/8\n", 0.5),
        ("L:1/4\nM:2/4\n", 1),
        ("", 0.5),
    ],
)
def test_the_unit_follows_the_meter_unless_told(head, quarters):
    assert durations("C", f"X:1\n{head}K:C\n") == [quarters]


def test_accidentals_last_to_the_bar_line_in_every_octave():
    assert pitches("^F F f =F F | F _B B b B, | B") == [66, 66, 78, 65, 65, 65, 70, 70, 82, 58, 71]
    assert pitches("F =F F | F f", HEAD.replace("K:C", "K:D")) == [66, 65, 65, 66, 78]
    assert pitches("__B ^^C") == [69, 62]


def test_rests_and_bars_of_rest():
    assert rows("C2 z2 C4 | Z | x4 C4 | Z2 | C") == [(0, 1, 60), (2, 2, 60), (10, 2, 60), (20, 0.5, 60)]


def test_ties_and_chords():
    assert rows("C4-C4-|C8") == [(0, 8, 60)]
    assert rows("[CEG]4-[CEG]4") == [(0, 4, 60), (0, 4, 64), (0, 4, 67)]
    assert rows("[C-E]4 [CF]4") == [(0, 4, 60), (0, 2, 64), (2, 2, 65)]
    assert rows("[C2E2]2 C") == [(0, 2, 60), (0, 2, 64), (2, 0.5, 60)]
    assert rows("^F4-|F4 | F4") == [(0, 4, 66), (4, 2, 65)]  # the accidental goes on with the tie, and with it alone
    assert rows("C4- D4 C4") == [(0, 2, 60), (2, 2, 62), (4, 2, 60)]


def test_broken_rhythm():
    assert durations("C>D E<F G>>A B <<c") == [0.75, 0.25, 0.25, 0.75, 0.875, 0.125, 0.125, 0.875]
    assert rows("C>z D") == [(0, 0.75, 60), (1, 0.5, 62)]
    assert rows("[CE]>(D E)")[:3] == [(0, 0.75, 60), (0, 0.75, 64), (0.75, 0.25, 62)]


def test_tuplets():
    assert durations("(3CDE F") == pytest.approx([1 / 3] * 3 + [0.5])
    assert durations("(3C2D2E2 (3:2:2C2D") == pytest.approx([2 / 3] * 3 + [2 / 3, 1 / 3])
    assert durations("(5:4:5C/D/E/F/G/ (2CD (4CDEF") == pytest.approx([0.2] * 5 + [0.75] * 2 + [0.375] * 4)
    assert durations("(5CDEFG", HEAD.replace("4/4", "6/8")) == pytest.approx([0.3] * 5)
    assert rows("(3CzE F")[1] == pytest.approx((2 / 3, 1 / 3, 64))


def test_what_says_nothing_of_the_notes_is_passed_over():
    plain = rows("CDEF GABc | c8")
    assert rows('.C~D !trill!E{gfg}F (GA)"Am7"B`c | Hc8') == plain
    assert rows("CDEF\\\nGABc | c8 % C C C\nw: la la la\n%%text C C\nN: C\n") == plain
    assert rows("|: CDEF GABc :| [1 c8 :|2") == plain


def test_fields_inside_the_music():
    score = read_tune(HEAD + "C8 | [K:D][M:3/4] F6 | [Q:1/4=90] C6 |\nK:Fm\nL:1/4\nM:2/4\nA2 |", "text")
    assert score.notes["pitch"].tolist() == [60, 66, 61, 68]
    assert score.notes["onset_quarter"].tolist() == [0, 4, 7, 10]
    assert score.keys == ((0.0, 0, "major"), (4.0, 2, "major"), (10.0, -4, "minor"))
    assert score.meters == ((0.0, 4, 4), (4.0, 3, 4), (10.0, 2, 4))
    assert score.tempos == ((0.0, 120.0), (7.0, 90.0))


def test_voices_declared_and_named():
    head = 'X:1\nM:3/4\nL:1/4\nV:1 name="High" clef=treble\nV:2 nm="Low" clef=bass\nK:F\n'
    score = read_tune(head + "V:1\nc d e | f3 |\nV:2\n%%MIDI program 42\nF, A, B, | F,3 |", "text")
    assert score.names == ("High", "Low")
    assert score.voice_notes(1)["pitch"].tolist() == [53, 57, 58, 53]
    assert score.programs == (0, 42)


def test_voices_undeclared_and_changed_inside_a_line():
    score = read_tune("X:1\nM:C\nL:1/4\nK:C\n[V:S] c2 [V:A] E2\n[V:S] d2 [V:A] F2\n", "text")
    assert [score.voice_notes(voice)["pitch"].tolist() for voice in score.voices] == [[72, 74], [64, 65]]
    assert score.notes["onset_quarter"].tolist() == [0, 0, 2, 2]


def test_a_voice_called_2_is_the_second():
    assert read_tune("X:1\nK:C\nV:2\nC", "text").voices == (1,)


def test_the_upbeat_and_bars_at_repeat_signs():
    score = read_tune("X:1\nM:6/8\nL:1/8\nK:G\nD | GAB cde | G3 G2 :|\n|: d | e3 d3 | G3 G2 :|", "text")
    assert (score.pickup_quarter, score.meters) == (0.5, ((0.0, 6, 8),))
    assert score.bar_lines().tolist() == [0, 0.5, 3.5, 6.5, 9.5, 12.5]


def test_the_tune_ends_with_an_empty_line():
    assert pitches("C\n\nThis text tells of the tune: CDEF") == [60]


def test_an_unknown_key_is_unknown():
    assert read_tune("X:1\nK:none\nF", "text").keys == ()


@pytest.mark.parametrize(
    ("tune", "message"),
    [
        ("X:1\nT:No key\nCDEF", r"no key field"),
        ("X:1\nK:C\n", "no notes"),
        ("X:1\nK:C\nz4 |", "no notes"),
        ("X:1\nM:4/0\nK:C\nC", "M: expected"),
        ("X:1\nL:0\nK:C\nC", "L: expected"),
        ("X:1\nK:Q\nC", "K: expected"),
        ("X:1\nQ:1/4=0\nK:C\nC", "tempos"),
        ("X:1\nK:C\nC4 & E4", "overlaid|laid over"),
        ("X:1\nK:C\nc''''''", "pitch"),
    ],
)
def test_what_cannot_be_read_names_the_tune(tune, message):
    with pytest.raises(DataError, match=rf"^book\.abc, X:1: .*({message})"):
        read_tune(tune, "book.abc, X:1")


def test_no_damage_is_worse_than_an_error_of_ours():
    random, outcomes = np.random.default_rng(4), set()
    tune = HEAD + '(3CDE F>G [CEG]2- [CEG]z | ^F2 _B/c/ [K:D] (5:4:5fgabc | Z |: {g}f4 "Am"e4 :|\n[V:2] C8 |]'
    letters = "ABCabc^_=,'/123456789()[]{}|:<>-\"!&zZxKLMQV \n%"
    for _ in range(1500):
        damaged = list(tune)
        for place in random.integers(0, len(tune), 4):
            damaged[place] = letters[random.integers(0, len(letters))]
        try:
            read_tune("".join(damaged), "tune")
            outcomes.add("read")
        except DataError as error:
            assert str(error).startswith("tune: ") and "\n" not in str(error)
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


@pytest.mark.parametrize(
    ("book", "number"),
    [
        ("oneills1850/0001-0050.abc", 2),
        ("oneills1850/0001-0050.abc", 10),
        ("oneills1850/0759-0810.abc", 800),
        ("oneills1850/0626-0700.abc", 640),
        ("oneills1850/1276-1375.abc", 1300),
        ("oneills1850/1476-1555.abc", 1500),
        ("ryansMammoth/IrishWashWomanJig.abc", 1),
    ],
)
def test_music21_reads_the_same_notes_in_real_tunes(book, number):
    text = Path(CORPUS, book).read_text(encoding="latin-1")
    tune = next("X:" + tune for tune in text.split("X:")[1:] if tune.split("\n")[0].strip() == str(number))
    handler = ABCHandler(abcVersion=(2, 1, 0))  # only from that version on it keeps accidentals to the bar line
    handler.process(tune)
    expected, found = from_music21(translate.abcToStreamScore(handler)), read_tune(tune, "tune")
    for name in ("onset_quarter", "duration_quarter", "pitch"):
        np.testing.assert_allclose(found.notes[name], expected.notes[name])
    assert (found.pickup_quarter, found.meters, found.keys) == (expected.pickup_quarter, expected.meters, expected.keys)


def test_the_last_bar_line_opens_no_bar_where_sums_of_thirds_are_rounded():
    tune = "X:1\nM:2/4\nL:1/8\nK:C\nc2 c2 (3:2:1c"
    assert read_tune(tune + " |]\n", "tune") == read_tune(tune + "\n", "tune")
