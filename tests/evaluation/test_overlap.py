"""Overlapped area: its bounds, sets whose area is known, scipy's kernel densities, and what the definition is for."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from lab_utils.datasets.chorales import load_chorales
from lab_utils.errors import ParameterError
from lab_utils.evaluation.baselines import bigram_grids
from lab_utils.evaluation.overlap import densities, overlapped_area
from lab_utils.evaluation.phrase_features import NAMES, features
from lab_utils.evaluation.phrases import notes_from_grids


def phrases(count, seed, low=55, high=75, repeat=2):
    """Random phrases of two bars in two voices."""
    grids = np.random.default_rng(seed).integers(low, high, (count, 32 // repeat, 2))
    return notes_from_grids(np.repeat(grids, repeat, axis=1))


def area(generated, reference, **options):
    return overlapped_area(generated, reference, quarters=8.0, **options)


@pytest.mark.parametrize("count", [2, 40, 300])  # all pairs, all pairs, drawn pairs
def test_a_set_with_itself_is_exactly_one(count):
    one = phrases(count, seed=0)
    assert set(area(one, one).values()) == {1.0}


def test_sets_of_one_source_are_near_one_and_of_others_far_from_it():
    same = area(phrases(300, seed=0), phrases(300, seed=1))
    other = area(phrases(300, seed=0, low=30, high=90, repeat=4), phrases(300, seed=1))
    assert 0.9 < same["mean_overlapped_area"] <= 1
    assert other["mean_overlapped_area"] < 0.4
    assert all(0 <= other[name] <= other[name] + 0.1 <= same[name] + 0.1 for name in NAMES if "transitions" not in name)


def test_disjoint_sets_have_nothing_in_common():
    rng = np.random.default_rng(0)
    near, far = (centre + rng.random((50, 3)) for centre in (0, 100))
    found = area(dict.fromkeys(NAMES, near), dict.fromkeys(NAMES, far))
    assert 0 <= max(found.values()) < 1e-9
    constant = area(phrases(1, seed=0) * 5, phrases(1, seed=1) * 5)  # all distances within are 0, those between are not
    assert constant["pitch_class_histogram"] < 1e-9 and constant["note_count"] <= 1


def test_densities_are_those_of_scipy():
    rng = np.random.default_rng(0)
    generated, reference = rng.normal(size=(40, 3)), rng.normal(0.5, 2, size=(60, 3))
    middles, shares = densities(generated, reference)
    width = middles[1] - middles[0]
    couples = ((reference, reference), (generated, generated), (generated, reference))
    for share, (one, other) in zip(shares, couples, strict=True):
        between = np.linalg.norm(one[:, None] - other[None], axis=-1)
        if one is other:
            between = between[~np.eye(len(one), dtype=bool)]
            np.testing.assert_allclose(share / width, gaussian_kde(between.ravel())(middles), atol=2e-4)
        else:  # the pairs of equal number are left out here too, though they are no self-pairs
            np.testing.assert_allclose(share / width, gaussian_kde(between.ravel())(middles), atol=0.01)


def test_normal_features_have_the_area_of_normal_distances():
    """Of two normals of one spread the distances |x − y| are folded normals, whose area is known by integration."""
    rng = np.random.default_rng(0)
    generated, reference = rng.normal(2, 1, (2000, 1)), rng.normal(0, 1, (2000, 1))
    d = np.linspace(0, 12, 20_001)
    normal = lambda x: np.exp(-(x**2) / 4) / np.sqrt(4 * np.pi)  # noqa: E731  the difference has variance 2
    lowest = np.minimum(2 * normal(d), normal(d - 2) + normal(d + 2))
    shares = densities(generated, reference, pairs=200_000)[1]
    assert np.minimum(shares[0], shares[2]).sum() == pytest.approx(np.trapezoid(lowest, d), abs=0.03)


def test_a_collapsed_set_is_told_by_our_area():
    """One middling phrase again and again: the distances to the reference are not strange, but those within are all 0."""
    reference = phrases(200, seed=0)
    found = area(phrases(1, seed=5) * 200, reference)
    assert found["mean_overlapped_area"] < 0.2 < 0.4 < found["yang_lerch"]


def test_features_computed_before_give_the_same():
    one, other = phrases(30, seed=0), phrases(20, seed=1, repeat=4)
    known = features(other, quarters=8.0)
    assert area(one, known) == area(one, other)


def test_the_seed_decides_the_pairs():
    one, other = phrases(50, seed=0), phrases(50, seed=1)
    few = [area(one, other, pairs=100, seed=seed)["mean_overlapped_area"] for seed in (0, 0, 1)]
    assert few[0] == few[1] != few[2]


def test_constant_features_of_equal_value_overlap_wholly():
    constant = np.full((10, 1), 3.0)
    shares = densities(constant, constant)[1]
    assert np.minimum.reduce(shares).sum() == pytest.approx(1)


@pytest.mark.parametrize(("voices", "bars", "ceiling", "floor"), [(4, 4, 0.94, 0.53), (1, 2, 0.95, 0.73)])
def test_floor_and_ceiling_on_the_chorales(voices, bars, ceiling, floor):
    """The figures of the module's docstring."""
    chorales, steps = load_chorales(), 16 * bars
    sets = {}
    for fold in ("train", "valid"):
        cuts = [
            (piece.grid[start : start + steps, :voices], piece.onsets[start : start + steps, :voices])
            for piece in chorales.fold(fold)
            for start in range(piece.pickup_steps, len(piece) - steps + 1, steps)
        ]
        sets[fold] = notes_from_grids(*map(np.array, zip(*cuts, strict=True)))
    train = [piece.grid[:, :voices] for piece in chorales.fold("train")]
    sets["bigram"] = notes_from_grids(bigram_grids(train, count=1000, steps=steps, seed=0))
    found = {
        name: overlapped_area(sets[name], sets["train"], quarters=4.0 * bars)["mean_overlapped_area"]
        for name in ("train", "valid", "bigram")
    }
    assert found["train"] == 1
    assert found["valid"] == pytest.approx(ceiling, abs=0.01) and found["bigram"] == pytest.approx(floor, abs=0.015)


def test_bad_input():
    with pytest.raises(ParameterError, match="generated: expected features of two or more phrases"):
        area(phrases(1, seed=0), phrases(2, seed=0))
    with pytest.raises(ParameterError, match="the same length and bar"):
        area(phrases(3, seed=0), features(phrases(3, seed=0), quarters=8.0, bar=2.0))
