"""Calibration of forecasters whose error is known because they are made that way."""

import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import calibration


def drawn(notes, symbols, *, seed=0, sharpness=1.0):
    """Return (distributions, what is drawn from them): a forecaster that is calibrated by construction."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.full(symbols, sharpness), notes)
    came = (rng.random(notes)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    return chances, np.minimum(came, symbols - 1)


def tempered(chances, temperature):
    other = chances ** (1 / temperature)
    return other / other.sum(axis=1, keepdims=True)


def test_reliability_by_hand():
    table = calibration.reliability([0.1, 0.25, 0.3, 0.5, 0.9], [False, True, False, True, True], bins=4)
    assert table["upper"] == [0.25, 0.5, 0.75, 1.0]
    assert table["count"] == [2, 2, 0, 1]  # 0.25 and 0.5 belong to the bins that they close
    assert table["forecast"] == pytest.approx([0.175, 0.4, None, 0.9])
    assert table["happened"] == pytest.approx([0.5, 0.5, None, 1.0])
    assert calibration.calibration_error(table) == pytest.approx((2 * 0.325 + 2 * 0.1 + 0.1) / 5)


def test_the_bins_take_every_forecast():
    table = calibration.reliability([0.0, 1.0], [False, True], bins=3)
    assert table["count"] == [1, 0, 1] and calibration.calibration_error(table) == 0


def test_a_calibrated_forecaster_has_no_error():
    chances, came = drawn(100_000, 6)
    figures = calibration.evaluate([chances], [came])
    assert figures["ece"] < 0.01
    assert figures["misplaced_mass"] < 0.02
    assert abs(figures["overconfidence"]) < 0.01
    assert figures["accuracy"] == pytest.approx(figures["confidence"], abs=0.01)


@pytest.mark.parametrize("shift", [-0.2, 0.1, 0.25])
def test_a_shifted_forecaster_has_its_shift(shift):
    """Two symbols; the first choice is told with `shift` more than it deserves."""
    rng = np.random.default_rng(1)
    told = rng.uniform(0.76, 0.79, 200_000)
    came = (rng.random(200_000) > told - shift).astype(int)  # symbol 0 is the first choice
    figures = calibration.evaluate([np.stack([told, 1 - told], axis=1)], [came])
    assert figures["ece"] == pytest.approx(abs(shift), abs=0.005)
    assert figures["confidence"] - figures["accuracy"] == pytest.approx(shift, abs=0.005)
    assert figures["misplaced_mass"] == pytest.approx(2 * abs(shift), abs=0.01)  # too much at one symbol, missing at the other


def test_too_sure_and_too_shy_are_told_apart():
    chances, came = drawn(20_000, 8, sharpness=0.5)
    right, sure, shy = (calibration.evaluate([tempered(chances, t)], [came]) for t in (1, 0.5, 2))
    assert sure["overconfidence"] > 0.1 and shy["overconfidence"] < -0.1
    assert min(sure["ece"], shy["ece"]) > 5 * right["ece"]
    assert min(sure["misplaced_mass"], shy["misplaced_mass"]) > 5 * right["misplaced_mass"]
    assert sure["accuracy"] == right["accuracy"] == shy["accuracy"]


def test_the_whole_distribution_sees_what_the_first_choice_hides():
    """The first choice is right as often as told, but what is left goes to the wrong symbol."""
    rng = np.random.default_rng(2)
    came = np.where(rng.random(50_000) < 0.6, 0, 1)
    figures = calibration.evaluate([np.tile([0.6, 0.05, 0.35], (50_000, 1))], [came])
    assert figures["ece"] < 0.01
    assert figures["misplaced_mass"] == pytest.approx(0.7, abs=0.02)  # 0.35 too many, 0.35 too few


def test_nll_and_entropy_by_hand():
    figures = calibration.evaluate([np.array([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]])], [np.array([0, 1])])
    assert figures["nll"] == pytest.approx((np.log(2) + np.log(4 / 3)) / 2)
    assert figures["entropy"] == pytest.approx((np.log(2) + 0.25 * np.log(4) + 0.75 * np.log(4 / 3)) / 2)


def test_padding_and_the_cut_into_pieces_change_nothing():
    chances, came = drawn(60, 5)
    whole = calibration.evaluate([chances], [came])
    voices = calibration.evaluate([chances.reshape(15, 4, 5)], [came.reshape(15, 4)])
    assert voices == whole
    padded = [np.vstack([chances[:20], np.full((9, 5), np.nan)]), chances[20:]]
    symbols = [np.append(came[:20], np.full(9, -1)), came[20:]]
    counted = [np.arange(29) < 20, np.ones(40, bool)]
    assert calibration.evaluate(padded, symbols, counted=counted) == whole
    json.dumps(whole)


def test_refuses_what_is_no_forecast():
    chances, came = drawn(6, 3)
    for probabilities, symbols, message in (
        ([np.log(chances)], [came], "sum to 1"),
        ([chances], [came[:-1]], "shapes"),
        ([chances], [], "shapes"),
        ([chances, chances[:, :2]], [came, came], "shapes"),
        ([chances], [came + 3], "symbols"),
    ):
        with pytest.raises(ParameterError, match=message):
            calibration.evaluate(probabilities, symbols)
    with pytest.raises(ParameterError, match="0–1"):
        calibration.reliability([1.2], [True])
    with pytest.raises(ParameterError, match="bins"):
        calibration.reliability([0.2], [True], bins=0)
    with pytest.raises(ParameterError, match="one shape"):
        calibration.reliability([0.2], [True, False])
