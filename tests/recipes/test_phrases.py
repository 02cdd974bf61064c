"""Phrases of whole bars: where they are cut, of tunes, of chorales and of grids, in more lengths than one."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils import datasets
from lab_utils.encoding import melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, LOWEST, tokens_from_grid
from lab_utils.files import from_abc
from lab_utils.recipes import _phrases as phrases

REEL = "X:1\nM:4/4\nL:1/8\nK:G\nD2|G2BG AGED|G2B2 d4|(3efe d2 B2 A2|G4 G2D2|G2BG AGED|G8|]\n"
POLKA = "X:1\nM:2/4\nL:1/8\nK:D\nF2 A2|d2 A2|F2 A2|d4|e4|f4|]\n"


def token(pitch):
    return pitch - LOWEST + FIRST_PITCH


def test_tunes_give_phrases_without_triplets_after_their_upbeat():
    reel = from_abc(REEL)
    assert len(phrases.starts_of(reel, steps=32)) == 5  # pairs of neighbouring bars after the upbeat
    kept = phrases.of_tune(reel, steps=32)[0][1]
    assert len(kept) == 3  # neither pair with the triplet's bar
    np.testing.assert_array_equal(kept[0][[0, 4, 6, 8]], [token(p) for p in (67, 71, 67, 69)])
    polka = phrases.of_tune(from_abc(POLKA), steps=32)[0][1]
    assert len(polka) == 3 and polka[0][0] == token(66) and polka[2][0] == token(66)
    assert phrases.of_tune(from_abc(REEL.replace("4/4", "6/8")), steps=32) == [(0, [])]


@pytest.mark.parametrize("steps, count", [(16, 5), (48, 1), (64, 0)])
def test_the_length_is_a_parameter(steps, count):
    kept = phrases.of_tune(from_abc(REEL), steps=steps)[0][1]
    assert len(kept) == count and all(len(one) == steps for one in kept)


def test_chorales_give_the_voices_that_are_asked_for():
    piece = next(one for one in datasets.load_chorales().fold("valid") if one.meter == (4, 4))
    ((voice, cut),) = phrases.of_chorale(piece, steps=64, voices=(2,))
    line, _ = melody.line_from_tokens(cut[1])
    start = piece.pickup_steps + 16
    assert voice == 2 and len(cut) == (len(piece.grid) - piece.pickup_steps) // 16 - 3
    np.testing.assert_array_equal(line, piece.grid[start : start + 64, 2])
    waltz = SimpleNamespace(meter=(3, 4), grid=piece.grid, onsets=piece.onsets, pickup_steps=0)
    assert phrases.of_chorale(waltz, steps=64) == [(voice, []) for voice in range(4)]


def test_what_is_tied_over_starts_and_silence_is_left_out():
    grid = np.full((64, 4), 60)
    grid[:, 3] = -1
    found = phrases.gather([phrases.of_grid(tokens_from_grid(grid), steps=32)], steps=32)
    assert len(found) == 9 and set(found.voices) == {0, 1, 2} and set(found.pieces) == {0}
    assert (found.tokens[:, 0] == token(60)).all() and (found.tokens[:, 1:] == HOLD).all()
    assert phrases.gather([[(0, [])]], steps=48).tokens.shape == (0, 48)


def test_tunes_of_some_meters_and_kinds_alone(monkeypatch):
    shelf = [SimpleNamespace(meter=meter, kind=kind) for meter, kind in (((4, 4), "reel"), ((6, 8), "jig"), ((2, 4), "air"))]
    monkeypatch.setattr(datasets, "load_tunes", lambda: SimpleNamespace(fold={"valid": shelf}.__getitem__), raising=False)
    assert phrases.tunes("valid") == [shelf[0], shelf[2]]
    assert phrases.tunes("valid", kinds=("reel", "jig")) == shelf[:1]
