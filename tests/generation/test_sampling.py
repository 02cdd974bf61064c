"""Choices follow their probabilities, repeat with the seed, and a toy's known best answer is found."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import sampling


def test_probabilities_are_the_softmax_and_temperature_sharpens():
    logits = np.log([1.0, 3.0])
    np.testing.assert_allclose(sampling.probabilities(logits), [0.25, 0.75])
    np.testing.assert_allclose(sampling.probabilities(logits, temperature=0.5), [0.1, 0.9])
    np.testing.assert_allclose(sampling.probabilities(logits, temperature=1e6), [0.5, 0.5], atol=1e-5)


@pytest.mark.parametrize(("uniform", "token"), [(0.0, 1), (0.29, 1), (0.31, 2), (0.999999, 2)])
def test_pick_finds_where_the_cumulated_probability_passes(uniform, token):
    logits = np.array([-1e9, np.log(0.3), np.log(0.7), -1e9])
    assert sampling.pick(logits, uniform) == token


def test_frequencies_match_the_probabilities():
    logits = np.log(np.array([0.1, 0.2, 0.7]))
    tokens = sampling.pick(np.tile(logits, (20_000, 1)), sampling.noise(20_000, seed=1))
    np.testing.assert_allclose(np.bincount(tokens) / 20_000, [0.1, 0.2, 0.7], atol=0.01)


def test_sample_asks_with_all_tokens_so_far_and_repeats():
    asked = []

    def counting_up(tokens):
        asked.append(list(tokens))
        return np.where(np.arange(10) == (tokens[-1] + 1) % 10, 0.0, -1e9)

    np.testing.assert_array_equal(sampling.sample(counting_up, 4, seed=0, start=[7]), [7, 8, 9, 0, 1])
    assert asked == [[7], [7, 8], [7, 8, 9], [7, 8, 9, 0]]

    def even(tokens):
        return np.zeros(10)

    first, second = (sampling.sample(even, 50, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (first != sampling.sample(even, 50, seed=6)).any()


def test_a_temperature_of_nothing_is_refused():
    with pytest.raises(ParameterError, match="temperature"):
        sampling.probabilities(np.zeros(3), temperature=0)
