"""What the files of this folder share: a course, and a way to hand in."""

import shutil
import sys
from pathlib import Path

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # class_course.py, beside this file

from class_course import make_course

from lab_utils.classroom import release


@pytest.fixture
def course(tmp_path):
    """The folder of a course with one assignment, `toy`."""
    return make_course(tmp_path / "course")


@pytest.fixture(scope="session")
def released_course(tmp_path_factory):
    """A course that has been released: nbgrader's new database takes seconds to make."""
    made = make_course(tmp_path_factory.mktemp("released") / "course")
    assert release(course=made, progress=False) == {"toy": "written"}
    return made


@pytest.fixture
def released(released_course, tmp_path):
    """A copy of it."""
    return shutil.copytree(released_course, tmp_path / "course")


@pytest.fixture
def hand(tmp_path):
    """A function that writes a notebook into a file and returns its path."""

    def write(notebook, name="toy.ipynb"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write
