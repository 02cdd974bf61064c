"""The rivals of the spectrogram VAE: what they rebuild, and the file that keeps them."""

import numpy as np
import pytest

from lab_utils.errors import DataError
from lab_utils.evaluation.reconstruction import spectrogram_rmse
from lab_utils.recipes._spectrogram_rivals import Rivals

STYLES = np.arange(40) % 5


def bars(seed=0):
    """Pictures of two directions, with an offset for each style and a little noise."""
    rng = np.random.default_rng(seed)
    shapes, offsets = np.random.default_rng(9).normal(size=(2, 6, 4)), np.random.default_rng(8).normal(size=(5, 6, 4))
    made = np.tensordot(rng.normal(size=(40, 2)), shapes, axes=1) + offsets[STYLES] + 0.01 * rng.normal(size=(40, 6, 4))
    return made.astype(np.float32)


def rmse(rivals, pictures):
    return {name: spectrogram_rmse(pictures, made)["rmse"] for name, made in rivals.rebuild(pictures, STYLES).items()}


def test_who_is_told_more_rebuilds_more():
    found = rmse(Rivals.fit(bars(), STYLES, components=2), bars(1))
    assert found["pca_by_style"] < 0.02 < found["pca"] < found["style_mean"] < found["mean"]


def test_the_floor_is_the_mean_of_what_was_fitted():
    rivals = Rivals.fit(bars(), STYLES, components=2)
    made = rivals.rebuild(bars(1), STYLES)
    np.testing.assert_allclose(made["mean"][7], bars().mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(made["style_mean"][7], bars()[STYLES == 2].mean(axis=0), atol=1e-6)


def test_a_style_without_bars_has_the_mean_of_all():
    rivals = Rivals.fit(bars(), np.minimum(STYLES, 3), components=2)
    np.testing.assert_allclose(rivals.style_means[4], bars().mean(axis=0), atol=1e-6)


def test_what_is_saved_is_loaded_near_enough(tmp_path):
    rivals = Rivals.fit(bars(), STYLES, components=3)
    rivals.save(tmp_path / "rivals.npz")
    again = Rivals.load(tmp_path / "rivals.npz")
    assert again.components == 3
    for name, value in rmse(rivals, bars(1)).items():
        assert rmse(again, bars(1))[name] == pytest.approx(value, rel=2e-3, abs=1e-3)


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_a_file_that_holds_none_is_named(tmp_path, content):
    path = tmp_path / "rivals.npz"
    if content:
        path.write_bytes(content)
    with pytest.raises(DataError, match="rivals.npz: holds no rivals"):
        Rivals.load(path)
