"""The chorale recipe: a network that writes four voices, from the data to the composed piece.

Five verbs: :func:`prepare` → :func:`build` → :func:`train` (and :func:`resume`) → :func:`evaluate` → :func:`generate`.

Data: ``chorales``, ``jsb16`` or a JSON file; see :func:`prepare`.

Each piece is moved to a random key each epoch, as far as every voice stays within its range in the training fold; of pieces
with fermatas the phrase numbers are hidden half of the time, so that the network plays with and without a plan. Optimiser:
AdamW (Loshchilov & Hutter, 2019) with warm-up, cosine decay and averaged weights.

Shipped: ``chorale`` and ``jsb16``, under ``datasets/checkpoints``. The notebooks ``00_start_here`` and
``05_recurrent_networks`` use it.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError, ParameterError, check_whole
from lab_utils.evaluation import likelihood
from lab_utils.recipes._chorale_pieces import Piece, pieces_from_grids, prepare, transpositions, varied
from lab_utils.recipes._output import write_piece
from lab_utils.recipes._run import Recipe, Training, learn
from lab_utils.recipes._verbs import training_verbs
from lab_utils.storage import read_json, write_bytes

SHIPPED = ("chorale", "jsb16")
BAR, UPBEAT = 16, 4  # 16ths
TEMPO = 76.0  # quarters a minute
CHOIR = 52  # General MIDI's choir
TEMPERATURE = 0.9
LONG = 4096  # steps in a batch from which compiling pays


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    Those not of :class:`~lab_utils.recipes._run.Training` are of :class:`~lab_utils.models.chorale_rnn.ChoraleRNN`; `steps` is
    the length of a window.
    """

    units: int = 256
    recurrent_layers: int = 2
    embedding: int = 64
    hidden: int = 256
    dropout: float = 0.3
    blindness: float = 0.1
    onsets: bool = True
    steps: int = 128
    epochs: int = 160
    weight_decay: float = 0.02
    clip: float | None = 1.0
    average: float = 0.995
    every: int = 10


SIZES = {
    "tiny": Config(
        units=16, recurrent_layers=1, embedding=8, hidden=16, dropout=0.0, blindness=0.0, steps=32, batch=4,
        epochs=2, learning_rate=1e-2, average=0.5, every=1,
    ),
    "lab": Config(
        units=128, recurrent_layers=1, embedding=32, hidden=128, dropout=0.05, blindness=0.0, steps=48, batch=8,
        epochs=12, learning_rate=8e-3, average=0.95, every=2,
    ),
    "full": Config(),
}  # fmt: skip

RECIPE = Recipe("chorale", Config, SIZES, SHIPPED)


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
        hidden=config.hidden, dropout=config.dropout, blindness=config.blindness, onsets=config.onsets,
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
    return RECIPE.load(run, build)


# ------------------------------------------------------------------------------------------------ train


def _settle(size, *, data, **chosen):
    return RECIPE.settle(size, **chosen, onsets=True)


def _material(config, *, data, seed, progress):
    pieces = prepare(data)
    return replace(config, onsets=pieces["onsets"]), pieces


def _fit(run, config, pieces, **options):
    from lab_utils.training.windows import Windows

    seed = run.config["seed"]
    if not (run.folder / "baselines.npz").exists():  # or else the run was stopped before it was written
        baselines = likelihood.Baselines(symbols=encoding.VOCABULARY * (2 if config.onsets else 1))
        baselines.fit([piece.symbols(onsets=config.onsets) for piece in pieces["train"]])
        run.write(write_bytes, baselines.to_bytes(), "baselines.npz")
    batches = Windows(
        [{**piece.arrays(), "ranges": transpositions(piece, pieces["train"])} for piece in pieces["train"]],
        target="tokens", steps=config.steps, batch=config.batch, seed=seed, change=varied,
    )  # fmt: skip
    valid = [piece.without_phrases() for piece in pieces["valid"]]

    def validate(model):
        return likelihood.summary([nll for nll, _ in score_pieces(model, valid)], draws=1)["joint_nll"]

    def listened(model):
        return score_from_tokens(compose(model, seed=seed, bars=4, temperature=TEMPERATURE)[0][0])

    return learn(run, config, build=build, batches=batches, validate=validate, seed=seed, compose=listened, **options)


train, resume = training_verbs(RECIPE, data="chorales", settle=_settle, material=_material, fit=_fit)


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
    path = RECIPE.folder(run) / "baselines.npz"
    try:
        baselines = likelihood.Baselines.from_bytes(path.read_bytes(), name=str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); train the run again.") from error
    nll, right = zip(*scored, strict=True)
    figures = likelihood.evaluate(list(nll), list(right), [piece.symbols(onsets=model.onsets) for piece in pieces], baselines)
    if any(piece.phrase.any() for piece in pieces):
        given = [nll for nll, _ in score_pieces(model, pieces)]
        figures["joint_nll_given_phrases"] = likelihood.summary(given)["joint_nll"]
    return {"run": str(run), "data": data, **figures}


# ------------------------------------------------------------------------------------------------ generate


def generate(*, run="chorale", seed=0, bars=16, temperature=TEMPERATURE, out="out"):
    """Compose a piece, write its score, sound and pictures, and return where they are and how likely the piece is.

    Parameters
    ----------
    run : str or Path
        As in :func:`load`.
    seed : int
        The same seed gives the same piece.
    bars : int
        Bars of four quarters, 2 to 64, the last one short by the upbeat.
    temperature : float
        Under 1 plays safe, over 1 dares more.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg`` and ``roll``; ``nll``, nats a note under the
        model itself; ``bars``, ``seconds``, ``seed``.
    """
    model, config = load(run)
    tokens, piece = compose(model, seed=seed, bars=bars, temperature=temperature)
    score = score_from_tokens(tokens[0], title=f"Chorale no. {seed}")
    nll = likelihood.summary([score_pieces(model, [replace(piece, tokens=tokens[0])], batch=1)[0][0]], draws=1)["joint_nll"]
    return {**write_piece(score, out, "chorale"), "nll": nll, "bars": bars, "seconds": score.duration_seconds, "seed": seed}


def compose(model, *, seed=0, bars=16, temperature=TEMPERATURE, batch=1):
    """Return tokens of new pieces, with the plan that they follow.

    Parameters
    ----------
    model : ChoraleRNN
    seed, bars, temperature
        As in :func:`generate`.
    batch : int
        How many pieces.

    Returns
    -------
    tokens : np.ndarray of int32, shape (B, T, 4)
    plan : Piece
        Position and phrase of each step; its tokens are those of the first piece.
    """
    from lab_utils.backend import keras
    from lab_utils.generation import sampling

    for name, value, low, high in (("bars", bars, 2, 64), ("batch", batch, 1, 1024), ("seed", seed, 0, 2**63)):
        check_whole(name, value, low, high)
    if not 0.05 <= temperature <= 5:
        raise ParameterError(f"temperature: expected a number from 0.05 to 5, received {temperature}; try 1.")
    plan = plan_piece(bars, phrases=model.onsets)
    steps = len(plan.position)
    inputs = np.empty((batch, steps, 7), np.float32)
    inputs[..., :4] = sampling.noise((batch, steps, 4), seed=seed)
    inputs[..., 4], inputs[..., 5], inputs[..., 6] = temperature, plan.position, plan.phrase
    # XLA makes JAX fast at once; on TensorFlow it takes longer to compile than a single piece takes to write
    sampler = _sampler(model, keras.backend.backend() == "jax" or batch * steps > LONG)
    tokens = np.asarray(sampler.predict(inputs, batch_size=batch, verbose=0))
    return tokens, replace(plan, tokens=tokens[0])


@lru_cache(maxsize=4)
def _sampler(model, compiled):
    """Return the sampler of `model`, kept: making it ready takes longer than writing the next piece."""
    from lab_utils.models import ChoraleSampler

    sampler = ChoraleSampler(model)
    sampler.compile(jit_compile=compiled)
    return sampler


def plan_piece(bars, *, phrases=True):
    """Return the :class:`Piece` without tokens that a new chorale follows: 4/4 with an upbeat, a fermata every other bar.

    Parameters
    ----------
    bars : int
    phrases : bool
        False for a network that was shown none: then there is no upbeat either.
    """
    steps = bars * BAR
    if not phrases:
        return Piece(np.zeros((steps, 4), np.int32), encoding.positions(steps), np.zeros(steps, np.int32))
    fermatas = np.zeros(steps, bool)
    # Phrases end on the third beat, as with Bach; the fourth is the next one's upbeat.
    ends = [bar * BAR for bar in range(bars, 0, -2)]
    for end in ends:
        fermatas[end - 4 : end] = True
    position = encoding.positions(steps, meter=(4, 4), pickup_steps=UPBEAT)
    return Piece(np.zeros((steps, 4), np.int32), position, encoding.phrases(fermatas))


def score_from_tokens(tokens, *, title=""):
    """Return the Score of composed tokens (T, 4), with the key that it seems to be in.

    The upbeat is taken from the number of steps: whole bars, of which the network's plan cuts a beat off at either end.
    """
    from lab_utils.files.key import find_key

    grid, onsets = encoding.grid_from_tokens(tokens)
    score = encoding.score_from_chorale(grid, onsets, tempo=TEMPO, pickup_steps=UPBEAT, title=title, program=CHOIR)
    return score.with_(keys=((0.0, *find_key(score)),))
