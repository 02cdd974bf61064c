"""A course of one small assignment, in nbgrader's format: two functions, two tests with hidden parts, one answer in words."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SETTINGS = Path(__file__).parents[2] / "notebooks" / "assignments" / "nbgrader_config.py"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def marked(make, name, text, **mark):
    """A cell with nbgrader's mark."""
    mark = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name} | mark
    return make(text, id=name.replace("_", "-"), metadata={"nbgrader": mark})


def toy():
    """The source of the assignment `toy`."""
    return new_notebook(
        metadata=KERNEL,
        cells=[
            new_markdown_cell("# Two functions\n\n## An octave up", id="text"),
            marked(
                new_code_cell, "octave_answer",
                "def octave(pitch):\n    ### BEGIN SOLUTION\n    return pitch + 12\n    ### END SOLUTION", solution=True,
            ),
            marked(
                new_code_cell, "octave",
                "from lab_utils.classroom import expect_number\n\nexpect_number('octave(60)', octave(60), 72)\n"
                "### BEGIN HIDDEN TESTS\nexpect_number('octave(0)', octave(0), 12)\n### END HIDDEN TESTS",
                grade=True, locked=True, points=3,
            ),
            new_markdown_cell("## Frequency", id="text2"),
            marked(
                new_code_cell, "frequency_answer",
                "def frequency(pitch):\n    ### BEGIN SOLUTION\n    return 440 * 2 ** ((pitch - 69) / 12)\n    ### END SOLUTION",
                solution=True,
            ),
            marked(
                new_code_cell, "frequency",
                "from lab_utils.classroom import expect_number\n\nexpect_number('frequency(69)', frequency(69), 440)\n"
                "### BEGIN HIDDEN TESTS\nexpect_number('frequency(57)', frequency(57), 220)\n### END HIDDEN TESTS",
                grade=True, locked=True, points=2,
            ),
            marked(
                new_markdown_cell, "why", "Because of twelve.\n\n=== BEGIN MARK SCHEME ===\n1: twelve\n=== END MARK SCHEME ===",
                grade=True, solution=True, points=1,
            ),
        ],
    )  # fmt: skip


OCTAVE, FREQUENCY = (
    "def octave(pitch):\n    return pitch + 12",
    "def frequency(pitch):\n    return 440 * 2 ** ((pitch - 69) / 12)",
)


def answer(octave=OCTAVE, frequency=FREQUENCY, **cells):
    """The assignment as a student hands it in: both right, unless told otherwise."""
    from lab_utils.classroom.assignments import for_students, grade_id

    book = toy()
    book.cells = [for_students(cell) for cell in book.cells]
    given = {"octave_answer": octave, "frequency_answer": frequency, "why": "Twelve keys.", **cells}
    for cell in book.cells:
        cell.source = given.get(grade_id(cell), cell.source)
    return book


def make_course(folder):
    """Make a course in `folder` and return it; a cell may run for 10 seconds."""
    path = folder / "source" / "toy" / "toy.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(toy(), path)
    (folder / SETTINGS.name).write_text(SETTINGS.read_text().replace("timeout = 60", "timeout = 10"))
    return folder
