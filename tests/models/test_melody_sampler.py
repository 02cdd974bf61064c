"""What the sampler writes is what the same random numbers pick from the network's own predictions, for every form and rule."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.encoding import chorale, melody
from lab_utils.models import MelodyRNN, MelodySampler, StepRule, TableRule

STEPS = 20
TWO = {"recurrent_layers": 2}
FORMS = {"simple": {}, "gru": TWO, "lstm": TWO, "attention": {"cell": "gru", "attention": 6}}
DURATIONS, BARS, METERS = [0, 2, 1, 3, 0, 0], [0, 0, 0, 0, 1, 0], [-1, -1, -1, -1, -1, 2]


def built(form, **settings):
    keras.utils.set_random_seed(2)
    model = MelodyRNN(**{"cell": form, "units": 10, "embedding": 6, "dropout": 0.0, **settings, **FORMS[form]})
    model.build()
    for weight in model.trainable_variables:  # far enough from nought for the choices to differ
        weight.assign(weight + 0.2 * keras.random.normal(weight.shape, seed=len(weight.path)))
    return model


def agreement(model, rule, features_of, given):
    """The share of tokens that equal what the network, shown the sampler's own tokens, would have chosen."""
    rng = np.random.default_rng(3)
    noise = np.stack([rng.random((3, STEPS)), np.full((3, STEPS), 0.7), np.tile(given, (3, 1))], axis=-1).astype(np.float32)
    tokens = np.asarray(MelodySampler(model, rule)(noise))
    inputs = [features_of(row) for row in tokens]
    logits = np.asarray(model({name: np.stack([i[name] for i in inputs]) for name in inputs[0]})) / 0.7
    cumulated = np.cumsum(np.exp(logits - logits.max(axis=-1, keepdims=True)), axis=-1)
    picked = (cumulated <= noise[..., :1] * cumulated[..., -1:]).sum(axis=-1)
    assert len(np.unique(tokens)) > 3
    return (picked == tokens).mean()


@pytest.mark.parametrize("form", FORMS)
def test_steps(form):
    model = built(form, vocabulary=chorale.VOCABULARY, features=melody.FEATURES, repeats=True)
    places = chorale.positions(STEPS, meter=(3, 4), pickup_steps=4)
    assert agreement(model, StepRule(), lambda row: {**melody.inputs_from_tokens(row), "position": places}, places) > 0.98


def features_by_hand(row):
    """The features of symbols 0–5: the token before, the place in the bar, the meter, one step after another."""
    token = place = meter = 0
    shown = {"token": [], "place": [], "meter": []}
    for after in row:
        for name, value in (("token", token), ("place", place), ("meter", meter)):
            shown[name].append(value)
        token, place = after, 0 if BARS[after] else min(place + DURATIONS[after], 7)
        meter = meter if METERS[after] < 0 else METERS[after]
    return {name: np.array(values, np.int32) for name, values in shown.items()}


@pytest.mark.parametrize("form", ["gru", "attention"])
def test_tables(form):
    model = built(form, vocabulary=6, features={"token": 6, "place": 8, "meter": 3})
    rule = TableRule({"place": (DURATIONS, BARS, 7)}, {"meter": METERS})
    assert agreement(model, rule, features_by_hand, np.zeros(STEPS)) > 0.98
