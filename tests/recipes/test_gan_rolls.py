"""Phrases as numbers and back; windows at bar lines; moved to other keys within the voices' ranges."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _gan_rolls as rolls


def phrases(count=5, bars=1, seed=0):
    rng = np.random.default_rng(seed)
    grids = np.repeat(rng.integers(-3, 4, (count, bars * 4, 4)) * rng.integers(0, 2, (count, 1, 1)), 4, axis=1) + [70, 64, 58, 50]
    grids[0, :4, 1] = -1
    onsets = np.zeros(grids.shape, bool)
    onsets[:, 1:] = grids[:, 1:] != grids[:, :-1]
    onsets[:, 0] = True
    onsets[1, 2, 3] = True
    return grids.astype(np.int16), onsets & (grids != -1)


def test_numbers_and_back():
    grids, onsets = phrases()
    form = rolls.form_of(grids, 1)
    numbers = form.numbers(grids, onsets)
    assert numbers.dtype == np.uint8 and numbers.shape == (5, *form.shape)
    one_hot = np.concatenate([np.eye(form.pitches + 1)[numbers[..., 0]], numbers[..., 1:]], axis=-1)
    back = form.phrases(one_hot)
    np.testing.assert_array_equal(back[0], grids)
    np.testing.assert_array_equal(back[1], onsets)
    assert rolls.Form.from_dict(form.to_dict()) == form


def test_windows_start_at_bar_lines_and_a_tied_note_starts_with_its_phrase():
    grid = np.repeat(np.arange(60, 60 + 15), 4)[:, None] + np.zeros(4, int)  # 60 steps
    onsets = np.zeros(grid.shape, bool)
    grids, starts = rolls.windows([(grid, onsets, 4)], bars=1)
    assert grids.shape == (3, 16, 4) and list(grids[:, 0, 0]) == [61, 65, 69]
    assert starts[:, 0].all() and not starts[:, 1:].any()
    assert len(rolls.windows([(grid, onsets, 4)], bars=1, every=2)[0]) == 2
    with pytest.raises(DataError, match="no phrase of 4 whole bars"):
        rolls.windows([(grid, onsets, 4)], bars=4)


def test_phrases_are_moved_as_far_as_their_voices_reach_and_rests_stay():
    grids, onsets = phrases(40)
    form = rolls.form_of(grids, 1)
    ranges = rolls.shifts(grids, form)
    assert (ranges[:, 0] <= 0).all() and (ranges[:, 1] >= 0).all() and ranges.min() < 0 < ranges.max()
    numbers, change, seen = form.numbers(grids, onsets), rolls.transposed(form), set()
    for seed in range(20):
        moved = change({"numbers": numbers, "shifts": ranges}, np.random.default_rng(seed))
        assert set(moved) == {"numbers"}
        pitch = moved["numbers"][..., 0].astype(int)
        resting = numbers[..., 0] == form.pitches
        np.testing.assert_array_equal(pitch == form.pitches, resting)
        shift = np.where(resting, np.nan, pitch - numbers[..., 0].astype(int)).reshape(40, -1)
        assert (np.nanmin(shift, axis=1) == np.nanmax(shift, axis=1)).all()  # all voices by as much
        moved_grids = form.phrases(np.concatenate([np.eye(form.pitches + 1)[pitch], moved["numbers"][..., 1:]], axis=-1))[0]
        for voice in range(4):
            sounding = moved_grids[..., voice][moved_grids[..., voice] >= 0]
            assert form.lowest[voice] <= sounding.min() and sounding.max() <= form.highest[voice]
        seen |= set(np.nanmin(shift, axis=1))
    assert len(seen) >= 3


def test_the_shipped_chorales_give_phrases_that_their_form_can_write():
    material = rolls.prepare("chorales", bars=4)
    form = material["form"]
    assert material["train"][0].shape[1:] == form.shape[:2] == (64, 4)
    form.numbers(*material["train"])
    assert 100 < len(material["valid"][0]) < len(material["train"][0])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda form, grids, onsets: form.numbers(grids[:, :8], onsets[:, :8]), "grids: expected shape \\(phrases, 16, 4\\)"),
        (lambda form, grids, onsets: form.numbers(grids[:0], onsets[:0]), "at least one; received \\(0, 16, 4\\)"),
        (lambda form, grids, onsets: form.numbers(grids + 24, onsets), "each voice in its range"),
        (lambda form, grids, onsets: form.phrases(np.zeros((2, 16, 4, 3))), "rolls: expected shape \\(phrases, 16, 4, 9\\)"),
        (lambda form, grids, onsets: rolls.prepare("tunes"), "data: expected chorales or jsb16, received 'tunes'"),
        (lambda form, grids, onsets: rolls.prepare("chorales", bars=0), "bars: expected a whole number from 1 to 8"),
    ],
)
def test_what_cannot_be_is_refused(call, says):
    grids, onsets = phrases()
    with pytest.raises(ParameterError, match=says):
        call(rolls.form_of(grids, 1), grids, onsets)


def test_a_form_that_is_none_names_its_file():
    with pytest.raises(DataError, match="form.json"):
        rolls.Form.from_dict({"bars": 4})
