"""Steering: a generative model made to write what a judge wants, by weighing its samples and drawing among them.

A discriminative model knows p(y | x), which class a given x is of, and cannot write an x. A generative one knows p(x) and
writes without being asked for a class. Bayes' rule joins them, with neither trained anew::

    p(x | y)  ∝  p(x) · p(y | x)

*Sampling-importance-resampling* (Rubin, 1987) follows the rule by numbers: draw many x from p(x), the **pool**; weigh each by
p(y | x); draw among them, with replacement, by these weights. As the pool grows, what is drawn is distributed as p(x | y).

Conventions
-----------
* Samples come first: a list, or an array whose first axis counts them. Probabilities are natural logarithms, in nats.
* **effective** is Kong's (1992) effective sample size, (Σ w)² / Σ w²: how many samples of equal weight the pool is worth. Where
  it is smaller than the number drawn, the same samples come again and again: enlarge the pool.
* **evidence** is the pool's mean weight, an estimate of log p(y): how often the generator writes y without being asked.
* What the judge calls y need not be y. A pool large enough finds what deceives the judge (Goodhart's law), so let another judge,
  trained apart, say what was gained.

Left out: resampling within a piece, bar by bar (particle filters). The judge and the pool are handed in, so a toy whose
posterior is known tests it. Used by the recipe ``style``, the notebook ``02_generative_models``.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.errors import ParameterError, check_whole


@dataclass(frozen=True, eq=False)
class Steered:
    """What :func:`steer` drew.

    Parameters
    ----------
    samples : list or np.ndarray
        The samples drawn, `count` of them, of the kind that the pool was.
    chosen : np.ndarray of int64, shape (count,)
        Which of the pool each is.
    weights : np.ndarray of float64, shape (pool,)
        p(x | y) within the pool; they add up to 1.
    effective : float
        How many samples of equal weight the pool is worth, from 1 to the pool's size.
    evidence : float
        Nats: log p(y) as the pool shows it.
    """

    samples: object
    chosen: np.ndarray
    weights: np.ndarray
    effective: float
    evidence: float


def steer(samples, log_probability, *, count, seed, strength=1.0):
    """Draw `count` of `samples`, which came from p(x), so that they come from p(x | y).

    Parameters
    ----------
    samples : list or np.ndarray, shape (pool, ...)
        Drawn from the generator.
    log_probability : callable
        ``log_probability(samples) -> np.ndarray, shape (pool,)``: log p(y | x) of each in nats; −inf for what cannot be y.
    count : int
        How many to draw, with replacement.
    seed : int
    strength : float
        The judge's word counts with this power: 1 is Bayes' rule, 0 does not steer, over 1 overdoes it.

    Returns
    -------
    Steered

    Raises
    ------
    ParameterError
        If the pool is empty, the judge's answer is no log-probability for each sample, or none of them can be y.
    """
    if not len(samples):
        raise ParameterError("samples: expected at least one to draw from, received none; sample the generator first.")
    check_whole("count", count, 1)
    if not 0 <= strength < np.inf:
        raise ParameterError(f"strength: expected a number from 0 up, received {strength!r}; 1 is Bayes' rule.")
    judged = _judged(log_probability(samples), len(samples))
    logs = strength * judged if strength else np.zeros(len(judged))
    weights = np.exp(logs - logs.max())
    evidence = float(judged.max() + np.log(np.exp(judged - judged.max()).mean()))
    weights = weights / weights.sum()
    passed = np.random.default_rng(seed).random(count)
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), passed, side="right"), np.flatnonzero(weights)[-1])
    drawn = samples[chosen] if isinstance(samples, np.ndarray) else [samples[i] for i in chosen]
    return Steered(drawn, chosen, weights, float(1 / (weights**2).sum()), evidence)


def _judged(answer, pool):
    """The judge's answer as float64, shape (pool,), if it is one."""
    judged = np.asarray(answer, dtype=np.float64)
    if judged.shape != (pool,) or np.isnan(judged).any() or judged.max() > 1e-6:
        raise ParameterError(
            f"log_probability: expected a logarithm, 0 at most, for each of {pool}, received shape {judged.shape} or more."
        )
    if np.isneginf(judged).all():
        raise ParameterError("log_probability: expected some sample that can be y, received −inf for all; enlarge the pool.")
    return judged
