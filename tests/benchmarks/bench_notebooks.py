"""What each notebook of the course asks of its reader and of the machine: words, lines of code, players; time and memory.

`python tests/benchmarks/bench_notebooks.py [FILE …]`. Each runs from its first cell to its last in a kernel of its own, as in
JupyterLab with "Run All"; nothing is stored. Seconds are counted from the kernel's start; run it on a machine that is quiet.
"""

import re
import sys
from pathlib import Path

import nbformat
from kernels import measured

COURSE = Path(__file__).parents[2] / "notebooks"


def contents(notebook):
    """Return the number of words in prose, of lines of code, and of players in the stored outputs."""
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    lines = sum(bool(line.strip()) for cell in notebook.cells if cell.cell_type == "code" for line in cell.source.splitlines())
    stored = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    players = sum("".join(output.get("data", {}).get("text/html", "")).count("<audio") for output in stored)
    return len(re.findall(r"\w[\w'’-]*", prose)), lines, players


def main(paths):
    """Print the table."""
    print(f"{'notebook':<32}  words  lines  players  seconds  of processor    MB")
    for path in paths or sorted(COURSE.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        words, lines, players = contents(notebook)
        seconds, processor, memory = measured(notebook, folder=path.parent)
        print(f"{path.stem:<32}{words:>7,}{lines:>7}{players:>9}{seconds:>9.0f}{processor:>14.0f}{memory:>6.0f}", flush=True)


if __name__ == "__main__":
    main([Path(name).resolve() for name in sys.argv[1:]])
