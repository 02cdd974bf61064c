"""The spectrogram VAE of the recipe: its settings, how it is built and loaded, and the ways between spectrograms and vectors.

Spectrograms are in the network's scale, [-1, 1], as :mod:`lab_utils.recipes._spectrogram_data` hands them out; the run's scaler
(:func:`scaler_of`) leads to decibels and to sound. Styles are names or their numbers, one for all or one for each.
The verbs stand in :mod:`lab_utils.recipes.spectrogram_vae`, which hands out these names too.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.audio.scaling import Scaler
from lab_utils.datasets.stave275 import STYLES
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation.latent import lerp, prior
from lab_utils.recipes._latent import check_vectors, in_batches
from lab_utils.recipes._run import Recipe, Training
from lab_utils.recipes._spectrogram_data import FRAMES, TRANSFORM

AT_ONCE = 256  # spectrograms


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    Up to `free_bits` they are those of :class:`~lab_utils.models.spectrogram_vae.SpectrogramVAE`; `beta_steps` is its warm-up of
    β, in batches. `renderings` and `bars` are those of :func:`lab_utils.recipes._spectrogram_data.prepare`, `splices` is the
    share of the bars of a batch that go over into another (0: none).
    """

    latent: int = 32
    channels: int = 128
    hidden: int = 256
    dropout: float = 0.3
    beta: float = 1.0
    beta_steps: int = 500
    free_bits: float = 0.0
    renderings: int = 20
    bars: int = 11
    splices: float = 0.0
    batch: int = 64
    epochs: int = 60
    weight_decay: float = 0.01
    average: float = 0.99
    every: int = 5

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.splices <= 1:
            raise ParameterError(f"splices: expected a share from 0 to 1, received {self.splices!r}.")


SIZES = {
    "tiny": Config(
        latent=4, channels=8, hidden=16, dropout=0.0, beta_steps=4, renderings=1, bars=1, batch=5, epochs=2, learning_rate=1e-2,
        average=0.0, every=1,
    ),
    "lab": Config(
        channels=96, beta_steps=100, renderings=1, splices=0.5, batch=20, epochs=60, learning_rate=3e-3, clip=1.0, average=0.9
    ),
    "full": Config(),
}  # fmt: skip
SHIPPED = ("spectrogram_vae",)
RECIPE = Recipe("spectrogram_vae", Config, SIZES, SHIPPED)


def build(config, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.spectrogram_vae.SpectrogramVAE`; `seed` is of weights and noise."""
    from lab_utils.backend import keras, settle
    from lab_utils.models import SpectrogramVAE

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    model = SpectrogramVAE(
        frames=FRAMES, bins=TRANSFORM.bins, styles=len(STYLES), latent=config.latent, channels=config.channels,
        hidden=config.hidden, dropout=config.dropout, beta=config.beta, warmup=config.beta_steps, free_bits=config.free_bits,
    )  # fmt: skip
    model.build()
    return model


def load(run="spectrogram_vae"):
    """Return (model, config dict) of a trained run: its folder, or the name of a shipped checkpoint (:data:`SHIPPED`)."""
    return RECIPE.load(run, build)


def scaler_of(run="spectrogram_vae"):
    """Return the :class:`~lab_utils.audio.scaling.Scaler` of a run, which moved its decibels to [-1, 1]."""
    return Scaler.load(RECIPE.folder(run) / "scaler.json")


# ------------------------------------------------------------------------------------------------ spectrograms ↔ latent vectors


def encode(model, spectrograms, style, *, spread=False):
    """Return where bars lie: the means of q(z | x, y).

    Parameters
    ----------
    model : SpectrogramVAE
    spectrograms : array_like of float, shape (N, 64, 96)
        In the network's scale.
    style : str, int, or sequence of them, length N
        A name or number of ``STYLES``, for all of them or for each.
    spread : bool
        Return (means, standard deviations).

    Returns
    -------
    np.ndarray of float32, shape (N, Z)

    Raises
    ------
    ParameterError
        If there is no spectrogram, or one of another size or with what is no number, or a style that there is not.
    """
    spectrograms = check_spectrograms(model, spectrograms)
    mean, log_variance = in_batches(model.encode, spectrograms, style_numbers(style, len(spectrograms)), at_once=AT_ONCE)
    return (mean, np.exp(log_variance / 2)) if spread else mean


def decode(model, z, style):
    """Return the spectrograms of latent vectors in a style.

    Parameters
    ----------
    model : SpectrogramVAE
    z : array_like of float, shape (N, Z)
    style : str, int, or sequence of them, length N

    Returns
    -------
    np.ndarray of float32, shape (N, 64, 96)
        In the network's scale.

    Raises
    ------
    ParameterError
        If there is no vector, or one of the wrong length or with what is no number, or a style that there is not.
    """
    z = check_vectors(model, z)
    return in_batches(lambda *rows: (model.decode(*rows),), z, style_numbers(style, len(z)), at_once=AT_ONCE)[0]


def reconstruct(model, spectrograms, style):
    """Return spectrograms (N, 64, 96) as they come back from the means of their latent vectors, alike."""
    return decode(model, encode(model, spectrograms, style), style)


def relabel(model, spectrograms, style, other):
    """Return what bars (N, 64, 96) of a `style` become in the style `other`: the same latent vectors, decoded under its label."""
    return decode(model, encode(model, spectrograms, style), other)


def draw(model, count, *, seed=0, temperature=1.0):
    """Return `count` latent vectors of the prior, float32 (count, Z), their spread multiplied by `temperature`."""
    return prior(count, model.size, seed=seed, temperature=temperature)


def sample(model, style, count=1, *, seed=0, temperature=1.0):
    """Return `count` spectrograms of the prior in a style, (count, 64, 96): :func:`decode` of :func:`draw`."""
    return decode(model, draw(model, count, seed=seed, temperature=temperature), style)


def interpolate(model, first, second, style, *, count=8):
    """Return the spectrograms on the straight way from one bar's mean to another's.

    Parameters
    ----------
    model : SpectrogramVAE
    first, second : array_like of float, shape (64, 96)
    style : str or int, or two of them
        Of both, or of each; with two, the first half of the way is decoded in the first.
    count : int
        How many, both ends included; the ends are reconstructions.

    Returns
    -------
    np.ndarray of float32, shape (count, 64, 96)
    """
    check_whole("count", count, 2)
    numbers = style_numbers(style, 2)
    one, other = encode(model, np.stack([np.asarray(first), np.asarray(second)]), numbers)
    shares = np.linspace(0, 1, count)
    return decode(model, lerp(one, other, shares), numbers[(shares > 0.5).astype(int)])


def style_numbers(style, count):
    """Return styles, names or numbers, one for all or `count` of them, as int32 (count,)."""
    given = [style] if isinstance(style, str) or np.ndim(style) == 0 else list(style)
    numbers = [STYLES.index(one) if isinstance(one, str) and one in STYLES else one for one in given]
    for number, one in zip(numbers, given, strict=True):
        if isinstance(number, bool | str) or not isinstance(number, int | np.integer) or not 0 <= number < len(STYLES):
            raise ParameterError(f"style: expected one of {', '.join(STYLES)}, or 0–{len(STYLES) - 1}; received {one!r}.")
    if len(numbers) not in (1, count):
        raise ParameterError(f"style: expected one for all or one for each of {count}, received {len(numbers)}.")
    return np.broadcast_to(np.array(numbers, np.int32), (count,))


def check_spectrograms(model, spectrograms):
    """Return spectrograms as float32 (N, T, F), or raise a :class:`ParameterError` that says what is wrong."""
    spectrograms, size = np.asarray(spectrograms), (model.frames, model.bins)
    if spectrograms.ndim != 3 or spectrograms.shape[1:] != size or not len(spectrograms) or spectrograms.dtype.kind != "f":
        raise ParameterError(
            f"spectrograms: expected bars of {size[0]} frames and {size[1]} bins, floats of shape (N, {size[0]}, {size[1]}), "
            f"received {spectrograms.shape} {spectrograms.dtype}."
        )
    if not np.isfinite(spectrograms).all():
        raise ParameterError("spectrograms: expected finite numbers, received NaN or infinity.")
    return spectrograms.astype(np.float32)
