"""Every stored notebook is whole: run in order, of the right shape, and fit to be compared by nbval.

nbval passes a cell that was never run, and even a notebook stripped of its outputs; so this looks at what is stored. The
rules stand in :func:`faults`; each is shown to find its fault in a notebook that is broken on purpose.
"""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
BYTES = 1_000_000
CELLS = range(25, 56)
LINES = 30
LED_BY_PROSE = 0.85
MAY_FAIL = {"raises-exception", "nbval-raises-exception"}


def faults(notebook):
    """Yield a sentence for each thing that is wrong in `notebook` (NotebookNode)."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"is not valid: {error.message}"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "kernel is not python3"
    if "version" in notebook.metadata.get("language_info", {}) or "widgets" in notebook.metadata:
        yield "stores the version of Python or the state of widgets (store it with `make notebooks`)"
    if len(nbformat.writes(notebook).encode()) >= BYTES:
        yield f"is not under {BYTES} bytes"
    if len(notebook.cells) not in CELLS:
        yield f"has {len(notebook.cells)} cells, not {CELLS.start} to {CELLS.stop - 1}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "was not run from its first cell to its last (`make notebooks`)"
    pairs = zip([None, *notebook.cells], notebook.cells, strict=False)
    led = sum(before is not None and before.cell_type == "markdown" for before, cell in pairs if cell.cell_type == "code")
    if led < LED_BY_PROSE * len(code):
        yield f"only {led} of {len(code)} code cells are led by prose"
    for number, cell in enumerate(code, 1):
        yield from (f"code cell {number} {fault}" for fault in cell_faults(cell))


def cell_faults(cell):
    """Yield what is wrong in one code cell, as the end of a sentence."""
    source, tags = cell.source.rstrip(), set(cell.metadata.get("tags", []))
    if not source:
        yield "is empty"
    if source.endswith(";"):
        yield "ends with `;`, which nbval does not heed: end it with plt.show() or an assignment"
    if source.count("\n") >= LINES:
        yield f"is longer than {LINES} lines"
    if "nbval-skip" in tags or re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)_", source):
        yield "is kept from nbval: skipping is not allowed, and other wishes are tags"
    if "execution" in cell.metadata:
        yield "stores when it ran (`make notebooks`)"
    for output in cell.outputs:
        if output.output_type == "error" and not tags & MAY_FAIL:
            yield f"stores an error: {output.ename}"
        if output.output_type == "stream" and output.name == "stderr":
            yield "stores what went to the error stream"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_is_whole(path):
    assert list(faults(nbformat.read(path, as_version=4))) == []


def test_the_course_has_notebooks_each_with_a_number_of_its_own():
    numbers = [path.name[:3] for path in NOTEBOOKS]
    assert numbers and numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem) for path in NOTEBOOKS)


# ---------------------------------------------------------------- each rule finds its fault


def whole():
    """Return a notebook without a fault: fifteen times prose and a cell of code."""
    cells = []
    for number in range(1, 16):
        cells += [new_markdown_cell("why"), new_code_cell("x = 1", execution_count=number)]
    return new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def replace_source(text):
    return lambda notebook: notebook.cells[1].update(source=text)


def store_output(*arguments, **values):
    return lambda notebook: notebook.cells[1].outputs.append(new_output(*arguments, **values))


BREAKS = {
    "is not valid": lambda notebook: notebook.cells[1].pop("outputs") and None,
    "kernel is not": lambda notebook: notebook.metadata.kernelspec.update(name="julia"),
    "version of Python": lambda notebook: notebook.metadata.update(language_info={"name": "python", "version": "3.11.7"}),
    "state of widgets": lambda notebook: notebook.metadata.update(widgets={}),
    "is not under": store_output("stream", text="x" * BYTES),
    "has 24 cells": lambda notebook: notebook.cells.__delitem__(slice(0, 6)),
    "has 56 cells": lambda notebook: notebook.cells.extend(new_markdown_cell("more") for _ in range(26)),
    "was not run": lambda notebook: notebook.cells[1].update(execution_count=None),
    "only 0 of 15": lambda notebook: notebook.cells.sort(key=lambda cell: cell.cell_type),
    "is empty": replace_source(" \n"),
    "ends with": replace_source("plt.plot(x);\n"),
    "is longer than": replace_source("x = 1\n" * 30 + "x = 1"),
    "kept from nbval": lambda notebook: notebook.cells[1].metadata.update(tags=["nbval-skip"]),
    "wishes are tags": replace_source("# NBVAL_IGNORE_OUTPUT\nx"),
    "when it ran": lambda notebook: notebook.cells[1].metadata.update(execution={}),
    "stores an error": store_output("error", ename="ValueError", evalue="", traceback=[]),
    "error stream": store_output("stream", name="stderr", text="a warning"),
}


def test_a_whole_notebook_has_no_fault():
    assert list(faults(whole())) == []


def test_an_error_that_is_meant_is_no_fault():
    notebook = whole()
    BREAKS["stores an error"](notebook)
    notebook.cells[1].metadata.tags = ["raises-exception"]
    assert list(faults(notebook)) == []


@pytest.mark.parametrize("fault", BREAKS)
def test_the_guard_finds(fault):
    notebook = whole()
    BREAKS[fault](notebook)
    assert any(fault in found for found in faults(notebook)), list(faults(notebook))
