"""Whatever stands in a cell, the run comes to its end, and each cell's fate is told."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lab_utils.classroom.running import run_cells

STUBBORN = "while True:\n    try:\n        while True:\n            pass\n    except KeyboardInterrupt:\n        pass"


def fates(tmp_path, *cells, seconds=20):
    book = new_notebook(cells=[new_markdown_cell("prose"), *map(new_code_cell, cells)])
    ran = run_cells(book, folder=tmp_path, seconds=seconds, progress=False)
    assert list(ran) == list(range(1, len(cells) + 1))
    return [(one.state, one.words) for one in ran.values()]


def test_errors_are_told_in_one_line_and_the_rest_runs(tmp_path):
    (tmp_path / "here.txt").write_text("")
    cells = (
        "import os; here = os.listdir()",
        "1 / 0",
        "assert False, 'two\\nlines'",
        "raise NotImplementedError()",
        "assert 'here.txt' in here",
    )
    assert fates(tmp_path, *cells) == [
        ("done", ""),
        ("failed", "ZeroDivisionError: division by zero"),
        ("failed", "two lines"),
        ("failed", "not written yet"),
        ("done", ""),
    ]


def test_an_endless_loop_is_stopped_and_the_kernel_lives_until_a_cell_ends_it(tmp_path):
    found = fates(tmp_path, "x = 1\nwhile True:\n    pass", "assert x == 1", "import os\nos._exit(1)", "x", seconds=3)
    assert [state for state, _ in found] == ["too slow", "done", "died", "not run"]
    assert found[0][1].startswith("the cell ran longer than 3 seconds") and "the kernel died in this cell" in found[2][1]


def test_a_loop_that_will_not_be_interrupted_ends_the_run(tmp_path):
    found = fates(tmp_path, STUBBORN, "x = 1", seconds=1)
    assert [state for state, _ in found] == ["died", "not run"] and "could not be interrupted" in found[0][1]
