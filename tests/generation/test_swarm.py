"""Binary and continuous swarms, on objectives whose best is known."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import binary_swarm, continuous_swarm, exhaustive, random_search

LOW, HIGH = np.full(6, -5.0), np.full(6, 5.0)


def linked(bits, *, links=2, seed=0):
    """An NK landscape (Kauffman, 1993): what a bit is worth depends on `links` others, so there are many tops."""
    rng = np.random.default_rng(seed)
    others = np.stack([np.append(i, rng.choice(np.delete(np.arange(bits), i), links, replace=False)) for i in range(bits)])
    worth = rng.random((bits, 2 ** (links + 1)))

    def value(masks):
        return worth[np.arange(bits), masks[:, others] @ (1 << np.arange(links + 1))].mean(axis=1)

    return value


def hills(x):
    """Many tops of growing height (Rastrigin's function, upside down); the highest is 0 at 1.5 everywhere."""
    x = x - 1.5
    return -(10 + x**2 - 10 * np.cos(2 * np.pi * x)).sum(axis=1)


def test_the_best_of_all_masks_is_found():
    value = linked(16)
    best = exhaustive(value, 16).value
    found = [binary_swarm(value, 16, seed=seed).value == best for seed in range(20)]
    at_random = [random_search(value, 16, seed=seed).value == best for seed in range(20)]
    assert sum(found) >= 19 > 10 > sum(at_random)  # it is 20 and 2


def test_long_masks_beat_random_search_every_time():
    value = linked(64, seed=1)
    for seed in range(5):
        swarm, drawn = (search(value, 64, evaluations=2000, seed=seed) for search in (binary_swarm, random_search))
        assert swarm.value > drawn.value


def test_the_sticky_ring_that_starts_anew_is_what_helps():
    """Each of the three changes to the algorithm of 1997 is there because it finds more."""
    value = linked(16, links=4, seed=0)
    best = exhaustive(value, 16).value

    def share(**options):
        return sum(binary_swarm(value, 16, seed=seed, **options).value == best for seed in range(12))

    whole = share()
    assert whole > share(rule="sigmoid", reach=None, patience=0) and whole > share(reach=None, patience=0)


def test_the_continuous_swarm_finds_the_highest_hill():
    found = [continuous_swarm(hills, LOW[:3], HIGH[:3], seed=seed) for seed in range(6)]
    assert sum(one.value > -0.001 for one in found) >= 5  # of a thousand hills; random search: none
    np.testing.assert_allclose(max(found, key=lambda one: one.value).position, 1.5, atol=1e-3)


def test_a_top_beyond_the_wall_is_met_at_the_wall():
    inside = []

    def value(x):
        inside.append(((x >= LOW) & (x <= HIGH)).all())
        return -((x - 9) ** 2).sum(axis=1)

    found = continuous_swarm(value, LOW, HIGH, evaluations=2000)
    assert all(inside)
    np.testing.assert_allclose(found.position, HIGH, atol=1e-3)


SWARMS = {
    "sticky": lambda value, **options: binary_swarm(value, 6, **options),
    "sigmoid": lambda value, **options: binary_swarm(value, 6, rule="sigmoid", **options),
    "continuous": lambda value, **options: continuous_swarm(value, LOW, HIGH, **options),
}


@pytest.mark.parametrize("search", SWARMS.values(), ids=SWARMS)
def test_budget_is_spent_exactly_and_the_seed_tells_all(search):
    for evaluations in (1, 30, 71):
        asked = []
        found = search(lambda x, asked=asked: asked.append(len(x)) or x.sum(axis=1), evaluations=evaluations, particles=30)
        assert sum(asked) == found.evaluations == len(found.history) == evaluations
        assert (np.diff(found.history) >= 0).all() and found.history[-1] == found.value == found.position.sum()

    def path(seed):
        flights = []
        search(lambda x: x.sum(axis=1), seed=seed, evaluations=200, progress=flights.append)
        return np.concatenate([flight.positions for flight in flights])

    assert np.array_equal(path(1), path(1)) and not np.array_equal(path(1), path(2))


def test_who_starts_anew_leaves_the_best_of_all_behind():
    only = np.array([True, False] * 4)
    flat = binary_swarm(lambda x: (x == only).all(axis=1), 8, evaluations=4000, patience=3, start=only)
    assert flat.value == 1 and np.array_equal(flat.position, only) and flat.history[0] == 1


def test_particles_begin_where_they_are_told():
    flights = []
    binary_swarm(lambda x: x.sum(axis=1), 5, start=np.ones(5, dtype=bool), evaluations=30, progress=flights.append)
    assert flights[0].positions[0].all() and not flights[0].positions[1:].all()
    flights.clear()
    continuous_swarm(hills, LOW, HIGH, start=np.full(6, 7.0), evaluations=30, progress=flights.append)
    assert np.array_equal(flights[0].positions[0], HIGH)  # moved between the walls


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bits": 0}, "bits: expected a whole number of at least 1"),
        ({"particles": 1}, "particles: expected a whole number of at least 2"),
        ({"evaluations": 0}, "evaluations: expected a whole number of at least 1"),
        ({"rule": "bees"}, "rule: expected one of sticky, sigmoid; received 'bees'"),
        ({"reach": -1}, "reach: expected a whole number of at least 0"),
        ({"patience": -1}, "patience: expected a whole number of at least 0"),
        ({"start": np.ones(5, dtype=bool)}, "start: expected masks"),
    ],
)
def test_what_cannot_be_is_told(options, message):
    with pytest.raises(ParameterError, match=message):
        binary_swarm(lambda x: x.sum(axis=1), **{"bits": 4, **options})


@pytest.mark.parametrize(
    ("low", "high", "start"),
    [([0, 0], [1], None), ([0, 1], [1, 1], None), ([0], [np.nan], None), ([0], [1], [[np.nan]]), ([0], [1], [0, 1])],
)
def test_walls_and_starts_that_are_none_are_told(low, high, start):
    with pytest.raises(ParameterError, match="start: expected numbers" if start is not None else "low, high: expected numbers"):
        continuous_swarm(lambda x: x.sum(axis=1), low, high, start=start)
