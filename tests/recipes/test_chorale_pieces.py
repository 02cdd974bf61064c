"""The pieces of the chorale recipe: how they are varied in training."""

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.recipes._chorale_pieces import piece_from_grid, transpositions, varied


def test_transpositions_keep_each_voice_within_the_training_range():
    low = piece_from_grid([[60, 55, 50, 40]] * 8)
    high = piece_from_grid([[65, 57, 53, 44]] * 8)
    np.testing.assert_array_equal(transpositions(low, [low, high]), [0, 2])
    np.testing.assert_array_equal(transpositions(high, [low, high]), [-2, 0])


def test_variation_moves_all_pitches_alike_and_hides_phrases_half_of_the_time():
    piece = piece_from_grid([[60, 55, -1, 40]] * 4 + [[62, 55, 50, 40]] * 4)
    sequence = {**piece.arrays(), "ranges": np.array([-3, 3])}
    sequence["phrase"] = np.full(8, 5, np.int32)
    rng = np.random.default_rng(0)
    shifts, hidden = [], []
    for _ in range(200):
        moved = varied(sequence, rng)
        grid, _ = encoding.grid_from_tokens(moved["tokens"])
        shifts.append(int(grid[0, 0]) - 60)
        hidden.append(bool((moved["phrase"] == 0).all()))
        again = encoding.inputs_from_tokens(moved["tokens"])
        for name in ("sounding", "held", "current"):
            np.testing.assert_array_equal(moved[name], again[name])
        assert grid[0, 2] == encoding.SILENT
    assert set(shifts) == set(range(-3, 4))
    assert 0.35 < np.mean(hidden) < 0.65
