"""A course's folder, and what students see of a cell."""

import re

import pytest
from class_course import marked, toy
from nbformat.v4 import new_code_cell, new_markdown_cell

from lab_utils.classroom import assignments
from lab_utils.errors import DataError

SOLVED = "def f(x):\n    y = 1\n    ### BEGIN SOLUTION\n    y = x\n    return y\n    ### END SOLUTION\n    return None"


def seen(make, text, **mark):
    return assignments.for_students(marked(make, "one", text, **mark)).source


def test_a_solution_becomes_a_stub_at_its_own_depth():
    assert seen(new_code_cell, SOLVED, solution=True) == (
        "def f(x):\n    y = 1\n    # YOUR CODE HERE\n    raise NotImplementedError()\n    return None"
    )
    assert seen(new_code_cell, "print(1)", solution=True) == assignments.STUB
    assert seen(new_markdown_cell, "The answer.", solution=True, grade=True, points=2) == "YOUR ANSWER HERE"


def test_hidden_tests_go_and_what_stands_around_them_stays():
    hidden = "### BEGIN HIDDEN TESTS\nassert f(0)\n### END HIDDEN TESTS"
    text = f"assert f(1)\n{hidden}\nassert f(2)\n{hidden}"
    assert seen(new_code_cell, text, grade=True, locked=True, points=1) == "assert f(1)\nassert f(2)"
    assert seen(new_code_cell, "x = 1", locked=True) == "x = 1"


def test_what_a_cell_is_for():
    cells = {cell.id: cell for cell in toy().cells}
    assert [assignments.points(cells[name]) for name in ("text", "octave-answer", "octave", "frequency", "why")] == [
        0,
        0,
        3,
        2,
        1,
    ]
    assert assignments.is_test(cells["octave"]) and assignments.is_locked(cells["octave"])
    assert assignments.is_answer(cells["why"]) and not assignments.is_test(cells["why"])
    assert assignments.grade_id(cells["text"]) is None and not assignments.is_locked(cells["text"])


def test_a_notebook_is_written_and_read(tmp_path):
    assignments.write_notebook(toy(), tmp_path / "toy.ipynb")
    assert assignments.read_notebook(tmp_path / "toy.ipynb") == toy()
    (tmp_path / "latin.ipynb").write_bytes("é".encode("latin-1"))
    with pytest.raises(DataError, match="latin.ipynb: this is no notebook"):
        assignments.read_notebook(tmp_path / "latin.ipynb")


def test_the_repository_is_a_course():
    folder = assignments.course_folder()
    assert assignments.names() == sorted(path.name for path in (folder / "source").iterdir() if path.is_dir())


@pytest.mark.parametrize("name", assignments.names())
def test_each_assignment_of_the_course_is_whole(name):
    cells = assignments.source(name).cells
    marked = [assignments.grade_id(cell) for cell in cells if assignments.grade_id(cell)]
    assert len(marked) == len(set(marked))
    assert sum(map(assignments.is_test, cells)) >= 4
    assert any(assignments.points(cell) and assignments.is_answer(cell) for cell in cells)  # something that a person judges
    seen = [cell.source for cell in assignments.released(assignments.source(name)).cells]
    assert seen == by_nbgrader(assignments.source(name))
    assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN|MARK)", "\n".join(seen)) and all(seen)
    assert any("HIDDEN" in cell.source for cell in cells) and "NotImplementedError" in "\n".join(seen)


def by_nbgrader(notebook):
    """The sources of the cells as nbgrader's own steps leave them."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        notebook, _ = step().preprocess(notebook, {})
    return [cell.source for cell in notebook.cells]
