"""The whole way from a wish to a tune, with a tiny network, on rhythms of hymns."""

import numpy as np
import pytest

from lab_utils.algorithms import _swarm_search, swarm
from lab_utils.algorithms._swarm_wish import WORDS
from lab_utils.algorithms.swarm import Wish
from lab_utils.errors import ParameterError
from lab_utils.storage import read_json


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A tiny network of tunes, as untrained as it may be, that knows the symbols of the shipped one."""
    from lab_utils.recipes import melody
    from lab_utils.recipes._melody_data import Form

    shipped = melody.RECIPE.folder("tunes")
    form = Form.from_dict(read_json(shipped / "form.json"), "tunes")
    return melody.build(melody.SIZES["tiny"], form), form


def test_a_tune_is_written_and_repeats(run, monkeypatch, tmp_path):
    from lab_utils.recipes import melody

    monkeypatch.setattr(melody, "load", lambda name: (*run, {}))
    swarm._network.cache_clear()
    drawn = _swarm_search.rhythm_model
    monkeypatch.setattr(_swarm_search, "rhythm_model", lambda data="tunes", *, bar=16: drawn("chorales", bar=bar))
    made = swarm.generate(bars=2, seed=4, out=tmp_path)
    for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll", "abc"):
        assert made[kind].stat().st_size > 50
    assert set(made["not_as_wished"]) <= set(WORDS.values()) and all(count > 0 for count in made["not_as_wished"].values())
    assert made["form"] in swarm.FORMS[2] and 5 <= made["notes_a_bar"] <= 9
    wish = Wish(form="AABA", density=5, variation=0, contrast=2)
    composed = swarm.compose(wish, seed=0)
    notes = composed["score"].notes
    onsets = np.round(notes["onset_quarter"] * 4).astype(int)
    assert np.array_equal(onsets, np.flatnonzero(composed["mask"])) and notes["pitch"][-1] % 12 == 0  # in C, on its tonic
    pitch = dict(zip(onsets, notes["pitch"], strict=True))
    tied = [step for step in range(12) if step in pitch and step + 16 in pitch]
    assert tied and all(pitch[step] == pitch[step + 16] for step in tied)
    assert {int(p) % 12 for p in pitch.values()} <= {0, 2, 4, 5, 7, 9, 11}
    swarm._network.cache_clear()


def test_a_form_of_other_bars_is_told(run, monkeypatch):
    with pytest.raises(ParameterError, match="form: expected a letter for each of 2 bars, received 'AAB'"):
        swarm.fill(np.tile([True] + 7 * [False], 4), "AAB")


def test_the_command_line_hands_over(monkeypatch):
    monkeypatch.setattr(swarm, "figures", lambda **options: options)
    assert swarm.evaluate(fold="test", samples=3) == {"fold": "test", "seeds": 3, "evaluations": 5000}
    with pytest.raises(ParameterError, match="samples: expected a whole number of at least 1"):
        swarm.evaluate(samples=0)
