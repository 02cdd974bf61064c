"""Bars as tokens and back; a density that writes; steering towards a style that a second judge can tell."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import _style_steering as steering
from lab_utils.recipes._style_data import Material, prepare


@pytest.fixture(scope="module")
def notes():
    return prepare("notes", bars=3, progress=False)


def test_every_bar_comes_back_from_its_tokens(notes):
    for roll in notes.pictures:
        tokens = steering.tokens_from_roll(roll)
        assert tokens.max() < steering.VOCABULARY and len(tokens) <= steering.LONGEST
        np.testing.assert_array_equal(steering.roll_from_tokens(tokens), roll)


def test_what_breaks_the_grammar_is_passed_over():
    wait, length = steering.WAITS, steering.LENGTHS
    tokens = [length + 3, 40, 41, length + 1, wait + 45, 50, length + 47, wait + 9, 52, length, steering.END]
    roll = steering.roll_from_tokens(tokens)
    assert {(int(t), int(p)) for t, p in np.argwhere(roll == 1)} == {(0, 41), (46, 50)}
    assert (roll > 0).sum() == 2 + 2  # the second is cut at the bar's end; what comes after that is not written


def test_the_density_writes_bars_and_the_seed_decides_which(notes):
    density = steering.fitted(notes, np.arange(len(notes.pictures)))
    first, again, other = (steering.write(density, 12, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (12, 48, 88) and first.any(axis=(1, 2)).all()
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert set(np.unique(first)) <= {0, 0.5, 1}


def high_or_low():
    """Two "styles", high and low bars of one note each, and a judge that knows p(high) from the height alone."""
    rolls = np.zeros((40, 48, 88), np.float32)
    for i, roll in enumerate(rolls):
        roll[0, 50 + i // 2 if i % 2 else 30 - i // 2] = 1
    each, names = np.arange(40), np.arange(40).astype(str)
    made = Material("notes", rolls, each % 2, ("low", "high"), names, names, each % 5, (), 0 * each)

    def probability(bars):
        high = (bars.argmax(axis=2).max(axis=1) > 40) * 0.98 + 0.01
        return np.stack([1 - high, high], axis=1)

    return SimpleNamespace(probability=probability), made


def test_steering_brings_the_wanted_style_and_a_second_judge_agrees():
    model, made = high_or_low()
    found = steering.figures(model, made, np.arange(40), pool=200, count=50)
    assert found["judge"]["unsteered"] == 0.5 and found["judge"]["steered"] > 0.95
    assert found["second_judge"]["steered"] > 0.9 > found["second_judge"]["unsteered"]
    assert found["copied"]["steered"] > 0.8  # one note a bar: all that it can write is a copy
    assert 50 < found["effective"]["high"] < 150 and found["evidence"]["high"] == pytest.approx(np.log(0.5), abs=0.3)
    assert "listener" not in found


def test_a_listener_is_asked_too():
    model, made = high_or_low()
    found = steering.figures(model, made, np.arange(40), pool=40, count=10, listener=lambda bars: np.zeros(len(bars), int))
    assert found["listener"]["per_style"]["low"]["steered"] == 1 and found["listener"]["per_style"]["high"]["steered"] == 0


def test_the_sound_writes_no_bars(notes):
    with pytest.raises(ParameterError, match="expected notes to write bars from, received 'spectrogram'"):
        steering.fitted(replace(notes, variant="spectrogram"), np.arange(5))
