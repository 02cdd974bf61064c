"""The melody recipe's network: its settings and variants, how it is built and loaded, and what it says of melodies.

The verbs stand in :mod:`lab_utils.recipes.melody`, which hands out these names too.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.evaluation import likelihood
from lab_utils.recipes._melody_data import Form
from lab_utils.recipes._run import Recipe, Training
from lab_utils.storage import read_json

VARIANTS = {
    "simple": {"cell": "simple"},
    "gru": {"cell": "gru"},
    "lstm": {"cell": "lstm"},
    "attention": {"cell": "gru", "attention": 40},
    "magenta": {
        "cell": "lstm", "recurrent_layers": 2, "attention": 40, "dropout": 0.5, "blindness": 0.0, "clip": 3.0,
        "optimizer": "adam", "schedule": "constant", "learning_rate": 1e-3, "weight_decay": 0.0, "average": 0.0,
    },
}  # fmt: skip
SHIPPED = ("soprano", "soprano_simple", "soprano_gru", "soprano_lstm", "soprano_magenta", "tunes", "copy")


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    The first six are those of :class:`~lab_utils.models.melody_rnn.MelodyRNN`, `steps` is the length of a training window.
    """

    cell: str = "gru"
    units: int = 128
    recurrent_layers: int = 1
    embedding: int = 64
    attention: int = 0
    dropout: float = 0.3
    blindness: float = 0.1
    steps: int = 128
    batch: int = 16
    epochs: int = 150
    weight_decay: float = 0.02
    clip: float | None = 1.0
    average: float = 0.99
    every: int = 10


SIZES = {
    "tiny": Config(
        units=16, embedding=8, dropout=0.0, blindness=0.0, steps=32, batch=4, epochs=2, learning_rate=1e-2, average=0.5, every=1
    ),
    "lab": Config(embedding=32, dropout=0.1, blindness=0.0, steps=64, epochs=12, learning_rate=1e-2, average=0.95, every=2),
    "full": Config(),
}
OF_DATA = {  # what another kind of melody wants
    "tunes": {
        "lab": {"steps": 192, "epochs": 3, "every": 1},
        "full": {"units": 256, "steps": 256, "epochs": 26, "every": 2, "blindness": 0.0, "average": 0.995},
    },
    "copy": {
        size: {
            "units": 64,
            "steps": 32,
            "batch": 64,
            "epochs": 20,
            "dropout": 0.0,
            "blindness": 0.0,
            "learning_rate": 5e-3,
            "every": 2,
        }
        for size in ("lab", "full")
    },
}

RECIPE = Recipe("melody", Config, SIZES, SHIPPED)


def build(config, form, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.melody_rnn.MelodyRNN`.

    Parameters
    ----------
    config : Config
    form : Form
        How the melodies are written.
    seed : int
        Of the weights and of the dropout.
    """
    from lab_utils.backend import keras, settle
    from lab_utils.models import MelodyRNN

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    model = MelodyRNN(
        vocabulary=form.size, features=form.features, cell=config.cell, units=config.units,
        recurrent_layers=config.recurrent_layers, embedding=config.embedding, attention=config.attention,
        dropout=config.dropout, blindness=config.blindness, repeats=form.repeats, clock=form.tables,
    )  # fmt: skip
    model.build()
    return model


def load(run="soprano"):
    """Return (model, form, config) of a trained run.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the name of a shipped checkpoint (:data:`SHIPPED`).

    Returns
    -------
    model : MelodyRNN
    form : Form
    config : dict
        What the run's ``config.json`` says.
    """
    path = RECIPE.folder(run) / "form.json"
    RECIPE.open(run)  # the clearer error, if there is no run
    form = Form.from_dict(read_json(path), path)
    model, config = RECIPE.load(run, lambda config: build(config, form))
    return model, form, config


def counted(form, melodies):
    """Return which steps of each melody count, a list of bool (T,): of 16th steps all but the first, of symbols all."""
    return [np.arange(len(one["tokens"])) >= (form.kind == "steps") for one in melodies]


def validation_nll(model, form, melodies):
    """Return the nats a step of `melodies` under `model`, a float."""
    nll = [likelihood.token_nll(logits, one["tokens"]) for (logits, _), one in zip(read(model, melodies), melodies, strict=True)]
    return likelihood.summary(nll, counted=counted(form, melodies), draws=1)["joint_nll"]


def read(model, melodies, *, batch=16, weights=False):
    """Return [(logits (T, V), attention weights (T, W) or None), …] of whole melodies.

    Parameters
    ----------
    model : MelodyRNN
    melodies : list of dict
        As :class:`~lab_utils.recipes._melody_data.Material` holds them.
    batch : int
        Melodies at a time, padded to the longest; what is padded comes after the melody and is cut off, so it changes nothing.
    weights : bool
        Whether the attention weights are wanted.
    """
    reader = _reader(model, bool(weights and model.attention))
    longest = -(-max(len(one["tokens"]) for one in melodies) // 64) * 64  # one length, so that the network compiles once
    made = []
    for first in range(0, len(melodies), batch):
        chosen = melodies[first : first + batch]
        filled = chosen + chosen[:1] * (batch - len(chosen))
        padded = {
            name: np.stack([np.pad(one[name], (0, longest - len(one["tokens"]))) for one in filled]) for name in model.names
        }
        logits, looked = reader(padded)
        for row, one in enumerate(chosen):
            steps = len(one["tokens"])
            made.append((logits[row, :steps], None if looked is None else looked[row, :steps]))
    return made


def _reader(model, weights):
    """Return a function from a batch of inputs to (logits, weights or None) as arrays."""
    if not weights:
        return lambda inputs: (np.asarray(model.predict_on_batch(inputs)), None)
    from lab_utils.backend import keras

    return lambda inputs: tuple(keras.ops.convert_to_numpy(made) for made in model.attend(inputs))
