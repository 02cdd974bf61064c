"""Each assignment's solution, run as a grader runs it: seconds and memory, its points, and how many wrong answers are tried.

`python tests/benchmarks/bench_assignments.py [NAME …]`. Seconds are a whole kernel's, from its start; those "of processor" are
what counts on a busy machine. The limit of an assignment is 20 seconds on two cores.
"""

import importlib.util
import os
import resource
import sys
import time
from pathlib import Path

from lab_utils.classroom import assignments, names
from lab_utils.classroom.running import run_cells

TESTS = Path(__file__).parents[1] / "assignments"
LIMIT = 20


def wrong_answers(name):
    """Return how many wrong answers the tests of an assignment try."""
    sys.path.insert(0, str(TESTS))
    found = importlib.util.spec_from_file_location(f"test_{name}", TESTS / f"test_{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return len(module.WRONG)


def run(name):
    """Run a solution in a process of its own and return (seconds, seconds of processor, MB at most)."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        begun = time.perf_counter()
        ran = run_cells(assignments.source(name), folder=Path.cwd(), progress=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)  # the kernel
        failed = [one.words for one in ran.values() if one.state != "done"]
        os.write(writer, f"{time.perf_counter() - begun} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
        os._exit(bool(failed))
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"{name}: its solution fails.")
    return map(float, os.read(reader, 200).decode().split())


def main():
    """Print the table."""
    print(f"{'assignment':<26}by tests  by hand  wrong answers  seconds  of processor  MB")
    for name in sys.argv[1:] or names():
        by_tests, by_hand = assignments.points_of(assignments.source(name))
        seconds, processor, memory = run(name)
        late = "" if processor < LIMIT else "  over the limit"
        print(
            f"{name:<26}{by_tests:>8g}{by_hand:>9g}{wrong_answers(name):>15}{seconds:>9.1f}{processor:>14.1f}{memory:>4.0f}{late}"
        )


if __name__ == "__main__":
    main()
