"""What is read step by step, rows reordered on the way, is what the network predicts for the whole piece."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.encoding import chorale as encoding
from lab_utils.models import ChoraleRNN, ChoraleStepper
from lab_utils.training.device import compiled

FRAMES = 10


@pytest.mark.parametrize("onsets", [False, True])
def test_steps_are_predictions(onsets):
    keras.utils.set_random_seed(1)
    model = ChoraleRNN(units=12, recurrent_layers=2, embedding=6, hidden=10, dropout=0.2, blindness=0.2, onsets=onsets)
    model.build()
    rng = np.random.default_rng(0)
    soprano = np.repeat(rng.integers(60, 66, FRAMES // 2), 2)
    grids = [np.stack([soprano, *np.repeat(rng.integers(50, 60, (3, FRAMES // 2)), 2, axis=1)], axis=1) for _ in range(2)]
    tokens = np.stack([encoding.tokens_from_grid(grid) for grid in grids])  # (2, T, 4), the same soprano
    place = np.stack([encoding.positions(FRAMES, pickup_steps=4), np.arange(FRAMES) % encoding.PHRASES], axis=1).astype(np.int32)
    inputs = [encoding.inputs_from_tokens(row) for row in tokens]
    whole = {name: np.stack([one[name] for one in inputs]) for name in inputs[0]}
    whole |= {"position": np.stack([place[:, 0]] * 2), "phrase": np.stack([place[:, 1]] * 2)}
    wanted = np.asarray(model(whole))

    stepper = ChoraleStepper(model)
    open_, voice = compiled(stepper.open, model.variables), compiled(stepper.voice, model.variables)
    state, before = stepper.begin(2), np.zeros((2, 4), np.int32)
    now, rows = np.array([0, 1]), np.array([0, 1], np.int32)  # which piece each row of the state follows
    for step in range(FRAMES):
        frame = np.array([[*place[step], tokens[0, step, 0]]] * 2, np.int32)
        logits, state = open_(state, np.concatenate([rows[:, None], before, frame], axis=1))
        made = np.empty((2, 4, encoding.VOCABULARY))
        made[:, :2] = np.asarray(logits)
        for part in (2, 3):
            made[:, part] = np.asarray(
                voice(state, np.concatenate([[[0], [1]], tokens[now, step, :part]], axis=1, dtype=np.int32))
            )
        np.testing.assert_allclose(made, wanted[now, step], rtol=1e-3, atol=1e-4)
        rows = np.array([1, 0], np.int32) if step == 4 else np.array([0, 1], np.int32)  # once the two change places
        now = now[rows]
        before = tokens[now, step]
