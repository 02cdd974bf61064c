"""A trained chorale RNN taken step by step from outside: for a search that chooses the tokens itself and keeps many hypotheses.

:class:`~lab_utils.models.chorale_rnn.ChoraleSampler` chooses by itself, in one program for the whole piece. Here each frame is
two kinds of step, both in ``keras.ops`` alone, so that a backend can compile them: :meth:`ChoraleStepper.open` reads the frame
before and returns the logits of soprano and alto under a given soprano; :meth:`ChoraleStepper.voice` returns those of the tenor
or the bass under what stands above it. Both first pick rows of the state, for a beam reorders its hypotheses between the steps.

A **state** is a dict of tensors with a leading axis B: ``sounding`` and ``held``, int32 (B, 4), as they stand before the frame;
``recurrent``, a list of (B, units); ``shared``, (B, 4, D), what the recurrent layers tell the head.

Axis letters: B rows, V tokens. Used by :mod:`lab_utils.algorithms.beam`.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.chorale_rnn import HELD

ops = keras.ops


class ChoraleStepper:
    """The steps of a model.

    Parameters
    ----------
    model : ChoraleRNN
        Built; its weights are shared, not copied.
    """

    def __init__(self, model):
        self.model = model

    def begin(self, rows):
        """Return the state before the first frame, of NumPy arrays; the first :meth:`open` is given four holds for it."""
        units = [layer.units for layer in self.model.recurrents]
        return {
            "sounding": np.zeros((rows, 4), np.int32),
            "held": np.full((rows, 4), -1, np.int32),  # a hold makes it the 0 of the first step
            "recurrent": [np.zeros((rows, size), np.float32) for size in units],
            "shared": np.zeros((rows, 4, self.model.hidden), np.float32),
        }

    def open(self, state, rows, tokens, place, soprano):
        """Return (logits of soprano and alto (B, 2, V), state) of the next frame.

        Parameters
        ----------
        state : dict
        rows : tensor of int, shape (B,)
            Which row of the state each row goes on from.
        tokens : tensor of int, shape (B, 4)
            Of the frame before.
        place : tensor of int, shape (2,)
            Position and phrase number of this frame.
        soprano : tensor of int, shape (1,)
            Its soprano's token.
        """
        model = self.model
        before, held = (ops.take(state[name], rows, axis=0) for name in ("sounding", "held"))
        sounding = ops.where(tokens == 0, before, tokens)
        held = ops.where(tokens == 0, ops.minimum(held + 1, HELD - 1), 0)
        pitches, counters = model.embed(sounding, held)
        position, phrase = (ops.broadcast_to(place[i], ops.shape(sounding)[:1]) for i in range(2))
        made, carried = model.read_embedded(pitches, counters, position, phrase), []
        for layer, kept in zip(model.recurrents, state["recurrent"], strict=True):
            made, after = layer.cell(made, [ops.take(kept, rows, axis=0)])
            carried.append(after[0] if isinstance(after, list | tuple) else after)
        shared = ops.reshape(model.from_recurrent(made), (-1, 4, model.hidden))
        state = {"sounding": sounding, "held": held, "recurrent": carried, "shared": shared}
        highest = ops.where(soprano == 0, sounding[:, 0], soprano)
        first = self._logits(state, 0, [], pitches, counters)
        second = self._logits(state, 1, [highest], pitches, counters)
        return ops.stack([first, second], axis=1), state

    def voice(self, state, rows, tokens):
        """Return the logits (B, V) of the voice under those whose `tokens` (B, 2 or 3) of the frame are given; rows as above."""
        state = {name: ops.take(state[name], rows, axis=0) for name in ("sounding", "held", "shared")}
        pitches, counters = self.model.embed(state["sounding"], state["held"])
        voice = tokens.shape[1]
        above = ops.where(tokens == 0, state["sounding"][:, :voice], tokens)
        return self._logits(state, voice, [above[:, i] for i in range(voice)], pitches, counters)

    def _logits(self, state, voice, above, pitches, counters):
        model = self.model
        hidden = model.from_context(model.context(voice, pitches, counters, above)) + state["shared"][:, voice]
        return model.logits(ops.silu(hidden + model.voice_bias[voice]), state["sounding"][:, voice])
