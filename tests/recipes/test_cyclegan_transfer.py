"""The verb ``transfer``: files in, files out, and what cannot be is told in one line with nothing written."""

import numpy as np
import pytest

from lab_utils import files
from lab_utils.__main__ import main
from lab_utils.datasets import load_chorales
from lab_utils.encoding.chorale import score_from_chorale
from lab_utils.errors import DataError, ParameterError
from lab_utils.files.midi import to_midi_bytes
from lab_utils.recipes import _cyclegan_rivals as rivals
from lab_utils.recipes import _cyclegan_transfer as transfer
from lab_utils.score import PERCUSSION, Score, note_array

TUNE = "X:1\nT:A tune\nM:4/4\nL:1/8\nK:G\nG2BG AGED|G2B2 d4|e2dB A2B2|G4 G4|]\n"


@pytest.fixture(autouse=True)
def rule(monkeypatch):
    """The rule in the place of a trained network."""
    monkeypatch.setattr(transfer.network, "load", lambda run="cyclegan": (run, None))
    monkeypatch.setattr(
        transfer.network, "transfer", lambda model, numbers, *, to, temperature, seed: rivals.rule(numbers, to)
    )  # fmt: skip


@pytest.fixture(scope="module")
def chorale():
    piece = next(one for one in load_chorales().fold("valid") if one.meter == (4, 4) and one.pickup_steps)
    return score_from_chorale(piece.grid[:52], piece.onsets[:52], pickup_steps=piece.pickup_steps, program=52)


def test_a_chorale_becomes_a_dance_above_its_own_voices(chorale, tmp_path):
    files.write(chorale, tmp_path / "chorale.mid")
    made = transfer.transfer_file(tmp_path / "chorale.mid", to="dance", out=tmp_path / "out")
    kinds = {"midi", "musicxml", "sound", "staff", "staff_svg", "roll"}
    assert set(made["source"]) == set(made["transfer"]) == kinds
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        path.name for name in ("source", "transfer") for path in made[name].values()
    }
    assert {path.name for path in tmp_path.iterdir()} == {"chorale.mid", "out"}  # nothing is left beside
    source, new = (files.read(made[name]["midi"]) for name in ("source", "transfer"))
    for voice in (1, 2, 3):
        np.testing.assert_array_equal(new.voice_notes(voice), chorale.voice_notes(voice))
    assert made["notes"] == {"source": len(source.voice_notes(0)), "transfer": len(new.voice_notes(0))}
    assert made["notes"]["transfer"] > 1.5 * made["notes"]["source"] and made["content_f1"] == 1 and made["remarks"] == "none"
    assert new.duration_quarter == source.duration_quarter and new.program(0) == 52 and new.title.endswith("as a dance")
    assert set(made["called"]) == {"source", "transfer"} and made["called"]["source"] < 0.5
    for name in ("source", "transfer"):
        samples, rate = files.read_sound(made[name]["sound"])
        assert source.duration_seconds <= len(samples) / rate < source.duration_seconds + 5 and np.abs(samples).max() > 0.3
        assert made[name]["staff"].read_bytes()[:4] == made[name]["roll"].read_bytes()[:4] == b"\x89PNG"


def test_a_melody_in_abc_and_alone(chorale, tmp_path):
    (tmp_path / "tune.abc").write_text(TUNE)
    made = transfer.transfer_file(tmp_path / "tune.abc", to="hymn", out=tmp_path / "a")
    assert made["notes"] == {"source": 17, "transfer": 13} and made["called"]["transfer"] == 1
    assert files.read(made["transfer"]["midi"]).title == "A tune, as a hymn"
    source, new, cut, numbers = transfer.transfer_score(chorale, "dance", rivals.rule, alone=True)
    assert source.voices == new.voices == (0,) and len(source) == cut.onsets.sum() and numbers.shape == cut.numbers.shape
    assert transfer.transfer_score(chorale, "dance", rivals.rule)[0] is chorale


EMPTY = b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 1, 224]) + b"MTrk" + bytes([0, 0, 0, 4, 0, 255, 47, 0])
DRUMS = to_midi_bytes(Score(note_array([(0, 1, 36)]), programs=(PERCUSSION,)))


@pytest.mark.parametrize(("data", "says"), [(EMPTY, "no notes"), (DRUMS, "no notes but those of drums")])
def test_a_file_without_a_melody_is_told(data, says, tmp_path, capsys):
    (tmp_path / "empty.mid").write_bytes(data)
    assert main(["transfer", "--to", "hymn", str(tmp_path / "empty.mid"), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "empty.mid" in told and says in told
    assert {path.name for path in tmp_path.iterdir()} == {"empty.mid"}


def test_what_cannot_be_is_told_before_anything_is_written(chorale, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write(chorale, "chorale.mid")
    with pytest.raises(ParameterError, match="to: expected hymn or dance, received 'waltz'"):
        transfer.transfer_file("chorale.mid", to="waltz")
    with pytest.raises(DataError, match="there is no such file"):
        transfer.transfer_file("choral.mid", to="dance")
    with pytest.raises(DataError, match="expected one of the suffixes"):
        transfer.transfer_file("chorale.mp3", to="dance")
    with pytest.raises(DataError, match="chorale.mid: is a file; name a folder"):
        transfer.transfer_file("chorale.mid", to="dance", out="chorale.mid")

    def broken(score, folder, name):
        if name == "transfer":
            raise DataError("staff: cannot be engraved.")
        return write(score, folder, name)

    write = transfer.write_piece
    monkeypatch.setattr(transfer, "write_piece", broken)
    with pytest.raises(DataError, match="cannot be engraved"):
        transfer.transfer_file("chorale.mid", to="dance", out="deep/out")
    assert [path.name for path in tmp_path.iterdir()] == ["chorale.mid"]


def test_a_long_piece_is_cut_and_it_is_told(monkeypatch):
    monkeypatch.setattr(transfer, "MOST_BARS", 2)
    long = Score(note_array([(beat, 1, 60 + beat) for beat in range(20)]))
    score, told = transfer._read(long, "long.mid")
    assert len(score) == 8 and told == ("the first 2 of 5 bars",)


def test_the_command_line_hands_on_what_was_given(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(transfer, "transfer_file", lambda file, **given: asked.append((file, given)) or {"content_f1": 0.5})
    line = "transfer --to dance tune.abc --out there --alone --seed 3 --temperature 0.5 --run mine"
    assert main(line.split(" ")) == 0
    assert asked == [
        ("tune.abc", {"to": "dance", "out": "there", "alone": True, "seed": 3, "temperature": 0.5, "run": "mine"})
    ]  # fmt: skip
    assert capsys.readouterr().out == "content_f1  0.5000\n"
