"""WaveNet (van den Oord et al., 2016): the next sample's probability, from thousands of samples before it and what is to sound.

The network gives p(code n | codes before n, conditions) of sound in μ-law codes (:mod:`lab_utils.audio.mulaw`).

* **Causal layers**: kernel 2; a layer of dilation d sees its input now and d samples ago. Dilations double up to the longest and
  start over, so that the **receptive field** grows as 2 to the number of layers: 1 + the sum of the dilations, in samples. A
  convolution is the product of the current and of the shifted input with two matrices, which is what makes it fast on a CPU.
* **Gate**: tanh(f) · sigmoid(g); of it one product goes on to the next layer (residual), and those of all layers together, in
  one product, to the output (skip).
* **Code before**: embedded; to its vector come two numbers times a vector of their own, the code's place and its loudness, so
  that the network need not learn 256 vectors before it can predict a line.
* **Conditions** change once a *frame* of samples and are given beforehand, so they are read ahead a few frames: of notes the
  pitch and the frames since it began (`pitches`), or a style, one for all of an excerpt (`styles`). Each layer's gate sees
  them through a matrix of its own.
* **Tones**: sine and cosine of a note's frequency and of its multiples below half the rate, struck with the note, are added to
  the vectors of the codes. Sound that is already there tells nearly all of the next sample, so that a network learns late, or not
  at all, to look at a pitch number; a tone of the right pitch and phase it can follow from the first sample on (the source of
  neural source-filter models; Wang, Takaki & Yamagishi, 2019).

Left out: the paper's transposed convolutions for conditions (frames are repeated), the mixture of logistics, dropout.
The notebook ``11_wavenet`` uses it; generation with kept activations is in :mod:`lab_utils.models.wavenet_sampler`.

Axis letters: B batch, N samples, F frames, C channels, D features of the conditions, V codes.
"""

import math

from lab_utils.backend import keras
from lab_utils.errors import ParameterError, check_whole

layers, ops = keras.layers, keras.ops

AGE_STEPS = (0, 1, 2, 3, 4, 6, 8, 11, 14, 18, 23, 30, 40, 50, 64, 80, 100, 127)  # frames at which a note counts as older
AHEAD = 2  # frames of conditions that are read before and after


@keras.saving.register_keras_serializable("lab_utils")
class CausalLayer(layers.Layer):
    """One gated, dilated, causal layer of kernel 2.

    Parameters
    ----------
    channels : int
        C.
    dilation : int
        How many samples ago the layer looks.
    last : bool
        After the last layer nothing goes on: it hands its input on as it is.
    """

    def __init__(self, channels, dilation, *, last=False, **kwargs):
        super().__init__(**kwargs)
        self.channels, self.dilation, self.last = channels, dilation, last

    def build(self, shape, of_conditions):
        """Make the weights for input (B, N, C) and conditions (B, F, D)."""
        channels, width = self.channels, of_conditions[-1]
        # one initializer, so that `past` and `now` start alike: a layer begins as the sum of two samples, through one matrix
        scale = keras.initializers.VarianceScaling(1.0, mode="fan_avg", distribution="uniform")
        self.past = self.add_weight(shape=(channels, 2 * channels), initializer=scale, name="past")
        self.now = self.add_weight(shape=(channels, 2 * channels), initializer=scale, name="now")
        self.of_conditions = self.add_weight(shape=(width, 2 * channels), initializer=scale, name="of_conditions")
        self.bias = self.add_weight(shape=(2 * channels,), initializer="zeros", name="bias")
        if not self.last:
            self.onward = self.add_weight(shape=(channels, channels), initializer=scale, name="onward")
            self.onward_bias = self.add_weight(shape=(channels,), initializer="zeros", name="onward_bias")
        self.built = True

    def shifts(self, conditions):
        """Return what conditions (..., D) add inside the gate, (..., 2C)."""
        return ops.matmul(conditions, self.of_conditions) + self.bias

    def convolve(self, inputs):
        """Return the causal convolution of `inputs` (B, N, C), (B, N, 2C); before the first sample stand zeros."""
        length = ops.shape(inputs)[1]  # not inputs.shape: TensorFlow makes one program for excerpts of several lengths
        before = ops.pad(inputs, [[0, 0], [self.dilation, 0], [0, 0]])[:, :length]
        return ops.matmul(before, self.past) + ops.matmul(inputs, self.now)

    def gate(self, sums):
        """Return tanh · sigmoid of the two halves of `sums` (..., 2C), (..., C)."""
        # a sigmoid is a tanh, whose approximation is one polynomial: the halves are made in one go
        half = ops.tanh(sums[..., self.channels :] * 0.5) * 0.5 + 0.5
        return ops.tanh(sums[..., : self.channels]) * half

    def call(self, inputs, conditions):
        """Return (what goes on (B, N, C), the gate's output (B, N, C)); `conditions` (B, F, D), N a multiple of F."""
        sums, shifts = self.convolve(inputs), self.shifts(conditions)
        (length, frames), wide = (ops.shape(values)[1] for values in (sums, shifts)), sums.shape[-1]
        in_frames = ops.reshape(sums, (-1, frames, length // frames, wide))
        sums = ops.reshape(in_frames + shifts[:, :, None], (-1, length, wide))
        return self.pass_on(inputs, self.gate(sums))

    def pass_on(self, inputs, gated):
        """Return `inputs` with what the gate adds for the next layer, and the gate's output, (..., C) both."""
        return (inputs if self.last else inputs + ops.matmul(gated, self.onward) + self.onward_bias), gated

    def step(self, now, known):
        """Return what :meth:`call` does for one sample; `known` (B, 2C) is what past and conditions add inside the gate."""
        return self.pass_on(now, self.gate(ops.matmul(now, self.now) + known))

    def get_config(self):
        """Return what the layer is built from."""
        return {**super().get_config(), "channels": self.channels, "dilation": self.dilation, "last": self.last}


@keras.saving.register_keras_serializable("lab_utils")
class WaveNet(keras.Model):
    """Predict each code of a sound from the codes before it and the conditions.

    Parameters
    ----------
    levels : int
        V, how many codes there are; the middle one is silence.
    channels : int
        C, of every causal layer.
    longest : int
        The longest dilation, a power of 2: a cycle is 1, 2, 4, … up to it.
    cycles : int
        How often the dilations start over.
    skip : int
        Width of the two layers at the end.
    conditions : int
        D.
    pitches : int
        How many pitch numbers there are, 0 (nothing sounds) among them; 0 for a network that is not told of notes.
    styles : int
        How many styles there are; 0 for a network that is not told of one.
    harmonics : int
        How many tones sound along with a note, inaudibly: see the module; 0 for none.

    Notes
    -----
    Called with a dict: ``codes`` int (B, N), and as the network is built ``conditions`` int (B, F, 2) – pitch number and frames
    since its onset –, ``phases`` float32 (B, F, 2) – where in its cycle, 0 to 1, the note's tone is when the frame begins, and
    how much of a cycle a sample takes –, ``style`` int (B,). Returns logits, float32, shape (B, N, V): those at n from the
    codes before n.
    """

    def __init__(
        self, *, levels=256, channels=32, longest=512, cycles=2, skip=64, conditions=24, pitches=0, styles=0, harmonics=0,
        **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.settings = {
            "levels": levels, "channels": channels, "longest": longest, "cycles": cycles, "skip": skip, "conditions": conditions,
            "pitches": pitches, "styles": styles, "harmonics": harmonics,
        }  # fmt: skip
        for name, value in self.settings.items():
            least = 0 if name in ("pitches", "styles", "harmonics") else 1
            check_whole(name, value, least)
        if longest & (longest - 1):
            raise ParameterError(f"longest: expected a power of 2, received {longest}.")
        self.levels, self.width = levels, conditions
        self.dilations = tuple(2**k for _ in range(cycles) for k in range(int(math.log2(longest)) + 1))
        self.embedding = layers.Embedding(levels, channels, name="embedding")
        self.of_numbers = layers.Dense(channels, use_bias=False, name="of_numbers")
        count = len(self.dilations)
        self.causal = [CausalLayer(channels, d, last=i == count - 1, name=f"causal_{i}") for i, d in enumerate(self.dilations)]
        self.to_skip = layers.Dense(skip, activation="relu", name="to_skip")
        self.to_hidden = layers.Dense(skip, activation="relu", name="to_hidden")
        self.to_codes = layers.Dense(levels, name="to_codes")
        if pitches:
            self.of_pitch = layers.Embedding(pitches, conditions, name="of_pitch")
            self.of_age = layers.Embedding(len(AGE_STEPS), conditions, name="of_age")
            self.around = layers.Conv1D(conditions, 2 * AHEAD + 1, padding="same", activation="tanh", name="around")
        if harmonics:
            self.of_tones = layers.Dense(channels, use_bias=False, name="of_tones")
        if styles:
            self.of_style = layers.Embedding(styles, conditions, name="of_style")

    def build(self, shapes=None):
        """Make the weights; the shapes of the inputs are always the same, so none are needed."""
        channels, width = self.settings["channels"], self.width
        self.embedding.build((None, None))
        self.of_numbers.build((None, 2))
        for layer in self.causal:
            layer.build((None, None, channels), (None, None, width))
        self.to_skip.build((None, len(self.causal) * channels))
        self.to_hidden.build((None, self.settings["skip"]))
        self.to_codes.build((None, self.settings["skip"]))
        if self.settings["pitches"]:
            self.of_pitch.build((None, None))
            self.of_age.build((None, None))
            self.around.build((None, None, width))
        if self.settings["styles"]:
            self.of_style.build((None,))
        if self.settings["harmonics"]:
            self.of_tones.build((None, 2 * self.settings["harmonics"]))
        self.built = True

    @property
    def receptive_field(self):
        """How many samples before it a prediction rests on."""
        return 1 + sum(self.dilations)

    @property
    def silence(self):
        """The code of silence, which stands before the first sample."""
        return self.levels // 2

    def vectors(self):
        """Return the vector of each code, (V, C)."""
        place = (ops.arange(self.levels, dtype="float32") - self.silence) / (self.levels / 2)
        loud = ops.sign(place) * (ops.power(float(self.levels), ops.abs(place)) - 1) / (self.levels - 1)
        return self.embedding.embeddings + self.of_numbers(ops.stack([place, loud], axis=-1) * 4)

    def condition(self, inputs):
        """Return the vectors of the conditions, (B, F, D), from a dict of ``conditions`` (B, F, 2) and ``style`` (B,)."""
        found = None
        if self.settings["pitches"]:
            conditions = ops.cast(inputs["conditions"], "int32")
            age = ops.sum(ops.cast(conditions[..., 1:] >= ops.convert_to_tensor(AGE_STEPS[1:], dtype="int32"), "int32"), axis=-1)
            found = self.around(self.of_pitch(conditions[..., 0]) + self.of_age(age))
        if self.settings["styles"]:
            style = self.of_style(inputs["style"])[:, None]  # (B, 1, D)
            found = style if found is None else found + style
        return ops.zeros((1, 1, self.width)) if found is None else found

    def tones(self, phases, samples):
        """Return what the tones add to the codes' vectors, (B, F, `samples`, C), from ``phases`` (B, F, 2)."""
        start, step = phases[..., :1], phases[..., 1:]
        cycles = start + step * ops.arange(samples, dtype="float32")  # (B, F, samples)
        harmonic = ops.arange(1, self.settings["harmonics"] + 1, dtype="float32")
        angle = 2 * math.pi * ((cycles[..., None] * harmonic) % 1.0)
        heard = ops.cast(ops.logical_and(step * harmonic < 0.5, step > 0), "float32")[:, :, None]  # below half the rate
        return self.of_tones(ops.concatenate([ops.sin(angle) * heard, ops.cos(angle) * heard], axis=-1))

    def finish(self, gated):
        """Return the logits (..., V) from all layers' gates, (..., layers · C)."""
        return self.to_codes(self.to_hidden(self.to_skip(gated)))

    def call(self, inputs, training=False):
        """Return the logits (B, N, V) of whole excerpts (teacher forcing)."""
        codes = ops.cast(inputs["codes"], "int32")
        before = ops.pad(codes[:, :-1], [[0, 0], [1, 0]], constant_values=self.silence)
        conditions, gates = self.condition(inputs), []
        state = ops.take(self.vectors(), before, axis=0)  # (B, N, C)
        if self.settings["harmonics"]:
            length = ops.shape(codes)[1]
            tones = self.tones(inputs["phases"], length // ops.shape(inputs["phases"])[1])
            state = state + ops.reshape(tones, (-1, length, state.shape[-1]))
        for layer in self.causal:
            state, gated = layer(state, conditions)
            gates.append(gated)
        return self.finish(ops.concatenate(gates, axis=-1))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean of −log2 p of the codes of `x`, bits a sample, over those that count: `y` (B, N) is 1 there, else 0."""
        counts = ops.cast(y, "float32")
        return ops.sum(bits(x["codes"], y_pred) * counts) / ops.maximum(ops.sum(counts), 1.0)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


def bits(codes, logits):
    """Return −log2 p of each of `codes` (B, N) under logits (B, N, V), float32 (B, N)."""
    nats = keras.losses.sparse_categorical_crossentropy(ops.cast(codes, "int32"), ops.cast(logits, "float32"), from_logits=True)
    return nats / math.log(2)
