"""Batches of examples of one shape (bars, phrases, spectrograms): an epoch's order follows from the seed and its number.

So a run that is stopped and resumed sees the batches that it would have seen. Each batch may be changed on its way (moved to
another key, say) by a function that is handed in. What does not fill a batch at the end of an epoch is left out of it: the next
epoch's order is another one. Pieces of different lengths, cut into windows: :mod:`lab_utils.training.windows`.

:class:`Unpaired` takes a batch of each of several bodies that have no pairs and are of different sizes.

Axis letters: B batch, N examples.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import ParameterError


class Examples(keras.utils.PyDataset):
    """Batches (inputs, target) for ``Model.fit``, in a new order each epoch.

    Parameters
    ----------
    arrays : dict of str → np.ndarray, shape (N, ...)
        As many rows in each.
    target : str, optional
        The array that is handed on as target; the others are inputs. Left out, all are inputs, and the target is zeros (B,),
        for a model whose loss needs none.
    batch : int
    seed : int
    change : callable, optional
        ``change(rows, rng) -> rows``: what is done to the arrays of a batch, a dict of them, each (B, ...).
    epoch : int
        Which epoch comes first, for a run that goes on.

    Raises
    ------
    ParameterError
        If there is nothing to train on, if rows are of different numbers, or too few for one batch.

    Notes
    -----
    Inputs are a dict of arrays, or the array itself if there is one alone.
    """

    def __init__(self, arrays, *, target=None, batch, seed=0, change=None, epoch=0):
        super().__init__()
        rows = {name: len(values) for name, values in arrays.items()}
        if not rows or not all(rows.values()):
            raise ParameterError("arrays: expected at least one example to train on, received none.")
        if len(set(rows.values())) > 1:
            raise ParameterError(f"arrays: expected as many rows in each, received {rows}.")
        self.arrays, self.target, self.batch, self.seed, self.change, self.epoch = arrays, target, batch, seed, change, epoch
        self.rows = next(iter(rows.values()))
        if self.rows < batch:
            raise ParameterError(f"batch: expected at most the {self.rows} examples that there are, received {batch}.")
        self._order = None

    def __len__(self):
        return self.rows // self.batch

    def on_epoch_end(self):
        """Go on to the next epoch's batches."""
        self.epoch += 1

    def __getitem__(self, index):
        """Return batch `index` of the current epoch."""
        if self._order is None or self._order[0] != self.epoch:
            self._order = (self.epoch, np.random.default_rng([self.seed, self.epoch]).permutation(self.rows))
        chosen = self._order[1][index * self.batch : (index + 1) * self.batch]
        rows = {name: values[chosen] for name, values in self.arrays.items()}
        if self.change:  # a generator of each batch's own: batches may be made in any order
            rows = self.change(rows, np.random.default_rng([self.seed, self.epoch, index]))
        target = rows.pop(self.target) if self.target else np.zeros(self.batch, np.float32)
        return (next(iter(rows.values())) if len(rows) == 1 else rows), target


class Unpaired(keras.utils.PyDataset):
    """Batches (dict of batches, zeros (B,)) of several bodies of examples, each in an order of its own.

    An epoch is a number of batches; each body begins anew, in a new order, when it is at its end, and goes on over the epochs.

    Parameters
    ----------
    bodies : dict of str to Examples
        Of the same batch size, without targets.
    steps : int, optional
        Batches of an epoch; by default as many as the largest body has.
    epoch : int
        Which epoch comes first, for a run that goes on.

    Raises
    ------
    ParameterError
        If there are no bodies, or their batches are of different sizes.
    """

    def __init__(self, bodies, *, steps=None, epoch=0):
        super().__init__()
        if len({body.batch for body in bodies.values()}) != 1:
            raise ParameterError(f"bodies: expected batches of one size, received {[b.batch for b in bodies.values()]}.")
        self.bodies, self.epoch = bodies, epoch
        self.batch = next(iter(bodies.values())).batch
        self.steps = steps or max(len(body) for body in bodies.values())

    def __len__(self):
        return self.steps

    def on_epoch_end(self):
        """Go on to the next epoch's batches."""
        self.epoch += 1

    def __getitem__(self, index):
        """Return batch `index` of the current epoch."""
        number, batches = self.epoch * self.steps + index, {}
        for name, body in self.bodies.items():
            body.epoch, own = divmod(number, len(body))
            batches[name] = body[own][0]
        return batches, np.zeros(self.batch, np.float32)
