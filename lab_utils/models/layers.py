"""GRU, LSTM and dropout layers that train faster on JAX, where Keras' own spend most of a step on small products.

GRU and LSTM are Keras' layers: the same weights, the same numbers, the same cells. What differs is the order of the work, as in
cuDNN (Appleyard, Kociský & Blunsom, 2016): the product of the inputs with their kernel is made once for all steps, before the
loop; and the backward pass is written out, so that what does not depend on the step behind is computed for all steps at once, and
the gradient of the recurrent kernel is one product over the whole sequence and not a sum that is carried through the loop.

Dropout takes its random numbers from a hash of the place and not from a cipher, which costs a tenth to a third of a step.

On TensorFlow they are Keras' own, for ``keras.ops.scan`` gives a loop there that is slower than theirs and that XLA refuses.
`make bench` measures all of them. Left out: masks, given initial states, and the options of Keras' layers for the shape of
the result; with any of these, Keras' own loop runs.

Axis letters: B batch, T steps, U units.
"""

import math

from lab_utils.backend import keras

layers, ops = keras.layers, keras.ops


def _flat(values):
    return ops.reshape(values, (-1, values.shape[-1]))


def _before(first, values):
    """What stood before each step: `values` (T, B, U) moved by one, `first` (B, U) in front."""
    return ops.concatenate([first[None], values[:-1]], axis=0)


@ops.custom_gradient
def gru_loop(inputs, kernel, bias, first):
    """Return the states (T, B, U) of a GRU (Cho et al., 2014; with the reset gate after the product).

    Parameters
    ----------
    inputs : tensor, shape (T, B, 3U)
        Already multiplied: update gate, reset gate, candidate.
    kernel : tensor, shape (U, 3U)
    bias : tensor, shape (3U,)
    first : tensor, shape (B, U)
        The state before the first step.
    """
    units = kernel.shape[0]

    def forward(state, given):
        product = ops.matmul(state, kernel) + bias
        gates = ops.sigmoid(given[:, : 2 * units] + product[:, : 2 * units])
        kept, own = gates[:, :units], product[:, 2 * units :]
        candidate = ops.tanh(given[:, 2 * units :] + gates[:, units:] * own)
        state = candidate + kept * (state - candidate)
        return state, (state, gates, candidate, own)

    _, (states, gates, candidate, own) = ops.scan(forward, first, inputs)

    def gradient(*given, upstream=None):
        (upstream,) = given if upstream is None else (upstream,)
        before = _before(first, states)
        kept, reset = gates[..., :units], gates[..., units:]
        to_candidate = (1 - kept) * (1 - candidate * candidate)
        to_kept = (before - candidate) * kept * (1 - kept)
        to_reset = to_candidate * own * reset * (1 - reset)
        slopes = ops.concatenate([to_kept, to_reset, to_candidate * reset], axis=-1)  # (T, B, 3U)
        transposed = ops.transpose(kernel)

        def backward(of_state, row):
            arriving, slope, kept = row
            of_state = of_state + arriving
            of_product = ops.concatenate([of_state, of_state, of_state], axis=-1) * slope
            return of_state * kept + ops.matmul(of_product, transposed), (of_state, of_product)

        of_first, (of_state, of_product) = ops.scan(backward, ops.zeros_like(first), (upstream, slopes, kept), reverse=True)
        of_inputs = ops.concatenate([of_product[..., : 2 * units], of_state * to_candidate], axis=-1)
        of_kernel = ops.matmul(ops.transpose(_flat(before)), _flat(of_product))
        return of_inputs, of_kernel, ops.sum(of_product, axis=(0, 1)), of_first

    return states, gradient


@ops.custom_gradient
def lstm_loop(inputs, kernel, first):
    """Return the states (T, B, U) of an LSTM (Hochreiter & Schmidhuber, 1997; with the forget gate of Gers et al., 2000).

    Parameters
    ----------
    inputs : tensor, shape (T, B, 4U)
        Already multiplied: input gate, forget gate, candidate, output gate.
    kernel : tensor, shape (U, 4U)
    first : tensor, shape (B, U)
        The state and the memory before the first step, both.
    """
    units = kernel.shape[0]

    def forward(carried, given):
        state, memory = carried
        sums = given + ops.matmul(state, kernel)
        gates = ops.sigmoid(sums[:, : 2 * units])
        candidate, shown = ops.tanh(sums[:, 2 * units : 3 * units]), ops.sigmoid(sums[:, 3 * units :])
        memory = gates[:, units:] * memory + gates[:, :units] * candidate
        state = shown * ops.tanh(memory)
        return (state, memory), (state, memory, gates, candidate, shown)

    _, (states, memories, gates, candidate, shown) = ops.scan(forward, (first, first), inputs)

    def gradient(*given, upstream=None):
        (upstream,) = given if upstream is None else (upstream,)
        taken, kept = gates[..., :units], gates[..., units:]
        seen = ops.tanh(memories)
        to_kept = _before(first, memories) * kept * (1 - kept)
        slopes = ops.concatenate([candidate * taken * (1 - taken), to_kept, taken * (1 - candidate * candidate)], axis=-1)
        to_shown, to_memory = seen * shown * (1 - shown), shown * (1 - seen * seen)
        transposed = ops.transpose(kernel)

        def backward(carried, row):
            of_state, of_memory = carried
            arriving, slope, to_shown, to_memory, kept = row
            of_state = of_state + arriving
            of_memory = of_memory + of_state * to_memory
            thrice = ops.concatenate([of_memory, of_memory, of_memory], axis=-1)
            of_sums = ops.concatenate([thrice * slope, of_state * to_shown], axis=-1)
            return (ops.matmul(of_sums, transposed), of_memory * kept), of_sums

        nothing = ops.zeros_like(first)
        ends, of_sums = ops.scan(
            backward, (nothing, nothing), (upstream, slopes, to_shown, to_memory, kept), reverse=True
        )  # the state and the memory before the first step are both `first`
        of_kernel = ops.matmul(ops.transpose(_flat(_before(first, states))), _flat(of_sums))
        return of_sums, of_kernel, ends[0] + ends[1]

    return states, gradient


class _Looped:
    """What both layers share: when their own loop runs, and the way into it and out of it."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        """Return the states (B, T, U) of `sequences` (B, T, D)."""
        plain = initial_state is None and mask is None and self.return_sequences and not self.return_state
        if keras.backend.backend() != "jax" or not plain:
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        inputs = ops.matmul(ops.transpose(sequences, (1, 0, 2)), self.cell.kernel)  # (T, B, gates · U)
        first = ops.zeros((ops.shape(sequences)[0], self.units), dtype=inputs.dtype)
        return ops.transpose(self.loop(inputs, ops.cast(self.cell.recurrent_kernel, inputs.dtype), first), (1, 0, 2))


@keras.saving.register_keras_serializable("lab_utils")
class GRU(_Looped, layers.GRU):
    """``keras.layers.GRU``, see the top of the module."""

    def loop(self, inputs, kernel, first):
        """Return the states (T, B, U) from the multiplied inputs."""
        bias = ops.cast(self.cell.bias, inputs.dtype)
        return gru_loop(inputs + bias[0], kernel, bias[1], first)


@keras.saving.register_keras_serializable("lab_utils")
class LSTM(_Looped, layers.LSTM):
    """``keras.layers.LSTM``, see the top of the module."""

    def loop(self, inputs, kernel, first):
        """Return the states (T, B, U) from the multiplied inputs."""
        return lstm_loop(inputs + ops.cast(self.cell.bias, inputs.dtype), kernel, first)


def hashed(places, seed):
    """Return a random-looking number for each of `places`, another one with another `seed`.

    Two rounds of multiply and shift, after Wellons (2018, "lowbias32"): each bit of the result depends on every bit of the place.
    Good enough to choose what is dropped, not for a cipher nor for a simulation.

    Parameters
    ----------
    places, seed : tensor of uint32, shapes that broadcast

    Returns
    -------
    tensor of uint32
    """
    mixed = places ^ seed
    for factor, shift in ((0x21F0AAAD, 16), (0x735A2D97, 15)):
        mixed = (mixed ^ (mixed >> shift)) * ops.cast(factor, "uint32")
    return mixed ^ (mixed >> 15)


@keras.saving.register_keras_serializable("lab_utils")
class Dropout(layers.Dropout):
    """``keras.layers.Dropout`` (Srivastava et al., 2014), see the top of the module."""

    def call(self, inputs, training=False):
        """Return `inputs` with a share of `rate` set to nought and the rest scaled up, in training."""
        if keras.backend.backend() != "jax" or not training or not 0 < self.rate < 1:
            return super().call(inputs, training=training)
        shape = self.noise_shape or (None,) * len(inputs.shape)
        shape = [size if wanted is None else wanted for size, wanted in zip(ops.shape(inputs), shape, strict=True)]
        seed, drawn = (ops.cast(number, "uint32") for number in ops.unstack(self.seed_generator.next()))
        places = ops.reshape(ops.arange(math.prod(shape), dtype="uint32"), shape)
        kept = hashed(places, hashed(drawn, seed)) >= ops.cast(round(self.rate * 2**32), "uint32")
        return ops.where(kept, inputs / (1 - self.rate), ops.zeros_like(inputs))
