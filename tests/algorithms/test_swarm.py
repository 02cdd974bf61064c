"""The swarm at work on rhythms of tunes that stand in for the books, and the whole way to a tune with a tiny network."""

import numpy as np
import pytest

from lab_utils.algorithms import _swarm_figures, swarm
from lab_utils.algorithms._swarm_wish import WORDS
from lab_utils.algorithms.swarm import Wish
from lab_utils.errors import ParameterError
from lab_utils.generation import exhaustive
from lab_utils.storage import read_json


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


@pytest.fixture
def on_chorales(monkeypatch):
    """The figures on the rhythms that ship, which are read at once."""
    from lab_utils.algorithms._swarm_rhythms import rhythms

    monkeypatch.setattr(_swarm_figures, "rhythms", lambda data, *rest, **options: rhythms("chorales", *rest, **options))
    model = swarm.rhythm_model
    monkeypatch.setattr(swarm, "rhythm_model", lambda data="tunes", *, bar=16: model("chorales", bar=bar))


def test_the_figures(on_chorales):
    made = swarm.evaluate(samples=4, evaluations=2000)
    assert made["optimum_found"] >= made["optimum_found_worst"] > made["random_optimum"] and made["beats_random"] == 1
    assert made["optimum_found"] > 0.7 and 0 <= made["beats_hill_climb"] <= 1
    assert made["values"]["swarm"] > made["values"]["random"] and made["values"]["continuous"] > made["values"]["random"]
    assert 0.1 < made["nats_per_step"] < made["place_only"] < np.log(2)
    assert (made["seeds"], made["evaluations"], made["fold"]) == (4, 2000, "valid")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A tiny network of tunes, as untrained as it may be, that knows the symbols of the shipped one."""
    from lab_utils.recipes import melody
    from lab_utils.recipes._melody_data import Form

    shipped = melody.RECIPE.folder("tunes")
    form = Form.from_dict(read_json(shipped / "form.json"), "tunes")
    return melody.build(melody.SIZES["tiny"], form), form


def test_a_tune_is_written_and_repeats(run, monkeypatch, tmp_path):
    from lab_utils.recipes import melody

    monkeypatch.setattr(melody, "load", lambda name: (*run, {}))
    swarm._network.cache_clear()
    drawn = swarm.rhythm_model
    monkeypatch.setattr(swarm, "rhythm_model", lambda data="tunes", *, bar=16: drawn("chorales", bar=bar))
    made = swarm.generate(bars=2, seed=4, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll", "abc"):
        assert made[kind].stat().st_size > 50
    assert set(made["not_as_wished"]) <= set(WORDS.values()) and all(count > 0 for count in made["not_as_wished"].values())
    assert made["form"] in swarm.FORMS[2] and 5 <= made["notes_a_bar"] <= 9
    wish = Wish(form="AABA", density=5, variation=0, contrast=2)
    composed = swarm.compose(wish, seed=0)
    notes = composed["score"].notes
    onsets = np.round(notes["onset_quarter"] * 4).astype(int)
    assert np.array_equal(onsets, np.flatnonzero(composed["mask"])) and notes["pitch"][-1] % 12 == 0  # in C, on its tonic
    pitch = dict(zip(onsets, notes["pitch"], strict=True))
    tied = [step for step in range(12) if step in pitch and step + 16 in pitch]
    assert tied and all(pitch[step] == pitch[step + 16] for step in tied)
    assert {int(p) % 12 for p in pitch.values()} <= {0, 2, 4, 5, 7, 9, 11}
    swarm._network.cache_clear()


def test_a_form_of_other_bars_is_told(run, monkeypatch):
    with pytest.raises(ParameterError, match="form: expected a letter for each of 2 bars, received 'AAB'"):
        swarm.fill(np.tile([True] + 7 * [False], 4), "AAB")
