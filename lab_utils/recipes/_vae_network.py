"""The note VAE of the recipe: its settings, how it is built and loaded, and the ways between phrases and latent vectors.

``decode`` takes for each 16th first the likeliest kind (hold, rest, start), then, where something starts, the likeliest pitch: by
single tokens a hold would win wherever the network knows that a note starts and hesitates between two pitches.
The verbs stand in :mod:`lab_utils.recipes.vae`, which hands out these names too.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, REST
from lab_utils.errors import DataError, ParameterError, check_whole
from lab_utils.generation.latent import lerp, prior
from lab_utils.recipes import _vae_phrases as phrases_of
from lab_utils.recipes._latent import check_vectors, in_batches
from lab_utils.recipes._run import Recipe, Training

TEMPO = 76.0  # quarters a minute
FLUTE = 73  # General MIDI
AT_ONCE = 512  # phrases


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    Up to `free_bits` they are those of :class:`~lab_utils.models.vae.NoteVAE`; `beta_steps` is its warm-up of β, in batches.
    """

    latent: int = 32
    channels: int = 192
    blocks: int = 2
    embedding: int = 16
    dropout: float = 0.0
    beta: float = 0.7
    beta_steps: int = 1500
    free_bits: float = 0.0
    batch: int = 128
    epochs: int = 120
    weight_decay: float = 0.01
    clip: float | None = 1.0
    average: float = 0.99
    every: int = 5


SIZES = {
    "tiny": Config(
        latent=8, channels=16, blocks=1, embedding=4, beta=0.1, beta_steps=4, batch=8, epochs=2, learning_rate=1e-2,
        average=0.0, every=1,
    ),
    "lab": Config(channels=128, epochs=10, learning_rate=4e-3, beta=0.5, beta_steps=200, average=0.9, every=2),
    "full": Config(),
}  # fmt: skip
SHIPPED = ("vae", "vae_tunes")
RECIPE = Recipe("vae", Config, SIZES, SHIPPED)


def build(config, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.vae.NoteVAE`; `seed` is of the weights and of the noise."""
    from lab_utils.backend import keras, settle
    from lab_utils.models import NoteVAE

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    model = NoteVAE(
        vocabulary=chorale.VOCABULARY, steps=phrases_of.STEPS, latent=config.latent, channels=config.channels,
        blocks=config.blocks, embedding=config.embedding, dropout=config.dropout, beta=config.beta, warmup=config.beta_steps,
        free_bits=config.free_bits,
    )  # fmt: skip
    model.build()
    return model


def load(run="vae"):
    """Return (model, config dict) of a trained run: its folder, or the name of a shipped checkpoint (:data:`SHIPPED`)."""
    return RECIPE.load(run, build)


# ------------------------------------------------------------------------------------------------ phrases ↔ latent vectors


def encode(model, tokens, *, spread=False):
    """Return where phrases lie: the means of q(z | x).

    Parameters
    ----------
    model : NoteVAE
    tokens : array_like of int, shape (N, 32)
        See :mod:`lab_utils.recipes._vae_phrases`.
    spread : bool
        Return (means, standard deviations).

    Returns
    -------
    np.ndarray of float32, shape (N, Z)

    Raises
    ------
    ParameterError
        If there is no phrase, or one of another length, or with tokens that there are not.
    """
    tokens = check_phrases(tokens)
    mean, log_variance = in_batches(model.encode, tokens, at_once=AT_ONCE)
    return (mean, np.exp(log_variance / 2)) if spread else mean


def logits(model, z):
    """Return the logits (N, 32, V), float32, of latent vectors (N, Z); raises what :func:`decode` does."""
    return in_batches(lambda rows: (model.decode(rows),), check_vectors(model, z), at_once=AT_ONCE)[0]


def decode(model, z):
    """Return the phrases of latent vectors.

    Parameters
    ----------
    model : NoteVAE
    z : array_like of float, shape (N, Z)

    Returns
    -------
    np.ndarray of int32, shape (N, 32)
        Tokens.

    Raises
    ------
    ParameterError
        If there is no vector, or one of the wrong length, or with what is no number.
    """
    z = check_vectors(model, z)
    return np.concatenate([tokens_from_logits(logits(model, z[rows])) for rows in _spans(len(z))])


def tokens_from_logits(values):
    """Return the tokens (N, 32) of logits (N, 32, V): the likeliest kind, then the likeliest pitch."""
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    starts = shares[..., FIRST_PITCH:].sum(axis=-1)
    kind = np.stack([shares[..., HOLD], shares[..., REST], starts], axis=-1).argmax(axis=-1)
    pitch = FIRST_PITCH + shares[..., FIRST_PITCH:].argmax(axis=-1)
    return phrases_of.tidied(np.where(kind == FIRST_PITCH, pitch, kind).astype(np.int32))


def reconstruct(model, tokens):
    """Return phrases (N, 32) as they come back from the means of their latent vectors, (N, 32)."""
    return decode(model, encode(model, tokens))


def draw(model, count, *, seed=0, temperature=1.0):
    """Return `count` latent vectors of the prior, float32 (count, Z), their spread multiplied by `temperature`."""
    return prior(count, model.size, seed=seed, temperature=temperature)


def sample(model, count, *, seed=0, temperature=1.0):
    """Return phrases of the prior, int32 (count, 32): :func:`decode` of :func:`draw`."""
    return decode(model, draw(model, count, seed=seed, temperature=temperature))


def interpolate(model, first, second, *, count=8):
    """Return the phrases on the straight way from one phrase's mean to another's.

    Parameters
    ----------
    model : NoteVAE
    first, second : array_like of int, shape (32,)
    count : int
        How many, both ends included; the ends are reconstructions.

    Returns
    -------
    np.ndarray of int32, shape (count, 32)
    """
    check_whole("count", count, 2)
    one, other = encode(model, np.stack([check_phrases(given, ndim=1) for given in (first, second)]))
    return decode(model, lerp(one, other, np.linspace(0, 1, count)))


def check_phrases(tokens, *, ndim=2):
    """Return phrases as int32 (N, 32), or one as (32,), or raise a :class:`ParameterError` that says what is wrong."""
    steps, tokens = phrases_of.STEPS, np.asarray(tokens)
    if tokens.ndim != ndim or tokens.shape[-1] != steps or not tokens.size or not np.issubdtype(tokens.dtype, np.integer):
        shape = f"(N, {steps})" if ndim == 2 else f"({steps},)"
        raise ParameterError(
            f"tokens: expected two bars of 16ths, whole numbers of shape {shape}, received {tokens.shape} {tokens.dtype}."
        )
    if tokens.min() < 0 or tokens.max() >= chorale.VOCABULARY or (tokens[..., 0] == HOLD).any():
        raise ParameterError(
            f"tokens: expected numbers 0–{chorale.VOCABULARY - 1} and no hold in the first step; "
            "melody.tokens_from_line() makes such of a line."
        )
    return tokens.astype(np.int32)


def score_from_phrases(tokens, *, title="", tempo=TEMPO):
    """Return one Score of phrases (N, 32) in a row, or of one (32,).

    Raises
    ------
    DataError
        If they hold nothing but rests.
    """
    from lab_utils.files.key import find_key

    tokens = check_phrases(np.atleast_2d(tokens))
    row = phrases_of.tidied(tokens.reshape(1, -1))[0]
    if not (row >= FIRST_PITCH).any():
        raise DataError("the network wrote nothing but rests; train it longer, or try another seed.")
    score = melody.score_from_line(*melody.line_from_tokens(row), tempo=tempo, title=title, program=FLUTE)
    keys, quarters = [], phrases_of.STEPS / chorale.STEPS_PER_QUARTER
    for start in np.arange(len(tokens)) * quarters:  # each phrase is spelt in its own key
        inside = score.between(start, start + quarters)
        key = find_key(inside) if len(inside) else None
        if key and (not keys or keys[-1][1:] != key):
            keys.append((float(start) if keys else 0.0, *key))
    return score.with_(keys=tuple(keys))


def bound(model, tokens, *, seed=0):
    """Return (nll, kl) of phrases (N, 32), nats, each (N,): of the tokens given one drawn z, and of the latent vector.

    Their sum is the bound on −log p(x) (the ELBO of Kingma & Welling, 2014), drawn once.
    """
    mean, spread = encode(model, tokens, spread=True)
    noise = np.random.default_rng(seed).standard_normal(mean.shape, np.float32)
    nll = np.empty(len(mean))
    for rows in _spans(len(mean)):
        values = logits(model, (mean + spread * noise)[rows])
        values = values - values.max(axis=-1, keepdims=True)
        chosen = np.take_along_axis(values, np.asarray(tokens)[rows][..., None], axis=-1)[..., 0]
        nll[rows] = (np.log(np.exp(values).sum(axis=-1)) - chosen).sum(axis=1)
    return nll, 0.5 * (mean**2 + spread**2 - 1 - 2 * np.log(spread)).sum(axis=1)


def kl_of_numbers(model, tokens):
    """Return what each latent number costs, nats a phrase, (Z,): the mean over phrases (N, 32); near 0 for one not in use."""
    mean, spread = encode(model, tokens, spread=True)
    return 0.5 * (mean**2 + spread**2 - 1 - 2 * np.log(spread)).mean(axis=0)


def validation_loss(model, tokens):
    """Return the mean loss of phrases (N, 32) with the whole β, nats a phrase, a float."""
    nll, kl = bound(model, tokens)
    return float(nll.mean() + model.settings["beta"] * kl.mean())


def _spans(rows):
    return [slice(first, first + AT_ONCE) for first in range(0, rows, AT_ONCE)]
