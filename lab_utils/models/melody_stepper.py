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
    A **state** is a list of tensors with a leading axis B: the features, int32 (B, names), and the states of the layers.
    """

    def __init__(self, model):
        self.cell = MelodyCell(model, StepRule())

    def begin(self, rows):
        """Return the state before the first step, of NumPy arrays; the first :meth:`step` is given holds for it."""
        numbers = np.zeros((rows, len(self.cell.model.names)), np.int32)
        numbers[:, self.cell.model.names.index("held")] = -1  # a hold makes it the 0 of the first step
        return [numbers, *[np.zeros((rows, size), np.float32) for size in self.cell.state_size[1:]]]

    def step(self, state, rows, token, position):
        """Return (logits (B, V), state) of the next step.

        Parameters
        ----------
        state : list
        rows : tensor of int, shape (B,)
            Which row of the state each row goes on from.
        token : tensor of int, shape (B,)
            Of the step before.
        position : tensor of int, shape (1,)
            The place of this step in the bar.
        """
        numbers, *states = [ops.take(part, rows, axis=0) for part in state]
        names = self.cell.model.names
        features = self.cell.rule.next({name: numbers[:, i] for i, name in enumerate(names)}, token)
        features = self.cell.rule.first(features, ops.broadcast_to(position, ops.shape(token)))
        logits, carried = self.cell.see(features, states)
        return logits, [ops.stack([features[name] for name in names], axis=-1), *carried]
