"""Release versions are written by nbgrader and never over somebody's work."""

import nbformat
import pytest
from class_course import answer

from lab_utils.classroom import names, release
from lab_utils.classroom.assignments import read_notebook
from lab_utils.errors import DataError, ParameterError


def test_work_in_a_release_version_is_kept_until_it_is_forced_away(released):
    course, path = released, released / "release" / "toy" / "toy.ipynb"
    assert release(course=course, progress=False) == {"toy": "unchanged"}
    book = read_notebook(path)
    book.cells[1].source = "def octave(pitch):\n    return pitch + 12"
    nbformat.write(book, path)
    before = path.read_bytes()
    kept = release(["toy"], course=course, progress=False)["toy"]
    assert kept.startswith("kept: somebody has written in octave_answer") and path.read_bytes() == before
    assert release(["toy"], course=course, force=True, progress=False) == {"toy": "written"}
    assert path.read_bytes() != before


def test_a_cell_of_the_learner_s_own_is_work_too(released):
    path = released / "release" / "toy" / "toy.ipynb"
    book = read_notebook(path)
    book.cells.append(nbformat.v4.new_markdown_cell("My notes."))
    nbformat.write(book, path)
    assert release(course=released, progress=False)["toy"].startswith("kept: a cell of it is not the course's")
    assert "My notes." in path.read_text()


def test_a_new_source_replaces_a_release_in_which_nobody_worked(released):
    course, path = released, released / "source" / "toy" / "toy.ipynb"
    path.write_text(
        path.read_text().replace("def octave(pitch)", "def octave(midi_pitch)").replace("return pitch + 12", "return 0")
    )
    assert release(course=course, progress=False) == {"toy": "written"}
    assert "def octave(midi_pitch)" in (course / "release" / "toy" / "toy.ipynb").read_text()


def test_a_file_that_is_no_notebook_is_not_written_over(course):
    path = course / "release" / "toy" / "toy.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("my notes")
    assert release(course=course, progress=False)["toy"].startswith("kept: toy.ipynb is no notebook")
    assert path.read_text() == "my notes"


def test_a_source_that_nbgrader_refuses_is_told_and_the_old_release_stays(released):
    course = released
    before = (course / "release" / "toy" / "toy.ipynb").read_bytes()
    book = nbformat.read(course / "source" / "toy" / "toy.ipynb", as_version=4)
    book.cells[1].source = "### BEGIN SOLUTION\npass"
    nbformat.write(book, course / "source" / "toy" / "toy.ipynb")
    with pytest.raises(DataError, match="toy: no release version could be made: .*solution"):
        release(course=course, progress=False)
    assert (course / "release" / "toy" / "toy.ipynb").read_bytes() == before


def test_names(course):
    assert names(course) == ["toy"]
    with pytest.raises(ParameterError, match="expected one of toy; received 'fuge'"):
        release(["fuge"], course=course)


def test_an_answer_has_the_cells_of_a_release(released):
    cells = read_notebook(released / "release" / "toy" / "toy.ipynb").cells
    assert [cell.id for cell in cells] == [cell.id for cell in answer().cells]
