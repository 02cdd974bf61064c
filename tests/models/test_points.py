"""Small networks on points: each learns a shape that is known, and the VAE's bounds are held against a likelihood that is."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models.points import PointVAE, dense_network, point_adversaries, point_classifier
from lab_utils.training.checkpoint import load_variables, save_variables


def ring(count=512, seed=0):
    angle = np.random.default_rng(seed).random(count) * 2 * np.pi
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype("float32")


def test_a_dense_network_has_the_shapes_it_is_asked_for_and_repeats():
    network = dense_network(3, 2, units=(5, 4), seed=1)
    assert [tuple(weight.shape) for weight in network.weights] == [(3, 5), (5,), (5, 4), (4,), (4, 2), (2,)]
    again, other = dense_network(3, 2, units=(5, 4), seed=1), dense_network(3, 2, units=(5, 4), seed=2)
    x = ring()[:, [0, 1, 0]]
    np.testing.assert_array_equal(network(x), again(x))
    assert not np.allclose(network(x), other(x))


def test_the_classifier_learns_what_no_line_can_part():
    x = np.concatenate([ring(), 0.3 * ring(seed=1)])
    y = np.repeat([1.0, 0.0], 512).astype("float32")[:, None]
    model = point_classifier(2, units=(32, 32))
    losses = model.fit(x, y, epochs=12, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.1 < losses[0]
    logits = keras.ops.convert_to_numpy(model(x))
    assert ((logits > 0) == (y > 0)).mean() > 0.99


def test_the_adversaries_bring_the_points_near_the_ring():
    model = point_adversaries(2, latent=4, units=(32, 32), bound=2.0)
    noise = np.random.default_rng(0).standard_normal((300, 4)).astype("float32")

    def off():
        return float(np.abs(np.linalg.norm(keras.ops.convert_to_numpy(model.generator(noise)), axis=1) - 1).mean())

    before = off()
    model.compile(optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5))
    old = [keras.ops.convert_to_numpy(variable).copy() for variable in model.trainable_variables]
    model.fit(ring(), ring(), epochs=60, batch_size=64, verbose=0)
    assert off() < 0.6 * before
    assert all((keras.ops.convert_to_numpy(v) != o).any() for v, o in zip(model.trainable_variables, old, strict=True))


def test_the_vae_learns_and_comes_back_equal(tmp_path):
    model = PointVAE(2, latent=2, units=(32, 32), seed=3)
    model.build()
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    x = ring() * np.array([2, 0.1], "float32")  # one direction can be told in one number
    old = [keras.ops.convert_to_numpy(variable).copy() for variable in model.trainable_variables]
    history = model.fit(x, x, epochs=10, batch_size=64, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] - 0.5
    assert history["loss"][-1] == pytest.approx(history["nll"][-1] + history["kl"][-1], abs=0.02)
    assert all((keras.ops.convert_to_numpy(v) != o).any() for v, o in zip(model.trainable_variables, old, strict=True))
    evidence, weighted = model.bounds(x, draws=100)
    assert evidence.mean() < weighted.mean() < 5
    save_variables(model.trainable_variables, tmp_path / "weights.npz")
    again = PointVAE.from_config(model.get_config())
    again.build()
    load_variables(again.trainable_variables, tmp_path / "weights.npz")
    np.testing.assert_array_equal(again(x)["point"], model(x)["point"])
    np.testing.assert_array_equal(again.draw(5, seed=1), model.draw(5, seed=1))


def test_the_bounds_lie_under_a_likelihood_that_is_known():
    """With a linear decoder p(x) is a normal: N(0, W Wᵀ + width²)."""
    keras.utils.set_random_seed(0)  # a guess q(z | x) that is far off would need more draws
    model = PointVAE(2, latent=1, units=(4,), narrowest=0.1)
    model.build()
    decoder = dense_network(1, 2, units=())
    decoder.layers[-1].kernel.assign([[0.9, -0.4]])
    decoder.layers[-1].bias.assign([0.0, 0.0])
    object.__setattr__(model, "decoder", decoder)  # Keras lets nobody exchange a part of a model that is built
    width = keras.ops.convert_to_numpy(model.width())
    covariance = np.outer([0.9, -0.4], [0.9, -0.4]) + np.diag(width**2)
    x = np.random.default_rng(0).standard_normal((40, 2)).astype("float32") * 0.5
    exact = -0.5 * (np.einsum("ni,ij,nj->n", x, np.linalg.inv(covariance), x) + np.log(np.linalg.det(2 * np.pi * covariance)))
    evidence, weighted = model.bounds(x, draws=2000)
    assert (evidence < exact + 0.05).all()
    np.testing.assert_allclose(weighted, exact, atol=0.1)
    drawn = keras.ops.convert_to_numpy(model.draw(20_000, seed=0))
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.03)


def test_bad_settings_are_named():
    with pytest.raises(ParameterError, match="outputs: expected a whole number of at least 1, received 0"):
        dense_network(2, 0)
    with pytest.raises(ParameterError, match="narrowest"):
        PointVAE(2, narrowest=0.0)
    with pytest.raises(ParameterError, match="loss: expected one of"):
        point_adversaries(2, loss="fair")
