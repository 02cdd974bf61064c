"""Distances by hand, of noise whose size is known, and onsets against every possible matching."""

import itertools
import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import reconstruction


def test_pitches_by_hand():
    figures = reconstruction.pitch_rmse([[60, 62, -1, 64, -1, 70]], [[60, 65, -1, -1, 61, 66]])
    assert figures["rmse"] == pytest.approx(np.sqrt((0 + 9 + 16) / 3))
    assert figures["rest_errors"] == pytest.approx(2 / 6)
    assert figures["equal"] == pytest.approx(2 / 6)
    assert figures["places"] == 6


def test_an_octave_is_twelve_semitones_and_no_overflow_hides_it():
    grid = np.full((5, 4), 100, np.int8)
    assert reconstruction.pitch_rmse([grid], [grid - 12])["rmse"] == 12
    assert reconstruction.pitch_rmse([grid], [np.zeros((5, 4), np.uint8)])["rmse"] == 100


def test_where_nothing_sounds_together_there_is_no_distance():
    assert reconstruction.pitch_rmse([[60, -1]], [[-1, 60]])["rmse"] is None
    assert reconstruction.pitch_rmse([[-1, -1]], [[-1, -2]]) == {"rmse": None, "equal": 1, "rest_errors": 0, "places": 2}


def test_pieces_weigh_by_their_length():
    figures = reconstruction.pitch_rmse([[60] * 9, [60]], [[60] * 9, [70]])
    assert figures["rmse"] == pytest.approx(np.sqrt(100 / 10))


def test_rolls_by_hand():
    figures = reconstruction.roll_rmse([[[True, False], [True, True]]], [[[0.5, 0], [1, 0]]])
    assert figures["rmse"] == pytest.approx(np.sqrt(1.25 / 4))
    assert figures["silence"] == pytest.approx(np.sqrt(3 / 4))
    with pytest.raises(ParameterError, match="0–2; .* roll > 0"):
        reconstruction.roll_rmse([np.array([[0, 2]])], [np.array([[0, 1]])])


def test_spectrogram_with_noise_of_known_size():
    rng = np.random.default_rng(0)
    original = rng.normal(-30, 12, (400, 128)).astype(np.float32)
    figures = reconstruction.spectrogram_rmse([original], [original + rng.normal(0, 3, original.shape)])
    assert figures["rmse"] == pytest.approx(3, rel=0.02)
    assert figures["mean"] == pytest.approx(12, rel=0.02)
    flat = reconstruction.spectrogram_rmse([original], [np.full_like(original, original.mean())])
    assert flat["rmse"] == pytest.approx(flat["mean"], rel=1e-6)


def best_matching(one, other, tolerance):
    """Return the size of the largest matching by trying them all."""
    best = 0
    few, many = sorted((list(one), list(other)), key=len)
    for order in itertools.permutations(many, len(few)):
        best = max(best, sum(abs(a - b) <= tolerance for a, b in zip(few, order, strict=True)))
    return best


@pytest.mark.parametrize("tolerance", [0, 1, 3])
def test_onsets_against_every_matching(tolerance):
    rng = np.random.default_rng(tolerance)
    for _ in range(60):
        one, other = np.zeros((14, 1), bool), np.zeros((14, 1), bool)
        one[rng.choice(14, rng.integers(1, 6), replace=False)] = True
        other[rng.choice(14, rng.integers(1, 6), replace=False)] = True
        figures = reconstruction.onset_f1([one], [other], tolerance=tolerance)
        found = best_matching(np.flatnonzero(one), np.flatnonzero(other), tolerance)
        assert figures["found"] == found
        assert figures["precision"] == found / other.sum() and figures["recall"] == found / one.sum()
        assert figures["f1"] == pytest.approx(2 * found / (one.sum() + other.sum()))


def test_onsets_of_other_pitches_are_none():
    one = np.eye(4, dtype=bool)
    assert reconstruction.onset_f1([one], [one])["f1"] == 1
    assert reconstruction.onset_f1([one], [np.roll(one, 1, axis=1)])["f1"] == 0
    assert reconstruction.onset_f1([one], [np.roll(one, 1, axis=0)])["f1"] == 0
    assert reconstruction.onset_f1([one], [np.roll(one, 1, axis=0)], tolerance=1)["recall"] == 0.75  # the last fell off the end


def test_onsets_where_there_are_none():
    none, some = np.zeros((4, 2), bool), np.ones((4, 2), bool)
    assert reconstruction.onset_f1([none], [none])["f1"] == 1
    assert reconstruction.onset_f1([none], [some])["f1"] == reconstruction.onset_f1([some], [none])["f1"] == 0


@pytest.mark.parametrize("kind", ["pitch", "roll", "spectrogram", "onsets"])
def test_evaluate_knows_all_kinds(kind):
    piece = np.eye(5)
    figures = reconstruction.evaluate([piece], [piece], kind=kind)
    assert figures["f1"] == 1 if kind == "onsets" else figures["rmse"] == 0
    json.dumps(figures)


def test_refuses_what_does_not_fit():
    with pytest.raises(ParameterError, match=r"received 1 and 1, \(3, 2\) and \(4, 2\)"):
        reconstruction.evaluate([np.ones((3, 2))], [np.ones((4, 2))], kind="roll")
    with pytest.raises(ParameterError, match="received 1 and 0"):
        reconstruction.evaluate([np.ones((3, 2))], [], kind="pitch")
    with pytest.raises(ParameterError, match="kind"):
        reconstruction.evaluate([[1]], [[1]], kind="sound")
    with pytest.raises(ParameterError, match="tolerance"):
        reconstruction.onset_f1([np.ones((1, 1))], [np.ones((1, 1))], tolerance=-1)
    with pytest.raises(ParameterError, match="onsets: expected shape"):
        reconstruction.onset_f1([np.ones(3)], [np.ones(3)])
