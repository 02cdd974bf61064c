"""The rotation: a run for each holdout, one table, and nothing trained twice."""

import numpy as np

from lab_utils.recipes import _style_compare, _style_figures, style


def test_the_rotation_trains_each_holdout_once(style_run, tmp_path, monkeypatch):
    trained, resumed = [], []

    def train(*, variant, holdout, seed, out, progress):
        trained.append((variant, holdout, seed))
        out.mkdir(parents=True)
        (out / "config.json").write_text("{}")

    def loaded(folder):
        return model, style.Config(bars=2, holdout=int(folder.name.split("_")[1]))

    model, _ = style.load(style_run)
    monkeypatch.setattr(_style_compare, "load", loaded)
    for _ in range(2):
        _style_compare.compare(
            train, lambda folder, progress: resumed.append(folder), tmp_path, variants="notes", seeds=1, progress=False
        )
    assert trained == [("notes", holdout, 0) for holdout in range(5)] and len(resumed) == 5
    found = _style_figures.rotation(tmp_path / "rotation.csv")["notes"]
    assert (found["runs"], found["pieces"]) == (5, 25) and np.sum(found["confusion"]) == 50
