"""Noise, phrases and the critic's scores: the same for a seed, in batches of any size; errors in one line."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _gan_network as network
from lab_utils.recipes._gan_rolls import Form

FORM = Form(1, (60, 55, 50, 45), (68, 63, 58, 53))


@pytest.fixture(scope="module")
def model():
    return network.build(network.Config(bars=1, latent=6, channels=8, blocks=1, critic_channels=8), FORM, seed=1)


def test_the_seed_decides_the_phrases_however_many_are_made(model, monkeypatch):
    first, onsets = network.sample(model, FORM, 7, seed=3)
    assert first.shape == onsets.shape == (7, 16, 4) and first.dtype == np.int16 and onsets.dtype == bool
    assert len(np.unique(first.reshape(7, -1), axis=0)) == 7
    monkeypatch.setattr(network, "AT_ONCE", 3)
    again, starts = network.sample(model, FORM, 7, seed=3)
    np.testing.assert_array_equal(again, first)
    np.testing.assert_array_equal(starts, onsets)
    np.testing.assert_array_equal(network.sample(model, FORM, 4, seed=3)[0], first[:4])
    assert (network.sample(model, FORM, 7, seed=4)[0] != first).any()


def test_phrases_stay_in_the_voices_ranges_and_onsets_are_where_pitches_change(model):
    grids, onsets = network.sample(model, FORM, 50)
    sounding = grids >= 0
    assert ((grids >= FORM.lowest) | ~sounding).all() and ((grids <= FORM.highest) | ~sounding).all()
    changes = (grids[:, 1:] != grids[:, :-1]) & sounding[:, 1:]
    assert onsets[:, 1:][changes].all() and not onsets[~sounding].any()


def test_temperature_is_how_much_of_the_noise_is_a_phrase_s_own(model):
    cold, plain = (network.noise(model, 500, seed=2, temperature=t) for t in (0.5, 1.0))
    assert plain.shape == (500, 6) and plain.std() == pytest.approx(1, abs=0.05)
    assert cold.std(axis=0) == pytest.approx(plain.std(axis=0) / 2, rel=1e-4)
    np.testing.assert_allclose(cold - cold[:1], (plain - plain[:1]) / 2, atol=1e-5)
    same = [(grids[1:] == grids[:1]).mean() for grids in (network.decode(model, FORM, z)[0] for z in (cold * 1.0, plain))]
    near = network.sample(model, FORM, 50, temperature=0.05)[0]
    assert same[1] < same[0] < (near[1:] == near[:1]).mean()


def test_the_critic_scores_each_phrase(model):
    grids, onsets = network.sample(model, FORM, 5)
    scores = network.score_samples(model, FORM, grids, onsets)
    assert scores.shape == (5,) and len(set(scores)) == 5


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: network.decode(m, FORM, np.zeros((2, 5))), r"latents: expected shape \(phrases, 6\), .* received \(2, 5\)"),
        (lambda m: network.decode(m, FORM, np.zeros((0, 6))), "latents: .* received \\(0, 6\\)"),
        (lambda m: network.noise(m, 0), "count: expected a whole number from 1"),
        (lambda m: network.noise(m, 1, seed=-1), "seed: expected"),
        (lambda m: network.noise(m, 1, temperature=2), "temperature: expected"),
        (lambda m: network.score_samples(m, FORM, np.zeros((1, 8, 4), int), np.zeros((1, 8, 4), bool)), "grids: expected shape"),
        (lambda m: network.Config(channels=0), "channels: expected a whole number of at least 1, received 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(model, call, says):
    with pytest.raises(ParameterError, match=says):
        call(model)


def test_a_run_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no run"):
        network.load(tmp_path)
