"""A prepared data set: its folds and numbered labels, and that it comes back from the disk or is known to be broken."""

import json

import numpy as np
import pytest

from lab_utils.audio import Scaler, Transform
from lab_utils.datasets.prepared import Prepared, load_prepared, read_arrays, write_arrays
from lab_utils.errors import DataError, ParameterError

TRANSFORM = Transform(sample_rate=8000, window=64, hop=32, floor_db=-90.0)


@pytest.fixture
def prepared():
    levels = np.random.default_rng(1).uniform(-90, 0, (5, 7, 33)).astype(np.float32)
    scaler = Scaler.fit(levels)
    return Prepared(
        spectrograms=scaler.transform(levels),
        ids=np.array(["a", "b", "c", "d", "ü"]),
        folds=np.array(["train", "train", "valid", "train", "valid"]),
        labels={"style": np.array(["tune", "chorale", "tune", "tune", "quartet"])},
        scaler=scaler,
        transform=TRANSFORM,
        settings={"engine": "embedded", "seconds": 0.5},
        waves=np.zeros((5, 192), np.float32),
    )


def test_a_fold_has_its_rows_and_the_classes_of_the_whole(prepared):
    valid = prepared.fold("valid")
    assert len(prepared) == 5 and len(valid) == 2
    assert valid.ids.tolist() == ["c", "ü"] and valid.waves.shape == (2, 192)
    np.testing.assert_array_equal(valid.spectrograms, prepared.spectrograms[[2, 4]])
    assert prepared.classes["style"] == valid.classes["style"] == ("chorale", "quartet", "tune")
    assert prepared.targets("style").tolist() == [2, 0, 2, 2, 1]
    assert valid.targets("style").tolist() == [2, 1] and valid.targets("style").dtype == np.int32


def test_unknown_folds_and_labels_are_refused(prepared):
    with pytest.raises(ParameterError, match="name: expected one of train, valid, received 'test'"):
        prepared.fold("test")
    with pytest.raises(ParameterError, match="label: expected one of style, received 'mood'"):
        prepared.targets("mood")


def test_sound_is_unscaled_and_inverted(prepared):
    phase = np.zeros((7, 33))
    wanted = TRANSFORM.inverse(prepared.scaler.inverse(prepared.spectrograms[3]), phase=phase)
    np.testing.assert_array_equal(prepared.sound(3, phase=phase), wanted)
    assert len(prepared.sound(3, iterations=2)) == 6 * 32


@pytest.mark.parametrize("waves", [True, False])
def test_what_is_saved_comes_back(prepared, tmp_path, waves):
    first = prepared if waves else Prepared(**{**vars(prepared), "waves": None})
    first.save(tmp_path / "kept")
    again = load_prepared(tmp_path / "kept")
    np.testing.assert_array_equal(again.spectrograms, first.spectrograms)
    assert again.spectrograms.dtype == np.float32
    np.testing.assert_array_equal(again.ids, first.ids)
    np.testing.assert_array_equal(again.folds, first.folds)
    np.testing.assert_array_equal(again.labels["style"], first.labels["style"])
    assert (again.scaler, again.transform, again.settings, again.classes) == (
        first.scaler,
        first.transform,
        first.settings,
        first.classes,
    )
    assert (again.waves is None) == (not waves)


def test_a_fold_that_is_saved_keeps_the_classes_of_the_whole(prepared, tmp_path):
    prepared.fold("valid").save(tmp_path)
    assert load_prepared(tmp_path).targets("style").tolist() == [2, 1]


def test_a_folder_that_is_not_whole_is_refused(prepared, tmp_path):
    with pytest.raises(DataError, match="prepared.json: there is no such file"):
        load_prepared(tmp_path)
    prepared.save(tmp_path)
    arrays = tmp_path / "arrays.npz"
    whole = arrays.read_bytes()
    arrays.write_bytes(whole[:-10])
    with pytest.raises(DataError, match="arrays.npz: is cut short or changed") as caught:
        load_prepared(tmp_path)
    assert "\n" not in str(caught.value)
    arrays.unlink()
    with pytest.raises(DataError, match="arrays.npz: there is no such file"):
        load_prepared(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"ids": 3}', "null"])
def test_json_of_another_kind_is_refused(prepared, tmp_path, content):
    prepared.save(tmp_path)
    (tmp_path / "prepared.json").write_text(content)
    with pytest.raises(DataError, match="prepared.json|arrays.npz"):
        load_prepared(tmp_path)


def test_json_with_entries_missing_is_refused(prepared, tmp_path):
    prepared.save(tmp_path)
    path = tmp_path / "prepared.json"
    told = json.loads(path.read_text())
    for name in told:
        path.write_text(json.dumps({key: value for key, value in told.items() if key != name}))
        with pytest.raises(DataError, match="prepared.json|arrays.npz"):
            load_prepared(tmp_path)


def test_arrays_are_written_whole_without_pickle(tmp_path):
    path = tmp_path / "some.npz"
    write_arrays(path, {"a": np.arange(3), "b": np.ones((2, 2), np.float32)})
    found = read_arrays(path)
    assert set(found) == {"a", "b"} and found["a"].tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(path, {"a": np.array([{}], dtype=object)})
    assert read_arrays(path)["a"].tolist() == [0, 1, 2]  # the file of before is left alone
    assert [file.name for file in tmp_path.iterdir()] == ["some.npz"]
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match="some.npz: is not a whole .npz file"):
        read_arrays(path)
