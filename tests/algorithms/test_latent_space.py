"""The space of a network that is a toy: its codes are what the measures read."""

import numpy as np
import pytest

from lab_utils.algorithms import _latent_space as space_of
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, LOWEST, REST
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes.vae import Phrases

MAJOR, MINOR = np.array([0, 4, 7, 12]), np.array([0, 3, 7, 12])


def phrase(notes=8, low=20, top=12, minor=False):
    """A phrase of `notes` even notes over a triad, whose highest pitch is `top` semitones over its lowest."""
    row = np.full(32, HOLD)
    steps = (MINOR if minor else MAJOR)[np.arange(notes) % 3]
    starts = np.round(np.linspace(0, 31, notes, endpoint=False)).astype(int)
    row[starts] = low + steps
    if notes > 1:
        row[starts[-1]] = low + top
    return row


class Toy(space_of.Space):
    """Codes (notes, low, top, minor), scaled; nothing is lost on the way but fractions."""

    scale = np.array([4.0, 4.0, 4.0, 0.5])
    middle = np.array([10.0, 30.0, 14.0, 0.5])
    spread = 0.3

    @property
    def size(self):
        return 4

    def encode(self, tokens):
        tokens = np.asarray(tokens)
        low = np.where(tokens >= FIRST_PITCH, tokens, 99).min(axis=1)
        minor = space_of.mode(tokens) < 0
        found = np.stack([space_of.density(tokens), low, space_of.span(tokens), minor], axis=1)
        return ((found - self.middle) / self.scale).astype(np.float32)

    def decode(self, codes):
        found = np.asarray(codes) * self.scale + self.middle
        return np.array([
            phrase(int(np.clip(round(n), 4, 20)), int(np.clip(round(low), 2, 40)), int(np.clip(round(top), 7, 20)), minor > 0.5)
            for n, low, top, minor in found
        ])  # fmt: skip


def toy(count=24):
    rng = np.random.default_rng(0)
    rows = np.array([
        phrase(int(rng.integers(5, 16)), int(rng.integers(20, 40)), int(rng.integers(8, 19)), i % 2 == 0) for i in range(count)
    ])  # fmt: skip
    phrases = Phrases(rows, np.zeros(count, int), np.arange(count) // 2)
    return Toy("toy", "toy", None, {"train": phrases, "valid": phrases})


def test_the_measures_of_known_phrases():
    rows = np.stack([phrase(8, top=12), phrase(12, top=15, minor=True), np.array([REST] + [HOLD] * 31)])
    assert space_of.density(rows).tolist() == [8, 12, 0] and space_of.span(rows).tolist() == [12, 15, 0]
    major, minor, silent = space_of.mode(rows)
    assert major > 0 > minor and silent == 0
    np.testing.assert_allclose(space_of.mode(np.where(rows >= FIRST_PITCH, rows + 5, rows)), [major, minor, silent])
    assert LOWEST > 0


def test_a_morph_begins_and_ends_with_its_phrases_and_its_stops_are_spread():
    space, (one, other) = toy(), (phrase(6, 22, 9), phrase(15, 38, 18))
    way = space.morph(one, other, count=7)
    np.testing.assert_array_equal(way.decoded[[0, -1]], space.reconstruct([one, other]))
    assert len(way.decoded) == 7 and way.latents.shape == (7, 4) and (np.diff(way.shares) > 0).all()
    plain = space.morph(one, other, count=7, even=False)
    np.testing.assert_allclose(plain.shares, np.linspace(0, 1, 7), atol=1e-6)
    line = space.morph(one, other, count=3, way="line", even=False)
    np.testing.assert_allclose(line.latents[1], (line.latents[0] + line.latents[2]) / 2, atol=1e-6)
    with pytest.raises(ParameterError, match="way: expected 'arc' or 'line'"):
        space.morph(one, other, way="path")


@pytest.mark.parametrize("name", ["density", "range"])
def test_an_attribute_moves_and_the_others_stay(name, monkeypatch):
    monkeypatch.delitem(space_of.MEASURES, "mode")  # of this toy it hangs on the highest note, and so on the range
    space = toy()
    codes = space.encode(np.stack([phrase(10, 26, 12), phrase(12, 30, 14)]))
    before = space.decode(codes)
    for sign in (1, -1):
        after = space.decode(space.change(codes, name, 4.0 * sign, neighbours=64))
        for other, measure in space_of.MEASURES.items():
            change = measure(after) - measure(before)
            if other == name:
                assert (np.sign(change) == sign).all()
            else:
                assert np.abs(change).max() <= 1


def test_draws_of_the_prior_repeat_and_spread_with_the_temperature():
    space = toy()
    np.testing.assert_array_equal(space.sample(5, seed=2), space.sample(5, seed=2))
    assert np.ptp(space_of.density(space.sample(50, temperature=0.1))) < np.ptp(space_of.density(space.sample(50)))


def test_pairs_are_of_different_pieces_and_repeat():
    phrases = toy().fold("valid")
    found = space_of.pairs(phrases, 30, seed=3)
    assert found.shape == (30, 2) and (phrases.pieces[found[:, 0]] != phrases.pieces[found[:, 1]]).all()
    np.testing.assert_array_equal(found, space_of.pairs(phrases, 30, seed=3))
    assert (found != space_of.pairs(phrases, 30, seed=4)).any()
    with pytest.raises(DataError, match="one piece"):
        space_of.pairs(Phrases(phrases.tokens, phrases.voices, 0 * phrases.pieces), 1)
    with pytest.raises(DataError, match="not 1 pairs of different"):
        space_of.pairs(Phrases(0 * phrases.tokens + 5, phrases.voices, phrases.pieces), 1)


def test_a_crossfade_takes_tokens_of_both_and_swaps_none_back():
    one, other = phrase(16, 20), phrase(4, 40)
    rows = space_of.crossfade(one, other, np.linspace(0, 1, 9), seed=1)
    np.testing.assert_array_equal(rows[[0, -1]], [one, other])
    assert ((rows == one) | (rows == other)).all()
    assert (np.diff((rows != one).sum(axis=1)) >= 0).all()


def test_a_fold_that_is_not_there_is_told():
    with pytest.raises(ParameterError, match="fold: expected one of train, valid; received 'test'"):
        toy().fold("test")


def test_the_length_of_a_move_is_told_in_spreads(monkeypatch):
    space = toy()
    codes = space.encode(space.fold("valid").tokens[:3])
    around = space.vectors(codes, neighbours=64)
    moved = space.change(codes, "density", 2.0, steps=1, first=around)
    np.testing.assert_allclose(np.linalg.norm(moved - codes, axis=1), 2 * 0.3, rtol=1e-5)
