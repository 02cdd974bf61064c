"""Work spread over the cores: processes that do one call each at a time, for :mod:`prepare_parts` and :mod:`chorales`.

* Workers are new processes ("spawn"). A fork would copy the threads of TensorFlow and of notebooks, which do not survive it:
  what a forked worker waits for may never come.
* A worker ends with the process that started it, even one that is killed.
* Workers do not import the program that started them: it may be a notebook, standard input, or a script without its
  ``if __name__ == "__main__"``.
* Where a worker is killed, for want of memory say, the work goes on in this process.
"""

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import ModuleType


def cores():
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results(function, items, jobs):
    """Yield (place, result) of ``function(item)`` for every item, in the order in which they are done.

    Parameters
    ----------
    function : callable
        Of a module, so that another process finds it.
    items : sequence
    jobs : int
        Processes; under 2, or with a single item, all is done here.

    Yields
    ------
    place : int
        Of the item in `items`.
    result : object
        What `function` returned. What it raises is raised here.
    """
    left = dict(enumerate(items))
    for place, result in _of_workers(function, left, min(jobs, len(left))):
        del left[place]
        yield place, result
    for place, item in left.items():
        yield place, function(item)


def _of_workers(function, items, jobs):
    """Yield what workers have done; none for a single job, and no more where one of them is killed."""
    if jobs < 2:
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker)
    try:
        with _no_main_module():
            running = {pool.submit(function, item): place for place, item in items.items()}
        for future in as_completed(running):
            yield running[future], future.result()
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker():
    """In a worker: leave Ctrl-C to the parent, and end when the parent ends, even if that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow():
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@contextmanager
def _no_main_module():
    """While processes are started, hide the program from them, which "spawn" would import in each."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
