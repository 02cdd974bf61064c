"""Reading the corpus: all sources are those of the manifest, and bars that are not whole or off the grid are refused."""

import music21
import numpy as np
import pytest

from lab_utils import storage
from lab_utils.datasets import stave275_corpus
from lab_utils.datasets.stave275 import manifest
from lab_utils.datasets.stave275_corpus import _without_overlaps, corpus_file, read_piece
from lab_utils.errors import DataError
from lab_utils.score import note_array

ENTRIES = {entry["name"]: entry for entry in manifest()["pieces"]}
FORM = {"bars": 11, "steps_per_quarter": 24, "programs": (40, 41), "names": ()}


@pytest.mark.parametrize("name", ENTRIES)
def test_the_installed_sources_are_those_of_the_manifest(name):
    assert storage.sha256(corpus_file(ENTRIES[name])) == ENTRIES[name]["source_sha256"]


def test_the_notes_are_those_that_music21_shows():
    """An oracle by another way: music21's own flattened parts, cut by its own measures."""
    entry = ENTRIES["mozart_k80_i"]
    score = read_piece(entry, **FORM)
    source = music21.converter.parse(corpus_file(entry), forceSource=True)
    for voice, part in enumerate(source.parts):
        shown = [
            (note.offset, pitch.midi)
            for note in part.stripTies().flatten().notes
            if not note.duration.isGrace and note.offset < 33
            for pitch in note.pitches
        ]
        notes = score.voice_notes(voice)
        assert sorted(zip(notes["onset_quarter"].tolist(), notes["pitch"].tolist(), strict=True)) == sorted(shown)


def test_tempo_programs_names_and_title_come_from_the_manifest_and_the_style():
    score = read_piece(ENTRIES["bach_bwv368"], **{**FORM, "names": ("a", "b", "c", "d", "e")})
    assert score.tempos == ((0.0, 100.0),) and score.title == ENTRIES["bach_bwv368"]["title"]
    assert score.programs == (40, 41, 41, 41) and score.names == ("a", "b", "c", "d")
    assert set(score.notes["velocity"]) == {80} and score.pickup_quarter == 0


def test_a_whole_first_bar_that_is_numbered_0_is_no_upbeat():
    score = read_piece(ENTRIES["rocky_road_to_dublin"], **FORM)
    assert score.notes["pitch"][:4].tolist() == [76, 78, 76, 74]  # efe d2


def test_a_repeat_sign_inside_a_bar_splits_no_bar():
    score = read_piece(ENTRIES["harvest_home"], **FORM)  # its eighth bar is three quarters, a repeat sign, and one quarter
    assert score.meters == ((0.0, 2, 2),) and score.duration_quarter == 44
    assert score.bars(8, 8).notes["duration_quarter"].tolist() == [1, 1, 1, 0.5, 0.5]


def test_notes_off_the_grid_are_refused():
    with pytest.raises(DataError, match="mazurka06-2.krn: a note lies off the grid of 4 steps"):
        read_piece(ENTRIES["chopin_mazurka_op6_2"], **{**FORM, "steps_per_quarter": 4})


def test_a_change_of_meter_is_refused(tmp_path, monkeypatch):
    part = music21.stream.Part()
    for number in range(1, 14):
        bar = music21.stream.Measure(number=number)
        if number in (1, 7):
            bar.timeSignature = music21.meter.TimeSignature("4/4" if number == 1 else "3/4")
        bar.append(music21.note.Note("C4", quarterLength=4 if number < 7 else 3))
        part.append(bar)
    path = music21.stream.Score([part]).write("musicxml", tmp_path / "changing.musicxml")
    monkeypatch.setattr(stave275_corpus, "corpus_file", lambda entry: path)
    entry = {**ENTRIES["bach_bwv368"], "first_bar": 1, "last_bar": 11}
    with pytest.raises(DataError, match="changing.musicxml: has no bar line 28.0 quarters in, so the meter changes"):
        read_piece(entry, **FORM)
    assert read_piece({**entry, "last_bar": 6}, **{**FORM, "bars": 6}).duration_quarter == 24


def test_too_few_bars_are_refused():
    with pytest.raises(DataError, match="IrishWashWomanJig.abc: expected 11 bars from 10 on, received"):
        read_piece({**ENTRIES["irish_washerwoman"], "first_bar": 10, "last_bar": 20}, **FORM)


def test_a_source_that_is_not_installed_is_named():
    with pytest.raises(DataError, match="nobody/nothing.mxl: is not in the installed music21"):
        corpus_file({"corpus": "nobody/nothing.mxl"})


def test_a_pitch_struck_again_ends_there_and_the_longer_of_two_stays():
    notes = note_array([(0, 4, 60), (1, 1, 60), (0, 1, 64), (0, 2, 64), (0, 4, 67), (5, 1, 60)])
    kept = np.sort(_without_overlaps(notes), order=["onset_quarter", "pitch"])
    rows = [tuple(row)[:3] for row in kept.tolist()]
    assert rows == [(0, 1, 60), (0, 2, 64), (0, 4, 67), (1, 1, 60), (5, 1, 60)]
