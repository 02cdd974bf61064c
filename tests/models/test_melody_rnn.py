"""The melody RNN in each of its forms: nothing leaks from the future, every weight learns, what cannot be is not expected."""

import numpy as np
import pytest
from learning import learn_one_batch

from lab_utils.backend import keras
from lab_utils.encoding import chorale, melody
from lab_utils.errors import ParameterError
from lab_utils.models import MelodyRNN

STEPS = 24
FORMS = {"simple": {}, "gru": {"recurrent_layers": 2}, "lstm": {}, "attention": {"cell": "gru", "attention": 6}}


def small(form="gru", *, repeats=False, seed=1, **changes):
    keras.utils.set_random_seed(seed)
    settings = {"cell": form, "units": 12, "embedding": 6, "dropout": 0.0, "repeats": repeats, **FORMS[form], **changes}
    model = MelodyRNN(vocabulary=chorale.VOCABULARY, features=melody.FEATURES, **settings)
    model.build()
    return model


def random_inputs(seed, *, batch=2, repeats=False):
    rng = np.random.default_rng(seed)
    tokens = []
    for _ in range(batch):
        line = np.repeat(rng.integers(50, 60, STEPS // 2), 2)
        line[rng.random(STEPS) < 0.1] = chorale.SILENT
        tokens.append(melody.tokens_from_line(line, (rng.random(STEPS) < 0.2) & (line != chorale.SILENT) if repeats else None))
    made = [melody.inputs_from_tokens(t) for t in tokens]
    inputs = {name: np.stack([m[name] for m in made]) for name in made[0]}
    return {**inputs, "position": np.tile(chorale.positions(STEPS), (batch, 1))}, np.stack(tokens)


@pytest.mark.parametrize("form", FORMS)
def test_no_leak_from_the_future_and_every_input_matters(form):
    model, (inputs, _) = small(form), random_inputs(1)
    before = np.asarray(model(inputs))
    for name in inputs:
        changed = {key: values.copy() for key, values in inputs.items()}
        changed[name][:, 9:] = (changed[name][:, 9:] + 3) % 16
        moved = np.abs(np.asarray(model(changed)) - before).max(axis=(0, 2)) > 0
        assert not moved[:9].any() and moved[9:].all(), name


@pytest.mark.parametrize("repeats", [False, True])
def test_impossible_tokens_get_no_probability(repeats):
    inputs, tokens = random_inputs(0, repeats=repeats)
    probabilities = np.asarray(keras.ops.softmax(small(repeats=repeats)(inputs)))
    of_sounding = np.take_along_axis(probabilities, inputs["sounding"][..., None], axis=-1)[..., 0]
    cannot = inputs["sounding"] < chorale.FIRST_PITCH if repeats else np.ones_like(of_sounding, bool)
    assert (of_sounding[cannot] == 0).all()
    assert repeats == bool((of_sounding > 0).any())
    assert (np.take_along_axis(probabilities, tokens[..., None], axis=-1) > 0).all()


@pytest.mark.parametrize("form", FORMS)
def test_one_batch_is_learnt_and_every_weight_moves(form):
    model, (inputs, tokens) = small(form, dropout=0.05, blindness=0.05), random_inputs(5, batch=4)
    losses, still = learn_one_batch(model, inputs, tokens)
    assert losses[-1] < 0.6 * losses[0] and still == []


def test_attention_hands_out_its_weights():
    model, (inputs, _) = small("attention"), random_inputs(2)
    logits, weights = model.attend(inputs)
    np.testing.assert_allclose(np.asarray(logits), np.asarray(model(inputs)), atol=1e-6)
    sums = np.asarray(weights).sum(axis=-1)
    assert weights.shape == (2, STEPS, 6)
    np.testing.assert_allclose(sums[:, 1:], 1, atol=1e-5)
    assert (sums[:, 0] == 0).all()
    assert small("gru").attend(inputs)[1] is None


def test_other_tokens_may_all_follow_each_other():
    keras.utils.set_random_seed(0)
    model = MelodyRNN(vocabulary=9, features={"token": 9, "place": 4}, units=8, embedding=4)
    model.build()
    logits = np.asarray(model({"token": np.arange(8)[None] % 9, "place": np.zeros((1, 8), np.int32)}))
    assert logits.shape == (1, 8, 9) and np.abs(logits).max() < 100


def test_an_unknown_cell_is_told():
    with pytest.raises(ParameterError, match="simple, gru, lstm"):
        MelodyRNN(vocabulary=9, features={"token": 9}, cell="transformer")
