"""What a network looks at: patches of its input are blanked, and the fall of its probability is mapped.

The method is that of Zeiler & Fergus (2014). It needs no gradient, only a function that judges pictures, so it works for any
judge.

Conventions
-----------
* A picture is float, shape (T, F): a spectrogram or a piano roll, time first. ``predict`` takes pictures (N, T, F) and returns
  p(y | x), shape (N, classes).
* A **patch** is a rectangle of (steps, bins) in which every value becomes `fill`, silence: 0 in a roll, −1 in a scaled
  spectrogram.
* The **fall** of a patch is p(y | x) minus p(y | x with the patch blanked): positive where the network was led to y by what
  stood there, negative where that spoke against y. It lies in [−1, 1].
* The **map** has the picture's shape: each cell holds the mean fall of the patches that cover it.
* A fall says what *this network* used. It does not say what the music needs: one of two equal clues may be blanked
  at no loss, and a blanked patch is itself a picture that the network never saw.

Used by the recipe ``style`` and the notebook ``02_generative_models``.
"""

from itertools import product

import numpy as np

from lab_utils.errors import ParameterError

AT_ONCE = 256  # pictures judged in one call, so that a fine map does not fill the memory


def evaluate(predict, picture, *, label=None, patch=(8, 12), step=None, fill=0.0):
    """Return what led a judge to its judgement of one picture.

    Parameters
    ----------
    predict : callable
        ``predict(pictures) -> np.ndarray, shape (N, classes)``, from pictures of shape (N, T, F).
    picture : np.ndarray of float, shape (T, F)
    label : int, optional
        The class that is asked about; the one that the judge calls the picture if left out.
    patch : (int, int)
        Steps and bins of a patch, the picture's at most.
    step : (int, int), optional
        From one patch to the next; half a patch if left out.
    fill : float
        The value that stands for silence.

    Returns
    -------
    dict
        ``label``; ``probability``, p(label | picture); ``map``, shape (T, F); ``falls``, of each patch, shape (rows, columns),
        and ``starts``, (the first steps, the first bins) of the patches.

    Raises
    ------
    ParameterError
        If the picture, the patch or the label is none, or ``predict`` does not answer as it should.
    """
    picture, patch, step = _check(picture, patch, step)
    before = _judge(predict, picture[None])[0]  # (classes,)
    label = int(before.argmax()) if label is None else label
    if isinstance(label, bool) or not isinstance(label, int | np.integer) or not 0 <= label < len(before):
        raise ParameterError(f"label: expected a class from 0 to {len(before) - 1}, received {label!r}.")
    starts = tuple(_starts(size, width, jump) for size, width, jump in zip(picture.shape, patch, step, strict=True))
    falls = before[label] - _judge(predict, picture, patch, starts, fill)[:, label]
    falls = falls.reshape(len(starts[0]), len(starts[1]))
    return {
        "label": int(label), "probability": float(before[label]), "map": _spread(picture.shape, patch, starts, falls),
        "falls": falls, "starts": starts,
    }  # fmt: skip


def _starts(size, width, jump):
    """Where patches start so that they cover all of an axis: the last one ends where the axis does."""
    return np.unique(np.append(np.arange(0, size - width, jump), size - width))


def _judge(predict, pictures, patch=None, starts=None, fill=0.0):
    """Return p(y | x) of `pictures` (N, T, F), or of one picture (T, F) with each of the patches blanked."""
    if patch is None:
        return _answer(predict(pictures), len(pictures))
    places, made = list(product(*starts)), []
    for first in range(0, len(places), AT_ONCE):
        part = places[first : first + AT_ONCE]
        blanked = np.repeat(pictures[None], len(part), axis=0)
        for row, (time, bin_) in zip(blanked, part, strict=True):
            row[time : time + patch[0], bin_ : bin_ + patch[1]] = fill
        made.append(_answer(predict(blanked), len(part)))
    return np.concatenate(made)


def _answer(answer, count):
    answer = np.asarray(answer, dtype=np.float64)
    if answer.ndim != 2 or len(answer) != count or not ((answer >= -1e-6) & (answer <= 1 + 1e-6)).all():
        raise ParameterError(
            f"predict: expected probabilities of shape ({count}, classes), received shape {answer.shape} or values that are none."
        )
    return answer


def _spread(shape, patch, starts, falls):
    """Return the mean fall of the patches over each cell, shape (T, F)."""
    total, times = np.zeros(shape), np.zeros(shape)
    for (row, time), (column, bin_) in product(enumerate(starts[0]), enumerate(starts[1])):
        covered = np.s_[time : time + patch[0], bin_ : bin_ + patch[1]]
        total[covered] += falls[row, column]
        times[covered] += 1
    return total / np.maximum(times, 1)  # a step wider than the patch leaves cells that were never blanked: 0


def _check(picture, patch, step):
    picture = np.array(picture, dtype=np.float32)
    if picture.ndim != 2 or not picture.size or not np.isfinite(picture).all():
        raise ParameterError(
            f"picture: expected finite numbers of shape (steps, bins), received shape {picture.shape} or others."
        )
    step = tuple(max(1, width // 2) for width in patch) if step is None else tuple(step)
    for name, pair, limits in (("patch", tuple(patch), picture.shape), ("step", step, picture.shape)):
        if len(pair) != 2 or not all(1 <= width <= limit for width, limit in zip(pair, limits, strict=True)):
            raise ParameterError(f"{name}: expected (steps, bins) from 1 to {limits}, received {pair}.")
    return picture, tuple(patch), step
