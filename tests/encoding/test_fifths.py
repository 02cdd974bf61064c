"""The point on the circle of fifths by hand, and back: the weights of the largest entropy with that point."""

import numpy as np
import pytest
from scipy import optimize

from lab_utils.encoding.fifths import MIDDLE, PLACES, fifths_point, pitch_classes_at, score_at
from lab_utils.errors import ParameterError


def test_single_notes_stand_at_their_hours():
    np.testing.assert_allclose(fifths_point([60]), [0, 1], atol=1e-12)  # C at noon
    np.testing.assert_allclose(fifths_point([67]), [0.5, np.sqrt(3) / 2])  # G at one o'clock
    np.testing.assert_allclose(fifths_point([57]), [1, 0], atol=1e-12)  # A at three
    np.testing.assert_allclose(fifths_point([65]), [-0.5, np.sqrt(3) / 2])  # F at eleven
    np.testing.assert_allclose(fifths_point([66]), [0, -1], atol=1e-12)  # F sharp at six


def test_notes_pull_by_their_length_and_rests_not_at_all():
    expected = (3 * np.array([0, 1]) + [1, 0]) / 4
    np.testing.assert_allclose(fifths_point([60, 57], [3, 1]), expected, atol=1e-12)
    np.testing.assert_allclose(fifths_point([60, -1, 48, 72, 57]), expected, atol=1e-12)
    np.testing.assert_allclose(fifths_point(np.arange(12)), [0, 0], atol=1e-12)
    assert fifths_point(np.full((5, 3, 4), 62)).shape == (5, 3, 2)


def test_a_transposition_by_a_fifth_turns_the_point_by_an_hour():
    scale = np.array([60, 62, 64, 65, 67, 69, 71])
    x, y = fifths_point(scale)
    turn = np.exp(-2j * np.pi / 12)
    np.testing.assert_allclose(fifths_point(scale + 7), [((x + 1j * y) * turn).real, ((x + 1j * y) * turn).imag], atol=1e-12)
    assert np.hypot(x, y) == pytest.approx(0.533, abs=0.001)  # seven neighbours of twelve


@pytest.mark.parametrize("point", [(0.0, 0.0), (0.3, 0.1), (-0.55, 0.2), (0.1, -0.8), (0.4, 0.85), (0.0, 0.98), (1e-9, 0.0)])
def test_back_and_forth(point):
    weights = pitch_classes_at(point)
    assert weights.sum() == pytest.approx(1) and weights.min() >= 0
    np.testing.assert_allclose(fifths_point(np.arange(12), weights), point, atol=1e-9)


def test_no_other_weights_of_that_point_have_more_entropy():
    point = np.array([0.35, 0.4])
    found = optimize.minimize(
        lambda w: (w * np.log(w)).sum(),
        np.full(12, 1 / 12),
        bounds=[(1e-9, 1)] * 12,
        constraints=[{"type": "eq", "fun": lambda w: np.append(w @ PLACES - point, w.sum() - 1)}],
        method="SLSQP",
    )
    np.testing.assert_allclose(pitch_classes_at(point), found.x, atol=1e-3)


def test_the_middle_is_all_alike_and_the_rim_one_or_two():
    np.testing.assert_allclose(pitch_classes_at((0, 0)), 1 / 12)
    assert pitch_classes_at((0.0, 1.0))[0] > 0.9
    between = pitch_classes_at((np.sin(np.pi / 12), np.cos(np.pi / 12)))  # between C and G nothing is on the rim
    assert between[[0, 7]].sum() > 0.95
    np.testing.assert_allclose(between[0], between[7])


def test_a_place_as_a_melody():
    tune = score_at((0.5, 0.2), notes=3000, seed=1, title="a place")
    np.testing.assert_allclose(fifths_point(tune.notes["pitch"]), (0.5, 0.2), atol=0.03)
    assert np.abs(tune.notes["pitch"] - MIDDLE).max() <= 12
    assert np.abs(np.diff(tune.notes["pitch"])).max() <= 12 and (np.abs(np.diff(tune.notes["pitch"])) <= 6).mean() > 0.9
    assert tune.title == "a place" and tune.duration_quarter == 1500
    assert tune == score_at((0.5, 0.2), notes=3000, seed=1, title="a place")


def test_refuses_what_is_no_music():
    with pytest.raises(ParameterError, match="point: .* circle of radius 1"):
        pitch_classes_at((0.8, 0.8))
    with pytest.raises(ParameterError, match="point"):
        pitch_classes_at((0.1, 0.2, 0.3))
    with pytest.raises(ParameterError, match="pitches: .* row of rests"):
        fifths_point([[60, 62], [-1, -1]])
    with pytest.raises(ParameterError, match="pitches: expected integers"):
        fifths_point([60.5])
    with pytest.raises(ParameterError, match="weights"):
        fifths_point([60, 61], [1.0])
    with pytest.raises(ParameterError, match="weights"):
        fifths_point([60, 61], [1.0, -1.0])
