import music21
import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.files.abc import from_abc, read_abc, read_abc_book, to_abc, write_abc, write_abc_book
from lab_utils.files.musicxml import from_music21
from lab_utils.score import Score, note_array

CORPUS = music21.__path__[0] + "/corpus/"
UNWRITTEN = ("The Maiden",)  # nine notes in the time of two: no note values here


def softened(score):
    """The score as ABC can say it: every velocity 80."""
    notes = score.notes.copy()
    notes["velocity"] = 80
    return score.with_(notes=notes)


def music(rows, **frame):
    """The lines of music of a Score of one voice."""
    return to_abc(Score(note_array(rows), **frame)).split("K:")[1].split("\n", 1)[1].strip()


# --- round trips ------------------------------------------------------------------------------------------------------


def test_a_score_comes_back_as_it_was(everything, tmp_path):
    score = softened(everything)
    write_abc(everything, tmp_path / "a.abc")
    assert read_abc(tmp_path / "a.abc") == score
    assert from_abc(to_abc(everything)) == score
    assert to_abc(score) == (tmp_path / "a.abc").read_text()


@pytest.mark.parametrize("pickup", [0.0, 0.5, 1.0, 1.5, 2.5, 1 / 3])
def test_upbeats_come_back(chorale, pickup):
    score = chorale.with_(pickup_quarter=pickup)
    assert from_abc(to_abc(score)) == score


@pytest.mark.parametrize("parts", [2, 3, 4, 5, 6, 7, 8, 12, 16, 24])
def test_grids_come_back(parts):
    notes = note_array([(place / parts, 1 / parts, 60 + place % 12) for place in range(4 * parts)])
    np.testing.assert_array_equal(from_abc(to_abc(Score(notes))).notes, notes)


@pytest.mark.parametrize("meter", [(2, 2), (3, 4), (5, 4), (3, 8), (6, 8), (7, 8), (12, 8), (4, 16), (3, 2), (2, 1)])
def test_meters_come_back_with_music_of_any_length(meter):
    random = np.random.default_rng(8)
    onsets = np.cumsum(random.integers(1, 6, 40)) / 4
    notes = note_array([(onset, random.integers(1, 14) / 4, 48 + place) for place, onset in enumerate(onsets)])
    score = Score(notes, meters=((0.0, *meter),))
    assert from_abc(to_abc(score)) == score


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("sharps", range(-7, 8))
def test_keys_come_back_with_every_pitch(sharps, mode):
    pitches = [*range(128), *range(127, -1, -3)]
    notes = note_array([(place / 4, 0.25, pitch) for place, pitch in enumerate(pitches)])
    score = Score(notes, keys=((0.0, sharps, mode), (5.25, -sharps, mode))[: 1 if sharps == 0 else 2])
    assert from_abc(to_abc(score)) == score


def test_an_unknown_key_stays_unknown():
    score = Score(note_array([(0, 4, 61)]))
    assert from_abc(to_abc(score)) == score


def test_bars_cut_short_come_back():
    score = Score(note_array([(place, 1, 60) for place in range(14)]), meters=((0.0, 4, 4), (7.0, 4, 4)))
    assert from_abc(to_abc(score)) == score


def test_one_voice_of_many_keeps_its_number(chorale):
    score = chorale.with_(notes=chorale.voice_notes(2), names=("", "", "Tenor"))
    assert from_abc(to_abc(score)) == score


def test_a_note_tied_into_a_new_key_stays_one_note():
    score = Score(note_array([(0, 6, 66), (6, 2, 66)]), keys=((0.0, 1, "major"), (4.0, -5, "major")))
    assert from_abc(to_abc(score)) == score


@pytest.mark.parametrize("title", ["", "100 % Reel", "Ærø: a “song”", "K:C"])
def test_titles_come_back(title):
    score = Score(note_array([(0, 4, 60)]), title=title)
    assert from_abc(to_abc(score)) == score


def test_books_come_back(chorale, everything, tmp_path):
    scores = [chorale, softened(everything), Score(note_array([(0, 4, 60)]), title="Third")]
    write_abc_book(scores, tmp_path / "book.abc")
    assert read_abc_book(tmp_path / "book.abc") == scores
    assert read_abc(tmp_path / "book.abc") == chorale
    assert read_abc(tmp_path / "book.abc", number=3) == scores[2]


@pytest.mark.parametrize(
    ("book", "tunes"),
    [("oneills1850/0101-0200.abc", 99), ("oneills1850/1276-1375.abc", 96), ("ryansMammoth/IrishWashWomanJig.abc", 1)],
)
def test_real_tunes_come_back(book, tunes):
    scores = [score for score in read_abc_book(CORPUS + book) if score.title not in UNWRITTEN]
    assert [score.title for score in scores if from_abc(to_abc(score)) != score] == []
    assert len(scores) == tunes


def test_a_chorale_of_the_corpus_comes_back():
    score = from_music21(music21.corpus.parse("bach/bwv66.6"))
    assert from_abc(to_abc(score)) == score


# --- what is written --------------------------------------------------------------------------------------------------


def test_a_tune_as_it_is_written():
    rows = [(0, 0.5, 67), (0.5, 1, 67), (1.5, 0.5, 69), (2, 1, 71), (3, 0.5, 72), (3.5, 1.5, 66), (5, 1.5, 67)]
    frame = {"meters": ((0.0, 6, 8),), "keys": ((0.0, 1, "major"),), "tempos": ((0.0, 90.0),), "pickup_quarter": 0.5}
    tune = to_abc(Score(note_array(rows), title="A Jig", **frame), number=7)
    assert tune == "X:7\nT:A Jig\nM:6/8\nL:1/8\nQ:1/4=90\nK:G\nG | G2A B2c | F3 G3 |]\n"


def test_chords_ties_rests_and_tuplets_as_they_are_written():
    assert music([(0, 1, 60), (0, 3, 64), (4, 4, 60), (12, 1, 60)]) == "[CE-]2 E4 z2 | C8 | Z | C2 z2 z4 |]"
    assert music([(0, 6, 60)]) == "C8- | C4 z4 |]"
    assert music([(place / 3, 1 / 3, 60 + place) for place in range(3)]) == "(3C^CD z2 z4 |]"
    assert music([(0, 2 / 3, 60), (2 / 3, 1 / 3, 62)]) == "(3:2:2C2D z2 z4 |]"
    assert music([(0, 0.25, 60), (0.25, 0.75, 60), (1, 0.125, 60)])[:9] == "C/C3/ C/4"


def test_accidentals_need_no_knowledge_of_the_bar():
    assert (
        music([(place / 2, 0.5, pitch) for place, pitch in enumerate((65, 66, 66, 78, 65, 77, 67, 65))]) == "F^F ^F^f =F=f G=F |]"
    )


def test_music21_reads_what_is_written(chorale):
    """One voice, for music21 loses what voices are declared in the head."""
    for voice in chorale.voices:
        score = chorale.with_(notes=chorale.voice_notes(voice), names=())
        notes = score.notes.copy()
        notes["voice"] = 0
        score = score.with_(notes=notes)
        found = from_music21(music21.converter.parse(to_abc(score), format="abc"))
        np.testing.assert_array_equal(found.notes, score.notes)
        assert (found.title, found.tempos, found.meters, found.keys) == (score.title, score.tempos, score.meters, score.keys)
        assert found.pickup_quarter == score.pickup_quarter


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(tmp_path, encoding, newline):
    (tmp_path / "a.abc").write_bytes("X:1\nT:Ére\nK:C\nCDE\n\nX:2\nK:C\nC\n".replace("\n", newline).encode(encoding))
    assert [(len(score), score.title) for score in read_abc_book(tmp_path / "a.abc")] == [(3, "Ére"), (1, "")]


@pytest.mark.parametrize("content", [b"", b"no tune at all\n", b"MThd\0\0\0\6", bytes(range(256))])
def test_what_is_no_abc(tmp_path, content):
    (tmp_path / "a.abc").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.abc: is not ABC"):
        read_abc(tmp_path / "a.abc")
    with pytest.raises(DataError, match=r"a\.abc: is not ABC"):
        read_abc_book(tmp_path / "a.abc")


def test_a_broken_tune_is_named(tmp_path):
    (tmp_path / "a.abc").write_text("X:1\nK:C\nC\n\nX:2\nK:?\nC\n")
    assert len(read_abc(tmp_path / "a.abc")) == 1
    with pytest.raises(DataError, match=r"a\.abc, X:2: K: expected a key"):
        read_abc_book(tmp_path / "a.abc")
    with pytest.raises(DataError, match=r"has no tune X:3 among its 2"):
        read_abc(tmp_path / "a.abc", number=3)
    with pytest.raises(DataError, match="no such file"):
        read_abc(tmp_path / "none.abc")


def test_text_that_is_no_tune():
    with pytest.raises(DataError, match="^text: is not ABC"):
        from_abc("CDEF")


@pytest.mark.parametrize("rows", [[], [(0.01, 1, 60)]])
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, rows):
    with pytest.raises(ParameterError, match="^score: "):
        write_abc(Score(note_array(rows)), tmp_path / "a.abc")
    assert list(tmp_path.iterdir()) == []
