from xml.etree import ElementTree

import pytest

from lab_utils.errors import ParameterError
from lab_utils.files import read_musicxml, to_musicxml
from lab_utils.plots.condense import on_two_staves
from lab_utils.score import Score, note_array


def condensed(score):
    return ElementTree.fromstring(on_two_staves(to_musicxml(score)))


def four(*voices, keys=((0.0, 0, "major"),)):
    """A Score of quarters, one list of pitches a voice."""
    return Score(note_array([(i, 1, pitch, 80, v) for v, voice in enumerate(voices) for i, pitch in enumerate(voice)]), keys=keys)


def written(part):
    """(voice, step, alter, accidental) of each note of a part."""
    return [
        (
            note.findtext("voice"),
            note.findtext("pitch/step"),
            note.findtext("pitch/alter", "0"),
            note.findtext("accidental"),
        )
        for note in part.iter("note")
        if note.find("pitch") is not None
    ]


def test_no_note_is_lost_or_moved(chorale, tmp_path):
    (tmp_path / "two.musicxml").write_text(on_two_staves(to_musicxml(chorale)))
    again = read_musicxml(tmp_path / "two.musicxml")
    fields = ["onset_quarter", "duration_quarter", "pitch", "voice"]
    assert again.notes[fields].tolist() == chorale.notes[fields].tolist()
    assert again.pickup_quarter == chorale.pickup_quarter


def test_two_parts_two_clefs_two_voices(chorale):
    root = condensed(chorale)
    parts = root.findall("part")
    assert len(parts) == 2 and [entry.get("id") for entry in root.iter("score-part")] == [part.get("id") for part in parts]
    assert [part.findtext(".//clef/sign") for part in parts] == ["G", "F"]
    assert {child.tag for clef in root.iter("clef") for child in clef} == {"sign", "line"}  # no clef of the tenor's
    assert [entry.findtext("part-name") for entry in root.iter("score-part")] == ["S A", "T B"]
    for part in parts:
        stems = {(note.findtext("voice"), note.findtext("stem")) for note in part.iter("note") if note.find("rest") is None}
        assert stems == {("1", "up"), ("2", "down")}


def test_children_stay_in_the_order_that_musicxml_asks_for(chorale):
    order = ["chord", "pitch", "rest", "duration", "tie", "instrument", "voice", "type", "dot", "accidental", "time-modification",
             "stem", "beam", "notations"]  # fmt: skip
    for note in condensed(chorale).iter("note"):
        places = [order.index(child.tag) for child in note]
        assert places == sorted(places)


def test_an_accidental_of_one_voice_is_taken_back_in_the_other():
    root = condensed(four([72, 66, 72, 72], [64, 60, 65, 64], [60] * 4, [48] * 4))
    assert ("1", "F", "1", "sharp") in written(root.find("part"))
    assert ("2", "F", "0", "natural") in written(root.find("part"))


def test_an_accidental_that_the_other_voice_wrote_is_not_written_twice():
    root = condensed(four([72, 66, 72, 72], [64, 60, 66, 64], [60] * 4, [48] * 4))
    sharps = [accidental for _, step, _, accidental in written(root.find("part")) if step == "F"]
    assert sharps == ["sharp", None]


def test_another_octave_bar_or_staff_has_its_own_accidentals():
    root = condensed(four([78] + [72] * 4, [60, 66, 60, 60, 66], [54] + [60] * 4, [48] * 5))
    assert [a for _, step, _, a in written(root.findall("part")[0]) if step == "F"] == ["sharp", "sharp", "sharp"]
    assert [a for _, step, _, a in written(root.findall("part")[1]) if step == "F"] == ["sharp"]


def test_the_key_signature_is_known():
    root = condensed(four([66, 65], [62, 61], [57, 57], [50, 50], keys=((0.0, 2, "major"),)))
    assert [(step, a) for _, step, _, a in written(root.find("part"))] == [
        ("F", None),
        ("F", "natural"),
        ("D", None),
        ("C", None),
    ]


def test_a_tied_note_needs_no_accidental_and_the_next_one_does():
    rows = [(3, 2, 66, 80, 0), (5, 1, 66, 80, 0), (0, 6, 60, 80, 1), (0, 6, 55, 80, 2), (0, 6, 48, 80, 3)]
    root = condensed(Score(note_array(rows), keys=((0.0, 0, "major"),)))
    assert [a for _, step, _, a in written(root.find("part")) if step == "F"] == ["sharp", None, "sharp"]


def test_only_four_voices():
    with pytest.raises(ParameterError, match="condense: expected four voices, received 3; leave it out"):
        on_two_staves(to_musicxml(four([72], [67], [60])))
