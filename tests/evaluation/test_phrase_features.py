"""The eleven features against a phrase counted by hand and against a slow count of random ones."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrase_features import LENGTHS, NAMES, features
from lab_utils.evaluation.phrases import notes_from_grids
from lab_utils.score import note_array

QUARTER, HALF, EIGHTH = (int(np.flatnonzero(length == LENGTHS)[0]) for length in (1.0, 2.0, 0.5))
# two voices, two bars: C4 quarter, E4 quarter, C5 half | C5 whole bar; C3 half at the second bar's third quarter
BY_HAND = note_array([(0, 1, 60), (1, 1, 64), (2, 2, 72), (4, 4, 72), (6, 2, 48, 80, 1)])


def test_a_phrase_by_hand():
    found = features([BY_HAND], quarters=8.0)
    assert tuple(found) == NAMES
    value = {name: column[0].tolist() for name, column in found.items()}
    assert value["pitch_count"] == [4]  # 48, 60, 64, 72
    assert value["pitch_count_per_bar"] == [3, 2]
    assert value["pitch_class_histogram"] == [0.9, 0, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0]  # C sounds nine of the ten quarters
    assert value["pitch_range"] == [24]
    assert value["pitch_shift"] == [4]  # 4, 8 and 0 semitones; the bass has no step
    assert value["note_count"] == [5]
    assert value["note_count_per_bar"] == [3, 2]
    assert value["inter_onset_interval"] == [1.5]  # 0, 1, 2, 4, 6
    lengths = value["note_length_histogram"]
    assert (lengths[QUARTER], lengths[HALF], lengths[0], sum(lengths)) == (0.4, 0.4, 0.2, pytest.approx(1))
    classes = np.reshape(value["pitch_class_transitions"], (12, 12))  # C–E, E–C, C–C
    assert classes[0, 4] == classes[4, 0] == classes[0, 0] == pytest.approx(1 / 3) and classes.sum() == pytest.approx(1)
    steps = np.reshape(value["note_length_transitions"], (12, 12))
    assert steps[QUARTER, QUARTER] == steps[QUARTER, HALF] == steps[HALF, 0] == pytest.approx(1 / 3)


def test_what_has_no_value():
    found = features([note_array([]), note_array([(4, 1, 60)]), BY_HAND], quarters=8.0)
    assert found["inter_onset_interval"][:, 0].tolist() == [8, 8, 1.5]
    for name in NAMES:
        assert np.isfinite(found[name]).all()
        if name != "inter_onset_interval":
            assert not found[name][0].any()
    assert found["pitch_range"][1] == found["pitch_shift"][1] == 0 and found["note_count_per_bar"][1].tolist() == [0, 1]


def slow(notes, bars):
    """Return some features of one phrase, note by note."""
    classes, lengths, shifts = np.zeros((12, 12)), np.zeros((12, 12)), []
    for voice in set(notes["voice"].tolist()):
        line = sorted(row for row in notes.tolist() if row[4] == voice)
        for (_, one, low, *_), (_, other, high, *_) in zip(line, line[1:], strict=False):
            classes[low % 12, high % 12] += 1
            lengths[np.abs(LENGTHS - one).argmin(), np.abs(LENGTHS - other).argmin()] += 1
            shifts.append(abs(high - low))
    onsets = sorted(set(notes["onset_quarter"].tolist()))
    return {
        "pitch_count": len(set(notes["pitch"].tolist())),
        "pitch_count_per_bar": [
            len({row[2] for row in notes.tolist() if 4 * bar <= row[0] < 4 * bar + 4}) for bar in range(bars)
        ],
        "note_count_per_bar": [sum(4 * bar <= row[0] < 4 * bar + 4 for row in notes.tolist()) for bar in range(bars)],
        "pitch_range": notes["pitch"].max() - notes["pitch"].min(),
        "pitch_shift": np.mean(shifts),
        "inter_onset_interval": np.mean([b - a for a, b in zip(onsets, onsets[1:], strict=False)]),
        "pitch_class_transitions": (classes / classes.sum()).ravel(),
        "note_length_transitions": (lengths / lengths.sum()).ravel(),
    }


def test_against_a_slow_count():
    rng = np.random.default_rng(1)
    grids = np.repeat(rng.choice([-1, 48, 55, 60, 61, 72], size=(20, 16, 3)), 2, axis=1)
    phrases = notes_from_grids(grids, rng.random(grids.shape) < 0.2)
    found = features(phrases, quarters=8.0)
    for number, notes in enumerate(phrases):
        for name, expected in slow(notes, 2).items():
            np.testing.assert_allclose(found[name][number], expected, atol=1e-12, err_msg=name)


def test_phrases_do_not_mix():
    rng = np.random.default_rng(2)
    phrases = notes_from_grids(rng.integers(50, 70, (7, 32, 2)))
    together = features(phrases, quarters=8.0)
    for number, phrase in enumerate(phrases):
        alone = features([phrase], quarters=8.0)
        for name in NAMES:
            np.testing.assert_array_equal(together[name][number], alone[name][0])


def test_transposition_changes_pitch_classes_alone():
    rng = np.random.default_rng(3)
    grids = rng.integers(50, 70, (5, 32, 2))
    one, other = (features(notes_from_grids(grids + move), quarters=8.0) for move in (0, 5))
    changed = {name for name in NAMES if not np.allclose(one[name], other[name])}
    assert changed == {"pitch_class_histogram", "pitch_class_transitions"}


def test_bars_of_three_quarters():
    found = features([note_array([(0, 3, 60), (3, 1, 62), (5, 1, 64)])], quarters=6.0, bar=3.0)
    assert found["note_count_per_bar"].tolist() == [[1, 2]]


@pytest.mark.parametrize(("quarters", "bar"), [(8.0, 3.0), (8.0, 0.0), (2.0, 4.0)])
def test_no_whole_number_of_bars(quarters, bar):
    with pytest.raises(ParameterError, match="quarters, bar: expected a whole number of bars"):
        features([note_array([(0, 1, 60)])], quarters=quarters, bar=bar)
