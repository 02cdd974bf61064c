"""The networks of the GAN recipe, their settings and sizes, and how they make phrases."""

from dataclasses import dataclass

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.recipes._gan_rolls import Form
from lab_utils.recipes._run import Recipe, Training
from lab_utils.storage import read_json

SHIPPED = ("gan",)
AT_ONCE = 250  # phrases


@dataclass(frozen=True)
class Config(Training):
    """How the networks are built and trained; :data:`SIZES` holds the three sizes.

    Those not of :class:`~lab_utils.recipes._run.Training` are of :class:`~lab_utils.models.gan.Adversaries`,
    :class:`~lab_utils.models.roll_gan.RollGenerator` and :class:`~lab_utils.models.roll_gan.RollCritic`, but for `collapse`:
    the share of distinct phrases, of 64, under which the training is ended; 0 to be told of a collapse and no more.
    """

    bars: int = 4
    latent: int = 64
    channels: int = 96
    blocks: int = 2
    critic_channels: int = 64
    loss: str = "hinge"
    spread: bool = True
    bound: float = 1.0
    generator_rate: float = 1.0
    critic_rate: float = 1.0
    diversity: float = 3.0
    collapse: float = 0.0
    batch: int = 16
    epochs: int = 120
    optimizer: str = "rmsprop"
    learning_rate: float = 5e-4
    average: float = 0.995
    every: int = 10

    def __post_init__(self):
        super().__post_init__()
        for name in ("bars", "latent", "channels", "blocks", "critic_channels"):
            check_whole(name, getattr(self, name), 1)

    def check(self):
        """Raise what building the networks or making the optimiser would, before anything is written."""
        from lab_utils.models.gan import check

        super().check()
        check(**self.of_adversaries())

    def of_adversaries(self):
        """Return the settings that :class:`~lab_utils.models.gan.Adversaries` takes, a dict."""
        names = ("latent", "loss", "generator_rate", "critic_rate", "diversity")
        return {name: getattr(self, name) for name in names}


SIZES = {
    "tiny": Config(bars=2, latent=8, channels=16, blocks=1, critic_channels=16, epochs=2, every=1, average=0.5),
    "lab": Config(bars=2, channels=48, critic_channels=32, epochs=16, every=4, average=0.98),
    "full": Config(),
}

RECIPE = Recipe("gan", Config, SIZES, SHIPPED)


def build(config, form, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.roll_gan.RollGAN` for phrases of the Form `form`.

    Parameters
    ----------
    config : Config
    form : Form
    seed : int
        Of the weights and of the noise in training.
    """
    from lab_utils.backend import keras, settle
    from lab_utils.models import RollCritic, RollGAN, RollGenerator

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    generator = RollGenerator(
        latent=config.latent, bars=form.bars, pitches=form.pitches, channels=config.channels, blocks=config.blocks,
    )  # fmt: skip
    critic = RollCritic(
        lowest=form.lowest, bars=form.bars, pitches=form.pitches, channels=config.critic_channels, spread=config.spread,
        bound=config.bound,
    )  # fmt: skip
    model = RollGAN(generator, critic, seed=seed, **config.of_adversaries())
    model.build()
    return model


def load(run="gan"):
    """Return (model, form, config) of a trained run: a RollGAN, the Form of its phrases, what its ``config.json`` says.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the shipped checkpoint's name, "gan".
    """
    form = Form.from_dict(read_json(RECIPE.open(run)[0].folder / "form.json"))
    model, config = RECIPE.load(run, lambda config: build(config, form))
    return model, form, config


def noise(model, count, *, seed=0, temperature=1.0):
    """Return noise for `count` phrases, float32, shape (count, latent).

    Parameters
    ----------
    model : RollGAN
    count : int
    seed : int
        The first phrases are the same, however many are asked for.
    temperature : float
        From 0.05 to 1: how much of a phrase's noise is its own; the rest is shared by all, so that under 1 they are variations of
        one. Less noise would do nothing, for the generator sees its direction alone (its first layer is normalised).
    """
    check_whole("count", count, 1, 100_000)
    check_whole("seed", seed, 0)
    if not 0.05 <= temperature <= 1:
        raise ParameterError(
            f"temperature: expected a number from 0.05 to 1, received {temperature}; 1 for phrases of their own."
        )
    latent = model.settings["latent"]
    own = np.random.default_rng(seed).standard_normal((count, latent))
    shared = np.random.default_rng([seed, 1]).standard_normal(latent)
    return (temperature * own + (1 - temperature**2) ** 0.5 * shared).astype(np.float32)


def decode(model, form, latents):
    """Return the phrases that the generator makes of noise.

    Parameters
    ----------
    model : RollGAN
    form : Form
    latents : array_like of float, shape (N, latent)

    Returns
    -------
    grids : np.ndarray of int16, shape (N, T, 4)
    onsets : np.ndarray of bool, shape (N, T, 4)

    Raises
    ------
    ParameterError
        If there are none, or vectors of another length.
    """
    latents = np.asarray(latents, dtype=np.float32)
    wanted = model.settings["latent"]
    if latents.ndim != 2 or latents.shape[1] != wanted or not len(latents):
        raise ParameterError(f"latents: expected shape (phrases, {wanted}), at least one, received {latents.shape}.")
    made = []
    for start in range(0, len(latents), AT_ONCE):
        part = latents[start : start + AT_ONCE]
        wide = np.zeros((AT_ONCE, wanted), np.float32) if len(latents) > AT_ONCE else np.zeros_like(part)
        wide[: len(part)] = part  # one shape, so that the network compiles once
        made.append(form.phrases(np.asarray(model.generator.predict_on_batch(wide))[: len(part)]))
    grids, onsets = (np.concatenate(arrays) for arrays in zip(*made, strict=True))
    return grids, onsets


def sample(model, form, count, *, seed=0, temperature=1.0):
    """Return (grids, onsets) of `count` new phrases; parameters as those of :func:`noise`."""
    return decode(model, form, noise(model, count, seed=seed, temperature=temperature))


def score_samples(model, form, grids, onsets):
    """Return the critic's scores of phrases, float32, shape (N,): the higher, the more it takes them for real.

    Parameters
    ----------
    model : RollGAN
    form : Form
    grids, onsets : np.ndarray, shape (N, T, 4)
    """
    rolls = model.shown(form.numbers(grids, onsets))
    return np.asarray(model.critic(rolls))[:, 0]
