"""The figures of one run, of given pieces, and of sampled tunes: known by construction, or at size tiny."""

import json

import numpy as np
import pytest

from lab_utils.recipes import _melody_data as data_of
from lab_utils.recipes import _melody_figures as figures_of
from lab_utils.recipes import melody


def test_a_run_learns_and_can_be_measured(steps_run, pieces_file):
    history = melody.RECIPE.open(steps_run)[0].history()
    assert len(history["loss"]) == 2 and history["loss"][1] < history["loss"][0]
    figures = melody.evaluate(run=steps_run)
    assert figures["nll"] == pytest.approx(min(history["valid_nll"]), rel=1e-3)
    assert figures["interval"][0] <= figures["nll"] <= figures["interval"][1]
    assert set(figures["by_kind"]) == {"hold", "rest", "onset"}
    assert figures["baselines"]["order_1"] < figures["baselines"]["unigram"]
    assert 0 <= figures["attention"]["onsets"]["attended"] <= figures["attention"]["onsets"]["possible"] <= 1
    assert figures["rmse"]["rmse"] > 0 and 0 <= figures["calibration"]["ece"] <= 1
    json.dumps(figures)


def test_given_pieces_are_measured_in_place_of_the_fold(steps_run, tmp_path):
    grid = tmp_path / "one.json"
    grid.write_text(json.dumps([np.tile([72, 64, 60, 48], (32, 1)).tolist()]))
    figures = melody.evaluate(run=steps_run, grid=grid)
    assert (figures["pieces"], figures["steps"], figures["data"]) == (1, 31, str(grid))


def test_tunes_are_trained_sampled_and_judged(jigs, tmp_path):
    run = melody.train(size="tiny", data="tunes", variant="gru", out=tmp_path / "tunes", epochs=1, progress=False)
    figures = melody.evaluate(run=run, samples=6)
    assert set(figures["by_kind"]) == {"note", "other"}
    assert figures["nll_per_note"] > figures["nll"] > 0
    assert figures["samples"]["count"] == 6
    for name in ("parse", "bars_right", "ended"):
        assert 0 <= figures["samples"][name] <= 1
    _, form, _ = melody.load(run)
    assert form.vocabulary.names[0] == "<end>"


def test_real_tunes_are_judged_fine_and_broken_ones_are_not(jigs):
    material = data_of.prepare("tunes")
    real = [one["tokens"][:-1] for one in material.train]
    fine = figures_of.judge(real, material.form, material)
    assert (fine["parse"], fine["bars_right"], fine["ended"]) == (1, 1, 1)
    assert fine["recite"]["generated"]["share"] == 1  # they are the training fold itself
    words = material.form.vocabulary
    note = next(i for i in range(len(words)) if words.is_note[i])
    broken = [np.insert(tune, 4, note) for tune in real]
    assert figures_of.judge(broken, material.form, material)["bars_right"] == 0
    assert figures_of.judge([np.array([note] * 3)], material.form, material)["parse"] == 0
