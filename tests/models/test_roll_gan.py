"""The networks of rolls: one pitch a voice, gradients through what is picked, and a critic that hears what it should."""

import numpy as np
import pytest
from learning import ready, still, values

from lab_utils.backend import keras
from lab_utils.models import roll_gan

ops = keras.ops
PITCHES, LOWEST = 9, (60, 55, 50, 45)


def small(*, seed=0, bars=1, bound=1.0, spread=True):
    keras.utils.set_random_seed(seed)
    generator = roll_gan.RollGenerator(latent=5, bars=bars, pitches=PITCHES, channels=8, blocks=1)
    critic = roll_gan.RollCritic(lowest=LOWEST, bars=bars, pitches=PITCHES, channels=8, bound=bound, spread=spread)
    model = roll_gan.RollGAN(generator, critic, latent=5, loss="logistic")
    model.build()
    return model


def noise(count=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, 5)).astype(np.float32)


def numbers(count=6, bars=1, seed=0):
    rng = np.random.default_rng(seed)
    pitch = np.repeat(rng.integers(0, PITCHES + 1, (count, bars * 4, 4)), 4, axis=1)
    return np.stack([pitch, rng.random(pitch.shape) < 0.3], axis=-1).astype(np.uint8)


def test_a_roll_sounds_one_pitch_or_rests_in_each_voice_and_step():
    rolls = np.asarray(small(bars=2).generator(noise()))
    assert rolls.shape == (6, 32, 4, PITCHES + 2)
    np.testing.assert_allclose(rolls[..., :-1].sum(axis=-1), 1, atol=1e-5)
    assert np.abs(rolls - rolls.round()).max() < 1e-5 and 0 < rolls[..., -1].mean() < 1
    assert len(np.unique(rolls.round().reshape(6, -1), axis=0)) == 6


def test_real_rolls_have_the_shape_of_made_ones():
    model = small()
    given = numbers()
    rolls = np.asarray(model.shown(given))
    assert rolls.shape == (6, 16, 4, PITCHES + 2)
    np.testing.assert_array_equal(rolls[..., :-1].argmax(axis=-1), given[..., 0])
    np.testing.assert_array_equal(rolls[..., -1], given[..., 1])


def test_a_voice_holds_on_where_nothing_starts():
    generator = small(bars=2).generator
    for start, changes in ((-9.0, 0), (9.0, None)):
        generator.starts.assign(np.repeat([[9.0], [start], [start], [start]], 4, axis=1))
        rolls = np.asarray(generator(noise(20)))
        pitch = rolls[..., :-1].argmax(axis=-1).reshape(20, 8, 4, 4)
        moved = (np.diff(pitch, axis=2) != 0).mean()
        assert moved == 0 if changes == 0 else moved > 0.3
        np.testing.assert_array_equal(rolls[..., -1].reshape(20, 8, 4, 4)[:, :, 0], 1)
        assert rolls[..., -1].mean() == pytest.approx(0.25 if changes == 0 else 1)


def test_it_begins_with_what_is_frequent_in_the_data():
    generator = small().generator
    given = numbers(200)
    given[..., 0] = np.where(given[..., 0] == PITCHES, PITCHES, 3 + given[..., 0] % 2)  # two pitches, and rests
    given[:, 1::2, :, 1] = 0
    generator.begin(given)
    rolls = np.asarray(generator(noise(200))).round()
    share = rolls[..., :-1].mean(axis=(0, 1, 2))
    assert share[3] + share[4] > 0.8 and share[3] > 0.2 and share[4] > 0.2
    assert rolls[:, 1::2, :, -1].mean() < 0.05 < rolls[:, 0::2, :, -1].mean()


def test_one_step_moves_every_weight_of_both_networks():
    model = ready(small(), keras.optimizers.SGD(0.1))
    before = values(model.trainable_variables)
    model.train_on_batch(numbers(), np.zeros(6))
    assert still(model, before) == []


def test_what_is_picked_is_hard_and_its_gradient_is_that_of_the_softmax():
    logits = ops.convert_to_tensor(np.array([[1.0, 3.0, 2.0]], np.float32))
    np.testing.assert_allclose(np.asarray(roll_gan.picked(logits)), [[0, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(np.asarray(roll_gan.rounded(logits - 2.5)), [[0, 1, 0]], atol=1e-6)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, use_bias=False, kernel_initializer="identity")])

    class Weighed(keras.Model):
        def call(self, x):
            return ops.sum(roll_gan.picked(model(x)) * np.array([1.0, 2.0, 4.0], np.float32))

    whole = Weighed()
    whole.inner = model
    whole.compile(keras.optimizers.SGD(1.0), loss=lambda y, p: p)
    whole.train_on_batch(np.array([[1.0, 3.0, 2.0]], np.float32), np.zeros((1, 1)))
    soft = np.exp([1, 3, 2]) / np.exp([1, 3, 2]).sum()
    slope = soft * (np.array([1, 2, 4]) - soft @ [1, 2, 4])  # of the softmax, by hand
    np.testing.assert_allclose(np.asarray(model.layers[-1].kernel) - np.eye(3), -np.outer([1, 3, 2], slope), atol=1e-4)


def heard(pitches, onsets):
    """Features of one phrase, MIDI pitches (T, 4) and onsets (T, 4), by name of their part."""
    steps = np.asarray(pitches) - np.array(LOWEST)
    rolls = np.concatenate([np.eye(PITCHES + 1)[steps], np.asarray(onsets)[..., None]], axis=-1)[None].astype(np.float32)
    layer = roll_gan.Heard(LOWEST)
    layer.build(rolls.shape)
    found = np.asarray(layer(rolls))[0]
    assert found.shape == (len(steps), layer.width(PITCHES)) == layer.compute_output_shape(rolls.shape)[1:]
    widths = {"roll": 4 * (PITCHES + 1), "onsets": 4, "classes": 12, "intervals": 72, "moves": 48, "beats": 48, "leaps": 16}
    return dict(zip(widths, np.split(found, np.cumsum(list(widths.values()))[:-1], axis=-1), strict=True))


def test_the_critic_hears_onsets_and_what_does_not_change_with_the_key():
    rng = np.random.default_rng(0)
    pitches = np.repeat(rng.integers(0, PITCHES - 2, (4, 4)), 4, axis=0) + LOWEST
    onsets = np.zeros((16, 4), bool)
    onsets[2, 1] = True
    first, moved = heard(pitches, onsets), heard(pitches + 2, onsets)
    for part in ("onsets", "intervals", "moves", "beats", "leaps"):
        np.testing.assert_allclose(first[part], moved[part], atol=1e-4, err_msg=part)
    for part in ("roll", "classes"):
        assert np.abs(first[part] - moved[part]).max() > 0.1
    changes = np.vstack([np.zeros((1, 4)), np.diff(pitches, axis=0) != 0])
    np.testing.assert_allclose(first["onsets"], np.maximum(changes, onsets), atol=1e-6)
    other = pitches.copy()
    other[:, 1] += 1
    assert np.abs(heard(other, onsets)["intervals"] - first["intervals"]).max() > 0.1


def test_keys_do_not_change_with_the_key_and_tell_a_scale_from_all_twelve():
    rng = np.random.default_rng(0)
    scale, every = (rng.choice(notes, (32, 4)) for notes in ([0, 2, 4, 5, 7], list(range(8))))
    layer, told = roll_gan.Heard((60, 60, 60, 60)), []
    for steps in (scale, scale + 1, every):
        rolls = np.concatenate([np.eye(PITCHES + 1)[steps], np.zeros((32, 4, 1))], axis=-1)[None].astype(np.float32)
        layer.build(rolls.shape)
        told.append(np.asarray(layer.keys(rolls))[0].reshape(3, 6))  # two bars, and both
    np.testing.assert_allclose(told[0], told[1], atol=1e-4)
    assert (told[0][:, 4] > told[2][:, 4] + 0.1).all()  # the fifth wave is that of the diatonic scale (Quinn, 2006)


def test_intervals_are_waves_of_their_class():
    pitches = np.array([[67, 60, 52, 45]])
    found = heard(np.repeat(pitches, 8, axis=0), np.zeros((8, 4)))["intervals"][0].reshape(6, 2, 6)
    for row, (one, other) in zip(found, ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)), strict=True):
        angle = 2 * np.pi / 12 * (pitches[0, other] - pitches[0, one]) * np.arange(1, 7)
        np.testing.assert_allclose(row, [np.cos(angle), np.sin(angle)], atol=1e-4)


@pytest.mark.parametrize("options", [{}, {"bound": 0.0, "spread": False}])
def test_saved_and_loaded_it_makes_and_judges_the_same(options, tmp_path):
    model = small(**options)
    model.save(tmp_path / "rolls.keras")
    again = keras.models.load_model(tmp_path / "rolls.keras")
    rolls = np.asarray(model.generator(noise()))
    np.testing.assert_array_equal(np.asarray(again.generator(noise())), rolls)
    np.testing.assert_allclose(np.asarray(again.critic(rolls)), np.asarray(model.critic(rolls)), atol=1e-6)
    assert np.asarray(model.critic(rolls)).shape == (6, 1)
