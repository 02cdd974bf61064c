"""Small scores with a known answer, written as MusicXML and read as the corpus is."""

import numpy as np
import pytest
from music21 import expressions, key, meter, note, stream, tie

from lab_utils.datasets.chorale_corpus import LeftOut, corpus_folder, corpus_scores, read_chorale

NAMES = ("Soprano", "Alto", "Tenor", "Bass")


def part(name, bars, *, signature=None, time="4/4", pickup=0.0):
    """A part of bars, each a list of (pitch or None, quarters); returns it and its notes."""
    made, notes = stream.Part(id=name), []
    made.partName = name
    for number, bar in enumerate(bars):
        measure = stream.Measure(number=number)
        if number == 0:
            measure.append(meter.TimeSignature(time))
            measure.append(signature or key.KeySignature(0))
            measure.paddingLeft = meter.TimeSignature(time).barDuration.quarterLength - pickup if pickup else 0.0
        for pitch, quarters in bar:
            notes.append(note.Note(pitch, quarterLength=quarters) if pitch else note.Rest(quarterLength=quarters))
            measure.append(notes[-1])
        made.append(measure)
    return made, notes


def others(bars=(4.0,), **options):
    """Alto, tenor and bass: one long note a bar."""
    return [
        part(name, [[(pitch, length)] for length in bars], **options)[0]
        for name, pitch in zip(NAMES[1:], (64, 55, 48), strict=True)
    ]


def read(parts, folder, name="bwv1.xml"):
    score = stream.Score(parts)
    score.write("musicxml", folder / name, makeNotation=False)
    return read_chorale(folder / name)


def test_a_repeated_note_is_no_long_one(tmp_path):
    soprano, _ = part("Soprano", [[(72, 1.0), (72, 1.0), (71, 0.5), (None, 0.5), (71, 1.0)]])
    piece = read([soprano, *others()], tmp_path)
    assert piece.name == "bwv1" and len(piece) == 16
    assert piece.grid[:, 0].tolist() == [72] * 8 + [71] * 2 + [-1] * 2 + [71] * 4
    assert np.flatnonzero(piece.onsets[:, 0]).tolist() == [0, 4, 8, 12]
    assert piece.grid[:, 1:].tolist() == [[64, 55, 48]] * 16
    assert piece.onsets[:, 1:].sum() == 3 and piece.notes == 7
    assert piece.grid.dtype == np.int16 and piece.onsets.dtype == piece.fermatas.dtype == bool


def test_ties_are_merged_over_the_bar_line(tmp_path):
    soprano, notes = part("Soprano", [[(72, 2.0), (74, 2.0)], [(74, 4.0)], [(74, 4.0)]])
    notes[1].tie, notes[2].tie = tie.Tie("start"), tie.Tie("stop")
    piece = read([soprano, *others((4.0, 4.0, 4.0))], tmp_path)
    assert np.flatnonzero(piece.onsets[:, 0]).tolist() == [0, 8, 32]


def test_a_tie_from_another_pitch_is_an_onset(tmp_path):
    soprano, notes = part("Soprano", [[(72, 2.0), (74, 2.0)]])
    notes[1].tie = tie.Tie("stop")
    piece = read([soprano, *others()], tmp_path)
    assert np.flatnonzero(piece.onsets[:, 0]).tolist() == [0, 8]


def test_a_frame_holds_what_sounds_at_its_first_instant(tmp_path):
    # a dotted 16th with its 32nd, then two 32nds: neither second one sounds at a frame's start
    soprano, _ = part("Soprano", [[(72, 0.375), (74, 0.125), (76, 0.125), (77, 0.125), (79, 0.25), (79, 3.0)]])
    piece = read([soprano, *others()], tmp_path)
    assert piece.grid[:, 0].tolist() == [72, 72, 76] + [79] * 13
    assert np.flatnonzero(piece.onsets[:, 0]).tolist() == [0, 2, 3, 4]


def test_grace_notes_are_dropped(tmp_path):
    soprano, notes = part("Soprano", [[(72, 2.0), (74, 2.0)]])
    soprano.getElementsByClass("Measure")[0].insert(2.0, note.Note(76).getGrace())
    piece = read([soprano, *others()], tmp_path)
    assert piece.grid[:, 0].tolist() == [72] * 8 + [74] * 8


def test_a_fermata_lasts_as_long_as_its_note_in_the_soprano(tmp_path):
    soprano, notes = part("Soprano", [[(72, 1.0), (71, 2.0), (72, 1.0)]])
    notes[1].expressions.append(expressions.Fermata())
    below = others()
    below[2].recurse().notes[0].expressions.append(expressions.Fermata())
    piece = read([soprano, *below], tmp_path)
    assert np.flatnonzero(piece.fermatas).tolist() == list(range(4, 12))


def test_where_the_soprano_has_no_fermata_the_others_count(tmp_path):
    soprano, _ = part("Soprano", [[(72, 2.0), (71, 2.0)]])
    below = others()
    below[1].recurse().notes[0].expressions.append(expressions.Fermata())
    assert read([soprano, *below], tmp_path).fermatas.all()


def test_meter_and_upbeat(tmp_path):
    bars = [[(67, 1.0)], [(72, 3.0)], [(71, 3.0)]]
    soprano, _ = part("Soprano", bars, time="3/4", pickup=1.0)
    piece = read([soprano, *others((1.0, 3.0, 3.0), time="3/4", pickup=1.0)], tmp_path)
    assert piece.meter == (3, 4) and piece.pickup_steps == 4 and len(piece) == 28


@pytest.mark.parametrize(
    "bass, signature, expected",
    [
        (57, key.KeySignature(0), (0, "minor")),  # A under no accidentals
        (48, key.KeySignature(0), (0, "major")),
        (57, key.Key("C"), (0, "minor")),  # a score that says C major and ends on A
        (55, key.Key("a"), (0, "minor")),  # ends on G, so the score is believed
        (50, key.KeySignature(0), (0, "major")),  # ends on D: analysed, and the chord of C major weighs most
    ],
)
def test_the_mode_is_that_of_the_last_bass_note(tmp_path, bass, signature, expected):
    lines = [[(72, 3.5), (74, 0.5)], [(67, 3.5), (69, 0.5)], [(64, 3.5), (65, 0.5)], [(48, 3.5), (bass, 0.5)]]
    parts = [part(name, [line], signature=signature)[0] for name, line in zip(NAMES, lines, strict=True)]
    assert read(parts, tmp_path).key == expected


def test_instruments_beside_the_voices_are_passed_over(tmp_path):
    horn, _ = part("Horn 1", [[(80, 4.0)]])
    soprano, _ = part("Soprano", [[(72, 4.0)]])
    continuo, _ = part("Continuo", [[(36, 4.0)]])
    piece = read([horn, soprano, *others(), continuo], tmp_path)
    assert piece.grid[0].tolist() == [72, 64, 55, 48]


def test_four_parts_with_other_names_are_taken_from_the_top(tmp_path):
    parts = [part(f"Voice {number}", [[(pitch, 4.0)]])[0] for number, pitch in enumerate((72, 64, 55, 48))]
    assert read(parts, tmp_path).grid[0].tolist() == [72, 64, 55, 48]


def test_five_voices_are_left_out(tmp_path):
    sopranos = [part(f"Soprano {number}", [[(72, 4.0)]])[0] for number in (1, 2)]
    with pytest.raises(LeftOut, match="5 parts"):
        read([*sopranos, *others()], tmp_path)


def test_two_staves_are_left_out(tmp_path):
    with pytest.raises(LeftOut, match="2 parts"):
        read([part("Piano", [[(72, 4.0)]])[0], part("Piano", [[(48, 4.0)]])[0]], tmp_path)


def test_instrumental_interludes_are_left_out(tmp_path):
    parts = [part(name, [[(72, 1.0), (None, 2.0), (72, 1.0)]])[0] for name in NAMES]
    with pytest.raises(LeftOut, match="all four voices rest in 50%"):
        read(parts, tmp_path)


def test_a_silent_voice_is_left_out(tmp_path):
    parts = [part(name, [[(72, 4.0)]])[0] for name in NAMES[:3]] + [part("Bass", [[(None, 4.0)]])[0]]
    with pytest.raises(LeftOut, match="without notes"):
        read(parts, tmp_path)


def test_the_corpus_is_there_and_counted():
    found = corpus_scores()
    assert len(found) == 410 and {path.parent for path in found} == {corpus_folder()}
    assert len({path.stem for path in found}) == 410
