"""The GAN recipe at size tiny, end to end, and its errors; the shipped checkpoint against its card."""

import csv
import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from lab_utils import files
from lab_utils.errors import LabError, ParameterError
from lab_utils.evaluation import nearest, style
from lab_utils.recipes import _gan_figures as figures
from lab_utils.recipes import _gan_rolls as rolls
from lab_utils.recipes import gan
from lab_utils.storage import shipped_folder
from lab_utils.training import Run

ALL_PIECES = rolls.pieces
OPTIONS = {"size": "tiny", "progress": False}


@pytest.fixture(scope="module", autouse=True)
def few_pieces():
    """A tenth of the chorales, so that an epoch takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rolls, "pieces", lambda data, fold: ALL_PIECES(data, fold)[::10])
        yield


@pytest.fixture(scope="module")
def run(train_tiny):
    return train_tiny(gan, listen=2)


def test_a_run_holds_what_it_needs_and_both_losses(run):
    assert {p.name for p in run.iterdir()} == {
        "config.json", "form.json", "history.csv", "state.npz", "weights.npz", "listen",
    }  # fmt: skip
    assert sorted(p.name for p in (run / "listen").iterdir()) == ["epoch_0002.mid", "epoch_0002.mp3"]
    history = Run(run).history()
    assert history["epoch"] == [1, 2]
    for name in ("generator_loss", "critic_loss", "spread", "valid"):
        assert np.isfinite(history[name]).all(), name
    assert history["critic_loss"][1] != history["critic_loss"][0]  # that it falls is no promise of a game: tested on one batch


def test_a_run_that_stopped_goes_on_to_the_same_end(run, go_on):
    found, wanted = go_on(gan, run)
    for name in ("loss", "generator_loss", "valid"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-3, err_msg=name)


def test_evaluation_gives_the_figures_of_the_issue(run):
    found = gan.evaluate(run=run, samples=20)
    json.dumps(found)
    shares = [found[name] for name in ("mean_overlapped_area", "floor", "distinct", "near_duplicates")]
    assert all(0 <= share <= 1 for share in [*shares, *found["ceiling"].values(), *found["short_notes"].values()])
    assert set(found["ceiling"]) == {"valid", "test"}
    assert found["mean_overlapped_area"] < found["ceiling"]["valid"]  # two epochs make no chorale
    assert found["nearest"]["generated"] > found["nearest"]["valid"]


def test_phrases_are_written_in_every_form(run, tmp_path):
    made = gan.generate(run=run, seed=2, bars=4, out=tmp_path)
    score = files.read(made["midi"])
    assert set(score.voices) <= {0, 1, 2, 3} and made["phrases"] == 2 == len(made["scores"])
    samples, rate = files.read_sound(made["sound"])
    assert made["seconds"] <= len(samples) / rate < made["seconds"] + 5
    assert made["staff"].read_bytes()[:4] == made["roll"].read_bytes()[:4] == b"\x89PNG"
    model, form, _ = gan.load(run)
    grids, onsets = gan.sample(model, form, 2, seed=2)
    again = gan.score_from_phrases(grids, onsets)
    assert sorted(score.notes["pitch"]) == sorted(again.notes["pitch"]) and len(again) == onsets.sum()


def test_a_collapse_ends_the_training_if_asked_to(tmp_path, monkeypatch):
    draw = gan.sample
    monkeypatch.setattr(gan, "sample", lambda model, form, count, **_: draw(model, form, count, temperature=0.05))
    with pytest.raises(LabError, match=r"collapse, the generator makes [1-9] distinct phrases of 64 in epoch 1, step \d+; lower"):
        gan.train(**OPTIONS, out=tmp_path / "run", collapse=0.5)
    assert Run(tmp_path / "run").epochs_done == 1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda run: gan.train(**OPTIONS, data="tunes"), "data: expected chorales or jsb16"),
        (lambda run: gan.train(**OPTIONS, loss="mse"), "loss: expected one of"),
        (lambda run: gan.train(**OPTIONS, width=3), "width: is no setting of gan"),
        (lambda run: gan.evaluate(run=run, samples=1), "samples: expected a whole number of at least 2"),
        (lambda run: gan.generate(run=run, bars=3), "bars: expected a multiple of 2"),
    ],
)
def test_what_cannot_be_is_refused(run, call, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=says):
        call(run)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ what ships


def test_the_shipped_checkpoint_is_small_and_as_good_as_its_card_says():
    folder = shipped_folder("checkpoints", "gan")
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 5_000_000
    card = (folder / "README.md").read_text()
    model, form, config = gan.load()
    assert config["settings"] == asdict(gan.SIZES["full"]) and config["data"] == "chorales"
    for name in ("generator", "critic"):
        assert f"{name} {getattr(model, name).count_params():,} weights" in card
    with open(folder / "history.csv", encoding="utf-8") as file:
        valid = [float(row["valid"]) for row in csv.DictReader(file) if row["valid"]]
    grids, onsets = gan.sample(model, form, 200)
    area = figures.area(grids, onsets, figures.reference(*rolls.windows(ALL_PIECES("chorales", "valid"), bars=4, every=4)))
    told = float(re.search(r"first 200 phrases with the validation fold: ([\d.]+\d)", card)[1])
    assert area == pytest.approx(told, abs=0.005)  # a backend may round one pitch otherwise
    assert area == pytest.approx(1 - min(valid), abs=0.03)


def test_the_shipped_generator_writes_four_voices_that_rarely_cross_and_keeps_the_issue_s_bounds():
    model, form, _ = gan.load()
    grids, onsets = gan.sample(model, form, 200)
    assert nearest.distinct(grids) >= 0.95
    assert (grids >= 0).all(axis=-1).mean() > 0.9
    crossed = (np.diff(grids.astype(int), axis=-1) > 0).any(axis=-1) & (grids >= 0).all(axis=-1)
    assert crossed.mean() < 0.2
    train = rolls.windows(ALL_PIECES("chorales", "train"), bars=4, every=4)
    short = [style.rates(figures.phrases(*pair), quarters=16)["short_notes"].mean() for pair in ((grids, onsets), train)]
    assert short[0] < short[1] + 0.1
