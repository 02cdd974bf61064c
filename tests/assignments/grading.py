"""How the assignments are proved: a kernel that runs an answer, the points that nbgrader would give it, and three tests.

A file of this folder is data (NAME, POINTS, WRONG) and takes the three tests from here. One kernel serves a file: its names are
wiped between two answers, its imports stay, so that an answer costs no more than it computes. What counts as right is nbgrader's
own word, :func:`nbgrader.utils.determine_grade`; that the whole round gives the same is shown in ``tests/classroom``.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.manager import start_new_kernel
from nbformat.v4 import output_from_msg
from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import determine_grade, is_grade, is_solution

SOURCE = Path(__file__).parents[2] / "notebooks" / "assignments" / "source"
SECONDS = 60  # a cell


@dataclass(frozen=True)
class Wrong:
    """An answer that looks right and is not.

    Parameters
    ----------
    words : str
        What is wrong with it.
    cells : dict of str to str
        The whole new source of solution cells, by their grade_id.
    loses : set of str
        The test cells that must fail, by their grade_id; every other one must pass.
    says : str
        A part of what one of them tells the student.
    """

    words: str
    cells: dict
    loses: set
    says: str = ""

    def __str__(self):
        return self.words


@dataclass
class Marked:
    """What came of an answer: points by test cell, and what each failed one said."""

    points: dict = field(default_factory=dict)
    said: dict = field(default_factory=dict)


class Bench:
    """An assignment beside a running kernel."""

    def __init__(self, name):
        self.notebook = nbformat.read(SOURCE / name / f"{name}.ipynb", as_version=4)
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def blank(self):
        """Return the notebook as a student gets it, hidden tests still in it."""
        return ClearSolutions().preprocess(deepcopy(self.notebook), {})[0]

    def answered(self, cells):
        """Return the solution with other answers in `cells`."""
        book, left = deepcopy(self.notebook), dict(cells)
        for cell in book.cells:
            if is_solution(cell) and cell.metadata.nbgrader.grade_id in left:
                cell.source = left.pop(cell.metadata.nbgrader.grade_id)
        assert not left, f"no solution cell is called {', '.join(left)}"
        return book

    def mark(self, book, *, every=True):
        """Run `book` from its first cell to its last and return what came of it, a Marked.

        Without `every` those cells are left out that plot and play, and give no points by running: they take most of the time.
        """
        self.run("%reset -f")
        marked = Marked()
        for cell in book.cells:
            free = "nbgrader" not in cell.metadata or (is_grade(cell) and is_solution(cell))
            if cell.cell_type != "code" or (free and not every):
                continue
            cell.outputs = self.run(cell.source)
            if is_grade(cell) and not is_solution(cell):
                name = cell.metadata.nbgrader.grade_id
                marked.points[name], _ = determine_grade(cell)
                marked.said[name] = " ".join(one.evalue for one in cell.outputs if one.output_type == "error")
        return marked

    def run(self, code):
        """Return the outputs of `code`."""
        outputs = []

        def keep(message):
            if message["msg_type"] in ("stream", "error", "display_data", "execute_result"):
                outputs.append(output_from_msg(message))

        try:
            self.client.execute_interactive(code, timeout=SECONDS, output_hook=keep, allow_stdin=False)
        except (TimeoutError, Empty) as error:
            self.manager.interrupt_kernel()
            raise TimeoutError(f"a cell ran longer than {SECONDS} seconds:\n{code}") from error
        return outputs


def test_solution_gets_everything(bench, request):
    marked = bench.mark(bench.answered({}))
    assert not any(marked.said.values()), marked.said
    assert marked.points == request.module.POINTS


def test_blank_gets_nothing(bench, request):
    assert bench.mark(bench.blank(), every=False).points == dict.fromkeys(request.module.POINTS, 0)


def test_wrong_answer_loses_its_points(bench, request, wrong):
    marked, points = bench.mark(bench.answered(wrong.cells), every=False), request.module.POINTS
    assert {name for name, got in marked.points.items() if got < points[name]} == wrong.loses, marked.said
    assert any(wrong.says in words for words in marked.said.values()), marked.said
