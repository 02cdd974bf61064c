import shutil

import numpy as np
import pytest

from lab_utils.datasets import chorales as module
from lab_utils.datasets.chorales import build_chorales, load_chorales, write_chorales
from lab_utils.datasets.download import offline
from lab_utils.datasets.jsb16 import CANONICAL, REDUCED, load_jsb16
from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import shipped_folder

COUNTS = {"train": 142, "valid": 72, "test": 70, "left_out": 118}
SAMPLE = ["bwv1.6", "bwv33.6", "bwv269", "bwv277", "bwv299", "bwv432", "bwv69.6"]  # an upbeat, instruments, graces, 32nds, .xml


@pytest.fixture(scope="module")
def chorales():
    return load_chorales()


def same(a, b):
    arrays = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("grid", "onsets", "fermatas"))
    rest = ("name", "title", "meter", "key", "pickup_steps", "tune")
    return arrays and all(getattr(a, name) == getattr(b, name) for name in rest)


def test_the_counts(chorales):
    assert {fold: len(chorales.fold(fold)) for fold in COUNTS} == COUNTS
    assert len(chorales) == 402 == len({piece.name for piece in chorales})
    assert sum(len(piece) for piece in chorales) == 89_296
    assert sum(piece.notes for piece in chorales) == 95_051


def test_shapes_and_types(chorales):
    for piece in chorales:
        assert piece.grid.shape == piece.onsets.shape == (len(piece), 4) and piece.fermatas.shape == (len(piece),)
        assert piece.grid.dtype == np.int16 and piece.onsets.dtype == piece.fermatas.dtype == bool
        assert piece.grid.min() >= -1 and piece.grid.max() <= 81
        beats, unit = piece.meter
        assert 0 <= piece.pickup_steps < beats * 16 // unit
        assert -4 <= piece.key[0] <= 4 and piece.key[1] in ("major", "minor")


def test_a_note_starts_wherever_the_pitch_changes_and_never_in_a_rest(chorales):
    repeated = 0
    for piece in chorales:
        before = np.vstack([np.full((1, 4), -1), piece.grid[:-1]])
        sounding = piece.grid >= 0
        assert piece.onsets[sounding & (piece.grid != before)].all()
        assert not piece.onsets[~sounding].any()
        repeated += int((piece.onsets & (piece.grid == before)).sum())
    assert repeated == 12_977  # what a grid without onsets cannot tell


def test_a_chorale_that_everybody_knows(chorales):
    piece = chorales["bwv269"]  # Riemenschneider 1: G major, an upbeat of a quarter, G | G D' B | A. G G | A …
    assert (piece.title, piece.meter, piece.key, piece.pickup_steps) == ("Aus meines Herzens Grunde", (3, 4), (1, "major"), 4)
    assert piece.grid[piece.onsets[:, 0], 0][:8].tolist() == [67, 67, 74, 71, 69, 67, 67, 69]
    assert piece.grid[:8:4].tolist() == [[67, 62, 59, 43], [67, 62, 59, 55]]


def test_the_voices_lie_in_order(chorales):
    means = [np.concatenate([p.grid[p.grid[:, v] >= 0, v] for p in chorales]).mean() for v in range(4)]
    assert means == sorted(means, reverse=True)


def test_phrases_end_in_fermatas(chorales):
    without = [piece.name for piece in chorales if not piece.fermatas.any()]
    assert without == ["bwv1.6", "bwv112.5"]
    assert 0.1 < np.concatenate([piece.fermatas for piece in chorales]).mean() < 0.25


def test_the_arrays_cannot_be_changed(chorales):
    with pytest.raises(ValueError, match="read-only"):
        chorales["bwv269"].grid[0, 0] = 0


def test_the_benchmark_holds_the_same_notes(chorales):
    """An independent encoding of the same music: frame by frame, where neither repeats nor a bar of rests shift it."""
    if offline(CANONICAL) is None and offline(REDUCED) is None:
        pytest.skip(f"LAB_DATA names no folder with {CANONICAL.name} or {REDUCED.name}")
    benchmark = load_jsb16("train") + load_jsb16("valid")
    matched = 0
    for piece in chorales:
        near = [other for other in benchmark if 0 <= len(other) - len(piece) <= 8]
        matched += any((other[: len(piece)] == piece.grid).mean() > 0.95 for other in near)
    assert matched >= 150


# ---------------------------------------------------------------- built again


@pytest.mark.parametrize("processes", [1, 2])
def test_a_sample_built_again_is_what_ships(chorales, processes):
    built = build_chorales(SAMPLE, processes=processes, progress=False)
    assert sorted(piece.name for piece in built) == sorted(SAMPLE)
    assert all(same(piece, chorales[piece.name]) for piece in built)
    assert [chorales.folds[chorales.pieces.index(chorales[piece.name])] for piece in built] == list(built.folds)


def test_a_piece_that_is_no_chorale():
    with pytest.raises(DataError, match="bwv846: 2 parts"):
        build_chorales(["bwv846"], progress=False)
    with pytest.raises(DataError, match="bwv9999: it is not in the installed music21"):
        build_chorales(["bwv9999"], progress=False)


# ---------------------------------------------------------------- the file


def test_the_file_round_trip(chorales, tmp_path):
    path = tmp_path / "some.npz"
    write_chorales(chorales, path)
    again = load_chorales(path)
    assert again.folds == chorales.folds
    assert all(same(a, b) for a, b in zip(again, chorales, strict=True))
    assert path.stat().st_size < 200_000


def test_the_shipped_file_needs_no_pickle():
    with np.load(shipped_folder("chorales", "chorales.npz"), allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "Uibu" for name in arrays.files)


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the shipped file that stands in for it."""
    copy = tmp_path / "chorales.npz"
    shutil.copy(shipped_folder("chorales", "chorales.npz"), copy)
    monkeypatch.setattr(module, "shipped_folder", lambda *_: copy)
    return copy


def test_a_cut_file(copy):
    copy.write_bytes(copy.read_bytes()[:-100])
    with pytest.raises(DataError, match="chorales.npz: expected 117,131 bytes, received 117,031.*git checkout"):
        load_chorales()


def test_an_altered_file(copy):
    data = bytearray(copy.read_bytes())
    data[1000] ^= 1
    copy.write_bytes(data)
    with pytest.raises(DataError, match="chorales.npz: expected SHA-256 .*altered"):
        load_chorales()


def test_a_missing_file(copy):
    copy.unlink()
    with pytest.raises(DataError, match="chorales.npz: cannot be read.*git checkout"):
        load_chorales()


def test_a_file_of_something_else(tmp_path):
    for name, values in {"other.npz": {"names": np.array(["a"])}, "pickled.npz": {"names": np.array([{}], dtype=object)}}.items():
        np.savez(tmp_path / name, **values)
        with pytest.raises(DataError, match=f"{name}: is no file of chorales"):
            load_chorales(tmp_path / name)
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(DataError, match="text.npz: is no file of chorales"):
        load_chorales(tmp_path / "text.npz")
    with pytest.raises(DataError, match="nowhere.npz: cannot be read"):
        load_chorales(tmp_path / "nowhere.npz")


def test_unknown_names(chorales):
    with pytest.raises(ParameterError, match="train, valid, test, left_out, received 'testing'"):
        chorales.fold("testing")
    with pytest.raises(ParameterError, match="received 'bwv9999'"):
        chorales["bwv9999"]
