"""The verbs of the style recipe at size tiny: train, resume, evaluate, look, steer, generate; and bad input."""

import shutil

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import style


def test_a_run_tells_what_it_did(style_run):
    run, config = style.RECIPE.open(style_run)
    history = run.history()
    assert len(history["loss"]) == 2 and history["loss"][1] < history["loss"][0]
    assert {"accuracy", "valid"} <= set(history) and (config.variant, config.bars) == ("notes", 2)


def test_resuming_goes_to_more_epochs(style_run, tmp_path):
    copy = shutil.copytree(style_run, tmp_path / "copy")
    style.resume(copy, epochs=3, progress=False)
    assert style.RECIPE.open(copy)[0].epochs_done == 3
    assert style.evaluate(run=copy)["bars"] == 10


def test_a_network_of_sound_is_trained_alike(tmp_path):
    run = style.train(size="tiny", variant="spectrogram", epochs=1, out=tmp_path / "sound", progress=False)
    found = style.evaluate(run=run)
    assert found["variant"] == "spectrogram" and found["majority"] == 0.2


def test_a_map_shows_what_led_to_the_judgement(style_run):
    found = style.look("drowsy_maggie-01", run=style_run, style="tune", patch=(12, 22))
    assert found["map"].shape == found["picture"].shape == (48, 88)
    assert (found["style"], found["is"], found["lowest"]) == ("tune", "tune", 21)
    assert np.abs(found["map"]).max() > 0 and 0 < found["probability"] < 1


def test_bars_of_a_style_are_steered_and_written(style_run, tmp_path):
    drawn = style.steer("salon", count=3, pool=30, run=style_run)
    assert drawn.samples.shape == (3, 48, 88) and 1 <= drawn.effective <= 30
    made = style.generate(run=style_run, style="salon", bars=2, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"):
        assert made[kind].stat().st_size > 0, kind
    assert "2 bars of an n-gram" in made["what"] and 0 < made["probability"] <= 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda run: style.train(variant="text"), "notes, spectrogram; received 'text'"),
        (lambda run: style.train(data="chorales"), "data: expected stave275"),
        (lambda run: style.train(size="huge"), "tiny, lab, full"),
        (lambda run: style.train(size="tiny", holdout=5), "holdout: expected a number from 0"),
        (lambda run: style.train(size="tiny", colour="red"), "colour: is no setting of style"),
        (lambda run: style.look("nowhere-01", run=run), "bar: expected a bar's name"),
        (lambda run: style.look("drowsy_maggie-01", run=run, style="polka"), "style: expected one of madrigal"),
        (lambda run: style.steer("polka", run=run), "style: expected one of madrigal"),
        (lambda run: style.generate(run=run, bars=0), "bars: expected a whole number from 1 to 64"),
        (lambda run: style.compare(variants="notes,text"), "notes, spectrogram"),
        (lambda run: style.compare(seeds=0), "at least one"),
    ],
)
def test_bad_input_is_told_in_one_line(style_run, call, words):
    with pytest.raises(ParameterError, match=words) as caught:
        call(style_run)
    assert "\n" not in str(caught.value)
