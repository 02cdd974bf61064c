"""Nearest training phrases against a slow search, planted copies, and repetitions that were put in."""

import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import nearest
from lab_utils.evaluation.nearest import CHUNK, distances, distinct, evaluate, near_duplicates


def grids(count, seed, steps=20, voices=3):
    return np.random.default_rng(seed).choice([-1, 40, 45, 47, 52], size=(count, steps, voices))


@pytest.mark.parametrize("transpositions", [0, 3])
def test_distances_are_the_least(transpositions):
    samples, training = grids(12, 0), grids(30, 1)
    found, places = nearest.nearest(samples, training, transpositions=transpositions)
    every = np.ones((12, 30))
    for move in range(-transpositions, transpositions + 1):
        moved = np.where(samples == -1, -1, samples + move)
        every = np.minimum(every, (moved[:, None] != training[None]).mean(axis=(2, 3)))
    np.testing.assert_allclose(found, every.min(axis=1), atol=1e-12)
    np.testing.assert_allclose(every[np.arange(12), places], found, atol=1e-12)


def test_a_copy_is_found_wherever_it_stands():
    training = grids(CHUNK + 50, 0, steps=8, voices=1)
    copies = training[[3, CHUNK - 1, CHUNK, CHUNK + 49]]
    found, places = nearest.nearest(copies, training)
    assert not found.any()
    assert (training[places] == copies).all()


def test_a_copy_in_another_key_is_found_by_transpositions_alone():
    training = grids(30, 0)
    samples = np.where(training[4:5] == -1, -1, training[4:5] + 5)
    assert distances(samples, training)[0] > 0.3
    assert distances(samples, training, transpositions=4)[0] > 0.3
    assert distances(samples, training, transpositions=5)[0] == 0


def test_a_note_moved_out_of_range_is_no_rest():
    high, low, rest = (np.full((1, 4, 1), pitch) for pitch in (127, 0, -1))
    assert distances(high, rest, transpositions=11)[0] == distances(low, rest, transpositions=11)[0] == 1
    assert distances(high, high - 11, transpositions=11)[0] == 0


def test_more_places_than_a_byte_counts():
    one = np.full((1, 400, 4), 60)
    other = one.copy()
    other[0, :4] = 61
    assert distances(one, one)[0] == 0 and distances(one, other)[0] == pytest.approx(0.01)


def test_distinct_and_near_duplicates_by_hand():
    samples = grids(10, 0, steps=50, voices=2)  # 100 places
    samples[3] = samples[7] = samples[0]
    samples[9] = samples[1]
    samples[9, :2, 0] = 99  # two places of a hundred
    assert distinct(samples) == 0.8
    assert near_duplicates(samples, within=0.01) == 0.2
    assert near_duplicates(samples, within=0.02) == 0.3
    assert distinct(samples[:1]) == 1 and near_duplicates(samples[:1]) == 0


def test_evaluate_tells_reciting_from_composing():
    training, held_out = grids(40, 0), grids(20, 1)
    composed, recited = evaluate(grids(25, 2), held_out, training), evaluate(training[:25], held_out, training)
    assert recited["closer"] == 1 and recited["generated"]["copies"] == 1 and recited["generated"]["mean"] == 0
    assert 0.3 < composed["closer"] < 0.7 and composed["generated"]["copies"] == 0
    assert evaluate(held_out, held_out, training)["closer"] == 0.5
    assert composed["held_out"]["phrases"] == 20 and json.loads(json.dumps(composed)) == composed


def test_bad_input():
    with pytest.raises(ParameterError, match="one shape, received \\(20, 3\\) and \\(20, 2\\)"):
        distances(grids(2, 0), grids(2, 0, voices=2))
    with pytest.raises(ParameterError, match="transpositions: expected 0 to 11"):
        distances(grids(2, 0), grids(2, 0), transpositions=12)
    with pytest.raises(ParameterError, match="samples: expected ints"):
        distinct(np.zeros((0, 4, 4), int))
    with pytest.raises(ParameterError, match="within: expected"):
        near_duplicates(grids(2, 0), within=1.0)
