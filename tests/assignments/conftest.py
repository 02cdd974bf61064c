"""What the files of this folder share: the kernel of an assignment, and its wrong answers one by one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # grading.py, beside this file

from grading import Bench


@pytest.fixture(scope="module")
def bench(request):
    """The assignment that the file names, beside a running kernel."""
    started = Bench(request.module.NAME)
    yield started
    started.close()


def pytest_generate_tests(metafunc):
    """One test for each wrong answer of the file."""
    if "wrong" in metafunc.fixturenames:
        metafunc.parametrize("wrong", metafunc.module.WRONG, ids=str)
