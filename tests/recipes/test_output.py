"""What every recipe writes of a piece."""

from lab_utils.encoding import score_from_chorale
from lab_utils.recipes._output import write_piece


def test_six_files_under_one_name(tmp_path):
    score = score_from_chorale([[60, 55, 52, 48]] * 16)
    paths = write_piece(score, tmp_path / "new", "piece")
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(p.name for p in paths.values())
    assert all(p.stat().st_size > 100 and p.name.startswith("piece") for p in paths.values())
