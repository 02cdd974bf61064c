"""What students hand in, brought to where nbgrader looks for it: ``submitted/STUDENT/NAME/NAME.ipynb``.

What comes from a learning platform is a folder or a ZIP file, its notebooks called after students in one of these ways:

* ``STUDENT/NAME.ipynb``: a folder for each student; of Moodle's ``Ada Lovelace_1234_assignsubmission_file_`` the part before the
  number and, where two would be alike, the number too;
* ``STUDENT_NAME.ipynb`` or ``STUDENT__NAME.ipynb``: one folder for all, as Canvas and others have it.

A student's name becomes letters, digits and hyphens. Nothing is written over: what is already there stays unless it is replaced
on purpose, and two students of one name are both left out and told. Each notebook must be one; the rest are told and left where
they are, and all others are collected.
"""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lab_utils.classroom import assignments
from lab_utils.errors import DataError
from lab_utils.storage import write_bytes

LARGEST = 20_000_000  # bytes of a notebook


@dataclass(frozen=True)
class Collected:
    """`students` whose notebooks were brought, and `left`: place of a file → why it was left."""

    students: tuple
    left: dict


def collect(name, downloaded, *, course=None, force=False):
    """Bring what was handed in for an assignment to the course.

    Parameters
    ----------
    name : str
        Of the assignment.
    downloaded : str or Path
        A folder or a ZIP file.
    course : str or Path, optional
    force : bool
        Whether a second hand-in replaces the first.

    Returns
    -------
    Collected

    Raises
    ------
    ParameterError
        There is no such assignment.
    DataError
        There is no such folder or file, or no notebook in it.
    """
    folder = assignments.course_folder(course)
    source = assignments.source(name, folder)
    files = _files(Path(downloaded))
    if not files:
        raise DataError(f"{downloaded}: expected notebooks (.ipynb) in it, found none.")
    wanted = {assignments.grade_id(cell) for cell in source.cells} - {None}
    students, left, brought = _by_student(files, name), {}, []
    for student, places in sorted(students.items()):
        target = folder / "submitted" / student / name / f"{name}.ipynb"
        if len(places) > 1:
            left |= {place: f"{len(places)} files are called after {student}; rename them apart" for place in places}
        elif target.exists() and not force and target.read_bytes() != files[places[0]]():
            left[places[0]] = f"{student} has handed in already; replace it with --force"
        elif words := _unfit(files[places[0]], wanted, name):
            left[places[0]] = words
        else:
            write_bytes(files[places[0]](), target)
            target.with_name(f"{target.name}.handed_in").unlink(missing_ok=True)  # what grading kept of the one before
            brought.append(student)
    return Collected(tuple(brought), left)


def _files(downloaded):
    """Return place → function that reads it, of every notebook in a folder or ZIP file."""
    if downloaded.is_dir():
        found = (path for path in sorted(downloaded.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts)
        return {path.relative_to(downloaded).as_posix(): path.read_bytes for path in found if path.is_file()}
    if not downloaded.is_file():
        raise DataError(f"{downloaded}: there is no such folder or file; name what you downloaded.")
    try:
        archive = zipfile.ZipFile(downloaded)
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(f"{downloaded}: expected a folder or a ZIP file; {error}.") from error
    entries = [one for one in archive.infolist() if one.filename.endswith(".ipynb") and "__MACOSX" not in one.filename]
    return {one.filename: lambda one=one: archive.read(one) if one.file_size <= LARGEST else b"" for one in entries}


def _by_student(files, name):
    """Return student → places."""
    found = {}
    for place in files:
        path = PurePosixPath(place)
        stem = path.stem
        called = stem.removesuffix(name) if stem != name and stem.endswith(name) else path.parent.name
        student = _plain(re.sub(r"_\d+_assignsubmission_.*$", "", called))
        found.setdefault(student or "unnamed", []).append(place)
    for student, places in list(found.items()):  # two people of one name, told apart by the number of the platform
        numbers = [re.search(r"_(\d+)_assignsubmission_", place) for place in places]
        if len(places) > 1 and all(numbers) and len({one[1] for one in numbers}) == len(places):
            del found[student]
            found |= {f"{student}-{one[1]}": [place] for one, place in zip(numbers, places, strict=True)}
    return found


def _plain(text):
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def _unfit(read, wanted, name):
    """Return why a file cannot be graded, or an empty text."""
    import nbformat

    try:
        made = nbformat.reads(read().decode("utf-8"), as_version=4)
        nbformat.validate(made)
    except Exception:  # nbformat and zipfile raise a dozen kinds
        return "it is no notebook"
    if not wanted & {assignments.grade_id(cell) for cell in made.cells}:
        return f"no cell of {name} is in it"
    return ""
