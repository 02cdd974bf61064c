"""Figures known by construction; the rotation's table; and that the shipped networks are as good as their cards say."""

import csv
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.errors import DataError
from lab_utils.recipes import _style_figures as figures
from lab_utils.recipes import _style_network as network
from lab_utils.recipes._style_data import Material, prepare, shifted
from lab_utils.storage import shipped_folder

NAMES = ("a", "b")


def material(pictures, styles, pieces=None, scores=()):
    pieces = np.array(pieces or [f"p{i}" for i in range(len(styles))])
    holdouts = np.arange(len(styles)) % 5
    return Material(
        "notes", np.asarray(pictures, np.float32), np.array(styles), NAMES, pieces, pieces, holdouts, scores, 0 * holdouts
    )


def test_accuracy_confusion_and_votes_by_hand():
    made = material(np.zeros((6, 2, 3)), [0, 0, 0, 1, 1, 1], ["p", "p", "p", "q", "q", "q"])
    called = np.array([0, 0, 1, 0, 0, 1])
    found = figures.judged(np.eye(2)[called] * 0.8 + 0.1, made, np.arange(6))
    assert found["accuracy"] == 0.5 and found["confusion"] == [[2, 1], [2, 1]]
    assert found["per_style"] == {"a": 2 / 3, "b": 1 / 3} and found["per_piece"] == {"p": 2 / 3, "q": 1 / 3}
    assert found["piece_accuracy"] == 0.5 and found["nll"] == pytest.approx(-np.log([0.9, 0.1]).mean())
    json.dumps(found)


def test_the_interval_is_over_pieces():
    right = np.repeat([True, False], 50)
    alike = figures.interval(right, np.repeat(["p", "q"], 50))
    assert alike == [0, 1]  # two pieces: either may come twice
    apart = figures.interval(right, np.arange(100).astype(str))
    assert 0.38 < apart[0] < 0.44 and 0.56 < apart[1] < 0.62  # 0.5 ± 1.96 · 0.05


def test_the_nearest_neighbour_hears_a_transposed_bar():
    rng = np.random.default_rng(0)
    known = (rng.random((4, 6, 40)) < 0.2).astype(float)
    known[:, :, :8] = known[:, :, -8:] = 0
    made = material(known, [0, 0, 1, 1])
    asked = np.stack([shifted(known[1], 5), shifted(known[2], -6), known[3]])
    assert figures.nearest(made, np.arange(4), asked).tolist() == [0, 1, 1]
    assert figures.nearest(made, np.array([0, 2]), asked[1:2]).tolist() == [1]


def test_the_rivals_are_those_of_the_whole_set():
    """The figures of an independent reckoning when the recipe was made."""
    notes = prepare("notes", progress=False)
    found = figures.rivals(notes, notes.train(0), notes.valid(0))
    assert found["majority"] == 0.2
    assert found["nearest_neighbour"] == pytest.approx(0.455, abs=0.02) and found["counts"] == pytest.approx(0.636, abs=0.02)


def test_a_run_is_measured_on_what_it_never_saw(style_run):
    found = figures.of_run(style_run)
    assert (found["bars"], found["pieces"], found["holdout"]) == (10, 5, 0)
    assert found["interval"][0] <= found["accuracy"] <= found["interval"][1]
    assert found["accuracy"] == pytest.approx(np.trace(found["confusion"]) / 10)
    json.dumps(found)


def test_rows_of_a_run_make_the_table_of_the_rotation(tmp_path):
    made = material(np.zeros((10, 2, 3)), [0, 1] * 5)
    model = SimpleNamespace(probability=lambda pictures: np.eye(2)[np.zeros(len(pictures), int)])  # calls all "a"
    rows = [row for h in range(5) for row in figures.rows_of(model, SimpleNamespace(variant="notes", holdout=h), 0, made)]
    with open(tmp_path / "rotation.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    found = figures.rotation(tmp_path / "rotation.csv")["notes"]
    assert (found["mean"], found["spread"], found["runs"], found["pieces"]) == (0.5, 0, 5, 10)
    assert found["per_style"] == {"a": 1, "b": 0} and found["confusion"] == [[5, 0], [5, 0]]
    assert 0.1 < found["interval"][0] < 0.5 < found["interval"][1] < 0.9


def test_a_rotation_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="lab-utils compare style"):
        figures.rotation(tmp_path / "rotation.csv")


# ---------------------------------------------------------------- what ships


@pytest.mark.parametrize("run", network.SHIPPED)
def test_a_shipped_network_is_as_good_as_its_card_says(run):
    card = shipped_folder("checkpoints", run, "README.md").read_text()

    def told(words):
        return float(re.search(re.escape(words) + r"\D*?([\d.]+\d)", card)[1])

    turned = figures.rotation(shipped_folder("checkpoints", run, figures.TABLE))[run.removeprefix("style_")]
    assert turned["mean"] == pytest.approx(told("25 pieces once"), abs=6e-4)
    assert turned["spread"] == pytest.approx(told("standard deviation over the five holdouts"), abs=6e-4)
    assert (turned["runs"], turned["pieces"]) == (5, 25)
    assert turned["per_holdout"][0] == pytest.approx(told("five pieces of the fold valid"), abs=6e-4)
    assert (turned["mean"] > told("nearest neighbour (mean)")) == (run == "style_notes")  # the card of the other one says so
    model, config = network.load(run)
    assert f"{model.count_params():,} weights" in card and config.holdout == 0


def test_the_shipped_network_of_notes_was_measured_right():
    found = figures.of_run("style_notes")
    turned = figures.rotation(shipped_folder("checkpoints", "style_notes", figures.TABLE))["notes"]
    assert found["accuracy"] == pytest.approx(turned["per_holdout"][0], abs=0.02)
