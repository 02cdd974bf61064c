"""The coins against counts by hand, summed over every roll there is, and against their own samples."""

import itertools

import numpy as np
import pytest

from lab_utils.densities.bernoulli import BernoulliRoll
from lab_utils.errors import ParameterError

TWO = np.array([[[1, 0], [1, 0], [0, 1], [1, 0]], [[1, 0], [0, 0], [1, 1], [0, 0]]])  # (rolls, steps, pitches)


def test_counts_by_hand():
    model = BernoulliRoll(added=1).fit(TWO)
    np.testing.assert_allclose(model.probability, [[6 / 10, 3 / 10]])  # of 8 cells 5 and 2 are on
    by_place = BernoulliRoll(period=2, added=1).fit(TWO)
    np.testing.assert_allclose(by_place.probability, [[4 / 6, 3 / 6], [3 / 6, 1 / 6]])
    each = BernoulliRoll(period=4, added=0.5).fit(TWO)
    np.testing.assert_allclose(each.probability[2], [1.5 / 3, 2.5 / 3])


def test_likelihood_by_hand():
    model = BernoulliRoll(added=1).fit(TWO)
    on, off = np.log([6 / 10, 3 / 10]), np.log([4 / 10, 7 / 10])
    assert model.log_likelihood([[[1, 0], [0, 1]]])[0] == pytest.approx(on[0] + off[1] + off[0] + on[1])


@pytest.mark.parametrize("period", [1, 2, 3])
def test_all_rolls_sum_to_one(period):
    model = BernoulliRoll(period=period).fit(TWO)
    every = np.array(list(itertools.product([0, 1], repeat=6))).reshape(-1, 3, 2)
    assert np.exp(model.log_likelihood(every)).sum() == pytest.approx(1)


def test_what_never_sounded_is_unlikely_but_not_impossible():
    silent = np.zeros((5, 4, 2), np.uint8)
    found = BernoulliRoll().fit(silent).log_likelihood(1 - silent)
    assert np.isfinite(found).all() and (found < -20).all()


def test_samples_have_its_probabilities_and_repeat():
    model = BernoulliRoll(period=4).fit(TWO)
    drawn = model.sample(20_000, seed=1)
    assert drawn.shape == (20_000, 4, 2) and drawn.dtype == np.uint8
    np.testing.assert_allclose(drawn.mean(axis=0), model.probability, atol=0.02)
    np.testing.assert_array_equal(drawn, model.sample(20_000, seed=1))
    together = (drawn[:, 0, 0] & drawn[:, 2, 1]).mean()  # no coin knows of another
    assert together == pytest.approx(model.probability[0, 0] * model.probability[2, 1], abs=0.02)
    assert model.sample(2, seed=1, steps=9).shape == (2, 9, 2)


def test_positions_start_again_after_a_period():
    model = BernoulliRoll(period=2).fit(TWO)
    long = np.concatenate([TWO, TWO], axis=1)
    np.testing.assert_allclose(model.log_likelihood(long), 2 * model.log_likelihood(TWO))


def test_refuses_what_is_no_roll():
    with pytest.raises(ParameterError, match="period: .* 0"):
        BernoulliRoll(period=0)
    with pytest.raises(ParameterError, match="added"):
        BernoulliRoll(added=0)
    with pytest.raises(ParameterError, match="x: .* 0 and 1"):
        BernoulliRoll().fit(2 * TWO)
    with pytest.raises(ParameterError, match=r"x: .* \(4, 2\)"):
        BernoulliRoll().fit(TWO[0])
    with pytest.raises(ParameterError, match="x: .* 5 steps .* received 4"):
        BernoulliRoll(period=5).fit(TWO)
    with pytest.raises(ParameterError, match=r"x: .* \(rolls, steps, 2\)"):
        BernoulliRoll().fit(TWO).log_likelihood(np.zeros((1, 4, 3)))
    with pytest.raises(ParameterError, match="call fit"):
        BernoulliRoll().sample(1, seed=0)
