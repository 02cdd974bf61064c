"""Batches of windows cut at random from sequences of different lengths: an epoch's batches follow from the seed and its number.

So a run that is stopped and resumed sees the batches that it would have seen. Each window may be changed on its way (moved to
another key, say) by a function that is handed in. Windows may begin a quarter of their length before a sequence or end as much
after it, or its first and last steps would hardly be seen; what lies outside is left out or filled with zeros of weight 0.

Axis letters: B batch, T steps.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import ParameterError


class Windows(keras.utils.PyDataset):
    """Batches (inputs, targets, weights) for ``Model.fit``, new ones each epoch.

    Parameters
    ----------
    sequences : list of dict
        Arrays of shape (T, ...) with the same names in each; T differs.
    target : str
        The array that is handed on as target; the others are inputs.
    steps : int
        Length of a window.
    batch : int
    seed : int
    change : callable, optional
        ``change(sequence, rng) -> sequence``: what is done to a whole sequence before its windows are cut.
    epoch : int
        Which epoch comes first, for a run that goes on.

    Notes
    -----
    Inputs (B, T, ...), targets (B, T, ...) and weights float32 (B, T). A sequence gives as many windows as fit its length, the
    remainder by chance, so an epoch is about one pass. The same number of batches each epoch.
    """

    def __init__(self, sequences, *, target, steps, batch, seed=0, change=None, epoch=0):
        super().__init__()
        if not sequences:
            raise ParameterError("sequences: expected at least one to train on, received none.")
        self.sequences, self.target, self.steps, self.batch = sequences, target, steps, batch
        self.seed, self.change, self.epoch = seed, change, epoch
        self.total = sum(len(sequence[target]) for sequence in sequences)
        self._planned = None

    def __len__(self):
        return max(1, round(self.total / (self.steps * self.batch)))

    def on_epoch_end(self):
        """Go on to the next epoch's batches."""
        self.epoch += 1

    def __getitem__(self, index):
        """Return batch `index` of the current epoch."""
        if self._planned is None or self._planned[0] != self.epoch:
            self._planned = (self.epoch, self._windows())
        chosen = self._planned[1][index * self.batch : (index + 1) * self.batch]
        inputs = {name: np.stack([window[name] for window, _ in chosen]) for name in chosen[0][0]}
        weights = np.stack([weight for _, weight in chosen])
        return inputs, inputs.pop(self.target), weights

    def _windows(self):
        """Return the epoch's windows in random order, as many as its batches need."""
        rng = np.random.default_rng([self.seed, self.epoch])
        wanted, made = len(self) * self.batch, []
        while len(made) < wanted:
            for number in rng.permutation(len(self.sequences)):
                sequence = self.sequences[number]
                sequence = self.change(sequence, rng) if self.change else sequence
                length = len(sequence[self.target])
                for _ in range(max(1, int(length / self.steps + rng.random()))):
                    made.append(self._cut(sequence, length, rng))
        return [made[i] for i in rng.permutation(len(made))[:wanted]]

    def _cut(self, sequence, length, rng):
        start = max(0, int(rng.integers(-self.steps // 4, max(1, length - self.steps * 3 // 4))))
        taken = min(self.steps, length - start)
        weight = np.zeros(self.steps, np.float32)
        weight[:taken] = 1
        window = {}
        for name, values in sequence.items():
            window[name] = np.zeros((self.steps, *values.shape[1:]), values.dtype)
            window[name][:taken] = values[start : start + taken]
        return window, weight


class Part(keras.utils.PyDataset):
    """One process's rows of every batch: of P processes, rank r takes the r-th of P equal parts.

    Parameters
    ----------
    whole : keras.utils.PyDataset
        The batches of all processes together, with an attribute ``epoch``.
    rank, processes : int

    Raises
    ------
    ParameterError
        On the first batch that cannot be shared out evenly.
    """

    def __init__(self, whole, rank, processes):
        super().__init__()
        self.whole, self.rank, self.processes = whole, rank, processes

    def __len__(self):
        return len(self.whole)

    def on_epoch_end(self):
        """Go on to the next epoch's batches."""
        self.whole.on_epoch_end()

    def __getitem__(self, index):
        """Return this process's part of batch `index`."""
        return keras.tree.map_structure(self._rows, self.whole[index])

    def _rows(self, values):
        share, left = divmod(len(values), self.processes)
        if left:
            raise ParameterError(f"batch: expected a multiple of the {self.processes} processes, received {len(values)}.")
        return values[self.rank * share : (self.rank + 1) * share]
