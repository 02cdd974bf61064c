"""The two bodies of phrases of the CycleGAN recipe: what is in them, and the ways between numbers, rolls, tokens and Scores."""

import numpy as np
import pytest

from lab_utils import datasets
from lab_utils.encoding import melody
from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_phrases import LOWEST, PITCHES, REST, STEPS


@pytest.fixture(scope="module")
def folds():
    return phrases.prepare()


def line(*notes):
    """Numbers (1, 64, 2) of (pitch or None, steps) in a row, the last one to the end."""
    index, onsets = np.full(STEPS, REST), np.zeros(STEPS)
    at = 0
    for pitch, length in notes:
        index[at:], onsets[at] = (REST, 0) if pitch is None else (pitch - LOWEST, 1)
        at += length
    return np.stack([index, onsets], axis=-1)[None].astype(np.uint8)


def test_both_bodies_have_thousands_of_phrases_and_no_piece_in_two_folds(folds):
    sizes = {style: {fold: len(found) for fold, found in of.items()} for style, of in folds.items()}
    assert sizes["hymn"] == {"train": 1111, "valid": 602, "test": 658}
    assert all(sizes["dance"][fold] > 700 for fold in phrases.FOLDS) and sizes["dance"]["train"] > 6000
    keys = {style: (np.diff(of["train"].shifts, axis=1) + 1).sum() for style, of in folds.items()}
    assert min(keys.values()) > 20_000  # phrases, each transposition counted
    for of in folds.values():
        names = [set(np.array(found.names)[found.pieces]) for found in of.values()]
        assert not names[0] & names[1] and not names[0] & names[2] and not names[1] & names[2]
    tunes = datasets.load_tunes()
    assert {tunes[name].kind for name in folds["dance"]["valid"].names} <= set(phrases.KINDS)


def test_phrases_are_what_the_pieces_hold(folds):
    hymns = folds["hymn"]["valid"]
    second = np.flatnonzero(hymns.pieces == 3)[1]
    piece = datasets.load_chorales()[hymns.names[3]]
    grid, _ = phrases.grid_from_numbers(hymns.numbers[[second]], moved=hymns.moved[[second]])
    start = piece.pickup_steps + 16
    np.testing.assert_array_equal(grid[0], piece.grid[start : start + STEPS, 0])
    dances = folds["dance"]["test"]
    tune = datasets.load_tunes()[dances.names[int(dances.pieces[0])]]
    whole, _ = melody.line_from_score(tune.score)
    found, _ = phrases.grid_from_numbers(dances.numbers[:1], moved=dances.moved[:1])
    assert any((whole[at : at + STEPS] == found[0]).all() for at in range(len(whole) - STEPS + 1))


def test_all_phrases_lie_in_the_midst_and_may_move_to_both_edges(folds):
    for of in folds.values():
        for found in of.values():
            assert found.numbers.dtype == np.uint8 and found.numbers.shape[1:] == (STEPS, 2)
            low, high = found.shifts.T
            assert (low <= 0).all() and (high >= 0).all() and (np.abs(low + high) <= 1).all()
            for shift in (low, high):
                moved = phrases.transposed(found.numbers, shift)
                sounding = np.where(moved[..., 0] == REST, 255 if shift is low else 0, moved[..., 0])
                edge = sounding.min(axis=1) if shift is low else sounding.max(axis=1)
                assert (edge == (0 if shift is low else PITCHES - 1)).all()


def test_random_keys_stay_in_the_range_and_repeat_with_the_seed(folds):
    found = folds["dance"]["valid"]
    one, same, other = (phrases.in_random_keys(found.numbers, found.shifts, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any() and one[..., 0].max() <= REST
    np.testing.assert_array_equal(one[..., 1], found.numbers[..., 1])
    np.testing.assert_array_equal(np.diff(one[..., 0].astype(int))[one[..., 1:, 1] == 1] != 0,
                                  np.diff(found.numbers[..., 0].astype(int))[one[..., 1:, 1] == 1] != 0)  # fmt: skip


def test_numbers_rolls_tokens_and_back(folds):
    numbers = folds["hymn"]["test"].numbers
    rolls = phrases.rolls_from_numbers(numbers)
    assert rolls.shape == (len(numbers), STEPS, PITCHES + 2) and rolls.dtype == np.float32
    assert (rolls[..., :-1].sum(axis=-1) == 1).all()
    np.testing.assert_array_equal(phrases.numbers_from_rolls(rolls), numbers)
    np.testing.assert_array_equal(phrases.numbers_from_tokens(phrases.tokens_from_numbers(numbers)), numbers)
    grid, onsets = phrases.grid_from_numbers(numbers, moved=7)
    np.testing.assert_array_equal(phrases.numbers_from_grid(grid, onsets, moved=7), numbers)


def test_made_rolls_are_tidied():
    rolls = phrases.rolls_from_numbers(line((60, 4), (64, 4), (None, 8), (60, 4)))
    rolls[0, 4, -1], rolls[0, 9, -1] = 0, 1  # a change without an onset, an onset in a rest
    np.testing.assert_array_equal(phrases.numbers_from_rolls(rolls), line((60, 4), (64, 4), (None, 8), (60, 4)))


def test_a_score_of_phrases_is_in_its_old_key():
    numbers = line((60, 4), (60, 4), (None, 8), (67, 48))
    score = phrases.score_from_numbers(np.concatenate([numbers, numbers]), moved=-5, title="two")
    assert score.notes["pitch"].tolist() == [65, 65, 72] * 2 and score.notes["onset_quarter"].tolist() == [0, 1, 4, 16, 17, 20]
    assert score.notes["duration_quarter"].tolist() == [1, 1, 12] * 2 and score.title == "two" and score.key
    assert len(phrases.score_from_numbers(line((None, 64)))) == 0


def test_bad_input_is_told_in_one_line():
    with pytest.raises(ParameterError, match=r"grid: expected shape \(phrases, 64\)"):
        phrases.numbers_from_grid(np.zeros((2, 32)), np.zeros((2, 32)))
    with pytest.raises(ParameterError, match="MIDI pitches 57–88"):
        phrases.numbers_from_grid(np.full((1, STEPS), 56), np.zeros((1, STEPS)))
    with pytest.raises(ParameterError, match="MIDI pitches 57–88"):  # the number of a rest is no pitch
        phrases.numbers_from_grid(np.full((1, STEPS), 89), np.zeros((1, STEPS)))
    with pytest.raises(ParameterError, match="rolls: expected shape"):
        phrases.numbers_from_rolls(np.zeros((1, STEPS, 3)))
    with pytest.raises(ParameterError, match="semitones: expected moves within"):
        phrases.transposed(line((60, 4)), 31)
