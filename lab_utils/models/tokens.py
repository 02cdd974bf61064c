"""What every network that predicts tokens shares: the loss, and the choice of a token by one random number.

Axis letters: B batch, T steps, V vocabulary.
"""

from lab_utils.backend import keras

ops = keras.ops

IMPOSSIBLE = -1e9  # added to the logit of a token that cannot be: its probability is nought


def mean_nll(tokens, logits, weights=None):
    """Return the mean negative log-likelihood of `tokens`, nats, as a scalar.

    Parameters
    ----------
    tokens : tensor of int, shape (B, T) or (B, T, voices)
    logits : tensor, shape (B, T, V) or (B, T, voices, V)
    weights : tensor, shape (B, T), optional
        What a step counts; one of weight 0 changes nothing.
    """
    nll = keras.losses.sparse_categorical_crossentropy(tokens, ops.cast(logits, "float32"), from_logits=True)
    if weights is None:
        return ops.mean(nll)
    if len(nll.shape) == 3:
        nll = ops.mean(nll, axis=-1)  # (B, T)
    weights = ops.cast(weights, "float32")
    return ops.sum(nll * weights) / ops.maximum(ops.sum(weights), 1.0)


def by_inverse_cdf(logits, uniform):
    """Return the token (B,) of logits (B, V) at which the cumulative distribution passes `uniform` (B, 1).

    Inverse transform sampling (von Neumann, 1947): the same number gives the same token.
    """
    cumulated = ops.cumsum(ops.softmax(logits, axis=-1), axis=-1)
    passed = cumulated <= uniform * cumulated[:, -1:]
    return ops.minimum(ops.sum(ops.cast(passed, "int32"), axis=-1), logits.shape[-1] - 1)
