"""The note VAE: it learns a batch, every weight moves, what it saves it loads, and it writes from z alone."""

import numpy as np
import pytest
from learning import learn_one_batch

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import NoteVAE
from lab_utils.models.vae import sounding

V, T = 12, 8


def small(**changes):
    keras.utils.set_random_seed(1)
    model = NoteVAE(**{"vocabulary": V, "steps": T, "latent": 3, "channels": 12, "blocks": 1, "embedding": 4, **changes})
    model.build()
    return model


def phrases(count=6):
    rng = np.random.default_rng(0)
    tokens = np.where(rng.random((count, T)) < 0.5, 0, rng.integers(1, V, (count, T)))
    tokens[:, 0] = rng.integers(2, V, count)
    return tokens.astype(np.int32)


def as_array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def test_what_sounds_is_the_last_token_that_was_no_hold():
    tokens = np.array([[5, 0, 0, 1, 0, 7, 7, 0], [3, 4, 0, 0, 0, 0, 0, 0]], np.int32)
    np.testing.assert_array_equal(as_array(sounding(tokens)), [[5, 5, 5, 1, 1, 7, 7, 7], [3, 4, 4, 4, 4, 4, 4, 4]])


def test_one_batch_is_learnt_and_every_weight_moves():
    model, tokens = small(beta=0.1, warmup=5, dropout=0.05), phrases()
    losses, still = learn_one_batch(model, tokens, tokens, steps=60)
    assert losses[-1] < 0.5 * losses[0] and still == []
    assert int(model.latent.steps) == 60


def test_the_loss_is_nats_a_phrase_and_the_price_of_z():
    model, tokens = small(beta=0.5), phrases()
    model.compile(optimizer="sgd")
    made = {name: as_array(values) for name, values in model(tokens).items()}
    logits = made["logits"] - made["logits"].max(axis=-1, keepdims=True)
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    nll = -np.log(np.take_along_axis(shares, tokens[..., None], axis=-1)).sum() / len(tokens)
    mean, log_variance = made["mean"], made["log_variance"]
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum() / len(tokens)
    found = model.test_on_batch(tokens, tokens, return_dict=True)
    assert float(found["nll"]) == pytest.approx(nll, rel=1e-4) and float(found["kl"]) == pytest.approx(kl, rel=1e-4)
    assert float(found["loss"]) == pytest.approx(nll + 0.5 * kl, rel=1e-4)


def test_the_phrase_is_written_from_z_alone():
    model, tokens = small(), phrases()
    made = model(tokens)
    mean, _ = model.encode(tokens)
    np.testing.assert_allclose(as_array(made["logits"]), as_array(model.decode(mean)), atol=1e-5)
    drawn = as_array(model(tokens, training=True)["logits"])
    assert np.abs(drawn - as_array(made["logits"])).max() > 1e-3  # training decodes a sample, not the mean
    assert as_array(made["logits"]).shape == (6, T, V) and as_array(mean).shape == (6, 3)


def test_every_token_reaches_z_and_z_every_step():
    model, tokens = small(), phrases(1)
    mean = as_array(model.encode(tokens)[0])
    for step in range(T):
        changed = tokens.copy()
        changed[0, step] = (changed[0, step] + 3) % V or 2
        assert np.abs(as_array(model.encode(changed)[0]) - mean).max() > 0, step
    moved = np.abs(as_array(model.decode(mean + 1)) - as_array(model.decode(mean))).max(axis=(0, 2))
    assert (moved > 1e-4).all()


def test_a_phrase_cannot_begin_with_a_hold():
    logits = as_array(small().decode(np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)))
    assert (logits[:, 0, 0] < -1e8).all() and (logits[:, 1:, 0] > -1e3).all()


def test_what_is_saved_is_loaded(tmp_path):
    model, tokens = small(beta=0.2, free_bits=0.1), phrases()
    model.save(tmp_path / "vae.keras")
    again = keras.models.load_model(tmp_path / "vae.keras")
    assert again.get_config() == model.get_config()
    np.testing.assert_allclose(as_array(again(tokens)["logits"]), as_array(model(tokens)["logits"]), atol=1e-6)


def test_a_length_of_no_whole_quarters_is_told():
    with pytest.raises(ParameterError, match="steps: expected a multiple of 4 16ths, received 30"):
        NoteVAE(steps=30)
