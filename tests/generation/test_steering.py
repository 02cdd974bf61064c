"""Sampling-importance-resampling on toys whose posterior is known."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import steer

SIDES = np.arange(1, 7)


def test_a_die_is_steered_to_its_posterior():
    # x: a fair die; y: "shown as high", likelier the more spots; p(x | y) is in proportion to the spots
    pool = np.random.default_rng(0).integers(1, 7, 60_000)
    drawn = steer(pool, lambda x: np.log(x / 6), count=40_000, seed=1)
    shares = (drawn.samples[:, None] == SIDES).mean(axis=0)
    np.testing.assert_allclose(shares, SIDES / 21, atol=0.01)
    assert drawn.evidence == pytest.approx(np.log(21 / 36), abs=0.01)
    assert drawn.effective == pytest.approx(len(pool) * 21**2 / (6 * 91), rel=0.01)  # (Σ w)² / Σ w²
    assert np.array_equal(drawn.samples, pool[drawn.chosen])


def test_a_normal_steered_by_a_noisy_reading_is_the_known_normal():
    # x ~ N(0, 1), y = x + noise of variance 1 read as 2: x | y ~ N(1, 1/2)
    pool = np.random.default_rng(0).standard_normal(60_000)
    drawn = steer(pool, lambda x: -((x - 2) ** 2) / 2, count=20_000, seed=3).samples
    assert drawn.mean() == pytest.approx(1, abs=0.02) and drawn.var() == pytest.approx(0.5, abs=0.02)


def test_strength_and_what_cannot_be():
    logs = np.log([0.5, 0.25, 0.25])
    np.testing.assert_allclose(steer([0, 1, 2], lambda x: logs, count=1, seed=0, strength=0).weights, [1 / 3] * 3)
    np.testing.assert_allclose(steer([0, 1, 2], lambda x: logs, count=1, seed=0, strength=2).weights, [4 / 6, 1 / 6, 1 / 6])
    never = steer(["a", "b", "c"], lambda x: np.array([-np.inf, 0.0, -np.inf]), count=9, seed=0)
    assert never.samples == ["b"] * 9 and never.effective == 1 and never.evidence == pytest.approx(np.log(1 / 3))


def test_the_same_seed_draws_the_same():
    pool, judge = np.arange(50), lambda x: -x / 10
    first, again, other = (steer(pool, judge, count=20, seed=seed).samples for seed in (4, 4, 5))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("samples", "answer", "options", "words"),
    [
        ([], [], {}, "samples: expected at least one"),
        ([1, 2], [0.0], {}, "for each of 2"),
        ([1, 2], [0.0, np.nan], {}, "for each of 2"),
        ([1, 2], [0.5, 0.5], {}, "a logarithm, 0 at most"),
        ([1, 2], [-np.inf, -np.inf], {}, "enlarge the pool"),
        ([1, 2], [0.0, 0.0], {"count": 0}, "count: expected a whole number of at least 1"),
        ([1, 2], [0.0, 0.0], {"strength": -1}, "strength"),
    ],
)
def test_bad_input_is_told_in_one_line(samples, answer, options, words):
    with pytest.raises(ParameterError, match=words) as caught:
        steer(samples, lambda x: np.array(answer), **{"count": 3, "seed": 0, **options})
    assert "\n" not in str(caught.value)
