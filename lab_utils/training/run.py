"""A run: a folder that holds all of a training and can go on from there.

========================  ==========================================================================
``config.json``           the recipe's name, its settings, the seed
``history.csv``           a row an epoch: loss, validation, learning rate, seconds, the model's own metrics
``state.npz``             every variable of model and optimiser after the last whole epoch
``weights.npz``           the weights that were best on the validation set, averaged if so asked
``board/``                what TensorBoard shows, if so asked
========================  ==========================================================================

Each file is written beside and renamed, the state last: a killed run loses at most the epoch that it was in. What a resumed
run sees follows from the seed and the epoch's number, so that on one device it goes the way of a run that was never killed.

Weights may be averaged over the steps (Polyak & Juditsky, 1992) by the optimiser's own moving average (``use_ema``); then
validation and ``weights.npz`` use the average, and training goes on from the raw weights. Of several processes that train
together, rank 0 alone writes.
"""

import csv
import io
from pathlib import Path

import numpy as np

from lab_utils.backend import settle
from lab_utils.errors import DataError
from lab_utils.progress import tell
from lab_utils.storage import read_json, write_bytes, write_json
from lab_utils.training.callbacks import COLUMNS, Board, Composer, Keeper, Shown, StopAtNaN, all_variables, exhausted
from lab_utils.training.checkpoint import load_variables, read_about, save_variables
from lab_utils.training.device import Hardware, agreed
from lab_utils.training.windows import Part


class Run:
    """The folder of a training.

    Parameters
    ----------
    folder : str or Path
    writes : bool
        False for a process that trains along and leaves the files to another one.
    """

    def __init__(self, folder, *, writes=True):
        self.folder, self.writes = Path(folder), writes

    @classmethod
    def create(cls, folder, config, *, writes=True):
        """Make the folder with its ``config.json``; a folder that holds a run already is not touched.

        Raises
        ------
        DataError
            If there is a run in `folder`.
        """
        run = cls(folder, writes=writes)
        if writes and (run.folder / "config.json").exists():
            raise DataError(f"{folder}: holds a run already; `resume` it, or choose another folder.")
        run.write(write_json, config, "config.json")
        return run

    def write(self, writer, content, name):
        """Let ``writer(content, path)`` write the run's file `name`, if this process writes at all."""
        if self.writes:
            writer(content, self.folder / name)

    def save(self, name, variables, **options):
        """Write Keras variables as :func:`~lab_utils.training.checkpoint.save_variables` does."""
        if self.writes:
            save_variables(variables, self.folder / name, **options)

    @property
    def config(self):
        """What ``config.json`` says, a dict."""
        path = self.folder / "config.json"
        if not path.exists():
            raise DataError(f"{self.folder}: holds no run (no config.json); name the folder that `train` printed.")
        config = read_json(path)
        if not isinstance(config, dict):
            raise DataError(f"{path}: is no config of a run; write the run again.")
        return config

    @property
    def epochs_done(self):
        """How many whole epochs the run has behind it."""
        state = self.folder / "state.npz"
        return int(read_about(state)["epochs"]) if state.exists() else 0

    def history(self):
        """Return ``history.csv`` as a dict of columns, each a list of float (NaN where nothing was measured)."""
        path = self.folder / "history.csv"
        reader = csv.DictReader(io.StringIO(path.read_text()) if path.exists() else io.StringIO(",".join(COLUMNS)))
        rows = list(reader)
        return {name: [float(row[name] or "nan") for row in rows] for name in reader.fieldnames}

    def write_history(self, history):
        """Write a dict of columns as ``history.csv``."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(history)
        for row in zip(*history.values(), strict=True):
            writer.writerow(["" if np.isnan(value) else f"{value:.6g}" for value in row])
        self.write(write_bytes, text.getvalue().encode(), "history.csv")


def fit(
    model, run, batches, *, epochs, validate=None, every=1, patience=0, progress=True, on_epoch=None, hardware=None,
    compose=None, listen=0, tensorboard=False, callbacks=(),
):  # fmt: skip
    """Train `model` to epoch `epochs` within `run`, from wherever the run stands.

    Parameters
    ----------
    model : keras.Model
        Built and compiled.
    run : Run
    batches : Windows
        Or another ``PyDataset`` with an attribute ``epoch``. With several processes, the batches of all of them together.
    epochs : int
        The number of the last epoch.
    validate : callable, optional
        ``validate(model) -> float``, smaller is better (of a model with a likelihood, the NLL); called every `every` epochs and
        after the last.
    every : int
    patience : int
        Stop after so many validations that were no better than the best; 0 never stops early.
    progress : bool
        Show a bar with loss and time left.
    on_epoch : callable, optional
        ``on_epoch(epoch, row)`` after each epoch, `row` a dict of the history's columns.
    hardware : Hardware, optional
        That of :func:`~lab_utils.training.device.prepared`, in whose block the model was built.
    compose : callable, optional
        ``compose(model, epoch)``, called every `listen` epochs with the weights that would be shipped.
    listen : int
    tensorboard : bool
        Write the history for TensorBoard too, into the run's folder ``board``.
    callbacks : sequence of keras.callbacks.Callback
        Called after those of the run, when an epoch is kept.

    Returns
    -------
    dict
        The history: columns, each a list of float.

    Raises
    ------
    LabError
        If the loss or a weight is no number any more: the message tells the epoch and the batch; the run keeps the epoch before.
    """
    settle()
    hardware = hardware or Hardware()
    model.optimizer.build(model.trainable_variables)
    best = float("inf")
    if (run.folder / "state.npz").exists():
        about = load_variables(all_variables(model), run.folder / "state.npz")
        batches.epoch, best = int(about["epochs"]), float(about["best"])
    first = batches.epoch
    history = {name: column[:first] for name, column in run.history().items()}
    if first < epochs and exhausted(history, patience):
        shown = progress and run.writes
        tell(f"nothing to do: the run stopped early, after epoch {first}; its best weights are kept", show=shown)
        return history
    if first >= epochs:
        return history
    keeper = Keeper(
        run, history, validate=validate, every=every, last=epochs, patience=patience, best=best, on_epoch=on_epoch,
        agree=lambda valid: agreed(valid, hardware),
    )  # fmt: skip
    shown = Shown(total=(epochs - first) * len(batches), show=progress and run.writes)
    board = [Board(run.folder / "board", history)] if tensorboard and run.writes else []
    composer = [Composer(compose, listen)] if compose and listen else []
    callbacks = [StopAtNaN(), keeper, *board, *composer, *callbacks, shown]
    batches = Part(batches, hardware.rank, hardware.processes) if hardware.processes > 1 else batches
    try:
        model.fit(batches, initial_epoch=first, epochs=epochs, verbose=0, shuffle=False, callbacks=callbacks)
    finally:
        for callback in (shown, *board):
            callback.close()
    return history
