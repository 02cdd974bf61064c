"""What a browser test stands on: `show` runs a notebook of a few cells in a page, in JupyterLab and as a Voilà page.

They are skipped where there is no chromium. LAB_SCREENSHOTS names a folder in which the screenshots are kept; of a test that
failed one is always taken.
"""

import os
import shutil
import sys
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

sys.path.insert(0, str(Path(__file__).parent))  # the two helpers beside this file

from chromium import Browser, Shown
from jupyter_servers import Server

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
numbers = count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Leave how the test itself went for the fixtures that end after it."""
    report = yield
    if report.when == "call":
        item.stash_failed = report.failed
    return report


@pytest.fixture(scope="session")
def browser(playwright, tmp_path_factory):
    """The browser of all tests that need no flags of their own."""
    with Browser(playwright, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="session")
def servers(playwright, tmp_path_factory):
    """A function from "lab" or "voila" to that server, started when it is first wanted."""
    started = {}

    def server(kind):
        if kind not in started:
            started[kind] = Server(kind, tmp_path_factory.mktemp(kind)).__enter__()
        return started[kind]

    yield server
    for one in started.values():
        one.end()


@pytest.fixture(scope="module", params=["lab", "voila"])
def place(request):
    """Where the notebook is shown."""
    return request.param


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Where screenshots go."""
    return Path(os.environ.get("LAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


@pytest.fixture
def show(request, place, servers, folder):
    """A function that shows a notebook of the sources `cells`, or the one at the path `copy_of`, with all its cells run.

    It is called as ``show(*cells, copy_of=None, browser=None, run=True) -> Shown``; `run=False` is Lab's alone.
    """
    opened = []

    def shown(*cells, copy_of=None, browser=None, run=True):
        browser, server = browser or request.getfixturevalue("browser"), servers(place)
        name = Path(shutil.copy(copy_of, server.folder)).name if copy_of else written(cells, server)
        watches.enter_context(browser.watched())
        opened.append(Shown(browser.context.new_page(), folder))
        opened[-1].open(place, server.address(name), run=run)
        return opened[-1]

    with ExitStack() as watches:
        yield shown
        for notebook in opened:
            look_back(request, notebook)
            notebook.close()
        servers(place).end_kernels()


@pytest.fixture(scope="module")
def opened(request, place, servers, browser, folder):
    """One notebook for all tests of a module, its CELLS run: a Shown; tests ask for `notebook`."""
    shown = Shown(browser.context.new_page(), folder)
    with browser.watched():
        try:
            shown.open(place, servers(place).address(written(request.module.CELLS.values(), servers(place))))
        except Exception:
            shown.photograph(f"failed_{request.module.__name__}_{place}")
            raise
    yield shown
    shown.close()
    servers(place).end_kernels()


@pytest.fixture
def notebook(request, opened, browser):
    """The module's notebook, watched for the time of one test."""
    with browser.watched():
        yield opened
        look_back(request, opened)


def written(cells, server):
    """Write a notebook of the sources `cells` into the server's folder; return its name."""
    name = f"notebook{next(numbers)}.ipynb"
    nbformat.write(new_notebook(cells=list(map(new_code_cell, cells)), metadata=KERNEL), server.folder / name)
    return name


def look_back(request, notebook):
    """Tell what the page of a failed test said, and keep a screenshot of it."""
    if getattr(request.node, "stash_failed", False):
        print("\n".join(notebook.said[-20:]))
        notebook.photograph(f"failed_{request.node.name}")
