"""The figures, with a few made-up tunes and a dialogue that needs no network."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.algorithms import _pipeline_figures as figures
from lab_utils.algorithms import pipeline
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array


@pytest.fixture
def tunes(monkeypatch):
    def score(first):
        return Score(note_array([(i / 2, 0.5, first + (0, 2, 4, 7)[i % 4]) for i in range(16)]), tempos=((0.0, 120.0),))

    made = [SimpleNamespace(score=score(first)) for first in (62, 65, 67)]
    monkeypatch.setattr(figures.datasets, "load_tunes", lambda: SimpleNamespace(fold=lambda name: made), raising=False)
    return made


def test_hearing(tunes):
    found = figures.hearing(tunes=2)
    assert found["tunes"] == 2 and found["notes"] == 2 * 16 * 3
    assert set(found["instruments"]) == {"piano", "flute", "violin"}
    assert found["onset_f1"] > 0.9 and found["pitch_accuracy"] > 0.95


def test_phrases_are_played_with_pauses(tunes):
    sound = figures.phrases(20, seed=1)
    assert len(sound) == 20 * figures.RATE and 0.2 < np.abs(sound).max() <= 0.5
    silent = np.flatnonzero(np.diff(np.flatnonzero(sound)) > 1.9 * figures.RATE)
    assert len(silent) >= 2
    assert np.array_equal(sound, figures.phrases(20, seed=1))


def test_a_simulated_dialogue(tunes):
    dialogue = pipeline.ready(sample_rate=figures.RATE, answer=pipeline.mirror)
    found = figures.simulated(dialogue, minutes=0.3)
    assert found["turns"] == len(dialogue.turns) >= 2 and found["minutes"] == 0.3
    assert 0 < found["p50_latency_ms"] <= found["p95_latency_ms"] < 10_000
    assert set(found["stages"]) == {"listen", "answer", "play"} and found["load"] > 0
    assert dialogue.seconds == pytest.approx(18)


def test_memory_is_told():
    assert figures.resident() is None or figures.resident() > 10e6


def test_bad_input():
    with pytest.raises(ParameterError, match="minutes: expected"):
        figures.simulated(None, minutes=0)
    with pytest.raises(ParameterError, match="samples: expected"):
        figures.tunes_of("valid", 0)
