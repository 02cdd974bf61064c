"""A generator and a critic for four-voice rolls: each voice sounds one pitch in each 16th, or rests.

A **roll** is float32, shape (B, T, 4, P + 2): for each voice the shares of its P pitches (lowest first), of the rest, and last
whether a note starts. Real ones hold zeros and ones. So do made ones: the generator picks the likeliest pitch and rounds the
onset, and the gradient goes through the probabilities as if it had not (the straight-through estimator of Bengio et al., 2013;
on rolls: Dong & Yang, 2018). Otherwise the critic would know made rolls by their being soft and by nothing else.

The generator spreads noise over the bars, then the beats. A beat is a tree: each voice sounds one pitch, unless its second eighth
starts another, and each eighth unless its second 16th does; so a voice moves where it decides to and holds on elsewhere.

The critic is shown what a listener hears and a roll hides: which onsets are real (a change of pitch is one), pitch classes
sounding together, intervals between each two voices, and how far each voice has moved since the last 16th and the last beat.

The notebook ``09_gan`` uses it. Axis letters: B batch, T steps, V voices, P pitches, D features.
"""

import itertools

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.gan import Adversaries, BatchSpread, SpectralBound

layers, ops = keras.layers, keras.ops

BEAT, BAR = 4, 16  # steps
CLASSES, WAVES = 12, 6
KEYS = 5.0  # how much louder the critic is told of keys, one number for many steps


def picked(logits):
    """Return one-hot vectors of the largest logits (..., P), whose gradient is that of the softmax."""
    soft = ops.softmax(logits)
    hard = ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1], dtype=soft.dtype)
    return soft + ops.stop_gradient(hard - soft)


def rounded(logits):
    """Return 1 where the logits (...) are over 0, else 0, with the gradient of the sigmoid."""
    soft = ops.sigmoid(logits)
    return soft + ops.stop_gradient(ops.cast(logits > 0, soft.dtype) - soft)


@keras.saving.register_keras_serializable("lab_utils")
class RollGenerator(keras.Model):
    """Noise (B, latent) → rolls (B, T, V, P + 2).

    Parameters
    ----------
    latent : int
    bars : int
        Of sixteen 16ths.
    voices, pitches : int
    channels : int
        Width of the convolutions.
    blocks : int
        Convolutions on the beats.
    gain : float
        How large the logits start out: the larger, the more the first rolls differ.
    """

    def __init__(self, *, latent=64, bars=4, voices=4, pitches=29, channels=128, blocks=2, gain=1.2, **kwargs):
        super().__init__(**kwargs)
        self.settings = {
            "latent": latent, "bars": bars, "voices": voices, "pitches": pitches, "channels": channels, "blocks": blocks,
            "gain": gain,
        }  # fmt: skip
        self.first = layers.Dense(bars * channels, name="first")
        self.bar_norm = layers.LayerNormalization(name="bar_norm")
        self.to_beats = layers.Dense(BAR // BEAT * channels, name="to_beats")
        self.norms = [layers.LayerNormalization(name=f"norm_{i}") for i in range(blocks + 1)]
        self.convolutions = [layers.Conv1D(channels, 3, padding="same", name=f"beats_{i}") for i in range(blocks)]
        scaled = keras.initializers.VarianceScaling(gain**2, "fan_in")
        self.slots = layers.Dense(BEAT * voices * (pitches + 2), kernel_initializer=scaled, name="slots")

    def build(self, shape=None):
        """Make the weights."""
        of = self.settings
        wide = (None, None, of["channels"])
        self.first.build((None, of["latent"]))
        for layer in (self.bar_norm, self.to_beats, *self.norms, *self.convolutions, self.slots):
            layer.build(wide)
        self.starts = self.add_weight(shape=(BEAT, of["voices"]), initializer="zeros", name="starts")
        self.built = True

    def begin(self, numbers):
        """Set the biases to how often real rolls sound each pitch, and start a note on each 16th of a beat.

        What is known of the data need not be learnt: the first rolls lie in the voices' ranges, and few notes are 16ths.

        Parameters
        ----------
        numbers : np.ndarray of uint8, shape (N, T, V, 2)
            As for :class:`RollGAN`.
        """
        of = self.settings
        slots = np.asarray(numbers).reshape(-1, BEAT, of["voices"], 2)
        counts = np.stack([(slots[..., 0] == pitch).sum(axis=0) for pitch in range(of["pitches"] + 1)], axis=-1) + 0.5
        start = (slots[..., 1].sum(axis=0) + 0.5) / (len(slots) + 1)
        log_share = np.log(counts / counts.sum(axis=-1, keepdims=True))
        self.slots.bias.assign(np.concatenate([log_share, 0 * log_share[..., :1]], axis=-1).reshape(-1))
        self.starts.assign(np.log(start / (1 - start)))

    def logits(self, noise):
        """Return the logits of what each slot of each beat would sound, (B, beats, 4, V, P + 1), and of its being used at all."""
        of = self.settings
        bars = ops.reshape(self.first(noise), (-1, of["bars"], of["channels"]))
        beats = self.to_beats(ops.leaky_relu(self.bar_norm(bars), 0.2))
        beats = ops.reshape(beats, (-1, of["bars"] * BAR // BEAT, of["channels"]))
        for norm, convolution in zip(self.norms, self.convolutions, strict=False):
            beats = beats + convolution(ops.leaky_relu(norm(beats), 0.2))
        beats = self.norms[-1](beats)  # no leaky ReLU: features that are positive on average push all rolls one way
        slots = ops.reshape(self.slots(beats), (-1, of["bars"] * BAR // BEAT, BEAT, of["voices"], of["pitches"] + 2))
        return slots[..., :-1], slots[..., -1] + self.starts

    def call(self, noise, training=False):
        """Return rolls (B, T, V, P + 2)."""
        of = self.settings
        pitch, start = self.logits(noise)
        pitch, start = picked(pitch), rounded(start)[..., None]  # (B, beats, 4, V, ...)
        own, new = [pitch[:, :, slot] for slot in range(BEAT)], [start[:, :, slot] for slot in range(BEAT)]
        beat = own[0]
        eighth = beat + new[2] * (own[2] - beat)
        sounding = [beat, beat + new[1] * (own[1] - beat), eighth, eighth + new[3] * (own[3] - eighth)]
        steps = [ops.concatenate(both, axis=-1) for both in zip(sounding, new, strict=True)]
        return ops.reshape(ops.stack(steps, axis=2), (-1, of["bars"] * BAR, of["voices"], of["pitches"] + 2))

    def compute_output_shape(self, shape):
        of = self.settings
        return (shape[0], of["bars"] * BAR, of["voices"], of["pitches"] + 2)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


@keras.saving.register_keras_serializable("lab_utils")
class Heard(layers.Layer):
    """What of a roll is heard: (B, T, V, P + 2) → (B, T, D), all of it sums and products, so that gradients pass.

    For each step: the roll itself; its onsets, a change of pitch being one; the pitch classes of all voices together; the class
    of the interval between each two voices; that of each voice's move since the last 16th, and since the last beat; how many
    semitones it moved, and their square. A class is told by its Fourier transform, of which the product of two is that of their
    interval (Lewin, 1959): the same in every key. :meth:`keys` tells how much a bar, and all bars, keep to some of the classes.

    Parameters
    ----------
    lowest : sequence of int
        MIDI pitch of each voice's lowest pitch.
    """

    def __init__(self, lowest, **kwargs):
        super().__init__(**kwargs)
        self.lowest = [int(pitch) for pitch in lowest]
        self.pairs = list(itertools.combinations(range(len(self.lowest)), 2))

    def build(self, shape):
        """Make the one table by which all voices' pitches become waves."""
        voices, pitches = len(self.lowest), shape[-1] - 2
        table = np.zeros((voices, pitches + 2, 2, voices, WAVES), np.float32)
        for voice, low in enumerate(self.lowest):
            angles = 2 * np.pi / CLASSES * (low + np.arange(pitches))[:, None] * np.arange(1, WAVES + 1)
            table[voice, :pitches, 0, voice], table[voice, :pitches, 1, voice] = np.cos(angles), np.sin(angles)
        self.table = table.reshape(voices * (pitches + 2), 2 * voices * WAVES)
        heights = np.zeros((voices, pitches + 2), np.float32)
        heights[:, :pitches] = (np.arange(pitches) - pitches // 2) / CLASSES  # octaves; a rest lies in the middle
        self.heights = heights
        self.built = True

    def call(self, rolls):
        """Return the features (B, T, D)."""
        steps = rolls.shape[1]
        sounding = rolls[..., :-1]
        changed = 1 - ops.sum(sounding * _later(sounding, 1), axis=-1)
        onset = 1 - (1 - rolls[..., -1]) * (1 - changed)
        onset = onset * (1 - rolls[..., -2])  # a rest starts no note
        waves = self.waves(rolls)
        real, imaginary = waves[:, :, 0], waves[:, :, 1]  # (B, T, V, waves)
        first, second = ([pair[side] for pair in self.pairs] for side in (0, 1))
        two = [[ops.take(part, side, axis=2) for part in (real, imaginary)] for side in (first, second)] if self.pairs else None
        moves = [_product([_later(part, lag) for part in (real, imaginary)], (real, imaginary)) for lag in (1, BEAT)]
        height = ops.sum(rolls * self.heights, axis=-1)
        leaps = [2 * (height - _later(height, lag)) for lag in (1, BEAT)]
        intervals = [_product(*two)] if self.pairs else []  # one voice alone has none
        parts = [sounding, onset, ops.sum(waves, axis=3), *intervals, *moves, *leaps, *(leap**2 for leap in leaps)]
        return ops.concatenate([ops.reshape(part, (-1, steps, int(np.prod(part.shape[2:])))) for part in parts], axis=-1)

    def waves(self, rolls):
        """Return the Fourier transform of each voice's pitch class, (B, T, 2, V, waves), real and imaginary."""
        waves = ops.matmul(ops.reshape(rolls, (-1, rolls.shape[1], self.table.shape[0])), self.table)
        return ops.reshape(waves, (-1, rolls.shape[1], 2, len(self.lowest), WAVES))

    def keys(self, rolls):
        """Return how large each wave is of all that sounds in a bar, and in all bars, (B, (bars + 1) · waves)."""
        bars = rolls.shape[1] // BAR
        waves = ops.mean(self.waves(rolls), axis=3)  # (B, T, 2, waves)
        own = ops.mean(ops.reshape(waves, (-1, bars, BAR, 2, WAVES)), axis=2)
        both = ops.concatenate([own, ops.mean(own, axis=1, keepdims=True)], axis=1)  # (B, bars + 1, 2, waves)
        return ops.reshape(ops.sqrt(ops.sum(both**2, axis=2) + 1e-4), (-1, (bars + 1) * WAVES))

    def width(self, pitches):
        """Return D for rolls of so many pitches."""
        voices = len(self.lowest)
        return voices * (pitches + 1) + 5 * voices + 2 * WAVES * (1 + len(self.pairs) + 2 * voices)

    def compute_output_shape(self, shape):
        """Return (B, T, D)."""
        return (shape[0], shape[1], self.width(shape[-1] - 2))

    def get_config(self):
        """Return what the layer is built from."""
        return {**super().get_config(), "lowest": self.lowest}


def _product(one, other):
    """The waves of the interval from `one` to `other`, each (real, imaginary): one's conjugate times the other."""
    return ops.concatenate([one[0] * other[0] + one[1] * other[1], one[0] * other[1] - one[1] * other[0]], axis=-1)


def _later(values, steps):
    """What stood `steps` before, (B, T, ...), the first steps as they are."""
    return ops.concatenate([values[:, :steps], values[:, :-steps]], axis=1)


@keras.saving.register_keras_serializable("lab_utils")
class RollCritic(keras.Model):
    """Rolls (B, T, V, P + 2) → scores (B, 1).

    Parameters
    ----------
    lowest : sequence of int
        As in :class:`Heard`.
    bars, pitches : int
    channels : int
        Width of the convolutions, which go from 16ths to eighths, beats, half bars, bars.
    spread : bool
        Show it how much the rolls of a batch differ (:class:`~lab_utils.models.gan.BatchSpread`).
    bound : float
        The most that a kernel may stretch; 0 for no bound.
    """

    def __init__(self, *, lowest=(57, 53, 48, 36), bars=4, pitches=29, channels=128, spread=True, bound=1.0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {
            "lowest": [int(pitch) for pitch in lowest], "bars": bars, "pitches": pitches, "channels": channels, "spread": spread,
            "bound": bound,
        }  # fmt: skip
        bounded = {"kernel_constraint": SpectralBound(bound) if bound else None}
        self.heard = Heard(lowest)
        self.project = layers.Dense(channels, name="project", **bounded)
        self.convolutions = [
            layers.Conv1D(channels, 4, strides=2, padding="same", name=f"to_{steps}", **bounded) for steps in (2, 4, 8, 16)
        ]
        self.batch_spread = BatchSpread() if spread else None
        self.hidden = layers.Dense(channels, name="hidden", **bounded)
        self.score = layers.Dense(1, name="score", **bounded)
        self.slope = (
            bars * BAR
        ) ** -0.5  # rolls lie as far apart as they are long: so no score leaves the hinge's margin at once

    def build(self, shape=None):
        """Make the weights."""
        of = self.settings
        steps, width = of["bars"] * BAR, of["channels"]
        self.heard.build((None, steps, len(of["lowest"]), of["pitches"] + 2))
        self.project.build((None, steps, self.heard.width(of["pitches"])))
        self.place = self.add_weight(shape=(steps, width), initializer="zeros", name="place")
        for layer in self.convolutions:
            layer.build((None, None, width))
        keys = (of["bars"] + 1) * WAVES
        self.hidden.build((None, of["bars"] * of["channels"] + keys + bool(of["spread"])))
        self.score.build((None, of["channels"]))
        self.built = True

    def call(self, rolls, training=False):
        """Return scores (B, 1)."""
        of = self.settings
        hidden = ops.leaky_relu(self.project(self.heard(rolls)) + self.place, 0.2)
        for convolution in self.convolutions:
            hidden = ops.leaky_relu(convolution(hidden), 0.2)
        hidden = ops.reshape(hidden, (-1, of["bars"] * of["channels"]))
        hidden = ops.concatenate([hidden, KEYS * self.heard.keys(rolls)], axis=-1)
        if self.batch_spread is not None:
            hidden = self.batch_spread(hidden)
        return self.score(ops.leaky_relu(self.hidden(hidden), 0.2)) * self.slope

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


@keras.saving.register_keras_serializable("lab_utils")
class RollGAN(Adversaries):
    """Adversaries for rolls; real ones come as numbers, uint8, shape (B, T, V, 2): a voice's pitch or rest, and its onset."""

    def shown(self, real):
        """Return the rolls (B, T, V, P + 2) of numbers."""
        width = self.generator.settings["pitches"] + 1
        onset = ops.cast(real[..., 1:], "float32")
        return ops.concatenate([ops.one_hot(ops.cast(real[..., 0], "int32"), width, dtype="float32"), onset], axis=-1)
