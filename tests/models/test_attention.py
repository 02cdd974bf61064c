"""Attention over the past: what the weights mean, that nothing comes from the future, and that steps equal whole sequences."""

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.attention import PastAttention

STEPS, PAST = 12, 5


def layer_and_inputs(seed=0):
    keras.utils.set_random_seed(seed)
    layer = PastAttention(PAST, 4)
    layer.build((None, None, 6), (None, None, 3))
    rng = np.random.default_rng(seed)
    layer.distance.assign(rng.normal(size=PAST))
    return layer, rng.normal(size=(2, STEPS, 6)).astype(np.float32), rng.normal(size=(2, STEPS, 3)).astype(np.float32)


def test_the_weights_are_those_of_the_definition():
    layer, state, came = layer_and_inputs()
    context, weights = (np.asarray(x) for x in layer(state, came))
    query, key, value = (np.asarray(part.kernel) for part in (layer.query, layer.key, layer.value))
    distance = np.asarray(layer.distance)
    for t in range(STEPS):
        scores, kept = [], []
        for k in range(min(PAST, t)):
            s = t - 1 - k  # the step looked back on: h(s), and what came then, which is known at s + 1
            both = np.concatenate([state[0, s], came[0, s + 1]])
            scores.append(state[0, t] @ query @ (both @ key) / 2 + distance[k])
            kept.append(both @ value)
        expected = np.zeros(PAST)
        if t:
            expected[: len(scores)] = np.exp(scores) / np.exp(scores).sum()
            np.testing.assert_allclose(context[0, t], expected[: len(scores)] @ np.array(kept), atol=1e-5)
        np.testing.assert_allclose(weights[0, t], expected, atol=1e-5)
    assert (context[:, 0] == 0).all()


def test_a_change_moves_nothing_before_it():
    layer, state, came = layer_and_inputs(1)
    before = np.asarray(layer(state, came)[0])
    state[:, 6], came[:, 6] = 0, 0
    moved = np.abs(np.asarray(layer(state, came)[0]) - before).max(axis=(0, 2)) > 0
    assert not moved[:6].any() and moved[6] and moved[6 + PAST - 1]
    assert not moved[6 + PAST + 1 :].any()


def test_step_by_step_equals_the_whole():
    layer, state, came = layer_and_inputs(2)
    context, weights = (np.asarray(x) for x in layer(state, came))
    keys = values = np.zeros((2, 0, 4), np.float32)
    for t in range(STEPS):
        if t:
            key, value = (np.asarray(x)[:, None] for x in layer.remember(state[:, t - 1], came[:, t]))
            keys, values = np.concatenate([key, keys], axis=1), np.concatenate([value, values], axis=1)
        room = [np.concatenate([x, np.zeros((2, PAST, 4), np.float32)], axis=1)[:, :PAST] for x in (keys, values)]
        seen, looked = layer.look(state[:, t], *room, np.full((2, 1), min(t, PAST), np.float32))
        np.testing.assert_allclose(np.asarray(seen), context[:, t], atol=1e-5)
        np.testing.assert_allclose(np.asarray(looked), weights[:, t], atol=1e-5)
