"""What every recipe writes of a piece."""

from lab_utils.encoding import score_from_chorale
from lab_utils.files import read, read_sound
from lab_utils.recipes._output import write_heard, write_piece


def test_six_files_under_one_name(tmp_path):
    score = score_from_chorale([[60, 55, 52, 48]] * 16)
    paths = write_piece(score, tmp_path / "new", "piece")
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(p.name for p in paths.values())
    assert all(p.stat().st_size > 100 and p.name.startswith("piece") for p in paths.values())


def test_what_is_heard_in_training_is_a_midi_file_and_a_short_sound(tmp_path):
    score = score_from_chorale(([[60, 55, 52, 48]] * 4 + [[62, 55, 53, 47]] * 4) * 20, tempo=60.0)
    path = write_heard(lambda: score, tmp_path / "listen", 10)
    assert path == tmp_path / "listen" / "epoch_0010.mp3"
    samples, rate = read_sound(path)
    assert 19 < len(samples) / rate < 21 and abs(samples).max() > 0.3  # of forty seconds
    assert len(read(path.with_suffix(".mid")).notes) == len(score.notes)


def test_what_cannot_be_composed_is_told_and_no_more(tmp_path, capsys):
    assert write_heard(lambda: 1 / 0, tmp_path / "listen", 3) is None
    assert capsys.readouterr().err == "epoch 3: nothing to hear (division by zero)\n"
    assert not (tmp_path / "listen").exists()
