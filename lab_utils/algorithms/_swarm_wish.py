"""What a rhythm is wanted to be, and the objective of the swarm: likelihood under the tunes' rhythms, less what a mask fails in.

The value of a mask is ``log p(mask) − Σ weight · failures``, in nats: a product of experts (Hinton, 2002), of which one has
learnt from data and the others are rules. One failure of weight 3 makes a mask as bad as one that is e³ ≈ 20 times less likely.
Counted are (:data:`WEIGHTS`):

* ``downbeats``: bars without a note on their first step, so that no note is held over a bar line.
* ``lengths``: notes of a length that has no sign of its own, such as 5 or 7 sixteenths.
* ``cadence``: how many notes start in the last `cadence` steps but on the first of them, and 1 if none starts there: the piece
  ends on one long note.
* ``density``: by how many notes there are more or fewer than wanted, in all.
* ``repetition``: a bar differs from the first one of its letter in `variation` steps; each more or less is one.
* ``contrast``: the first bars of different letters differ in at least `contrast` steps; each less is one.

The steps of the cadence are not compared, and of a bar that is part of it so much less contrast is wanted.

The density of rhythms looks two bars back, and the wishes at all bars at once: dynamic programming would have to keep 2^32 states
for every step. So the best mask is searched for.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lab_utils.errors import ParameterError

WEIGHTS = {"downbeats": 8.0, "lengths": 8.0, "cadence": 8.0, "density": 2.0, "repetition": 2.0, "contrast": 2.0}
WORDS = {
    "downbeats": "bars that do not begin with a note",
    "lengths": "notes of a length without a sign",
    "cadence": "notes too many in the ending",
    "density": "notes more or fewer than wished",
    "repetition": "steps by which like bars differ otherwise than wished",
    "contrast": "steps by which unlike bars differ too little",
}
SIGNS = (1, 2, 3, 4, 6, 8, 12)  # steps of 16ths that one note can last, as the tunes are written


@dataclass(frozen=True)
class Wish:
    """What is wanted of a rhythm.

    Parameters
    ----------
    form : str
        One letter a bar; the same letter for the same bar: "AABA".
    density : float
        Notes a bar, on average.
    variation : int
        In how many steps bars of the same letter differ.
    contrast : int
        In how many steps, or more, bars of different letters differ.
    cadence : int
        How many steps the last note lasts, 0 for no cadence.
    bar : int
        Steps in a bar.
    """

    form: str = "AABA"
    density: float = 7.0
    variation: int = 1
    contrast: int = 4
    cadence: int = 8
    bar: int = 16

    def __post_init__(self):
        if not isinstance(self.form, str) or not self.form.isalpha() or len(self.form) > 16:
            raise ParameterError(f"form: expected a letter for each of up to 16 bars, such as AABA, received {self.form!r}.")
        for name, low, high in (
            ("density", 1, self.bar),
            ("variation", 0, self.bar),
            ("contrast", 0, self.bar),
            ("cadence", 0, self.bar),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParameterError(f"{name}: expected {low} to {high}, the steps of a bar, received {value!r}.")

    @property
    def steps(self):
        """Length of a mask."""
        return len(self.form) * self.bar

    @property
    def pairs(self):
        """Bars that are compared, a list of (one, other, alike)."""
        first = sorted({self.form.index(letter) for letter in self.form})
        alike = [(self.form.index(letter), bar, True) for bar, letter in enumerate(self.form) if bar not in first]
        return alike + [(one, other, False) for one, other in combinations(first, 2)]


class Objective:
    """The function that a search over masks asks.

    Parameters
    ----------
    rhythm : lab_utils.densities.Rhythm
        Fitted, with the same bar.
    wish : Wish
    weights : dict of str to float, optional
        In nats a failure, in place of those of :data:`WEIGHTS`.
    """

    def __init__(self, rhythm, wish, *, weights=None):
        if rhythm.bar != wish.bar:
            raise ParameterError(f"rhythm: expected one of bars of {wish.bar} steps like the wish, received {rhythm.bar}.")
        self.rhythm, self.wish, self.weights = rhythm, wish, {**WEIGHTS, **(weights or {})}

    def __call__(self, masks):
        """Return the value of each of `masks`, bool (P, steps), in nats, float64 (P,)."""
        return self.rhythm.log_likelihood(masks) - sum(self.weights[name] * n for name, n in self.failures(masks).items())

    def failures(self, masks):
        """Return what each of `masks` (P, steps) fails in, a dict of int or float arrays (P,)."""
        wish, masks = self.wish, np.asarray(masks)
        bars = masks.reshape(len(masks), -1, wish.bar)
        end = wish.steps - wish.cadence
        late = masks[:, end + 1 :].sum(axis=1) + ~masks[:, end] if wish.cadence else np.zeros(len(masks), dtype=int)
        compared = np.ones(wish.steps, dtype=bool)
        compared[end:] = not wish.cadence
        compared = compared.reshape(-1, wish.bar)
        repetition = contrast = np.zeros(len(masks), dtype=int)
        for one, other, alike in wish.pairs:
            both = compared[one] & compared[other]
            apart = ((bars[:, one] != bars[:, other]) & both).sum(axis=1)
            if alike and both.any():
                repetition = repetition + np.abs(apart - wish.variation)
            elif not alike:
                contrast = contrast + np.maximum(wish.contrast * both.sum() // wish.bar - apart, 0)
        return {
            "downbeats": (~bars[:, :, 0]).sum(axis=1), "lengths": (~np.isin(lengths(masks), (0, *SIGNS))).sum(axis=1),
            "cadence": late, "density": np.abs(masks.sum(axis=1) - wish.density * len(wish.form)),
            "repetition": repetition, "contrast": contrast,
        }  # fmt: skip


def lengths(masks):
    """Return how many steps the note lasts that starts at each step, 0 where none does, int (P, T); the mask's end ends it."""
    masks = np.asarray(masks)
    steps = masks.shape[1]
    starts = np.where(masks, np.arange(steps), steps)
    following = np.minimum.accumulate(np.pad(starts, ((0, 0), (0, 1)), constant_values=steps)[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return np.where(masks, following - np.arange(steps), 0)
