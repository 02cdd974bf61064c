"""Scores to labelled spectrograms in [-1, 1]: MIDI → WAV → STFT → scaled, cached, on all cores, and restartable.

The steps, for each item
------------------------
1. **Time.** By default one tempo is chosen so that the item's last bar line falls on ``seconds`` (``tempo="fit"``). So every
   item fills its frames, and neither silence at the end nor the length of a bar tells one style from another.
   With ``tempo="written"`` the tempo stays, and the item is cut, or filled up with silence, to ``seconds``.
2. **Sound.** The synthesizer plays it; what rings on after ``seconds`` is cut off with a short fade, against a click. The
   loudest sample is at 0.9, so that loudness tells nothing either.
3. **Spectrogram.** :meth:`Transform.forward`: levels in dB, shape (frames, bins), as many frames for each item.
4. **Scale.** A :class:`Scaler` fitted on the items of the train fold alone moves all of them to [-1, 1]; or the one that is
   given, as for bars that a trained network is to be shown.

The cache
---------
The result lies in the cache in a folder named by the SHA-256 of all that it depends on: the notes (as MIDI), ids, labels, folds
and settings, the synth's engine and version among them. Another setting is another folder, and nothing is ever out of date.
While the work goes on, each group of items (a piece) has a file of its own, written beside and renamed; so a killed run
goes on where it stopped, and a file that is cut short is made again.

Leaves out: stereo, augmentation (a recipe's work), more than one transform at a time.
Used by notebook 04, ``python -m lab_utils data prepare stave275`` and every recipe that trains on sound.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from lab_utils import storage
from lab_utils.audio.scaling import Scaler
from lab_utils.audio.spectrogram import Transform
from lab_utils.audio.synth import engines, soundfont_path
from lab_utils.datasets.prepare_parts import Task, make_parts, read_part
from lab_utils.datasets.prepared import Prepared, load_prepared
from lab_utils.datasets.split import check_split
from lab_utils.datasets.stave275 import load_stave275
from lab_utils.errors import DataError, MissingToolError, ParameterError, check_whole
from lab_utils.files.midi import to_midi_bytes

VERSION = 1  # counts changes of the steps above: another number makes every cache anew
TEMPOS = ("fit", "written")


def prepare(
    scores,
    *,
    ids,
    folds,
    labels=None,
    groups=None,
    transform=None,
    scaler=None,
    seconds=2.0,
    tempo="fit",
    engine="auto",
    waves=False,
    name="scores",
    jobs=None,
    progress=True,
):
    """Turn scores into labelled spectrograms in [-1, 1], or take them from the cache.

    Parameters
    ----------
    scores : sequence of Score, length items
    ids : sequence of str
        A name for each item, no two alike.
    folds : sequence of str
        The fold of each item; the scaler is fitted on those of "train".
    labels : dict of str → sequence of str, optional
        Columns of names.
    groups : sequence of str, optional
        The group (piece) of each item: no group may be in two folds, and each is a unit of work. Default: each item alone.
    transform : Transform, optional
        Default: ``Transform()``.
    scaler : Scaler, optional
        In place of one that is fitted on the train fold, which may then be missing.
    seconds : float
        The length of every item.
    tempo : str
        "fit" or "written"; see the module's steps.
    engine : str
        The synthesizer, as in :func:`synthesize`; ``settings["engine"]`` of the result says which it was.
    waves : bool
        Keep the sound too.
    name : str
        How the folder in the cache begins.
    jobs : int, optional
        Processes. Default: one for each core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Prepared

    Raises
    ------
    ParameterError
        Lengths that differ, ids that repeat, an empty train fold, a group in two folds, an option that is none.
    DataError
        If the cache cannot be written.
    """
    transform = transform or Transform()
    groups = list(ids) if groups is None else list(groups)
    columns = {"ids": list(ids), "folds": list(folds), "groups": groups}
    labels = {label: list(column) for label, column in (labels or {}).items()}
    _check_columns(scores, columns | labels, fits=scaler is None)
    _check_options(seconds, tempo, name, jobs)
    settings = {"seconds": float(seconds), "tempo": tempo, "waves": bool(waves), **_played_by(engine), "version": VERSION}
    if scaler is not None:
        settings["scaler"] = {"low": scaler.low.tolist(), "high": scaler.high.tolist()}
    told = {**columns, "labels": labels, "transform": transform.to_dict(), "settings": settings}
    folder = storage.cache_folder("prepared") / f"{name}-{_digest(scores, told)[:16]}"
    try:
        return load_prepared(folder)
    except DataError:  # not made yet, or cut short
        pass
    rows = _rows(groups)
    tasks = [
        Task(folder / "parts" / f"{number:05d}.npz", tuple(scores[row] for row in group), transform, settings)
        for number, group in enumerate(rows)
    ]
    make_parts(tasks, jobs=jobs, progress=progress, title=f"preparing {name}")
    found = _gather(tasks, rows, columns, labels, transform, scaler, settings)
    found.save(folder)
    shutil.rmtree(folder / "parts", ignore_errors=True)
    return found


def prepare_stave275(*, instrumentation="piano", **options):
    """Return the 275 bars of stave275 as labelled spectrograms; the labels are "style", "key" and "meter".

    Parameters
    ----------
    instrumentation : str
        As in :func:`load_stave275`.
    **options
        As in :func:`prepare`: transform, seconds, tempo, engine, waves, jobs, progress.

    Returns
    -------
    Prepared
        220 items in the fold "train", 55 in "valid".
    """
    bars = load_stave275(instrumentation=instrumentation)
    return prepare(
        [bar.score for bar in bars],
        ids=[bar.name for bar in bars],
        folds=[bar.fold for bar in bars],
        groups=[bar.piece.name for bar in bars],
        labels={label: [getattr(bar, label) for bar in bars] for label in ("style", "key", "meter")},
        name=f"stave275-{instrumentation}",
        **options,
    )


def _check_columns(scores, columns, *, fits):
    for column, values in columns.items():
        if len(values) != len(scores):
            raise ParameterError(f"{column}: expected one for each of {len(scores)} scores, received {len(values)}.")
    ids = columns["ids"]
    if len(set(ids)) < len(ids):
        twice = next(item for item in ids if ids.count(item) > 1)
        raise ParameterError(f"ids: expected no two alike, received {twice!r} twice or more.")
    if not len(scores):
        raise ParameterError("scores: expected at least one, received none.")
    if fits and "train" not in columns["folds"]:
        raise ParameterError(f"folds: expected items in 'train' to fit the scaler on, received {sorted(set(columns['folds']))}.")
    check_split(columns["groups"], columns["folds"])
    empty = next((item for item, score in zip(ids, scores, strict=True) if not len(score)), None)
    if empty is not None:
        raise ParameterError(f"scores: expected notes in each, received none in {empty!r}; leave it out.")


def _check_options(seconds, tempo, name, jobs):
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0.1 <= seconds <= 600:
        raise ParameterError(f"seconds: expected a length from 0.1 to 600, received {seconds!r}.")
    if tempo not in TEMPOS:
        raise ParameterError(f"tempo: expected one of {', '.join(TEMPOS)}, received {tempo!r}.")
    if not name or Path(name).name != name:
        raise ParameterError(f"name: expected a plain file name, received {name!r}.")
    if jobs is not None:
        check_whole("jobs", jobs, 1)


def _played_by(engine):
    """Which engine plays here, and all of it that the sound depends on."""
    found = engines()
    if engine == "auto":
        engine = next((name for name, state in found.items() if state.ready), "embedded")
    if engine not in found:
        raise ParameterError(f"engine: expected one of auto, {', '.join(found)}, received {engine!r}.")
    if not found[engine].ready:
        raise MissingToolError(f"engine: {found[engine].detail}")
    return {"engine": engine, "engine_version": found[engine].detail, "soundfont": soundfont_path().name}


def _digest(scores, told):
    """The SHA-256 of the notes and of everything else that the result depends on."""
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for score in scores:
        digest.update(hashlib.sha256(to_midi_bytes(score)).digest())
    return digest.hexdigest()


def _rows(groups):
    """The items of each group, as lists of their positions."""
    rows = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return list(rows.values())


def _gather(tasks, rows, columns, labels, transform, scaler, settings):
    """Put the groups' files together and scale them."""
    arrays = {}
    for task, inside in zip(tasks, rows, strict=True):
        part = read_part(task)
        if part is None:
            raise DataError(f"{task.path}: was taken away while the data set was prepared; prepare it again.")
        for name, values in part.items():
            whole = arrays.setdefault(name, np.empty((len(columns["ids"]), *values.shape[1:]), np.float32))
            whole[inside] = values
    folds = np.array(columns["folds"])
    scaler = scaler or Scaler.fit(arrays["spectrograms"][folds == "train"])
    return Prepared(
        spectrograms=scaler.transform(arrays["spectrograms"]),
        ids=np.array(columns["ids"]),
        folds=folds,
        labels={label: np.array(column) for label, column in labels.items()},
        scaler=scaler,
        transform=transform,
        settings=settings,
        waves=arrays.get("waves"),
    )
