"""The judge recipe at size tiny, end to end, and its errors; the shipped checkpoint against its card."""

import csv
import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import judge
from lab_utils.storage import shipped_folder
from lab_utils.training import Run

OPTIONS = {"size": "tiny", "progress": False}


@pytest.fixture(scope="module")
def run(train_tiny):
    return train_tiny(judge)


def test_a_run_learns(run):
    assert {path.name for path in run.iterdir()} == {"config.json", "history.csv", "state.npz", "weights.npz"}
    history = Run(run).history()
    assert history["loss"][1] < history["loss"][0] and np.isfinite(history["valid"]).all()


def test_a_run_that_stopped_goes_on_to_the_same_end(run, go_on):
    found, wanted = go_on(judge, run)
    np.testing.assert_allclose(found["valid"], wanted["valid"], rtol=1e-3)


def test_both_styles_are_shown_as_often():
    few = [{"numbers": np.arange(n), "shifts": np.arange(n)} for n in (3, 7)]
    evened = judge._evened(few)
    assert np.bincount(evened["styles"]).tolist() == [7, 7]
    assert evened["numbers"][evened["styles"] == 0].tolist() == [0, 1, 2, 0, 1, 2, 0]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda run: judge.train(**OPTIONS, data="tunes"), "data: expected hymns-dances"),
        (lambda run: judge.train(**OPTIONS, channels=3), "channels: is no setting of judge"),
        (lambda run: judge.train(**OPTIONS, listen=2), "listen: judge composes nothing"),
        (lambda run: judge.evaluate(run=run, fold="train and valid"), "fold: expected one of"),
    ],
)
def test_what_cannot_be_is_refused(run, call, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=says):
        call(run)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ what ships


def test_the_shipped_judge_is_as_good_as_its_card_says():
    folder = shipped_folder("checkpoints", "judge")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 500_000
    card = (folder / "README.md").read_text()
    content = json.loads((folder / "config.json").read_text())
    assert content["settings"] == json.loads(json.dumps(asdict(judge.SIZES["full"])))
    assert f"{judge.load().count_params():,} weights" in card
    with open(folder / "history.csv", encoding="utf-8") as file:
        valid = [float(row["valid"]) for row in csv.DictReader(file)]
    assert f"{min(valid):.4f} nats" in card and f"epoch {1 + int(np.argmin(valid))} of {len(valid)}" in card
    found = judge.evaluate()
    assert found["accuracy"] >= 0.88  # the bound of the course
    for name in ("this network", "ngram", "intervals", "rhythm", "counts"):
        figures = found if name == "this network" else found[name]
        row = re.search(rf"^\| \**{name}.*$", card, re.MULTILINE)[0]
        told = float(re.findall(r"\d\.\d{3}", row)[0])
        assert figures["accuracy"] == pytest.approx(told, abs=2e-3), name
    for style, number in found["phrases"].items():
        assert f"{number:,} phrases of {found['pieces'][style]} {style}s" in card
