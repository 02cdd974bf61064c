"""The WaveNet recipe at size tiny, end to end, and its errors; the shipped checkpoint against its card."""

import csv
import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from lab_utils.errors import LabError
from lab_utils.recipes import _wavenet_figures as figures
from lab_utils.recipes import wavenet
from lab_utils.storage import shipped_folder
from lab_utils.training import Run

OPTIONS = {"size": "tiny", "progress": False}


def test_a_run_holds_what_it_needs_and_learns(wavenet_run):
    assert {p.name for p in wavenet_run.iterdir()} == {"config.json", "history.csv", "state.npz", "weights.npz"}
    history = Run(wavenet_run).history()
    assert history["epoch"] == [1, 2] and history["loss"][1] < history["loss"][0] < 9
    assert np.isfinite(history["valid"]).all()


def test_a_run_that_stopped_goes_on_to_the_same_end(wavenet_run, go_on):
    found, wanted = go_on(wavenet, wavenet_run)
    for name in ("loss", "valid"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-3)


def test_evaluation_gives_the_figures_of_the_issue(wavenet_run, monkeypatch):
    monkeypatch.setattr(figures, "SECONDS", 2)
    monkeypatch.setattr(figures, "LINES", 1)
    monkeypatch.setattr(figures, "STREAMS", (1,))
    monkeypatch.setattr(figures, "held_out_lines", lambda count=1, whole=figures.held_out_lines: whole(1))
    found = wavenet.evaluate(run=wavenet_run, samples=1)
    json.dumps(found)
    assert set(found["baselines"]) == {"uniform", "unigram", "markov", "lpc16", "lpc16_adaptive"}
    assert 5 < found["bits_per_sample"] < 8.5  # two epochs
    assert found["bits_under_lpc16"] == pytest.approx(found["baselines"]["lpc16"] - found["bits_per_sample"])
    assert found["baselines"]["lpc16"] < found["baselines"]["markov"] < found["baselines"]["unigram"] < 8
    assert found["samples_per_second"] > found["naive_samples_per_second"] > 0
    assert found["pitches"]["real"]["hits"] > 0.9
    assert found["spectral_distance"]["mulaw_copy"] < found["spectral_distance"]["silence"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda run: wavenet.train(**OPTIONS, data="tunes"), "data: expected sounds"),
        (lambda run: wavenet.train(**OPTIONS, variant="loud"), "variant: expected one of notes, style"),
        (lambda run: wavenet.train(**OPTIONS, width=3), "width: is no setting of wavenet"),
        (lambda run: wavenet.evaluate(run=run, samples=0), "samples: expected a whole number"),
        (lambda run: wavenet.generate(run=run, style="jazz"), "style: expected one of madrigal"),
        (lambda run: wavenet.generate(run=run, style="tune"), "style, prompt: .* is told of notes"),
        (lambda run: wavenet.generate(style="tune"), "run: no network of styles ships; train one"),
        (lambda run: wavenet.generate(run=run, seconds=-1), "seconds: expected a length"),
        (lambda run: wavenet.generate(run=run, seconds=1, sample_rate=3), "sample_rate: expected"),
        (lambda run: wavenet.generate(run=run, seconds=1, temperature=9), "temperature: expected"),
        (lambda run: wavenet.generate(run="nowhere"), "nowhere: holds no run"),
    ],
)
def test_what_cannot_be_is_refused(wavenet_run, call, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabError, match=says):
        call(wavenet_run)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ what ships


def test_the_shipped_checkpoint_is_small_and_as_good_as_its_card_says():
    folder = shipped_folder("checkpoints", "wavenet")
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 5_000_000
    card = (folder / "README.md").read_text()
    model, config = wavenet.load()
    assert config["settings"] == asdict(wavenet.SIZES["full"])
    assert f"{model.count_params():,} weights" in card and f"{model.receptive_field:,} samples" in card
    with open(folder / "history.csv", encoding="utf-8") as file:
        valid = [float(row["valid"]) for row in csv.DictReader(file) if row["valid"]]
    rng = np.random.default_rng(0)
    sound = figures.held_out_lines(1)[0]
    from lab_utils.audio import mulaw
    from lab_utils.recipes._wavenet_data import conditions_of, sound_of

    codes = mulaw.encode(sound_of(sound, seconds=2))[None]
    told = wavenet.told_of(conditions_of(sound, seconds=2)[None], 8000)
    bits = wavenet.bits_per_sample(model, {"codes": codes, **told}).mean()
    said = float(re.search(r"first two seconds of the first of these lines: ([\d.]+\d) bits", card)[1])
    assert bits == pytest.approx(said, abs=0.01) and abs(bits - min(valid)) < 1.5
    wrong = {**told, "conditions": rng.permutation(told["conditions"][0])[None]}
    assert wavenet.bits_per_sample(model, {"codes": codes, **wrong}).mean() > bits
