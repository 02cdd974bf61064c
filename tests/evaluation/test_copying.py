"""Copied runs against a search that tries every stretch, and of tunes whose copies were planted."""

import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import copying


def tried_one_by_one(sequence, training):
    """Return, for each place, the length of the longest stretch from there that is in the training set."""
    texts = ["," + ",".join(map(str, tune)) + "," for tune in training]
    lengths = []
    for start in range(len(sequence)):
        longest = 0
        for end in range(start + 1, len(sequence) + 1):
            if any("," + ",".join(map(str, sequence[start:end])) + "," in text for text in texts):
                longest = end - start
        lengths.append(longest)
    return lengths


@pytest.mark.parametrize("symbols", [1, 2, 5])
def test_matches_are_the_longest(symbols):
    rng = np.random.default_rng(symbols)
    training = [rng.integers(symbols, size=rng.integers(1, 25)) for _ in range(6)]
    sequences = [rng.integers(symbols + 1, size=rng.integers(1, 30)) for _ in range(8)]
    for sequence, (lengths, sources, places) in zip(sequences, copying.matches(sequences, training), strict=True):
        assert lengths.tolist() == tried_one_by_one(sequence, training)
        for start, (length, source, place) in enumerate(zip(lengths, sources, places, strict=True)):
            assert (source == -1) == (length == 0) == (place == -1)
            if length:
                np.testing.assert_array_equal(training[source][place : place + length], sequence[start : start + length])


def test_a_planted_run_is_found_where_it_was_planted():
    rng = np.random.default_rng(0)
    training = [rng.integers(1000, size=80) for _ in range(30)]
    tune = rng.integers(1000, 2000, size=60)
    tune[11:34] = training[17][5:28]
    (found,) = copying.longest_runs([tune], training)
    assert found.tolist() == (23, 11, 17, 5)


def test_a_run_does_not_go_on_into_the_next_tune():
    assert copying.longest_runs([[1, 2, 3, 4]], [[1, 2], [3, 4]])["length"] == [2]
    assert copying.longest_runs([[1, 2], [3, 4]], [[1, 2, 3, 4]])["length"].tolist() == [2, 2]


def test_a_whole_tune_and_a_strange_one():
    tune = np.random.default_rng(0).integers(5, size=300)
    found = copying.longest_runs([tune, [7, 8]], [tune, tune[:50]])
    assert found["length"].tolist() == [300, 0]
    assert found["source"].tolist() == [0, -1]


def test_transposed_melodies_are_copies_and_other_rhythms_are_not():
    pitches, durations = np.array([60, 62, 64, 60, 67]), np.array([2, 2, 4, 1, 4])
    symbols = copying.note_symbols(pitches, durations)
    assert len(symbols) == 4
    np.testing.assert_array_equal(copying.note_symbols(pitches + 5, durations), symbols)
    assert (copying.note_symbols(pitches, durations * 2) != symbols).all()
    assert (copying.note_symbols(128 - pitches, durations) != symbols).all()  # turned upside down


def test_shares_of_planted_copies():
    """Of 10 generated tunes 6 hold a run of 16, of 5 held-out ones 1 does."""
    rng = np.random.default_rng(1)
    training = [rng.integers(10**6, size=100) for _ in range(20)]

    def tunes(number, copies, *, length):
        made = [rng.integers(10**6, 2 * 10**6, size=40) for _ in range(number)]
        for i in range(copies):
            made[i][3 : 3 + length] = training[i][50 : 50 + length]
        return made

    generated, held_out = tunes(10, 6, length=16), tunes(5, 1, length=20)
    generated[9][:15] = training[9][:15]  # one short of a run
    figures = copying.evaluate(generated, held_out, training)
    assert figures["generated"]["share"] == 0.6 and figures["held_out"]["share"] == 0.2
    assert figures["beyond"] == pytest.approx(0.4)
    assert figures["generated"]["notes_copied"] == 6 * 16 / 400 and figures["held_out"]["notes_copied"] == 20 / 200
    assert figures["generated"]["longest_run"] == 16 and figures["generated"]["median_run"] == 16
    assert figures["interval"][0] < 0.4 < figures["interval"][1]
    assert copying.evaluate(generated, held_out, training, run=15)["generated"]["share"] == 0.7
    assert copying.evaluate(generated, held_out, training, run=17)["beyond"] == pytest.approx(-0.2)
    json.dumps(figures)


def test_runs_that_overlap_count_each_note_once():
    training = [np.arange(10), np.arange(5, 20)]
    figures = copying.evaluate([np.arange(20)], [[0]], training, run=8)
    assert figures["generated"]["notes_copied"] == 1.0
    assert figures["generated"]["longest_run"] == 15
    assert figures["held_out"]["too_short"] == 1 and figures["held_out"]["share"] == 0


def test_refuses_what_is_no_sequence():
    for wrong in ([], [[]], [[[1, 2]]], [[0.5]]):
        with pytest.raises(ParameterError, match="generated"):
            copying.evaluate(wrong, [[1]], [[1]])
    with pytest.raises(ParameterError, match="training"):
        copying.longest_runs([[1]], [])
    with pytest.raises(ParameterError, match="run"):
        copying.evaluate([[1]], [[1]], [[1]], run=0)
    with pytest.raises(ParameterError, match="one shape"):
        copying.note_symbols([60, 62], [1])
    with pytest.raises(ParameterError, match="leave rests out"):
        copying.note_symbols([60, -1], [1, 1])
