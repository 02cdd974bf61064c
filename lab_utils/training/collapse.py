"""Collapse: a generator that makes few different things, whatever noise it is given (Goodfellow, 2016), told in words.

A loss does not show it: a critic and a generator that chases it from one sample to the next are in balance, too. So samples
are drawn after an epoch and the different ones among them counted; what counts as different is for the caller to say, by what
``draw`` returns: rolls as they are, points of the plane rounded to their nearest mode. The notebook ``09_gan`` uses it.

A VAE collapses otherwise: its latent vector tells nothing any more (the "posterior collapse" of Bowman et al., 2016). Its KL
divergence shows that, see :func:`posterior_watch`.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import LabError, ParameterError
from lab_utils.progress import tell
from lab_utils.training.callbacks import averaged
from lab_utils.training.device import alone

TOLD_LEAST = 0.5  # nats of an example, under which a latent vector tells nothing


def count_distinct(samples, *, within=0.0):
    """Return how many different rows `samples` (N, ...) has, and N.

    Parameters
    ----------
    samples : array_like, shape (N, ...)
    within : float
        A row is no different one if it differs from an earlier, different one in this share of its places or less.

    Raises
    ------
    ParameterError
        If there are none.
    """
    samples = np.asarray(samples)
    if samples.ndim < 1 or not len(samples):
        raise ParameterError(f"samples: expected at least one, received shape {samples.shape}.")
    rows = samples.reshape(len(samples), -1)
    different = rows[:1]
    for row in rows[1:]:
        if ((different != row).mean(axis=1) > within).all():
            different = np.concatenate([different, row[None]])
    return len(different), len(rows)


class CollapseWatch(keras.callbacks.Callback):
    """Counts, every `every` epochs, the distinct samples of a batch; tells if they are few, and ends the training if asked to.

    Parameters
    ----------
    draw : callable
        ``draw(model) -> samples`` (N, ...), from the same noise each time.
    every : int
    least : float
        The share of distinct samples under which it is a collapse.
    most : int, optional
        How many distinct ones there can be, if fewer than N: the modes of a toy.
    within : float
        As in :func:`count_distinct`.
    stop : bool
    what : str
        What the samples are, in the plural, for the message.

    Attributes
    ----------
    counts : list of (epoch, distinct, N)

    Raises
    ------
    LabError
        On a collapse, if `stop`: the message tells epoch and step.
    """

    def __init__(self, draw, *, every=1, least=0.5, most=None, within=0.0, stop=False, what="samples"):
        super().__init__()
        for name, value, low, high in (("every", every, 1, np.inf), ("least", least, 0, 1), ("within", within, 0, 1)):
            if not low <= value <= high:
                raise ParameterError(f"{name}: expected {low} to {high}, received {value!r}.")
        self.draw, self.every, self.least, self.most, self.within = draw, every, least, most, within
        self.stop, self.what = stop, what
        self.counts = []

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every:
            return
        with averaged(self.model), alone(self.model):
            distinct, count = count_distinct(self.draw(self.model), within=self.within)
        self.counts.append((epoch + 1, distinct, count))
        if distinct >= self.least * min(count, self.most or count):
            return
        line = f"the generator makes {distinct} distinct {self.what} of {count} in epoch {epoch + 1}"
        if not self.stop:
            tell(f"collapse: {line}")
            return
        step = int(self.model.optimizer.iterations)
        raise LabError(f"training: collapse, {line}, step {step}; lower the generator's rate, or let the critic see the spread.")


def posterior_watch(steps, *, what, after=None):
    """Return an ``on_epoch`` of a VAE's training that tells of a posterior collapse when it comes, and then calls `after`.

    Parameters
    ----------
    steps : int
        Batches of an epoch.
    what : str
        What an example is, in the singular, for the message.
    after : callable, optional
        ``after(epoch, row)``.

    Returns
    -------
    callable
        ``on_epoch(epoch, row)``, `row` with ``kl``, nats an example.
    """
    collapsed = False

    def on_epoch(epoch, row):
        nonlocal collapsed
        if row["kl"] < TOLD_LEAST and not collapsed:
            tell(
                f"posterior collapse: after epoch {epoch}, step {epoch * steps}, the latent vector tells {row['kl']:.3f} nats "
                f"of a {what}, so each {what} comes back alike; lower beta, let it rise over more beta_steps, or give free_bits"
            )
        collapsed = row["kl"] < TOLD_LEAST
        if after:
            after(epoch, row)

    return on_epoch
