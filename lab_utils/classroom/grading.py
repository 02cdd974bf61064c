"""A class graded: nbgrader's autograding and feedback for each student by itself, and one table of grades.

* Before nbgrader runs a submission, deleted cells are put back (:mod:`lab_utils.classroom.mending`); the file as it was handed in
  stays beside it as ``NAME.ipynb.handed_in``.
* What goes wrong with one submission is told in its row and touches no other. A submission that could not be graded has no score
  there, and the grades that it had before stay in nbgrader's gradebook.
* ``grades.csv``: a row for each student and assignment, with ``automatic``, ``by_hand`` (blank until a person has graded),
  ``score`` and ``most``, and what there is to know in ``remark``. Grading by hand happens in nbgrader's formgrader.
"""

import csv
import io
import warnings
from pathlib import Path

from lab_utils.classroom import _nbgrader, assignments, mending
from lab_utils.errors import DataError
from lab_utils.progress import bar
from lab_utils.storage import read_json, write_bytes, write_json

COLUMNS = ("student", "assignment", "automatic", "by_hand", "score", "most", "remark")
REMARKS = "remarks.json"


def grade(name, *, course=None, student=None, progress=True):
    """Grade what was handed in for an assignment, write feedback and ``grades.csv``.

    Parameters
    ----------
    name : str
        Of the assignment.
    course : str or Path, optional
    student : str, optional
        One alone; by default all who handed in.
    progress : bool

    Returns
    -------
    list of dict
        The rows of this assignment, as in ``grades.csv``.

    Raises
    ------
    ParameterError
        There is no such assignment.
    DataError
        Nobody, or not this student, has handed it in.
    """
    folder = assignments.course_folder(course)
    source = assignments.source(name, folder)
    handed = sorted(path.parent.parent.name for path in (folder / "submitted").glob(f"*/{name}/{name}.ipynb"))
    if student is not None and student not in handed:
        raise DataError(f"{folder / 'submitted' / student}: expected {name}/{name}.ipynb there; found {handed or 'none'}.")
    if not handed:
        raise DataError(f"{folder / 'submitted'}: nobody has handed in {name}; bring it with `lab-utils classroom collect`.")
    grader = _nbgrader.grader(folder)
    _known_to(grader, name, folder)
    remarks = _remarks(folder)
    for one in bar([student] if student is not None else handed, title="grading", unit="student", show=progress):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Object of type <Submitted.*> not in session")  # SQLAlchemy's, of nbgrader
            remarks.setdefault(one, {})[name] = _graded(grader, name, one, source, folder)
        write_json(remarks, folder / REMARKS)
    write_bytes(table(folder).encode(), folder / "grades.csv")
    return [row for row in rows(folder) if row["assignment"] == name]


def rows(course=None):
    """Return the rows of ``grades.csv``, one for each student and assignment handed in, as dicts."""
    folder = assignments.course_folder(course)
    remarks, found = _remarks(folder), {}
    with _nbgrader.grader(folder).gradebook as book:
        for work in (work for assignment in book.assignments for work in assignment.submissions):
            open_ = work.needs_manual_grade
            by_hand = work.written_score + work.task_score
            found[work.student.id, work.assignment.name] = {
                "automatic": work.score - by_hand, "by_hand": None if open_ else by_hand, "score": work.score,
                "most": work.max_score,
            }  # fmt: skip
    made = []
    for student, name in sorted({*found, *((student, name) for student, names in remarks.items() for name in names)}):
        remark = remarks.get(student, {}).get(name, {"graded": True, "words": ""})
        scores = found.get((student, name), {}) if remark["graded"] else {}
        made.append({column: scores.get(column) for column in COLUMNS} | {
            "student": student, "assignment": name, "remark": remark["words"]
        })  # fmt: skip
    return made


def table(course=None):
    """Return ``grades.csv`` as text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(course))
    return text.getvalue()


def _graded(grader, name, student, source, folder):
    """Grade one submission and return what there is to know: whether it was graded, and words."""
    path = folder / "submitted" / student / name / f"{name}.ipynb"
    try:
        notes = _mended(path, source)
    except DataError as error:
        return {"graded": False, "words": f"not graded: {str(error).removeprefix(f'{path}: ')}"}
    result = grader.autograde(name, student)
    told = grader.generate_feedback(name, student) if result["success"] else result
    if not result["success"]:
        return {"graded": False, "words": f"not graded: {_nbgrader.reason(result)}"}
    if not told["success"]:
        notes.append(f"no feedback could be written: {_nbgrader.reason(told)}")
    slow = _too_slow(folder / "autograded" / student / name / f"{name}.ipynb")
    return {"graded": True, "words": "; ".join([*notes, *slow])}


def _mended(path, source):
    """Put deleted cells back into the file at `path`, and return what was found changed, in words."""
    handed = assignments.read_notebook(path)
    wanted = {assignments.grade_id(cell) for cell in source.cells} - {None}
    if not wanted & {assignments.grade_id(cell) for cell in handed.cells}:
        raise DataError(f"{path}: no cell of the assignment is in this notebook.")
    made, changes = mending.mend(handed, source)
    aside = path.with_name(f"{path.name}.handed_in")
    before = mending.mend(assignments.read_notebook(aside), source)[1] if aside.exists() else []  # graded once already
    if any(what == "deleted" for _, what in changes):
        if not aside.exists():
            write_bytes(path.read_bytes(), aside)
        assignments.write_notebook(made, path)
    return [f"{grade_id} was {what}" for grade_id, what in dict.fromkeys([*before, *changes])]


def _too_slow(path):
    marked = assignments.read_notebook(path)
    return [
        f"{assignments.grade_id(cell) or 'a cell'} ran too long"
        for cell in marked.cells
        for one in cell.get("outputs", ())
        if one.output_type == "error" and one.ename == "CellTimeoutError"
    ]


def _known_to(grader, name, folder):
    """nbgrader grades only what it has released: do so, in its database, where nobody has."""
    from nbgrader.api import MissingEntry

    with grader.gradebook as book:
        try:
            book.find_notebook(name, name)
            return
        except MissingEntry:
            pass
    from lab_utils.classroom.releasing import release

    release([name], course=folder, progress=False)


def _remarks(folder):
    path = Path(folder, REMARKS)
    return read_json(path) if path.is_file() else {}
