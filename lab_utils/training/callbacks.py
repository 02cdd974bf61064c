"""What happens between the batches and epochs of a training: looking out for NaN, validating, keeping, stopping early, showing.

Early stopping (Prechelt, 1998) counts validations that were no better than the best, from the history that is on disk: a resumed
run stops where one that was never stopped does.
"""

import time
from contextlib import contextmanager

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import LabError, MissingToolError
from lab_utils.progress import bar
from lab_utils.training.device import alone

COLUMNS = ("epoch", "loss", "valid", "learning_rate", "seconds")  # then the model's own metrics, each under its name


def all_variables(model):
    """Return every variable that a resumed training needs: weights, counters, random states, the optimiser's."""
    return [*model.variables, *model.optimizer.variables]


def in_history(value):
    """Return a number as ``history.csv`` holds it, with six digits: who compares must see what a resumed run reads."""
    return float(f"{value:.6g}")


def exhausted(history, patience):
    """Return whether the last `patience` validations of `history` (dict of columns) were no better than the one before them.

    Parameters
    ----------
    history : dict
    patience : int
        0 for a training that never stops early.
    """
    measured = [value for value in history["valid"] if not np.isnan(value)]
    return bool(patience and measured) and len(measured) - 1 - int(np.argmin(measured)) >= patience


@contextmanager
def averaged(model):
    """Put the averaged weights, where the optimiser keeps some, in the place of the raw ones while the block runs."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # a scaled loss wraps the optimiser
    if not optimizer.use_ema:
        yield
        return
    raw = [_copied(variable) for variable in model.trainable_variables]
    _assign(model.trainable_variables, [_copied(variable) for variable in optimizer._model_variables_moving_average])
    try:
        yield
    finally:
        _assign(model.trainable_variables, raw)


def _copied(variable):
    # a copy: on JAX the array may share its memory with a buffer that the next step gives away
    return np.copy(keras.ops.convert_to_numpy(variable))


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


class StopAtNaN(keras.callbacks.Callback):
    """Ends a training whose loss or weights are no numbers, and says where."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.batch = batch
        if logs and not np.isfinite(logs["loss"]):
            self._stop(f"the loss is {logs['loss']}")

    def on_epoch_end(self, epoch, logs=None):
        # The last gradient shows in no loss of this epoch; a state with such weights could never be resumed.
        for variable in self.model.trainable_variables:
            if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
                self._stop(f"{variable.path} holds what is no number")

    def _stop(self, what):
        raise LabError(
            f"training: {what} in epoch {self.epoch + 1}, batch {self.batch + 1}; "
            "lower the learning rate or clip the gradients, then resume from the epoch before."
        )


class Keeper(keras.callbacks.Callback):
    """After each epoch: validates, keeps the best weights, writes history and state, stops when the patience is at its end.

    Parameters
    ----------
    run : Run
    history : dict
        Columns, which grow; a metric of the model that is new gets a column of its own.
    validate, every, patience, on_epoch
        As in :func:`lab_utils.training.run.fit`.
    last : int
        The last epoch.
    best : float
        The lowest validation so far.
    agree : callable
        ``agree(valid) -> valid``, the same on all processes.
    """

    def __init__(self, run, history, *, validate, every, last, patience, best, on_epoch, agree):
        super().__init__()
        self.run, self.history, self.validate, self.agree = run, history, validate, agree
        self.every, self.last, self.patience, self.best, self.after = every, last, patience, best, on_epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        done = epoch + 1
        valid = float("nan")
        if self.validate is None:
            self._keep(done, None)
        elif done % self.every == 0 or done == self.last:
            valid = self._measured(done)
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        row = dict(zip(COLUMNS, (done, logs["loss"], valid, rate, time.perf_counter() - self.started), strict=True))
        row |= {name: float(value) for name, value in logs.items() if name not in COLUMNS}
        for name, value in row.items():
            self.history.setdefault(name, [float("nan")] * epoch).append(in_history(value))
        self.run.write_history(self.history)
        # last of all: only a state that is in place says that the epoch is done
        self.run.save("state.npz", all_variables(self.model), about={"epochs": done, "best": self.best})
        self.model.stop_training = exhausted(self.history, self.patience)
        if self.after:
            self.after(done, row)

    def _measured(self, done):
        """Validate with the weights that would be shipped, and keep these if they are the best so far."""
        with averaged(self.model), alone(self.model):
            valid = self.agree(float(self.validate(self.model)))
            if valid < self.best:
                self.best = valid
                self._keep(done, valid)
        return valid

    def _keep(self, done, valid):
        about = {"epoch": done, "valid": valid}
        self.run.save("weights.npz", self.model.trainable_variables, about=about, compress=True)


class Composer(keras.callbacks.Callback):
    """Every `every` epochs, calls ``compose(model, epoch)`` with the weights that would be shipped."""

    def __init__(self, compose, every):
        super().__init__()
        self.compose, self.every = compose, every

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0:
            with averaged(self.model), alone(self.model):
                self.compose(self.model, epoch + 1)


class Board(keras.callbacks.Callback):
    """Writes each epoch's row of the history for TensorBoard.

    Parameters
    ----------
    folder : str or Path
    history : dict
        Columns; those of the run, which :class:`Keeper` fills before.

    Raises
    ------
    MissingToolError
        If TensorBoard is not installed.
    """

    def __init__(self, folder, history):
        super().__init__()
        try:
            from tensorboard.summary import Writer
        except ImportError as error:
            raise MissingToolError(
                "tensorboard: is not installed; `pip install tensorboard`, or leave the option out."
            ) from error
        self.history, self.writer = history, Writer(str(folder))

    def on_epoch_end(self, epoch, logs=None):
        for name, column in self.history.items():
            value = column[-1]
            if name != "epoch" and not np.isnan(value):
                self.writer.add_scalar(name, value, step=epoch + 1)
        self.writer.flush()

    def close(self):
        """End the file."""
        self.writer.close()


class Shown(keras.callbacks.Callback):
    """The progress bar: batches done, time left, the loss."""

    def __init__(self, *, total, show):
        super().__init__()
        self.bar = bar(total=total, title="training", unit="batch", show=show)

    def on_train_batch_end(self, batch, logs=None):
        self.bar.set_postfix(loss=f"{logs['loss']:.3f}", refresh=False)
        self.bar.update()

    def close(self):
        """Take the bar away."""
        self.bar.close()
