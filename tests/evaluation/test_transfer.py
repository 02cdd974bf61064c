"""Measures of a transfer, on phrases whose figures are known by construction."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import transfer


def phrase(*notes, steps=8):
    """(grid, onsets), each (1, steps), of (pitch, length) in a row; −1 a rest."""
    grid, onsets, at = np.full((1, steps), -1), np.zeros((1, steps), bool), 0
    for pitch, length in notes:
        grid[0, at : at + length], onsets[0, at] = pitch, pitch >= 0
        at += length
    return grid, onsets


def test_strength_by_hand():
    whole = transfer.strength([True, True], [False, False], [True, True])
    np.testing.assert_array_equal(whole, [1, 1])
    np.testing.assert_array_equal(transfer.strength([1, 0, 1], [1, 0, 1], [1, 0, 1]), [0, 0, 0])  # identity, whoever judges
    np.testing.assert_array_equal(transfer.strength([0], [1], [0]), [-1])
    calls = np.random.default_rng(0).random((3, 50)) < [[0.9], [0.2], [0.7]]
    share = calls.mean(axis=1)
    assert transfer.strength(*calls).mean() == pytest.approx(0.5 * (share[0] - share[1] + share[2] - share[1]))


def test_strength_refuses_what_are_no_calls():
    with pytest.raises(ParameterError, match="one number a phrase"):
        transfer.strength([1, 0], [1], [0, 1])
    with pytest.raises(ParameterError, match="one number a phrase"):
        transfer.strength([], [], [])
    with pytest.raises(ParameterError, match="back: expected bools or probabilities"):
        transfer.strength([1.0], [0.5], [float("nan")])


def test_chroma_f1_by_hand():
    one = phrase((60, 4), (64, 4))[0]
    assert transfer.chroma_f1(one, one) == 1
    assert transfer.chroma_f1(one, one - 24) == 1  # octaves do not count
    assert transfer.chroma_f1(one, one + 1) == 0  # another key
    half = phrase((60, 4), (65, 4))[0]
    assert transfer.chroma_f1(one, half) == pytest.approx(0.5)
    silent = phrase((60, 4), (-1, 4))[0]
    assert transfer.chroma_f1(one, silent) == pytest.approx(2 * 4 / (8 + 4))
    assert transfer.chroma_f1(silent * 0 - 1, silent * 0 - 1) == 1 and transfer.chroma_f1(one, silent * 0 - 1) == 0


def test_within_a_window_the_order_does_not_count():
    one, turned = phrase((60, 2), (64, 2), (67, 4))[0], phrase((64, 2), (60, 2), (67, 2), (72, 2))[0]
    assert transfer.chroma_f1(one, turned) == pytest.approx(2 / 8)
    assert transfer.chroma_f1(one, turned, window=4) == pytest.approx(2 * 3 / (3 + 4))
    assert transfer.chroma_f1(one, turned, window=8) == 1
    with pytest.raises(ParameterError, match="window: expected a divisor of the 8 steps, received 3"):
        transfer.chroma_f1(one, turned, window=3)


def test_more_voices_and_more_phrases():
    grid = np.random.default_rng(0).integers(48, 84, (5, 8, 4))
    np.testing.assert_array_equal(transfer.chroma_f1(grid, grid[:, :, ::-1]), np.ones(5))
    alone = [transfer.chroma_f1(grid[[i]], grid[[i], :, :1])[0] for i in range(5)]
    np.testing.assert_allclose(transfer.chroma_f1(grid, grid[:, :, :1]), alone)
    with pytest.raises(ParameterError, match="expected as many phrases of one length"):
        transfer.chroma_f1(grid, grid[:4])
    with pytest.raises(ParameterError, match="source: expected whole numbers"):
        transfer.chroma_f1(grid.astype(float), grid)


def test_notes_kept_and_old():
    quarters, eighths = phrase((60, 4), (62, 4)), phrase((60, 2), (60, 2), (62, 2), (65, 2))
    assert transfer.notes_kept(quarters, eighths) == 1 and transfer.notes_kept(eighths, quarters) == 0.5
    assert transfer.notes_kept(quarters, phrase((60, 8))) == 0.5
    late = phrase((-1, 1), (60, 4), (62, 3))
    assert transfer.notes_kept(quarters, late) == 0  # the same notes, a 16th later
    assert transfer.notes_kept(phrase((-1, 8)), quarters) == 1
    with pytest.raises(ParameterError, match="onsets of shape"):
        transfer.notes_kept((quarters[0], quarters[1][:, :4]), quarters)


def test_density_and_the_way_back():
    assert transfer.density(phrase((60, 2), (62, 2), (64, 4))[1], bar=4) == 1.5
    one = phrase((60, 4), (60, 4))
    assert transfer.steps_returned(one, one) == 1
    assert transfer.steps_returned(one, phrase((60, 8))) == 7 / 8  # the second onset
    assert transfer.steps_returned(one, phrase((60, 4), (62, 4))) == 0.5


def test_the_bootstrap_draws_whole_pieces():
    values, pieces = np.repeat([0.0, 1.0], 50), np.repeat([4, 9], 50)
    drawn = transfer.bootstrap(values, pieces, draws=400)
    assert set(drawn) == {0.0, 0.5, 1.0} and abs(drawn.mean() - 0.5) < 0.1
    apart = transfer.bootstrap(values, np.arange(100), draws=400)
    assert 0.03 < apart.std() < 0.07  # √(¼ / 100) = 0.05
    np.testing.assert_array_equal(drawn, transfer.bootstrap(values, pieces, draws=400))
    with pytest.raises(ParameterError, match="pieces: expected one for each"):
        transfer.bootstrap(values, pieces[:3])


def test_evaluate_averages_both_directions():
    one, other = phrase((60, 4), (62, 4)), phrase((61, 4), (62, 4))
    two = tuple(np.concatenate([values, values]) for values in one)
    there = {"source": one, "transfer": one, "back": one, "calls": ([1], [0], [1]), "pieces": [0]}
    home = {"source": two, "transfer": tuple(np.repeat(v, 2, axis=0) for v in other), "back": two,
            "calls": ([1, 1], [1, 1], [1, 1]), "pieces": [0, 1]}  # fmt: skip
    found = transfer.evaluate({"there": there, "home": home}, draws=50)
    assert found["strength"] == 0.5 and found["content_f1"] == 0.75 and found["steps_returned"] == 1
    assert found["by_direction"]["there"]["strength"] == 1 and found["by_direction"]["home"]["content_f1"] == 0.5
    assert found["interval"]["strength"] == [0.5, 0.5]
    assert found["notes_kept"] == 0.75 and found["density"] == 4
    with pytest.raises(ParameterError, match="directions: expected at least one"):
        transfer.evaluate({})
