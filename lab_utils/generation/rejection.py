"""Rejection sampling, the plain rival of a restricted search: draw from the model, keep what meets the constraints.

Two ways, with as many draws side by side as one likes: freely, where what breaks a hard constraint is thrown away afterwards, so
that what is left is drawn from p(x | constraints) exactly (von Neumann, 1951); or under the masks of the constraints, each step
renormalised, where nothing is thrown away and the draws are no longer distributed so. The likeliest draw is returned.

Conventions: those of :mod:`lab_utils.generation.beam`. Used by :mod:`lab_utils.algorithms.beam`.
"""

import numpy as np

from lab_utils.errors import check_whole
from lab_utils.generation.beam import FORBIDDEN, Found, log_softmax, map_state, take_rows
from lab_utils.generation.lookahead import Constraints
from lab_utils.generation.sampling import noise


def best_of(next_logits, steps, *, draws, constraints=(), masked=False, state=None, seed=0, take=None):
    """Return the likeliest of `draws` sequences that meet the hard constraints.

    Parameters
    ----------
    next_logits, steps, constraints, state, take
        As in :func:`lab_utils.generation.beam.beam_search`; soft constraints count for nothing.
    draws : int
        How many are drawn, all at once: the rows that the model is asked for.
    masked : bool
        Whether the constraints mask each step, or are asked at the end.
    seed : int

    Returns
    -------
    Found or None
        None if no draw meets the constraints.
    """
    draws, take = check_whole("draws", draws, 1), take or take_rows
    uniform = noise((check_whole("steps", steps, 1), draws), seed=seed)
    state = map_state(state, lambda leaf: take(leaf, np.zeros(draws, np.int64)) if len(leaf) != draws else leaf)
    tokens, total, plan = np.zeros((draws, steps), np.int32), np.zeros(draws), None
    for step in range(steps):
        logits, state = next_logits(tokens[:, :step], state)
        logits = np.asarray(logits, dtype=np.float64)
        if plan is None:
            joined = isinstance(constraints, Constraints)
            plan = constraints if joined else Constraints(constraints, steps=steps, size=logits.shape[1])
            states = plan.begin(draws)
        plain = log_softmax(logits)
        going = np.where(logits > FORBIDDEN, plain, -np.inf)
        if masked:
            going = log_softmax(np.where(plan.allowed(states, tokens[:, :step], step), going, -np.inf))
        tokens[:, step] = _picked(going, uniform[step])
        total += plain[np.arange(draws), tokens[:, step]]
        states = plan.advance(states, tokens[:, step])
    kept = np.flatnonzero(plan.hold(tokens))
    if not len(kept):
        return None
    best = kept[[np.argmax(total[kept])]]
    return Found(tokens[best], total[best], np.zeros(1), steps, steps * draws, draws)


def _picked(logs, uniform):
    """The token (B,) at which the cumulated probability passes `uniform` (B,); the first one where nothing is allowed."""
    cumulated = np.cumsum(np.exp(logs), axis=1)
    passed = cumulated <= uniform[:, None] * cumulated[:, -1:]
    return np.minimum(passed.sum(axis=1), logs.shape[1] - 1)
