"""Random search, hill climbing and the exhaustive search, on objectives whose best is known."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import exhaustive, hill_climb, random_search

WANTED = np.array([1, 0, 0, 1, 0, 1, 1, 0, 1, 0], dtype=bool)


def agreement(masks):
    """One top: the number of bits that are as in WANTED."""
    return (masks == WANTED).sum(axis=1)


def trap(masks):
    """Two tops: all ones is best, but every step but the last leads to all zeros."""
    ones = masks.sum(axis=1)
    return np.where(ones == masks.shape[1], ones + 1, masks.shape[1] - ones)


def test_exhaustive_tries_each_mask_once():
    seen = []
    found = exhaustive(lambda x: seen.extend(map(bytes, x)) or agreement(x), 10)
    assert found.evaluations == len(seen) == len(set(seen)) == 1024
    assert found.value == 10 and np.array_equal(found.position, WANTED)
    assert exhaustive(lambda x: x @ [0, 0, 1.0], 3).position.tolist() == [False, False, True]  # the first of the best
    assert exhaustive(lambda x: x.sum(axis=1), 13).evaluations == 8192  # over several batches


def test_exhaustive_says_when_it_would_not_end():
    with pytest.raises(ParameterError, match="bits: expected at most 24, received 64"):
        exhaustive(agreement, 64)


def test_hill_climb_reaches_the_one_top_in_one_climb():
    found = hill_climb(agreement, 10, evaluations=1 + 10 * 11, seed=3)  # at most 10 steps up and a look around
    assert found.value == 10 and found.evaluations == 111


def test_hill_climb_goes_uphill_from_where_it_starts_and_restarts():
    assert hill_climb(trap, 10, evaluations=12, start=np.ones(10, dtype=bool)).value == 11
    shown = []
    found = hill_climb(trap, 10, evaluations=300, start=~WANTED, progress=shown.append)
    assert np.array_equal(shown[0].positions[0], ~WANTED) and found.value == 10  # caught in the trap
    assert sum(len(flight.positions) == 1 for flight in shown) > 2  # and begun anew


@pytest.mark.parametrize("search", [random_search, hill_climb])
def test_budget_is_spent_exactly_and_the_seed_tells_all(search):
    for evaluations in (1, 7, 5000):
        asked = []
        found = search(lambda x, asked=asked: asked.append(len(x)) or agreement(x), 10, evaluations=evaluations, seed=1)
        assert sum(asked) == found.evaluations == len(found.history) == evaluations
    one, same, other = (search(agreement, 10, evaluations=40, seed=seed).history for seed in (5, 5, 6))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    for wrong in ({"evaluations": 0}, {"bits": 0}):
        with pytest.raises(ParameterError, match="expected a whole number of at least 1"):
            search(agreement, **{"bits": 10, **wrong})
