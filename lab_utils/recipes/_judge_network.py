"""The network that tells hymns from dances: its settings, what it is shown, how it is built and loaded; the first of the judges.

It is shown a phrase as a picture, float32, shape (64, P): for each 16th 1 at the pitch that starts, 0.5 at the one that goes on,
0 elsewhere. It pools over all pitches, so that it does not hear the key. The verbs: :mod:`lab_utils.recipes.judge`.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._run import Recipe, Training

SHIPPED = ("judge",)
HELD = 0.5  # of a pitch that goes on
AT_ONCE = 256  # phrases


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    `phrases` is how many of each style are used at most (None: all). Those not of
    :class:`~lab_utils.recipes._run.Training` are otherwise the classifier's.
    """

    phrases: int | None = None
    filters: tuple = (24, 32, 48)
    kernel: tuple = (4, 13)
    stride: tuple = (2, 2)
    hidden: int = 48
    dropout: float = 0.2
    batch: int = 64
    epochs: int = 8
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    clip: float | None = 1.0
    average: float = 0.99


SIZES = {
    "tiny": Config(phrases=24, filters=(4, 4), hidden=8, dropout=0.0, batch=16, epochs=2, learning_rate=1e-2, average=0.0),
    "lab": Config(phrases=1000, epochs=4, average=0.95),
    "full": Config(),
}

RECIPE = Recipe("judge", Config, SIZES, SHIPPED)


def pictures(numbers):
    """Return what the network is shown of phrases (N, 64, 2), float32, shape (N, 64, P)."""
    sounds = phrases.rolls_from_numbers(numbers)[..., : phrases.PITCHES]
    return sounds * np.where(numbers[..., 1:] > 0, 1, HELD).astype(np.float32)


def build(config, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.classifier.Classifier`.

    Parameters
    ----------
    config : Config
    seed : int
        Of the weights and of the dropout.
    """
    from lab_utils.backend import keras, settle
    from lab_utils.models import Classifier

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    names = ("filters", "kernel", "stride", "hidden", "dropout")
    shape = (phrases.STEPS, phrases.PITCHES)
    settings = {name: getattr(config, name) for name in names}
    model = Classifier(shape=shape, classes=len(phrases.STYLES), register=False, **settings)
    model.build()
    return model


def load(run="judge"):
    """Return the Classifier of a trained run: a run's folder, or the shipped checkpoint's name, "judge"."""
    return RECIPE.load(run, build)[0]


def probability(model, numbers):
    """Return p(style | phrase) of phrases (N, 64, 2), float64, shape (N, 2), in the order of the styles."""
    return model.probability(pictures(numbers), batch=AT_ONCE)
