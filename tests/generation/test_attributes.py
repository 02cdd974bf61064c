"""Attribute vectors on toys whose slopes are known."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import attributes, latent

MATRIX = np.random.default_rng(7).standard_normal((5, 5)).astype(np.float32) + 2 * np.eye(5, dtype=np.float32)


def decode(codes):
    return np.asarray(codes) @ MATRIX


def test_both_global_vectors_find_a_linear_attribute():
    codes = latent.prior(4000, 5, seed=0)
    true = np.array([3.0, 0, 4, 0, 0]) / 5
    values = codes @ true * 2 + 1
    np.testing.assert_allclose(attributes.attribute_vector(codes, values), true, atol=1e-5)
    means = attributes.attribute_vector(codes, values, way="means")
    assert means @ true > 0.99 and np.linalg.norm(means) == pytest.approx(1, abs=1e-6)


def test_a_vector_apart_from_others_leaves_them_as_they_are():
    codes = latent.prior(500, 5, seed=2)
    one, other, third = np.eye(5)[:3] + 0.4
    vector = attributes.attribute_vector(codes, codes @ one, apart_from=[other, third])
    assert abs(vector @ other) < 1e-6 and abs(vector @ third) < 1e-6 and vector @ one > 0.1
    moved = attributes.move(codes, vector, 2.0)
    np.testing.assert_allclose(moved @ other, codes @ other, atol=1e-4)
    assert (moved @ one > codes @ one).all()
    np.testing.assert_allclose(attributes.move(moved, vector, -2.0), codes, atol=1e-5)
    with pytest.raises(ParameterError, match="leaves nothing"):
        attributes.attribute_vector(codes, codes @ one, apart_from=[one])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"values": np.ones(10)}, "the same for all"),
        ({"values": np.ones(9)}, "shapes"),
        ({"values": np.full(10, np.nan)}, "finite"),
        ({"way": "magic"}, "'regression' or 'means'"),
        ({"share": 0.6}, "share"),
    ],
)
def test_no_direction_without_a_difference(change, said):
    given = {"latents": latent.prior(10, 3), "values": np.arange(10.0), **change}
    with pytest.raises(ParameterError, match=said):
        attributes.attribute_vector(given.pop("latents"), given.pop("values"), **given)


def test_local_vectors_are_the_slopes_of_a_linear_decoder():
    one, other = np.eye(5)[0], np.eye(5)[1]
    measures = {
        "one": lambda things: things @ one,
        "other": lambda things: things @ other,
        "flat": lambda things: 0 * things[:, 0],
    }
    found = attributes.local_vectors(decode, measures, latent.prior(3, 5, seed=1), neighbours=64)
    assert np.abs(np.einsum("nz,z->n", found["one"], MATRIX @ other)).max() < 1e-4  # moves along it leave the other as it is
    assert (found["one"] @ (MATRIX @ one) > 0.1).all() and not found["flat"].any()
    np.testing.assert_allclose(np.linalg.norm(found["other"], axis=1), 1, atol=1e-5)


def test_local_vectors_turn_where_a_global_one_is_blind():
    """An attribute that falls towards the middle: no direction raises it everywhere, each place has its own."""

    def radius(things):
        return np.linalg.norm(things, axis=1)

    codes = latent.prior(2000, 4, seed=3)
    places = codes[radius(codes) > 1.5][:50]
    everywhere = attributes.attribute_vector(codes, radius(codes))
    here = attributes.local_vectors(lambda z: z, {"radius": radius}, places, neighbours=64)["radius"]
    assert ((here * places).sum(axis=1) / radius(places) > 0.95).all()
    assert 0.2 < (radius(attributes.move(places, everywhere, 0.5)) > radius(places)).mean() < 0.95
    assert (radius(attributes.move(places, here, 0.5)) > radius(places) + 0.4).all()


def test_a_climb_asks_afresh_at_every_step():
    def angle(things):  # rises round the middle: a straight step soon leaves the circle
        return np.unwrap(np.stack([np.zeros(len(things)), np.arctan2(things[:, 1], things[:, 0])]), axis=0)[1]

    def radius(things):
        return np.linalg.norm(things, axis=1)

    start, measures = np.array([[1.0, 0.0]]), {"angle": angle, "radius": radius}
    once = attributes.climb(lambda z: z, measures, start, "angle", 1.0, steps=1, radius=0.05, neighbours=64)
    often = attributes.climb(lambda z: z, measures, start, "angle", 1.0, steps=20, radius=0.05, neighbours=64)
    assert radius(once)[0] == pytest.approx(2**0.5, abs=0.02) and radius(often)[0] == pytest.approx(1, abs=0.05)
    assert angle(often)[0] > angle(once)[0]
    known = attributes.local_vectors(lambda z: z, measures, start, radius=0.05, neighbours=64)
    given = attributes.climb(lambda z: z, measures, start, "angle", 1.0, steps=20, radius=0.05, neighbours=64, first=known)
    np.testing.assert_array_equal(given, often)
    down = attributes.climb(lambda z: z, measures, start, "angle", [-0.5], steps=2, neighbours=64)
    assert angle(down)[0] < -0.3


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: attributes.local_vectors(decode, {"x": len}, np.zeros((1, 5)), neighbours=10), "neighbours"),
        (lambda: attributes.climb(decode, {"x": len}, np.zeros((1, 5)), "y", 1.0), "name: expected one of x"),
        (lambda: attributes.climb(decode, {"x": len}, np.zeros((1, 5)), "x", 1.0, steps=0), "steps"),
    ],
)
def test_bad_input_is_told_in_a_line(call, said):
    with pytest.raises(ParameterError, match=said):
        call()
