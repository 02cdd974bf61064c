"""A notebook run from its first cell to its last in a process of its own, and what that took; for the benchmarks of notebooks."""

import os
import resource
import sys
import time

from lab_utils.classroom.running import run_cells


def measured(notebook, *, folder, seconds=300):
    """Run a notebook's cells, each for so many seconds at most.

    Returns
    -------
    tuple of float
        Seconds, from the kernel's start to its end; seconds of processor; MB of memory at most.

    Raises
    ------
    SystemExit
        If a cell fails.
    """
    reader, writer = os.pipe()
    if not (child := os.fork()):
        begun = time.perf_counter()
        ran = run_cells(notebook, folder=folder, seconds=seconds, progress=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)  # the kernel
        failed = [one.words for one in ran.values() if one.state != "done"]
        print(*failed, sep="\n", end="", file=sys.stderr)
        os.write(writer, f"{time.perf_counter() - begun} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}".encode())
        os._exit(bool(failed))
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("\na cell of it fails.")
    return tuple(map(float, os.read(reader, 200).decode().split()))
