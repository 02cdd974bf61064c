"""The phrases that the GAN recipe trains on: windows of whole bars, as numbers that its networks read, and back.

A **phrase** is a grid (T, 4) of 16ths with its onsets, T a whole number of bars of sixteen. Windows start at every bar line of
every piece in bars of that length. Where meters are not known (``jsb16``) a piece is taken to start with a bar.

As numbers a phrase is uint8, shape (T, 4, 2): for each voice its pitch counted from the lowest of that voice in the training
fold, or the number of its pitches for a rest; and whether a note starts.

Axis letters: N phrases, T steps, 4 voices.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError, ParameterError, check_whole

BAR = 16  # 16ths
DATA = ("chorales", "jsb16")


@dataclass(frozen=True)
class Form:
    """How phrases are written as numbers.

    Parameters
    ----------
    bars : int
    lowest, highest : tuple of int
        MIDI pitches of each voice.
    """

    bars: int
    lowest: tuple
    highest: tuple

    def to_dict(self):
        """Return the form as a dict, for JSON; :meth:`from_dict` is the way back."""
        return {"bars": self.bars, "lowest": list(self.lowest), "highest": list(self.highest)}

    @classmethod
    def from_dict(cls, content):
        """Return the Form of what :meth:`to_dict` made."""
        try:
            return cls(int(content["bars"]), tuple(content["lowest"]), tuple(content["highest"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"form.json: does not say how phrases are written ({error!r}); train the run again.") from error

    @property
    def pitches(self):
        """How many pitches the voice with the widest range has; all voices are given as many."""
        return max(high - low for low, high in zip(self.lowest, self.highest, strict=True)) + 1

    @property
    def shape(self):
        """The shape of a phrase as numbers."""
        return (self.bars * BAR, len(self.lowest), 2)

    def numbers(self, grids, onsets):
        """Return phrases as numbers, uint8, shape (N, T, 4, 2); pitches that do not fit are a ParameterError.

        Parameters
        ----------
        grids : np.ndarray of int16, shape (N, T, 4)
        onsets : np.ndarray of bool, shape (N, T, 4)
        """
        grids = np.asarray(grids)
        if grids.ndim != 3 or grids.shape[1:] != self.shape[:2] or not len(grids):
            raise ParameterError(f"grids: expected shape (phrases, {self.shape[0]}, 4), at least one; received {grids.shape}.")
        steps = np.where(grids == encoding.SILENT, self.pitches, grids - np.array(self.lowest))
        if steps.min() < 0 or steps.max() > self.pitches:
            low, high = min(self.lowest), max(self.highest)
            raise ParameterError(f"grids: expected each voice in its range, {low}–{high} in all; received pitches beyond it.")
        return np.stack([steps, onsets], axis=-1).astype(np.uint8)

    def phrases(self, rolls):
        """Return (grids, onsets) of rolls: the inverse of :meth:`numbers`, whose one-hot form a roll is.

        A change of pitch is an onset, as the critic hears it.

        Parameters
        ----------
        rolls : np.ndarray of float, shape (N, T, 4, P + 2)
        """
        rolls = np.asarray(rolls)
        expected = (*self.shape[:2], self.pitches + 2)
        if rolls.ndim != 4 or rolls.shape[1:] != expected or not len(rolls):
            raise ParameterError(f"rolls: expected shape (phrases, {', '.join(map(str, expected))}), received {rolls.shape}.")
        steps = rolls[..., :-1].argmax(axis=-1)
        grids = np.where(steps == self.pitches, encoding.SILENT, steps + np.array(self.lowest)).astype(np.int16)
        starts = rolls[..., -1] > 0.5
        starts[:, 0] = True
        starts[:, 1:] |= grids[:, 1:] != grids[:, :-1]
        return grids, starts & (grids != encoding.SILENT)


def pieces(data, fold):
    """Return [(grid, onsets, first bar line), …] of a fold, of pieces in bars of sixteen 16ths alone."""
    from lab_utils import datasets

    if data == "chorales":
        chosen = datasets.load_chorales().fold(fold)
        return [(p.grid, p.onsets, p.pickup_steps) for p in chosen if p.meter[0] * BAR // p.meter[1] == BAR]
    if data == "jsb16":
        return [(grid, encoding.onsets_of_changes(grid), 0) for grid in datasets.load_jsb16(fold)]
    raise ParameterError(f"data: expected {' or '.join(DATA)}, received {data!r}.")


def windows(found, *, bars, every=1):
    """Return (grids, onsets), each shape (N, T, 4), of the windows that start at every `every`-th bar line.

    Parameters
    ----------
    found : list of (grid, onsets, first)
        What :func:`pieces` returns.
    bars, every : int
    """
    steps = bars * BAR
    cuts = [
        (grid[start : start + steps], onsets[start : start + steps])
        for grid, onsets, first in found
        for start in range(first, len(grid) - steps + 1, BAR * every)
    ]
    if not cuts:
        raise DataError(f"data: holds no phrase of {bars} whole bars; choose fewer bars.")
    grids, onsets = (np.stack(arrays) for arrays in zip(*cuts, strict=True))
    onsets[:, 0] = grids[:, 0] != encoding.SILENT  # what is tied over the first bar line starts with the phrase
    return grids, onsets


def form_of(grids, bars):
    """Return the Form of the phrases of a training fold."""
    voices = [grids[..., voice][grids[..., voice] != encoding.SILENT] for voice in range(grids.shape[-1])]
    return Form(bars, tuple(int(v.min()) for v in voices), tuple(int(v.max()) for v in voices))


def shifts(grids, form):
    """Return how far each phrase may be moved down and up with every voice in its range, int8, shape (N, 2)."""
    held = np.ma.masked_equal(grids, encoding.SILENT)
    down = (np.array(form.lowest) - held.min(axis=1)).max(axis=-1).filled(0)
    up = (np.array(form.highest) - held.max(axis=1)).min(axis=-1).filled(0)
    return np.stack([np.minimum(down, 0), np.maximum(up, 0)], axis=-1).astype(np.int8)


def transposed(form):
    """Return the function ``change(rows, rng) -> rows`` that moves each phrase of a batch to a random key in its range."""

    def change(rows, rng):
        numbers, ranges = rows["numbers"], rows["shifts"]
        shift = rng.integers(ranges[:, 0], ranges[:, 1] + 1)[:, None, None]
        pitch = numbers[..., 0]
        moved = np.where(pitch == form.pitches, pitch, pitch + shift).astype(np.uint8)
        return {"numbers": np.stack([moved, numbers[..., 1]], axis=-1)}

    return change


def prepare(data="chorales", *, bars=4):
    """Return the phrases to train on and to validate with.

    Parameters
    ----------
    data : str
        "chorales" or "jsb16".
    bars : int
        Length of a phrase, 1 to 8.

    Returns
    -------
    dict
        "form", a :class:`Form`; "train" and "valid", each (grids, onsets): int16 and bool, shape (N, T, 4). Training windows
        start at every bar line, those of validation do not overlap.
    """
    if data not in DATA:
        raise ParameterError(f"data: expected {' or '.join(DATA)}, received {data!r}.")
    check_whole("bars", bars, 1, 8)
    train = windows(pieces(data, "train"), bars=bars)
    valid = windows(pieces(data, "valid"), bars=bars, every=bars)
    return {"form": form_of(train[0], bars), "train": train, "valid": valid}
