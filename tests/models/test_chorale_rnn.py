"""The chorale RNN: nothing leaks from the future, the impossible gets no probability, and composing equals predicting."""

import numpy as np
import pytest
from learning import learn_one_batch

from lab_utils.backend import keras
from lab_utils.encoding import chorale as encoding
from lab_utils.models import ChoraleRNN, ChoraleSampler
from lab_utils.models import chorale_rnn as module

STEPS = 24


def small(*, onsets=False, dropout=0.0, seed=1):
    keras.utils.set_random_seed(seed)
    model = ChoraleRNN(units=12, recurrent_layers=2, embedding=6, hidden=10, dropout=dropout, blindness=dropout, onsets=onsets)
    model.build()
    return model


def random_inputs(seed, *, batch=2, onsets=False):
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(batch):
        grid = np.repeat(rng.integers(50, 60, (STEPS // 2, 4)), 2, axis=0)
        grid[rng.random(grid.shape) < 0.1] = encoding.SILENT
        tokens = encoding.tokens_from_grid(grid, rng.random(grid.shape) < 0.2 if onsets else None)
        made.append({**encoding.inputs_from_tokens(tokens), "tokens": tokens})
    inputs = {name: np.stack([m[name] for m in made]) for name in made[0]}
    tokens = inputs.pop("tokens")
    inputs["position"] = np.tile(encoding.positions(STEPS), (batch, 1))
    inputs["phrase"] = rng.integers(0, encoding.PHRASES, (batch, STEPS)).astype(np.int32)
    return inputs, tokens


def test_the_sizes_are_those_of_the_encoding():
    held, positions, phrases = encoding.LONGEST_HOLD + 1, encoding.POSITIONS, encoding.PHRASES
    assert (encoding.VOCABULARY, held, positions, phrases) == (module.TOKENS, module.HELD, module.POSITIONS, module.PHRASES)
    assert module.FIRST_PITCH == encoding.FIRST_PITCH


@pytest.mark.parametrize("onsets", [False, True])
def test_impossible_tokens_get_no_probability(onsets):
    inputs, tokens = random_inputs(0, onsets=onsets)
    probabilities = np.asarray(keras.ops.softmax(small(onsets=onsets)(inputs)))
    of_sounding = np.take_along_axis(probabilities, inputs["sounding"][..., None], axis=-1)[..., 0]
    cannot = inputs["sounding"] < encoding.FIRST_PITCH if onsets else np.ones_like(of_sounding, bool)
    assert (of_sounding[cannot] == 0).all()
    assert onsets == bool((of_sounding > 0).any())  # with onsets a pitch may start again
    assert (np.take_along_axis(probabilities, tokens[..., None], axis=-1) > 0).all()


def test_no_leak_from_the_future_nor_from_the_voices_below():
    model = small()
    inputs, _ = random_inputs(1)
    before = np.asarray(model(inputs))
    for step, voice in ((5, 0), (5, 2), (STEPS - 1, 3)):
        changed = {name: values.copy() for name, values in inputs.items()}
        changed["current"][:, step, voice] = 40
        changed["sounding"][:, step + 1 :, voice] = 41
        changed["held"][:, step + 1 :, voice] = 3
        moved = np.abs(np.asarray(model(changed)) - before).max(axis=(0, 3)) > 0  # (T, 4)
        assert not moved[:step].any()
        assert not moved[step, : voice + 1].any()
        assert moved[step, voice + 1 :].all()
        assert moved[step + 1 :].any() or step == STEPS - 1


def test_every_input_matters():
    model = small()
    inputs, _ = random_inputs(2)
    before = np.asarray(model(inputs))
    for name in inputs:
        changed = {**inputs, name: (inputs[name] + 1) % 16}
        assert np.abs(np.asarray(model(changed)) - before).max() > 1e-6, name


@pytest.mark.parametrize("onsets", [False, True])
def test_composed_tokens_are_those_that_the_network_predicts(onsets):
    """The sampler's tokens, shown to the network step by step, are what the same random numbers pick from its logits."""
    model = small(onsets=onsets)
    rng = np.random.default_rng(3)
    noise = np.empty((3, STEPS, 7), np.float32)
    noise[..., :4], noise[..., 4] = rng.random((3, STEPS, 4)), 0.7
    noise[..., 5], noise[..., 6] = encoding.positions(STEPS), 2
    tokens = np.asarray(ChoraleSampler(model)(noise))
    for row in range(3):
        encoding.grid_from_tokens(tokens[row])  # is music
        inputs = encoding.inputs_from_tokens(tokens[row])
        inputs |= {"position": encoding.positions(STEPS), "phrase": np.full(STEPS, 2, np.int32)}
        logits = np.asarray(model({name: values[None] for name, values in inputs.items()}))[0] / 0.7
        cumulated = np.cumsum(np.exp(logits - logits.max(axis=-1, keepdims=True)), axis=-1)
        picked = (cumulated <= noise[row, :, :4, None] * cumulated[..., -1:]).sum(axis=-1)
        # a random number may fall on the border between two tokens, where the last bits decide
        assert (picked == tokens[row]).mean() > 0.98


def test_the_loss_is_the_mean_over_notes_that_count():
    model = small()
    inputs, tokens = random_inputs(4)
    logits = np.asarray(model(inputs), dtype=np.float64)
    log_p = logits - np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True)) - logits.max(-1, keepdims=True)
    nll = -np.take_along_axis(log_p, tokens[..., None], axis=-1)[..., 0]
    weights = np.ones((2, STEPS), np.float32)
    weights[1, 5:] = 0
    expected = (nll.mean(-1) * weights).sum() / weights.sum()
    loss = model.compute_loss(inputs, tokens, model(inputs), sample_weight=weights)
    assert float(loss) == pytest.approx(expected, rel=1e-4)
    assert float(model.compute_loss(inputs, tokens, model(inputs))) == pytest.approx(nll.mean(), rel=1e-4)


def test_one_batch_is_learnt_and_every_weight_moves():
    model = small(onsets=True, dropout=0.05)
    inputs, tokens = random_inputs(5, batch=4, onsets=True)
    losses, still = learn_one_batch(model, inputs, tokens)
    assert losses[-1] < 0.5 * losses[0] and still == []


def test_config_builds_the_same_network():
    model = small(onsets=True)
    again = ChoraleRNN.from_config(model.get_config())
    again.build()
    again.set_weights(model.get_weights())
    inputs, _ = random_inputs(6)
    np.testing.assert_array_equal(np.asarray(model(inputs)), np.asarray(again(inputs)))
