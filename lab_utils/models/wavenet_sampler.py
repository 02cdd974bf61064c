"""Generation by a WaveNet with kept activations: an RNN over noise whose states are the queues of the causal layers.

A layer of dilation d needs, for the next sample, only its input of d samples ago. So each layer keeps its last d inputs, and a
sample costs one small product a layer in place of the whole receptive field (Le Paine et al., 2016). The RNN's step is a frame:
its conditions are projected once, and a loop inside makes its samples one by one, each from a uniform random number by inverse
transform sampling. Equal noise gives equal sound. States are handed out and taken in again, so that a long piece is made
in chunks.

Two things make it fast when compiled: what a layer whose dilation is a frame or more looks back on is known before the frame
begins, and is multiplied for all of the frame at once; and its queue is then only written within the loop, so that no
compiler copies it at every sample.

Axis letters: B batch, F frames, H samples of a frame, C channels, D features of the conditions, V codes.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.tokens import by_inverse_cdf

layers, ops = keras.layers, keras.ops


class _WaveNetCell(layers.Layer):
    """A frame of sound.

    States, float32: the code before (B, 1), the samples done modulo the longest near dilation (B, 1), and of each layer the last
    inputs (B, d, C): in order for a *far* layer, whose dilation is a frame or more, as a ring for a *near* one.
    A `forced` cell is given codes in the place of noise and returns the logits (B, H · V) of each in the place of codes.
    """

    def __init__(self, model, samples, *, forced=False, **kwargs):
        super().__init__(**kwargs)
        self.model, self.samples, self.forced = model, samples, forced
        self.period = max([d for d in model.dilations if d < samples], default=1)
        self.state_size = [1, 1, *[(d, model.settings["channels"]) for d in model.dilations]]
        self.output_size = samples * (model.levels if forced else 1)
        self.built = True

    def call(self, inputs, states):
        """Return the codes (B, H) and the new states; `inputs` (B, H + 3 + D): noise, temperature, phases, conditions."""
        samples, batch = self.samples, ops.shape(inputs)[0]
        told, tones = inputs[:, samples + 3 :], None
        if self.model.settings["harmonics"]:
            tones = self.model.tones(inputs[:, None, samples + 1 : samples + 3], samples)[:, 0]  # (B, H, C)
        given, temperature = inputs[:, :samples], inputs[:, samples : samples + 1]
        before, at, queues = ops.cast(states[0][:, 0], "int32"), ops.cast(states[1][0, 0], "int32"), list(states[2:])
        sums, table = self.known(told, queues), self.model.vectors()
        kept = [ops.zeros((batch, samples, q.shape[-1])) if self.far(q) else q for q in queues]

        def sample(n, carried):
            made, before, at, *kept = carried
            state = ops.take(table, before, axis=0)
            if tones is not None:
                state = state + ops.slice(tones, (0, n, 0), (batch, 1, tones.shape[2]))[:, 0]
            logits, kept = self.step(state, sums, n, at, kept)
            number = ops.slice(given, (0, n), (batch, 1))
            if self.forced:
                code, made = ops.cast(number[:, 0], "int32"), ops.slice_update(made, (0, n, 0), logits[:, None])
            else:
                code = by_inverse_cdf(logits / temperature, number)
                made = ops.slice_update(made, (0, n), ops.cast(code, "float32")[:, None])
            return (made, code, (at + 1) % self.period, *kept)

        made = ops.zeros((batch, samples, self.model.levels)) if self.forced else ops.zeros_like(given)
        made, before, at, *kept = ops.fori_loop(0, samples, sample, (made, before, at, *kept))
        pairs = zip(queues, kept, strict=True)
        after = [ops.concatenate([old[:, samples:], new], axis=1) if self.far(old) else new for old, new in pairs]
        first = [ops.cast(before, "float32")[:, None], ops.zeros_like(states[1]) + ops.cast(at, "float32")]
        return ops.reshape(made, (-1, self.output_size)), [*first, *after]

    def far(self, queue):
        """Return whether a queue (B, d, C) is that of a far layer."""
        return queue.shape[1] >= self.samples

    def known(self, conditions, queues):
        """Return what each layer's gate is told beforehand of a frame: (B, 2C), of a far layer (B, H, 2C)."""
        found = []
        for layer, queue in zip(self.model.causal, queues, strict=True):
            shifts = layer.shifts(conditions)
            found.append(ops.matmul(queue[:, : self.samples], layer.past) + shifts[:, None] if self.far(queue) else shifts)
        return found

    def step(self, state, sums, n, at, kept):
        """Return the logits (B, V) and what is kept after sample `n`, from the vector (B, C) of the code before."""
        gates, after, batch = [], [], ops.shape(state)[0]
        for layer, known, queue in zip(self.model.causal, sums, kept, strict=True):
            if len(known.shape) == 3:
                place = n
                shift = ops.slice(known, (0, n, 0), (batch, 1, known.shape[2]))[:, 0]
            else:
                place = at % layer.dilation
                shift = known + ops.matmul(ops.slice(queue, (0, place, 0), (batch, 1, queue.shape[2]))[:, 0], layer.past)
            onward, gated = layer.step(state, shift)
            after.append(ops.slice_update(queue, (0, place, 0), state[:, None]))
            state = onward
            gates.append(gated)
        return self.model.finish(ops.concatenate(gates, axis=-1)), after


class WaveNetSampler(keras.Model):
    """Make sound with a trained :class:`~lab_utils.models.wavenet.WaveNet`, a chunk of frames at a time.

    Parameters
    ----------
    model : WaveNet
        Built; its weights are shared, not copied.
    samples : int
        H, how many samples share their conditions.
    forced : bool
        Return the logits of given codes and make none: for tests, and to score a sound that comes in piece by piece.

    Notes
    -----
    Called with a list: frames, float32, shape (B, F, H + 3 + D) – H uniform random numbers (or codes, if forced), the
    temperature, the two phases of the tones (zeros where there are none), and a vector of
    :meth:`~lab_utils.models.wavenet.WaveNet.condition` – and the states of the chunk before, at first those of :meth:`begin`.
    Returns a list: the codes, int32, shape (B, F · H) (the logits, shape (B, F · H, V), if forced), and the states.
    """

    def __init__(self, model, *, samples, forced=False, **kwargs):
        super().__init__(**kwargs)
        self.model, self.samples = model, samples
        self.loop = layers.RNN(_WaveNetCell(model, samples, forced=forced), return_sequences=True, return_state=True)
        self.forced = forced

    def call(self, inputs):
        """Return [codes or logits, states …]."""
        frames, *states = inputs
        made, *states = self.loop(frames, initial_state=states)
        batch = ops.shape(frames)[0]  # and not the number of frames: TensorFlow has one program for chunks of all lengths
        if self.forced:
            return [ops.reshape(made, (batch, -1, self.model.levels)), *states]
        return [ops.cast(ops.reshape(made, (batch, -1)), "int32"), *states]

    def begin(self, batch):
        """Return the states before the first sample, a list of float32 arrays: silence, and nothing in the queues."""
        queues = [np.zeros((batch, *size), np.float32) for size in self.loop.cell.state_size[2:]]
        return [np.full((batch, 1), self.model.silence, np.float32), np.zeros((batch, 1), np.float32), *queues]
