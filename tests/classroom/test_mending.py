"""What must not change is put back, where it was; what is the student's stays."""

from copy import deepcopy

import pytest
from class_course import answer, toy
from nbformat.v4 import new_code_cell, new_markdown_cell

from lab_utils.classroom.assignments import for_students, grade_id
from lab_utils.classroom.mending import mend


def sources(book):
    return [(grade_id(cell), cell.source) for cell in book.cells]


def test_an_honest_answer_stays_as_it_is():
    made, changes = mend(answer(), toy())
    assert sources(made) == sources(answer()) and changes == []


def test_cells_of_the_student_s_own_stay():
    book = answer()
    book.cells.insert(3, new_code_cell("octave(61)"))
    made, changes = mend(book, toy())
    assert sources(made) == sources(book) and changes == []


@pytest.mark.parametrize("name", ["octave_answer", "octave", "frequency_answer", "frequency", "why"])
def test_a_deleted_cell_comes_back_behind_the_one_before(name):
    book = answer()
    book.cells = [cell for cell in book.cells if grade_id(cell) != name]
    made, changes = mend(book, toy())
    assert changes == [(name, "deleted")]
    order = [grade_id(cell) for cell in made.cells if grade_id(cell)]
    assert order == [grade_id(cell) for cell in toy().cells if grade_id(cell)]
    original = next(cell for cell in toy().cells if grade_id(cell) == name)
    assert next(cell.source for cell in made.cells if grade_id(cell) == name) == for_students(original).source


def test_all_cells_deleted_come_back_in_order():
    book = answer()
    book.cells = [new_markdown_cell("Nothing but this.")]
    made, changes = mend(book, toy())
    assert [what for _, what in changes] == ["deleted"] * 5
    assert [grade_id(cell) for cell in made.cells if grade_id(cell)] == [name for name, _ in changes]


def test_an_edited_test_is_the_course_s_again_even_as_prose():
    for edit in ({"source": "assert True"}, {"cell_type": "markdown"}):
        book = answer()
        book.cells[2].update(edit)
        made, changes = mend(book, toy())
        assert changes == [("octave", "edited")] and "expect_number" in made.cells[2].source and made.cells[2].cell_type == "code"


def test_of_a_cell_that_is_there_twice_the_first_counts():
    book = answer()
    book.cells.append(deepcopy(book.cells[1]))
    made, changes = mend(book, toy())
    assert changes == [("octave_answer", "doubled")] and grade_id(made.cells[-1]) is None and grade_id(made.cells[1])
    assert grade_id(book.cells[-1])  # what was handed in is not changed
