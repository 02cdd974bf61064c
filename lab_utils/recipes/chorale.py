"""The chorale recipe: a network that writes four voices, from the data to the composed piece.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`.

Data: ``chorales`` (with onsets, meters and phrases), ``jsb16`` (the benchmark: pitches alone), or a JSON file of pieces, each a
list of [S, A, T, B] frames on 16ths, −1 for a rest: either one list, of which every tenth piece is kept for validation, or a
dict with "train" and "valid".

Each piece is moved to a random key each epoch, as far as every voice stays within its range in the training fold; of pieces
with fermatas the phrase numbers are hidden half of the time, so that the network plays with and without a plan. Optimiser:
AdamW (Loshchilov & Hutter, 2019) with warm-up, cosine decay and averaged weights.

Shipped: ``chorale`` and ``jsb16``, under ``datasets/checkpoints``. The notebooks ``00_start_here`` and
``05_recurrent_networks`` use it.
"""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation import likelihood
from lab_utils.storage import read_json, shipped_folder, write_bytes

SHIPPED = ("chorale", "jsb16")
FILE_NAMES = {"midi": "mid", "musicxml": "musicxml", "sound": "wav", "staff": "png", "staff_svg": "svg", "roll": "png"}


@dataclass(frozen=True)
class Config:
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    The first six are those of :class:`~lab_utils.models.chorale_rnn.ChoraleRNN`. `steps` and `batch` shape a batch of windows,
    `average` is the momentum of the averaged weights, `every` the epochs between two validations.
    """

    units: int = 256
    recurrent_layers: int = 2
    embedding: int = 64
    hidden: int = 256
    dropout: float = 0.25
    onsets: bool = True
    steps: int = 128
    batch: int = 32
    epochs: int = 240
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.02
    clip: float = 1.0
    average: float = 0.998
    every: int = 10


SIZES = {
    "tiny": Config(
        units=16, recurrent_layers=1, embedding=8, hidden=16, dropout=0.0, steps=32, batch=4,
        epochs=2, learning_rate=1e-2, average=0.5, every=1,
    ),
    "lab": Config(
        units=128, recurrent_layers=1, embedding=32, hidden=128, dropout=0.1, steps=96, batch=16,
        epochs=4, learning_rate=4e-3, average=0.95, every=1,
    ),
    "full": Config(),
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A piece as the network reads it.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (T, 4)
    position, phrase : np.ndarray of int32, shape (T,)
    """

    tokens: np.ndarray
    position: np.ndarray
    phrase: np.ndarray

    def arrays(self):
        """Return the network's inputs and the tokens as one dict of int32 arrays."""
        inputs = encoding.inputs_from_tokens(self.tokens)
        return {**inputs, "position": self.position, "phrase": self.phrase, "tokens": self.tokens}

    def without_phrases(self):
        """Return the piece with its phrase numbers hidden."""
        return replace(self, phrase=np.zeros_like(self.phrase))


# ------------------------------------------------------------------------------------------------ prepare


def prepare(data="chorales"):
    """Return the pieces to train on and to validate with.

    Parameters
    ----------
    data : str
        "chorales", "jsb16", or a JSON file's name.

    Returns
    -------
    dict
        "train" and "valid", lists of :class:`Piece`, and "onsets" (bool): whether repeated notes are told from long ones.
    """
    from lab_utils import datasets

    if data == "chorales":
        chorales = datasets.load_chorales()
        folds = {fold: [_piece_of_chorale(c) for c in chorales.fold(fold)] for fold in ("train", "valid")}
        return {**folds, "onsets": True}
    if data == "jsb16":
        folds = {fold: [piece_from_grid(grid) for grid in datasets.load_jsb16(fold)] for fold in ("train", "valid")}
        return {**folds, "onsets": False}
    if not Path(data).suffix:
        raise ParameterError(f"data: expected chorales, jsb16 or a JSON file of pieces, received {data!r}.")
    content = read_json(data)
    if isinstance(content, dict):
        missing = [fold for fold in ("train", "valid") if not content.get(fold)]
        if missing:
            raise DataError(f"{data}: has no pieces under {missing[0]!r}; give both, or one plain list of pieces.")
        folds = {fold: pieces_from_grids(content[fold], data) for fold in ("train", "valid")}
    else:
        pieces = pieces_from_grids(content, data)
        if len(pieces) < 2:
            raise DataError(f"{data}: holds {len(pieces)} piece; training needs at least two, one to validate with.")
        folds = {"train": [p for i, p in enumerate(pieces) if i % 10], "valid": pieces[::10]}
    return {**folds, "onsets": False}


def piece_from_grid(grid, *, onsets=None, name="grid"):
    """Return the Piece of a grid whose meter and phrases are not known.

    Parameters
    ----------
    grid : array_like of int, shape (T, 4)
    onsets : np.ndarray of bool, shape (T, 4), optional
    name : str
        What to call the grid in an error.
    """
    grid = encoding.check_grid(grid, name=name)
    tokens = encoding.tokens_from_grid(grid, onsets)
    return Piece(tokens, encoding.positions(len(grid)), np.zeros(len(grid), np.int32))


def pieces_from_grids(content, source):
    """Return the Pieces of a list of grids read from the file `source`; a DataError names the file and the piece."""
    if not isinstance(content, list) or not content:
        raise DataError(f"{source}: expected a list of pieces, each a list of [S, A, T, B] frames.")
    try:
        return [piece_from_grid(grid, name=f"piece {i}") for i, grid in enumerate(content)]
    except ParameterError as error:
        raise DataError(f"{source}: {error}") from error


def _piece_of_chorale(chorale):
    tokens = encoding.tokens_from_grid(chorale.grid, chorale.onsets)
    position = encoding.positions(len(tokens), meter=chorale.meter, pickup_steps=chorale.pickup_steps)
    return Piece(tokens, position, encoding.phrases(chorale.fermatas))


# ------------------------------------------------------------------------------------------------ build


def build(config, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.chorale_rnn.ChoraleRNN`.

    Parameters
    ----------
    config : Config
    seed : int
        Of the weights and of the dropout.
    """
    from lab_utils.backend import keras, settle
    from lab_utils.models import ChoraleRNN

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    model = ChoraleRNN(
        units=config.units, recurrent_layers=config.recurrent_layers, embedding=config.embedding,
        hidden=config.hidden, dropout=config.dropout, onsets=config.onsets,
    )  # fmt: skip
    model.build()
    return model


def load(run="chorale"):
    """Return (model, config) of a trained run.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the name of a shipped checkpoint, "chorale" or "jsb16".

    Returns
    -------
    model : ChoraleRNN
    config : dict
        What the run's ``config.json`` says.
    """
    from lab_utils.training.checkpoint import load_variables
    from lab_utils.training.run import Run

    run = Run(_folder(run))
    config = run.config
    model = build(_config_of(run))
    load_variables(model.trainable_variables, run.folder / "weights.npz")
    return model, config


def _folder(run):
    return shipped_folder("checkpoints", run) if str(run) in SHIPPED else Path(run)


def _config_of(run):
    content = run.config
    if content.get("recipe") != "chorale":
        raise DataError(f"{run.folder}: is a run of the recipe {content.get('recipe')!r}, not of 'chorale'.")
    try:
        return Config(**content["settings"])
    except (KeyError, TypeError) as error:
        raise DataError(f"{run.folder / 'config.json'}: does not hold this recipe's settings ({error}).") from error


# ------------------------------------------------------------------------------------------------ train


def train(*, size="lab", data="chorales", out=None, seed=0, epochs=None, progress=True, on_epoch=None):
    """Train a network and return the folder of its run.

    Parameters
    ----------
    size : str
        "tiny" (seconds), "lab" (a minute on two cores) or "full" (the shipped checkpoints').
    data : str
        As in :func:`prepare`.
    out : str or Path, optional
        Folder of the run; by default ``runs/chorale-<data>-<size>-<time>``.
    seed : int
    epochs : int, optional
        In place of the size's own number.
    progress : bool
    on_epoch : callable, optional
        ``on_epoch(epoch, row)`` after each epoch.

    Returns
    -------
    Path
    """
    from lab_utils.training.run import Run

    if size not in SIZES:
        raise ParameterError(f"size: expected one of {', '.join(SIZES)}; received {size!r}.")
    if epochs is not None and epochs < 1:
        raise ParameterError(f"epochs: expected at least 1, received {epochs}.")
    pieces = prepare(data)
    config = replace(SIZES[size], onsets=pieces["onsets"])
    config = config if epochs is None else replace(config, epochs=epochs)
    out = out or Path("runs", f"chorale-{Path(data).stem}-{size}-{time.strftime('%Y%m%d-%H%M%S')}")
    content = {"recipe": "chorale", "size": size, "data": str(data), "seed": seed, "settings": asdict(config)}
    run = Run.create(out, content)
    baselines = likelihood.Baselines(symbols=encoding.VOCABULARY * (2 if config.onsets else 1))
    baselines.fit([_symbols(piece.tokens, config.onsets) for piece in pieces["train"]])
    write_bytes(baselines.to_bytes(), run.folder / "baselines.npz")
    return _fit(run, pieces, progress=progress, on_epoch=on_epoch)


def resume(run, *, progress=True):
    """Go on with the training in the folder `run` and return that folder."""
    from lab_utils.training.run import Run

    run = Run(run)
    _config_of(run)
    return _fit(run, prepare(run.config["data"]), progress=progress)


def _fit(run, pieces, *, progress, on_epoch=None):
    from lab_utils.training.run import fit
    from lab_utils.training.windows import Windows

    config, seed = _config_of(run), run.config["seed"]
    model = build(config, seed=seed)
    batches = Windows(
        [{**piece.arrays(), "ranges": _transpositions(piece, pieces["train"])} for piece in pieces["train"]],
        target="tokens", steps=config.steps, batch=config.batch, seed=seed, change=_varied,
    )  # fmt: skip
    model.compile(optimizer=_optimiser(config, len(batches)), jit_compile="auto")
    valid = [piece.without_phrases() for piece in pieces["valid"]]
    fit(
        model, run, batches, epochs=config.epochs, every=config.every, progress=progress, on_epoch=on_epoch,
        validate=lambda model: likelihood.summary([nll for nll, _ in score_pieces(model, valid)], draws=1)["joint_nll"],
    )  # fmt: skip
    return run.folder


def _optimiser(config, batches):
    from lab_utils.backend import keras

    steps = batches * config.epochs
    warm = max(1, min(steps // 20, 500))
    rate = keras.optimizers.schedules.CosineDecay(
        config.learning_rate / 20, max(1, steps - warm), alpha=0.01, warmup_target=config.learning_rate, warmup_steps=warm
    )
    return keras.optimizers.AdamW(
        rate, weight_decay=config.weight_decay, global_clipnorm=config.clip,
        use_ema=config.average > 0, ema_momentum=config.average,
    )  # fmt: skip


def _transpositions(piece, training):
    """Return the lowest and highest shift in semitones that keeps every voice of `piece` within its training range."""
    lows, highs = [], []
    for voice in range(4):
        pitches = [t.tokens[:, voice][t.tokens[:, voice] >= encoding.FIRST_PITCH] for t in (piece, *training)]
        own, rest = pitches[0], np.concatenate(pitches[1:])
        if len(own):
            lows.append(rest.min() - own.min())
            highs.append(rest.max() - own.max())
    return np.array([max(lows, default=0), min(highs, default=0)])


def _varied(sequence, rng):
    """Move a piece to a random key, and hide its phrases half of the time."""
    low, high = sequence["ranges"]
    shift = int(rng.integers(low, high + 1))
    moved = {name: encoding.transpose_sounding(sequence[name], shift) for name in ("sounding", "current", "tokens")}
    phrase = sequence["phrase"] * int(rng.random() < 0.5)
    return {**moved, "held": sequence["held"], "position": sequence["position"], "phrase": phrase}


# ------------------------------------------------------------------------------------------------ evaluate


def score_pieces(model, pieces, *, batch=16):
    """Return [(nll, right), …] of whole pieces: nats and "was the first choice" of each note, each shape (T, 4).

    Parameters
    ----------
    model : ChoraleRNN
    pieces : list of Piece
    batch : int
        Pieces at a time, padded to the longest; what is padded comes after the piece and is cut off, so it changes nothing.
    """
    longest = -(-max(len(piece.tokens) for piece in pieces) // 64) * 64  # one length, so that the network compiles once
    scored = []
    for first in range(0, len(pieces), batch):
        chosen = [piece.arrays() for piece in pieces[first : first + batch]]
        padded = {
            name: np.stack([_padded(arrays[name], longest) for arrays in chosen + chosen[:1] * (batch - len(chosen))])
            for name in chosen[0]
        }
        logits = np.asarray(model.predict_on_batch(padded))
        for row, arrays in enumerate(chosen):
            tokens = arrays["tokens"]
            own = logits[row, : len(tokens)]  # (T, 4, V)
            scored.append((likelihood.token_nll(own, tokens), own.argmax(axis=-1) == tokens))
    return scored


def _padded(values, length):
    return np.concatenate([values, np.zeros((length - len(values), *values.shape[1:]), values.dtype)])


def _symbols(tokens, onsets):
    """Return tokens as the baselines read them: what sounds, and with onsets, apart from it, whether it goes on, (T, 4)."""
    sounding = encoding.sounding_from_tokens(tokens)
    return sounding + encoding.VOCABULARY * (tokens == encoding.HOLD) if onsets else sounding


def evaluate(*, run="chorale", grid=None):
    """Return how well a trained network predicts pieces, beside the baselines of its own training fold.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    grid : str or Path, optional
        JSON file: a list of pieces, each a list of [S, A, T, B] frames, −1 for a rest. Without it, the validation fold of the
        run's data.

    Returns
    -------
    dict
        As :func:`lab_utils.evaluation.likelihood.evaluate`, with ``run`` and ``data``; for pieces with known phrases also
        ``joint_nll_given_phrases``, which is the likelihood *given* where the fermatas stand and no rival of the first.
    """
    model, config = load(run)
    data = str(grid) if grid else f"{config['data']} valid"
    pieces = pieces_from_grids(read_json(grid), grid) if grid else prepare(config["data"])["valid"]
    scored = score_pieces(model, [piece.without_phrases() for piece in pieces])
    path = _folder(run) / "baselines.npz"
    try:
        baselines = likelihood.Baselines.from_bytes(path.read_bytes(), name=str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); train the run again.") from error
    nll, right = zip(*scored, strict=True)
    figures = likelihood.evaluate(list(nll), list(right), [_symbols(piece.tokens, model.onsets) for piece in pieces], baselines)
    if any(piece.phrase.any() for piece in pieces):
        given = [nll for nll, _ in score_pieces(model, pieces)]
        figures["joint_nll_given_phrases"] = likelihood.summary(given)["joint_nll"]
    return {"run": str(run), "data": data, **figures}
