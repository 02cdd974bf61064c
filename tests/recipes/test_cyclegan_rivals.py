"""The rivals of the CycleGAN: what each does, on lines whose answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.transfer import chroma_f1
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes import _cyclegan_rivals as rivals
from lab_utils.recipes._cyclegan_phrases import LOWEST, PITCHES, REST, STEPS


def line(*notes):
    """Numbers (1, 64, 2) of (pitch or None, steps) in a row, the last one to the end."""
    index, onsets, at = np.full(STEPS, REST), np.zeros(STEPS), 0
    for pitch, length in notes:
        index[at:], onsets[at] = (REST, 0) if pitch is None else (pitch - LOWEST, 1)
        at += length
    return np.stack([index, onsets], axis=-1)[None].astype(np.uint8)


def walks(count, seed):
    """Lines of random quarters and eighths, with their shifts, as Lines have them."""
    rng = np.random.default_rng(seed)
    numbers = np.concatenate([line(*[(int(p), 4) for p in rng.integers(66, 76, 16)]) for _ in range(count)])
    index = numbers[..., 0].astype(int)
    shifts = np.stack([-index.min(axis=1), PITCHES - 1 - index.max(axis=1)], axis=1)
    return SimpleNamespace(numbers=numbers, shifts=shifts, __len__=None)


class Lines(SimpleNamespace):
    def __len__(self):
        return len(self.numbers)


@pytest.fixture(scope="module")
def train():
    return {style: Lines(**vars(walks(30, seed))) for seed, style in enumerate(phrases.STYLES)}


def test_the_rule_by_hand():
    hymn = line((60, 4), (62, 6), (64, 2), (None, 4), (65, 1), (67, 47))
    dance = line((60, 2), (60, 2), *[(62, 2)] * 3, (64, 2), (None, 4), (65, 1), (67, 1), *[(67, 2)] * 23)
    np.testing.assert_array_equal(rivals.rule(hymn, "dance"), dance)
    held = line((60, 4), (62, 8), (None, 4), (65, 4), (67, 44))
    back = rivals.rule(dance, "hymn")
    grid, onsets = phrases.grid_from_numbers(back)
    np.testing.assert_array_equal(grid, phrases.grid_from_numbers(held)[0])
    assert onsets[0, :20:4].tolist() == [True, True, True, False, True]  # struck on each beat, as the dance was


def test_the_ornament_by_hand():
    hymn = line((60, 4), (64, 4), (64, 2), (65, 2), (None, 4), (62, 48))
    made, onsets = phrases.grid_from_numbers(rivals.ornament(hymn, "dance"))
    # half-way to the next beat; above a pitch that comes again; what moves already, and rests, stay
    assert made[0, :20:2].tolist() == [60, 62, 64, 65, 64, 65, -1, -1, 62, 64]
    assert onsets[0, :12:2].all() and not onsets[0, 1::2].any()
    np.testing.assert_array_equal(rivals.ornament(hymn, "hymn"), rivals.rule(hymn, "hymn"))


def test_identity_and_chance(train):
    made = rivals.rivals(train, seed=3)
    assert tuple(made) == rivals.NAMES
    source = train["hymn"].numbers
    np.testing.assert_array_equal(made["identity"](source, "dance"), source)
    one, again = (rivals.relabelling(train, seed=seed)(source, "dance") for seed in (3, 3))
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(one, made["relabelled"](source, "dance"))
    steps = {tuple(np.diff(row[..., 0].astype(int))) for row in train["dance"].numbers}
    assert all(tuple(np.diff(row[..., 0].astype(int))) in steps for row in one)  # real phrases, in some key
    assert (rivals.relabelling(train, seed=4)(source, "dance") != one).any()


def test_the_nearest_is_found_in_any_key(train):
    nearest = rivals.Nearest(train)
    for shift in (-3, 5):
        sources = phrases.transposed(train["dance"].numbers[:10], shift)
        np.testing.assert_array_equal(nearest(sources, "dance"), sources)
    wide = phrases.transposed(train["dance"].numbers[:10], train["dance"].shifts[:10, 1])  # up to the edge
    np.testing.assert_array_equal(nearest(wide, "dance"), wide)


def test_no_other_phrase_in_no_other_key_is_nearer(train):
    sources = train["hymn"].numbers[:6]
    found = rivals.Nearest(train)(sources, "dance")
    reached = chroma_f1(sources[..., 0].astype(int), found[..., 0].astype(int))
    pool = train["dance"]
    for source, best in zip(sources, reached, strict=True):
        tried = [
            chroma_f1(source[None, :, 0].astype(int), phrases.transposed(pool.numbers[[i]], shift)[..., 0].astype(int))[0]
            for i in range(len(pool.numbers))
            for shift in range(pool.shifts[i, 0], pool.shifts[i, 1] + 1)
        ]
        assert best == pytest.approx(max(tried))


def test_rests_are_no_pitch_class():
    one = line((57, 4), (None, 60))
    assert rivals.chroma(one).sum() == 4 and rivals.chroma(one)[0, 0, :4].all()


@pytest.mark.parametrize("name", rivals.NAMES)
def test_an_unknown_style_is_told(name, train):
    with pytest.raises(ParameterError, match="to: expected hymn or dance, received 'waltz'"):
        rivals.rivals(train)[name](train["hymn"].numbers, "waltz")
