"""Devices: described as the backend sees them, asked for in words; two processes, or two devices, learn what one learns.

The processes are real ones on this machine, over gloo; the two devices are the two that XLA makes of one processor.
"""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import MissingToolError, ParameterError
from lab_utils.training import Hardware, describe, device, prepared
from lab_utils.training.device import agreed, alone, compiled


def test_it_names_backend_version_and_at_least_one_device():
    found = describe()
    assert found["backend"] in ("tensorflow", "jax")
    assert found["version"][0].isdigit() and found["keras"].startswith("3.")
    assert any(device.startswith("CPU") or found["gpu"] for device in found["devices"])


def test_a_compiled_function_computes_with_its_variables():
    variable = keras.Variable(np.array([2.0, 3.0], np.float32))
    product = compiled(lambda one, other: {"made": one * variable + other}, [variable])
    of = np.array([1.0, 10.0], np.float32), np.zeros(2, np.float32)
    np.testing.assert_allclose(np.asarray(product(*of)["made"]), [2, 30])
    if keras.backend.backend() == "jax":
        variable.value.delete()  # as a prediction of Keras may do with what it is given
    more = np.array([[1.0, 10.0], [0.0, 1.0]], np.float32)  # another shape
    np.testing.assert_allclose(np.asarray(product(more, of[0])["made"]), [[3, 40], [1, 13]])


def test_a_program_without_the_short_way_is_called_the_long_one():
    def program(one):
        return one + 1

    assert device._called_flat(program) is program


@pytest.mark.parametrize(
    "options, told",
    [
        ({"precision": "float8"}, "precision: expected one of float32, mixed_bfloat16, mixed_float16; received 'float8'"),
        ({"xla": "yes"}, "xla"),
        ({"devices": 0}, "devices: expected at least 1"),
        ({"processes": 2, "rank": 2, "coordinator": "a:1"}, "rank: expected 0 to under 2"),
        ({"processes": 2}, "coordinator: expected HOST:PORT for several processes, received None"),
        ({"processes": 2, "coordinator": "host"}, "coordinator"),
        ({"coordinator": "host:1"}, "processes: expected at least 2"),
    ],
)
def test_what_cannot_be_is_told(options, told):
    with pytest.raises(ParameterError, match=told):
        Hardware(**options)


def test_a_batch_that_cannot_be_shared_out_is_told():
    with pytest.raises(ParameterError, match="batch: expected a multiple of 6, .* received 8"):
        Hardware(devices=3, processes=2, coordinator="a:1").check(8)
    Hardware().check(7)


def test_more_devices_than_there_are_need_jax_or_a_flag():
    wanted = Hardware(devices=len(describe()["devices"]) + 1)
    error, told = (MissingToolError, "KERAS_BACKEND=jax") if keras.backend.backend() != "jax" else (ParameterError, "XLA_FLAGS")
    for tried in (lambda: wanted.check(wanted.devices), lambda: prepared(wanted).__enter__()):
        with pytest.raises(error, match=told):
            tried()


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX trains in several processes")
def test_several_processes_need_jax():
    wanted = Hardware(processes=2, coordinator="127.0.0.1:1")
    for tried in (lambda: wanted.check(2), lambda: prepared(wanted).__enter__()):
        with pytest.raises(MissingToolError, match="processes: several need JAX"):
            tried()


def test_what_is_prepared_holds_in_the_block_and_no_longer():
    before = keras.config.dtype_policy().name
    with pytest.raises(ZeroDivisionError), prepared(Hardware(precision="mixed_bfloat16", xla=True)) as line:
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
        assert line.startswith("training on ") and line.endswith("mixed_bfloat16, XLA on")
        raise ZeroDivisionError
    assert keras.config.dtype_policy().name == before
    with prepared() as line:
        assert line.endswith("float32, XLA auto")


def test_a_process_by_itself_agrees_with_itself():
    assert agreed(0.1, Hardware()) == 0.1
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    with alone(model):
        model.layers[0].bias.assign([3.0])
    assert float(keras.ops.convert_to_numpy(model.layers[0].bias)[0]) == 3.0


# ---------------------------------------------------------------- two processes, two devices

PROGRAM = """
import json, sys
sys.modules["tensorflow"] = None  # Keras does without it on JAX, and loads sooner
import numpy as np
from lab_utils.backend import keras
from lab_utils.training import Hardware, Run, Windows, fit, make_optimizer, prepared

folder, *runs = sys.argv[1:]

class Batches(Windows):
    def __getitem__(self, index):
        inputs, target, weights = super().__getitem__(index)
        return inputs["x"], target, weights

def validate(model):
    grid = np.linspace(-1, 1, 24, dtype=np.float32).reshape(3, 8, 1)  # three: no batch that two could share
    return float(np.mean((np.asarray(model.predict_on_batch(grid)) - np.sin(grid)) ** 2))

def train(name, hardware):
    with prepared(Hardware(**hardware)) as line:
        keras.utils.set_random_seed(1)
        layers = [keras.Input((8, 1)), keras.layers.GRU(6, return_sequences=True), keras.layers.Dropout(0.2)]
        model = keras.Sequential([*layers, keras.layers.Dense(1)])
        x = np.random.default_rng(0).normal(size=(60, 1)).astype(np.float32)
        batches = Batches([{"x": x, "y": np.sin(x)}], target="y", steps=8, batch=4, seed=3)
        optimizer = make_optimizer("adamw", steps=80, learning_rate=0.1, schedule="constant", average=0.8, clip=1.0)
        model.compile(optimizer, loss="mse")
        run = Run.create(f"{folder}/{name}", {"recipe": "test"}, writes=hardware.get("rank", 0) == 0)
        heard = []
        fit(model, run, batches, epochs=40, validate=validate, patience=2, progress=False, hardware=Hardware(**hardware),
            compose=lambda model, epoch: heard.append((epoch, validate(model))) if run.writes else None, listen=2)
        print(json.dumps([line, len(heard), hardware.get("rank", 0)]))

for name, hardware in zip(runs[::2], runs[1::2]):
    train(name, json.loads(hardware))
"""


def start(folder, *runs, **variables):
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", **variables}
    words = [word for name, hardware in runs for word in (name, json.dumps(hardware))]
    command = [sys.executable, "-c", PROGRAM, str(folder), *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The folder with the runs "one", "devices" and "processes", and what the four trainings printed."""
    folder = tmp_path_factory.mktemp("runs")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    pair = [{"coordinator": address, "processes": 2, "rank": rank} for rank in (0, 1)]
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    started = [
        start(folder, ("one", {}), ("devices", {"devices": 2}), **flags),
        *(start(folder, ("pair", ours)) for ours in pair),
    ]
    printed = []
    try:
        for process in started:
            out, errors = process.communicate(timeout=900)
            assert process.returncode == 0, errors
            printed += [json.loads(line) for line in out.splitlines()]
    finally:
        for process in started:
            process.kill()
    return folder, printed


def values(path):
    with np.load(path) as archive:
        # by number: the second model of a process has other names
        return {name.split(":")[0]: archive[name] for name in archive.files if name != "about"}


@pytest.mark.parametrize("name", ["devices", "pair"])
def test_two_learn_what_one_learns_from_the_same_batches(runs, name):
    from lab_utils.training import Run

    folder, _ = runs
    one, two = (Run(folder / run).history() for run in ("one", name))
    assert 3 < len(one["epoch"]) < 40 and one["epoch"] == two["epoch"]  # stopped early, and together
    for column in ("loss", "valid"):
        np.testing.assert_allclose(one[column], two[column], atol=1e-4)
    for file in ("state.npz", "weights.npz"):
        first, second = values(folder / "one" / file), values(folder / name / file)
        assert first.keys() == second.keys()
        worst = max(np.abs(first[key].astype(float) - second[key]).max() for key in first)
        print(f"{name} {file}: largest difference {worst:.2g} after {len(one['epoch'])} epochs")
        assert worst < 1e-4


def test_each_says_what_it_uses_and_rank_0_alone_composes(runs):
    folder, printed = runs
    (one, heard, _), (devices, *_), *pair = printed
    assert "CPU:0: jax" in one and "CPU:0, CPU:1: jax" in devices
    assert ["process 0 of 2" in line for line, *_ in pair] == [True, False]
    assert heard >= 2 and [count for _, count, _ in pair] == [heard, 0]
    assert {path.name for path in folder.iterdir()} == {"one", "devices", "pair"}
