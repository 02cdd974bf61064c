"""The spectrogram VAE: the picture of a bar's sound ↔ a vector of latent numbers, with the bar's style told to both ways.

A bar is a spectrogram of fixed size in [-1, 1], shape (T, F). Four of its 64 frames are a *patch*: in 4/4, a 16th.

* **Encoder**: every patch through one and the same dense layer, which is a convolution whose step is as long as it is wide; a
  convolution over neighbouring patches; then all of them, and the style, into one hidden layer and
  :class:`~lab_utils.models.latent.GaussianLatent`.
* **Decoder**: the same backwards. What comes out is added to an average picture, a weight that the recipe starts from the mean
  of the train fold, and bent at the floor: levels under silence there are none.
* **The style is a condition**, p(x | z, y) and q(z | x, y) (Kingma et al., 2014; Sohn et al., 2015): one-hot beside the features,
  so z need not tell it, and another one can be asked for when z is decoded.
* **Loss**: nats a bar. Every level is normal round what is rebuilt, all with one spread σ that is learnt along (Rybkin,
  Daniilidis & Levine, 2021); to that comes the layer's penalty, β times the KL divergence (Kingma & Welling, 2014). It is a
  *density*, so it may well be under 0. The metrics ``rmse`` (scaled levels, of a sample z) and ``kl`` (nats a bar) go into the
  history.

Left out: phase (:meth:`lab_utils.audio.spectrogram.Transform.inverse` finds one), other sizes than the one it is built for.
Axis letters: B batch, T frames, F bins, P patches, D channels, Z latent numbers, Y styles.
The recipe :mod:`lab_utils.recipes.spectrogram_vae` trains it; the notebook ``08_vae`` uses it.
"""

import math

from lab_utils.backend import keras
from lab_utils.errors import ParameterError, check_whole
from lab_utils.models.latent import GaussianLatent

layers, ops = keras.layers, keras.ops

FLOOR = -1.0  # silence in [-1, 1]
BEND = 6.0  # how sharply levels bend at the floor: a twelfth of the range above it, they hardly do
FIRST_SPREAD = 0.3  # of levels round what is rebuilt, before it is learnt


@keras.saving.register_keras_serializable("lab_utils")
class SpectrogramVAE(keras.Model):
    """Write the spectrogram of a bar as a latent vector, and a latent vector as a spectrogram, in a given style.

    Parameters
    ----------
    frames, bins : int
        T and F, the size of every spectrogram.
    styles : int
        Y, how many there are.
    latent : int
        Z.
    patch : int
        Frames of a patch; T is a multiple of it.
    channels, hidden : int
        Width of the convolutions and of the layers between them and z.
    dropout : float
        Share of the hidden numbers dropped in training, of the encoder's patches and of the decoder.
    beta, warmup, free_bits
        As in :class:`~lab_utils.models.latent.GaussianLatent`.

    Notes
    -----
    Called with a dict of ``spectrogram`` (B, T, F) and ``style``, numbers (B,), returns a dict: ``spectrogram`` rebuilt,
    ``mean`` and ``log_variance`` (B, Z), all float32. Unless ``training=True`` it is rebuilt from the mean of q(z | x, y).
    """

    def __init__(
        self, *, frames=64, bins=96, styles=5, latent=32, patch=4, channels=128, hidden=256, dropout=0.0, beta=1.0, warmup=0,
        free_bits=0.0, **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        sizes = {"frames": frames, "bins": bins, "styles": styles, "patch": patch, "channels": channels, "hidden": hidden}
        for name, value in sizes.items():
            check_whole(name, value, 1)
        if frames % patch:
            raise ParameterError(f"patch: expected a number that {frames} frames are a multiple of, received {patch}.")
        self.settings = {
            **sizes, "latent": latent, "dropout": dropout, "beta": beta, "warmup": warmup, "free_bits": free_bits
        }  # fmt: skip
        self.frames, self.bins, self.styles, self.size, self.patches = frames, bins, styles, latent, frames // patch
        self.cut = layers.Dense(channels, activation="silu", name="cut")
        self.look = layers.Conv1D(channels, 3, padding="same", activation="silu", name="look")
        self.gather = layers.Dense(hidden, activation="silu", name="gather")
        self.latent = GaussianLatent(latent, beta=beta, warmup=warmup, free_bits=free_bits, name="latent")
        self.open = layers.Dense(hidden, activation="silu", name="open")
        self.spread = layers.Dense(self.patches * channels, activation="silu", name="spread")
        self.place = layers.Conv1D(channels, 3, padding="same", activation="silu", name="place")
        self.paint = layers.Dense(patch * bins, name="paint")
        self.drops = [layers.Dropout(dropout) for _ in range(2)]
        self.rmse_tracker, self.kl_tracker = keras.metrics.RootMeanSquaredError(name="rmse"), keras.metrics.Mean(name="kl")

    def build(self, shapes=None):
        """Make the weights; the shapes of the inputs are always the same, so none are needed."""
        channels, hidden, patch = (self.settings[name] for name in ("channels", "hidden", "patch"))
        self.average = self.add_weight(shape=(self.frames, self.bins), initializer="zeros", name="average")
        self.log_spread = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(math.log(FIRST_SPREAD)), name="log_spread"
        )
        self.cut.build((None, self.patches, patch * self.bins))
        self.look.build((None, self.patches, channels))
        self.gather.build((None, self.patches * channels + self.styles))
        self.latent.build((None, hidden))
        self.open.build((None, self.size + self.styles))
        self.spread.build((None, hidden))
        self.place.build((None, self.patches, channels))
        self.paint.build((None, self.patches, channels))
        self.built = True

    def read(self, spectrogram, style, training=False):
        """Return the features (B, hidden) that the latent layer turns into a Gaussian, of (B, T, F) and (B,)."""
        values = ops.reshape(spectrogram - self.average, (-1, self.patches, self.settings["patch"] * self.bins))
        values = self.look(self.cut(self.drops[0](values, training=training)))  # (B, P, D)
        values = ops.reshape(values, (-1, self.patches * self.settings["channels"]))
        return self.gather(ops.concatenate([values, self._one_hot(style, values.dtype)], axis=-1))

    def encode(self, spectrogram, style):
        """Return (mean, log variance) of q(z | x, y), each (B, Z), of spectrograms (B, T, F) and their styles (B,)."""
        return self.latent(self.read(spectrogram, style))[1:]

    def decode(self, z, style, training=False):
        """Return spectrograms (B, T, F), float32, of latent vectors (B, Z) in the styles (B,)."""
        values = self.open(ops.concatenate([z, self._one_hot(style, z.dtype)], axis=-1))
        values = self.spread(self.drops[1](values, training=training))
        values = self.place(ops.reshape(values, (-1, self.patches, self.settings["channels"])))  # (B, P, D)
        picture = ops.reshape(self.paint(values), (-1, self.frames, self.bins))
        picture = ops.cast(picture, "float32") + ops.cast(self.average, "float32")
        return FLOOR + ops.softplus((picture - FLOOR) * BEND) / BEND

    def call(self, inputs, training=False):
        """Return a dict of ``spectrogram`` (B, T, F), ``mean`` and ``log_variance`` (B, Z)."""
        features = self.read(inputs["spectrogram"], inputs["style"], training=training)
        z, mean, log_variance = self.latent(features, training=training)
        rebuilt = self.decode(z, inputs["style"], training=training)
        return {"spectrogram": rebuilt, "mean": mean, "log_variance": log_variance}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the nats a bar of the spectrograms `y` (B, T, F), and the latent layer's penalty on top."""
        rebuilt, mean, log_variance = (y_pred[name] for name in ("spectrogram", "mean", "log_variance"))
        self.rmse_tracker.update_state(y, rebuilt)
        self.kl_tracker.update_state(self.latent.kl(mean, log_variance))
        return self.nll(y, rebuilt) + self.latent.penalty(mean, log_variance)

    def nll(self, spectrogram, rebuilt):
        """Return −log p(x | z, y) of spectrograms (B, T, F) that were rebuilt so, nats a bar, a mean over the batch."""
        squares = ops.mean(ops.sum(ops.square(spectrogram - rebuilt), axis=(1, 2)))
        log_spread = ops.cast(self.log_spread, "float32")
        each = self.frames * self.bins
        return 0.5 * squares * ops.exp(-2 * log_spread) + each * (log_spread + 0.5 * math.log(2 * math.pi))

    def _one_hot(self, style, dtype):
        return ops.one_hot(style, self.styles, dtype=dtype)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)
