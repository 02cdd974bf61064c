"""A trained melody RNN of 16th steps taken step by step from outside: for a search that chooses the tokens itself.

:class:`~lab_utils.models.melody_sampler.MelodySampler` chooses by itself, in one program for the whole melody. Here a step first
picks rows of the state, for a beam reorders its hypotheses between the steps, then takes in the token before and returns the
logits.

Axis letters: B rows, V tokens. Used by :mod:`lab_utils.algorithms.beam`.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.melody_sampler import MelodyCell, StepRule

ops = keras.ops


class MelodyStepper:
    """A trained melody RNN of 16th steps taken step by step from outside, by a search that chooses the tokens itself.

    Parameters
    ----------
    model : MelodyRNN
        Built; its weights are shared, not copied.

    Notes
    -----
    A **state** is one tensor, float32 (B, S): the features and the states of the layers, side by side.
    """

    def __init__(self, model):
        self.cell = MelodyCell(model, StepRule())
        self.sizes = self.cell.state_size

    def begin(self, rows):
        """Return the state before the first step, an array (B, S); the first :meth:`step` is given holds for it."""
        state = np.zeros((rows, sum(self.sizes)), np.float32)
        state[:, self.cell.model.names.index("held")] = -1  # a hold makes it the 0 of the first step
        return state

    def step(self, state, given):
        """Return (logits (B, V), state) of the next step.

        Parameters
        ----------
        state : tensor, shape (B, S)
        given : tensor of int, shape (B, 3)
            The row of the state that each row goes on from, the token of the step before, and the place of this step in the bar.
        """
        state = ops.take(state, given[:, 0], axis=0)
        ends = np.cumsum(self.sizes)
        numbers, *states = [state[:, end - size : end] for size, end in zip(self.sizes, ends, strict=True)]
        names = self.cell.model.names
        features = {name: ops.cast(numbers[:, i], "int32") for i, name in enumerate(names)}
        features = self.cell.rule.first(self.cell.rule.next(features, given[:, 1]), given[:, 2])
        logits, carried = self.cell.see(features, states)
        seen = [ops.cast(features[name], "float32")[:, None] for name in names]
        return logits, ops.concatenate([*seen, *carried], axis=-1)
