"""What `generate` writes: a line as the network plays it beside its target, or free sound; and files that cannot be played."""

import numpy as np
import pytest
import soundfile

from lab_utils import files
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _wavenet_network as network
from lab_utils.recipes import _wavenet_writing as writing
from lab_utils.recipes import wavenet
from lab_utils.score import Score, note_array

TUNE = Score(note_array([(0, 1, 60, 90), (1, 1, 64, 90), (2, 1, 67, 90)]), tempos=((0.0, 180.0),))


@pytest.fixture(scope="module")
def free_run(tmp_path_factory):
    """A run of the variant style as it would stand after no training at all."""
    from lab_utils.training.checkpoint import save_variables

    config = network.Config(channels=6, longest=8, cycles=1, skip=8, conditions=4, batch=2, variant="style")
    run = network.RECIPE.create(config, size="tiny", data="sounds", seed=0, out=tmp_path_factory.mktemp("free") / "run")
    save_variables(network.build(config).trainable_variables, run.folder / "weights.npz")
    return run.folder


def test_a_line_of_a_file_is_played_and_written_beside_its_target(wavenet_run, tmp_path):
    files.write(TUNE, tmp_path / "tune.mid")
    made = wavenet.generate(run=wavenet_run, midi=tmp_path / "tune.mid", out=tmp_path / "out", seed=1)
    samples, rate = files.read_sound(made["sound"])
    target, _ = files.read_sound(made["target"])
    assert rate == 8000 == made["sample_rate"] and len(samples) == len(target) == 8000
    assert made["seconds"] == 1.0 and made["rms"] == pytest.approx(np.sqrt((samples**2).mean()), rel=0.02)
    assert made["spectrogram"].read_bytes()[:4] == b"\x89PNG"
    assert list(files.read(made["midi"]).notes["pitch"]) == [60, 64, 67]


def test_without_a_file_a_line_of_the_data_is_played_so_long(wavenet_run, tmp_path, capsys):
    made = wavenet.generate(run=wavenet_run, seconds=0.5, sample_rate=16000, out=tmp_path)
    samples, rate = files.read_sound(made["sound"])
    assert (len(samples), rate) == (8000, 16000)
    assert "is resampled from the network's 8000 to 16000 Hz" in capsys.readouterr().err


def test_free_sound_goes_on_from_a_file_and_says_what_was_done_to_it(free_run, tmp_path, capsys):
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "stereo.wav", rng.uniform(-0.5, 0.5, (4410, 2)), 44100)
    soundfile.write(tmp_path / "short.wav", rng.uniform(-0.5, 0.5, 20), 8000)
    first = wavenet.generate(run=free_run, style="salon", seconds=0.1, prompt=tmp_path / "stereo.wav", out=tmp_path)
    told = capsys.readouterr().err
    assert "has more than one channel; they are mixed down" in told and "is resampled from 44100 to 8000 Hz" in told
    sound = first["sound"].read_bytes()
    wavenet.generate(run=free_run, style="salon", seconds=0.1, prompt=tmp_path / "short.wav", out=tmp_path)
    assert "short.wav: is shorter than the 40 samples" in capsys.readouterr().err
    wavenet.generate(run=free_run, style="salon", seconds=0.1, out=tmp_path)
    assert capsys.readouterr().err == "" and first["sound"].read_bytes() != sound and first["seconds"] == 0.1


def test_a_file_without_notes_or_with_notes_out_of_range_is_refused(tmp_path):
    files.write_midi(Score(note_array([(0, 1, 100, 90)])), tmp_path / "high.mid")
    with pytest.raises(DataError, match=r"high.mid: .*MIDI 40 to 81 \(E2 to A5\), received 100 to 100; transpose .* down"):
        writing.line_from(tmp_path / "high.mid", None)
    track = b"\x00\xff\x2f\x00"
    empty = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk" + len(track).to_bytes(4, "big") + track
    (tmp_path / "empty.mid").write_bytes(empty)
    with pytest.raises(DataError, match="empty.mid: .*no"):
        writing.line_from(tmp_path / "empty.mid", None)


def test_midi_is_not_for_a_run_of_styles(free_run, tmp_path):
    with pytest.raises(ParameterError, match="midi: .* is told of styles"):
        wavenet.generate(run=free_run, midi=tmp_path / "tune.mid")
