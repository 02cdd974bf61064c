"""The ways between spectrograms and latent vectors, with a small network that has learnt nothing."""

import numpy as np
import pytest

from lab_utils.datasets.stave275 import STYLES
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _spectrogram_network as network
from lab_utils.recipes import spectrogram_vae
from lab_utils.recipes._spectrogram_data import FRAMES, TRANSFORM


@pytest.fixture(scope="module")
def model():
    return network.build(network.SIZES["tiny"], seed=3)


def pictures(count, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (count, FRAMES, TRANSFORM.bins)).astype(np.float32)


def test_bars_go_to_vectors_and_back(model):
    bars = pictures(3)
    means, spread = network.encode(model, bars, ["tune", 0, "salon"], spread=True)
    assert means.shape == spread.shape == (3, 4) and (spread > 0).all()
    rebuilt = network.decode(model, means, ["tune", 0, "salon"])
    assert rebuilt.shape == bars.shape and rebuilt.dtype == np.float32
    np.testing.assert_array_equal(network.reconstruct(model, bars, ["tune", 0, "salon"]), rebuilt)


def test_rows_do_not_depend_on_who_stands_beside_them(model, monkeypatch):
    bars, styles = pictures(7), np.arange(7) % 5
    whole = network.reconstruct(model, bars, styles)
    monkeypatch.setattr(network, "AT_ONCE", 3)
    np.testing.assert_allclose(network.reconstruct(model, bars, styles), whole, atol=1e-5)


def test_one_style_stands_for_all(model):
    bars = pictures(3)
    np.testing.assert_array_equal(network.encode(model, bars, "quartet"), network.encode(model, bars, [2, 2, 2]))


def test_another_label_is_the_same_vector_decoded_otherwise(model):
    bars = pictures(2)
    same, other = network.relabel(model, bars, "tune", "tune"), network.relabel(model, bars, "tune", "chorale")
    np.testing.assert_array_equal(same, network.reconstruct(model, bars, "tune"))
    np.testing.assert_array_equal(other, network.decode(model, network.encode(model, bars, "tune"), "chorale"))
    assert np.abs(same - other).max() > 1e-3


def test_samples_follow_from_the_seed_and_cool_down_to_one_bar(model):
    drawn = network.sample(model, "salon", 4, seed=5)
    np.testing.assert_array_equal(drawn, network.decode(model, network.draw(model, 4, seed=5), "salon"))
    assert np.abs(drawn - network.sample(model, "salon", 4, seed=6)).max() > 1e-3
    cold = network.sample(model, "salon", 2, temperature=0)
    np.testing.assert_array_equal(cold[0], cold[1])
    assert network.draw(model, 5000, seed=1).std() == pytest.approx(1, abs=0.02)


def test_the_way_between_two_bars_ends_in_both(model):
    first, second = pictures(2)
    way = network.interpolate(model, first, second, ["tune", "salon"], count=5)
    ends = network.reconstruct(model, np.stack([first, second]), ["tune", "salon"])
    np.testing.assert_allclose(way[[0, -1]], ends, atol=1e-5)
    assert len(way) == 5 and len({row.tobytes() for row in way}) == 5


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda m: network.encode(m, pictures(2)[:, :63], 0), "spectrograms: expected bars of 64 frames and 96 bins"),
        (lambda m: network.encode(m, pictures(1)[0], 0), "received (64, 96)"),
        (lambda m: network.encode(m, pictures(2)[:0], 0), "received (0, 64, 96)"),
        (lambda m: network.encode(m, pictures(1) * np.nan, 0), "NaN"),
        (lambda m: network.encode(m, pictures(2), "jazz"), f"expected one of {', '.join(STYLES)}"),
        (lambda m: network.encode(m, pictures(2), 5), "received 5"),
        (lambda m: network.encode(m, pictures(2), [0, -1]), "received -1"),
        (lambda m: network.encode(m, pictures(2), [0, 1, 2]), "one for each of 2, received 3"),
        (lambda m: network.decode(m, np.zeros((2, 5)), 0), "latent vectors of 4 numbers"),
        (lambda m: network.decode(m, np.zeros((0, 4)), 0), "received shape (0, 4)"),
        (lambda m: network.decode(m, np.full((1, 4), np.inf), 0), "finite"),
        (lambda m: network.sample(m, "tune", 0), "count"),
        (lambda m: network.sample(m, "tune", 1, temperature=9), "temperature"),
        (lambda m: network.interpolate(m, *pictures(2), 0, count=1), "count"),
        (lambda m: spectrogram_vae.sound(np.zeros(5), None), "spectrograms: expected shape"),
    ],
)
def test_bad_input_is_refused_in_one_line(model, broken, words):
    with pytest.raises(ParameterError) as caught:
        broken(model)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_a_run_that_is_none_is_named(tmp_path):
    with pytest.raises(DataError, match="holds no run"):
        network.load(tmp_path)
    with pytest.raises(DataError, match="scaler.json"):
        network.scaler_of(tmp_path)
