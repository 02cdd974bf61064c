"""A learner alone: real kernels run the visible tests, and what is said can be acted on."""

from copy import deepcopy

import pytest
from class_course import OCTAVE, answer
from nbformat.v4 import new_notebook

from lab_utils.classroom import check
from lab_utils.errors import DataError, ParameterError


@pytest.fixture
def checked(course, hand):
    def run(notebook, seconds=20):
        return check("toy", notebook=hand(notebook), course=course, seconds=seconds, progress=False)

    return run


def marks(found):
    return {part.name: part.right for part in found.parts}


def test_a_right_answer_is_right_and_the_words_are_left_to_a_person(checked, course, hand):
    found = checked(answer())
    assert found.right and marks(found) == {"octave": True, "frequency": True, "why": None}
    assert "5 of the 5 points" in str(found) and "Next: the 1 points that a person gives" in str(found)


def test_a_blank_answer_is_told_where_to_begin(checked):
    blank = "def octave(pitch):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    found = checked(answer(octave=blank, frequency=blank.replace("octave", "frequency")))
    assert not found.right and marks(found) == {"octave": False, "frequency": False, "why": None}
    assert 'Next: octave, under "An octave up".' in str(found) and str(found).count("not written yet") == 2


def test_an_answer_that_prints_is_told_to_return_and_costs_its_own_points_only(checked):
    found = checked(answer(octave="def octave(pitch):\n    print(pitch + 12)"))
    assert marks(found) == {"octave": False, "frequency": True, "why": None}
    assert "returned None: end it with `return ...`" in found.parts[0].words


def test_hidden_tests_stay_hidden(checked):
    assert checked(answer(octave="def octave(pitch):\n    return 72")).right


def test_an_edited_test_deceives_nobody(checked):
    book = answer(octave="def octave(pitch):\n    return pitch")
    next(cell for cell in book.cells if cell.id == "octave").source = "assert True"
    found = checked(book)
    assert marks(found) == {"octave": False, "frequency": True, "why": None}
    assert "the locked cell octave was changed" in str(found)


def test_deleted_cells_are_put_back(checked):
    book = answer()
    book.cells = [cell for cell in book.cells if cell.id not in ("octave", "frequency-answer")]
    found = checked(book)
    assert marks(found) == {"octave": True, "frequency": False, "why": None}
    assert "the cell octave was missing" in str(found) and "the cell frequency_answer was missing" in str(found)


def test_a_copied_cell_is_told_and_the_first_counts(checked):
    book = answer()
    book.cells.append(deepcopy(book.cells[1]))
    book.cells[-1].id = "copy"
    book.cells[-1].source = "def octave(pitch):\n    return 0"
    found = checked(book)
    assert found.right and "octave_answer is there more than once" in str(found)


def test_an_endless_loop_costs_its_own_points_only(checked):
    found = checked(answer(octave=f"{OCTAVE}\nwhile True:\n    pass"), seconds=2)
    assert marks(found) == {"octave": True, "frequency": True, "why": None}  # what was defined before the loop is there
    assert "in octave_answer: the cell ran longer than 2 seconds" in str(found)


def test_a_kernel_that_dies_is_told_with_its_cell(checked):
    found = checked(answer(frequency="import os\nos._exit(1)"))
    assert marks(found) == {"octave": True, "frequency": False, "why": None}
    assert "in frequency_answer: the kernel died in this cell" in str(found)


def test_the_notebook_is_found_here_then_in_the_release(course, hand, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no notebook to check; `make assignments` writes it"):
        check("toy", course=course)
    hand(answer(), "course/release/toy/toy.ipynb")
    hand(answer(octave="def octave(pitch):\n    return 0"), "toy.ipynb")
    assert not check("toy", course=course, progress=False).right


def test_bad_input_is_told(course, hand, tmp_path):
    with pytest.raises(ParameterError, match="assignment: expected one of toy; received 'fuge'"):
        check("fuge", course=course)
    with pytest.raises(ParameterError, match="seconds: expected a time limit over 0"):
        check("toy", course=course, notebook=hand(answer()), seconds=0)
    with pytest.raises(DataError, match="nowhere.ipynb: there is no such notebook"):
        check("toy", course=course, notebook=tmp_path / "nowhere.ipynb")
    (tmp_path / "essay.ipynb").write_text("Dear teacher")
    with pytest.raises(DataError, match="essay.ipynb: this is no notebook"):
        check("toy", course=course, notebook=tmp_path / "essay.ipynb")
    with pytest.raises(DataError, match="no cell of the assignment toy is in this notebook"):
        check("toy", course=course, notebook=hand(new_notebook()))
    with pytest.raises(DataError, match="expected a course, a folder with source"):
        check("toy", course=tmp_path)
