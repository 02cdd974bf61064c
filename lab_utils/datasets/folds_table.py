"""The tables of folds that ship beside a data set: CSV with a header, one row a piece, and the fold of each."""

import csv

from lab_utils.errors import DataError


def read_table(path, *, columns, folds):
    """Return the rows of the table at `path` by their first column, each a dict of `columns` (all str).

    Parameters
    ----------
    path : str or Path
    columns : sequence of str
        All of them, in their order; one is ``fold``.
    folds : sequence of str
        The folds that there are.

    Raises
    ------
    DataError
        If the file is missing, or is not such a table.
    """
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error}); restore it with `git checkout`.") from error
    if not rows or tuple(rows[0]) != tuple(columns) or any(row["fold"] not in folds for row in rows):
        raise DataError(f"{path}: expected the columns {', '.join(columns)} and known folds; restore it with `git checkout`.")
    return {row[columns[0]]: row for row in rows}
