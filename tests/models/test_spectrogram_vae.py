"""The spectrogram VAE: it learns a batch, every weight moves, what it saves it loads, and the style is a condition."""

import math

import numpy as np
import pytest
from learning import learn_one_batch

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import SpectrogramVAE

T, F, Y = 8, 6, 3


def small(**changes):
    keras.utils.set_random_seed(1)
    model = SpectrogramVAE(**{"frames": T, "bins": F, "styles": Y, "latent": 3, "channels": 8, "hidden": 12, **changes})
    model.build()
    return model


def bars(count=6):
    rng = np.random.default_rng(0)
    pictures = np.maximum(rng.normal(-0.5, 0.6, (count, T, F)), -1).astype(np.float32)
    return {"spectrogram": pictures, "style": (np.arange(count) % Y).astype(np.int32)}


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_one_batch_is_learnt_and_every_weight_moves():
    model, batch = small(beta=0.1, warmup=5, dropout=0.05), bars()
    losses, still = learn_one_batch(model, batch, batch["spectrogram"], steps=60)
    assert losses[-1] < losses[0] - 20 and still == []
    assert int(model.latent.steps) == 60


def test_the_loss_is_nats_a_bar_of_a_normal_density_and_the_price_of_z():
    model, batch = small(beta=0.5), bars()
    model.compile(optimizer="sgd")
    made = {name: as_array(values) for name, values in model(batch).items()}
    sigma = math.exp(float(model.log_spread))
    squares = np.square(batch["spectrogram"] - made["spectrogram"])
    density = np.exp(-squares / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
    nll = -np.log(density).sum(axis=(1, 2)).mean()
    mean, log_variance = made["mean"], made["log_variance"]
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1).mean()
    found = model.test_on_batch(batch, batch["spectrogram"], return_dict=True)
    assert float(found["rmse"]) == pytest.approx(np.sqrt(squares.mean()), rel=1e-4)
    assert float(found["kl"]) == pytest.approx(kl, rel=1e-4)
    assert float(found["loss"]) == pytest.approx(nll + 0.5 * kl, rel=1e-4)


def test_what_is_saved_is_loaded(tmp_path):
    model, batch = small(), bars()
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_config() == model.get_config()
    for name, values in model(batch).items():
        np.testing.assert_allclose(as_array(again(batch)[name]), as_array(values), atol=1e-6)


def test_it_rebuilds_from_the_mean_and_draws_only_in_training():
    model, batch = small(), bars()
    mean, _ = model.encode(batch["spectrogram"], batch["style"])
    rebuilt = as_array(model(batch)["spectrogram"])
    np.testing.assert_allclose(rebuilt, as_array(model.decode(mean, batch["style"])), atol=1e-6)
    np.testing.assert_array_equal(rebuilt, as_array(model(batch)["spectrogram"]))
    assert np.abs(as_array(model(batch, training=True)["spectrogram"]) - rebuilt).max() > 1e-3


def test_the_style_counts_on_both_ways():
    model, batch = small(), bars()
    other = (batch["style"] + 1) % Y
    first, second = (as_array(model.encode(batch["spectrogram"], style)[0]) for style in (batch["style"], other))
    assert np.abs(first - second).max() > 1e-4
    first, second = (as_array(model.decode(first, style)) for style in (batch["style"], other))
    assert np.abs(first - second).max() > 1e-4


def test_nothing_is_painted_under_silence_and_the_average_is_where_it_starts():
    model = small()
    average = np.linspace(-1.2, 0.8, T * F, dtype=np.float32).reshape(T, F)
    model.average.assign(average)
    model.paint.kernel.assign(np.zeros(model.paint.kernel.shape))
    made = as_array(model.decode(np.zeros((1, 3), np.float32), np.array([0])))[0]
    assert made.min() > -1
    loud = average > -0.5
    np.testing.assert_allclose(made[loud], average[loud], atol=0.02)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"frames": 7}, "patch"),
        ({"bins": 0}, "bins"),
        ({"styles": 2.5}, "styles"),
        ({"latent": 0}, "size"),
        ({"beta": -1}, "beta"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, words):
    with pytest.raises(ParameterError) as caught:
        small(**wrong)
    assert str(caught.value).startswith(words) and "\n" not in str(caught.value)
