"""Collapse is counted, told in words, and ends a training if asked to."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import LabError, ParameterError
from lab_utils.training.collapse import CollapseWatch, count_distinct, posterior_watch


def watched(distinct, *, epochs=2, **options):
    """Train a model of one weight, of whose 8 samples so many are distinct; return the watch."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True), loss="mse")
    watch = CollapseWatch(lambda model: (np.arange(8) % distinct)[:, None], **options)
    model.fit(np.ones((8, 1)), np.ones((8, 1)), batch_size=2, epochs=epochs, verbose=0, callbacks=[watch])
    return watch


def test_distinct_samples_are_counted():
    rows = np.zeros((5, 2, 3))
    assert count_distinct(rows) == (1, 5)
    rows[3, 1, 2] = 1
    assert count_distinct(rows) == (2, 5)
    rows = np.arange(12).reshape(3, 4)
    rows[1] = [0, 1, 2, 9]  # one place in four is another
    assert count_distinct(rows) == (3, 3) and count_distinct(rows, within=0.25) == (2, 3)
    with pytest.raises(ParameterError, match="samples: expected at least one"):
        count_distinct(np.zeros((0, 3)))


def test_few_of_them_are_told_with_the_epoch(capfd):
    assert watched(3, every=2, epochs=4, what="phrases").counts == [(2, 3, 8), (4, 3, 8)]
    said = capfd.readouterr().err
    assert "collapse: the generator makes 3 distinct phrases of 8 in epoch 2" in said and "epoch 1" not in said
    assert watched(4).counts == [(1, 4, 8), (2, 4, 8)]
    assert "collapse" not in capfd.readouterr().err


def test_of_a_toy_with_few_modes_few_are_enough(capfd):
    watched(3, most=4)
    assert "collapse" not in capfd.readouterr().err
    watched(1, most=4)
    assert "makes 1 distinct samples of 8" in capfd.readouterr().err


def test_it_ends_the_training_with_epoch_and_step():
    with pytest.raises(LabError, match=r"collapse, the generator makes 1 distinct samples of 8 in epoch 1, step 4; lower"):
        watched(1, stop=True)


def test_what_cannot_be_is_refused():
    with pytest.raises(ParameterError, match="every: expected 1 to inf"):
        CollapseWatch(len, every=0)
    with pytest.raises(ParameterError, match="least: expected 0 to 1"):
        CollapseWatch(len, least=2)


def test_a_posterior_collapse_is_told_once_with_its_step_each_time_it_comes(capfd):
    called = []
    watch = posterior_watch(7, what="phrase", after=lambda epoch, row: called.append(epoch))
    for epoch, kl in enumerate([9.0, 0.2, 0.1, 5.0, 0.3], start=1):
        watch(epoch, {"kl": kl})
    told = capfd.readouterr().err
    assert called == [1, 2, 3, 4, 5] and told.count("posterior collapse") == 2
    assert "epoch 2, step 14" in told and "0.200 nats of a phrase" in told and "epoch 5, step 35" in told
