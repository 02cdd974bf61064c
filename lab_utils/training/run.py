"""A run: a folder that holds all of a training and can go on from there.

========================  ==========================================================================
``config.json``           the recipe's name, its settings, the seed
``history.csv``           a row an epoch: loss, validation NLL, seconds
``state.npz``             every variable of model and optimiser after the last whole epoch
``weights.npz``           the weights that were best on the validation set, averaged if so asked
========================  ==========================================================================

Each file is written beside and renamed, the state last: a killed run loses at most the epoch that it was in. What a resumed
run sees follows from the seed and the epoch's number, so that on one device it goes the way of a run that was never killed.

Weights may be averaged over the steps (Polyak & Juditsky, 1992) by the optimiser's own moving average (``use_ema``); then
validation and ``weights.npz`` use the average, and training goes on from the raw weights.
"""

import csv
import io
import time
from pathlib import Path

import numpy as np

from lab_utils.backend import keras, settle
from lab_utils.errors import DataError, LabError
from lab_utils.progress import bar
from lab_utils.storage import read_json, write_bytes, write_json
from lab_utils.training.checkpoint import load_variables, read_about, save_variables

COLUMNS = ("epoch", "loss", "valid_nll", "learning_rate", "seconds")


class Run:
    """The folder of a training.

    Parameters
    ----------
    folder : str or Path
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    @classmethod
    def create(cls, folder, config):
        """Make the folder with its ``config.json``; a folder that holds a run already is not touched.

        Raises
        ------
        DataError
            If there is a run in `folder`.
        """
        run = cls(folder)
        if (run.folder / "config.json").exists():
            raise DataError(f"{folder}: holds a run already; `resume` it, or choose another folder.")
        write_json(config, run.folder / "config.json")
        return run

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
        rows = list(csv.DictReader(io.StringIO(path.read_text()))) if path.exists() else []
        return {name: [float(row[name] or "nan") for row in rows] for name in COLUMNS}

    def write_history(self, history):
        """Write a dict of columns as ``history.csv``."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in zip(*(history[name] for name in COLUMNS), strict=True):
            writer.writerow(["" if np.isnan(value) else f"{value:.6g}" for value in row])
        write_bytes(text.getvalue().encode(), self.folder / "history.csv")


def all_variables(model):
    """Return every variable that a resumed training needs: weights, counters, random states, the optimiser's."""
    return [*model.variables, *model.optimizer.variables]


def fit(model, run, batches, *, epochs, validate=None, every=1, progress=True, on_epoch=None):
    """Train `model` to epoch `epochs` within `run`, from wherever the run stands.

    Parameters
    ----------
    model : keras.Model
        Built and compiled.
    run : Run
    batches : Windows
        Or another ``PyDataset`` with an attribute ``epoch``.
    epochs : int
        The number of the last epoch.
    validate : callable, optional
        ``validate(model) -> float``, smaller is better; called every `every` epochs and after the last.
    every : int
    progress : bool
        Show a bar with loss and time left.
    on_epoch : callable, optional
        ``on_epoch(epoch, row)`` after each epoch, `row` a dict of the history's columns.

    Raises
    ------
    LabError
        If the loss is no number any more: the message tells the epoch and the batch; the run keeps the epoch before.
    """
    settle()
    model.optimizer.build(model.trainable_variables)
    best = float("inf")
    if (run.folder / "state.npz").exists():
        about = load_variables(all_variables(model), run.folder / "state.npz")
        batches.epoch, best = int(about["epochs"]), float(about["best"])
    history = {name: column[: batches.epoch] for name, column in run.history().items()}
    if batches.epoch >= epochs:
        return history
    keeper = _Keeper(run, history, validate=validate, every=every, last=epochs, best=best, on_epoch=on_epoch)
    shown = _Shown(total=(epochs - batches.epoch) * len(batches), show=progress)
    first = batches.epoch
    try:
        model.fit(batches, initial_epoch=first, epochs=epochs, verbose=0, shuffle=False, callbacks=[_StopAtNaN(), keeper, shown])
    finally:
        shown.close()
    return history


class _StopAtNaN(keras.callbacks.Callback):
    """Ends a training whose loss is no number, and says where."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if logs and not np.isfinite(logs["loss"]):
            raise LabError(
                f"training: the loss is {logs['loss']} in epoch {self.epoch + 1}, batch {batch + 1}; "
                "lower the learning rate or clip the gradients, then resume from the epoch before."
            )


class _Keeper(keras.callbacks.Callback):
    """After each epoch: validates, keeps the best weights, writes history and state."""

    def __init__(self, run, history, *, validate, every, last, best, on_epoch):
        super().__init__()
        self.run, self.history, self.validate = run, history, validate
        self.every, self.last, self.best, self.after = every, last, best, on_epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        done = epoch + 1
        nll = float("nan")
        if self.validate is None:
            self._keep(done, None)
        elif done % self.every == 0 or done == self.last:
            nll = self._measured(done)
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        seconds = time.perf_counter() - self.started
        row = dict(zip(COLUMNS, (done, logs["loss"], nll, rate, seconds), strict=True))
        for name in COLUMNS:
            self.history[name].append(float(row[name]))
        self.run.write_history(self.history)
        # last of all: only a state that is in place says that the epoch is done
        save_variables(all_variables(self.model), self.run.folder / "state.npz", about={"epochs": done, "best": self.best})
        if self.after:
            self.after(done, row)

    def _measured(self, done):
        """Validate with the weights that would be shipped, and keep these if they are the best so far."""
        optimizer = self.model.optimizer
        raw = None
        if optimizer.use_ema:
            raw = [_copied(variable) for variable in self.model.trainable_variables]
            averages = [_copied(variable) for variable in optimizer._model_variables_moving_average]
            _assign(self.model.trainable_variables, averages)
        nll = float(self.validate(self.model))
        if nll < self.best:
            self.best = nll
            self._keep(done, nll)
        if raw is not None:
            _assign(self.model.trainable_variables, raw)
        return nll

    def _keep(self, done, nll):
        about = {"epoch": done, "valid_nll": nll}
        save_variables(self.model.trainable_variables, self.run.folder / "weights.npz", about=about, compress=True)


def _copied(variable):
    # a copy: on JAX the array may share its memory with a buffer that the next step gives away
    return np.copy(keras.ops.convert_to_numpy(variable))


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


class _Shown(keras.callbacks.Callback):
    """The progress bar: batches done, time left, the loss, the last validation."""

    def __init__(self, *, total, show):
        super().__init__()
        self.bar, self.valid = bar(total=total, title="training", unit="batch", show=show), None

    def on_train_batch_end(self, batch, logs=None):
        self.bar.set_postfix(loss=f"{logs['loss']:.3f}", refresh=False)
        self.bar.update()

    def close(self):
        self.bar.close()
