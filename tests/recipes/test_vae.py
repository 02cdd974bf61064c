"""The VAE recipe at size tiny, end to end, and its errors; the shipped checkpoint against its card."""

import json
import re
import shutil

import numpy as np
import pytest

from lab_utils import files
from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation import style
from lab_utils.recipes import vae
from lab_utils.training import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory, pieces_file):
    return vae.train(size="tiny", data=str(pieces_file), out=tmp_path_factory.mktemp("runs") / "vae", progress=False, epochs=4)


@pytest.fixture(scope="module")
def model(run):
    return vae.load(run)[0]


@pytest.fixture(scope="module")
def phrases(pieces_file):
    return vae.prepare(str(pieces_file))["valid"].tokens


def test_a_run_learns_and_keeps_the_parts_of_its_loss(run):
    history = Run(run).history()
    assert history["epoch"] == [1, 2, 3, 4]
    assert history["valid"][-1] < history["valid"][0]
    assert {"nll", "kl"} <= set(history) and all(np.isfinite(history["kl"]))


def test_a_finished_run_can_be_trained_on_and_heard(run, tmp_path):
    folder = shutil.copytree(run, tmp_path / "longer")
    vae.resume(folder, epochs=5, progress=False, listen=5)
    assert Run(folder).epochs_done == 5
    assert (folder / "listen" / "epoch_0005.mid").exists()
    with pytest.raises(ParameterError, match="at least the run's own 5"):
        vae.resume(folder, epochs=4)


def test_a_posterior_collapse_is_told_with_its_step(run, pieces_file, tmp_path, capsys):
    vae.train(size="tiny", data=str(pieces_file), out=tmp_path / "run", progress=False, epochs=3, beta=50.0)
    told = capsys.readouterr().err
    assert told.count("posterior collapse: after epoch") == 1 and "step" in told and "lower beta" in told


def test_evaluation_gives_the_figures_with_floors_and_ceiling(run, pieces_file):
    found = vae.evaluate(run=run, samples=40)
    assert {"step_accuracy", "onset_f1", "kl", "prior_overlapped_area", "floor", "prior", "by_kind", "active"} <= set(found)
    assert found["fold"] == "valid" and found["pieces"] == 1
    shares = [found["step_accuracy"], found["onset_f1"], found["prior_overlapped_area"], found["sounding_accuracy"]]
    assert all(0 <= share <= 1 for share in shares) and found["kl"] > 0
    assert {"hold_everything", "mean_phrase", "nearest_training_phrase", "pca"} == set(found["floor"])
    assert sum(kind["share"] for kind in found["by_kind"].values()) == pytest.approx(1)
    of_file = vae.evaluate(run=run, grid=pieces_file, samples=40)
    assert of_file["fold"] == "of the file" and of_file["phrases"] > found["phrases"]
    json.dumps(found)


def test_phrases_go_to_vectors_and_back(model, phrases):
    means, spread = vae.encode(model, phrases, spread=True)
    assert means.shape == spread.shape == (len(phrases), model.size) and (spread > 0).all()
    np.testing.assert_array_equal(vae.decode(model, means), vae.reconstruct(model, phrases))
    np.testing.assert_allclose(vae.encode(model, phrases[2:3]), means[2:3], atol=1e-5)  # the others of a batch change nothing


def test_the_seed_decides_the_samples_and_they_can_be_read_again(model):
    one, again, other = (vae.sample(model, 30, seed=seed, temperature=2.0) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any() and one.shape == (30, 32) and one.dtype == np.int32
    assert vae.encode(model, one).shape == (30, model.size)
    np.testing.assert_array_equal(vae.sample(model, 2, temperature=0), vae.decode(model, np.zeros((2, model.size))))


def test_the_way_between_two_phrases_ends_at_both(model, phrases):
    way = vae.interpolate(model, phrases[0], phrases[-1], count=5)
    assert way.shape == (5, 32)
    np.testing.assert_array_equal(way[[0, -1]], vae.reconstruct(model, phrases[[0, -1]]))


def test_the_bound_is_a_bound(model, phrases):
    nll, kl = vae.bound(model, phrases)
    assert nll.shape == kl.shape == (len(phrases),) and (nll > 0).all() and (kl >= 0).all()
    assert vae.kl_of_numbers(model, phrases).sum() == pytest.approx(kl.mean(), rel=1e-4)
    assert vae.validation_loss(model, phrases) == pytest.approx(nll.mean() + 0.1 * kl.mean(), rel=1e-5)


def test_phrases_are_written_in_every_form(run, tmp_path):
    made = vae.generate(run=run, seed=3, bars=4, out=tmp_path, temperature=2.0)
    for paths in (made, made["interpolation"]):
        for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"):
            assert paths[kind].stat().st_size > 0, kind
    assert files.read(made["midi"]).notes["onset_quarter"].max() < 16
    assert made["phrases"] == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: vae.decode(m, np.zeros((3, 5))), r"latent vectors of 8 numbers, shape \(N, 8\), received shape \(3, 5\)"),
        (lambda m: vae.decode(m, np.zeros(8)), "received shape"),
        (lambda m: vae.decode(m, np.zeros((0, 8))), "received shape"),
        (lambda m: vae.decode(m, np.full((1, 8), np.nan)), "finite"),
        (lambda m: vae.encode(m, np.zeros((2, 16), int)), r"shape \(N, 32\), received \(2, 16\)"),
        (lambda m: vae.encode(m, np.zeros((0, 32), int)), r"received \(0, 32\)"),
        (lambda m: vae.encode(m, np.full((1, 32), 5.0)), "whole numbers"),
        (lambda m: vae.encode(m, np.full((1, 32), 66)), "0–65"),
        (lambda m: vae.encode(m, np.zeros((1, 32), int)), "no hold in the first step"),
        (lambda m: vae.sample(m, 0), "count"),
        (lambda m: vae.sample(m, 4, seed=-1), "seed"),
        (lambda m: vae.sample(m, 4, temperature=-1), "temperature"),
        (lambda m: vae.interpolate(m, np.full(32, 5), np.full(32, 5), count=1), "count"),
        (lambda m: vae.interpolate(m, np.full(16, 5), np.full(32, 5)), "tokens"),
    ],
)
def test_bad_phrases_and_vectors_are_told_in_one_line(model, call, words):
    with pytest.raises(ParameterError, match=words) as caught:
        call(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda run: vae.train(size="huge"), ParameterError, "tiny, lab, full"),
        (lambda run: vae.train(colour="red"), ParameterError, "colour: is no setting of vae"),
        (lambda run: vae.train(data="songs"), ParameterError, "songs"),
        (lambda run: vae.load("nowhere"), DataError, "holds no run"),
        (lambda run: vae.evaluate(run=run, fold="test"), ParameterError, "fold: expected one of train, valid"),
        (lambda run: vae.evaluate(run=run, samples=1), ParameterError, "samples"),
        (lambda run: vae.generate(run=run, bars=3), ParameterError, "bars: expected an even number from 4 to 64"),
    ],
)
def test_the_verbs_refuse_in_one_line(run, call, error, words):
    with pytest.raises(error, match=words) as caught:
        call(run)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", vae.SHIPPED)
def test_a_shipped_checkpoint_is_small_and_as_good_as_its_card_says(name):
    folder = vae.RECIPE.folder(name)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8_000_000
    card = (folder / "README.md").read_text()
    model, config = vae.load(name)
    folds = vae.prepare(config["data"])
    tokens = folds["valid"].tokens
    found = vae.measure(tokens, vae.reconstruct(model, tokens))
    told = [float(n) for n in re.search(r"\*\*this network\*\* \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", card).groups()]
    assert told == pytest.approx([found[key] for key in ("step_accuracy", "onset_f1", "sounding_accuracy")], abs=0.0015)
    kl = float(re.search(r"KL divergence: ([\d.]+) nats a phrase", card)[1])
    assert kl == pytest.approx(float(vae.kl_of_numbers(model, tokens).sum()), abs=0.1)
    sets = [style.notes_from_grids(*vae.grids(rows)) for rows in (vae.sample(model, 1000), folds["train"].tokens)]
    area = style.overlapped_area(*sets, quarters=8)["mean_overlapped_area"]
    assert float(re.search(r"network's prior\*\* \| ([\d.]+) \|", card)[1]) == pytest.approx(area, abs=0.005)
    assert f"{model.count_params():,} weights" in card
    assert found["step_accuracy"] >= 0.9 and found["onset_f1"] >= 0.75 and area >= 0.7  # the aims
