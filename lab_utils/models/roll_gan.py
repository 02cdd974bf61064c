"""A generator and a critic for four-voice rolls: each voice sounds one pitch in each 16th, or rests.

A **roll** is float32, shape (B, T, 4, P + 2): for each voice the shares of its P pitches (lowest first), of the rest, and last
whether a note starts. Real ones hold zeros and ones. So do made ones: the generator picks the likeliest pitch and rounds the
onset, and the gradient goes through the probabilities as if it had not (the straight-through estimator of Bengio et al., 2013;
on rolls: Dong & Yang, 2018). Otherwise the critic would know made rolls by their being soft and by nothing else.

The generator spreads noise over the bars, then beats, by upsampling; a beat's pitches are those of the beat plus those of its
eighths plus those of its 16ths, the finer ones starting out small: notes are long unless there is a reason. The critic is
shown what a listener hears and a roll hides: which onsets are real (a change of pitch is one), pitch classes sounding together,
intervals between each two voices, and how far each voice has moved since the last 16th and the last beat.

The notebook ``09_gan`` uses it. Axis letters: B batch, T steps, V voices, P pitches, D features.
"""

import itertools

import numpy as np

from lab_utils.backend import keras
from lab_utils.models.gan import Adversaries, BatchSpread, SpectralBound

layers, ops = keras.layers, keras.ops

BEAT, BAR = 4, 16  # steps
CLASSES = 12


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
    fineness : float
        How large eighths' and 16ths' own logits start out.
    """

    def __init__(self, *, latent=64, bars=4, voices=4, pitches=29, channels=128, blocks=3, fineness=0.3, **kwargs):
        super().__init__(**kwargs)
        self.settings = {
            "latent": latent, "bars": bars, "voices": voices, "pitches": pitches, "channels": channels, "blocks": blocks,
            "fineness": fineness,
        }  # fmt: skip
        self.first = layers.Dense(bars * channels, name="first")
        self.bar_norm = layers.LayerNormalization(name="bar_norm")
        self.to_beats = layers.Dense(BAR // BEAT * channels, name="to_beats")
        self.norms = [layers.LayerNormalization(name=f"norm_{i}") for i in range(blocks + 1)]
        self.convolutions = [layers.Conv1D(channels, 3, padding="same", name=f"beats_{i}") for i in range(blocks)]
        self.outputs_of = [layers.Dense(steps * voices * (pitches + 2), name=f"every_{BEAT // steps}") for steps in (1, 2, 4)]

    def build(self, shape=None):
        """Make the weights."""
        of = self.settings
        wide = (None, None, of["channels"])
        self.first.build((None, of["latent"]))
        for layer in (self.bar_norm, self.to_beats, *self.norms, *self.convolutions, *self.outputs_of):
            layer.build(wide)
        self.built = True

    def logits(self, noise):
        """Return the logits (B, T, V, P + 2) before anything is picked."""
        of = self.settings
        bars = ops.reshape(self.first(noise), (-1, of["bars"], of["channels"]))
        beats = self.to_beats(ops.leaky_relu(self.bar_norm(bars), 0.2))
        beats = ops.reshape(beats, (-1, of["bars"] * BAR // BEAT, of["channels"]))
        for norm, convolution in zip(self.norms, self.convolutions, strict=False):
            beats = beats + convolution(ops.leaky_relu(norm(beats), 0.2))
        beats = ops.leaky_relu(self.norms[-1](beats), 0.2)
        total = 0
        for layer, steps in zip(self.outputs_of, (1, 2, 4), strict=True):
            own = ops.reshape(layer(beats), (-1, of["bars"] * BAR // BEAT * steps, of["voices"], of["pitches"] + 2))
            total = total + ops.repeat(own, BEAT // steps, axis=1) * (1.0 if steps == 1 else of["fineness"])
        return total

    def call(self, noise, training=False):
        """Return rolls (B, T, V, P + 2)."""
        logits = self.logits(noise)
        return ops.concatenate([picked(logits[..., :-1]), rounded(logits[..., -1:])], axis=-1)

    def compute_output_shape(self, shape):
        of = self.settings
        return (shape[0], of["bars"] * BAR, of["voices"], of["pitches"] + 2)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


@keras.saving.register_keras_serializable("lab_utils")
class Heard(layers.Layer):
    """What of a roll is heard: (B, T, V, P + 2) → (B, T, D), all of it products and sums, so that gradients pass.

    For each step: the roll itself; its onsets, a change of pitch being one; the pitch classes of all voices together; the
    classes of the interval between each two voices; those of each voice's move from the last 16th, and from the last beat.

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
        pitches = shape[-1] - 2
        table = np.zeros((len(self.lowest), pitches + 2, CLASSES), np.float32)
        for voice, low in enumerate(self.lowest):
            table[voice, np.arange(pitches), (low + np.arange(pitches)) % CLASSES] = 1
        self.classes = table
        angles = 2 * np.pi / CLASSES * np.arange(CLASSES)[:, None] * np.arange(CLASSES // 2 + 1)
        self.waves = np.stack([np.cos(angles), np.sin(angles)]).astype(np.float32)  # (2, 12, 7)
        weight = np.where(np.isin(np.arange(CLASSES // 2 + 1), (0, CLASSES // 2)), 1, 2)[:, None] / CLASSES
        self.back = (np.stack([np.cos(angles.T), np.sin(angles.T)]) * weight).astype(np.float32)  # (2, 7, 12)
        self.built = True

    def intervals(self, one, other):
        """Return the classes of the interval from `one` up to `other` (..., 12), given the transforms of both."""
        real = one[0] * other[0] + one[1] * other[1]
        imaginary = one[0] * other[1] - one[1] * other[0]
        return ops.matmul(real, self.back[0]) + ops.matmul(imaginary, self.back[1])

    def call(self, rolls):
        """Return the features (B, T, D)."""
        sounding = rolls[..., :-1]
        before = _later(sounding, 1)
        changed = 1 - ops.sum(sounding * before, axis=-1)
        onset = 1 - (1 - rolls[..., -1]) * (1 - changed)
        onset = onset * (1 - rolls[..., -2])  # a rest starts no note
        classes = ops.einsum("btvp,vpc->btvc", rolls, self.classes)
        waves = [ops.matmul(classes, wave) for wave in self.waves]
        first, second = ([ops.take(wave, [pair[side] for pair in self.pairs], axis=2) for wave in waves] for side in (0, 1))
        moves = [self.intervals([_later(wave, lag) for wave in waves], waves) for lag in (1, BEAT)]
        parts = [sounding, onset, ops.sum(classes, axis=2), self.intervals(first, second), *moves]
        return ops.concatenate([ops.reshape(part, (-1, rolls.shape[1], int(np.prod(part.shape[2:])))) for part in parts], axis=-1)

    def width(self, shape):
        """Return D for rolls of `shape`."""
        voices = shape[-2]
        return voices * (shape[-1] - 1) + voices + CLASSES * (1 + len(self.pairs) + 2 * voices)

    def compute_output_shape(self, shape):
        return (shape[0], shape[1], self.width(shape))

    def get_config(self):
        """Return what the layer is built from."""
        return {**super().get_config(), "lowest": self.lowest}


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
        self.convolutions = [
            layers.Conv1D(channels, 4, strides=2, padding="same", name=f"to_{steps}", **bounded) for steps in (2, 4, 8, 16)
        ]
        self.batch_spread = BatchSpread() if spread else None
        self.hidden = layers.Dense(channels, name="hidden", **bounded)
        self.score = layers.Dense(1, name="score", **bounded)

    def build(self, shape=None):
        """Make the weights."""
        of = self.settings
        shape = (None, of["bars"] * BAR, len(of["lowest"]), of["pitches"] + 2)
        self.heard.build(shape)
        self.convolutions[0].build((None, None, self.heard.width(shape)))
        for layer in self.convolutions[1:]:
            layer.build((None, None, of["channels"]))
        self.place = self.add_weight(shape=(of["bars"] * BAR // 2, of["channels"]), initializer="zeros", name="place")
        self.hidden.build((None, of["bars"] * of["channels"] + bool(of["spread"])))
        self.score.build((None, of["channels"]))
        self.built = True

    def call(self, rolls, training=False):
        """Return scores (B, 1)."""
        of = self.settings
        hidden = self.heard(rolls)
        for number, convolution in enumerate(self.convolutions):
            hidden = convolution(hidden) + (self.place if number == 0 else 0)
            hidden = ops.leaky_relu(hidden, 0.2)
        hidden = ops.reshape(hidden, (-1, of["bars"] * of["channels"]))
        if self.batch_spread is not None:
            hidden = self.batch_spread(hidden)
        return self.score(ops.leaky_relu(self.hidden(hidden), 0.2))

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
