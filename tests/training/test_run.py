"""A run goes on where it was stopped, keeps its best weights, and stops in words when the loss is no number."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import DataError, LabError
from lab_utils.training import Examples, Run, Windows, fit


def model_and_batches(*, ema=True, rate=0.05, poison=False, xla="auto"):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((None, 1)), keras.layers.Dense(4, "tanh"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
    )
    model.compile(optimizer=keras.optimizers.Adam(rate, use_ema=ema, ema_momentum=0.9), loss="mse", jit_compile=xla)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 1)).astype(np.float32)
    y = np.full_like(x, np.nan) if poison else np.sin(x)
    return model, Windows([{"x": x, "y": y}], target="y", steps=8, batch=4, seed=3)


def validate(model):
    x = np.linspace(-1, 1, 16, dtype=np.float32)[None, :, None]
    return float(np.mean((np.asarray(model(x)) - np.sin(x)) ** 2))


def trained(folder, epochs, *, how=None, **options):
    model, batches = model_and_batches(**options)
    run = Run(folder) if (folder / "config.json").exists() else Run.create(folder, {"recipe": "test"})
    history = fit(model, run, batches_of_one_input(batches), epochs=epochs, **{"validate": validate, **(how or {})})
    return model, run, history


def batches_of_one_input(batches):
    """A Sequential model takes an array, not a dict of one."""
    original = type(batches).__getitem__

    class One(type(batches)):
        def __getitem__(self, index):
            inputs, target, weights = original(self, index)
            return inputs["x"], target, weights

    batches.__class__ = One
    return batches


@pytest.mark.parametrize("ema", [False, True])
def test_stopped_and_resumed_equals_never_stopped(tmp_path, ema):
    whole, _, history = trained(tmp_path / "whole", 6, ema=ema)
    trained(tmp_path / "parts", 2, ema=ema)
    resumed, run, joined = trained(tmp_path / "parts", 6, ema=ema)
    for a, b in zip(whole.weights, resumed.weights, strict=True):
        np.testing.assert_allclose(np.array(a), np.array(b), atol=1e-6)
    np.testing.assert_allclose(history["loss"], joined["loss"], rtol=1e-5)
    assert run.epochs_done == 6
    assert run.history()["epoch"] == [1, 2, 3, 4, 5, 6]


def test_the_best_weights_are_kept_and_validated_as_they_are_shipped(tmp_path):
    from lab_utils.training import load_variables

    model, run, history = trained(tmp_path / "run", 8)
    about = load_variables(model.trainable_variables, run.folder / "weights.npz")
    assert about["valid"] == pytest.approx(min(history["valid"]), rel=1e-5)  # the history has six digits
    assert validate(model) == pytest.approx(about["valid"], rel=1e-5)


def test_averaging_leaves_the_training_itself_alone(tmp_path):
    _, _, plain = trained(tmp_path / "plain", 4, ema=False)
    _, _, averaged = trained(tmp_path / "averaged", 4, ema=True)
    np.testing.assert_allclose(plain["loss"], averaged["loss"], rtol=1e-5)
    assert plain["valid"] != averaged["valid"]


@pytest.mark.parametrize("xla", [False, True])
def test_a_loss_that_is_no_number_stops_with_its_batch(tmp_path, xla):
    with pytest.raises(LabError, match="epoch 1, batch 1"):
        trained(tmp_path / "run", 2, poison=True, xla=xla)
    assert not (tmp_path / "run" / "state.npz").exists()


def worse_and_worse():
    """A validation that was best the second time."""
    found = iter([3.0, 1.0, 2.0, 1.0, 5.0, 6.0, 7.0, 8.0])
    return lambda model: next(found)


def test_patience_ends_a_training_and_a_resumed_one_at_the_same_epoch(tmp_path, capsys):
    _, run, history = trained(tmp_path / "whole", 8, how={"validate": worse_and_worse(), "patience": 2})
    assert history["valid"] == [3.0, 1.0, 2.0, 1.0] and run.epochs_done == 4
    found = worse_and_worse()
    for epochs in (3, 8, 8):  # stopped, resumed, and resumed when all is over
        _, run, parts = trained(tmp_path / "parts", epochs, how={"validate": found, "patience": 2})
    assert parts["valid"] == history["valid"] and run.history()["epoch"] == [1, 2, 3, 4]
    assert "stopped early, after epoch 4" in capsys.readouterr().err


def test_pieces_are_composed_with_the_weights_that_would_be_shipped(tmp_path):
    heard = []
    how = {"compose": lambda model, epoch: heard.append((epoch, validate(model))), "listen": 2}
    _, _, history = trained(tmp_path / "run", 5, how=how)
    assert [epoch for epoch, _ in heard] == [2, 4]
    np.testing.assert_allclose([nll for _, nll in heard], history["valid"][1:4:2], rtol=1e-5)


def test_the_history_is_written_for_tensorboard_if_asked(tmp_path):
    trained(tmp_path / "run", 1, how={"tensorboard": True})
    assert len(list((tmp_path / "run" / "board").glob("events*"))) == 1


def test_a_metric_of_the_model_has_a_column_of_its_own_also_after_a_resume(tmp_path):
    class Measured(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.size = keras.layers.Dense(1), keras.metrics.Mean("size")

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            self.size.update_state(7.0)
            return keras.ops.mean(y_pred**2)

    run = Run.create(tmp_path / "run", {"recipe": "test"})
    for epochs in (1, 3):
        model = Measured()
        model(np.ones((1, 1), np.float32))
        model.compile(optimizer="sgd")
        fit(model, run, Examples({"x": np.ones((8, 1), np.float32)}, batch=4), epochs=epochs)
    assert run.history()["size"] == [7.0, 7.0, 7.0] and len(run.history()["loss"]) == 3


def test_a_run_that_does_not_write_trains_along(tmp_path):
    model, batches = model_and_batches()
    run = Run.create(tmp_path / "run", {"recipe": "test"}, writes=False)
    history = fit(model, run, batches_of_one_input(batches), epochs=2, validate=validate)
    assert len(history["loss"]) == 2 and not (tmp_path / "run").exists()


def test_a_folder_with_a_run_is_not_overwritten(tmp_path):
    Run.create(tmp_path / "run", {"recipe": "test"})
    with pytest.raises(DataError, match="resume"):
        Run.create(tmp_path / "run", {"recipe": "other"})
    assert Run(tmp_path / "run").config == {"recipe": "test"}


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(DataError, match="holds no run"):
        Run(tmp_path / "nothing").config  # noqa: B018
    assert Run(tmp_path / "nothing").history() == {name: [] for name in ("epoch", "loss", "valid", "learning_rate", "seconds")}
