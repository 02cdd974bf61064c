"""The verbs of the melody recipe at size tiny: resume, generate; and bad input."""

import shutil

import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import melody
from lab_utils.training import Hardware


def test_resuming_goes_to_more_epochs(steps_run, tmp_path):
    copy = shutil.copytree(steps_run, tmp_path / "copy")
    (copy / "form.json").unlink()  # as if the run had been killed before it was written
    melody.resume(copy, epochs=3, progress=False)
    assert melody.load(copy)[1] == melody.load(steps_run)[1]
    assert melody.RECIPE.open(copy)[0].epochs_done == 3
    with pytest.raises(ParameterError, match="at least the run's own 3"):
        melody.resume(copy, epochs=2)


def test_generate_writes_what_it_names(steps_run, tmp_path):
    made = melody.generate(run=steps_run, bars=2, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"):
        assert made[kind].stat().st_size > 0, kind
    assert made["nll"] > 0


@pytest.mark.parametrize("variant", ["attention", "lstm"])
def test_mixed_precision_learns_what_32_bits_do(variant, pieces_file, tmp_path):
    losses = []
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        run = melody.train(
            size="tiny", data=str(pieces_file), variant=variant, out=tmp_path / precision, epochs=1, progress=False,
            hardware=Hardware(precision=precision),
        )  # fmt: skip
        losses.append(melody.RECIPE.open(run)[0].history()["loss"][0])
    assert losses[1:] == pytest.approx([losses[0]] * 2, rel=0.02)
    assert len(set(losses)) > 1  # it did compute in other precisions


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
def test_bad_input_is_told_in_one_line(steps_run, call, error, words):
    with pytest.raises(error, match=words) as caught:
        call(steps_run)
    assert "\n" not in str(caught.value)
