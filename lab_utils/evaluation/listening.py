"""Real or made? What the answers of a listening test say: how many were right, and how sure that figure is.

Conventions
-----------
* Excerpts are heard one by one; half of them are **real**, half **made** by a model, and of each the listener says which. Who
  guesses is right in half of the cases in the mean, and by luck in more.
* The **interval** of the share that is right is Clopper and Pearson's (1934): exact, for a handful of answers too.
* **chance** is the probability that a guesser gets at least as many right. Small: the listener hears a difference. Large: nothing
  was shown, least of all that the two cannot be told apart; for that the interval has to lie close round one half.
* ``called_real`` stands beside it for the real and the made ones: who calls everything real is right in half of the cases too.

What it cannot say: whether the music is good, and what another listener would hear. The widget ``listening`` and the notebook
``07_testing`` use it.
"""

from math import comb

import numpy as np

from lab_utils.errors import ParameterError


def chance(right, trials, *, share=0.5):
    """Return the probability that at least `right` of `trials` answers are right where each is with probability `share`."""
    right, trials = _check(right, trials)
    return float(sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(right, trials + 1)))


def interval(right, trials, *, level=0.95):
    """Return the exact interval of the share of right answers (Clopper & Pearson, 1934).

    Parameters
    ----------
    right, trials : int
    level : float
        Of confidence, between 0 and 1.

    Returns
    -------
    tuple of (float, float)
        Lowest and highest share.
    """
    right, trials = _check(right, trials)
    if not 0 < level < 1:
        raise ParameterError(f"level: expected a number between 0 and 1, received {level!r}.")
    tail = (1 - level) / 2
    low = _bisect(lambda share: chance(right, trials, share=share) < tail) if right else 0.0
    high = _bisect(lambda share: 1 - chance(right + 1, trials, share=share) > tail) if right < trials else 1.0
    return low, high


def evaluate(answers, key):
    """Return the figures of a listening test.

    Parameters
    ----------
    answers, key : sequence of bool, shape (excerpts,)
        True for "real": what the listener said, and what is so.

    Returns
    -------
    dict
        ``right``, ``trials``, ``share``, ``interval``; ``chance``; ``called_real``, a dict of the shares of the ``real``
        and of the ``made`` ones that were called real (None where there are none).
    """
    answers, key = np.asarray(answers), np.asarray(key)
    if answers.shape != key.shape or answers.ndim != 1 or not len(key) or answers.dtype != bool or key.dtype != bool:
        raise ParameterError(f"answers, key: expected bool of one shape (excerpts,), received {answers.shape} and {key.shape}.")
    right = int((answers == key).sum())
    called = {name: float(answers[which].mean()) if which.any() else None for name, which in (("real", key), ("made", ~key))}
    return {
        "right": right,
        "trials": len(key),
        "share": right / len(key),
        "interval": interval(right, len(key)),
        "chance": chance(right, len(key)),
        "called_real": called,
    }


def _check(right, trials):
    if int(right) != right or int(trials) != trials or not 0 <= right <= trials or trials < 1:
        raise ParameterError(f"right, trials: expected whole numbers, 0 ≤ right ≤ trials, received {right} of {trials}.")
    return int(right), int(trials)


def _bisect(below):
    """Return where on 0–1 `below` turns from true to false, to 1e-12."""
    low, high = 0.0, 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2
