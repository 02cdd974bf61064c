"""The networks of the CycleGAN recipe, their settings and sizes, and how they transfer phrases.

In :class:`~lab_utils.models.cyclegan.CycleGAN` style "a" is ``hymn`` and "b" is ``dance``.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_phrases import LOWEST, PITCHES, STEPS, STYLES
from lab_utils.recipes._phrases import BAR
from lab_utils.recipes._run import Recipe, Training

SHIPPED = ("cyclegan",)
BEAT = 4  # steps
AT_ONCE = 256  # phrases
LETTERS = dict(zip(STYLES, ("a", "b"), strict=True))


@dataclass(frozen=True)
class Config(Training):
    """How the networks are built and trained; :data:`SIZES` holds the three sizes.

    `phrases` is how many of each style are used at most (None: all). Those not of
    :class:`~lab_utils.recipes._run.Training` are otherwise of :class:`~lab_utils.models.cyclegan.CycleGAN`,
    :class:`~lab_utils.models.cyclegan.Translator` and :class:`~lab_utils.models.cyclegan.PatchCritic`.
    """

    phrases: int | None = None
    channels: int = 64
    blocks: int = 3
    keep: float = 5.0
    chance: float = 0.5
    critic_channels: int = 48
    bound: float = 1.0
    loss: str = "hinge"
    cycle: float = 0.2
    identity: float = 0.1
    content: float = 0.5
    noise: float = 0.1
    generator_rate: float = 1.0
    critic_rate: float = 1.0
    batch: int = 16
    epochs: int = 8
    optimizer: str = "rmsprop"
    learning_rate: float = 5e-4
    average: float = 0.995
    every: int = 1

    def __post_init__(self):
        super().__post_init__()
        for name in ("channels", "blocks", "critic_channels", *(["phrases"] if self.phrases is not None else [])):
            check_whole(name, getattr(self, name), 1)
        if not self.chance >= 0:
            raise ParameterError(f"chance: expected 0 or more, received {self.chance!r}.")

    def check(self):
        """Raise what building the networks or making the optimiser would, before anything is written."""
        from lab_utils.models.cyclegan import check

        super().check()
        check(**self.of_cyclegan())

    def of_cyclegan(self):
        """Return the settings that :class:`~lab_utils.models.cyclegan.CycleGAN` takes, a dict."""
        names = ("loss", "cycle", "identity", "content", "noise", "generator_rate", "critic_rate")
        return {name: getattr(self, name) for name in names}


SIZES = {
    "tiny": Config(phrases=16, channels=8, blocks=1, critic_channels=8, batch=8, epochs=2, average=0.5),
    "lab": Config(channels=48, critic_channels=32, epochs=2, average=0.98),
    "full": Config(),
}

RECIPE = Recipe("cyclegan", Config, SIZES, SHIPPED)


def build(config, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.cyclegan.CycleGAN`.

    Parameters
    ----------
    config : Config
    seed : int
        Of the weights and of the noise in training.
    """
    from lab_utils.backend import keras, settle
    from lab_utils.models import CycleGAN, PatchCritic, Translator

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    form = {"bars": STEPS // BAR, "pitches": PITCHES}
    of = {"channels": config.channels, "blocks": config.blocks, "keep": config.keep, "chance": config.chance}
    generators = [Translator(**form, **of, seed=2 * seed + i) for i in range(2)]
    critics = [PatchCritic(**form, lowest=LOWEST, channels=config.critic_channels, bound=config.bound) for _ in range(2)]
    model = CycleGAN(*generators, *critics, seed=seed, **config.of_cyclegan())
    model.build()
    return model


def load(run="cyclegan"):
    """Return (model, config) of a trained run: a CycleGAN, and what its ``config.json`` says.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the shipped checkpoint's name, "cyclegan".
    """
    return RECIPE.load(run, build)


def transfer(model, numbers, *, to, temperature=0.0, seed=0):
    """Return what becomes of phrases.

    Parameters
    ----------
    model : CycleGAN
    numbers : np.ndarray of uint8, shape (N, 64, 2)
        As :mod:`lab_utils.recipes._cyclegan_phrases` writes them.
    to : str
        "hymn" or "dance": the style to write; of a phrase of that style little should change.
    temperature : float
        From 0, at which the likeliest note is taken in each place and nothing is left to chance, to 2.
    seed : int
        Of that chance; the first phrases are the same, however many there are.

    Returns
    -------
    np.ndarray of uint8, shape (N, 64, 2)

    Raises
    ------
    ParameterError
        If `to` is no style, the temperature out of its range, or `numbers` are no phrases.
    """
    from lab_utils.backend import keras

    if to not in STYLES:
        raise ParameterError(f"to: expected {' or '.join(STYLES)}, received {to!r}.")
    if not 0 <= temperature <= 2:
        raise ParameterError(f"temperature: expected a number from 0 to 2, received {temperature!r}.")
    numbers = np.asarray(numbers)
    if numbers.ndim != 3 or numbers.shape[1:] != (STEPS, 2) or not len(numbers):
        raise ParameterError(f"numbers: expected shape (phrases, {STEPS}, 2), at least one, received {numbers.shape}.")
    generator = getattr(model, f"to_{LETTERS[to]}")
    random = np.random.default_rng(seed)
    made = []
    for first in range(0, len(numbers), AT_ONCE):
        rolls = phrases.rolls_from_numbers(numbers[first : first + AT_ONCE])
        filled = np.zeros((AT_ONCE if len(numbers) > AT_ONCE else len(rolls), *rolls.shape[1:]), np.float32)
        filled[: len(rolls)] = rolls  # one shape, so that the network compiles once
        pitch, start = (keras.ops.convert_to_numpy(of)[: len(rolls)] for of in generator.logits(filled))
        if temperature:
            chance = np.clip(random.random((*start.shape, pitch.shape[-1] + 1)), 1e-12, 1 - 1e-12)  # phrase by phrase
            pitch = pitch - temperature * np.log(-np.log(chance[..., 1:]))  # the largest is then a draw (Gumbel, 1954)
            start = start + temperature * np.log(chance[..., 0] / (1 - chance[..., 0]))
        made.append(chained(pitch.argmax(axis=-1), start > 0))
    return np.concatenate(made)


def chained(pitch, starts):
    """Return numbers of what each 16th would sound (N, 64) and of where a note starts (N, 64); elsewhere the note before is held.

    A beat's first 16th sounds its own, whether a note starts there or is tied over.
    """
    own = starts | (np.arange(STEPS) % BEAT == 0)
    at = np.maximum.accumulate(np.where(own, np.arange(STEPS), 0), axis=1)
    return phrases.tidied(np.stack([np.take_along_axis(pitch, at, axis=1), starts], axis=-1).astype(np.uint8))
