"""What the sampler writes is what the same random numbers pick from the network's own predictions, for every form and rule."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.encoding import chorale, melody
from lab_utils.models import MelodyRNN, MelodySampler, StepRule, TuneRule

STEPS = 20
TWO = {"recurrent_layers": 2}
FORMS = {"simple": {}, "gru": TWO, "lstm": TWO, "attention": {"cell": "gru", "attention": 6}}
# symbols: end, a meter, a bar line, a section mark, notes of 2, 1 and 3 ticks
DURATIONS, BARS, SECTIONS = [0, 0, 0, 0, 2, 1, 3], [1, 0, 1, 1, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0]
METERS, FULL = [-1, 1, -1, -1, -1, -1, -1], [0, 4]


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
    """What stands before each symbol, one step after another."""
    now = dict.fromkeys(("token", "place", "left", "bar", "upbeat", "meter"), 0)
    shown = []
    for symbol in row:
        shown.append(dict(now))
        if BARS[symbol] and now["bar"] == 0:
            now["upbeat"] = now["place"] if now["place"] < FULL[now["meter"]] else 0
        now["meter"] = METERS[symbol] if METERS[symbol] >= 0 else now["meter"]
        now["place"] = 0 if BARS[symbol] else min(now["place"] + DURATIONS[symbol], 7)
        now["bar"] = 0 if SECTIONS[symbol] else min(now["bar"] + BARS[symbol], 3)
        now["left"], now["token"] = max(FULL[now["meter"]] - now["place"], 0), symbol
    return {name: np.array([one[name] for one in shown], np.int32) for name in now}


@pytest.mark.parametrize("form", ["gru", "attention"])
def test_tunes(form):
    sizes = {"token": 7, "place": 8, "left": 8, "bar": 4, "upbeat": 8, "meter": 2}
    model = built(form, vocabulary=7, features=sizes, lengths=DURATIONS)
    rule = TuneRule(DURATIONS, BARS, SECTIONS, METERS, FULL, last_place=7, last_bar=3)
    assert agreement(model, rule, features_by_hand, np.zeros(STEPS)) > 0.98


def test_nothing_is_longer_than_what_the_bar_still_takes():
    model = built("gru", vocabulary=7, features={"token": 7, "left": 8}, lengths=DURATIONS)
    logits = np.asarray(model({"token": np.zeros((1, 4), np.int32), "left": np.array([[0, 1, 2, 3]], np.int32)}))[0]
    assert (logits > -1e8).tolist() == [[d <= left for d in DURATIONS] for left in range(4)]
