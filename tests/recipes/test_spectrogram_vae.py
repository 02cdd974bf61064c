"""The spectrogram VAE's recipe at size tiny, end to end, its sound, and the shipped checkpoint against its card."""

import json
import re
import shutil

import numpy as np
import pytest

from lab_utils import files
from lab_utils.errors import ParameterError
from lab_utils.recipes import spectrogram_vae
from lab_utils.storage import shipped_folder
from lab_utils.training import Run

RATE = spectrogram_vae.TRANSFORM.sample_rate


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "spectrogram_vae"
    return spectrogram_vae.train(size="tiny", out=folder, progress=False, epochs=6)


@pytest.fixture(scope="module")
def bars(run):
    return spectrogram_vae.held_out(run, progress=False)


def test_a_run_learns_and_keeps_the_parts_of_its_loss(run):
    history = Run(run).history()
    assert history["epoch"] == [1, 2, 3, 4, 5, 6]
    assert history["loss"][-1] < history["loss"][0] and history["valid"][-1] < 1.5
    assert {"rmse", "kl"} <= set(history) and all(np.isfinite(history["kl"]))
    assert {"config.json", "history.csv", "weights.npz", "scaler.json", "rivals.npz"} <= {path.name for path in run.iterdir()}


def test_a_stopped_run_goes_on_where_it_stood(run, tmp_path):
    folder = shutil.copytree(run, tmp_path / "longer")
    (folder / "rivals.npz").unlink()
    spectrogram_vae.resume(folder, epochs=7, progress=False)
    assert Run(folder).epochs_done == 7 and Run(folder).history()["loss"][:6] == Run(run).history()["loss"]
    assert (folder / "rivals.npz").exists()
    with pytest.raises(ParameterError, match="at least the run's own 7"):
        spectrogram_vae.resume(folder, epochs=3)


def test_evaluation_gives_the_figures_with_their_rivals(run, bars):
    found = spectrogram_vae.evaluate(run=run)
    model = spectrogram_vae.load(run)[0]
    rebuilt = spectrogram_vae.reconstruct(model, bars.spectrograms, bars.labels["style"])
    assert found["rmse"] == pytest.approx(np.sqrt(np.square(rebuilt - bars.spectrograms).mean()), rel=1e-5)
    assert found["ratio"] == pytest.approx(found["rmse"] / found["pca_rmse"])
    assert found["ratio_by_style"] == pytest.approx(found["rmse"] / found["pca_by_style_rmse"])
    assert found["rmse_db"] == pytest.approx(np.sqrt(np.square(
        bars.scaler.inverse(rebuilt) - bars.scaler.inverse(bars.spectrograms)).mean()), rel=1e-4)  # fmt: skip
    assert found["pca_rmse"] < found["mean_rmse"] and found["bars"] == 5 and set(found["by_style"]) == set(spectrogram_vae.STYLES)
    assert found["kl"] > 0 and found["bound"] == pytest.approx(found["nll"] + found["kl"]) and found["latent"] == 4
    json.dumps(found)


def test_generated_bars_are_written_heard_and_repeat(run, tmp_path):
    first = spectrogram_vae.generate(run=run, style="tune", seed=4, bars=2, out=tmp_path / "a")
    again = spectrogram_vae.generate(run=run, style="tune", seed=4, bars=2, out=tmp_path / "b")
    for kind in ("sound", "picture"):
        assert first[kind].read_bytes() == again[kind].read_bytes()
    samples, rate = files.read_sound(first["sound"])
    assert (len(samples), rate) == (4 * RATE, RATE) and first["seconds"] == 4
    assert first["peak"] == pytest.approx(0.9, abs=1e-3) and np.abs(samples).max() == pytest.approx(0.9, abs=1e-3)
    assert 0 < first["rms"] < first["peak"] and 0 <= first["silence"] < 1
    other = spectrogram_vae.generate(run=run, style="salon", seed=4, bars=2, out=tmp_path / "a")
    assert other["sound"].read_bytes() != first["sound"].read_bytes()


def test_a_real_bar_comes_back_as_sound_with_its_spectrogram(bars):
    samples = spectrogram_vae.sound(bars.spectrograms[2], bars.scaler)
    assert len(samples) == 2 * RATE and np.abs(samples).max() == pytest.approx(0.9)
    levels, heard = bars.scaler.inverse(bars.spectrograms[2]), bars.transform.forward(samples)
    loud = levels > -45
    gap = heard[loud] - levels[loud]
    assert np.abs(gap - np.median(gap)).mean() < 4  # dB, but for the loudness, which the peak decides


def test_measures_of_sound_are_those_of_a_sine_and_of_silence():
    sine = 0.5 * np.sin(2 * np.pi * 430.6640625 * np.arange(51200) / RATE)
    found = spectrogram_vae.sound_figures(np.concatenate([sine, np.zeros(51200)]))
    assert found["peak"] == pytest.approx(0.5, abs=1e-3) and found["rms"] == pytest.approx(0.25, rel=1e-2)
    assert found["silence"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda run: spectrogram_vae.generate(run=run, style="jazz"), "style"),
        (lambda run: spectrogram_vae.generate(run=run, bars=0), "bars"),
        (lambda run: spectrogram_vae.generate(run=run, seed=-1), "seed: expected a whole number"),
        (lambda run: spectrogram_vae.evaluate(run=run, fold="test"), "fold"),
        (lambda run: spectrogram_vae.train(size="huge"), "size"),
        (lambda run: spectrogram_vae.train(size="tiny", units=3), "units"),
        (lambda run: spectrogram_vae.train(size="tiny", splices=1.5), "splices"),
        (lambda run: spectrogram_vae.train(size="tiny", data="chorales"), "data"),
    ],
)
def test_bad_options_are_refused_in_one_line(run, broken, words):
    with pytest.raises(ParameterError) as caught:
        broken(run)
    assert str(caught.value).startswith(words) and "\n" not in str(caught.value)


def test_the_shipped_network_is_as_good_as_its_card_says():
    folder = shipped_folder("checkpoints", "spectrogram_vae")
    card, found = (folder / "README.md").read_text(), spectrogram_vae.evaluate()

    def told(words):
        return float(re.search(re.escape(words) + r"\D*?([\d.]+\d)", card)[1])

    assert told("**this network** |") == pytest.approx(found["rmse"], abs=2e-4) and found["ratio"] < 0.9
    assert told("principal components, 32 |") == pytest.approx(found["pca_rmse"], abs=2e-4)
    assert told("mean of the bar's style, 32 |") == pytest.approx(found["pca_by_style_rmse"], abs=2e-4)
    assert told("(floor) |") == pytest.approx(found["mean_rmse"], abs=1e-3)
    assert told("Ratio to the principal components:") == pytest.approx(found["ratio"], abs=1e-3)
    assert told("told the style:") == pytest.approx(found["ratio_by_style"], abs=1e-3)
    assert told("KL divergence:") == pytest.approx(found["kl"], abs=0.2)
    for style, ratio in found["by_style"].items():
        assert told(f"{style} ") == pytest.approx(ratio, abs=0.006)
    assert f"{spectrogram_vae.load()[0].count_params():,} weights" in card
    assert found["bars"] == 55 and found["active"] == found["latent"] == found["components"] == 32
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6e6
