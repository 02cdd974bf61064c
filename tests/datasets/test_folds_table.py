"""A table of folds is read whole, or its fault is told with the file's name."""

import pytest

from lab_utils.datasets.folds_table import read_table
from lab_utils.errors import DataError

COLUMNS, FOLDS = ("piece", "fold"), ("train", "valid")


def read(path):
    return read_table(path, columns=COLUMNS, folds=FOLDS)


def test_rows_by_their_first_column(tmp_path):
    path = tmp_path / "folds.csv"
    path.write_text("piece,fold\na,train\nb,valid\n")
    assert read(path) == {"a": {"piece": "a", "fold": "train"}, "b": {"piece": "b", "fold": "valid"}}


@pytest.mark.parametrize("content", ["", "piece,fold\n", "fold,piece\ntrain,a\n", "piece,fold\na,tried\n", "piece,fold\na\n"])
def test_another_table_is_told(tmp_path, content):
    path = tmp_path / "folds.csv"
    path.write_text(content)
    with pytest.raises(DataError, match="folds.csv: expected the columns piece, fold"):
        read(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="nowhere.csv: cannot be read"):
        read(tmp_path / "nowhere.csv")
