"""The whole round, once, by nbgrader itself: release, hand in, collect, grade, feedback, grades.csv, and what goes wrong."""

import csv
import re
import shutil
import zipfile

import nbformat
import pytest
from class_course import OCTAVE, answer

from lab_utils.classroom import collect, grade
from lab_utils.classroom.assignments import for_students, read_notebook, source
from lab_utils.errors import DataError, ParameterError

DELETED = ("octave", "frequency-answer")
HANDED = {
    "ada": answer(),
    "ben": answer(octave="def octave(pitch):\n    return 72"),  # passes the test that he sees
    "cora": answer(octave="def octave(pitch):\n    print(pitch + 12)"),
    "dan": answer(octave=f"{OCTAVE}\nwhile True:\n    pass"),
    "eve": answer(frequency="import os\nos._exit(1)"),
    "fay": answer(),
    "gus": answer(octave="def octave(pitch):\n    return pitch"),
}
HANDED["fay"].cells = [cell for cell in HANDED["fay"].cells if cell.id not in DELETED]
next(cell for cell in HANDED["gus"].cells if cell.id == "octave").source = "assert True"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, released_course):
    """The course after one round, the rows that grading returned, and what was collected."""
    folder = tmp_path_factory.mktemp("round")
    course, archive = shutil.copytree(released_course, folder / "course"), folder / "downloaded.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for student, notebook in HANDED.items():
            made.writestr(f"hand-ins/{student}_toy.ipynb", nbformat.writes(notebook))
        made.writestr("hand-ins/hal_toy.ipynb", "This is an essay.")
    found = collect("toy", archive, course=course)
    (course / "submitted" / "ivy" / "toy").mkdir(parents=True)
    (course / "submitted" / "ivy" / "toy" / "toy.ipynb").write_text("put here by hand")
    return course, {row["student"]: row for row in grade("toy", course=course, progress=False)}, found


def test_the_release_has_no_solution_and_is_what_our_own_stripping_makes(graded):
    course = graded[0]
    made = read_notebook(course / "release" / "toy" / "toy.ipynb")
    assert not re.search("SOLUTION|HIDDEN|MARK SCHEME|octave\\(0\\)|440 \\*", nbformat.writes(made))
    assert [cell.source for cell in made.cells] == [for_students(cell).source for cell in source("toy", course).cells]


def test_all_but_the_essay_were_collected(graded):
    found = graded[2]
    assert found.students == tuple(HANDED) and found.left == {"hand-ins/hal_toy.ipynb": "it is no notebook"}


@pytest.mark.parametrize(
    ("student", "automatic", "remark"),
    [
        ("ada", 5, ""),
        ("ben", 2, ""),
        ("cora", 2, ""),
        ("dan", 5, "octave_answer ran too long"),
        ("fay", 3, "octave was deleted; frequency_answer was deleted"),
        ("gus", 2, "octave was edited"),
    ],
)
def test_each_gets_the_points_of_the_answer(graded, student, automatic, remark):
    row = graded[1][student]
    assert (row["automatic"], row["most"], row["by_hand"], row["remark"]) == (automatic, 6, None, remark)


@pytest.mark.parametrize(("student", "remark"), [("eve", "the kernel died while it ran"), ("ivy", "this is no notebook")])
def test_what_cannot_be_graded_says_why_and_touches_nobody(graded, student, remark):
    row = graded[1][student]
    assert row["score"] is None and row["remark"].startswith("not graded") and remark in row["remark"]


def test_what_was_handed_in_is_kept_where_cells_were_put_back(graded):
    folder = graded[0] / "submitted" / "fay" / "toy"
    assert len(nbformat.read(folder / "toy.ipynb.handed_in", as_version=4).cells) + len(DELETED) == len(
        read_notebook(folder / "toy.ipynb").cells
    )
    assert not (graded[0] / "submitted" / "ada" / "toy" / "toy.ipynb.handed_in").exists()


def test_feedback_says_what_the_tests_said(graded):
    page = (graded[0] / "feedback" / "cora" / "toy" / "toy.html").read_text()
    assert "returned None: end it with" in page and not (graded[0] / "feedback" / "eve").exists()


def test_the_table_of_grades_can_be_read(graded):
    with (graded[0] / "grades.csv").open() as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    assert table.keys() == {*HANDED, "ivy"} and table["ada"]["score"] == "5.0" and table["eve"]["score"] == ""
    assert table["fay"]["remark"] == "octave was deleted; frequency_answer was deleted"


def test_one_is_graded_again_and_the_others_keep_their_grades(graded):
    course, before, _ = graded
    folder = course.parent / "again"
    folder.mkdir()
    nbformat.write(answer(frequency="def frequency(pitch):\n    return 440"), folder / "eve_toy.ipynb")
    assert collect("toy", folder, course=course).left == {"eve_toy.ipynb": "eve has handed in already; replace it with --force"}
    assert collect("toy", folder, course=course, force=True).students == ("eve",)
    after = {row["student"]: row for row in grade("toy", course=course, student="eve", progress=False)}
    assert after["eve"]["automatic"] == 3 and after["eve"]["remark"] == ""
    assert {name: row for name, row in after.items() if name != "eve"} == {n: row for n, row in before.items() if n != "eve"}


def test_what_was_remarked_is_remarked_again(graded):
    rows = grade("toy", course=graded[0], student="fay", progress=False)
    assert next(row for row in rows if row["student"] == "fay") == graded[1]["fay"]


def test_what_a_person_gives_is_counted(graded):
    from lab_utils.classroom import _nbgrader, grading

    with _nbgrader.grader(graded[0]).gradebook as book:
        words = book.find_grade("why", "toy", "toy", "ada")
        words.manual_score, words.needs_manual_grade = 1, False
        book.db.commit()
    row = next(row for row in grading.rows(graded[0]) if row["student"] == "ada")
    assert (row["automatic"], row["by_hand"], row["score"]) == (5, 1, 6)


def test_bad_input_is_told(course):
    with pytest.raises(DataError, match="nobody has handed in toy; bring it with `lab-utils classroom collect`"):
        grade("toy", course=course)
    with pytest.raises(DataError, match="ann: expected toy/toy.ipynb there; found none"):
        grade("toy", course=course, student="ann")
    with pytest.raises(ParameterError, match="assignment: expected one of toy; received 'fuge'"):
        grade("fuge", course=course)
