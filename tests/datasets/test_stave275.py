"""The 275 bars: their number, their split, what is in them, what ships, and that what ships is what the corpus gives."""

import json
import shutil
from collections import Counter

import music21
import numpy as np
import pytest

from lab_utils import storage
from lab_utils.datasets import stave275_corpus
from lab_utils.datasets.split import find_leaks, split_by_group
from lab_utils.datasets.stave275 import FOLDS, STYLES, build, load_pieces, load_stave275, manifest
from lab_utils.errors import DataError, ParameterError
from lab_utils.files.midi import read_midi
from lab_utils.files.musicxml import read_musicxml

ENTRIES = {entry["name"]: entry for entry in manifest()["pieces"]}
SHIPPED = [name for name, entry in ENTRIES.items() if entry["ships"]]
REBUILT = ("bach_bwv368", "mozart_k80_i", "schumann_polonaise_op1_3", "chopin_mazurka_op6_2", "drowsy_maggie")


@pytest.fixture(scope="module")
def bars():
    return load_stave275()


@pytest.fixture
def shipped_copy(tmp_path, monkeypatch):
    """A copy of the shipped folder that a test may damage."""
    copy = shutil.copytree(storage.shipped_folder("stave275"), tmp_path / "stave275")
    monkeypatch.setattr(storage, "shipped_folder", lambda *parts: tmp_path.joinpath(*parts))
    return copy


# --- what is in it


def test_275_bars_in_five_styles_of_five_pieces_of_eleven_bars(bars):
    assert len(bars) == 275
    assert Counter(bar.style for bar in bars) == dict.fromkeys(STYLES, 55)
    assert set(Counter(bar.piece.name for bar in bars).values()) == {11}
    assert all(len({bar.piece.name for bar in bars if bar.style == style}) == 5 for style in STYLES)
    assert len({bar.name for bar in bars}) == 275


def test_the_split_is_220_and_55_by_piece_one_piece_of_each_style_validating(bars):
    folds = [bar.fold for bar in bars]
    assert Counter(folds) == {"train": 220, "valid": 55}
    assert find_leaks([bar.piece.name for bar in bars], folds) == {}
    assert Counter(bar.style for bar in bars if bar.fold == "valid") == dict.fromkeys(STYLES, 11)


def test_no_source_and_no_bar_is_on_both_sides_under_another_name(bars):
    folds = [bar.fold for bar in bars]
    sources = [(ENTRIES[bar.piece.name]["corpus"], ENTRIES[bar.piece.name].get("number")) for bar in bars]
    assert find_leaks(sources, folds) == {}
    assert find_leaks([_relative(bar) for bar in bars], folds) == {}
    assert len({_relative(bar) for bar in bars}) > 250  # a few bars are repeated, within their piece


def _relative(bar):
    """A bar's notes without its pitch level, so that a transposed copy is found as well."""
    notes = bar.score.notes.copy()
    notes["pitch"] -= notes["pitch"].min()
    return bar.meter, notes.tobytes()


def test_the_manifest_s_folds_are_those_of_the_split_function(bars):
    folds = split_by_group(
        [bar.piece.name for bar in bars],
        labels=[bar.style for bar in bars],
        sizes={"train": 220, "valid": 55},
        seed=manifest()["split_seed"],
    )
    assert folds.tolist() == [bar.fold for bar in bars]


def test_every_bar_has_notes_inside_its_bar_lines_and_on_the_grid(bars):
    steps = manifest()["steps_per_quarter"]
    for bar in bars:
        notes, (beats, unit) = bar.score.notes, bar.score.meter
        ends = notes["onset_quarter"] + notes["duration_quarter"]
        assert len(notes) > 0, bar.name
        assert notes["onset_quarter"].min() >= 0 and ends.max() <= 4 * beats / unit, bar.name
        for column in (notes["onset_quarter"] * steps, notes["duration_quarter"] * steps):
            assert np.abs(column - np.round(column)).max() < 1e-9, bar.name


def test_the_bars_together_sound_as_long_as_their_piece():
    for piece in load_pieces():
        together = np.zeros(128)
        for bar in piece.bars:
            np.add.at(together, bar.score.notes["pitch"], bar.score.notes["duration_quarter"])
        whole = np.zeros(128)
        np.add.at(whole, piece.score.notes["pitch"], piece.score.notes["duration_quarter"])
        np.testing.assert_allclose(together, whole, atol=1e-9)


def test_labels_say_what_the_score_says(bars):
    assert len({bar.key for bar in bars}) >= 12 and len({bar.meter for bar in bars}) >= 6
    for bar in bars:
        sharps, mode = bar.score.key
        assert bar.meter == "{}/{}".format(*bar.score.meter)
        assert bar.key.split()[1] == mode
        if bar.style != "madrigal":  # whose modes have signatures of their own
            assert bar.key == _key_name(sharps, mode), bar.name


def _key_name(sharps, mode):
    """The key with this signature, by the line of fifths."""
    place = 1 + sharps + (3 if mode == "minor" else 0)  # F is 0
    tonic = "FCGDAEB"[place % 7] + {-1: "-flat", 0: "", 1: "-sharp"}[place // 7]
    return f"{tonic} {mode}"


def test_keys_are_those_that_krumhansl_s_analysis_finds_but_for_four_that_their_titles_tell():
    """music21 as an oracle, on the files that ship."""
    differ = []
    for name in SHIPPED:
        found = music21.converter.parse(storage.shipped_folder("stave275", "musicxml", f"{name}.musicxml")).analyze("key")
        tonic = found.tonic.name.replace("-", "-flat").replace("#", "-sharp")
        if f"{tonic} {found.mode}" != ENTRIES[name]["key"]:
            differ.append(name)
    assert differ == ["beethoven_op18_1_i", "schumann_polonaise_op1_4", "drowsy_maggie"]  # and the mazurka, which does not ship


def test_known_openings(bars):
    """Bars that anybody can check in a printed score."""
    by_name = {bar.name: bar for bar in bars}
    maggie = by_name["drowsy_maggie-01"].score.notes  # E2 BE dEBE
    assert maggie["pitch"].tolist() == [64, 71, 64, 74, 64, 71, 64]
    assert maggie["duration_quarter"].tolist() == [1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    dulci = by_name["bach_bwv368-01"].score.voice_notes(0)  # after the upbeat: F2 F
    assert dulci["pitch"].tolist() == [65, 65] and dulci["duration_quarter"].tolist() == [2, 1]
    quartet = by_name["beethoven_op18_1_i-01"].score  # all four in unison: F, turn, F
    assert [note["pitch"] % 12 for note in quartet.voice_notes(0)] == [5, 7, 5, 4, 5]


def test_the_piano_by_default_and_the_style_s_instruments_on_request():
    assert {bar.score.program(voice) for bar in load_stave275() for voice in bar.score.voices} == {0}
    programs = {
        style: {b.score.program(v) for b in load_stave275(style=style, instrumentation="style") for v in b.score.voices}
        for style in STYLES
    }
    assert programs == {"madrigal": {52}, "chorale": {19}, "quartet": {40, 41, 42}, "salon": {0}, "tune": {110}}


def test_a_fold_and_a_style_are_parts_of_the_whole(bars):
    for fold in FOLDS:
        assert [b.name for b in load_stave275(fold=fold)] == [b.name for b in bars if b.fold == fold]
    assert len(load_stave275(fold="valid", style="tune")) == 11
    assert [piece.name for piece in load_pieces()] == list(ENTRIES)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "opera"}, "style: expected one of madrigal, chorale, quartet, salon, tune, received 'opera'"),
        ({"fold": "test"}, "fold: expected one of train, valid, received 'test'"),
        ({"instrumentation": "kazoo"}, "instrumentation: expected one of piano, style, received 'kazoo'"),
        ({"instrumentation": None}, "instrumentation: expected one of piano, style, received None"),
    ],
)
def test_unknown_choices_are_refused_with_the_known_ones(options, message):
    with pytest.raises(ParameterError, match=message):
        load_stave275(**options)


# --- what ships


def test_licences_every_piece_has_one_and_nothing_restricted_is_used_or_shipped():
    texts = manifest()["licences"]
    assert {entry["licence"] for entry in ENTRIES.values()} == set(texts)
    for entry in ENTRIES.values():
        assert entry["corpus"].split("/")[0] not in ("palestrina", "essenFolksong")
        assert entry["ships"] != ("Not shipped" in texts[entry["licence"]])
    assert all(piece.licence in texts.values() for piece in load_pieces())


def test_the_folder_holds_the_listed_files_and_no_others():
    folder = storage.shipped_folder("stave275")
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    files = [f"midi/{name}.mid" for name in SHIPPED] + [f"musicxml/{name}.musicxml" for name in SHIPPED]
    assert found == sorted(["README.md", "manifest.json", *files])


@pytest.mark.parametrize("name", SHIPPED)
def test_midi_and_musicxml_are_whole_and_tell_the_same(name):
    folder = storage.shipped_folder("stave275")
    midi, musicxml = folder / "midi" / f"{name}.mid", folder / "musicxml" / f"{name}.musicxml"
    assert storage.sha256(midi) == ENTRIES[name]["midi_sha256"]
    assert storage.sha256(musicxml) == ENTRIES[name]["musicxml_sha256"]
    assert read_midi(midi) == read_musicxml(musicxml)


def test_a_damaged_file_is_named(shipped_copy):
    path = shipped_copy / "midi" / "drowsy_maggie.mid"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="drowsy_maggie.mid: is damaged.*git checkout") as caught:
        load_pieces(style="tune")
    assert "\n" not in str(caught.value)
    assert len(load_pieces(style="chorale")) == 5


def test_a_missing_file_is_named(shipped_copy):
    (shipped_copy / "midi" / "bach_bwv360.mid").unlink()
    with pytest.raises(DataError, match="bach_bwv360.mid: there is no such file"):
        load_pieces(style="chorale")


# --- built anew


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rebuilt")
    return folder, build(folder, names=REBUILT)


@pytest.mark.parametrize("name", REBUILT)
def test_a_sample_built_anew_is_what_ships(rebuilt, name):
    folder, sums = rebuilt
    for kind in ("source_sha256", "midi_sha256"):
        assert sums[name][kind] == ENTRIES[name][kind]
    midi, musicxml = folder / "midi" / f"{name}.mid", folder / "musicxml" / f"{name}.musicxml"
    assert midi.exists() == musicxml.exists() == ENTRIES[name]["ships"]
    if ENTRIES[name]["ships"]:
        shipped = storage.shipped_folder("stave275")
        assert midi.read_bytes() == (shipped / "midi" / midi.name).read_bytes()
        # another version of music21 writes the same music in other words
        assert read_musicxml(musicxml) == read_musicxml(shipped / "musicxml" / musicxml.name)
        assert sums[name]["musicxml_sha256"] == storage.sha256(musicxml)


def test_building_here_writes_the_checksums_to_the_manifest(shipped_copy):
    listed = json.loads((shipped_copy / "manifest.json").read_text())
    for entry in listed["pieces"]:
        entry["midi_sha256"] = "0" * 64
    storage.write_json(listed, shipped_copy / "manifest.json")
    manifest.cache_clear()
    try:
        build(names=["harvest_home"])
        sums = {entry["name"]: entry["midi_sha256"] for entry in manifest()["pieces"]}
    finally:
        manifest.cache_clear()
    assert sums.pop("harvest_home") == ENTRIES["harvest_home"]["midi_sha256"]
    assert set(sums.values()) == {"0" * 64}


def test_an_unknown_piece_cannot_be_built(tmp_path):
    with pytest.raises(ParameterError, match="names: expected one of monteverdi_.*, received 'nobody'"):
        build(tmp_path, names=["nobody"])


def test_what_may_not_ship_is_read_from_the_corpus_once_and_then_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_CACHE", str(tmp_path))
    first = _chopin()
    reads = []
    monkeypatch.setattr(stave275_corpus, "read_piece", lambda *a, **o: reads.append(a) or first.score.transpose(1))
    assert _chopin().score == first.score and not reads
    (kept,) = (tmp_path / "stave275").glob("chopin*.mid")
    kept.write_bytes(kept.read_bytes()[:100])  # cut short: made again
    with pytest.raises(DataError, match="mazurka06-2.krn: has other notes than the manifest .*music21=="):
        _chopin()
    assert len(reads) == 1


def _chopin():
    (piece,) = [piece for piece in load_pieces(style="salon", fold="train") if piece.name.startswith("chopin")]
    return piece
