"""From logits to choices: softmax with temperature, the inverse CDF, and the plain loop that writes token by token.

A choice is made by comparing one uniform random number with the cumulated probabilities (inverse transform sampling, von
Neumann, 1947), so all randomness is an array that can be kept and played again. Units: logits and temperature have none.

Used by the notebook ``05_recurrent_networks``; the compiled samplers in :mod:`lab_utils.models` make the same choices.
"""

import numpy as np

from lab_utils.errors import ParameterError


def probabilities(logits, *, temperature=1.0):
    """Return the softmax of logits ÷ temperature.

    Parameters
    ----------
    logits : np.ndarray, shape (..., V)
    temperature : float
        1 leaves the model's own distribution; towards 0 the likeliest token takes all; large values make all alike.

    Returns
    -------
    np.ndarray of float64, shape (..., V)
    """
    if not temperature > 0:
        raise ParameterError(f"temperature: expected a positive number, received {temperature}; try 1.")
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return scaled / scaled.sum(axis=-1, keepdims=True)


def pick(logits, uniform, *, temperature=1.0):
    """Return the token at which the cumulated probability passes `uniform`.

    Parameters
    ----------
    logits : np.ndarray, shape (..., V)
    uniform : np.ndarray of float in [0, 1), shape (...)
    temperature : float

    Returns
    -------
    np.ndarray of int64, shape (...)
    """
    cumulated = np.cumsum(probabilities(logits, temperature=temperature), axis=-1)
    passed = cumulated <= np.asarray(uniform)[..., None] * cumulated[..., -1:]
    return np.minimum(passed.sum(axis=-1), np.shape(logits)[-1] - 1)


def noise(shape, *, seed):
    """Return uniform random numbers in [0, 1), float32, of `shape`; the same for the same seed."""
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def sample(next_logits, steps, *, seed, temperature=1.0, start=()):
    """Write `steps` tokens one after another, asking for the logits of each.

    Parameters
    ----------
    next_logits : callable
        ``next_logits(tokens) -> np.ndarray of shape (V,)``, given the list of all tokens so far.
    steps : int
    seed : int
    temperature : float
    start : sequence of int
        Tokens that stand before the first written one.

    Returns
    -------
    np.ndarray of int32, shape (len(start) + steps,)
    """
    tokens = list(start)
    for uniform in noise(steps, seed=seed):
        tokens.append(int(pick(next_logits(tokens), uniform, temperature=temperature)))
    return np.array(tokens, dtype=np.int32)
