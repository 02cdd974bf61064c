"""The verbs of the melody recipe at size tiny: resume, generate; and bad input."""

import shutil

import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import melody


def test_resuming_goes_to_more_epochs(steps_run, tmp_path):
    copy = shutil.copytree(steps_run, tmp_path / "copy")
    melody.resume(copy, epochs=3, progress=False)
    assert melody.RECIPE.open(copy)[0].epochs_done == 3
    with pytest.raises(ParameterError, match="at least the run's own 3"):
        melody.resume(copy, epochs=2)


def test_generate_writes_what_it_names(steps_run, tmp_path):
    made = melody.generate(run=steps_run, bars=2, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"):
        assert made[kind].stat().st_size > 0, kind
    assert made["nll"] > 0


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
