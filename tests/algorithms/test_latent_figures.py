import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lab_utils.algorithms import _latent_figures as figures
from lab_utils.algorithms import _latent_space as space_of
from lab_utils.evaluation import style

_spec = importlib.util.spec_from_file_location("latent_toys", Path(__file__).with_name("test_latent_space.py"))
toys = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(toys)


@pytest.fixture(scope="module")
def found():
    return figures.of_space(toys.toy(), fold="valid", samples=6, seed=0)


def test_all_ways_are_measured_and_the_crossfade_tells_its_trick(found):
    assert set(found["morph"]) == {"shipped", "plain_arc", "plain_line", "even_line", "crossfade"}
    assert found["monotone"] == found["morph"]["shipped"]["monotone"] >= found["morph"]["plain_arc"]["monotone"]
    assert found["pairs"] == 6 and found["stops"] == 9
    assert found["middle"]["line"]["length"] < found["middle"]["arc"]["length"]


def test_the_attributes_of_a_toy_move_and_a_random_direction_does_less(found):
    local, control = found["attributes"]["local"], found["attributes"]["control"]
    assert found["attributes"]["cases"] == 6 * 2 * 3 * 2 and found["attribute_moves"] == local["moves"]
    assert local["density"] > 0.9 and local["range"] > 0.9 and control["moves"] < local["moves"]
    assert found["attributes"]["global_regression"]["density"] > 0.9  # the toy is linear
    assert local["mean_change"]["density_up"]["density"] > 1 > abs(local["mean_change"]["density_up"]["range"])


def test_a_pair_whose_phrase_comes_back_is_rebuilt_and_the_prior_widens(found):
    assert found["reconstruction"]["step_accuracy"] > 0.9
    cold, warm = (found["prior"][f"temperature_{one}"] for one in ("0.5", "1.5"))
    assert set(cold) == {"notes", "range", "in_scale", "step", "overlapped_area"}
    assert cold["overlapped_area"] > warm["overlapped_area"]


def test_what_does_not_move_counts_as_not_moved():
    space = toys.toy()
    before = space.fold("valid").tokens[:3]
    codes = space.encode(before)
    still = figures._moves(space, space.decode(codes), lambda name, sign: codes)
    assert still["moves"] == 0 and still["edits"] == 0


def test_phrases_are_like_themselves():
    tokens = toys.toy().fold("valid").tokens
    reference = style.features(style.notes_from_grids(*space_of.vae.grids(tokens)), quarters=8.0)
    like = figures.like(tokens, reference)
    assert like["overlapped_area"] > 0.95 and like["notes"] == pytest.approx(space_of.density(tokens).mean())
    assert 0 < like["in_scale"] <= 1 and np.isfinite(like["step"])
