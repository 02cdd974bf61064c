"""The verbs: what they write and measure, with the search stood in for, and the command line once."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils import algorithms
from lab_utils.__main__ import main
from lab_utils.algorithms import beam
from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError, ParameterError
from lab_utils.files import write
from lab_utils.score import Score, note_array

TUNE = Score(note_array([(i, 1, pitch) for i, pitch in enumerate((72, 74, 76, 77, 76, 74, 72, 71))]), title="Up and down")


@pytest.fixture
def in_parallel(monkeypatch):
    """A harmony of parallel voices in the place of the network's; returns what was asked for."""
    asked = []

    def harmonise(soprano, **options):
        melody = soprano if isinstance(soprano, beam.Melody) else beam.read_soprano(soprano)
        asked.append((melody, options))
        grid = np.stack([melody.line, melody.line - 5, melody.line - 9, melody.line - 21], axis=1)
        grid[melody.line < 0] = -1
        score = encoding.score_from_chorale(grid, title=melody.title)
        return beam.Harmony(encoding.tokens_from_grid(grid), score, -64.0, melody, 1, 1)

    monkeypatch.setattr(beam, "harmonise", harmonise)
    return asked


def test_the_room_hands_it_out():
    assert algorithms.beam is beam


@pytest.mark.parametrize("suffix", [".mid", ".musicxml", ".abc"])
def test_a_file_is_harmonised(in_parallel, tmp_path, suffix):
    path = tmp_path / f"tune{suffix}"
    write(TUNE, path)
    made = beam.generate(midi=path, out=tmp_path / "out")
    ((melody, options),) = in_parallel
    assert melody.line[::4].tolist() == [72, 74, 76, 77, 76, 74, 72, 71] and options == {"run": "chorale"}
    assert all(made[kind].stat().st_size > 100 for kind in ("midi", "musicxml", "sound", "staff", "staff_svg", "roll"))
    assert made["nll"] == 0.5 and made["moved"] == 0 and "nll_of_bach" not in made and made["seconds"] > 5


def test_a_temperature_draws(in_parallel, tmp_path):
    write(TUNE, tmp_path / "tune.mid")
    beam.generate(midi=tmp_path / "tune.mid", temperature=1.2, seed=4, out=tmp_path)
    assert in_parallel[0][1] == {"run": "chorale", "sampled": True, "temperature": 1.2, "seed": 4}


def test_bad_input_is_told_in_a_line(in_parallel, tmp_path, capsys):
    wide = Score(note_array([(0, 1, 20), (1, 1, 120)]))
    write(wide, tmp_path / "wide.mid")
    with pytest.raises(DataError, match="wide.mid: expected notes from"):
        beam.generate(midi=tmp_path / "wide.mid", out=tmp_path)
    for options in ({"seed": -1}, {"temperature": 9}):
        with pytest.raises(ParameterError, match=next(iter(options))):
            beam.generate(**options)
    with pytest.raises(ParameterError, match="fold"):
        beam.evaluate(fold="train")
    assert main(["generate", "beam", "--midi", str(tmp_path / "none.mid")]) == 2
    assert "none.mid" in capsys.readouterr().err


def test_the_keys_are_there_and_results_are_weighed(monkeypatch, capsys):
    monkeypatch.setattr(beam.figures, "viterbi_agreement", lambda toys, seed: 0.5)
    monkeypatch.setattr(beam.figures, "draw_tasks", lambda pieces, count, seed: [None] * count)
    monkeypatch.setattr(
        beam.figures, "fill_figures", lambda tasks, **options: {"tasks": len(tasks), "met": 1.0, "beats_greedy": 0.9}
    )
    harmonised = {"pieces": 4, "met": 0.5, "mean": 1.0, "max": 2.0, "cpu_mean": 1.5, "cpu_max": 3.0}
    monkeypatch.setattr(beam.figures, "harmony_figures", lambda pieces, **options: harmonised)
    assert main(["evaluate", "beam", "--samples", "3"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found)[:4] == ["viterbi_agreement", "constraints_met", "beats_greedy", "harmonise_seconds"]
    assert found["constraints_met"] == (6 * 1.0 + 4 * 0.5) / 10 and found["harmonise_seconds"]["max"] == 2.0


def test_without_a_file_a_held_out_soprano_is_sung(in_parallel, tmp_path, monkeypatch):
    monkeypatch.setattr(beam, "_held_out", lambda run, seed: (beam.read_soprano(np.repeat([72, 71], 8)), {"nll_of_bach": 0.4}))
    made = beam.generate(seed=3, out=tmp_path)
    assert made["nll_of_bach"] == 0.4 and made["seed"] == 3 and made["soprano"] == "without a title"
    assert isinstance(SimpleNamespace(**made).midi.stat().st_size, int)
