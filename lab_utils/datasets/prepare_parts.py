"""The heavy part of preparing a data set: groups of scores rendered and transformed on all cores, each to a file of its own.

A task is one group: its scores, and the file that it goes to. A file that is there and whole is not made again, so a run that
was killed goes on where it stopped. The processes are those of :mod:`~lab_utils.datasets.workers`.

Used through :func:`lab_utils.datasets.prepare`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab_utils.audio.spectrogram import Transform
from lab_utils.audio.synth import synthesize
from lab_utils.datasets.prepared import read_arrays, write_arrays
from lab_utils.datasets.workers import cores, results
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
    left = [task for task in tasks if read_part(task) is None]
    count = sum(len(task.scores) for task in tasks)
    with bar(total=count, title=title, show=progress) as shown:
        shown.update(count - sum(len(task.scores) for task in left))
        for place, _ in results(make_part, left, jobs or _worthwhile(left)):
            shown.update(len(left[place].scores))


def _worthwhile(tasks):
    """How many processes these tasks are worth: each takes seconds to start."""
    sound = sum(len(task.scores) * task.settings["seconds"] for task in tasks)
    return min(cores(), 1 + int(sound / SOUND_PER_WORKER))
