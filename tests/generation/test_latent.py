"""Ways and attribute vectors on linear toys, whose answers are known."""

import itertools

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import latent

MATRIX = np.random.default_rng(7).standard_normal((5, 5)).astype(np.float32) + 2 * np.eye(5, dtype=np.float32)


def decode(codes):
    return np.asarray(codes) @ MATRIX


def encode(things):
    return np.asarray(things) @ np.linalg.inv(MATRIX)


# ------------------------------------------------------------------------------------------------ draws


def test_the_prior_is_a_bell_curve_that_the_temperature_widens():
    drawn = latent.prior(20_000, 9, seed=1)
    assert drawn.shape == (20_000, 9) and drawn.dtype == np.float32
    assert abs(drawn.mean()) < 0.01 and abs(drawn.std() - 1) < 0.01
    np.testing.assert_array_equal(drawn, latent.prior(20_000, 9, seed=1))
    np.testing.assert_allclose(latent.prior(20_000, 9, seed=1, temperature=0.5), drawn / 2)
    assert (latent.prior(20_000, 9, seed=2) != drawn).mean() > 0.99
    assert not latent.prior(3, 4, temperature=0).any()


def test_the_prior_lies_in_a_shell():
    lengths = np.linalg.norm(latent.prior(5000, 400, seed=0), axis=1)
    assert lengths.mean() == pytest.approx(20, abs=0.1) and lengths.std() == pytest.approx(0.7, abs=0.05)


def test_what_an_exact_pair_rebuilds_is_the_same():
    things = np.random.default_rng(0).standard_normal((4, 5))
    np.testing.assert_allclose(latent.reconstruct(encode, decode, things), things, atol=1e-4)


# ------------------------------------------------------------------------------------------------ ways


def test_the_line_and_the_arc_of_a_quarter_turn():
    one, other, shares = np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), [0, 1 / 3, 0.5, 1]
    np.testing.assert_allclose(latent.lerp(one, other, shares)[2], [0.5, 0.5, 0])
    arc = latent.slerp(one, other, shares)
    np.testing.assert_allclose(arc, [[1, 0, 0], [np.cos(np.pi / 6), 0.5, 0], [0.5**0.5, 0.5**0.5, 0], [0, 1, 0]], atol=1e-6)


def test_an_arc_turns_evenly_and_its_length_goes_straight():
    one, other = 3 * latent.prior(2, 32, seed=4)
    other = other / 2
    shares = np.linspace(0, 1, 9)
    arc = latent.slerp(one, other, shares)
    lengths = np.linalg.norm(arc, axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(one) * (1 - shares) + np.linalg.norm(other) * shares, rtol=1e-5)
    units = arc / lengths[:, None]
    angles = np.arccos((units[1:] * units[:-1]).sum(axis=1))
    np.testing.assert_allclose(angles, angles.mean(), rtol=1e-3)
    np.testing.assert_allclose(arc[[0, -1]], [one, other], rtol=1e-5)
    np.testing.assert_allclose(arc, latent.slerp(other, one, 1 - shares), atol=1e-5)
    line = latent.lerp(one, one[::-1], shares)
    assert np.linalg.norm(line[4]) < 0.9 * np.linalg.norm(one)  # the straight way leaves the shell


def test_an_arc_between_neighbours_is_a_line():
    one = latent.prior(1, 8)[0]
    shares = np.linspace(0, 1, 5)
    np.testing.assert_allclose(latent.slerp(one, 2 * one, shares), latent.lerp(one, 2 * one, shares), rtol=1e-6)
    near = one + np.float32(1e-4) * latent.prior(1, 8, seed=1)[0]
    np.testing.assert_allclose(latent.slerp(one, near, shares), latent.lerp(one, near, shares), atol=1e-6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((np.zeros(3), np.ones(3), [0.5]), "other than 0"),
        ((np.ones(3), -np.ones(3), [0.5]), "opposite"),
        ((np.ones(3), np.ones(4), [0.5]), "two codes of one length"),
        ((np.ones(3), [1, np.nan, 1], [0.5]), "finite"),
    ],
)
def test_ends_without_an_arc_are_refused(given, said):
    with pytest.raises(ParameterError, match=said):
        latent.slerp(*given)


def test_a_way_through_a_linear_decoder_is_a_line_between_the_things():
    things = np.random.default_rng(3).standard_normal((2, 5)).astype(np.float32)
    way = latent.interpolate(encode, decode, *things, count=5, way=latent.lerp)
    np.testing.assert_allclose(way.decoded, np.linspace(things[0], things[1], 5), atol=1e-4)
    np.testing.assert_allclose(way.shares, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(decode(way.latents), way.decoded)


def test_stops_of_a_decoder_that_jumps_are_spread_where_it_moves():
    def slow_then_fast(codes):
        return np.sign(codes) * np.abs(codes) ** 3

    def table(things):
        return np.abs(things - things.T)

    way = latent.interpolate(
        lambda things: np.cbrt(things), slow_then_fast, [0.0], [1.0], count=5, way=latent.lerp, distances=table, fine=201
    )
    np.testing.assert_allclose(way.decoded[:, 0], [0, 0.25, 0.5, 0.75, 1], atol=0.02)
    plain = latent.interpolate(lambda things: np.cbrt(things), slow_then_fast, [0.0], [1.0], count=5, way=latent.lerp)
    assert np.diff(plain.decoded[:, 0]).max() > 0.5


def cost(table, stops):
    """The two prices of a pick, by their definitions: how far it turns back, and how uneven it is."""
    steps = list(itertools.pairwise(stops))
    back = sum(max(table[0, a] - table[0, b], 0) + max(table[b, -1] - table[a, -1], 0) for a, b in steps)
    return back, sum(table[a, b] ** 2 for a, b in steps)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_stops_are_better(seed):
    points = np.random.default_rng(seed).integers(0, 6, size=(9, 3))
    table = np.abs(points[:, None] - points).sum(axis=2)
    found = latent.even_stops(table, 5)
    every = [(0, *inner, 8) for inner in itertools.combinations(range(1, 8), 3)]
    assert cost(table, found) == min(cost(table, stops) for stops in every)
    assert found[0] == 0 and found[-1] == 8 and (np.diff(found) > 0).all()


def test_all_points_and_both_ends_are_the_extremes():
    table = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    assert latent.even_stops(table, 4).tolist() == [0, 1, 2, 3] and latent.even_stops(table, 2).tolist() == [0, 3]
    for count in (1, 5, 2.0, True):
        with pytest.raises(ParameterError, match="count"):
            latent.even_stops(table, count)
    with pytest.raises(ParameterError, match="apart"):
        latent.even_stops(table[:2], 2)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: latent.prior(0, 4), "count"),
        (lambda: latent.prior(1, 4, temperature=9), "temperature"),
        (lambda: latent.prior(1, 4, seed=-1), "seed"),
        (lambda: latent.interpolate(encode, decode, np.ones(5), np.arange(5), count=1), "count"),
        (lambda: latent.interpolate(encode, decode, np.ones(5), np.arange(5), count=9, distances=len, fine=8), "fine"),
    ],
)
def test_bad_input_is_told_in_a_line(call, said):
    with pytest.raises(ParameterError, match=said):
        call()
