"""A comparison trains what is missing, leaves alone what is there, and writes its table."""

from lab_utils.recipes import melody


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
