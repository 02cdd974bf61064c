"""`make notebooks`: what it stores, and that a notebook that fails stays as it was."""

import runpy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

STORE = runpy.run_path(str(Path(__file__).with_name("store.py")))


@pytest.fixture
def written(tmp_path):
    def write(*sources):
        path = tmp_path / "tiny.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
        return path

    return write


def test_outputs_are_stored_without_what_varies(written):
    path = written("print('one')\nprint('two')", "import os\nos.path.basename(os.getcwd())")
    assert STORE["main"]([str(path)]) == 0
    first, second = nbformat.read(path, as_version=4).cells
    assert [output.text for output in first.outputs] == ["one\ntwo\n"]
    assert second.outputs[0].data["text/plain"] == repr(path.parent.name)  # it ran in its own folder
    assert [first.execution_count, second.execution_count] == [1, 2]
    text = path.read_text()
    assert '"version"' not in text and "iopub" not in text and text.endswith("}\n")
    assert STORE["main"]([str(path)]) == 0
    assert path.read_text() == text  # a second time changes nothing


def test_a_notebook_that_fails_is_left_as_it_was(written, capsys):
    path = written("x = 1", "x / 0")
    before = path.read_bytes()
    assert STORE["main"]([str(path)]) == 1
    assert path.read_bytes() == before
    assert f"{path}: failed" in capsys.readouterr().err
