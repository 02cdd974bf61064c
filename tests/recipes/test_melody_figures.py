"""The figures of one run, of given pieces, and of sampled tunes: known by construction, or at size tiny."""

import json
import re

import numpy as np
import pytest

from lab_utils.datasets import load_chorales
from lab_utils.encoding.melody import line_from_tokens
from lab_utils.errors import DataError
from lab_utils.recipes import _chorale_pieces as chorale_pieces
from lab_utils.recipes import _melody_data as data_of
from lab_utils.recipes import _melody_figures as figures_of
from lab_utils.recipes import melody
from lab_utils.storage import shipped_folder


def test_a_run_learns_and_can_be_measured(steps_run, pieces_file):
    history = melody.RECIPE.open(steps_run)[0].history()
    assert len(history["loss"]) == 2 and history["loss"][1] < history["loss"][0]
    figures = melody.evaluate(run=steps_run)
    assert figures["nll"] == pytest.approx(min(history["valid"]), rel=1e-3)
    assert figures["interval"][0] <= figures["nll"] <= figures["interval"][1]
    assert set(figures["by_kind"]) == {"hold", "rest", "onset"}
    assert figures["baselines"]["order_1"] < figures["baselines"]["unigram"]
    assert 0 <= figures["attention"]["onsets"]["attended"] <= figures["attention"]["onsets"]["possible"] <= 1
    assert 0 < figures["rmse"]["roll"]["rmse"] < 2**0.5 * figures["rmse"]["roll"]["silence"]
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


def test_without_the_benchmarks_file_the_shipped_sopranos_stand_in(monkeypatch):
    def missing(data):
        raise DataError(f"{data}: is not here")

    monkeypatch.setattr(data_of, "prepare", missing)
    material, source = figures_of._sopranos(None)
    first = load_chorales().fold("valid")[0].grid[:, 0]
    assert source.startswith("chorales valid") and not material.form.repeats
    np.testing.assert_array_equal(line_from_tokens(material.valid[0]["tokens"])[0], first)


# ---------------------------------------------------------------- what ships


def of_card(name, words):
    """The number behind `words` in a checkpoint's card."""
    return float(re.search(re.escape(words) + r"\D*?([\d.]+\d)", shipped_folder("checkpoints", name, "README.md").read_text())[1])


@pytest.mark.parametrize("name", figures_of.SOPRANOS.values())
def test_a_shipped_soprano_is_as_good_as_its_card_says(name):
    model, form, _ = melody.load(name)
    first = load_chorales().fold("valid")[:12]
    pieces = [data_of.step_melody(form, chorale_pieces.piece_from_grid(one.grid)) for one in first]
    told = of_card(name, "(fold valid, repeated notes taken for long ones):")
    assert melody.validation_nll(model, form, pieces) == pytest.approx(told, abs=2e-3)


def test_the_shipped_tunes_are_as_good_as_their_card_says():
    model, form, _ = melody.load("tunes")
    first = data_of.prepare("tunes").valid[:12]
    assert melody.validation_nll(model, form, first) == pytest.approx(of_card("tunes", "first 12 tunes of the fold:"), abs=2e-3)


def test_the_attention_of_the_copy_task_looks_where_it_must():
    accuracy = figures_of.copy_accuracy("copy")
    assert accuracy >= 0.95
    assert accuracy == pytest.approx(of_card("copy", "Attention accuracy"), abs=5e-3)


def test_the_table_of_seeds_holds_every_variant_three_times():
    seeds = figures_of.shipped_seeds()
    assert {name: len(found) for name, found in seeds.items()} == dict.fromkeys(figures_of.SOPRANOS, 3)
    assert all(abs(nll - of_card(figures_of.SOPRANOS[name], "**this network** |")) < 2e-3 for name, (nll, *_) in seeds.items())
