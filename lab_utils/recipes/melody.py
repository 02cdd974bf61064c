"""The melody recipe: one voice, written by a recurrent network of one's choice, from the data to the tune.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`; and
:func:`compare`, which trains several networks with several seeds and sets them in a table.

Data: ``jsb16``, ``chorales``, ``tunes``, ``copy`` or a JSON file; see :mod:`lab_utils.recipes._melody_data`. Melodies in 16th
steps are moved to a random key each epoch, within the range of the training fold; tunes in ABC are all written in one key.

The variants (:data:`VARIANTS`) differ in the recurrent layer alone: simple RNN, GRU, LSTM, and the GRU with attention over the
last 40 steps. ``magenta`` has the settings of Magenta's attention_rnn (Waite, 2016): two LSTM layers of 128, attention 40, dropout
0.5, Adam at 0.001, gradients clipped to 3; on the same data, with our inputs.

Shipped, under ``datasets/checkpoints``: ``soprano`` (with attention), ``soprano_simple``, ``soprano_gru``, ``soprano_lstm``,
``soprano_magenta``, ``tunes`` and ``copy``. The notebooks ``06_training`` and ``07_testing`` use the recipe.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation import likelihood
from lab_utils.recipes._melody_data import Form, prepare, transposed, transpositions
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._run import Recipe, Training, learn
from lab_utils.storage import read_json, write_bytes, write_json

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
BAR = 16  # 16ths
TEMPO = {"steps": 76.0, "symbols": 110.0}  # quarters a minute
FLUTE = 73  # General MIDI
LONGEST_TUNE = 512  # symbols; a sampled tune that has not ended by then is cut
LONG = 4096  # steps in a batch from which compiling pays


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
    "lab": Config(embedding=32, dropout=0.1, blindness=0.0, epochs=16, learning_rate=6e-3, average=0.95, every=2),
    "full": Config(),
}
OF_DATA = {  # what another kind of melody wants
    "tunes": {
        "lab": {"steps": 192, "epochs": 3, "every": 1},
        "full": {"units": 256, "steps": 256, "epochs": 40, "every": 2, "dropout": 0.2, "blindness": 0.0, "average": 0.995},
    },
    "copy": {
        size: {"steps": 32, "batch": 64, "epochs": 20, "dropout": 0.0, "blindness": 0.0, "learning_rate": 5e-3, "every": 2}
        for size in ("lab", "full")
    },
}

RECIPE = Recipe("melody", Config, SIZES, SHIPPED)


# ------------------------------------------------------------------------------------------------ build


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
        dropout=config.dropout, blindness=config.blindness, repeats=form.repeats,
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


# ------------------------------------------------------------------------------------------------ train


def train(
    *, size="lab", data="jsb16", variant="attention", out=None, seed=0, epochs=None, progress=True, on_epoch=None,
    hardware=None, tensorboard=False, listen=0, **settings,
):  # fmt: skip
    """Train a network and return the folder of its run.

    Parameters
    ----------
    size : str
        "tiny" (seconds), "lab" (a minute on two cores) or "full" (the shipped checkpoints').
    data : str
        As in :func:`prepare`.
    variant : str
        One of :data:`VARIANTS`.
    out : str or Path, optional
        Folder of the run; by default ``runs/melody-<data>-<size>-<time>``.
    seed : int
    epochs : int, optional
        In place of the size's own number.
    progress : bool
    on_epoch : callable, optional
        ``on_epoch(epoch, row)`` after each epoch.
    hardware : lab_utils.training.device.Hardware, optional
    tensorboard : bool
    listen : int
        Every so many epochs the network composes into the run's folder ``listen``; 0: never.
    settings
        Any field of :class:`Config`.

    Returns
    -------
    Path
    """
    if variant not in VARIANTS:
        raise ParameterError(f"variant: expected one of {', '.join(VARIANTS)}; received {variant!r}.")
    chosen = {**OF_DATA.get(str(data), {}).get(size, {}), **_of_variant(variant, size), **settings}
    config = RECIPE.settle(size, epochs=epochs, settings=chosen)
    material = prepare(data)
    run = RECIPE.create(config, size=size, data=data, seed=seed, out=out, hardware=hardware)
    run.write(write_json, material.form.to_dict(), "form.json")
    return _fit(
        run, config, material, hardware=hardware, progress=progress, on_epoch=on_epoch, tensorboard=tensorboard, listen=listen
    )


def _of_variant(variant, size):
    # at size tiny only the layers are the variant's: the rest of Magenta's settings would not learn anything in two epochs
    keep = ("cell", "recurrent_layers", "attention") if size == "tiny" else VARIANTS["magenta"]
    return {name: value for name, value in VARIANTS[variant].items() if name in keep}


def resume(run, *, epochs=None, progress=True, on_epoch=None, hardware=None, tensorboard=False, listen=0):
    """Go on with the training in the folder `run` and return that folder; parameters as those of :func:`train`.

    With more `epochs` than the run was made for, the learning rate follows the longer schedule from where it stands.
    """
    run, config, hardware = RECIPE.reopen(run, epochs=epochs, hardware=hardware)
    return _fit(
        run, config, prepare(run.config["data"]), hardware=hardware, progress=progress, on_epoch=on_epoch,
        tensorboard=tensorboard, listen=listen,
    )  # fmt: skip


def _fit(run, config, material, *, hardware, progress, **options):
    from lab_utils.training.windows import Windows

    form, seed = material.form, run.config["seed"]
    sequences, change = material.train, None
    if form.kind == "steps":
        ranges = transpositions(material.train)
        sequences = [{**one, "ranges": row} for one, row in zip(material.train, ranges, strict=True)]
        change = transposed
    batches = Windows(sequences, target="tokens", steps=config.steps, batch=config.batch, seed=seed, change=change)
    return learn(
        run, config, build=lambda config, seed: build(config, form, seed=seed), batches=batches, seed=seed, hardware=hardware,
        validate=lambda model: validation_nll(model, form, material.valid),
        compose=None if form.kind == "copy" else lambda model: score_from_tokens(compose(model, form, seed=seed)[0], form),
        shown=progress, **options,
    )  # fmt: skip


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


# ------------------------------------------------------------------------------------------------ evaluate


def evaluate(*, run=None, grid=None, samples=500):
    """Return how well trained networks predict melodies, beside their baselines.

    Parameters
    ----------
    run : str or Path, optional
        As in :func:`load`: the figures of that run alone. Left out, the report on all shipped checkpoints: ``nll`` (of the best
        variant), ``variants``, ``baselines``, ``attention_accuracy``, ``abc``.
    grid : str or Path, optional
        JSON file: a list of pieces, each a list of [S, A, T, B] frames, −1 for a rest, of which the sopranos are predicted; in
        place of the validation fold.
    samples : int
        Of a run of tunes: how many are sampled and judged.

    Returns
    -------
    dict
    """
    from lab_utils.recipes import _melody_figures as figures

    if run is None:
        return figures.report(samples=samples, grid=grid)
    return figures.of_run(run, grid=grid, samples=samples)


def compare(*, out="runs/compare", data="jsb16", size="full", variants=("simple", "gru", "lstm", "attention"), seeds=3, **options):
    """Train each of `variants` with each of `seeds` seeds and return the folder, in which ``table.csv`` sets them side by side.

    What has been trained already is left alone, so that a comparison that was stopped goes on.

    Parameters
    ----------
    out : str or Path
        One folder a network, ``<variant>_<seed>``.
    data, size
        As in :func:`train`.
    variants : sequence of str
    seeds : int
    options
        Of :func:`train`.
    """
    from lab_utils.recipes import _melody_compare

    return _melody_compare.compare(train, resume, RECIPE, out, data=data, size=size, variants=variants, seeds=seeds, **options)


# ------------------------------------------------------------------------------------------------ generate


def generate(*, run="tunes", seed=0, bars=8, temperature=0.9, out="out"):
    """Write a melody: its score, sound and pictures, of a folk tune the ABC text too; return where they are.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`: "tunes" writes a folk tune, "soprano" the upper voice of a chorale.
    seed : int
        The same seed gives the same melody.
    bars : int
        Of a soprano: how many bars, 2 to 64. A tune ends where it ends.
    temperature : float
        Under 1 plays safe, over 1 dares more.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll`` and of tunes ``abc``; ``nll``, nats a step
        under the model itself; ``seconds``, ``seed``.
    """
    from pathlib import Path

    model, form, _ = load(run)
    tokens = compose(model, form, seed=seed, bars=bars, temperature=temperature)[0]
    score = score_from_tokens(tokens, form, title=f"Tune no. {seed}" if form.kind == "symbols" else f"Melody no. {seed}")
    made = write_piece(score, out, "melody")
    if form.kind == "symbols":
        made["abc"] = Path(out, "melody.abc")
        write_bytes(text_from_tokens(tokens, form, title=score.title).encode(), made["abc"])
    nll = validation_nll(model, form, [{**form.inputs(tokens), "tokens": tokens}])
    return {**made, "nll": nll, "seconds": score.duration_seconds, "seed": seed}


def compose(model, form, *, seed=0, bars=8, temperature=0.9, batch=1):
    """Return new melodies, a list of int32 arrays (T,); a tune's END is not among its tokens.

    Parameters
    ----------
    model : MelodyRNN
    form : Form
    seed, bars, temperature
        As in :func:`generate`.
    batch : int
        How many melodies.
    """
    from lab_utils.backend import keras
    from lab_utils.generation import sampling

    for name, value, low, high in (("bars", bars, 2, 64), ("batch", batch, 1, 1024), ("seed", seed, 0, 2**63)):
        if not (isinstance(value, (int, np.integer)) and low <= value <= high):
            raise ParameterError(f"{name}: expected a whole number from {low} to {high}, received {value!r}.")
    if not 0.05 <= temperature <= 5:
        raise ParameterError(f"temperature: expected a number from 0.05 to 5, received {temperature}; try 1.")
    if form.kind == "copy":
        raise ParameterError("run: expected one that writes music; `copy` was trained on a task made by rule.")
    steps = bars * BAR if form.kind == "steps" else LONGEST_TUNE
    noise = np.empty((batch, steps, 3), np.float32)
    noise[..., 0] = sampling.noise((batch, steps), seed=seed)
    noise[..., 1], noise[..., 2] = temperature, chorale.positions(steps) if form.kind == "steps" else 0
    sampler = _sampler(model, form, keras.backend.backend() == "jax" or batch * steps > LONG)
    tokens = np.asarray(sampler.predict(noise, batch_size=batch, verbose=0))
    return list(tokens) if form.kind == "steps" else [_whole(row) for row in tokens]


def _whole(tokens):
    """A tune up to its END, or all of it if it has none."""
    ends = np.flatnonzero(tokens == 0)
    return tokens[: ends[0]] if len(ends) else tokens


@lru_cache(maxsize=4)
def _sampler(model, form, compiled):
    """Return the sampler of `model`, kept: making it ready takes longer than writing the next melody."""
    from lab_utils.models import MelodySampler

    sampler = MelodySampler(model, form.rule())
    sampler.compile(jit_compile=compiled)
    return sampler


def text_from_tokens(tokens, form, *, title="", number=1):
    """Return the ABC text of a tune's tokens (T,); a ParameterError if they make none."""
    from lab_utils.encoding.abc_tokens import abc_from_symbols

    return abc_from_symbols(form.vocabulary.symbols(tokens), title=title, number=number)


def score_from_tokens(tokens, form, *, title=""):
    """Return the Score of composed tokens (T,).

    Raises
    ------
    DataError or ParameterError
        If the symbols of a tune make no music: the network has to be trained longer.
    """
    from lab_utils import files
    from lab_utils.files.key import find_key

    if form.kind == "symbols":
        score = files.from_abc(text_from_tokens(tokens, form, title=title))
        return score.with_(tempos=((0.0, TEMPO["symbols"]),), programs=(FLUTE,), title=title)
    if not (tokens >= chorale.FIRST_PITCH).any():
        raise DataError("the network wrote nothing but rests; train it longer, or try another seed.")
    score = melody.score_from_line(*melody.line_from_tokens(tokens), tempo=TEMPO["steps"], title=title, program=FLUTE)
    return score.with_(keys=((0.0, *find_key(score)),))
