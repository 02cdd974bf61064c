"""A trained chorale RNN taken step by step from outside: for a search that chooses the tokens itself and keeps many hypotheses.

:class:`~lab_utils.models.chorale_rnn.ChoraleSampler` chooses by itself, in one program for the whole piece. Here each frame is
two kinds of step, both in ``keras.ops`` alone, so that a backend can compile them: :meth:`ChoraleStepper.open` reads the frame
before and returns the logits of soprano and alto under a given soprano; :meth:`ChoraleStepper.voice` returns those of the tenor
or the bass under what stands above it. Both first pick rows of the state, for a beam reorders its hypotheses between the steps.

A **state** is one tensor, float32 (B, S): four sounding numbers and four counters, as they stand before the frame, the recurrent
layers' states, and what they tell the head. What a step is given is another one, int32. So few, because on TensorFlow each
argument of a compiled step costs about as much as the step's arithmetic.

Axis letters: B rows, V tokens, S numbers of a state. Used by :mod:`lab_utils.algorithms.beam`.
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
        """Return the state before the first frame, an array (B, S); the first :meth:`open` is given four holds for it."""
        state = np.zeros((rows, 8 + sum(layer.units for layer in self.model.recurrents) + 4 * self.model.hidden), np.float32)
        state[:, 4:8] = -1  # a hold makes it the 0 of the first step
        return state

    def open(self, state, given):
        """Return (logits of soprano and alto (B, 2, V), state) of the next frame.

        Parameters
        ----------
        state : tensor, shape (B, S)
        given : tensor of int, shape (B, 8)
            The row of the state that each row goes on from; the four tokens of the frame before; position and phrase number of
            this frame; its soprano's token.
        """
        model, tokens = self.model, given[:, 1:5]
        state = ops.take(state, given[:, 0], axis=0)
        before, held = (ops.cast(state[:, i : i + 4], "int32") for i in (0, 4))
        sounding = ops.where(tokens == 0, before, tokens)
        held = ops.where(tokens == 0, ops.minimum(held + 1, HELD - 1), 0)
        pitches, counters = model.embed(sounding, held)
        made, carried, place = model.read_embedded(pitches, counters, given[:, 5], given[:, 6]), [], 8
        for layer in model.recurrents:
            made, after = layer.cell(made, [state[:, place : place + layer.units]])
            carried.append(after[0] if isinstance(after, list | tuple) else after)
            place += layer.units
        shared = model.from_recurrent(made)
        state = ops.concatenate([ops.cast(sounding, "float32"), ops.cast(held, "float32"), *carried, shared], axis=-1)
        soprano = given[:, 7]
        highest = ops.where(soprano == 0, sounding[:, 0], soprano)
        heads = (sounding, pitches, counters, ops.reshape(shared, (-1, 4, model.hidden)))
        return ops.stack([self._logits(0, [], *heads), self._logits(1, [highest], *heads)], axis=1), state

    def voice(self, state, given):
        """Return the logits (B, V) of the tenor or the bass.

        Parameters
        ----------
        state : tensor, shape (B, S)
            Of :meth:`open`.
        given : tensor of int, shape (B, 3 or 4)
            The row of the state; the tokens of this frame's soprano and alto, or soprano, alto and tenor.
        """
        state, tokens, voice = ops.take(state, given[:, 0], axis=0), given[:, 1:], given.shape[1] - 1
        sounding, held = (ops.cast(state[:, i : i + 4], "int32") for i in (0, 4))
        above = ops.where(tokens == 0, sounding[:, :voice], tokens)
        shared = ops.reshape(state[:, -4 * self.model.hidden :], (-1, 4, self.model.hidden))
        return self._logits(voice, [above[:, i] for i in range(voice)], sounding, *self.model.embed(sounding, held), shared)

    def _logits(self, voice, above, sounding, pitches, counters, shared):
        model = self.model
        hidden = model.from_context(model.context(voice, pitches, counters, above)) + shared[:, voice]
        return model.logits(ops.silu(hidden + model.voice_bias[voice]), sounding[:, voice])
