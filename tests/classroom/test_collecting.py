"""From what learning platforms give to nbgrader's folders: names found, nobody's work written over, the unfit told."""

import zipfile

import nbformat
import pytest
from class_course import answer
from nbformat.v4 import new_notebook

from lab_utils.classroom import collect
from lab_utils.errors import DataError


def handed_in(course):
    return sorted(path.parts[-3] for path in course.glob("submitted/*/toy/toy.ipynb"))


@pytest.mark.parametrize(
    ("places", "students"),
    [
        (["ada/toy.ipynb", "ben/toy.ipynb"], ["ada", "ben"]),
        (["ada_toy.ipynb", "ben__toy.ipynb"], ["ada", "ben"]),
        (["Ada Lovelace_1234_assignsubmission_file_/toy.ipynb"], ["Ada-Lovelace"]),
        (["Ada Lovelace_1234_assignsubmission_file_toy.ipynb"], ["Ada-Lovelace"]),
        (["Åsa Öberg/toy.ipynb"], ["Asa-Oberg"]),
        (
            ["Ann Lee_12_assignsubmission_file_/toy.ipynb", "Ann Lee_34_assignsubmission_file_/toy.ipynb"],
            ["Ann-Lee-12", "Ann-Lee-34"],
        ),
        (["ada/drafts/.ipynb_checkpoints/toy.ipynb", "ben/toy.ipynb"], ["ben"]),
    ],
)
def test_students_are_found_by_the_names_of_files(course, hand, tmp_path, places, students):
    for place in places:
        hand(answer(), f"down/{place}")
    assert collect("toy", tmp_path / "down", course=course).left == {}
    assert handed_in(course) == students


def test_two_of_one_name_are_both_left_and_told(course, hand, tmp_path):
    for place in ("a/ann_toy.ipynb", "b/ann_toy.ipynb", "ben_toy.ipynb"):
        hand(answer(), f"down/{place}")
    found = collect("toy", tmp_path / "down", course=course)
    assert handed_in(course) == ["ben"] and sorted(found.left) == ["a/ann_toy.ipynb", "b/ann_toy.ipynb"]
    assert set(found.left.values()) == {"2 files are called after ann; rename them apart"}


def test_a_second_time_the_same_is_nothing_and_another_needs_force(course, hand, tmp_path):
    hand(answer(), "down/ann_toy.ipynb")
    assert collect("toy", tmp_path / "down", course=course) == collect("toy", tmp_path / "down", course=course)
    first = (course / "submitted/ann/toy/toy.ipynb").read_bytes()
    hand(answer(octave="def octave(pitch):\n    return 0"), "down/ann_toy.ipynb")
    assert "handed in already" in collect("toy", tmp_path / "down", course=course).left["ann_toy.ipynb"]
    assert (course / "submitted/ann/toy/toy.ipynb").read_bytes() == first
    kept = course / "submitted/ann/toy/toy.ipynb.handed_in"
    kept.write_bytes(first)
    collect("toy", tmp_path / "down", course=course, force=True)
    assert not kept.exists()  # it was of the first
    assert (course / "submitted/ann/toy/toy.ipynb").read_bytes() != first


def test_an_archive_writes_nowhere_but_where_it_should(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "down.zip", "w") as made:
        made.writestr("../../escape/toy.ipynb", nbformat.writes(answer()))
        made.writestr("__MACOSX/x/toy.ipynb", "")
        made.writestr("ann/notes.txt", "")
    assert collect("toy", tmp_path / "down.zip", course=course).students == ("escape",)
    assert not list(tmp_path.parent.glob("escape")) and not list(tmp_path.glob("escape"))


def test_what_is_unfit_is_told(course, hand, tmp_path):
    hand(new_notebook(), "down/ann_toy.ipynb")
    (tmp_path / "down/ben_toy.ipynb").write_text("{}")
    (tmp_path / "down/cora_toy.ipynb").write_bytes(b"\x00\xff")
    left = collect("toy", tmp_path / "down", course=course).left
    assert left["ann_toy.ipynb"] == "no cell of toy is in it"
    assert left["ben_toy.ipynb"] == left["cora_toy.ipynb"] == "it is no notebook"
    (tmp_path / "empty").mkdir()
    (tmp_path / "no.zip").write_text("no")
    for place, words in (("empty", "found none"), ("nowhere", "no such folder or file"), ("no.zip", "a folder or a ZIP file")):
        with pytest.raises(DataError, match=words):
            collect("toy", tmp_path / place, course=course)
