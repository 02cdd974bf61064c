"""The latent layer: its KL divergence against a sampled one, the rise of β, the floor of the free bits, and what it hands out."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import GaussianLatent
from lab_utils.models.latent import BIT, kl_divergence

FEATURES = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def built(**settings):
    keras.utils.set_random_seed(0)
    layer = GaussianLatent(3, **settings)
    layer.build((None, 4))
    return layer


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


class Pricing(keras.Model):
    """A model of the layer alone, whose loss is its price."""

    def __init__(self, **settings):
        super().__init__()
        self.latent = GaussianLatent(3, **settings)

    def build(self, shape=None):
        self.latent.build((None, 4))
        self.built = True

    def call(self, features, training=False):
        return self.latent(features, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        _, mean, log_variance = y_pred
        return self.latent.penalty(mean, log_variance)


def test_the_divergence_is_what_sampling_finds():
    rng = np.random.default_rng(1)
    mean, log_variance = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    sigma = np.exp(log_variance / 2)
    z = mean + sigma * rng.normal(size=(400_000, 2, 3))
    log_q, log_p = -0.5 * ((z - mean) / sigma) ** 2 - np.log(sigma), -0.5 * z**2
    np.testing.assert_allclose(as_array(kl_divergence(mean, log_variance)), (log_q - log_p).mean(axis=0), atol=0.02)


def test_the_divergence_is_nothing_for_the_prior_alone():
    assert as_array(kl_divergence(np.zeros((1, 3)), np.zeros((1, 3)))).sum() == 0
    assert (as_array(kl_divergence(np.array([[0.0, 0.1]]), np.array([[0.1, 0.0]]))) > 0).all()


def test_training_draws_and_everything_else_takes_the_mean():
    layer = built(seed=3)
    z, mean, log_variance = map(as_array, layer(FEATURES))
    np.testing.assert_array_equal(z, mean)
    drawn = np.stack([as_array(layer(FEATURES, training=True)[0]) for _ in range(600)])
    assert (drawn[0] != drawn[1]).all()
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.25)
    np.testing.assert_allclose(drawn.std(axis=0), np.exp(log_variance / 2), rtol=0.15)


def test_beta_rises_with_the_training_steps_of_a_compiled_model():
    model = Pricing(beta=0.5, warmup=4)
    model.build()
    model.compile(optimizer=keras.optimizers.SGD(0.0))
    y = np.zeros(len(FEATURES))
    priced = [float(model.train_on_batch(FEATURES, y)) for _ in range(6)]
    _, mean, log_variance = model(FEATURES)
    full = float(model.latent.kl(mean, log_variance))
    np.testing.assert_allclose(priced, 0.5 * full * np.minimum(np.arange(1, 7) / 4, 1), rtol=1e-5)
    assert float(model.test_on_batch(FEATURES, y)) == pytest.approx(priced[-1], rel=1e-5)
    assert int(model.latent.steps) == 6  # testing is no training


def test_without_a_warm_up_beta_stands_from_the_start():
    assert float(built(beta=0.3).weight()) == pytest.approx(0.3)
    assert float(built(beta=0.3, warmup=10).weight()) == 0


def test_free_bits_are_a_floor_for_each_number():
    layer = built(free_bits=2.0)
    mean = np.zeros((6, 3), np.float32)
    mean[:, 1] = 3.0  # costs 4.5 nats; the other two cost nothing, and are charged their floor
    assert float(layer.kl(mean, np.zeros_like(mean))) == pytest.approx(4.5)
    assert float(layer.penalty(mean, np.zeros_like(mean))) == pytest.approx(4.5 + 2 * 2 * BIT)
    assert float(built().penalty(mean, np.zeros_like(mean))) == pytest.approx(4.5)


def test_under_the_floor_nothing_is_pressed_down():
    for bits, still in ((0.0, False), (50.0, True)):
        model = Pricing(free_bits=bits)
        model.build()
        model.compile(optimizer=keras.optimizers.SGD(0.1))
        before = [as_array(variable).copy() for variable in model.trainable_variables]
        model.train_on_batch(FEATURES, np.zeros(len(FEATURES)))
        moved = [(as_array(v) != old).any() for v, old in zip(model.trainable_variables, before, strict=True)]
        assert len(moved) == 4 and all(moved) != still and any(moved) != still


def test_it_is_made_again_from_its_config():
    layer = built(beta=0.2, warmup=7, free_bits=0.5, seed=9)
    again = GaussianLatent.from_config(layer.get_config())
    again.build((None, 4))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(as_array(again(FEATURES)[0]), as_array(layer(FEATURES)[0]))
    assert (again.beta, again.warmup, again.free_bits, again.seed) == (0.2, 7, 0.5, 9)


@pytest.mark.parametrize(
    ("size", "settings", "says"),
    [
        (0, {}, "size: expected a whole number of at least 1, received 0"), (2.5, {}, "size"), (3, {"warmup": -1}, "warmup"),
        (3, {"beta": -0.1}, "beta"), (3, {"beta": float("nan")}, "beta"), (3, {"free_bits": -1}, "free_bits"),
    ],
)  # fmt: skip
def test_bad_settings_are_told_in_one_line(size, settings, says):
    with pytest.raises(ParameterError, match=says) as caught:
        GaussianLatent(size, **settings)
    assert "\n" not in str(caught.value)
