"""The figures of WaveNets: rivals in order, pitches of the instrument itself, distances nought to oneself, means of drifts."""

import numpy as np
import pytest

from lab_utils.recipes import _wavenet_figures as figures
from lab_utils.recipes._wavenet_data import HIGHEST, LOWEST, conditions_of, sound_of

RATE = 8000


@pytest.fixture(scope="module")
def lines():
    return figures.held_out_lines(2)


def test_lines_are_held_out_in_range_and_ten_seconds_long(lines):
    assert len(lines) == 2 and not np.array_equal(lines[0].notes["pitch"], lines[1].notes["pitch"])
    for line in lines:
        assert line.notes["pitch"].min() >= LOWEST and line.notes["pitch"].max() <= HIGHEST
        assert 9 < line.duration_seconds <= figures.SECONDS


def test_the_instrument_hits_its_own_notes_and_not_those_of_another_line(lines):
    told = np.stack([conditions_of(line, seconds=2) for line in lines])
    sounds = np.stack([sound_of(line, seconds=2) for line in lines])
    own, other = figures.hits(sounds, told, RATE), figures.hits(sounds[::-1], told, RATE)
    assert own["hits"] > 0.9 and own["voiced"] > 0.9 and other["hits"] < 0.3
    assert figures.distance(sounds, sounds, RATE) == 0
    assert figures.distance(sounds[::-1], sounds, RATE) > 5


def test_rivals_of_a_predictable_sound_stand_in_order():
    rng = np.random.default_rng(0)
    phase = np.cumsum(0.3 + 0.01 * rng.standard_normal((3, 1500)), axis=1)
    codes = (128 + 60 * np.sin(phase) + rng.standard_normal((3, 1500))).astype(np.uint8)
    found = figures.baselines(codes[:2], codes[2:])
    assert found["uniform"] == 8 > found["unigram"] > found["lpc16"]


def test_means_of_drifts():
    one = {
        "made": {"rms": [1.0, 2.0], "flatness": [0.1, None]},
        "target": {"rms": [1.0, 1.0], "flatness": [0.2, 0.2]},
        "rms_db": 6.0,
    }
    two = {
        "made": {"rms": [3.0, 2.0], "flatness": [0.3, 0.5]},
        "target": {"rms": [1.0, 1.0], "flatness": [0.2, 0.4]},
        "rms_db": 0.0,
    }
    found = figures.drift_of([one, two])
    assert found["made"]["rms"] == [2, 2] and found["rms_db"] == 3
    assert found["made"]["flatness"] == pytest.approx([0.2, 0.5]) and found["target"]["flatness"] == pytest.approx([0.2, 0.3])
