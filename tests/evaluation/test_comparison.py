"""The paired bootstrap against differences that are known by construction and against the normal approximation."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import comparison


def noise(seed, lengths):
    rng = np.random.default_rng(seed)
    return [rng.gamma(2, 0.3, length) for length in lengths]


def test_a_constant_difference_has_no_spread():
    first = noise(0, range(5, 25))
    figures = comparison.evaluate(first, [piece + 0.25 for piece in first])
    assert figures["difference"] == pytest.approx(-0.25)
    assert figures["interval"] == pytest.approx([-0.25, -0.25])
    assert figures["second"] - figures["first"] == pytest.approx(0.25)
    assert (figures["share_better"], figures["pieces_better"], figures["pieces"]) == (1.0, 20, 20)
    assert figures["notes"] == sum(range(5, 25))


def test_equal_models_are_told_to_be_equal():
    first = noise(0, [10] * 8)
    figures = comparison.evaluate(first, first)
    assert (figures["difference"], figures["interval"], figures["share_better"]) == (0, [0, 0], 0.5)


def test_swapped_models_give_the_opposite():
    first, second = noise(0, [9, 30, 4, 17]), noise(1, [9, 30, 4, 17])
    one, other = comparison.evaluate(first, second), comparison.evaluate(second, first)
    assert one["difference"] == pytest.approx(-other["difference"])
    assert one["interval"] == pytest.approx([-other["interval"][1], -other["interval"][0]])
    assert one["share_better"] == pytest.approx(1 - other["share_better"])


def test_the_interval_is_that_of_a_mean_of_pieces():
    """With pieces of one length the mean of n differences has the standard error s / sqrt(n); 1.96 of them on each side."""
    lengths = [20] * 200
    first, second = noise(2, lengths), noise(3, lengths)
    per_piece = np.array([(a - b).mean() for a, b in zip(first, second, strict=True)])
    error = per_piece.std() / np.sqrt(200)
    low, high = comparison.evaluate(first, second)["interval"]
    assert (low, high) == pytest.approx((per_piece.mean() - 1.96 * error, per_piece.mean() + 1.96 * error), abs=0.1 * error)


def test_pairing_sees_what_two_intervals_do_not():
    hardness = np.random.default_rng(4).gamma(2, 1, 60)
    rng = np.random.default_rng(5)
    first = [np.full(10, h) + rng.normal(0, 0.01, 10) for h in hardness]
    second = [np.full(10, h) + 0.02 + rng.normal(0, 0.01, 10) for h in hardness]
    low, high = comparison.evaluate(first, second)["interval"]
    assert -0.03 < low < high < -0.01  # the pieces' own spread is a hundred times as wide


def test_long_pieces_weigh_more():
    figures = comparison.evaluate([np.full(30, 1.0), np.full(10, 3.0)], [np.full(30, 2.0), np.full(10, 1.0)])
    assert figures["difference"] == pytest.approx((30 * -1 + 10 * 2) / 40)
    assert figures["pieces_better"] == 1


def test_padding_changes_nothing():
    first, second = noise(0, [5, 9, 12]), noise(1, [5, 9, 12])
    pad = [(np.append(a, np.full(4, np.nan)), np.append(b, np.full(4, np.inf))) for a, b in zip(first, second, strict=True)]
    counted = [np.arange(len(piece) + 4) < len(piece) for piece in first]
    padded = comparison.evaluate(*zip(*pad, strict=True), counted=counted)
    assert padded == comparison.evaluate(first, second)


def test_the_seed_decides():
    first, second = noise(0, [5, 9, 12]), noise(1, [5, 9, 12])
    one = comparison.evaluate(first, second, seed=1, draws=50)
    assert one == comparison.evaluate(first, second, seed=1, draws=50)
    assert one["interval"] != comparison.evaluate(first, second, seed=2, draws=50)["interval"]


def test_refuses_other_pieces():
    with pytest.raises(ParameterError, match="same pieces"):
        comparison.evaluate(noise(0, [3, 4]), noise(0, [4, 3]))
    with pytest.raises(ParameterError, match="same pieces"):
        comparison.evaluate(noise(0, [3, 4]), noise(0, [3]))
    with pytest.raises(ParameterError, match="second: "):
        comparison.evaluate(noise(0, [3]), [])
