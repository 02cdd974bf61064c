"""The options of training: each reaches the recipe under its name; those of the hardware as one object."""

import argparse
import importlib.util
import os
import sys

import pytest

from lab_utils import _options


def parsed(line, *, resumed=False):
    parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS)
    if resumed:
        _options.add_watching(parser)
    else:
        _options.add_what(parser, "which")
        _options.add_how(parser)
    _options.add_on_what(parser, resumed=resumed)
    return vars(parser.parse_args(line.split()))


def test_what_is_not_given_stays_out():
    assert parsed("toy") == {"recipe": "toy"} and parsed("", resumed=True) == {}


def test_each_option_has_the_name_and_type_that_a_recipe_takes():
    line = (
        "toy --size tiny --data d --holdout 2 --out o --seed 1 --epochs 2 --optimizer sgd --schedule constant "
        "--learning-rate 0.1 --batch 4 --patience 3 --latent 16 --beta 0.5 --listen 5 --tensorboard --precision mixed_bfloat16 "
        "--no-xla --devices 2 --coordinator h:1 --processes 3 --rank 0"
    )
    assert parsed(line) == {
        "recipe": "toy", "size": "tiny", "data": "d", "holdout": 2, "out": "o", "seed": 1, "epochs": 2, "optimizer": "sgd",
        "schedule": "constant", "learning_rate": 0.1, "batch": 4, "patience": 3, "latent": 16, "beta": 0.5,
        "listen": 5, "tensorboard": True, "precision": "mixed_bfloat16", "xla": False,
        "devices": 2, "coordinator": "h:1", "processes": 3, "rank": 0,
    }  # fmt: skip
    assert parsed("toy --xla") == {"recipe": "toy", "xla": True}


@pytest.mark.parametrize("line", ["--precision float32", "--xla"])
def test_a_resumed_run_keeps_its_precision_and_xla(line):
    with pytest.raises(SystemExit):
        parsed(line, resumed=True)


def test_the_hardware_is_one_object_if_any_of_it_is_given():
    from lab_utils.training import Hardware

    assert _options.with_hardware({"seed": 1}) == {"seed": 1}
    given = _options.with_hardware({"seed": 1, "devices": 2, "xla": False})
    assert given == {"seed": 1, "hardware": Hardware(devices=2, xla=False)}


@pytest.mark.parametrize(
    ("installed", "given", "run", "chosen"),
    [
        (True, {}, None, "jax"),
        (False, {}, None, "tensorflow"),
        (True, {}, "tensorflow", "tensorflow"),  # a run goes on as it began
        (True, {"KERAS_BACKEND": "tensorflow"}, "jax", "tensorflow"),
    ],
)
def test_training_is_fast_by_default_and_what_is_set_stays(monkeypatch, installed, given, run, chosen):
    monkeypatch.setattr(os, "environ", dict(given))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: installed or None)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    _options.prefer_speed(run)
    assert os.environ == {"KERAS_BACKEND": chosen, "TF_ENABLE_ONEDNN_OPTS": "1"}


def test_a_keras_that_is_loaded_is_left_alone(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setitem(sys.modules, "keras", object())
    _options.prefer_speed("jax")
    assert os.environ == {}


def test_what_is_measured():
    parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS)
    _options.add_measured(parser, "which")
    assert vars(parser.parse_args(["toy"])) == {"recipe": "toy", "table": False}
    given = vars(parser.parse_args(["toy", "--run", "r", "--grid", "g.json", "--samples", "20", "--fold", "test", "--table"]))
    assert given == {"recipe": "toy", "run": "r", "grid": "g.json", "samples": 20, "fold": "test", "table": True}


def test_what_is_transferred():
    parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS)
    _options.add_transferred(parser)
    assert vars(parser.parse_args(["hymn.mid", "--to", "dance"])) == {"file": "hymn.mid", "to": "dance"}
    line = "a.abc --to hymn --out o --alone --run r --temperature 0.5 --seed 2"
    given = vars(parser.parse_args(line.split(" ")))
    assert given == {"file": "a.abc", "to": "hymn", "out": "o", "alone": True, "run": "r", "temperature": 0.5, "seed": 2}
