"""The searches for onsets, on rhythms of the hymns that ship."""

import numpy as np
import pytest

from lab_utils.algorithms import _swarm_search as swarm
from lab_utils.algorithms._swarm_wish import Wish
from lab_utils.errors import ParameterError
from lab_utils.generation import exhaustive


def test_a_wish_is_drawn_with_its_seed():
    wishes = [swarm.wish_of(4, seed=seed) for seed in range(30)]
    assert {wish.form for wish in wishes} == set(swarm.FORMS[4]) and {wish.density for wish in wishes} == {5, 6, 7, 8, 9}
    assert wishes[3] == swarm.wish_of(4, seed=3) and len(swarm.wish_of(8).form) == 8
    with pytest.raises(ParameterError, match="bars: expected one of 2, 4, 8, received 5"):
        swarm.wish_of(5)


def test_onsets_fall_on_the_nearest_step():
    masks = swarm.onset_mask([[0.4, 2.6, 2.9, -0.5], [-3, 3.5, 9, 0.5]], 5)
    assert masks.tolist() == [[True, False, False, True, False], [True, True, False, False, True]]


@pytest.mark.parametrize("wish", [Wish(form="AA", density=5, variation=2, cadence=4, bar=8), Wish(form="A", density=6)])
def test_the_swarm_finds_the_best_rhythm_of_all(wish):
    value = swarm.objective(wish, "chorales")
    best = exhaustive(value, wish.steps)
    found = [swarm.find_rhythm(wish, data="chorales", evaluations=3000, seed=seed).value for seed in range(6)]
    assert sum(np.isclose(found, best.value)) >= 5
    drawn = [swarm.find_rhythm(wish, data="chorales", search="random", evaluations=3000, seed=seed).value for seed in range(6)]
    assert sum(np.isclose(drawn, best.value)) <= 2


def test_four_bars_are_as_wished_and_better_than_by_chance():
    wish = Wish(form="AABA", density=5, variation=1, contrast=2)
    best = swarm.find_rhythm(wish, data="chorales", seed=1)
    failures = swarm.objective(wish, "chorales").failures(best.position[None])
    assert best.evaluations == 5000 and not any(failures[name][0] for name in ("downbeats", "lengths", "cadence"))
    assert sum(count[0] for count in failures.values()) <= 4
    for search in ("random", "hill_climb"):
        rival = swarm.find_rhythm(wish, data="chorales", search=search, seed=1)
        assert rival.evaluations == 5000 and (search == "hill_climb" or rival.value < best.value - 30)


def test_notes_that_fly_are_as_many_as_wished():
    wish = Wish(form="AB", density=4, contrast=2)
    seen = []
    best = swarm.find_onsets(wish, data="chorales", evaluations=900, seed=2, progress=seen.append)
    assert best.position.shape == (8,) and seen[0].positions.shape == (30, 8) and best.evaluations == 900
    value = swarm.objective(wish, "chorales")
    assert value(swarm.onset_mask(best.position, wish.steps))[0] == best.value > best.history[0]


def test_budgets_grow_with_the_bars():
    assert swarm.find_rhythm(Wish(form="AABAAABA", density=4), data="chorales", search="random").evaluations == 10_000


def test_a_search_that_there_is_not():
    with pytest.raises(ParameterError, match="search: expected one of swarm, hill_climb, random"):
        swarm.find_rhythm(Wish(), search="ants")
