"""Sound from a network: the same for a seed in chunks and batches, on from what was heard before; rates; refusals."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import _wavenet_network as network
from lab_utils.recipes import _wavenet_sound as sounding

SMALL = {"channels": 6, "longest": 64, "cycles": 1, "skip": 8, "conditions": 4, "harmonics": 2, "batch": 2}


@pytest.fixture(scope="module")
def model():
    return network.build(network.Config(**SMALL), seed=1)


@pytest.fixture(scope="module")
def free():
    return network.build(network.Config(**SMALL, variant="style"), seed=1)


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch):
    monkeypatch.setattr(sounding, "CHUNK", 4)


def told(frames=10, batch=1):
    return {"conditions": np.random.default_rng(0).integers(0, 9, (batch, frames, 2)).astype(np.int32)}


def test_a_seed_decides_the_sound_alone_and_in_company(model):
    one, two = sounding.play(model, told(), seed=3), sounding.play(model, told(batch=2), seed=3)
    assert one.shape == (1, 400) and two.shape == (2, 400) and one.dtype == np.uint8
    other = {"conditions": np.repeat(told()["conditions"], 2, axis=0)}
    np.testing.assert_array_equal(sounding.play(model, other, seed=3)[0], one[0])
    assert (sounding.play(model, told(), seed=4) != one).mean() > 0.5
    np.testing.assert_array_equal(sounding.play(model, told(), seed=3), one)


def test_it_is_what_the_network_predicts(model):
    """The codes picked by hand, one after another, from the whole network with the same noise."""
    noise = np.concatenate([np.random.default_rng([5, 0]).random((4, 40), np.float32).ravel()])
    codes, inputs = np.full((1, 80), 128, np.int32), network.told_of(told(2)["conditions"], 8000)
    for n in range(80):
        logits = np.asarray(model({"codes": codes, **inputs}))[0, n].astype(float)
        cumulated = np.cumsum(np.exp(logits) / np.exp(logits).sum())
        codes[0, n] = (cumulated <= noise[n]).sum()
    assert (sounding.play(model, told(2), seed=5)[0] == codes[0]).mean() > 0.9


def test_it_goes_on_from_what_it_has_heard(free):
    before = np.random.default_rng(0).integers(0, 256, (1, 80)).astype(np.uint8)
    asked = {"style": np.array([2]), "frames": 1}
    codes = sounding.play(free, asked, before=before, seed=1)
    noise = np.random.default_rng([1, 0]).random((4, 40), np.float32)[0]
    whole = np.concatenate([before, codes], axis=1)
    logits = np.asarray(free({"codes": whole, "style": np.array([2])}))[0, 80:].astype(float)
    cumulated = np.cumsum(np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True), axis=-1)
    assert ((cumulated <= noise[:, None]).sum(axis=-1) == codes[0]).mean() > 0.9
    assert (sounding.play(free, asked, seed=1) != codes).any()


def test_rates_are_told_by_streams_and_the_naive_way_beside(model, free):
    for network_, asked in ((model, told()), (free, {"style": np.array([1]), "frames": 1})):
        found = sounding.rates(network_, asked, batches=(1, 2), seconds=0.05, naive=2)
        assert set(found) == {1, 2, "naive"} and all(value > 0 for value in found.values())


@pytest.mark.parametrize(
    ("options", "says"),
    [({"temperature": 0}, "temperature: expected"), ({"seed": -1}, "seed: expected"), ({"seed": 0.5}, "seed: expected")],
)
def test_what_cannot_be_is_refused(model, options, says):
    with pytest.raises(ParameterError, match=says):
        sounding.play(model, told(), **options)


def test_no_sound_at_all_is_refused(free):
    with pytest.raises(ParameterError, match="seconds: expected more than 0"):
        sounding.play(free, {"style": np.array([1]), "frames": 0})
