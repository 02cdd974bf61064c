import zipfile

import music21
import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.files.musicxml import from_music21, read_musicxml, to_musicxml, write_musicxml
from lab_utils.score import Score, note_array

HEAD = """<score-partwise version="3.1"><part-list><score-part id="P1"><part-name>Staff</part-name></score-part></part-list>
<part id="P1">"""
TIME = "<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"


def note(pitch, duration, *, voice=1, tie="", extra=""):
    step, octave = pitch
    tie = f'<tie type="{tie}"/>' if tie else ""
    step = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{extra}{step}<duration>{duration}</duration>{tie}<voice>{voice}</voice></note>"


def music(tmp_path, *bars):
    """Write a file of one part from the content of its bars, and read it."""
    text = "".join(f'<measure number="{number}">{bar}</measure>' for number, bar in enumerate(bars, 1))
    (tmp_path / "made.musicxml").write_text(HEAD + text + "</part></score-partwise>")
    return read_musicxml(tmp_path / "made.musicxml")


def rows(score):
    return [(float(n["onset_quarter"]), float(n["duration_quarter"]), int(n["pitch"]), int(n["voice"])) for n in score.notes]


# --- round trips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".musicxml", ".xml", ".mxl"])
def test_a_score_comes_back_as_it_was(everything, tmp_path, suffix):
    write_musicxml(everything, tmp_path / f"a{suffix}")
    back = read_musicxml(tmp_path / f"a{suffix}")
    assert back == everything
    assert to_musicxml(back) == to_musicxml(everything)


@pytest.mark.parametrize("pickup", [0.5, 1.0, 1.5, 2.5, 1 / 3])
def test_upbeats_come_back(chorale, tmp_path, pickup):
    score = chorale.with_(pickup_quarter=pickup)
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


@pytest.mark.parametrize("parts", [2, 3, 4, 5, 6, 7, 8, 12, 16, 24])
def test_grids_come_back(tmp_path, parts):
    notes = note_array([(place / parts, 1 / parts, 60 + place % 12) for place in range(4 * parts)])
    write_musicxml(Score(notes), tmp_path / "a.musicxml")
    np.testing.assert_array_equal(read_musicxml(tmp_path / "a.musicxml").notes, notes)


@pytest.mark.parametrize("meter", [(2, 2), (3, 4), (5, 4), (3, 8), (6, 8), (7, 8), (12, 8), (4, 16), (3, 2), (2, 1)])
def test_meters_come_back_with_music_of_any_length(tmp_path, meter):
    random = np.random.default_rng(7)
    onsets = np.cumsum(random.integers(1, 6, 40)) / 4
    notes = note_array([(onset, random.integers(1, 14) / 4, 48 + place) for place, onset in enumerate(onsets)])
    score = Score(notes, meters=((0.0, *meter),))
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("sharps", range(-7, 8))
def test_keys_come_back_with_every_pitch(tmp_path, sharps, mode):
    notes = note_array([(pitch / 4, 0.25, pitch) for pitch in range(128)])
    score = Score(notes, keys=((0.0, sharps, mode), (5.25, -sharps, mode))[: 1 if sharps == 0 else 2])
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


@pytest.mark.parametrize("tempo", [40.0, 66.6, 90.0, 99.0, 123.456])
@pytest.mark.parametrize("meter", [(4, 4), (6, 8)])
def test_tempos_come_back_exactly(tmp_path, tempo, meter):
    notes = note_array([(0, 12, 60)])
    score = Score(notes, tempos=((0.0, tempo), (1.3, 77.0), (6.5, 60.0)), meters=((0.0, *meter),))
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml").tempos == score.tempos


def test_bars_cut_short_come_back(tmp_path):
    score = Score(note_array([(place, 1, 60) for place in range(14)]), meters=((0.0, 4, 4), (7.0, 4, 4)))
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


def test_nothing_but_an_upbeat_comes_back(chorale, tmp_path):
    score = chorale.bars(0, 0)
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


def test_one_voice_of_many_keeps_its_number(chorale, tmp_path):
    score = chorale.with_(notes=chorale.voice_notes(2), names=("", "", "Tenor"))
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


@pytest.mark.parametrize("program", [0, 13, 43, 56, 71, 72, 105, 127, 128])  # some play in another key than they are written
def test_programs_come_back_and_move_no_pitch(tmp_path, program):
    score = Score(note_array([(0, 4, 60)]), programs=(program,), names=("Violin",))
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


@pytest.mark.parametrize("name", ["bach/bwv66.6", "bach/bwv269", "schumann_robert/opus48no2", "haydn/opus74no1/movement3"])
def test_real_pieces_come_back(tmp_path, name):
    score = from_music21(music21.corpus.parse(name))
    write_musicxml(score, tmp_path / "a.musicxml")
    assert read_musicxml(tmp_path / "a.musicxml") == score


def test_music21_counts_the_same_bars(chorale, everything):
    for score in (chorale, everything):
        stream = music21.converter.parseData(to_musicxml(score), format="musicxml")
        for part in stream.parts:
            offsets = [bar.offset for bar in part.getElementsByClass(music21.stream.Measure)]
            np.testing.assert_allclose(offsets, score.bar_lines()[:-1])


def test_the_same_archive_each_time(chorale, tmp_path):
    write_musicxml(chorale, tmp_path / "a.mxl")
    write_musicxml(chorale, tmp_path / "b.mxl")
    assert (tmp_path / "a.mxl").read_bytes() == (tmp_path / "b.mxl").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.mxl") as archive:
        assert archive.read("score.musicxml").decode() == to_musicxml(chorale)


# --- files of others ----------------------------------------------------------------------------------------------------


def test_a_chorale_of_the_corpus():
    score = from_music21(music21.corpus.parse("bach/bwv66.6"))
    assert (score.names, score.pickup_quarter, score.meters) == (("Soprano", "Alto", "Tenor", "Bass"), 1.0, ((0.0, 4, 4),))
    assert (score.keys, score.tempo, len(score)) == (((0.0, 3, "minor"),), 96.0, 163)
    assert rows(score.with_(notes=score.voice_notes(0)))[:4] == [(0, 0.5, 73, 0), (0.5, 0.5, 71, 0), (1, 1, 69, 0), (2, 1, 71, 0)]
    assert (32.0, 2.0, 66, 0) in rows(score)  # tied over the last bar line but one


def test_ties_make_one_note(tmp_path):
    start, on, end = note("C4", 8, tie="start"), note("C4", 8, tie="stop"), note("C4", 8)
    both = on.replace('<tie type="stop"/>', '<tie type="stop"/><tie type="start"/>')
    assert rows(music(tmp_path, TIME + start, both, on, end)) == [(0, 12, 60, 0), (12, 4, 60, 0)]


def test_a_tie_goes_on_in_another_voice(tmp_path):
    second = note("C4", 8, voice=2, tie="stop") + "<backup><duration>8</duration></backup>" + note("E5", 8)
    assert rows(music(tmp_path, TIME + note("C4", 8, tie="start"), second)) == [(0, 8, 60, 0), (4, 4, 76, 0)]


def test_voices_of_a_staff_are_voices(tmp_path):
    bar = (
        TIME
        + note("C5", 8, voice=1)
        + "<backup><duration>8</duration></backup>"
        + note("E4", 4, voice=2)
        + note("D4", 4, voice=2)
    )
    score = music(tmp_path, bar, bar.removeprefix(TIME))
    assert rows(score) == [
        (0, 4, 72, 0), (0, 2, 64, 1), (2, 2, 62, 1), (4, 4, 72, 0), (4, 2, 64, 1), (6, 2, 62, 1),
    ]  # fmt: skip
    assert score.names == ("Staff", "Staff")


def test_notes_of_a_chord_share_a_voice_and_their_ties_are_their_own(tmp_path):
    chord = note("C4", 8, tie="start") + note("E4", 8, extra="<chord/>")
    assert rows(music(tmp_path, TIME + chord, note("C4", 8, tie="stop"))) == [(0, 8, 60, 0), (0, 4, 64, 0)]


def test_a_short_first_bar_is_the_upbeat_and_a_short_bar_within_is_not(tmp_path):
    full = note("C4", 8)
    score = music(tmp_path, TIME + note("G3", 2), full, note("C4", 6), full, full)
    assert (score.pickup_quarter, score.meters) == (1.0, ((0.0, 4, 4), (8.0, 4, 4)))
    assert score.bar_lines().tolist() == [0, 1, 5, 8, 12, 16]


def test_bars_parted_by_a_repeat_sign_count_as_one(tmp_path):
    full = note("C4", 8)
    score = music(tmp_path, TIME + full, note("C4", 6), note("D4", 2), full)
    assert score.meters == ((0.0, 4, 4),)


def test_transposing_instruments_sound(tmp_path):
    transposing = TIME.replace(
        "</attributes>", "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>"
    )
    assert rows(music(tmp_path, transposing + note("D4", 8))) == [(0, 4, 60, 0)]


def test_grace_notes_are_left_out(tmp_path):
    grace = "<note><grace/><pitch><step>D</step><octave>4</octave></pitch><voice>1</voice></note>"
    assert rows(music(tmp_path, TIME + grace + note("C4", 8))) == [(0, 4, 60, 0)]


def test_a_key_without_mode_is_major_and_a_church_mode_goes_by_its_third():
    part = music21.stream.Part([music21.key.KeySignature(2), music21.note.Note("C4", quarterLength=4)])
    part.insert(1.0, music21.key.Key("d", "dorian"))
    part.insert(2.0, music21.key.Key("g", "mixolydian"))
    assert from_music21(part).keys == ((0.0, 2, "major"), (1.0, 0, "minor"), (2.0, 0, "major"))


def test_a_stream_without_bars_or_a_score_around_it():
    score = from_music21(music21.converter.parse("tinynotation: 3/4 c4 d8 e8 f4"))
    assert (score.meters, len(score), score.names) == (((0.0, 3, 4),), 4, ())
    flat = music21.stream.Stream([music21.note.Note(67), music21.chord.Chord([60, 64], quarterLength=2)])
    assert rows(from_music21(flat)) == [(0, 1, 67, 0), (1, 2, 60, 0), (1, 2, 64, 0)]


# --- bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not readable MusicXML"),
        (b"this is no XML", "not readable MusicXML"),
        (b"<html><body/></html>", "received <html>"),
        (b"<score-timewise/>", "received <score-timewise>"),
        (b"PK\x03\x04 no archive", "not readable MusicXML"),
        (HEAD.encode(), "not readable MusicXML"),
        (HEAD.encode() + b'<measure number="1"/></part></score-partwise>', "has no notes"),
        (b"<score-partwise/>", "has no notes"),
    ],
)
def test_content_that_is_no_music(tmp_path, content, message):
    path = tmp_path / "bad.musicxml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"bad\.musicxml: .*{message}.*;") as caught:
        read_musicxml(path)
    assert "\n" not in str(caught.value)


def test_a_file_cut_anywhere_is_an_error(chorale, tmp_path):
    data = to_musicxml(chorale).encode()
    path = tmp_path / "cut.musicxml"
    for length in range(0, len(data) - 20, len(data) // 40):
        path.write_bytes(data[:length])
        with pytest.raises(DataError, match=r"cut\.musicxml: "):
            read_musicxml(path)


def test_no_damage_is_worse_than_an_error_of_ours(everything, tmp_path):
    text, random = to_musicxml(everything), np.random.default_rng(2)
    digits = [place for place, letter in enumerate(text) if letter.isdigit()]
    outcomes = set()
    for _ in range(60):
        damaged = list(text)
        for place in random.choice(digits, 6):
            damaged[place] = str(random.integers(0, 10))
        (tmp_path / "damaged.musicxml").write_text("".join(damaged))
        try:
            read_musicxml(tmp_path / "damaged.musicxml")
            outcomes.add("read")
        except DataError as error:
            assert "damaged.musicxml" in str(error) and "\n" not in str(error)
    assert outcomes == {"read"}


def test_paths_that_are_no_file(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_musicxml(tmp_path / "none.xml")
    with pytest.raises(DataError, match="is a folder"):
        read_musicxml(tmp_path)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(ParameterError):
        write_musicxml(Score(note_array([(0.01, 1, 60)])), tmp_path / "a.musicxml")
    assert list(tmp_path.iterdir()) == []


def test_a_stream_without_notes_names_its_source():
    with pytest.raises(DataError, match=r"^the sketch: has no notes"):
        from_music21(music21.stream.Score(), source="the sketch")
