"""The verbs, on a toy space, and once on the shipped one."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lab_utils import algorithms
from lab_utils.algorithms import latent
from lab_utils.errors import ParameterError
from lab_utils.evaluation import morph

_spec = importlib.util.spec_from_file_location("latent_toys", Path(__file__).with_name("test_latent_space.py"))
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)


def test_the_room_hands_it_out():
    assert algorithms.latent is latent


def test_evaluate_asks_for_the_space_and_gives_the_two_keys(monkeypatch):
    asked = []
    monkeypatch.setattr(latent, "open_space", lambda run: asked.append(run) or toys.toy())
    found = latent.evaluate(run="mine", samples=4)
    assert asked == ["mine"] and {"monotone", "attribute_moves"} <= set(found)
    assert list(found)[:2] == ["monotone", "attribute_moves"]
    with pytest.raises(ParameterError, match="samples"):
        latent.evaluate(samples=0)


def test_generate_writes_a_morph_and_a_phrase_moved(monkeypatch, tmp_path):
    monkeypatch.setattr(latent, "open_space", lambda run: toys.toy())
    made = latent.generate(seed=3, bars=6, temperature=0.3, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"):
        assert made[kind].stat().st_size > 100 and made["attributes"][kind].stat().st_size > 100
    assert len(made["stops"]) == 3 and made["stops"][0] == 0 and made["stops"][-1] == 1
    measured = made["measured"]
    assert measured["density_down"]["density"] < measured["drawn"]["density"] < measured["density_up"]["density"]
    assert len(measured) == 7


@pytest.mark.parametrize("bars", [5, 2, 66, 6.0])
def test_bars_that_no_phrase_fills_are_refused(bars):
    with pytest.raises(ParameterError, match="bars"):
        latent.generate(bars=bars)


def test_the_shipped_space_morphs_without_turning_back():
    space = latent.open_space("vae")
    assert space is latent.open_space("vae")  # loaded once
    one, other = space.sample(2, seed=4)
    assert 0.45 < space.spread < 0.65
    way = space.morph(one, other)
    assert way.decoded.shape == (9, 32) and morph.monotone_steps(way.decoded[None]).all()
    assert len(np.unique(way.decoded, axis=0)) >= 7
