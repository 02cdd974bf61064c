"""Onset masks of tunes and hymns: a tune by hand, and what the data sets give."""

import numpy as np
import pytest

from lab_utils.algorithms._swarm_rhythms import onsets_of, rhythms
from lab_utils.errors import ParameterError


def masks_of(text):
    return [row.tolist() for row in onsets_of(text.split())]


def on(text):
    return [letter == "x" for letter in text]


def test_a_tune_by_hand():
    upbeat, first, second = "C |", "C4 C2 C2 - |", "C2 D/2 D/2 D z D2 z |]"  # what is tied does not start, nor does a rest
    assert masks_of(f"[M:4/4] [K:Cmaj] {upbeat} {first} {second}") == [on("x.......x...x.......xxx...x.....")]


def test_whole_bars_in_a_row_are_a_run():
    bars = "c8 | c4 c2/3 c2/3 c2/3 c2 | d4 d4 | e2 e2 e2 || e2 | f8 |]"  # a triplet, and a bar that is not full, break it
    assert masks_of(f"[M:4/4] [K:Gmin] {bars}") == [on("x" + 15 * "."), on("x.......x......."), on("x" + 15 * ".")]
    assert masks_of("[M:2/4] [K:Cmaj] c2 c2 | c4 |]") == [on("x...x...x.......")]
    assert masks_of("[M:2/4] [K:Cmaj] c2 |]") == []


def test_the_sopranos_are_those_of_the_chorales():
    from lab_utils.datasets import load_chorales

    masks = rhythms("chorales", "valid", bars=1)
    pieces = [piece for piece in load_chorales().fold("valid") if piece.meter == (4, 4)]
    assert len(masks) == sum((len(piece) - piece.pickup_steps) // 16 for piece in pieces) and masks.shape[1] == 16
    assert masks[:, ::4].mean() > 0.7 > 0.1 > masks[:, 1::2].mean()  # quarters
    first = pieces[0]
    assert np.array_equal(masks[0], first.onsets[first.pickup_steps :][:16, 0])


def test_a_coarser_grid_takes_the_bars_that_stand_on_it():
    fine, coarse = (rhythms("chorales", "valid", bar=bar, bars=2) for bar in (16, 8))
    stands = ~fine[:, 1::2].any(axis=1)
    assert 0 < stands.sum() < len(fine) and np.array_equal(coarse, fine[stands][:, ::2])


def test_what_there_is_not():
    for options in ({"data": "hymns"}, {"bar": 5}):
        with pytest.raises(ParameterError, match="data, bar: expected one of tunes, chorales"):
            rhythms(**options)
