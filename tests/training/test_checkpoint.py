"""Variables survive the file, and a file that does not fit changes nothing."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import DataError
from lab_utils.training import checkpoint


def variables(*shapes):
    return [keras.Variable(np.full(shape, float(i + 1), np.float32), name=f"v{i}") for i, shape in enumerate(shapes)]


@pytest.mark.parametrize("compress", [False, True])
def test_what_is_saved_is_loaded(tmp_path, compress):
    path = tmp_path / "folder" / "weights.npz"
    saved = variables((2, 3), (4,))
    checkpoint.save_variables(saved, path, about={"epoch": 7}, compress=compress)
    fresh = variables((2, 3), (4,))
    for variable in fresh:
        variable.assign(np.zeros(variable.shape))
    assert checkpoint.load_variables(fresh, path) == {"epoch": 7} == checkpoint.read_about(path)
    for old, new in zip(saved, fresh, strict=True):
        np.testing.assert_array_equal(np.array(old), np.array(new))
    assert [p.name for p in path.parent.iterdir()] == ["weights.npz"]


@pytest.mark.parametrize("shapes", [((2, 3),), ((2, 3), (5,)), ((2, 3), (4,), (1,))])
def test_a_file_of_another_model_is_refused_and_changes_nothing(tmp_path, shapes):
    checkpoint.save_variables(variables((2, 3), (4,)), tmp_path / "w.npz")
    others = variables(*shapes)
    others[0].assign(np.zeros((2, 3)))
    with pytest.raises(DataError, match="of another model"):
        checkpoint.load_variables(others, tmp_path / "w.npz")
    assert (np.array(others[0]) == 0).all()


@pytest.mark.parametrize("damage", ["cut", "noise", "missing", "pickle"])
def test_a_damaged_file_is_told_in_one_line(tmp_path, damage):
    path = tmp_path / "w.npz"
    checkpoint.save_variables(variables((50, 50)), path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif damage == "noise":
        path.write_bytes(b"no archive at all")
    elif damage == "pickle":
        np.savez(path, about=np.array("{}"), **{"0:v0": np.array([{}], dtype=object)})
    else:
        path.unlink()
    with pytest.raises(DataError) as error:
        checkpoint.load_variables(variables((50, 50)), path)
    assert "w.npz" in str(error.value) and "\n" not in str(error.value)
