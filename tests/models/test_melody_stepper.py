"""What is read step by step, rows reordered on the way, is what the network predicts for the whole melody."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.encoding import chorale, melody
from lab_utils.models import MelodyRNN, MelodyStepper
from lab_utils.training.device import compiled

STEPS = 10


@pytest.mark.parametrize("form", [{"cell": "lstm", "recurrent_layers": 2}, {"cell": "gru", "attention": 4}])
def test_steps_are_predictions(form):
    keras.utils.set_random_seed(1)
    settings = {"units": 10, "embedding": 6, "dropout": 0.2, "repeats": False, **form}
    model = MelodyRNN(vocabulary=chorale.VOCABULARY, features=melody.FEATURES, **settings)
    model.build()
    rng = np.random.default_rng(0)
    tokens = np.stack([melody.tokens_from_line(np.repeat(rng.integers(60, 66, STEPS // 2), 2)) for _ in range(2)])
    places = chorale.positions(STEPS, meter=(3, 4), pickup_steps=4)
    inputs = [{**melody.inputs_from_tokens(row), "position": places} for row in tokens]
    wanted = np.asarray(model({name: np.stack([one[name] for one in inputs]) for name in inputs[0]}))

    stepper = MelodyStepper(model)
    step_on = compiled(stepper.step, model.variables)
    state, before = stepper.begin(2), np.zeros(2, np.int32)
    now, rows = np.array([0, 1]), np.array([0, 1], np.int32)
    for step in range(STEPS):
        logits, state = step_on(state, np.stack([rows, before, np.full(2, places[step])], axis=1))
        np.testing.assert_allclose(np.asarray(logits), wanted[now, step], rtol=1e-3, atol=1e-4)
        rows = np.array([1, 0], np.int32) if step == 4 else np.array([0, 1], np.int32)  # once the two change places
        now = now[rows]
        before = tokens[now, step]
