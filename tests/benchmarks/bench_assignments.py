"""Each assignment's solution, run as a grader runs it: seconds and memory, its points, and how many wrong answers are tried.

`python tests/benchmarks/bench_assignments.py [NAME …]`. Seconds are a whole kernel's, from its start; those "of processor" are
what counts on a busy machine. The limit of an assignment is 20 seconds on two cores.
"""

import importlib.util
import sys
from pathlib import Path

from kernels import measured

from lab_utils.classroom import assignments, names

TESTS = Path(__file__).parents[1] / "assignments"
LIMIT = 20


def wrong_answers(name):
    """Return how many wrong answers the tests of an assignment try."""
    sys.path.insert(0, str(TESTS))
    found = importlib.util.spec_from_file_location(f"test_{name}", TESTS / f"test_{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return len(module.WRONG)


def main():
    """Print the table."""
    print(f"{'assignment':<26}by tests  by hand  wrong answers  seconds  of processor  MB")
    for name in sys.argv[1:] or names():
        by_tests, by_hand = assignments.points_of(assignments.source(name))
        seconds, processor, memory = measured(assignments.source(name), folder=Path.cwd())
        late = "" if processor < LIMIT else "  over the limit"
        print(
            f"{name:<26}{by_tests:>8g}{by_hand:>9g}{wrong_answers(name):>15}{seconds:>9.1f}{processor:>14.1f}{memory:>4.0f}{late}"
        )


if __name__ == "__main__":
    main()
