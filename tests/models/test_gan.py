"""Adversaries: each loss moves its own network alone, every weight is moved, and a ring of points is learnt by one plain fit."""

import numpy as np
import pytest
from learning import ready, still, values

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import gan

layers, ops = keras.layers, keras.ops


def toy(*, loss="hinge", seed=0, width=16, **options):
    """A generator and a critic of points in the plane."""
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(width, "leaky_relu"), layers.Dense(2)], name="generator")
    bounded = {"kernel_constraint": gan.SpectralBound()}
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Dense(width, "leaky_relu", **bounded), gan.BatchSpread(), layers.Dense(1, **bounded)],
        name="critic",
    )
    model = gan.Adversaries(generator, critic, latent=2, loss=loss, seed=seed, **options)
    model.build()
    return model


def points(count=64, seed=0):
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, count)
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1).astype(np.float32)


def moved(before, variables):
    return [not np.array_equal(old, new) for old, new in zip(before, values(variables), strict=True)]


@pytest.mark.parametrize("loss", list(gan.LOSSES))
def test_one_step_moves_every_weight_of_both_networks(loss):
    model = ready(toy(loss=loss), keras.optimizers.SGD(0.1))
    before = values(model.trainable_variables)
    logs = model.train_on_batch(points(), np.zeros(64), return_dict=True)
    # of a difference of two scores the critic's last bias is no part; hinge is one while all scores are within the margin
    spared = {model.critic.trainable_variables[-1].path} if loss in ("wasserstein", "hinge") else set()
    assert set(still(model, before)) <= spared and len(before) == 8
    assert set(logs) == {"loss", "generator_loss", "critic_loss", "spread"}
    assert logs["loss"] == pytest.approx(logs["generator_loss"] + logs["critic_loss"], rel=1e-5)


@pytest.mark.parametrize("part", ["generator", "critic"])
def test_each_loss_moves_its_own_network_alone(part, monkeypatch):
    """With the other's loss put to nought, the other stays: no gradient of one leaks into the other."""
    kept = gan.LOSSES["logistic"]
    factors = {"critic": (1.0, 0.0), "generator": (0.0, 1.0)}[part]
    monkeypatch.setitem(gan.LOSSES, "logistic", lambda *scores: tuple(f * v for f, v in zip(factors, kept(*scores), strict=True)))
    model = ready(toy(loss="logistic"), keras.optimizers.SGD(0.1))
    networks = {"generator": model.generator, "critic": model.critic}
    before = {name: values(network.trainable_variables) for name, network in networks.items()}
    model.train_on_batch(points(), np.zeros(64))
    for name, network in networks.items():
        if name == part:
            assert all(moved(before[name], network.trainable_variables))
        else:  # but for the bound, which holds after a step of nothing, too
            after = values(network.trainable_variables)
            bounded = [np.asarray(gan.SpectralBound()(old)) if old.ndim == 2 else old for old in before[name]]
            for old, new in zip(bounded if name == "critic" else before[name], after, strict=True):
                np.testing.assert_allclose(new, old, atol=1e-6)


def test_losses_by_hand():
    real, made, judged = np.array([2.0, 0.0]), np.array([-3.0, 1.0]), np.array([0.5, 0.0])
    by_hand = {
        "hinge": ((0 + 1) / 2 + (0 + 2) / 2, -0.25),
        "wasserstein": (-1.0 - 1.0, -0.25),
        "logistic": (
            np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(made)).mean(), np.log1p(np.exp(-judged)).mean(),
        ),
        "minimax": (
            np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(made)).mean(), -np.log1p(np.exp(judged)).mean(),
        ),
    }  # fmt: skip
    assert set(by_hand) == set(gan.LOSSES)
    for name, expected in by_hand.items():
        found = [float(value) for value in gan.LOSSES[name](*(ops.convert_to_tensor(s) for s in (real, made, judged)))]
        np.testing.assert_allclose(found, expected, rtol=1e-6, err_msg=name)


def test_the_critic_waits_for_the_gradient_that_goes_through_it():
    """The last bias has no part in it: only who waits for the samples' gradient sees that a kernel on its way is no number."""
    model = ready(toy(loss="hinge"), keras.optimizers.SGD(0.1))
    *_, kernel, bias = model.critic.trainable_variables
    kernel.assign(np.full(kernel.shape, np.nan))
    model.train_on_batch(points(), np.zeros(64))
    assert np.isnan(ops.convert_to_numpy(bias)).all()


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_two_rates_are_two_lengths_of_a_step(optimizer):
    """One network's first step is as much shorter as its rate; of Adam too, to which the size of a loss is nothing."""
    lengths = {}
    for rate in (1.0, 0.25):
        model = ready(toy(generator_rate=rate), keras.optimizers.get(optimizer))
        before = values(model.trainable_variables)
        model.train_on_batch(points(), np.zeros(64))
        after = dict(zip([v.path for v in model.trainable_variables], values(model.trainable_variables), strict=True))
        old = dict(zip(after, before, strict=True))
        lengths[rate] = [np.abs(after[v.path] - old[v.path]).sum() for v in model.generator.trainable_variables]
    np.testing.assert_allclose(np.array(lengths[0.25]) / lengths[1.0], 0.25, rtol=0.1)


def test_the_bound_holds_and_changes_no_kernel_within_it():
    rng = np.random.default_rng(0)
    for shape in ((30, 20), (4, 12, 20), (5, 1)):
        wide = np.asarray(gan.SpectralBound(iterations=40)(ops.convert_to_tensor(rng.normal(size=shape).astype(np.float32))))
        norm = np.linalg.norm(wide.reshape(-1, shape[-1]), 2)
        assert norm == pytest.approx(1, abs=0.01)
        small = (wide / 2).astype(np.float32)
        np.testing.assert_array_equal(np.asarray(gan.SpectralBound()(ops.convert_to_tensor(small))), small)
    assert gan.SpectralBound.from_config(gan.SpectralBound(2.0, 3).get_config()).most == 2.0


def test_a_critic_stays_bounded_while_it_learns():
    model = ready(toy(), keras.optimizers.SGD(1.0))
    for step in range(5):
        model.train_on_batch(points(seed=step), np.zeros(64))
    norms = [np.linalg.norm(v, 2) for v in values(model.critic.trainable_variables) if v.ndim == 2]
    assert max(norms) < 1.05


def test_batch_spread_tells_equal_samples_from_different_ones():
    values_of = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    told = np.asarray(gan.BatchSpread()(values_of))
    np.testing.assert_allclose(told[:, :3], values_of)
    np.testing.assert_allclose(told[:, 3], values_of.std(axis=0).mean(), rtol=1e-3)
    assert np.asarray(gan.BatchSpread()(np.repeat(values_of[:1], 8, axis=0)))[:, 3].max() < 2e-3
    assert gan.BatchSpread().compute_output_shape((None, 5, 3)) == (None, 5, 4)


def test_points_of_a_ring_are_learnt():
    model = ready(toy(width=32, seed=1), keras.optimizers.RMSprop(3e-3))
    real = points(1024)

    def off():
        made = np.asarray(model.generator(np.random.default_rng(5).normal(size=(256, 2)).astype(np.float32)))
        return np.abs(np.hypot(*made.T) - 1).mean()

    before = off()
    history = model.fit(real, np.zeros(len(real)), batch_size=128, epochs=60, verbose=0).history
    assert off() < 0.6 * before
    assert 0.5 < history["spread"][-1] < 1.5


def test_a_price_for_samples_too_alike_is_paid_by_the_generator_alone():
    logs = {}
    for diversity in (0.0, 2.0):
        model = toy(diversity=diversity)
        model.generator.layers[-1].kernel.assign(0.1 * model.generator.layers[-1].kernel)
        model.compile(keras.optimizers.SGD(0.0))
        logs[diversity] = model.train_on_batch(points(), np.zeros(64), return_dict=True)
    missing = 1 - logs[0.0]["spread"]
    assert missing > 0.3
    assert logs[2.0]["generator_loss"] - logs[0.0]["generator_loss"] == pytest.approx(2 * missing, abs=0.01)
    assert logs[2.0]["critic_loss"] == pytest.approx(logs[0.0]["critic_loss"], abs=0.01)


def test_saved_and_loaded_it_makes_the_same(tmp_path):
    model = toy(generator_rate=0.5)
    model.compile("rmsprop")
    model.train_on_batch(points(), np.zeros(64))
    model.save(tmp_path / "toy.keras")
    again = keras.models.load_model(tmp_path / "toy.keras")
    assert again.settings == model.settings
    noise = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(again.generator(noise)), np.asarray(model.generator(noise)))
    np.testing.assert_array_equal(np.asarray(again.critic(noise)), np.asarray(model.critic(noise)))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"loss": "mse"}, "loss: expected one of minimax, logistic, wasserstein, hinge; received 'mse'"),
        ({"generator_rate": 0}, "generator_rate: expected a number over 0"),
        ({"critic_rate": -1.0}, "critic_rate: expected a number over 0"),
        ({"diversity": -1.0}, "diversity: expected 0 or more"),
    ],
)
def test_what_cannot_be_is_refused(options, says):
    with pytest.raises(ParameterError, match=says):
        toy(**options)
