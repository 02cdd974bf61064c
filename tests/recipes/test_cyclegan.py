"""The CycleGAN recipe at size tiny, end to end, and its errors; the shipped checkpoint against its card."""

import csv
import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from lab_utils import files
from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_figures as figures
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes import cyclegan
from lab_utils.storage import shipped_folder
from lab_utils.training import Hardware, Run

OPTIONS = {"size": "tiny", "progress": False, "hardware": Hardware(xla=False)}
READ = phrases.prepare


@pytest.fixture(scope="module", autouse=True)
def read_once():
    material = READ()
    with pytest.MonkeyPatch.context() as patch:
        for module in (cyclegan, phrases):
            patch.setattr(module, "prepare", lambda: material)
        patch.setattr(cyclegan, "VALIDATED", 8)
        yield material


@pytest.fixture(scope="module")
def run(train_tiny):
    return train_tiny(cyclegan, hardware=OPTIONS["hardware"], listen=2)


def test_a_run_holds_what_it_needs_and_every_loss(run):
    assert {p.name for p in run.iterdir()} == {"config.json", "history.csv", "state.npz", "weights.npz", "listen"}
    assert sorted(p.name for p in (run / "listen").iterdir()) == ["epoch_0002.mid", "epoch_0002.mp3"]
    history = Run(run).history()
    assert history["epoch"] == [1, 2]
    for name in ("generator_loss", "critic_loss", "cycle", "identity", "content", "valid"):
        assert np.isfinite(history[name]).all(), name
    assert all(0 < value <= 1 for value in history["valid"])


def test_a_run_that_stopped_goes_on_to_the_same_end(run, go_on):
    found, wanted = go_on(cyclegan, run, hardware=OPTIONS["hardware"])
    for name in ("loss", "cycle", "valid"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-3, err_msg=name)


def test_the_choice_goes_by_strength_content_and_likeness(run, read_once):
    model, _ = cyclegan.load(run)
    held_out = {style: read_once[style]["valid"].numbers[:8] for style in cyclegan.STYLES}
    features = {style: cyclegan._features(numbers) for style, numbers in held_out.items()}

    class Judge:
        def probability(self, numbers):
            return (numbers[..., 1].sum(axis=1) < 24).astype(float)

    found = cyclegan.merit(model, held_out, features, Judge())
    assert found["merit"] == pytest.approx(found["strength"] * found["content_f1"] * found["overlapped_area"])
    assert 0 < found["content_f1"] < 1 and 0 < found["overlapped_area"] < 1


def test_evaluation_gives_the_figures_of_the_issue(run, monkeypatch):
    monkeypatch.setattr(figures, "EVERY", 40)
    found = cyclegan.evaluate(run=run, floor=False)
    json.dumps(found)
    assert {"strength", "content_f1", "classifier_accuracy", "second_classifier", "hidden"} <= set(found)
    assert 0 < found["content_f1"] < 1 and -1 <= found["strength"] <= 1


def test_a_phrase_and_its_transfer_are_written(run, tmp_path):
    made = cyclegan.generate(run=run, style="dance", seed=2, bars=4, out=tmp_path)
    source, transferred = (files.read(made[name]["midi"]) for name in ("source", "transfer"))
    assert len(made["pieces"]) == 1 and 0 <= made["content_f1"] <= 1
    assert len(transferred) > len(source) > 0  # it begins with the rhythm of dances
    for name in ("source", "transfer"):
        assert made[name]["staff"].read_bytes()[:4] == b"\x89PNG" and made[name]["sound"].stat().st_size > 10_000


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda run: cyclegan.train(**OPTIONS, data="chorales"), "data: expected hymns-dances"),
        (lambda run: cyclegan.train(**OPTIONS, loss="mse"), "loss: expected one of"),
        (lambda run: cyclegan.train(**OPTIONS, width=3), "width: is no setting of cyclegan"),
        (lambda run: cyclegan.evaluate(run=run, fold="last"), "fold: expected one of"),
        (lambda run: cyclegan.generate(run=run, bars=3), "bars: expected a multiple of 4"),
        (lambda run: cyclegan.generate(run=run, style="tango"), "style: expected hymn or dance"),
        (lambda run: cyclegan.generate(run=run, seed=-1), "seed: expected a whole number of at least 0"),
    ],
)
def test_what_cannot_be_is_refused(run, call, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=says):
        call(run)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ what ships


def told(card, pattern):
    return float(re.search(pattern, card)[1])


def test_the_shipped_checkpoint_is_small_and_as_good_as_its_card_says():
    folder = shipped_folder("checkpoints", "cyclegan")
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 3_000_000
    card = (folder / "README.md").read_text()
    model, config = cyclegan.load()
    assert config["settings"] == asdict(cyclegan.SIZES["full"])
    for name, network in model.networks.items():
        assert f"`{name}` {network.count_params():,}" in card
    with open(folder / "history.csv", encoding="utf-8") as file:
        valid = [float(row["valid"]) for row in csv.DictReader(file) if row["valid"]]
    assert told(card, r"merit of the best epoch \*\*([\d.]+\d)\*\*") == pytest.approx(1 - min(valid), abs=6e-4)
    found = cyclegan.evaluate(floor=False)
    for name, value in {
        "strength": found["strength"], "strength, second judge": found["second_classifier"]["strength"],
        "content F1": found["content_f1"], "hidden": found["hidden"],
    }.items():  # fmt: skip
        assert value == pytest.approx(told(card, rf"\| {name} \| \*\*(-?[\d.]+)\*\*"), abs=0.01), name
    assert found["strength"] >= 0.6 <= found["second_classifier"]["strength"] and found["content_f1"] >= 0.5
