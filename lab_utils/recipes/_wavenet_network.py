"""The WaveNet recipe's network: its settings, how it is built and loaded, and how well it predicts.

The verbs stand in :mod:`lab_utils.recipes.wavenet`.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.recipes._run import Recipe, Training
from lab_utils.recipes._wavenet_data import FRAMES_PER_SECOND, LOWEST, PITCHES, RATES, STYLES, VARIANTS

SHIPPED = ("wavenet",)
AT_ONCE = 4  # excerpts
LEVELS = 256
STRANGE, OWN = (0.025, 0.25), (0.025, 0.15)  # seconds of a splice, and up to the next one
FROM_START = 0.1  # the share of windows at the start of an excerpt, where nothing stood before


@dataclass(frozen=True)
class Config(Training):
    """How the network is built and trained; :data:`SIZES` holds the three sizes.

    `variant`, `sample_rate` and `minutes` are those of :func:`lab_utils.recipes._wavenet_data.prepare`; `window` is the length in
    frames of what is cut from an excerpt each time it is shown; `splices` the share of windows into which others are spliced
    (:func:`windows_of`) after `splices_from` epochs; `validated` how many excerpts of the validation fold choose the weights. The
    others are those of :class:`~lab_utils.models.wavenet.WaveNet`. An epoch is a window of each excerpt.
    """

    variant: str = "notes"
    sample_rate: int = 8000
    minutes: float = 36.0
    channels: int = 32
    longest: int = 512
    cycles: int = 2
    skip: int = 96
    conditions: int = 24
    harmonics: int = 8
    window: int = 80
    splices: float = 0.7
    splices_from: int = 16
    validated: int = 30
    batch: int = 6
    epochs: int = 90
    clip: float | None = 1.0
    average: float = 0.998
    every: int = 2

    def __post_init__(self):
        super().__post_init__()
        if self.variant not in VARIANTS:
            raise ParameterError(f"variant: expected one of {', '.join(VARIANTS)}; received {self.variant!r}.")
        if self.sample_rate not in RATES:
            raise ParameterError(f"sample_rate: expected {' or '.join(map(str, RATES))}, received {self.sample_rate!r}.")
        for name, least in (("window", 1), ("splices_from", 0), ("validated", 1)):
            check_whole(name, getattr(self, name), least)
        if not 0 <= self.splices <= 1:
            raise ParameterError(f"splices: expected a share from 0 to 1, received {self.splices!r}.")
        if self.splices and self.batch < 2:
            raise ParameterError(f"batch: expected two windows or more to splice, received {self.batch}; or set splices to 0.")


SIZES = {
    "tiny": Config(
        minutes=0.4, channels=8, longest=16, cycles=1, skip=16, conditions=4, harmonics=2, window=40, splices_from=1,
        validated=1, batch=2, epochs=2, learning_rate=1e-2, average=0.0, every=1,
    ),
    "lab": Config(
        minutes=4.0, channels=24, longest=256, cycles=1, skip=32, window=40, splices_from=5, validated=2, batch=4, epochs=20,
        average=0.95,
    ),
    "full": Config(),
}  # fmt: skip
OF_VARIANT = {"style": {size: {"splices": 0.0} for size in SIZES}}  # nothing but the sound tells what is to come
RECIPE = Recipe("wavenet", Config, SIZES, SHIPPED)


def build(config, *, seed=0):
    """Return a new, built :class:`~lab_utils.models.wavenet.WaveNet`; `seed` is of its weights."""
    from lab_utils.backend import keras, settle
    from lab_utils.models import WaveNet

    settle()
    keras.utils.set_random_seed(seed)  # the one place where Keras takes a seed for all its initializers
    notes = config.variant == "notes"
    model = WaveNet(
        levels=LEVELS, channels=config.channels, longest=config.longest, cycles=config.cycles, skip=config.skip,
        conditions=config.conditions, pitches=PITCHES if notes else 0, styles=0 if notes else len(STYLES),
        harmonics=config.harmonics if notes else 0,
    )  # fmt: skip
    model.build()
    return model


def load(run="wavenet"):
    """Return (model, config dict) of a trained run: its folder, or the name of a shipped checkpoint (:data:`SHIPPED`)."""
    return RECIPE.load(run, build)


def arrays_of(sounds, variant):
    """Return what the network is shown of Sounds, a dict of arrays (N, ...)."""
    if variant == "style":
        return {"codes": sounds.codes, "style": sounds.styles}
    return {"codes": sounds.codes, **told_of(sounds.conditions, sounds.sample_rate)}


def told_of(conditions, sample_rate):
    """Return what the network is told of notes: ``conditions`` themselves and ``phases``, float32 (B, F, 2).

    The phases of the tone that is struck with each note, in cycles: at the beginning of the frame, and of a sample. It goes
    on through the silence after the note, in which the note dies away; before the first note there is none.

    Parameters
    ----------
    conditions : np.ndarray of int, shape (B, F, 2)
    sample_rate : int
        In Hz.
    """
    pitch, age = np.moveaxis(np.asarray(conditions), -1, 0)
    frames = np.arange(pitch.shape[1])
    struck = (age == 0) & (pitch > 0)
    struck[:, 0] = pitch[:, 0] > 0  # a window may begin within a note
    last = np.maximum.accumulate(np.where(struck, frames, -1), axis=1)
    sounding = np.take_along_axis(pitch, np.maximum(last, 0), axis=1)
    hertz = np.where(last >= 0, 440.0 * 2.0 ** ((sounding + LOWEST - 1 - 69) / 12), 0.0)
    start = (frames - last) * hertz / FRAMES_PER_SECOND
    return {"conditions": conditions, "phases": np.stack([start % 1, hertz / sample_rate], axis=-1).astype(np.float32)}


def windows_of(config, frame, *, epoch):
    """Return the ``change(rows, rng)`` that cuts a window of each excerpt and says which samples count (``counts``).

    From epoch `config.splices_from` on a share of the windows is spliced: stretches of another window's sound stand in them, and
    do not count. So a network that follows the sound it has heard, and not the note that it is asked for, is mistaken after
    each; in real sound both agree nearly always.

    Parameters
    ----------
    config : Config
    frame : int
        Samples of a frame.
    epoch : callable
        ``epoch() -> int``: how many epochs are done.
    """

    def change(rows, rng):
        frames = rows["codes"].shape[1] // frame
        starts = rng.integers(0, frames - config.window + 1, len(rows["codes"]))
        starts[rng.random(len(starts)) < FROM_START] = 0
        cut = dict(rows)
        for name, width in (("codes", frame), ("conditions", 1), ("phases", 1)):
            if name in rows:
                pairs = zip(rows[name], starts * width, strict=True)
                cut[name] = np.stack([row[start : start + config.window * width] for row, start in pairs])
        cut["counts"] = np.ones(cut["codes"].shape, np.uint8)
        if config.splices and epoch() >= config.splices_from:
            _splice(cut, config, rng)
        return cut

    return change


def _splice(rows, config, rng):
    """Put stretches of other windows into some of `rows` (dict), which is changed."""
    whole, length = rows["codes"].copy(), rows["codes"].shape[1]
    for row in np.flatnonzero(rng.random(len(whole)) < config.splices):
        other = whole[(row + rng.integers(1, len(whole))) % len(whole)]
        at = 0
        while at < length:
            strange = slice(at, at + int(rng.uniform(*STRANGE) * config.sample_rate))
            rows["codes"][row, strange], rows["counts"][row, strange] = other[strange], 0
            at = strange.stop + int(rng.uniform(*OWN) * config.sample_rate)


def bits_per_sample(model, arrays):
    """Return how many bits each code of whole excerpts costs, float32, shape (N, samples).

    Parameters
    ----------
    model : WaveNet
    arrays : dict
        As :func:`arrays_of` returns it.
    """
    from lab_utils.models.wavenet import bits

    rows = []
    for start in range(0, len(arrays["codes"]), AT_ONCE):
        part = {name: values[start : start + AT_ONCE] for name, values in arrays.items()}
        short = AT_ONCE - len(part["codes"])
        wide = {name: np.concatenate([values, values[:1].repeat(short, axis=0)]) for name, values in part.items()}
        rows.append(np.asarray(bits(wide["codes"], model.predict_on_batch(wide)))[: len(part["codes"])])
    return np.concatenate(rows)
