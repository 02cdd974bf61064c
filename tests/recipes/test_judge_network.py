"""The judge's network: what it is shown, and that it does not hear the key."""

import numpy as np
import pytest

from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes import _judge_network as network


@pytest.fixture(scope="module")
def lines():
    return phrases.prepare()["dance"]["valid"]


def test_pictures_show_starts_and_what_goes_on(lines):
    picture = network.pictures(lines.numbers[:5])
    assert picture.shape == (5, 64, phrases.PITCHES) and set(np.unique(picture)) == {0, 0.5, 1}
    np.testing.assert_array_equal((picture == 1).sum(axis=-1), lines.numbers[:5, :, 1])
    silent = lines.numbers[:5, :, 0] == phrases.REST
    np.testing.assert_array_equal(picture.max(axis=-1) == 0, silent)
    sounding = np.where(silent, 0, lines.numbers[:5, :, 0])
    np.testing.assert_array_equal(picture.argmax(axis=-1), sounding)


def test_settings_reach_the_network():
    model = network.build(network.SIZES["tiny"], seed=1)
    assert model.settings["filters"] == (4, 4) and model.settings["shape"] == (64, 32) and not model.settings["register"]
    same, other = network.build(network.SIZES["tiny"], seed=1), network.build(network.SIZES["tiny"], seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), same.get_weights(), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(model.get_weights(), other.get_weights(), strict=True))


def test_the_shipped_judge_hears_no_key(lines):
    model = network.load()
    here = network.probability(model, lines.numbers)
    assert here.shape == (len(lines), 2) and np.allclose(here.sum(axis=1), 1)
    up = network.probability(model, phrases.transposed(lines.numbers, lines.shifts[:, 1]))
    assert ((here[:, 0] > 0.5) == (up[:, 0] > 0.5)).mean() > 0.98
