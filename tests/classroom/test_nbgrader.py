"""nbgrader's door: the course's settings are read, and its log becomes one sentence."""

import builtins

import pytest

from lab_utils.classroom._nbgrader import grader, reason
from lab_utils.errors import MissingToolError


def test_the_course_s_own_settings_are_read(course):
    made = grader(course)
    assert made.coursedir.root == str(course) and made.config.Execute.timeout == 10


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("nbclient.exceptions.DeadKernelError: Kernel died", "the kernel died while it ran"),
        ("UnresponsiveKernelError", "could not be interrupted"),
        ("Traceback\nValueError: no solution.\nnbgrader.NbGraderException: see above", "ValueError: no solution"),
        ("the last line\n", "the last line"),
        ("", "nbgrader gave no reason"),
    ],
)
def test_a_log_becomes_a_sentence(log, told):
    assert told in reason({"log": log}) and "\n" not in reason({"log": log})


def test_without_nbgrader_it_is_told_how_to_get_it(course, monkeypatch):
    real = builtins.__import__

    def absent(name, *rest):
        if name.startswith("nbgrader"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingToolError, match="nbgrader is not installed: `pip install"):
        grader(course)
