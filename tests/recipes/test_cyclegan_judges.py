"""The judges of transfers: what each hears, by construction, and how well they tell real phrases apart."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_judges as judges
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_judges import HOLD, LEAP, SILENCE
from lab_utils.recipes._cyclegan_phrases import LOWEST, REST, STEPS


def line(*notes):
    """Numbers (1, 64, 2) of (pitch or None, steps) in a row, the last one to the end."""
    index, onsets, at = np.full(STEPS, REST), np.zeros(STEPS), 0
    for pitch, length in notes:
        index[at:], onsets[at] = (REST, 0) if pitch is None else (pitch - LOWEST, 1)
        at += length
    return np.stack([index, onsets], axis=-1)[None].astype(np.uint8)


@pytest.fixture(scope="module")
def material():
    return phrases.prepare()


@pytest.fixture(scope="module")
def found(material):
    return judges.judges(judges.of_fold(material, "train"))


def test_symbols_of_a_line_by_hand():
    one = line((60, 4), (60, 2), (None, 2), (64, 4), (88, 4), (57, 48))
    unison = SILENCE + 1 + LEAP
    begun = [unison, HOLD, HOLD, HOLD, unison, HOLD, SILENCE, SILENCE, unison + 4, HOLD, HOLD, HOLD, unison + LEAP]
    assert judges.steps(one)[0, :13].tolist() == begun and judges.steps(one)[0, 16] == unison - LEAP
    assert judges.intervals(one)[0].tolist() == [LEAP, LEAP + 4, 2 * LEAP, 0]
    assert judges.rhythm(one)[0, :9].tolist() == [2, 0, 0, 0, 2, 0, 1, 1, 2]
    assert judges.counts(one) == 5
    assert judges.intervals(line((None, 64)))[0].tolist() == [LEAP]


def test_no_judge_but_the_network_hears_the_key(material):
    numbers, shifts = material["hymn"]["valid"].numbers[:50], material["hymn"]["valid"].shifts[:50]
    moved = phrases.transposed(numbers, shifts[:, 0])
    for name in ("ngram", "rhythm"):
        view = judges.HEARD[name][0]
        np.testing.assert_array_equal(view(numbers), view(moved))
    assert all(np.array_equal(a, b) for a, b in zip(judges.intervals(numbers), judges.intervals(moved), strict=True))


def test_each_reading_hears_what_it_says(found):
    slow, fast = line(*[(60 + i % 5, 8) for i in range(8)]), line(*[(60 + i % 5, 2) for i in range(32)])
    for name in ("ngram", "rhythm", "counts", "network"):
        assert found[name].probability(slow) > 0.5 > found[name].probability(fast), name
    rhythm, other = (found["rhythm"].ratio(line(*[(60 + (i * step) % 25, 4) for i in range(16)])) for step in (1, 9))
    assert rhythm == other
    quarters, faster, other = (
        found["intervals"].ratio(line(*[(60 + (i * step) % 25, length) for i in range(16)]))
        for step, length in ((1, 4), (1, 3), (9, 4))
    )
    assert quarters == faster != other


def test_all_but_the_intervals_tell_held_out_phrases_apart_nearly_always(material, found):
    fold = judges.of_fold(material, "valid")
    right = {name: judges.accuracy(judge, fold) for name, judge in found.items()}
    assert list(right) == list(judges.NAMES)
    for name in ("network", "ngram", "rhythm", "counts"):
        assert right[name]["accuracy"] > 0.97, name
    assert 0.85 < right["intervals"]["accuracy"] < 0.97
    one = right["intervals"]
    assert one["accuracy"] == pytest.approx((one["hymn"] + one["dance"]) / 2)


def test_nats_are_those_of_the_style_s_own_model(material, found):
    numbers = material["dance"]["valid"].numbers[:40]
    judge = found["ngram"]
    assert (judge.nats(numbers, "hymn") - judge.nats(numbers, "dance")).mean() > 10
    np.testing.assert_allclose(judge.ratio(numbers), judge.nats(numbers, "dance") - judge.nats(numbers, "hymn"))
    assert ((judge.probability(numbers) > 0.5) == (judge.ratio(numbers) > 0)).all()


def test_bad_names_are_told(material):
    with pytest.raises(ParameterError, match="names: expected some of network, ngram"):
        judges.judges({}, names=("ear",))
    with pytest.raises(ParameterError, match="fold: expected one of train, valid, test; received 'all'"):
        judges.of_fold(material, "all")
