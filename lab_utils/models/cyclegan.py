"""CycleGAN on rolls of one voice: two generators that move a phrase from one style to the other and back, and two critics.

No phrase of one style has a partner in the other: the pairs are missing (Zhu et al., 2017; on notes: Brunner et al., 2018). What
holds a transfer to its source is that the way back must lead home again:

=============  =======================================================================================================
adversarial    what is made of a phrase of A passes for B with B's critic, and the other way round
``cycle``      A → B → A is the phrase again: cross-entropy of its pitches and onsets, in nats a step (the weight is λ)
``identity``   a phrase of B that is to become B stays as it is
``content``    on each beat a transfer sounds a pitch class that its source sounds in that beat: the share where it does not;
               what it does in between is left to the style
=============  =======================================================================================================

A **roll** is float32, shape (B, T, P + 2): the shares of P pitches (lowest first), of the rest, and whether a note starts. Made
rolls are hard as real ones are, with the gradient of soft ones (:func:`~lab_utils.models.roll_gan.picked`), for the critic and
for the way back: a soft roll could carry its source in the third digit of its shares, unseen and unheard. This hiding, called
steganography, is what CycleGANs learn where they can (Chu et al., 2017). It may still hide in the choice of notes.

The generator works on beats. It sees each beat's four 16ths, its neighbours and the mean of all (the key), and writes for each
16th whether a note starts there, and which: logits of **intervals** from what the source sounds there, the same in every key, and
logits of pitches. A beat is a chain: where nothing starts the note before is held. The critic scores each bar by itself, with
two neighbours in sight (a PatchGAN; Isola et al., 2017), from what :class:`~lab_utils.models.roll_gan.Heard` hears.

Left out: a pool of old transfers for the critic (Shrivastava et al., 2017); a third critic for mixed styles (Brunner et al.).
The notebook ``10_cyclegan`` uses it. Axis letters: B batch, T steps, P pitches, D features.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import gan
from lab_utils.models.gan import SpectralBound, judged_by_frozen, scale_rates
from lab_utils.models.roll_gan import BAR, BEAT, CLASSES, KEYS, WAVES, Heard, picked, rounded

layers, ops = keras.layers, keras.ops

BEATS = BAR // BEAT
SOFTER = 2.0  # the temperature of the gradients of what is picked: a choice that is nearly sure can still be unlearnt
STYLES = ("a", "b")


def _least_squares(real, made, judged):
    return ops.mean((real - 1) ** 2) + ops.mean(made**2), ops.mean((judged - 1) ** 2)


LOSSES = {**gan.LOSSES, "least_squares": _least_squares}  # the last is of Mao et al. (2017)


def rolls_of(numbers, pitches):
    """Return rolls (B, T, P + 2) of numbers (B, T, 2): pitch from the lowest one or `pitches` for a rest, and onset."""
    onset = ops.cast(numbers[..., 1:], "float32")
    return ops.concatenate([ops.one_hot(ops.cast(numbers[..., 0], "int32"), pitches + 1, dtype="float32"), onset], axis=-1)


@keras.saving.register_keras_serializable("lab_utils")
class Translator(keras.Model):
    """Rolls of one style (B, T, P + 2) → rolls of another (B, T, P + 2).

    Parameters
    ----------
    bars, pitches : int
    channels : int
    blocks : int
        Convolutions over the beats, with a kernel of 3 each.
    reach : int
        The largest interval from the source's pitch, in semitones.
    keep : float
        The logit with which it starts to sound what the source sounds, where a note of the source starts, and on each beat.
    chance : float
        How much chance there is, while it trains, in what it picks: the temperature of its logits, 0 for none (the
        straight-through Gumbel-softmax of Jang et al., 2017).
    seed : int
        Of that chance.
    """

    def __init__(self, *, bars=4, pitches=32, channels=64, blocks=3, reach=12, keep=5.0, chance=0.5, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {
            "bars": bars, "pitches": pitches, "channels": channels, "blocks": blocks, "reach": reach, "keep": keep,
            "chance": chance, "seed": seed,
        }  # fmt: skip
        self.random = keras.random.SeedGenerator(seed)
        self.first = layers.Dense(channels, name="first")
        self.whole = layers.Dense(channels, name="whole")
        self.norms = [layers.LayerNormalization(name=f"norm_{i}") for i in range(blocks + 1)]
        self.convolutions = [layers.Conv1D(channels, 3, padding="same", name=f"beats_{i}") for i in range(blocks)]
        small = {"kernel_initializer": keras.initializers.VarianceScaling(0.1)}
        self.to_pitches = layers.Dense(BEAT * (pitches + 1), name="pitches", **small)
        self.to_intervals = layers.Dense(BEAT * (2 * reach + 1), name="intervals", **small)
        self.to_starts = layers.Dense(BEAT, name="to_starts", **small)

    def build(self, shape=None):
        """Make the weights."""
        of = self.settings
        wide = (None, None, of["channels"])
        self.first.build((None, None, BEAT * (of["pitches"] + 2)))
        for layer in (self.whole, *self.norms, *self.convolutions, self.to_pitches, self.to_intervals, self.to_starts):
            layer.build(wide)
        self.place = self.add_weight(shape=(of["bars"] * BEATS, of["channels"]), initializer="zeros", name="place")
        self.starts = self.add_weight(shape=(BAR,), initializer="zeros", name="starts")
        self.built = True

    def begin(self, numbers):
        """Set how often a note starts on each 16th of the bar, how often it rests, and the intervals from each beat's first note.

        What is known of the data need not be learnt: so the first transfers have the rhythm of the style to write, of which
        `numbers` are phrases, np.ndarray of uint8, shape (N, T, 2).
        """
        pitches, reach = self.settings["pitches"], self.settings["reach"]
        pitch, onset = np.moveaxis(np.asarray(numbers).astype(int), -1, 0)
        share = (onset.reshape(-1, BAR).sum(axis=0) + 0.5) / (onset.size / BAR + 1)
        self.starts.assign(np.log(share / (1 - share)))
        rests = (pitch == pitches).mean() + 1e-3
        bias = np.zeros((BEAT, pitches + 1), np.float32)
        bias[:, pitches] = np.log(pitches * rests / (1 - rests))
        self.to_pitches.bias.assign(bias.reshape(-1))
        pitch, onset = pitch.reshape(-1, BEAT), onset.reshape(-1, BEAT)
        intervals = np.clip(pitch - pitch[:, :1], -reach, reach) + reach
        counts = np.full((BEAT, 2 * reach + 1), 0.5)
        for slot in range(1, BEAT):
            sounds = (onset[:, slot] > 0) & (pitch[:, slot] < pitches) & (pitch[:, 0] < pitches)
            counts[slot] += np.bincount(intervals[sounds, slot], minlength=2 * reach + 1)
        self.to_intervals.bias.assign(np.log(counts / counts.mean(axis=1, keepdims=True)).reshape(-1))

    def logits(self, rolls):
        """Return the logits of what would sound in each 16th, (B, T, P + 1), and of a note's starting there, (B, T)."""
        of = self.settings
        pitches, beats = of["pitches"], of["bars"] * BEATS
        hidden = self.first(ops.reshape(rolls, (-1, beats, BEAT * (pitches + 2)))) + self.place
        hidden = hidden + self.whole(ops.mean(ops.leaky_relu(hidden, 0.2), axis=1, keepdims=True))
        for norm, convolution in zip(self.norms, self.convolutions, strict=False):
            hidden = hidden + convolution(ops.leaky_relu(norm(hidden), 0.2))
        hidden = ops.leaky_relu(self.norms[-1](hidden), 0.2)
        pitch = ops.reshape(self.to_pitches(hidden), (-1, beats * BEAT, pitches + 1))
        intervals = ops.reshape(self.to_intervals(hidden), (-1, beats * BEAT, 2 * of["reach"] + 1))
        beat = (np.arange(beats * BEAT) % BEAT == 0).astype(np.float32)
        own = of["keep"] * (1 - (1 - rolls[..., -1:]) * (1 - beat[:, None]))  # the source's note counts where it starts
        unison = (np.arange(2 * of["reach"] + 1) == of["reach"]).astype(np.float32)
        intervals = intervals + own * unison
        start = ops.reshape(self.to_starts(hidden), (-1, of["bars"], BAR)) + self.starts
        wide = ops.pad(rolls[..., :pitches], ((0, 0), (0, 0), (of["reach"], of["reach"])))
        width = 2 * of["reach"] + 1
        near = sum(intervals[..., i : i + 1] * wide[..., width - 1 - i : width - 1 - i + pitches] for i in range(width))
        near = ops.concatenate([near, own * rolls[..., pitches : pitches + 1]], axis=-1)
        return pitch + near, ops.reshape(start, (-1, beats * BEAT)) + 2 * rolls[..., -1] - 1

    def chained(self, own, new):
        """Return what sounds, (B, T, P + 1), if each 16th has `own` to sound, (B, T, P + 1), and does where `new`, (B, T)."""
        beats = self.settings["bars"] * BEATS
        own, new = (ops.reshape(part, (-1, beats, BEAT, part.shape[-1])) for part in (own, new[..., None]))
        sounding = [own[:, :, 0]]  # a beat always sounds its own, whether a note starts there or is tied over
        for slot in range(1, BEAT):
            sounding.append(sounding[-1] + new[:, :, slot] * (own[:, :, slot] - sounding[-1]))
        return ops.reshape(ops.stack(sounding, axis=2), (-1, beats * BEAT, own.shape[-1]))

    def roll(self, logits, chance=0.0):
        """Return the rolls (B, T, P + 2) that logits stand for: valid ones, in which a change of pitch is an onset."""
        pitch, start = logits
        if chance:
            pitch = pitch + chance * self._gumbel(pitch)
            start = start + chance * (self._gumbel(start) - self._gumbel(start))
        new = rounded(start / SOFTER)
        sounding = self.chained(picked(pitch / SOFTER), new)
        changed = 1 - ops.sum(sounding[:, 1:] * sounding[:, :-1], axis=-1)
        onset = 1 - (1 - ops.concatenate([ops.ones_like(new[:, :1]), new[:, 1:]], axis=1)) * (
            1 - ops.concatenate([ops.zeros_like(new[:, :1]), changed], axis=1)
        )
        onset = onset * (1 - sounding[..., -1])  # a rest starts no note
        return ops.concatenate([sounding, onset[..., None]], axis=-1)

    def _gumbel(self, values):
        """Noise such that the largest of logits and noise is a draw from their softmax (Gumbel, 1954)."""
        return -ops.log(-ops.log(keras.random.uniform(ops.shape(values), 1e-6, 1 - 1e-6, seed=self.random)))

    def surprise(self, logits, rolls):
        """Return how unlikely `rolls` (B, T, P + 2) are by logits, nats a step, (B,): that of the pitches and of the onsets."""
        pitch, start = logits
        sounding = self.chained(ops.softmax(pitch), ops.sigmoid(start))
        onset = ops.softplus(start) - rolls[..., -1] * start
        sounds = 1 - rolls[..., -2]
        return ops.mean(-ops.log(ops.sum(sounding * rolls[..., :-1], axis=-1) + 1e-6) + sounds * onset, axis=-1)

    def call(self, rolls, training=False):
        """Return the transfers (B, T, P + 2)."""
        return self.roll(self.logits(rolls), self.settings["chance"] if training else 0.0)

    def compute_output_shape(self, shape):
        return tuple(shape)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


@keras.saving.register_keras_serializable("lab_utils")
class PatchCritic(keras.Model):
    """Rolls (B, T, P + 2) → a score for each bar, (B, bars).

    Parameters
    ----------
    lowest : int
        MIDI pitch of the lowest pitch.
    bars, pitches, channels : int
        The last is the width of the convolutions, which go from 16ths to eighths, beats, half bars, bars.
    bound : float
        The most that a kernel may stretch; 0 for no bound.
    """

    def __init__(self, *, lowest=57, bars=4, pitches=32, channels=48, bound=1.0, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"lowest": lowest, "bars": bars, "pitches": pitches, "channels": channels, "bound": bound}
        bounded = {"kernel_constraint": SpectralBound(bound) if bound else None}
        self.heard = Heard((lowest,))
        self.project = layers.Dense(channels, name="project", **bounded)
        self.convolutions = [
            layers.Conv1D(channels, 4, strides=2, padding="same", name=f"to_{steps}", **bounded) for steps in (2, 4, 8, 16)
        ]
        self.hidden = layers.Dense(channels, name="hidden", **bounded)
        self.score = layers.Dense(1, name="score", **bounded)

    def build(self, shape=None):
        """Make the weights."""
        of = self.settings
        steps, width = of["bars"] * BAR, of["channels"]
        self.heard.build((None, steps, 1, of["pitches"] + 2))
        self.project.build((None, steps, self.heard.width(of["pitches"])))
        self.place = self.add_weight(shape=(BAR, width), initializer="zeros", name="place")
        for layer in self.convolutions:
            layer.build((None, None, width))
        self.hidden.build((None, None, width + 2 * WAVES))
        self.score.build((None, None, width))
        self.built = True

    def call(self, rolls, training=False):
        """Return the scores (B, bars)."""
        bars = self.settings["bars"]
        rolls = rolls[:, :, None]
        hidden = ops.leaky_relu(self.project(self.heard(rolls)) + ops.tile(self.place, (bars, 1)), 0.2)
        for convolution in self.convolutions:
            hidden = ops.leaky_relu(convolution(hidden), 0.2)
        keys = KEYS * ops.reshape(self.heard.keys(rolls), (-1, bars + 1, WAVES))
        hidden = ops.concatenate([hidden, keys[:, :bars], ops.repeat(keys[:, bars:], bars, axis=1)], axis=-1)
        return self.score(ops.leaky_relu(self.hidden(hidden), 0.2))[..., 0]

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


def check(*, loss, cycle, identity, content, noise, generator_rate, critic_rate):
    """Raise the ParameterError that :class:`CycleGAN` would, and make nothing."""
    if loss not in LOSSES:
        raise ParameterError(f"loss: expected one of {', '.join(LOSSES)}; received {loss!r}.")
    for name, value in (("cycle", cycle), ("identity", identity), ("content", content), ("noise", noise)):
        if not value >= 0:
            raise ParameterError(f"{name}: expected 0 or more, received {value!r}.")
    for name, value in (("generator_rate", generator_rate), ("critic_rate", critic_rate)):
        if not value > 0:
            raise ParameterError(f"{name}: expected a number over 0, received {value!r}.")


@keras.saving.register_keras_serializable("lab_utils")
class CycleGAN(keras.Model):
    """Two generators and two critics; `fit` takes batches of both styles, a dict of "a" and "b", numbers uint8 (B, T, 2).

    Parameters
    ----------
    to_a, to_b : Translator
    critic_a, critic_b : PatchCritic
    loss : str
        One of :data:`LOSSES`.
    cycle, identity, content : float
        Weights of the losses that the module names; `cycle` is Zhu's λ.
    noise : float
        Standard deviation of the Gaussian noise on what the critics are shown (Brunner et al., 2018).
    generator_rate, critic_rate : float
        Factors on the optimiser's learning rate.
    seed : int
        Of the noise.

    Notes
    -----
    Called with such a batch it returns the transfers as rolls: "b" holds what became of "a", and the other way round.

    Raises
    ------
    ParameterError
        If a setting is out of its range.
    """

    def __init__(
        self, to_a, to_b, critic_a, critic_b, *, loss="hinge", cycle=1.0, identity=0.5, content=0.0, noise=0.1,
        generator_rate=1.0, critic_rate=1.0, seed=0, **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.to_a, self.to_b, self.critic_a, self.critic_b = to_a, to_b, critic_a, critic_b
        self.settings = {
            "loss": loss, "cycle": cycle, "identity": identity, "content": content, "noise": noise,
            "generator_rate": generator_rate, "critic_rate": critic_rate,
        }  # fmt: skip
        check(**self.settings)
        self.seed, self.random = seed, keras.random.SeedGenerator(seed)
        names = ("generator_loss", "critic_loss", "cycle", "identity", "content")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}

    @property
    def networks(self):
        """The four networks by name."""
        return {name: getattr(self, name) for name in ("to_a", "to_b", "critic_a", "critic_b")}

    def build(self, shapes=None):
        """Make the weights of all four networks."""
        for network in self.networks.values():
            if not network.built:
                network.build()
        self.built = True

    def compile(self, optimizer="rmsprop", **options):
        """Compile as any model; the optimiser's learning rate is multiplied by each network's own."""
        optimizer = keras.optimizers.get(optimizer)
        rates = {"generator_rate": (self.to_a, self.to_b), "critic_rate": (self.critic_a, self.critic_b)}
        for name, pair in rates.items():
            scale_rates(optimizer, {self.settings[name]: [v for network in pair for v in network.trainable_variables]})
        super().compile(optimizer=optimizer, **options)

    def call(self, batch, training=False):
        """Return the transfers of a batch, a dict of rolls (B, T, P + 2)."""
        rolls = self._rolls(batch)
        return {"a": self.to_a(rolls["b"], training=training), "b": self.to_b(rolls["a"], training=training)}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the sum of all losses, a scalar; `x` is the batch, `y_pred` its transfers, `y` is not looked at."""
        real = self._rolls(x)
        sums = dict.fromkeys(self.trackers, 0.0)
        for style, other in (STYLES, STYLES[::-1]):
            for name, value in self._one_way(real, y_pred, style, other).items():
                sums[name] = sums[name] + value
        for name, tracker in self.trackers.items():
            tracker.update_state(sums[name] / 2)
        weighted = sum(self.settings[name] * sums[name] for name in ("cycle", "identity", "content"))
        return sums["generator_loss"] + sums["critic_loss"] + weighted

    def _one_way(self, real, made, style, other):
        """The losses of what was made of `style`, in the place of `other`."""
        there, critic = getattr(self, f"to_{other}"), getattr(self, f"critic_{other}")
        critic_loss, generator_loss = LOSSES[self.settings["loss"]](
            critic(self._noisy(real[other]), training=True),
            critic(self._noisy(ops.stop_gradient(made[other])), training=True),
            judged_by_frozen(critic, self._noisy(made[other])),
        )
        both = ops.concatenate([made[style], real[other]])  # what came from the other style, and the other style itself
        home, same = ops.split(there.surprise(there.logits(both), ops.tile(real[other], (2, 1, 1))), 2)
        return {
            "generator_loss": generator_loss,
            "critic_loss": critic_loss,
            "cycle": ops.mean(home),
            "identity": ops.mean(same),
            "content": 1 - ops.mean(ops.sum(sounded(real[style]) * chroma(made[other][:, ::BEAT]), axis=-1)),
        }

    def _rolls(self, batch):
        return {style: rolls_of(batch[style], getattr(self, f"to_{style}").settings["pitches"]) for style in STYLES}

    def _noisy(self, rolls):
        if not self.settings["noise"]:
            return rolls
        return rolls + self.settings["noise"] * keras.random.normal(ops.shape(rolls), seed=self.random)

    @property
    def metrics(self):
        return [*super().metrics, *self.trackers.values()]

    def get_config(self):
        """Return what the model is built from."""
        networks = {name: keras.saving.serialize_keras_object(network) for name, network in self.networks.items()}
        return {**networks, **self.settings, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        """Return the model that :meth:`get_config` describes."""
        names = ("to_a", "to_b", "critic_a", "critic_b")
        return cls(**{**config, **{name: keras.saving.deserialize_keras_object(config[name]) for name in names}})


def chroma(rolls):
    """Return the pitch class in each step of rolls (B, T, P + 2), counted from the lowest pitch, last the rest: (B, T, 13)."""
    pitches = rolls.shape[-1] - 2
    table = np.zeros((pitches + 2, CLASSES + 1), np.float32)
    table[np.arange(pitches), np.arange(pitches) % CLASSES] = 1
    table[pitches, CLASSES] = 1
    return ops.matmul(rolls, table)


def sounded(rolls):
    """Return which pitch classes sound anywhere in each beat of rolls (B, T, P + 2), 1 or 0, (B, T / 4, 13)."""
    classes = chroma(rolls)
    return ops.max(ops.reshape(classes, (-1, classes.shape[1] // BEAT, BEAT, CLASSES + 1)), axis=2)
