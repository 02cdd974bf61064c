"""A trained melody RNN of folk tunes taken symbol by symbol from outside: for a search that chooses the symbols itself.

What :class:`~lab_utils.models.melody_stepper.MelodyStepper` is for 16th steps, for the symbols of ABC text, whose rule keeps the
clock of the bars. Axis letters: B rows, V tokens. Used by :mod:`lab_utils.algorithms.swarm`.
"""

import numpy as np

from lab_utils.models.melody_sampler import MelodyCell
from lab_utils.models.melody_stepper import MelodyStepper


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
        self.cell = MelodyCell(model, rule)

    def begin(self, rows):
        """Return the state before the first symbol, of NumPy arrays; the first :meth:`step` is given the token END, 0."""
        return [
            np.zeros((rows, len(self.cell.model.names)), np.int32),
            *[np.zeros((rows, size), np.float32) for size in self.cell.state_size[1:]],
        ]

    def step(self, state, rows, token):
        """Return (logits (B, V), state) of the next symbol.

        Parameters
        ----------
        state : list
        rows : tensor of int, shape (B,)
            Which row of the state each row goes on from.
        token : tensor of int, shape (B,)
            The symbol before.
        """
        return super().step(state, rows, token, np.zeros(1, np.int32))
