"""A trained melody RNN of folk tunes taken symbol by symbol from outside: for a search that chooses the symbols itself.

What :class:`~lab_utils.models.melody_stepper.MelodyStepper` is for 16th steps, for the symbols of ABC text, whose rule keeps the
clock of the bars. Axis letters: B rows, V tokens. Used by :mod:`lab_utils.algorithms.swarm`.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.melody_sampler import MelodyCell
from lab_utils.models.melody_stepper import MelodyStepper

ops = keras.ops


class TuneStepper(MelodyStepper):
    """A trained melody RNN of tunes.

    Parameters
    ----------
    model : MelodyRNN
        Built; its weights are shared, not copied.
    rule : TuneRule
        Of its symbols; as it is, it forbids nothing but what the network's clock does.
    """

    def __init__(self, model, rule):
        super().__init__(model)
        self.cell = MelodyCell(model, rule)

    def begin(self, rows):
        """Return the state before the first symbol, an array (B, S); the first :meth:`step` is given the token END, 0."""
        return np.zeros((rows, sum(self.sizes)), np.float32)

    def step(self, state, given):
        """Return (logits (B, V), state) of the next symbol.

        Parameters
        ----------
        state : tensor, shape (B, S)
        given : tensor of int, shape (B, 2)
            The row of the state that each row goes on from, and the symbol before.
        """
        return super().step(state, ops.pad(given, ((0, 0), (0, 1))))  # the place in the bar is told by the rule
