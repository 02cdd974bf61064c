"""The figures of the VAE's rivals: known by construction."""

import numpy as np
import pytest

from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, REST
from lab_utils.recipes import _vae_figures as figures
from lab_utils.recipes._phrases import Phrases
from lab_utils.recipes._vae_phrases import shifts, tidied


def made_up(count=60, seed=0):
    """Phrases of quarters that go up or down by a step."""
    rng = np.random.default_rng(seed)
    tokens = np.full((count, 32), HOLD, np.int32)
    tokens[:, ::4] = 30 + np.cumsum(rng.integers(-1, 2, (count, 8)), axis=1)
    return tokens


def test_measures_of_a_reconstruction_known_by_hand():
    one = np.full((1, 32), HOLD)
    one[0, [0, 8, 16, 24]] = 30, 31, 32, REST
    other = one.copy()
    other[0, 8] = 40  # one wrong start, which sounds for eight steps
    found = figures.measure(one, other)
    assert found["step_accuracy"] == pytest.approx(31 / 32) and found["sounding_accuracy"] == pytest.approx(24 / 32)
    assert found["onset_f1"] == pytest.approx(2 / 3)
    assert all(value == 1 for value in figures.measure(one, one).values())


def test_rivals_stand_where_they_must():
    tokens = made_up()
    train = Phrases(tokens, np.zeros(len(tokens), int), np.arange(len(tokens)))
    train = Phrases(tokens, train.voices, train.pieces, shifts(train))
    found = figures.floors(train, tokens, 8)
    assert found["nearest_training_phrase"]["step_accuracy"] == 1  # it is among them
    assert 24 / 32 <= found["hold_everything"]["step_accuracy"] <= 25 / 32
    assert found["hold_everything"]["onset_recall"] <= 1 / 8
    assert found["pca"]["step_accuracy"] > found["hold_everything"]["step_accuracy"]


def test_a_phrase_in_another_key_is_found():
    tokens = made_up(20)
    moved = np.where(tokens >= FIRST_PITCH, tokens + 5, tokens)
    np.testing.assert_array_equal(figures._nearest(moved, tokens), moved)


def test_sampled_rivals_write_phrases():
    train = made_up(200)
    train[:40, 12:] = HOLD
    train[:40, 12] = REST
    for sampler in (figures.bigram, figures.independent):
        drawn = sampler(train, 50, seed=1)
        assert drawn.shape == (50, 32) and (drawn[:, 0] != HOLD).all()
        np.testing.assert_array_equal(drawn, tidied(drawn))
        np.testing.assert_array_equal(drawn, sampler(train, 50, seed=1))
    steps = np.diff(np.where(train[40:] >= FIRST_PITCH, train[40:], 0)[:, ::4], axis=1)
    assert np.abs(steps).max() <= 1
    walked = figures.bigram(train[40:], 50, seed=2)[:, ::4]
    jumps = np.abs(np.diff(walked, axis=1))[(walked[:, 1:] >= FIRST_PITCH) & (walked[:, :-1] >= FIRST_PITCH)]
    assert (jumps <= 1).mean() > 0.9  # it has learnt to walk; smoothing lets it jump at times


def test_latent_numbers_that_stand_still_are_not_in_use():
    means = np.random.default_rng(0).normal(size=(500, 4)) * [1.0, 0.5, 0.05, 0.0]
    assert figures.latent_use(means) == 2
