"""Every stored notebook is whole: run in order, of the right shape, and fit to be compared by nbval.

nbval passes a cell that was never run, and even a notebook stripped of its outputs; so this looks at what is stored. The
rules stand in :func:`faults` for the course and the solutions, in :func:`faults_of_source` for assignments, which are stored
without outputs; each is shown to find its fault in a notebook that is broken on purpose. How many cells nbval may run without
comparing what comes out is bounded: lower the bound when a cell is made to repeat, and think twice before it is raised.
"""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SOLUTIONS = sorted(FOLDER.glob("solutions/*.ipynb"))
ASSIGNMENTS = sorted(FOLDER.glob("assignments/source/*/*.ipynb"))
BYTES = 1_000_000
CELLS = range(25, 56)
CELLS_OF_A_SOLUTION = range(5, 41)
LINES = 30
LED_BY_PROSE = 0.85
IGNORED = "nbval-ignore-output"
MOST_IGNORED = {"course": 66, "solutions": 5}
MAY_FAIL = {"raises-exception", "nbval-raises-exception"}


def common_faults(notebook):
    """Yield what is wrong in any notebook, as the end of a sentence."""
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


def faults(notebook, cells=CELLS):
    """Yield a sentence for each thing that is wrong in `notebook` (NotebookNode), which should have so many `cells` (range)."""
    yield from common_faults(notebook)
    if len(notebook.cells) not in cells:
        yield f"has {len(notebook.cells)} cells, not {cells.start} to {cells.stop - 1}"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "was not run from its first cell to its last (`make notebooks`)"
    pairs = zip([None, *notebook.cells], notebook.cells, strict=False)
    led = sum(before is not None and before.cell_type == "markdown" for before, cell in pairs if cell.cell_type == "code")
    if led < LED_BY_PROSE * len(code):
        yield f"only {led} of {len(code)} code cells are led by prose"
    for number, cell in enumerate(code, 1):
        yield from (f"code cell {number} {fault}" for fault in cell_faults(cell))
    for number, cell in enumerate(notebook.cells, 1):
        strange = tags_of(cell) - ({IGNORED} | MAY_FAIL if cell.cell_type == "code" else set())
        if strange:
            yield f"cell {number} has a tag that means nothing there: {', '.join(sorted(strange))}"


def faults_of_source(notebook):
    """Yield a sentence for each thing that is wrong in the source of an assignment (NotebookNode)."""
    yield from common_faults(notebook)
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            yield f"cell {number} stores an output or that it was run: nbgrader runs it itself"


def ignored(paths):
    """Return how many cells of the notebooks at `paths` nbval runs without comparing what comes out."""
    return sum(IGNORED in tags_of(cell) for path in paths for cell in nbformat.read(path, as_version=4).cells)


def tags_of(cell):
    """Return the tags of a cell, a set."""
    return set(cell.metadata.get("tags", []))


def cell_faults(cell):
    """Yield what is wrong in one code cell, as the end of a sentence."""
    source, tags = cell.source.rstrip(), tags_of(cell)
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


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_a_stored_solution_is_whole(path):
    assert list(faults(nbformat.read(path, as_version=4), CELLS_OF_A_SOLUTION)) == []


def test_the_exercises_of_every_notebook_have_their_solutions():
    assert [path.name for path in SOLUTIONS] == [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", ASSIGNMENTS, ids=lambda path: path.stem)
def test_the_source_of_an_assignment_is_whole(path):
    assert list(faults_of_source(nbformat.read(path, as_version=4))) == []


@pytest.mark.parametrize(("kind", "paths"), {"course": NOTEBOOKS, "solutions": SOLUTIONS}.items())
def test_few_cells_go_without_comparison(kind, paths):
    assert ignored(paths) <= MOST_IGNORED[kind]


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
    "cell 1 has a tag": lambda notebook: notebook.cells[0].metadata.update(tags=[IGNORED]),
    "cell 2 has a tag": lambda notebook: notebook.cells[1].metadata.update(tags=["nbval-check-output"]),
    "error stream": store_output("stream", name="stderr", text="a warning"),
}


def test_a_whole_notebook_has_no_fault():
    assert list(faults(whole())) == []


def test_a_solution_is_shorter():
    assert list(faults(whole(), CELLS_OF_A_SOLUTION)) == []
    notebook = whole()
    del notebook.cells[4:]
    assert list(faults(notebook, CELLS_OF_A_SOLUTION)) == ["has 4 cells, not 5 to 40"]


def test_tags_on_cells_of_code_are_counted(tmp_path):
    notebook = whole()
    for number in (1, 3):
        notebook.cells[number].metadata.tags = [IGNORED]
    assert list(faults(notebook)) == []
    nbformat.write(notebook, tmp_path / "some.ipynb")
    assert ignored([tmp_path / "some.ipynb"]) == 2


def source():
    """Return an assignment without a fault."""
    notebook = whole()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    return notebook


def test_the_guard_of_sources_finds_its_faults():
    assert list(faults_of_source(source())) == []
    for fault in ("is not valid", "kernel is not", "is not under", "state of widgets"):
        notebook = source()
        BREAKS[fault](notebook)
        assert any(fault in found for found in faults_of_source(notebook))
    notebook = source()
    BREAKS["error stream"](notebook)
    notebook.cells[3].execution_count = 1
    assert [found[:13] for found in faults_of_source(notebook)] == ["cell 2 stores", "cell 4 stores"]


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
