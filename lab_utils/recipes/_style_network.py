"""The style recipe's network: its settings, how it is built, loaded and validated. The verbs: :mod:`lab_utils.recipes.style`."""

from dataclasses import dataclass

import numpy as np

from lab_utils.recipes._run import Recipe, Training
from lab_utils.recipes._style_data import BANDS, STEPS, VARIANTS

SHIPPED = tuple(f"style_{variant}" for variant in VARIANTS)
SHAPES = {"notes": (STEPS, BANDS), "spectrogram": (43, BANDS)}
STYLES = 5


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    `variant` and `holdout` are those of :mod:`lab_utils.recipes._style_data`; `shift` is by how many semitones a bar is moved
    at most in training; `bars` how many of each piece are used (None: all). The others are the classifier's. `every` is so large
    that only the last epoch is validated: with 55 bars of five pieces to choose by, the best of many epochs would be a chance.
    """

    variant: str = "notes"
    holdout: int = 0
    bars: int | None = None
    filters: tuple = (24, 32, 64)
    kernel: tuple = (6, 13)
    stride: tuple = (3, 2)
    hidden: int = 64
    dropout: float = 0.3
    register: bool = True
    smoothing: float = 0.0
    shift: int = 6
    batch: int = 20
    epochs: int = 100
    learning_rate: float = 4e-3
    weight_decay: float = 0.02
    clip: float | None = 1.0
    average: float = 0.95
    every: int = 10_000


SIZES = {
    "tiny": Config(bars=2, filters=(4, 4), hidden=8, dropout=0.0, batch=8, epochs=2, learning_rate=1e-2, average=0.0, every=1),
    "lab": Config(epochs=40),
    "full": Config(),
}
OF_SOUND = {"kernel": (5, 13), "stride": (2, 2), "dropout": 0.2}
OF_VARIANT = {"spectrogram": {"lab": OF_SOUND, "full": {**OF_SOUND, "epochs": 80}}}  # what the other kind of picture wants

RECIPE = Recipe("style", Config, SIZES, SHIPPED)


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
    names = ("filters", "kernel", "stride", "hidden", "dropout", "register", "smoothing")
    model = Classifier(shape=SHAPES[config.variant], classes=STYLES, **{name: getattr(config, name) for name in names})
    model.build()
    return model


def load(run="style_notes"):
    """Return (model, config) of a trained run.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the name of a shipped checkpoint (:data:`SHIPPED`).

    Returns
    -------
    model : Classifier
    config : Config
    """
    config = RECIPE.open(run)[1]
    return RECIPE.load(run, build)[0], config


def nll(probabilities, styles):
    """Return the nats of each bar's own style, shape (bars,), from probabilities (bars, styles)."""
    return -np.log(np.maximum(probabilities[np.arange(len(styles)), styles], np.finfo(float).tiny))
