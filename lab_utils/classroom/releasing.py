"""Release versions: what students get, written by nbgrader, never over somebody's work."""

import shutil
import tempfile
from pathlib import Path

from lab_utils.classroom import _nbgrader, assignments
from lab_utils.errors import DataError
from lab_utils.progress import bar


def release(chosen=None, *, course=None, force=False, progress=True):
    """Write release versions into ``release/NAME/NAME.ipynb``.

    Parameters
    ----------
    chosen : sequence of str, optional
        Names of assignments; by default all.
    course : str or Path, optional
    force : bool
        Whether to write over a release version in which somebody has worked.
    progress : bool

    Returns
    -------
    dict of str to str
        Name → "written", "unchanged", or "kept: ..." and why.

    Raises
    ------
    ParameterError
        There is no such assignment.
    DataError
        nbgrader refuses a source; the reason is its own.
    """
    folder = assignments.course_folder(course)
    chosen = [assignments.known(name, folder) for name in chosen] if chosen else assignments.names(folder)
    grader, done = _nbgrader.grader(folder), {}
    for name in bar(chosen, title="releasing", unit="assignment", show=progress):
        path = folder / "release" / name / f"{name}.ipynb"
        if path.exists() and not force and (words := _worked_in(path, assignments.source(name, folder))):
            done[name] = f"kept: {words}; move it away, or write over it with --force"
            continue
        before = path.read_bytes() if path.exists() else None
        _written(grader, name, path)
        done[name] = "unchanged" if before == path.read_bytes() else "written"
    return done


def _written(grader, name, path):
    """Let nbgrader write; what was there comes back if it refuses."""
    with tempfile.TemporaryDirectory() as aside:
        if path.parent.exists():
            shutil.copytree(path.parent, Path(aside, name))
        result = grader.generate_assignment(name, force=True)
        if not result["success"]:
            if Path(aside, name).exists():
                shutil.copytree(Path(aside, name), path.parent, dirs_exist_ok=True)
            raise DataError(f"{name}: no release version could be made: {_nbgrader.reason(result)}.")


def _worked_in(path, source):
    """Return why the file at `path` must not be written over, or an empty text."""
    try:
        found = assignments.read_notebook(path)
    except DataError:
        return f"{path.name} is no notebook"
    marked = {assignments.grade_id(cell): cell for cell in source.cells}
    blank = {name: assignments.for_students(cell) for name, cell in marked.items() if name}
    free = {cell.source.strip() for cell in source.cells if not assignments.grade_id(cell)}
    for cell in found.cells:
        name = assignments.grade_id(cell)
        if not name and cell.source.strip() not in free | {""}:
            return "a cell of it is not the course's: somebody's own, or that of an older release"
        # A cell that a newer source words otherwise is no student's work: nbgrader keeps a checksum of what it released.
        if name in blank and assignments.is_answer(cell) and cell.source.strip() != blank[name].source.strip() and _edited(cell):
            return f"somebody has written in {name}"
    return ""


def _edited(cell):
    from nbgrader.utils import compute_checksum

    kept = cell.metadata.nbgrader.get("checksum")
    return kept is None or compute_checksum(cell) != kept
