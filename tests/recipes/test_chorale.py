"""The chorale recipe at size tiny, end to end, and its errors; the shipped checkpoints against their cards."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from lab_utils import datasets, files
from lab_utils.backend import keras
from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError, LabError, ParameterError
from lab_utils.recipes import chorale
from lab_utils.training import Hardware, Run


def test_a_run_holds_what_it_needs_and_learns(tiny_run):
    assert {p.name for p in tiny_run.iterdir()} == {
        "config.json", "history.csv", "state.npz", "weights.npz", "baselines.npz",
    }  # fmt: skip
    history = Run(tiny_run).history()
    assert history["epoch"] == [1, 2]
    assert history["valid"][1] < history["valid"][0]


def test_the_same_seed_trains_the_same_network(tiny_run, pieces_file, tmp_path):
    again = chorale.train(size="tiny", data=str(pieces_file), out=tmp_path / "again", progress=False)
    other = chorale.train(size="tiny", data=str(pieces_file), out=tmp_path / "other", seed=1, progress=False)
    first, second, third = (Run(folder).history()["loss"] for folder in (tiny_run, again, other))
    np.testing.assert_allclose(first, second, rtol=1e-4)
    assert abs(first[0] - third[0]) > 1e-3


@pytest.mark.parametrize(
    "hardware", [Hardware(precision="mixed_bfloat16"), Hardware(precision="mixed_float16", xla=False), Hardware(xla=True)]
)
def test_precision_and_xla_change_the_loss_by_little(tiny_run, pieces_file, tmp_path, hardware):
    seen, options = [], {"size": "tiny", "data": str(pieces_file), "out": tmp_path / "run", "progress": False}
    run = chorale.train(**options, hardware=hardware, on_epoch=lambda *_: seen.append(keras.config.dtype_policy().name))
    assert seen == [hardware.precision] * 2 and keras.config.dtype_policy().name == "float32"
    assert Run(run).config["hardware"] == {"precision": hardware.precision, "xla": hardware.xla}
    for name in ("loss", "valid"):
        np.testing.assert_allclose(Run(run).history()[name], Run(tiny_run).history()[name], rtol=0.01)
    model, _ = chorale.load(run)
    assert model.compute_dtype == "float32"


def test_any_setting_can_be_chosen_and_the_training_heard(pieces_file, tmp_path):
    options = {"size": "tiny", "data": str(pieces_file), "out": tmp_path / "run", "progress": False, "listen": 1}
    run = chorale.train(**options, epochs=1, optimizer="sgd", schedule="constant", learning_rate=0.125, batch=2)
    assert Run(run).history()["learning_rate"] == [0.125]
    assert chorale.RECIPE.open(run)[1].batch == 2
    assert sorted(path.name for path in (run / "listen").iterdir()) == ["epoch_0001.mid", "epoch_0001.mp3"]
    with pytest.raises(ParameterError, match="optimiser: is no setting of chorale; expected one of batch, .* optimizer"):
        chorale.train(size="tiny", data=str(pieces_file), out=tmp_path / "other", optimiser="sgd")
    assert not (tmp_path / "other").exists()


def test_a_run_that_is_killed_goes_on_to_the_same_end(tiny_run, pieces_file, tmp_path):
    folder = tmp_path / "killed"
    code = (
        "from lab_utils.recipes import chorale\nimport time\n"
        f"chorale.train(size='tiny', data={str(pieces_file)!r}, out={str(folder)!r}, progress=False,"
        " on_epoch=lambda epoch, row: time.sleep(600))"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 240
    while not (folder / "state.npz").exists() and time.monotonic() < deadline:
        assert process.poll() is None, "the training ended by itself"
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert Run(folder).epochs_done == 1
    assert chorale.resume(folder, progress=False) == folder
    for name in ("loss", "valid"):
        np.testing.assert_allclose(Run(folder).history()[name], Run(tiny_run).history()[name], rtol=1e-4)


def test_a_finished_run_can_be_trained_on(tiny_run, tmp_path):
    folder = tmp_path / "longer"
    shutil.copytree(tiny_run, folder)
    chorale.resume(folder, epochs=3, progress=False)
    assert Run(folder).history()["epoch"] == [1, 2, 3]
    assert Run(folder).config["settings"]["epochs"] == 3
    with pytest.raises(ParameterError, match="at least the run's own 3"):
        chorale.resume(folder, epochs=2)


def test_evaluation_gives_what_the_issue_of_a_table_needs(tiny_run):
    figures = chorale.evaluate(run=tiny_run)
    assert figures["pieces"] == 1 and figures["notes"] == 256
    assert set(figures["baselines"]) == {"unigram", "bigram", "bigram_beat"}
    assert 0 < figures["joint_nll"] < 10 and 0 <= figures["accuracy"] <= 1
    json.dumps(figures)


def test_padding_changes_no_figure(tiny_run):
    model, _ = chorale.load(tiny_run)
    rng = np.random.default_rng(0)
    short, long = (np.repeat(rng.integers(50, 70, (n, 4)), 4, axis=0) for n in (5, 40))
    alone = chorale.score_pieces(model, [chorale.pieces_from_grids([short.tolist()], "x")[0]])[0]
    beside = chorale.score_pieces(model, chorale.pieces_from_grids([long.tolist(), short.tolist()], "x"), batch=3)[1]
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-5)
    assert alone[0].shape == short.shape


def test_a_grid_file_is_measured_and_its_errors_name_file_and_piece(tiny_run, pieces_file, tmp_path):
    figures = chorale.evaluate(run=tiny_run, grid=pieces_file)
    assert figures["pieces"] == 8
    for content, says in (
        ([[[60, 60, 60]]], "piece 0: expected shape"),
        ([[[60, 60, 60, 60]], [[60, 60, 60, 127]]], "piece 1: expected MIDI pitches"),
        ({}, "expected a list of pieces"),
        ([], "expected a list of pieces"),
    ):
        path = tmp_path / "bad.json"
        path.write_text(json.dumps(content))
        with pytest.raises(DataError) as error:
            chorale.evaluate(run=tiny_run, grid=path)
        assert "bad.json" in str(error.value) and says in str(error.value)
    with pytest.raises(DataError, match="no such file"):
        chorale.evaluate(run=tiny_run, grid=tmp_path / "missing.json")


def test_a_piece_is_written_in_every_form(tiny_run, tmp_path):
    result = chorale.generate(run=tiny_run, seed=3, bars=4, out=tmp_path)
    score = files.read(result["midi"])
    assert score.voices == (0, 1, 2, 3)
    assert files.read(result["musicxml"]).notes["pitch"].tolist() == score.notes["pitch"].tolist()
    samples, rate = files.read_sound(result["sound"])
    assert result["seconds"] <= len(samples) / rate < result["seconds"] + 5
    assert 0.85 < np.abs(samples).max() <= 0.95
    assert result["staff"].read_bytes()[:4] == result["roll"].read_bytes()[:4] == b"\x89PNG"
    assert result["staff_svg"].read_text().lstrip().startswith("<")
    assert result["nll"] > 0
    assert len(list(tmp_path.iterdir())) == 6


def test_the_seed_decides_the_piece(tiny_run):
    model, _ = chorale.load(tiny_run)
    first, plan = chorale.compose(model, seed=1, bars=4, batch=2)
    second, _ = chorale.compose(model, seed=1, bars=4, batch=2)
    other, _ = chorale.compose(model, seed=2, bars=4, batch=2)
    np.testing.assert_array_equal(first, second)
    assert (first != other).any() and (first[0] != first[1]).any()
    assert first.shape == (2, 64, 4) and (plan.tokens == first[0]).all()


def test_the_plan_ends_phrases_on_third_beats():
    plan = chorale.plan_piece(4)
    at_fermata = plan.phrase == 1
    np.testing.assert_array_equal(np.flatnonzero(at_fermata), [28, 29, 30, 31, 60, 61, 62, 63])
    assert set(plan.position[at_fermata]) == {8, 9, 10, 11}
    assert (chorale.plan_piece(4, phrases=False).phrase == 0).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"bars": 1}, "bars"), ({"bars": 2.5}, "bars"), ({"seed": -1}, "seed"), ({"temperature": 0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"), ({"batch": 0}, "batch"),
    ],
)  # fmt: skip
def test_compose_refuses_in_words(tiny_run, options, says):
    model, _ = chorale.load(tiny_run)
    with pytest.raises(ParameterError, match=says):
        chorale.compose(model, **options)


def test_training_refuses_in_words(tmp_path, tiny_run, pieces_file):
    with pytest.raises(ParameterError, match="size: expected one of tiny, lab, full; received 'huge'"):
        chorale.train(size="huge")
    with pytest.raises(ParameterError, match="data"):
        chorale.train(size="tiny", data="nonsense", out=tmp_path / "a")
    with pytest.raises(ParameterError, match="epochs"):
        chorale.train(size="tiny", epochs=0)
    with pytest.raises(DataError, match="holds a run already"):
        chorale.train(size="tiny", data=str(pieces_file), out=tiny_run)
    one = tmp_path / "one.json"
    one.write_text(json.dumps([[[60, 60, 60, 60]]]))
    with pytest.raises(DataError, match="at least two"):
        chorale.train(size="tiny", data=str(one), out=tmp_path / "b")
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()


def test_a_checkpoint_of_another_model_is_refused(tiny_run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(tiny_run, folder)
    config = json.loads((folder / "config.json").read_text())
    config["settings"]["units"] = 24
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(DataError, match="of another model"):
        chorale.load(folder)
    (folder / "config.json").write_text(json.dumps({**config, "recipe": "waltz"}))
    with pytest.raises(DataError, match="not of 'chorale'"):
        chorale.load(folder)
    (folder / "config.json").write_text(json.dumps({"recipe": "chorale", "settings": {"colour": 1}}))
    with pytest.raises(DataError, match="settings"):
        chorale.load(folder)
    with pytest.raises(LabError, match="holds no run"):
        chorale.load(tmp_path / "nothing")


def test_files_with_folds_of_their_own(tmp_path):
    grids = [[[60, 55, 50, 45]] * 40, [[62, 55, 50, 45]] * 40]
    path = tmp_path / "folds.json"
    path.write_text(json.dumps({"train": grids[:1], "valid": grids[1:]}))
    pieces = chorale.prepare(str(path))
    assert (len(pieces["train"]), len(pieces["valid"]), pieces["onsets"]) == (1, 1, False)
    path.write_text(json.dumps({"train": grids}))
    with pytest.raises(DataError, match="'valid'"):
        chorale.prepare(str(path))


def test_the_chorales_keep_out_what_belongs_to_the_test_fold():
    pieces = chorale.prepare("chorales")
    chorales = datasets.load_chorales()
    assert pieces["onsets"] and len(pieces["train"]) == len(chorales.fold("train")) > 100
    lengths = [len(piece.tokens) for piece in pieces["valid"]]
    assert lengths == [len(c.grid) for c in chorales.fold("valid")]
    grid, onsets = encoding.grid_from_tokens(pieces["train"][0].tokens)
    np.testing.assert_array_equal(grid, chorales.fold("train")[0].grid)
    np.testing.assert_array_equal(onsets, chorales.fold("train")[0].onsets)


@pytest.mark.parametrize("name", chorale.SHIPPED)
def test_a_shipped_checkpoint_is_small_and_as_good_as_its_card_says(name):
    folder = chorale.RECIPE.folder(name)
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 8_000_000
    card = (folder / "README.md").read_text()
    try:
        pieces = chorale.prepare(name if name == "jsb16" else "chorales")["valid"][:12]
    except DataError as error:
        pytest.skip(f"the data set {name} is not here: {error}")
    model, config = chorale.load(name)
    assert config["data"] == ("jsb16" if name == "jsb16" else "chorales")
    scored = chorale.score_pieces(model, [piece.without_phrases() for piece in pieces])
    nll = float(np.concatenate([nats.ravel() for nats, _ in scored]).mean())
    assert f"first 12 pieces: {nll:.3f}" in card


def test_the_shipped_chorale_network_keeps_its_voices_in_order():
    model, _ = chorale.load("chorale")
    tokens, _ = chorale.compose(model, seed=11, bars=8, batch=8)
    crossings, silent = [], []
    for piece in tokens:
        grid, _ = encoding.grid_from_tokens(piece)
        sounding = (grid != encoding.SILENT).all(axis=1)
        crossings.append((np.diff(grid[sounding].astype(int), axis=1) > 0).any(axis=1).mean())
        silent.append(1 - sounding.mean())
    assert np.mean(crossings) < 0.1 and np.mean(silent) < 0.1
