"""Onset F1 and pitches: mir_eval is the oracle, and what is known by construction."""

import mir_eval
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import transcription


def steps(seconds):
    """On a grid of 4 ms, so that no two onsets are 50 ms apart: there mir_eval's two measures round differently."""
    return np.round(seconds / 0.004) * 0.004


def melody(rng, notes=30):
    return np.stack([np.sort(steps(rng.uniform(0, 6, notes))), rng.integers(60, 64, notes)], axis=1)


def played(rng, notes):
    """The notes a little early or late, some left out, some added."""
    rows = notes[rng.random(len(notes)) < 0.8].copy()
    rows[:, 0] = np.maximum(steps(rows[:, 0] + rng.normal(0, 0.04, len(rows))), 0)
    return np.concatenate([rows, melody(rng, 6)])


@pytest.mark.parametrize("seed", range(30))
def test_onsets_as_mir_eval_has_it(seed):
    rng = np.random.default_rng(seed)
    wanted = melody(rng)
    heard = played(rng, wanted)
    f1, precision, recall = mir_eval.onset.f_measure(wanted[:, 0], np.sort(heard[:, 0]))
    found = transcription.onset_f1([wanted], [heard])
    assert (found["f1"], found["precision"], found["recall"]) == pytest.approx((f1, precision, recall))


@pytest.mark.parametrize("seed", range(10))
def test_notes_as_mir_eval_has_it(seed):
    rng = np.random.default_rng(seed)
    wanted = melody(rng)
    heard = played(rng, wanted)
    as_mir_eval = [
        (np.stack([rows[:, 0], rows[:, 0] + 0.1], axis=1), mir_eval.util.midi_to_hz(rows[:, 1])) for rows in (wanted, heard)
    ]
    *_, f1, _ = mir_eval.transcription.precision_recall_f1_overlap(*as_mir_eval[0], *as_mir_eval[1], offset_ratio=None)
    assert transcription.note_f1([wanted], [heard])["f1"] == pytest.approx(f1)


def test_each_onset_is_used_once():
    assert transcription.onset_pairs([0.0, 0.04], [0.02]).tolist() == [[0, 0]]
    assert transcription.onset_pairs([0.0, 0.06], [0.05, 0.01]).tolist() == [[0, 1], [1, 0]]  # in any order


def test_pitch_accuracy_is_of_the_onsets_found():
    wanted = [[(0.0, 60), (1.0, 62), (2.0, 64)]]
    assert transcription.pitch_accuracy(wanted, [[(0.01, 60), (1.01, 61)]]) == 0.5
    assert transcription.pitch_accuracy(wanted, [[(0.5, 60)]]) is None


def test_pieces_are_weighted_by_their_notes():
    wanted = [[(0.0, 60)], [(float(i), 60) for i in range(9)]]
    found = transcription.evaluate(wanted, [[], wanted[1]])
    assert found["recall"] == 0.9 and found["precision"] == 1 and found["notes"] == 10


def test_nothing_to_find():
    assert transcription.onset_f1([[]], [[]])["f1"] == 1
    assert transcription.onset_f1([[(0.0, 60)]], [[]])["f1"] == 0


@pytest.mark.parametrize(("wanted", "heard"), [([], []), ([[]], []), ([[(0, 60, 1)]], [[]]), ([[(0, np.nan)]], [[]])])
def test_bad_input(wanted, heard):
    with pytest.raises(ParameterError, match="heard: expected"):
        transcription.evaluate(wanted, heard)
    with pytest.raises(ParameterError, match="tolerance: expected"):
        transcription.onset_pairs([0.0], [0.0], tolerance=-1)
