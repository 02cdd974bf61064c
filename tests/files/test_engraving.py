import base64
import io
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import mido
import numpy as np
import pytest
import verovio

from lab_utils.errors import ParameterError
from lab_utils.files.engraving import to_musicxml
from lab_utils.files.midi import read_midi
from lab_utils.score import Score, note_array


def engrave(score):
    toolkit = verovio.toolkit()
    assert toolkit.loadData(to_musicxml(score))
    return toolkit


def tags(score, name):
    return list(ElementTree.fromstring(to_musicxml(score)).iter(name))


def beams(rows, **frame):
    """For each note its beams as letters: b(egin), c(ontinue), e(nd), f(orward hook), h (backward hook)."""
    letters = {"begin": "b", "continue": "c", "end": "e", "forward hook": "f", "backward hook": "h"}
    notes = tags(Score(note_array(rows), **frame), "note")
    return ["".join(letters[beam.text] for beam in note.iter("beam")) for note in notes if note.find("rest") is None]


def accidentals(pitches, **frame):
    score = Score(note_array([(place, 1, pitch) for place, pitch in enumerate(pitches)]), **frame)
    return [note.findtext("accidental", "") for note in tags(score, "note") if note.find("rest") is None]


def test_verovio_plays_what_the_score_says(everything, tmp_path):
    (tmp_path / "a.mid").write_bytes(base64.b64decode(engrave(everything).renderToMIDI()))
    played = read_midi(tmp_path / "a.mid")
    names = ["onset_quarter", "pitch", "velocity"]
    expected = everything.notes[names]
    np.testing.assert_allclose(played.notes["onset_quarter"], expected["onset_quarter"], atol=0.01)
    assert played.notes[names[1:]].tolist() == expected[names[1:]].tolist()
    shortened = everything.notes["duration_quarter"] - played.notes["duration_quarter"]
    assert (np.abs(shortened) < 0.02).all()  # verovio lifts each note a tick early
    assert (played.tempos, played.meters, played.keys[0]) == (everything.tempos, everything.meters, everything.keys[0])
    assert (played.names, played.programs) == (("Flöte", "Cello", "Trommel"), (73, 42, 128))


def test_verovio_plays_a_chorale_in_time(chorale):
    file = mido.MidiFile(file=io.BytesIO(base64.b64decode(engrave(chorale).renderToMIDI())))
    assert file.length == pytest.approx(chorale.duration_seconds, abs=0.02)


def test_verovio_draws_bars_ties_clefs_and_words(chorale, everything):
    svg = engrave(chorale).renderToSVG(1)
    drawn = Counter(part.split('"')[0] for part in svg.split('class="')[1:])
    assert (drawn["measure"], drawn["staff"], drawn["clef"], drawn["note"]) == (3, 12, 4, 36)
    for word in ("Chorale", "Soprano", "Alto", "Tenor", "Bass", "72"):
        assert word in svg
    assert Counter(part.split('"')[0] for part in engrave(everything).renderToSVG(1).split('class="')[1:])["tie"] == 3


def test_clefs_follow_the_ranges(chorale):
    found = [
        (clef.findtext("sign"), clef.findtext("line"), clef.findtext("clef-octave-change", "0")) for clef in tags(chorale, "clef")
    ]
    assert found == [("G", "2", "0"), ("G", "2", "0"), ("G", "2", "-1"), ("F", "4", "0")]


def test_the_upbeat_is_bar_0_and_not_counted(chorale):
    measures = tags(chorale, "measure")[:3]
    assert [(measure.get("number"), measure.get("implicit")) for measure in measures] == [("0", "yes"), ("1", None), ("2", None)]


def test_the_last_bar_has_a_final_line(chorale):
    for part in tags(chorale, "part"):
        lines = [measure.findtext("barline/bar-style") for measure in part.iter("measure")]
        assert lines == [None, None, "light-heavy"]


@pytest.mark.parametrize(
    ("pitches", "sharps", "shown"),
    [
        ((60, 61, 61, 60), 0, ["", "sharp", "", "natural"]),
        ((61, 73, 61, 61), 0, ["sharp", "sharp", "", ""]),  # another octave has its own
        ((66, 65, 66, 67), 1, ["", "natural", "sharp", ""]),
        ((61, 60, 60, 60, 61), 0, ["sharp", "natural", "", "", "sharp"]),  # a new bar forgets
        ((58, 59, 58, 59), -1, ["", "natural", "flat", "natural"]),
    ],
)
def test_accidentals_show_what_key_and_bar_do_not(pitches, sharps, shown):
    assert accidentals(pitches, keys=((0.0, sharps, "major"),)) == shown


def test_a_tied_note_shows_its_accidental_once_and_the_next_one_again():
    rows = [(0, 3, 60), (3, 2, 61), (5, 1, 61)]
    shown = [note.findtext("accidental", "") for note in tags(Score(note_array(rows)), "note") if note.find("rest") is None]
    assert shown == ["", "sharp", "", "sharp"]


def test_beams_join_a_beat():
    eighths = [(place / 2, 0.5, 60) for place in range(8)]
    assert beams(eighths) == ["b", "e"] * 4
    assert beams(eighths[:6], meters=((0.0, 6, 8),)) == ["b", "c", "e"] * 2
    assert beams(eighths[:3], meters=((0.0, 3, 8),)) == ["b", "c", "e"]
    assert beams(eighths[:5], meters=((0.0, 5, 8),)) == ["b", "e", "b", "e", ""]
    assert beams(eighths, meters=((0.0, 2, 2),)) == ["b", "c", "c", "e"] * 2


def test_beams_have_hooks_and_stop_at_rests():
    assert beams([(0, 0.75, 60), (0.75, 0.25, 60)]) == ["b", "eh"]
    assert beams([(0, 0.25, 60), (0.25, 0.75, 60)]) == ["bf", "e"]
    assert beams([(0, 0.5, 60), (0.5, 0.25, 60), (0.75, 0.25, 60)]) == ["b", "cb", "ee"]
    assert beams([(0, 0.25, 60), (0.25, 0.25, 60), (0.75, 0.25, 60)]) == ["bb", "ee", ""]
    assert beams([(0, 0.5, 60), (1, 0.5, 60)]) == ["", ""]


def test_an_upbeat_is_beamed_as_the_end_of_its_bar():
    assert beams([(place / 2, 0.5, 60) for place in range(7)], pickup_quarter=1.5) == ["", "b", "e", "b", "e", "b", "e"]


def test_tuplets_have_brackets_and_times():
    score = Score(note_array([(place / 3, 1 / 3, 60) for place in range(3)] + [(1, 2 / 3, 60), (5 / 3, 1 / 3, 60)]))
    assert [(mark.get("type"), mark.get("bracket")) for mark in tags(score, "tuplet")] == [
        ("start", "no"), ("stop", "no"), ("start", "yes"), ("stop", "yes"),
    ]  # fmt: skip
    assert {(time.findtext("actual-notes"), time.findtext("normal-notes")) for time in tags(score, "time-modification")} == {
        ("3", "2")
    }


@pytest.mark.parametrize(
    ("tempo", "meter", "words"),
    [(90.0, (4, 4), ["quarter", "90"]), (90.0, (6, 8), ["quarter", None, "60"]), (100.0, (6, 8), ["quarter", "100"])],
)
def test_tempo_counts_the_beat(tempo, meter, words):
    score = Score(note_array([(0, 3, 60)]), tempos=((0.0, tempo),), meters=((0.0, *meter),))
    assert [element.text for element in tags(score, "metronome")[0]] == words
    assert tags(score, "sound")[0].get("tempo") == repr(tempo).removesuffix(".0")


def test_a_tempo_of_many_digits_is_rounded_for_readers_alone():
    score = Score(note_array([(0, 3, 60)]), tempos=((0.0, 66.6667),))
    assert tags(score, "words")[0].text == "♩ ≈ 67" and not tags(score, "metronome")
    assert tags(score, "sound")[0].get("tempo") == "66.6667"


def test_each_note_of_a_chord_keeps_its_velocity():
    score = Score(note_array([(0, 1, 60, 45), (0, 1, 64, 90), (0, 1, 67, 80)]))
    notes = [note for note in tags(score, "note") if note.find("pitch") is not None]
    assert [note.get("dynamics") for note in notes] == ["50.00", "100.00", None]
    assert [note.find("chord") is not None for note in notes] == [False, True, True]


def test_characters_that_xml_cannot_hold_are_left_out():
    score = Score(note_array([(0, 1, 60)]), title="a\x00b\ud800 & <c>")
    assert tags(score, "work-title")[0].text == "ab & <c>"


def test_the_same_score_gives_the_same_text(everything):
    assert to_musicxml(everything) == to_musicxml(everything.with_())


def test_what_cannot_be_written_is_refused():
    with pytest.raises(ParameterError, match="at least one note"):
        to_musicxml(Score(note_array([])))
    with pytest.raises(ParameterError, match=r"use score\.quantise"):
        to_musicxml(Score(note_array([(0.123, 1, 60)])))


def test_writing_does_not_wait_for_music21():
    code = "import sys; from lab_utils import Score, files, note_array; files.to_musicxml(Score(note_array([(0, 1, 60)])))"
    done = subprocess.run([sys.executable, "-c", code + "; print('music21.note' in sys.modules)"], capture_output=True, text=True)
    assert done.stdout == "False\n"
