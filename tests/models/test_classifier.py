"""The classifier: it learns one batch, every weight learns, bars moved in pitch look alike to it, and bad input is told."""

import numpy as np
import pytest
from learning import learn_one_batch

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import Classifier

SHAPE = (12, 24)


def small(seed=0, **changes):
    keras.utils.set_random_seed(seed)
    settings = {"shape": SHAPE, "classes": 3, "filters": (8, 8), "kernel": (3, 5), "hidden": 8, "dropout": 0.0, **changes}
    model = Classifier(**settings)
    model.build()
    return model


def pictures(count=12, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((count, *SHAPE)) < 0.1).astype(np.float32), np.arange(count) % 3


def test_one_batch_is_learnt_and_every_weight_moves():
    (x, y), model = pictures(), small(dropout=0.05, smoothing=0.05)
    losses, still = learn_one_batch(model, x, y)
    assert losses[-1] < 0.5 * losses[0] and still == []
    assert (model.probability(x).argmax(axis=1) == y).mean() > 0.8


def test_probabilities_are_the_softmax_of_the_logits_whatever_the_batch():
    (x, _), model = pictures(7), small()
    by_hand = np.asarray(keras.ops.softmax(model(x)))
    np.testing.assert_allclose(model.probability(x, batch=3), by_hand, atol=1e-6)
    np.testing.assert_allclose(model.probability(x[:1]), by_hand[:1], atol=1e-6)


def test_without_the_register_a_transposed_bar_looks_the_same():
    bar = np.zeros((1, *SHAPE), np.float32)
    bar[0, 2:6, 10:13] = 1
    moved = np.roll(bar, 2, axis=2)  # by the stride of all its blocks
    blind, knowing = (small(register=register, stride=(1, 1), filters=(8,)) for register in (False, True))
    np.testing.assert_allclose(blind.probability(moved), blind.probability(bar), atol=1e-6)
    assert np.abs(knowing.probability(moved) - knowing.probability(bar)).max() > 1e-4


def test_it_is_the_same_after_saving_and_loading(tmp_path):
    (x, _), model = pictures(), small(register=False)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(np.asarray(again(x)), np.asarray(model(x)))
    assert again.get_config() == model.get_config()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: small()(np.zeros((2, 12, 25), np.float32)), r"inputs: expected shape \(items, 12, 24\), received \(2, 12, 25\)"),
        (lambda: small().probability(np.zeros((2, 9, 24))), r"pictures: expected shape \(items ≥ 1, 12, 24\)"),
        (lambda: small().probability(np.zeros((0, *SHAPE))), "items ≥ 1"),
        (lambda: small().probability(np.zeros(SHAPE)), r"x\[None\]"),
        (lambda: small(classes=1), "classes: expected at least 2"),
        (lambda: small(filters=()), "filters"),
        (lambda: small(shape=(12,)), "shape: expected"),
        (lambda: small(stride=(0, 2)), "stride: expected"),
        (lambda: small(dropout=1.0), "dropout: expected a share"),
        (lambda: small(smoothing=-0.1), "smoothing: expected a share"),
        (lambda: small(hidden=0), "hidden: expected a width"),
    ],
)
def test_bad_input_is_told_in_one_line(call, words):
    with pytest.raises(ParameterError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
