"""What the sampler writes is what the same random numbers pick from the network's own predictions, for every form and rule."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.encoding import chorale, melody
from lab_utils.encoding.abc_clock import Clock
from lab_utils.encoding.abc_vocabulary import LAST_BAR, LAST_PLACE, Vocabulary
from lab_utils.models import MelodyRNN, MelodySampler, StepRule, TuneRule

STEPS = 20
TWO = {"recurrent_layers": 2}
FORMS = {"simple": {}, "gru": TWO, "lstm": TWO, "attention": {"cell": "gru", "attention": 6}}


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


TUNE = ["[M:2/4]", "[M:6/8]", "[K:Cmaj]", "|", "|:", ":|", "[2", "-", "z2", "C2", "D", "E4", "F3"]


@pytest.mark.parametrize("form", ["gru", "attention"])
def test_tunes(form):
    vocabulary = Vocabulary(TUNE)
    clock = Clock(vocabulary)
    tables = {"kinds": clock.kinds, "durations": clock.durations}
    model = built(form, vocabulary=len(vocabulary), features=clock.sizes, clock=tables)
    rule = TuneRule(clock.kinds, clock.durations, clock.meter_of, clock.bar_ticks, last_place=LAST_PLACE, last_bar=LAST_BAR)
    assert agreement(model, rule, clock.features, np.zeros(STEPS)) > 0.98


def test_sections_close_if_they_have_to():
    clock = Clock(Vocabulary(TUNE))
    now = {"place": np.array([0, 12, 48, 72]), "left": np.array([72, 60, 24, 0]), "upbeat": np.array([0, 12, 24, 12])}
    tables = (clock.kinds, clock.durations, clock.meter_of, clock.bar_ticks)
    logits = np.zeros((4, len(clock.kinds)), np.float32)
    for closes, expected in ((True, [False, True, False, True]), (False, [False] * 4)):
        rule = TuneRule(*tables, last_place=LAST_PLACE, last_bar=LAST_BAR, closes=closes)
        masked = np.asarray(rule.restrict(logits, now)) < -1e8
        marks = clock.kinds == 4
        assert (masked[:, marks].all(axis=1) == expected).all() and not masked[:, ~marks].any()
