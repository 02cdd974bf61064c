"""The melody recipe from the data to the tune, at size tiny: 16th steps, ABC symbols, the copy task; and bad input."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils import files
from lab_utils.encoding import chorale
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _melody_data as data_of
from lab_utils.recipes import _melody_figures as figures_of
from lab_utils.recipes import melody

JIGS = [
    f"X:{n}\nT:Jig {n}\nM:6/8\nL:1/8\nK:G\n|: {a}AB {b}AG | {a}2A {b}3 | GAB {a}AG | G3 {b}3 :|\n"
    for n, (a, b) in enumerate([("d", "B"), ("e", "c"), ("g", "d"), ("B", "G"), ("c", "A"), ("f", "d"), ("A", "F"), ("d", "c")], 1)
]


@pytest.fixture(scope="module")
def run(tmp_path_factory, pieces_file):
    out = tmp_path_factory.mktemp("runs") / "steps"
    return melody.train(size="tiny", data=str(pieces_file), variant="attention", out=out, progress=False)


@pytest.fixture
def jigs(monkeypatch):
    """A data set of a few made-up tunes in the place of the two books."""
    from lab_utils import datasets
    from lab_utils.encoding.abc_tokens import symbols_from_abc

    tunes = [SimpleNamespace(symbols=symbols_from_abc(text)) for text in JIGS]
    folds = {"train": tunes[:6], "valid": tunes[6:]}
    monkeypatch.setattr(datasets, "load_tunes", lambda: SimpleNamespace(fold=folds.__getitem__), raising=False)


def test_a_run_learns_and_can_be_measured(run, pieces_file):
    history = melody.RECIPE.open(run)[0].history()
    assert len(history["loss"]) == 2 and history["loss"][1] < history["loss"][0]
    figures = melody.evaluate(run=run)
    assert figures["nll"] == pytest.approx(min(history["valid_nll"]), rel=1e-3)
    assert figures["interval"][0] <= figures["nll"] <= figures["interval"][1]
    assert set(figures["by_kind"]) == {"hold", "rest", "onset"}
    assert figures["baselines"]["order_1"] < figures["baselines"]["unigram"]
    assert 0 <= figures["attention"]["onsets"]["attended"] <= figures["attention"]["onsets"]["possible"] <= 1
    assert figures["rmse"]["rmse"] > 0 and 0 <= figures["calibration"]["ece"] <= 1
    json.dumps(figures)


def test_given_pieces_are_measured_in_place_of_the_fold(run, tmp_path):
    grid = tmp_path / "one.json"
    grid.write_text(json.dumps([np.tile([72, 64, 60, 48], (32, 1)).tolist()]))
    figures = melody.evaluate(run=run, grid=grid)
    assert (figures["pieces"], figures["steps"], figures["data"]) == (1, 31, str(grid))


def test_padding_changes_nothing(run):
    model, form, config = melody.load(run)
    pieces = data_of.prepare(config["data"]).valid
    short = {name: values[:20] for name, values in pieces[0].items()}
    alone, _ = melody.read(model, [short])[0]
    beside, _ = melody.read(model, [pieces[0], short])[1]
    np.testing.assert_allclose(alone, beside, atol=1e-4)
    looked = melody.read(model, [pieces[0], short], weights=True)[1][1]
    assert looked.shape == (20, 40)


def test_resuming_goes_to_more_epochs(run, tmp_path):
    import shutil

    copy = shutil.copytree(run, tmp_path / "copy")
    melody.resume(copy, epochs=3, progress=False)
    assert melody.RECIPE.open(copy)[0].epochs_done == 3
    with pytest.raises(ParameterError, match="at least the run's own 3"):
        melody.resume(copy, epochs=2)


def test_the_same_seed_writes_the_same_melody(run, tmp_path):
    model, form, _ = melody.load(run)
    one, same, other = (melody.compose(model, form, seed=seed, bars=2)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any() and len(one) == 32
    score = melody.score_from_tokens(one, form)
    assert len(score) == (one >= chorale.FIRST_PITCH).sum()


def test_generate_writes_what_it_names(run, tmp_path):
    made = melody.generate(run=run, bars=2, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"):
        assert made[kind].stat().st_size > 0, kind
    assert made["nll"] > 0


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


def test_a_tune_has_its_text_and_its_score(jigs):
    material = data_of.prepare("tunes")
    tokens = material.train[0]["tokens"][:-1]
    text = melody.text_from_tokens(tokens, material.form, title="Again")
    assert "K:G" in text and "M:6/8" in text
    expected = files.from_abc(JIGS[0])
    score = melody.score_from_tokens(tokens, material.form)
    np.testing.assert_array_equal(score.notes["pitch"], expected.notes["pitch"])
    np.testing.assert_array_equal(score.notes["onset_quarter"], expected.notes["onset_quarter"])


def test_the_comparison_goes_on_where_it_was_stopped(tmp_path, pieces_file):
    options = {"data": str(pieces_file), "size": "tiny", "variants": "simple,gru", "epochs": 1, "progress": False}
    melody.train(size="tiny", data=str(pieces_file), variant="simple", out=tmp_path / "simple_0", epochs=1, progress=False)
    kept = (tmp_path / "simple_0" / "weights.npz").stat().st_mtime_ns
    folder = melody.compare(out=tmp_path, seeds=1, **options)
    rows = (folder / "table.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows] == ["variant", "simple", "gru"]
    assert (tmp_path / "simple_0" / "weights.npz").stat().st_mtime_ns == kept
    model, _, _ = melody.load(tmp_path / "gru_0")
    assert int(rows[2].split(",")[4]) == model.count_params()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda run: melody.train(variant="transformer"), ParameterError, "simple, gru, lstm, attention, magenta"),
        (lambda run: melody.train(size="huge"), ParameterError, "tiny, lab, full"),
        (lambda run: melody.train(colour="red"), ParameterError, "colour: is no setting of melody"),
        (lambda run: melody.train(data="songs"), ParameterError, "songs"),
        (lambda run: melody.load("nowhere"), DataError, "holds no run"),
        (lambda run: melody.generate(run=run, bars=1), ParameterError, "bars"),
        (lambda run: melody.generate(run=run, temperature=0), ParameterError, "temperature"),
        (lambda run: melody.compare(seeds=0), ParameterError, "at least one"),
    ],
)
def test_bad_input_is_told_in_one_line(run, call, error, words):
    with pytest.raises(error, match=words) as caught:
        call(run)
    assert "\n" not in str(caught.value)
