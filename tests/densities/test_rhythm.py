"""The density of onset masks: counted by hand, summed over all masks, and against the n-gram."""

import itertools

import numpy as np
import pytest

from lab_utils.densities import NGram, Rhythm
from lab_utils.errors import ParameterError

ALL = np.array(list(itertools.product([False, True], repeat=6)))


def some(count=60, steps=6, seed=0):
    return np.random.default_rng(seed).random((count, steps)) < np.linspace(0.9, 0.2, steps)


def test_the_chances_of_all_masks_add_up_to_one():
    for distances in ((), (1,), (1, 3, 2), None):
        model = Rhythm(bar=3, distances=distances).fit(some())
        assert np.exp(model.log_likelihood(ALL)).sum() == pytest.approx(1)


def test_a_count_by_hand():
    model = Rhythm(bar=2, distances=()).fit(np.array([[True, False], [True, True], [True, False]]))
    # over all, 4 of 6 are on: (4 + 2 · ½) / (6 + 2) = 5/8; at place 0 only "on" was seen, (3 + 1 · 5/8) / (3 + 1); at place 1 it
    # was seen once in three, (1 + 2 · 5/8) / (3 + 2)
    np.testing.assert_allclose(model.chance, [29 / 32, 9 / 20])
    assert model.nll(np.array([[False, True]]))[0] == pytest.approx([-np.log(3 / 32), -np.log(9 / 20)])


def test_with_the_last_steps_alone_it_is_the_n_gram():
    """The same model by other means, but for the start, which an n-gram tells apart once and this one at each distance."""
    masks = some(steps=12)
    ours = Rhythm(bar=4, distances=(1, 2)).fit(masks)
    theirs = NGram(2, 2, beats=4).fit([mask.astype(int) for mask in masks])
    for mask in some(5, 12, seed=1):
        np.testing.assert_allclose(ours.nll(mask[None])[0, 2:], theirs.nll(mask.astype(int))[2:])


def test_what_was_never_seen_is_not_impossible():
    model = Rhythm(bar=4).fit(np.tile([True, False, True, False], (5000, 4)))
    other = np.tile([True, True, False, False], (1, 4))
    assert np.isfinite(model.log_likelihood(other)) and model.log_likelihood(other)[0] < -30


def test_it_learns_that_a_bar_comes_again():
    rng = np.random.default_rng(0)
    first = rng.random((400, 8)) < 0.5
    twice = np.concatenate([first, first], axis=1)
    near, far = (Rhythm(bar=8, distances=distances).fit(twice[:300]).nll(twice[300:]) for distances in ((1, 2, 3), (8,)))
    assert far[:, 8:].mean() < 0.05 < 0.6 < near[:, 8:].mean()
    assert abs(far[:, :8].mean() - np.log(2)) < 0.02


def test_samples_are_drawn_from_it():
    model = Rhythm(bar=3, distances=(1, 3)).fit(some())
    drawn = model.sample(20_000, steps=6, seed=1)
    shares = np.bincount(drawn @ (1 << np.arange(5, -1, -1)), minlength=64) / len(drawn)  # ALL is in this order
    np.testing.assert_allclose(shares, np.exp(model.log_likelihood(ALL)), atol=0.01)
    assert np.array_equal(drawn, model.sample(20_000, steps=6, seed=1))
    assert not np.array_equal(drawn[:50], model.sample(50, steps=6, seed=2))


def test_what_it_looks_back_on_by_default():
    assert Rhythm(bar=16).distances == (1, 2, 16, 3, 4, 15, 32)
    assert Rhythm(bar=4).distances == (1, 2, 4, 3, 8)  # none twice
    assert Rhythm(bar=1).distances == (1, 2, 3, 4)


@pytest.mark.parametrize("x", [np.ones(4, dtype=bool), np.ones((2, 4)), np.ones((0, 4), dtype=bool)])
def test_what_are_no_masks_is_told(x):
    with pytest.raises(ParameterError, match="x: expected masks, bool"):
        Rhythm().fit(x)


def test_what_else_cannot_be():
    with pytest.raises(ParameterError, match=r"call fit\(masks\) first"):
        Rhythm().nll(some())
    for wrong in ((0, 1), (1, 1), range(1, 12)):
        with pytest.raises(ParameterError, match="distances: expected at most 10"):
            Rhythm(distances=wrong)
