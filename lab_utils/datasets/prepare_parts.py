"""The heavy part of preparing a data set: groups of scores rendered and transformed on all cores, each to a file of its own.

Conventions
-----------
* A task is one group: its scores, and the file that it goes to. A file that is there and whole is not made again, so a run
  that was killed goes on where it stopped.
* Workers are new processes ("spawn": a fork would copy the threads of TensorFlow and of notebooks, which do not survive
  it). A worker ends with the process that started it, even one that is killed.
* Workers do not import the program that started them: it may be a notebook, standard input, or a script without its
  ``if __name__ == "__main__"``.
* Where a worker is killed, for want of memory say, the work goes on in this process.

Used through :func:`lab_utils.datasets.prepare`.
"""

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from lab_utils.audio.spectrogram import Transform
from lab_utils.audio.synth import synthesize
from lab_utils.datasets.prepared import read_arrays, write_arrays
from lab_utils.errors import DataError
from lab_utils.progress import bar

SOUND_PER_WORKER = 100.0  # seconds of sound that take about as long to render as a process to start


@dataclass(frozen=True)
class Task:
    """A group to be rendered.

    Parameters
    ----------
    path : Path
        The .npz that it goes to: ``spectrograms`` (items, frames, bins) and, if asked for, ``waves`` (items, samples).
    scores : tuple of Score
    transform : Transform
    settings : dict
        ``seconds``, ``tempo``, ``engine``, ``waves``.
    """

    path: Path
    scores: tuple
    transform: Transform
    settings: dict


def render(score, *, transform, seconds, tempo, engine):
    """Return the sound of one item, exactly `seconds` long.

    Parameters
    ----------
    score : Score
    transform : Transform
        Its sample rate counts here.
    seconds : float
    tempo : str
        "fit": the last bar line falls on `seconds`; "written": as it is, cut with a fade or filled up with silence.
    engine : str
        "fluidsynth" or "embedded".

    Returns
    -------
    np.ndarray of float32, shape (samples,)
    """
    if tempo == "fit":
        score = score.with_(tempos=((0.0, 60 * float(score.bar_lines()[-1]) / seconds),))
    return synthesize(score, sample_rate=transform.sample_rate, engine=engine, seconds=seconds)


def make_part(task):
    """Render a group and write its file."""
    options = {name: task.settings[name] for name in ("seconds", "tempo", "engine")}
    waves = [render(score, transform=task.transform, **options) for score in task.scores]
    arrays = {"spectrograms": np.stack([task.transform.forward(wave) for wave in waves])}
    if task.settings["waves"]:
        arrays["waves"] = np.stack(waves)
    write_arrays(task.path, arrays)


def read_part(task):
    """Return a group's arrays as a dict, or None if its file is missing, cut short, or has not one row for each score."""
    try:
        arrays = read_arrays(task.path)
    except DataError:
        return None
    wanted = {"spectrograms", "waves"} if task.settings["waves"] else {"spectrograms"}
    whole = set(arrays) == wanted and all(len(rows) == len(task.scores) for rows in arrays.values())
    return arrays if whole else None


def make_parts(tasks, *, jobs=None, progress=True, title="preparing"):
    """Make every part that is not there yet, on `jobs` cores (all by default), under a progress bar.

    Parameters
    ----------
    tasks : sequence of Task
    jobs : int, optional
    progress : bool
    title : str

    Raises
    ------
    DataError
        If a part cannot be written.
    """
    left = {task.path: task for task in tasks if read_part(task) is None}
    with bar(total=sum(len(task.scores) for task in tasks), title=title, show=progress) as shown:
        shown.update(sum(len(task.scores) for task in tasks if task.path not in left))
        for task in _on_cores(list(left.values()), min(jobs or _worthwhile(left.values()), len(left))):
            del left[task.path]
            shown.update(len(task.scores))
        for task in left.values():
            make_part(task)
            shown.update(len(task.scores))


def cores():
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _worthwhile(tasks):
    """How many processes these tasks are worth: each takes seconds to start."""
    sound = sum(len(task.scores) * task.settings["seconds"] for task in tasks)
    return min(cores(), 1 + int(sound / SOUND_PER_WORKER))


def _on_cores(tasks, jobs):
    """Yield each task as a worker finishes it; yield none for a single job, stop early where a worker is killed."""
    if jobs < 2:
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker)
    try:
        with _no_main_module():
            running = {pool.submit(make_part, task): task for task in tasks}
        for future in as_completed(running):
            future.result()
            yield running[future]
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
