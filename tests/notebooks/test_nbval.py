"""nbval as `make test` calls it: it forgives what cannot repeat (the bytes of a sound, an address, a warning) and nothing else.

A tiny notebook of four cells is run once against outputs stored by hand; its folder holds a copy of the notebooks' conftest.py.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]

SETUP = "import sys\nfrom IPython.display import HTML, SVG, display\n"
SHOW_PLAYER = "display(HTML('<b>a tune</b><audio controls src=\"data:audio/mpeg;base64,AAAA\"></audio>'))\n"
VARYING = (
    SETUP
    + SHOW_PLAYER
    + 'display(SVG(\'<svg id="now" xmlns="http://www.w3.org/2000/svg"/>\'))\n'
    + "print('a warning', file=sys.stderr)\nprint('an object at 0x7f00deadbeef')"
)


def player(title):
    html = f'<b>{title}</b><audio controls src="data:audio/mpeg;base64,SUQz+/BBBB="></audio>'
    return new_output("display_data", {"text/html": html, "text/plain": "<IPython.core.display.HTML object>"})


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Run nbval over the notebook as the Makefile does; return the outcome of each cell; under "told" all that was printed."""
    folder = tmp_path_factory.mktemp("notebooks")
    drawing = new_output("display_data", {"image/svg+xml": '<svg id="then"/>', "text/plain": "<IPython.core.display.SVG object>"})
    stored = [
        (VARYING, [player("a tune"), drawing, printed("other\n", "stderr"), printed("an object at 0x55aa12345678\n")]),
        (SHOW_PLAYER, [player("another tune")]),
        ("print('an object at home')", [printed("an object at work\n")]),
        ("print('half past nine')", [printed("noon\n")]),
    ]
    cells = [new_code_cell(source, execution_count=n, outputs=outputs) for n, (source, outputs) in enumerate(stored, 1)]
    cells[3].metadata.tags = ["nbval-ignore-output"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "tiny.ipynb")
    shutil.copy(ROOT / "notebooks" / "conftest.py", folder)
    options = ["-v", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", folder, "--nbval"]
    sanitize = ["--nbval-sanitize-with", ROOT / "tests" / "notebooks" / "nbval_sanitize.cfg"]
    command = [sys.executable, "-m", "pytest", *options, *sanitize, folder / "tiny.ipynb"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=folder).stdout
    return dict(re.findall(r"::Cell (\d) (PASSED|FAILED)", said)) | {"told": said}


def test_what_cannot_repeat_is_forgiven(outcomes):
    assert outcomes["0"] == "PASSED"


def test_other_words_beside_a_sound_are_found(outcomes):
    assert outcomes["1"] == "FAILED"


def test_other_printed_words_are_found(outcomes):
    assert outcomes["2"] == "FAILED"


def test_a_cell_that_goes_without_comparison_is_counted(outcomes):
    assert outcomes["3"] == "PASSED"
    assert "1 of 4 cells go without comparison" in outcomes["told"]


def test_the_makefile_calls_it_so():
    makefile = (ROOT / "Makefile").read_text()
    assert "--nbval --nbval-cell-timeout 300" in makefile
    assert "--nbval-sanitize-with tests/notebooks/nbval_sanitize.cfg" in makefile
