"""Generation with kept activations: the network's own logits, the codes that its noise picks, in chunks as in one go."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.models import WaveNet, WaveNetSampler

FRAME, FRAMES, BATCH = 5, 8, 2
NEAR_AND_FAR = {"longest": 16, "cycles": 2}  # dilations 8 and 16 reach over a frame of 5 samples


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    model = WaveNet(levels=16, channels=6, skip=8, conditions=3, pitches=5, harmonics=2, **NEAR_AND_FAR)
    model.build()
    for weight in model.trainable_variables:  # far enough from nought for the choices to differ
        weight.assign(weight + 0.1 * keras.random.normal(weight.shape, seed=len(weight.path)))
    return model


@pytest.fixture(scope="module")
def vectors(model):
    rng = np.random.default_rng(0)
    conditions = rng.integers(0, 5, (BATCH, FRAMES, 2)).astype(np.int32)
    phases = np.stack([rng.random((BATCH, FRAMES)), rng.random((BATCH, FRAMES)) / 4], axis=-1).astype(np.float32)
    told = {"conditions": conditions, "phases": phases}
    return told, np.concatenate([phases, np.asarray(model.condition(told))], axis=-1)


def frames_of(given, vectors, temperature=1.0):
    inside = np.reshape(given, (BATCH, FRAMES, FRAME)).astype(np.float32)
    return np.concatenate([inside, np.full((BATCH, FRAMES, 1), temperature, np.float32), vectors], axis=-1)


def run(sampler, frames, chunks):
    states, made = sampler.begin(BATCH), []
    for chunk in np.split(frames, chunks, axis=1):
        part, *states = sampler.predict_on_batch([chunk, *states])
        made.append(np.asarray(part))
    return np.concatenate(made, axis=1)


@pytest.mark.parametrize("compiled", [False, True])
def test_its_logits_are_the_network_s(model, vectors, compiled):
    told, found = vectors
    codes = np.random.default_rng(1).integers(0, 16, (BATCH, FRAMES * FRAME)).astype(np.int32)
    sampler = WaveNetSampler(model, samples=FRAME, forced=True)
    sampler.compile(jit_compile=compiled)
    wanted = np.asarray(model({"codes": codes, **told}))
    for chunks in (1, 4):
        np.testing.assert_allclose(run(sampler, frames_of(codes, found), chunks), wanted, atol=1e-4)


def test_its_codes_are_those_that_its_noise_picks_from_the_network_s_predictions(model, vectors):
    told, found = vectors
    noise = np.random.default_rng(2).random((BATCH, FRAMES * FRAME))
    sampler = WaveNetSampler(model, samples=FRAME)
    for temperature in (1.0, 0.3):
        codes = run(sampler, frames_of(noise, found, temperature), 1)
        logits = np.asarray(model({"codes": codes, **told})).astype(float) / temperature
        cumulated = np.cumsum(np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True), axis=-1)
        picked = (cumulated <= noise[..., None]).sum(axis=-1)
        assert (codes == picked).mean() > 0.97  # a backend may round a number at the edge to the other side
        assert temperature < 1 or len(np.unique(codes)) > 4
        np.testing.assert_array_equal(run(sampler, frames_of(noise, found, temperature), 4), codes)


def test_a_frame_may_be_longer_than_every_dilation_or_a_single_sample(model, vectors):
    """All layers near, all layers far: the same sound."""
    vector = np.repeat(vectors[1][:, :1], FRAMES * FRAME, axis=1)  # one condition throughout, and no tone
    vector[..., :2] = 0
    noise = np.random.default_rng(4).random((BATCH, FRAMES * FRAME, 1)).astype(np.float32)
    found = []
    for samples in (1, FRAMES * FRAME):
        frames = noise.reshape(BATCH, -1, samples)
        rest = np.ones((*frames.shape[:2], 1), np.float32), vector[:, : frames.shape[1]]
        sampler = WaveNetSampler(model, samples=samples)
        found.append(np.asarray(sampler.predict_on_batch([np.concatenate([frames, *rest], axis=-1), *sampler.begin(BATCH)])[0]))
    assert (found[0] == found[1]).mean() > 0.97
