"""The figures: what is kept is read from notes, tasks can be met, and each figure counts what its name says."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.algorithms import _beam_figures as figures
from lab_utils.algorithms import _beam_fill
from lab_utils.algorithms._beam_harmony import Melody
from lab_utils.datasets import load_chorales
from lab_utils.encoding import chorale as encoding
from lab_utils.encoding import melody


def test_a_beam_agrees_with_viterbi_on_every_toy():
    assert figures.viterbi_agreement(25) == 1.0


def tokens_of(*pitches):
    return melody.tokens_from_line(np.repeat(pitches, 4))


TASK = {"pins": {0: 60}, "low": 57, "high": 72, "grid": 4}


@pytest.mark.parametrize(
    ("change", "right", "wrong"),
    [({}, (60, 62), (62, 60)), ({"pins": {4: 62}}, (60, 62), (60, 64)), ({"high": 64}, (60, 64), (60, 65)),
     ({"low": 60}, (60, 61), (60, 59)),
     ({"key": (0, "major")}, (60, 62), (60, 61)), ({"key": (0, "minor")}, (60, 66), (60, 61)), ({"leap": 2}, (60, 62), (60, 63)),
     ({"motif": (0, 4, 4, 2)}, (60, 62), (60, 64)), ({"cadence": [2]}, (60, 62), (60, 64))],
)  # fmt: skip
def test_what_a_task_asks_is_read_from_the_notes(change, right, wrong):
    task = {**TASK, **change}
    assert figures.kept(tokens_of(*right), task) and not figures.kept(tokens_of(*wrong), task)


def test_notes_off_the_grid_break_it():
    assert not figures.kept(tokens_of(60, 62, 64), {**TASK, "grid": 8}) and figures.kept(
        tokens_of(60, 60, 64), {**TASK, "grid": 8}
    )


def test_tasks_repeat_and_can_be_met():
    pieces = load_chorales().fold("valid")
    tasks = figures.draw_tasks(pieces, 20, seed=3)
    assert tasks == figures.draw_tasks(pieces, 20, seed=3) != figures.draw_tasks(pieces, 20, seed=4)
    for task in tasks:
        assert len(task["pins"]) <= 6 and all(task["low"] <= pitch <= task["high"] for pitch in task["pins"].values())
        _beam_fill.bounds(**task)
    assert any("motif" in task for task in tasks) and any("leap" in task for task in tasks)


def harmony(grid, *, line=None):
    grid = np.array(grid)
    onsets = encoding.onsets_of_changes(grid)
    line = grid[:, 0] if line is None else np.array(line)
    tune = Melody(line, onsets[:, 0], np.zeros(len(line), np.int32), np.zeros(len(line), np.int32))
    return SimpleNamespace(tokens=encoding.tokens_from_grid(grid, onsets), melody=tune)


GOOD = [[72, 67, 64, 48], [72, 67, 64, 52]]


def test_a_harmony_is_judged_by_its_notes():
    assert figures.sung(harmony(GOOD))
    assert not figures.sung(harmony(GOOD, line=[72, 74]))  # another soprano
    for voice, pitch in ((1, 73), (2, 68), (3, 66), (1, 50), (3, 30), (2, -1)):  # crossed, out of range, silent
        wrong = np.array(GOOD)
        wrong[1, voice] = pitch
        assert not figures.sung(harmony(wrong)), (voice, pitch)


def test_the_beam_is_held_against_its_rivals():
    tasks = [{**task, "steps": figures.STEPS} for task in figures.draw_tasks(load_chorales().fold("valid"), 2, seed=1)]
    found = figures.fill_figures(tasks, beams=4)
    assert found["tasks"] == 2 and found["met"] == 1.0 and found["log_probability"]["beam"] < 0
    assert found["beats_greedy"] >= found["better_than_greedy"]
    assert found["beats_greedy"] == 1.0 or found["log_probability"]["greedy"] > found["log_probability"]["beam"] - 0.5
    assert 0 <= found["free_draws_that_met"] <= 1
