"""An answer checked alone: the visible tests of an assignment run over a notebook, and words that say what is next.

The notebook itself is not written to. Tests are the course's own, whatever stands in the file, so that an edited one deceives
nobody. Hidden tests stay with the teacher, and what a person judges is named with its points.
"""

from dataclasses import dataclass
from pathlib import Path

from lab_utils.classroom import assignments, mending, running
from lab_utils.errors import DataError, ParameterError


@dataclass(frozen=True)
class Part:
    """One cell that gives points.

    Parameters
    ----------
    name : str
        Its grade_id.
    points : float
        The most that it gives.
    right : bool or None
        None: judged by a person.
    words : str
        What its test says.
    heading : str
        The last heading above it.
    """

    name: str
    points: float
    right: bool | None
    words: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Checked:
    """What a check found: `name` of the assignment, its `parts` in order, and `notes`, a list of sentences."""

    name: str
    parts: tuple
    notes: tuple = ()

    @property
    def right(self):
        """Whether every visible test passes."""
        return all(part.right is not False for part in self.parts)

    def __str__(self):
        tested = [part for part in self.parts if part.right is not None]
        got, most = (sum(part.points for part in tested if part.right or every) for every in (False, True))
        lines = [f"{self.name}: {got:g} of the {most:g} points whose tests you can see", ""]
        width = max((len(part.name) for part in self.parts), default=0)
        for part in self.parts:
            mark = {True: "right ", False: "not yet", None: "a person"}[part.right]
            lines.append(f"  {mark:<9} {part.name:<{width}}  {part.points:>3g}  {part.words}".rstrip())
        lines += ["", *(f"Note: {note}" for note in self.notes)]
        missing = next((part for part in tested if not part.right), None)
        by_hand = sum(part.points for part in self.parts if part.right is None)
        if missing:
            lines.append(f"Next: {missing.name}" + (f', under "{missing.heading}".' if missing.heading else "."))
        elif by_hand:
            lines.append(f"Next: the {by_hand:g} points that a person gives. Hidden tests look at the edges of the text.")
        else:
            lines.append("Next: hand it in. Hidden tests look at the edges of the text.")
        return "\n".join(lines)


def check(name, *, notebook=None, course=None, seconds=running.SECONDS, progress=True):
    """Run the visible tests of an assignment over a notebook.

    Parameters
    ----------
    name : str
        Of the assignment.
    notebook : str or Path, optional
        By default ``NAME.ipynb`` in this folder, else the course's ``release/NAME/NAME.ipynb``.
    course : str or Path, optional
        The course's folder.
    seconds : float
        The time limit of a cell.
    progress : bool

    Returns
    -------
    Checked

    Raises
    ------
    ParameterError
        There is no such assignment, or a limit that is none.
    DataError
        The file is no notebook, or not of this assignment.
    """
    if not seconds > 0:
        raise ParameterError(f"seconds: expected a time limit over 0, received {seconds!r}.")
    source = assignments.source(name, course)
    path = Path(notebook) if notebook is not None else _usual(name, course)
    handed = assignments.read_notebook(path)
    wanted = {assignments.grade_id(cell) for cell in source.cells} - {None}
    if not wanted & {assignments.grade_id(cell) for cell in handed.cells}:
        raise DataError(f"{path}: no cell of the assignment {name} is in this notebook; name the right one with --notebook.")
    made, changes = mending.mend(handed, source)
    ran = running.run_cells(made, folder=path.resolve().parent, seconds=seconds, progress=progress)
    return Checked(name, tuple(_parts(made, ran)), tuple(_notes(made, ran, changes)))


def _usual(name, course):
    here, released = Path(f"{name}.ipynb"), assignments.course_folder(course) / "release" / name / f"{name}.ipynb"
    for path in (here, released):
        if path.is_file():
            return path
    raise DataError(f"{released}: no notebook to check; `make assignments` writes it, or name yours with --notebook.")


def _parts(notebook, ran):
    heading = ""
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            lines = [line.lstrip("# ").strip() for line in cell.source.splitlines() if line.startswith("#")]
            heading = lines[-1] if lines else heading
        most = assignments.points(cell)
        if most:
            one = ran.get(place)
            by_hand = not assignments.is_test(cell)
            words = "" if by_hand or one.state == "done" else one.words
            yield Part(assignments.grade_id(cell), most, None if by_hand else one.state == "done", words, heading)


def _notes(notebook, ran, changes):
    for name, what in changes:
        yield {
            "edited": f"the locked cell {name} was changed; the course's own was run in its place.",
            "deleted": f"the cell {name} was missing; it was run as it comes, without an answer.",
            "doubled": f"the cell {name} is there more than once; the first counts.",
        }[what]
    for place, one in ran.items():
        if one.state in ("too slow", "died"):
            name = assignments.grade_id(notebook.cells[place])
            which = f"in {name}" if name else f"in cell {place + 1}"
            yield f"{which}: {one.words}"
