"""Viterbi's algorithm (1967): the likeliest path of a first-order chain, exactly, under constraints that an automaton can read.

The oracle of the beam search: where the next token depends on the last one alone, the best path of each length to each state is
all that has to be kept. With the automata of the constraints the state is a token and the state of their product.

Axis letters: V tokens, T steps. Used by :mod:`lab_utils.algorithms.beam` and the notebook ``13_restricted_beam_search``.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.generation.lookahead import Constraints


def viterbi(initial, transition, steps, *, constraints=()):
    """Return the likeliest sequence and its log-probability.

    Parameters
    ----------
    initial : np.ndarray of float, shape (V,)
        Log-probabilities of the first token.
    transition : np.ndarray of float, shape (V, V)
        Row a: those of what follows a.
    steps : int
    constraints : iterable
        Masks, automata and soft ones of single steps; no ties and no others, which are not of first order.

    Returns
    -------
    tokens : np.ndarray of int32, shape (steps,)
    score : float
        Nats, with those of soft constraints.

    Raises
    ------
    ParameterError
        Constraints that cannot be met, or of another kind.
    """
    initial, transition = np.asarray(initial, dtype=float), np.asarray(transition, dtype=float)
    size = len(initial)
    if initial.shape != (size,) or transition.shape != (size, size):
        raise ParameterError(f"transition: expected shape ({size}, {size}) like the first row, received {transition.shape}.")
    plan = constraints if isinstance(constraints, Constraints) else Constraints(constraints, steps=steps, size=size)
    if not plan.exact:
        raise ParameterError("constraints: expected masks and automata, received others; search them with a beam.")
    best = {}  # (token, state of the automata) → (score, path)
    for step in range(steps):
        before = best.items() if step else [((None, tuple(plan.begin(1)[0])), (0.0, ()))]
        best = {}
        for (last, known), (score, path) in before:
            states = np.array([known], dtype=np.int64).reshape(1, -1)
            prefix = np.array([path], dtype=np.int64).reshape(1, -1)
            row = (initial if last is None else transition[last]) + plan.score(prefix, step)[0]
            for token in np.flatnonzero(plan.allowed(states, prefix, step)[0] & (row > -np.inf)):
                key = (int(token), tuple(plan.advance(states, np.array([token]))[0]))
                if key not in best or score + row[token] > best[key][0]:
                    best[key] = (score + row[token], (*path, int(token)))
        if not best:
            raise ParameterError(f"constraints: nothing that the chain allows is left at step {step}; loosen them.")
    score, path = max(best.values())
    return np.array(path, dtype=np.int32), float(score)
