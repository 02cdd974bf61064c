"""The doctor, with things taken away one by one: what it then says, and whether music can still be made."""

import importlib.metadata
import json
import sys
import tomllib
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.specifiers import SpecifierSet

from lab_utils import doctor
from lab_utils.audio import synth
from lab_utils.errors import MissingToolError

ROOT = Path(__file__).parents[1]


BACKEND = {"keras": "3.15.1", "backend": "jax", "version": "0.10.2", "devices": ["GPU:0", "GPU:1"], "gpu": True}
SHIPPED = doctor.storage.shipped_folder


@pytest.fixture(autouse=True)
def backend(monkeypatch):
    """A backend that is there at once: the real one takes seconds to load, and its own tests look at it."""
    made = SimpleNamespace(describe=lambda: BACKEND)
    monkeypatch.setitem(sys.modules, "lab_utils.training.device", made)
    monkeypatch.setattr("lab_utils.training.device", made, raising=False)
    return made


@pytest.fixture(autouse=True)
def checkpoints(monkeypatch, tmp_path_factory):
    """A folder of shipped models with one, empty, that can be taken away."""
    folder = tmp_path_factory.mktemp("datasets")
    (folder / "checkpoints" / "chorale").mkdir(parents=True)
    (folder / "checkpoints" / "chorale" / "weights.npz").touch()
    monkeypatch.setattr(doctor.storage, "shipped_folder", folder.joinpath)
    return folder / "checkpoints"


def found(name):
    checks = doctor.examine()
    return next(check for check in checks if check.name == name), doctor.can_make_music(checks)


def test_where_nothing_is_missing_music_can_be_made():
    checks = doctor.examine()
    assert {check.state for check in checks} <= {"ok", "optional"} and doctor.can_make_music(checks)
    assert all(bool(check.advice) == (check.state != "ok") for check in checks)
    assert all(check.found and "\n" not in check.found + check.advice for check in checks)


# ---------------------------------------------------------------- taken away


@pytest.mark.parametrize(
    "version, state", [((3, 10, 13), "missing"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "missing")]
)
def test_python(monkeypatch, version, state):
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    check, music = found("Python")
    assert check.state == state and music == (state == "ok")


def test_a_python_that_compiles_all_at_every_start(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    check, music = found("Python")
    assert check.state == "optional" and "PYTHONDONTWRITEBYTECODE" in check.advice and music


def test_the_pythons_are_those_of_the_package():
    wanted = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"])
    fit = [(3, minor) for minor in range(8, 20) if f"3.{minor}.1" in wanted]
    assert (fit[0], fit[-1]) == doctor.PYTHONS


def test_the_backend_and_its_devices():
    assert found("Keras") == (doctor.Check("Keras", "ok", "3.15.1 on jax 0.10.2, GPU:0, GPU:1"), True)


def test_a_backend_that_does_not_load(backend):
    def describe():
        raise ImportError("libcuda.so: cannot open\nand a long story")

    backend.describe = describe
    check, music = found("Keras")
    assert (check.state, music) == ("missing", False)
    assert check.found == "ImportError: libcuda.so: cannot open" and "make music" in check.advice


def engines(monkeypatch, **ready):
    made = {name: synth.Engine(there, f"{name} is {'there' if there else 'missing'}") for name, there in ready.items()}
    monkeypatch.setattr(synth, "engines", lambda: made)
    return found("Synthesizer")


def test_one_synthesizer_is_enough(monkeypatch):
    check, music = engines(monkeypatch, fluidsynth=False, embedded=True)
    assert (check.state, check.found, check.advice, music) == ("optional", "embedded is there", "fluidsynth is missing", True)


def test_without_any_synthesizer_there_is_no_music(monkeypatch):
    check, music = engines(monkeypatch, fluidsynth=False, embedded=False)
    assert (check.state, music) == ("missing", False)
    assert "fluidsynth is missing" in check.advice and "embedded is missing" in check.advice


def test_without_soundfont(monkeypatch):
    def soundfont_path():
        raise MissingToolError("soundfont: it is not installed.")

    monkeypatch.setattr(synth, "soundfont_path", soundfont_path)
    check, music = found("SoundFont")
    assert (check.state, check.found, music) == ("missing", "soundfont: it is not installed.", False)


def test_without_engraver(monkeypatch):
    monkeypatch.setitem(sys.modules, "lab_utils.plots.staff", None)
    monkeypatch.delattr("lab_utils.plots.staff", raising=False)
    check, music = found("Engraver")
    assert (check.state, music) == ("missing", False)


def test_trained_models(checkpoints):
    assert found("Trained models") == (doctor.Check("Trained models", "ok", "chorale"), True)
    (checkpoints / "chorale").rename(checkpoints / "jsb16")
    check, music = found("Trained models")
    assert (check.state, music) == ("missing", False) and "git checkout" in check.advice


def test_the_trained_models_that_ship_are_found(monkeypatch):
    monkeypatch.setattr(doctor.storage, "shipped_folder", SHIPPED)
    check, _ = found("Trained models")
    assert check.state == "ok" and {"chorale", "jsb16"} <= set(check.found.split(", "))


@pytest.mark.parametrize("free, state", [(5e9, "ok"), (2e8, "optional"), (1e6, "missing")])
def test_disk(monkeypatch, free, state):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage(1e10, 1e10 - free, free))
    check, music = found("Free disk")
    assert check.state == state and music == (state != "missing")


def test_the_cache_is_measured(monkeypatch, tmp_path):
    monkeypatch.setenv("LAB_CACHE", str(tmp_path))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(bytes(2_500_000))
    check, _ = found("Cache")
    assert check.state == "ok" and check.found.startswith("2.5 MB in ") and str(tmp_path) in check.found


def test_a_cache_that_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "file" / "cache"))
    check, music = found("Cache")
    assert check.state == "missing" and "LAB_CACHE" in check.found and not music


def test_offline_copies(monkeypatch, tmp_path):
    monkeypatch.delenv("LAB_DATA", raising=False)
    assert found("Offline data")[0].state == "ok"
    (tmp_path / "jsb16.json").touch()
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    assert found("Offline data")[0].found == f"LAB_DATA: 1 files in {tmp_path}"
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "none"))
    check, music = found("Offline data")
    assert (check.state, music) == ("optional", True) and "no folder" in check.found


def test_without_jupyter_music_can_still_be_made(monkeypatch):
    version = importlib.metadata.version

    def lacking(name):
        if name in {"jupyterlab", "nbval"}:
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", lacking)
    check, music = found("Notebooks")
    assert (check.state, check.found, music) == ("optional", "not installed: jupyterlab, nbval", True)


# ---------------------------------------------------------------- told

CHECKS = [
    doctor.Check("Ear", "ok", "two"),
    doctor.Check("Voice", "optional", "hoarse", "drink"),
    doctor.Check("Hand", "missing", "none", "grow"),
]


def test_as_text():
    assert doctor.as_text(CHECKS[:2]).splitlines() == [
        "ok        Ear    two",
        "could be  Voice  hoarse",
        "                 -> drink",
        "",
        "Music can be made.",
    ]
    assert doctor.as_text(CHECKS).endswith("No music can be made yet.")


@pytest.mark.parametrize("checks, code", [(CHECKS[:2], 0), (CHECKS, 1)])
def test_the_command_line_prints_and_answers_by_its_code(monkeypatch, capsys, checks, code):
    main = importlib.import_module("lab_utils.__main__").main
    monkeypatch.setattr(doctor, "examine", lambda: checks)
    assert main(["doctor"]) == code
    assert capsys.readouterr().out == doctor.as_text(checks) + "\n"
    assert main(["doctor", "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["music"] == (code == 0)
    assert told["checks"][1] == {"name": "Voice", "state": "optional", "found": "hoarse", "advice": "drink"}
