"""What happens between epochs: early stopping from the history alone, the averaged weights, NaN, TensorBoard."""

import sys

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import LabError, MissingToolError
from lab_utils.training import make_optimizer
from lab_utils.training.callbacks import COLUMNS, Board, Shown, StopAtNaN, averaged, exhausted, in_history

nan = float("nan")


@pytest.mark.parametrize(
    "measured, patience, over",
    [
        ([], 1, False),
        ([nan, nan], 1, False),
        ([3.0, 2.0, 1.0], 1, False),
        ([1.0, 2.0], 1, True),
        ([1.0, nan, 2.0, nan], 2, False),
        ([1.0, nan, 2.0, nan, 1.5], 2, True),
        ([1.0, 2.0, 0.9, 1.1], 2, False),
        ([1.0, 1.0, 1.0], 2, True),
        ([1.0, 2.0, 3.0, 4.0], 0, False),
    ],
)
def test_patience_counts_validations_without_a_gain(measured, patience, over):
    assert exhausted({"valid": measured}, patience) is over


def test_the_history_holds_six_digits():
    assert in_history(0.123456789) == 0.123457 and np.isnan(in_history(nan))


def one_weight(**options):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(make_optimizer("sgd", steps=4, learning_rate=1.0, schedule="constant", momentum=0.0, **options), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def weight(model):
    return float(keras.ops.convert_to_numpy(model.trainable_variables[0])[0, 0])


@pytest.mark.parametrize("scaled", [False, True])
def test_averaged_weights_stand_in_and_go_again(scaled):
    model = one_weight(average=0.5)
    if scaled:
        model.optimizer = keras.optimizers.LossScaleOptimizer(model.optimizer)
    inner = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    inner._model_variables_moving_average[0].assign([[7.0]])
    with pytest.raises(ZeroDivisionError), averaged(model):
        assert weight(model) == 7.0
        raise ZeroDivisionError
    assert weight(model) == 1.0
    plain = one_weight()
    with averaged(plain):
        assert weight(plain) == 1.0


def test_weights_that_are_no_numbers_stop_the_training_though_the_loss_was_one():
    model, watch = one_weight(), StopAtNaN()
    watch.set_model(model)
    watch.on_epoch_begin(4)
    watch.on_train_batch_end(2, {"loss": 1.0})
    watch.on_epoch_end(4)
    model.trainable_variables[0].assign([[np.inf]])
    with pytest.raises(LabError, match="no number in epoch 5, batch 3"):
        watch.on_epoch_end(4)


def test_without_tensorboard_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(MissingToolError, match="tensorboard: is not installed; `pip install tensorboard`"):
        Board(tmp_path, {})


def test_tensorboard_reads_what_the_history_holds(tmp_path):
    history = {name: [] for name in COLUMNS}
    board = Board(tmp_path / "board", history)
    for epoch, nll in enumerate((nan, 0.5)):
        for name, value in zip(COLUMNS, (epoch + 1, 2.0 - epoch, nll, 0.25, 1.0), strict=True):
            history[name].append(value)
        board.on_epoch_end(epoch)
    board.close()
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(tmp_path / "board"), size_guidance={"tensors": 0})
    read.Reload()

    def shown(name):
        return [(event.step, float(event.tensor_proto.float_val[0])) for event in read.Tensors(name)]

    assert shown("loss") == [(1, 2.0), (2, 1.0)] and shown("valid") == [(2, 0.5)]
    assert shown("learning_rate") == [(1, 0.25), (2, 0.25)]


def test_the_bar_counts_batches_and_shows_the_loss():
    shown = Shown(total=3, show=False)
    shown.on_train_batch_end(0, {"loss": 1.0})
    assert shown.bar.total == 3
    shown.close()
