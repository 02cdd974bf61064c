"""Attention over the last steps of a recurrent layer: each step looks back and takes up what came after similar moments.

At step t the layer compares the recurrent state h(t), which has read everything before t, with what it kept of each of the
last `past` steps s: the state h(s), in which step s was predicted, and what then came. So it can find a moment like the present
one and see how the music went on there; the weights tell which moment that was. The attention of Bahdanau, Cho & Bengio (2015)
with the scaled dot product of Vaswani et al. (2017) and one learnt number for each distance (Raffel et al., 2020), restricted to
a window of the past as in Magenta's attention RNN (Waite, 2016), which looks at its last 40 outputs.

Axis letters: B batch, T steps, D features, W = `past`. Weights: [..., k] is the weight of step t − 1 − k, so k = 0 is the step
just before; they sum to one over the steps that exist, and at the first step, which has no past, they are all nought.
"""

from lab_utils.backend import keras
from lab_utils.models.tokens import IMPOSSIBLE

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable("lab_utils")
class PastAttention(layers.Layer):
    """Look back over the last `past` steps.

    Parameters
    ----------
    past : int
        How many steps.
    units : int
        Width of query, key and value.
    """

    def __init__(self, past=40, units=64, **kwargs):
        super().__init__(**kwargs)
        self.past, self.units = past, units
        self.query = layers.Dense(units, use_bias=False, name="query")
        self.key = layers.Dense(units, use_bias=False, name="key")
        self.value = layers.Dense(units, use_bias=False, name="value")

    def build(self, state_shape, came_shape):
        """Make the weights for states (..., D) and what came after them (..., E)."""
        both = state_shape[-1] + came_shape[-1]
        self.query.build((None, state_shape[-1]))
        self.key.build((None, both))
        self.value.build((None, both))
        self.distance = self.add_weight(shape=(self.past,), initializer="zeros", name="distance")
        self.built = True

    def call(self, state, came):
        """Return (context, weights) of whole sequences.

        Parameters
        ----------
        state : tensor, shape (B, T, D)
            h(t), before step t is known.
        came : tensor, shape (B, T, E)
            What is known at t of step t − 1, embedded.

        Returns
        -------
        context : tensor, shape (B, T, units)
        weights : tensor, shape (B, T, W)
        """
        steps, past = ops.shape(state)[1], self.past
        before = ops.pad(state, [[0, 0], [1, 0], [0, 0]])[:, :-1]  # h(t − 1)
        keys, values = self.remember(before, came)  # slot t is of step t − 1
        scores = ops.einsum("btd,bsd->bts", self.query(state), keys) * self.units**-0.5
        lag = ops.arange(steps)[:, None] - ops.arange(steps)[None, :]  # (T, T): 0 is the slot of the step just before
        exists = ops.logical_and(ops.logical_and(lag >= 0, lag < past), ops.arange(steps)[None, :] > 0)
        scores = scores + ops.cast(ops.take(self.distance, ops.clip(lag, 0, past - 1), axis=0), scores.dtype)
        every = self._weigh(scores, exists)  # (B, T, T)
        slots = ops.arange(steps)[:, None] - ops.arange(past)[None, :]  # (T, W)
        index = ops.broadcast_to(ops.maximum(slots, 0)[None], (ops.shape(state)[0], steps, past))
        weights = ops.take_along_axis(every, index, axis=2) * ops.cast(slots >= 0, every.dtype)
        return ops.matmul(every, values), weights

    def remember(self, before, came):
        """Return (key, value), each (..., units), of a step: `before` (..., D) is the state that predicted it."""
        both = ops.concatenate([before, came], axis=-1)
        return self.key(both), self.value(both)

    def look(self, state, keys, values, steps):
        """Return (context (B, units), weights (B, W)) of one step, its memory at hand.

        `state` is (B, D); `keys` and `values` are (B, W, units), the latest step first; `steps` (B, 1) tells how many there are.
        """
        scores = ops.einsum("bd,bwd->bw", self.query(state), keys) * self.units**-0.5 + self.distance
        weights = self._weigh(scores, ops.cast(ops.arange(self.past)[None, :], "float32") < steps)
        return ops.einsum("bw,bwd->bd", weights, values), weights

    def _weigh(self, scores, exists):
        """Return the softmax of `scores` over what exists, in float32 whatever the precision; nought where nothing does."""
        scores = ops.where(exists, ops.cast(scores, "float32"), IMPOSSIBLE)
        return ops.softmax(scores, axis=-1) * ops.cast(exists, "float32")

    def get_config(self):
        """Return what the layer is built from."""
        return {**super().get_config(), "past": self.past, "units": self.units}
