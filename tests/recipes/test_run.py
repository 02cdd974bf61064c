"""What recipes' runs share, shown on a recipe made here whose network is one layer."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _run, chorale
from lab_utils.training import Hardware, Run, Windows, device


@dataclass(frozen=True)
class Config(_run.Training):
    units: int = 3
    epochs: int = 4


RECIPE = _run.Recipe("toy", Config, {"tiny": Config(batch=2), "full": Config(units=9)}, ("shipped",))


def build(config, *, seed=0):
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((1,)), keras.layers.Dense(config.units, "tanh"), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    compile_as_told = model.compile
    model.compile = lambda **options: compile_as_told(loss="mse", **options)
    return model


class Batches(Windows):
    def __getitem__(self, index):
        inputs, target, _ = super().__getitem__(index)
        return inputs["x"].reshape(-1, 1), target.reshape(-1, 1)


def batches():
    x = np.linspace(-1, 1, 32, dtype=np.float32)
    return Batches([{"x": x, "y": x**2}], target="y", steps=4, batch=2)


def validate(model):
    return float(np.mean(np.asarray(model(np.ones((2, 1), np.float32))) ** 2))


def test_settings_take_the_place_of_the_sizes_own():
    config = RECIPE.settle("tiny", epochs=7, settings={"optimizer": "sgd", "batch": 8}, units=5)
    assert config == Config(batch=8, epochs=7, optimizer="sgd", units=5)
    assert RECIPE.settle("full") == Config(units=9)


@pytest.mark.parametrize(
    "size, options, told",
    [
        ("huge", {}, "size: expected one of tiny, full; received 'huge'"),
        ("tiny", {"settings": {"optimiser": "sgd"}}, "optimiser: is no setting of toy; expected one of batch, epochs, optimizer"),
        ("tiny", {"settings": {"units": 1}, "units": 2}, "units: is no setting"),
        ("tiny", {"epochs": 0}, "epochs: expected a whole number of at least 1, received 0"),
        ("tiny", {"settings": {"batch": 2.5}}, "batch: expected a whole number"),
        ("tiny", {"settings": {"patience": -1}}, "patience"),
    ],
)
def test_a_setting_that_cannot_be_is_told(size, options, told):
    with pytest.raises(ParameterError, match=told):
        RECIPE.settle(size, **options)


def test_nothing_is_written_for_a_run_that_cannot_be(tmp_path):
    for config, hardware, told in (
        (Config(optimizer="lion"), None, "lion"),
        (Config(schedule="linear"), None, "linear"),
        (Config(learning_rate=0.0), None, "learning_rate"),
        (Config(batch=3), Hardware(devices=2), "batch: expected a multiple of 2"),
    ):
        with pytest.raises(ParameterError, match=told):
            RECIPE.create(config, size="tiny", data="x", seed=0, out=tmp_path / "run", hardware=hardware)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def machine(monkeypatch):
    """A machine that has whatever is asked for."""
    monkeypatch.setattr(device, "_chosen", lambda hardware: ["gpu:0"] * (hardware.devices or 1))
    monkeypatch.setattr(device, "_needs_jax", lambda what: None)


def test_what_is_created_is_opened_and_reopened(machine, tmp_path):
    hardware = Hardware(devices=1, precision="mixed_bfloat16", xla=True)
    made = RECIPE.create(Config(units=5), size="tiny", data="x.json", seed=3, out=tmp_path / "run", hardware=hardware)
    assert made.config["seed"] == 3 and made.config["data"] == "x.json"
    assert made.config["backend"] == keras.backend.backend()
    run, config = RECIPE.open(tmp_path / "run")
    assert run.folder == made.folder and config == Config(units=5)
    # precision and XLA stay those of the run, what it runs on need not
    _, config, again = RECIPE.reopen(tmp_path / "run", epochs=9, hardware=Hardware(devices=4, precision="float32"))
    assert again == Hardware(devices=4, precision="mixed_bfloat16", xla=True)
    assert config.epochs == 9 == RECIPE.open(tmp_path / "run")[1].epochs
    with pytest.raises(ParameterError, match="at least the run's own 9"):
        RECIPE.reopen(tmp_path / "run", epochs=8)


def test_a_process_that_does_not_write_leaves_no_file(machine, tmp_path):
    hardware = Hardware(coordinator="localhost:1", processes=2, rank=1)
    RECIPE.create(Config(), size="tiny", data="x", seed=0, out=tmp_path / "run", hardware=hardware)
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_an_out_is_named_after_its_making(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = RECIPE.create(Config(), size="tiny", data="some/pieces.json", seed=0)
    assert run.folder.parent.name == "runs" and run.folder.name.startswith("toy-pieces-tiny-2")


def test_the_config_of_an_older_run_loads_with_what_was_done_then(tmp_path):
    settings = asdict(chorale.SIZES["full"])
    for name in ("optimizer", "schedule", "warmup", "momentum", "patience"):
        del settings[name]
    (tmp_path / "config.json").write_text(json.dumps({"recipe": "chorale", "settings": settings}))
    assert chorale.RECIPE.open(tmp_path)[1] == chorale.SIZES["full"]
    assert chorale.RECIPE.reopen(tmp_path)[2] == Hardware()


def test_a_run_of_another_recipe_or_of_none_is_told(tmp_path):
    for content, told in (({"recipe": "other"}, "of the recipe 'other'"), ({"recipe": "toy", "settings": {"bogus": 1}}, "bogus")):
        (tmp_path / "config.json").write_text(json.dumps(content))
        with pytest.raises(DataError, match=told):
            RECIPE.open(tmp_path)
    assert RECIPE.folder("shipped").name == "shipped" and RECIPE.folder("runs/a") == Path("runs/a")


def test_learning_trains_keeps_and_loads(tmp_path, capsys):
    run = RECIPE.create(Config(batch=2), size="tiny", data="x", seed=0, out=tmp_path / "run")
    config = Config(batch=2, optimizer="rmsprop", schedule="constant", average=0.5)
    assert _run.learn(run, config, build=build, batches=batches(), validate=validate, seed=0) == run.folder
    assert "training on" in capsys.readouterr().err
    assert Run(run.folder).history()["epoch"] == [1, 2, 3, 4]
    assert set(Run(run.folder).history()["learning_rate"]) == {0.002}
    model, content = RECIPE.load(run.folder, build)
    best = min(Run(run.folder).history()["valid"])
    assert validate(model) == pytest.approx(best, rel=1e-5) and content["recipe"] == "toy"
