"""The assignments of a course folder, and what each cell of one is for, read from nbgrader's own metadata.

A course folder holds ``source/NAME/NAME.ipynb``: the solution and all tests. From it come the release version, where solutions,
mark schemes and hidden tests are gone, and what students hand in. nbgrader (Hamrick et al., 2016) marks the cells:

* a **test** has points and is locked; it judges by raising an error or not;
* an **answer** is where the student writes; one with points is judged by a person;
* a **given** cell is locked and has no points;
* all others are free.

Every cell with a mark has a ``grade_id``, its name in this package. Cells are nbformat's nodes (dicts with attributes).
"""

import re
from copy import deepcopy
from pathlib import Path

from lab_utils.errors import DataError, ParameterError

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"  # nbgrader's own
WORDS_STUB = "YOUR ANSWER HERE"
SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
HIDDEN = (("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"), ("BEGIN MARK SCHEME", "END MARK SCHEME"))


def course_folder(folder=None):
    """Return the Path of a course: `folder`, or the repository's ``notebooks/assignments``.

    Raises
    ------
    DataError
        If it has no folder ``source``.
    """
    found = Path(folder) if folder is not None else Path(__file__).parents[2] / "notebooks" / "assignments"
    if not (found / "source").is_dir():
        raise DataError(f"{found}: expected a course, a folder with source/NAME/NAME.ipynb; name another one with --course.")
    return found


def names(folder=None):
    """Return the names of the assignments of a course, sorted."""
    return sorted(path.stem for path in (course_folder(folder) / "source").glob("*/*.ipynb") if path.stem == path.parent.name)


def known(name, folder=None):
    """Return `name` if the course has it, else raise a ParameterError that lists those it has."""
    if name not in names(folder):
        raise ParameterError(f"assignment: expected one of {', '.join(names(folder)) or '(none here)'}; received {name!r}.")
    return name


def source(name, folder=None):
    """Return the source notebook of an assignment."""
    known(name, folder)
    return read_notebook(course_folder(folder) / "source" / name / f"{name}.ipynb")


def read_notebook(path):
    """Return a notebook (format 4, NotebookNode), or raise a DataError that says why the file is none."""
    import nbformat

    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such notebook; name the file that you work in.")
    try:
        made = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(made)
    except Exception as error:  # nbformat raises a dozen kinds
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{path}: this is no notebook ({reason[0][:80]}); save it in Jupyter as .ipynb and try again.") from error
    return made


def write_notebook(notebook, path):
    """Write a notebook beside `path` and rename it."""
    import nbformat

    from lab_utils.storage import write_bytes

    write_bytes((nbformat.writes(notebook) + "\n").encode(), path)


# ---------------------------------------------------------------- what a cell is for


def grade_id(cell):
    """Return the name of a marked cell, None for a free one."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_answer(cell):
    """Whether a student writes here."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_test(cell):
    """Whether it gives points by running."""
    return points(cell) > 0 and not is_answer(cell) and not cell.metadata.nbgrader.get("task")


def is_locked(cell):
    """Whether it must stay as it is: tests and what is given."""
    return bool(grade_id(cell)) and not is_answer(cell)


def points(cell):
    """Return how many points the cell gives, 0 for none."""
    mark = cell.metadata.get("nbgrader", {})
    return mark.get("points", 0) if mark.get("grade") or mark.get("task") else 0


def for_students(cell):
    """Return a copy of a source cell as a student gets it: no solution, no mark scheme, no hidden test.

    The same as nbgrader's release (a test holds them together), without its database.
    """
    made = deepcopy(cell)
    for begin, end in HIDDEN:
        made.source = _cut(made.source, begin, end, "")
    if is_answer(made):
        stub = STUB if made.cell_type == "code" else WORDS_STUB
        cut = _cut(made.source, *SOLUTION, stub)
        made.source = cut if cut != made.source else stub
    if made.cell_type == "code":
        made.outputs, made.execution_count = [], None
    return made


def released(notebook):
    """Return a copy of a source notebook as students get it; see :func:`for_students`."""
    made = deepcopy(notebook)
    made.cells = [for_students(cell) for cell in made.cells]
    return made


def points_of(notebook):
    """Return (points given by its tests, points given by a person)."""
    tested = sum(points(cell) for cell in notebook.cells if is_test(cell))
    return tested, sum(map(points, notebook.cells)) - tested


def _cut(text, begin, end, stub):
    """Replace each region from a line with `begin` to one with `end` by `stub`, moved in as far as the line that begins it."""

    def replaced(match):
        return "".join(f"{match['indent']}{line}\n" for line in stub.splitlines())

    region = rf"^(?P<indent>[ \t]*)\S*[^\n\w]*{begin}[^\n]*\n.*?{end}[^\n]*(?:\n|\Z)"
    cut = re.sub(region, replaced, text, flags=re.DOTALL | re.MULTILINE)
    return cut if cut == text else cut.removesuffix("\n")
