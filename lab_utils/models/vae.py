"""The note VAE: two bars of one voice ↔ a vector of latent numbers, both ways in one step, with no look at its own past.

A phrase is tokens of 16ths (:mod:`lab_utils.encoding.melody`: hold, rest, or the pitch that starts), always of one length and
from a bar line on, so that the place in the bar is the place in the phrase.

* **Encoder**: what starts and what sounds in each 16th, embedded; a quarter's 16ths side by side; convolutions over the
  quarters; then :class:`~lab_utils.models.latent.GaussianLatent`.
* **Decoder**: the latent vector spread over the quarters, convolutions, then the logits of all 16ths at once. It is not
  autoregressive: given z the steps are independent, so there is nothing but z to read from, it cannot be ignored (the "posterior
  collapse" of Bowman et al., 2016), and what it writes freely is what it was trained to write. The price: what z leaves open is
  decided for each step by itself.
* **Loss**: nats of the phrase's tokens plus the layer's penalty, β times the KL divergence (Kingma & Welling, 2014). The metrics
  ``nll`` and ``kl``, both nats a phrase, go into the history.

After MusicVAE (Roberts et al., 2018), whose decoder is recurrent and autoregressive. Left out: velocity, several voices, other
lengths than the one it is built for. Axis letters: B batch, T steps (16ths), Q quarters, V vocabulary, Z latent numbers.
The recipe :mod:`lab_utils.recipes.vae` trains it; the notebook ``08_vae`` uses it.
"""

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models.latent import GaussianLatent
from lab_utils.models.tokens import IMPOSSIBLE

layers, ops = keras.layers, keras.ops

HOLD = 0
QUARTER = 4  # steps


def sounding(tokens):
    """Return what sounds in each step of `tokens` (B, T): the last token that was no hold, (B, T)."""
    places = ops.arange(tokens.shape[1])
    struck = ops.where(ops.equal(tokens, HOLD), 0, places)  # (B, T)
    last = ops.max(ops.where(places[None, :] <= places[:, None], struck[:, None, :], 0), axis=-1)
    return ops.take_along_axis(tokens, last, axis=1)


@keras.saving.register_keras_serializable("lab_utils")
class Mixing(layers.Layer):
    """A residual block over the quarters: what it adds to (B, Q, D) is read from each quarter and its neighbours.

    Parameters
    ----------
    channels : int
        D.
    dropout : float
    """

    def __init__(self, channels, *, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.channels, self.dropout = channels, dropout
        self.norm = layers.LayerNormalization(name="norm")
        self.look = layers.Conv1D(channels, 3, padding="same", activation="silu", name="look")
        self.drop = layers.Dropout(dropout)
        self.add = layers.Dense(channels, name="add")

    def build(self, shape):
        """Make the weights."""
        for layer in (self.norm, self.look, self.add):
            layer.build((None, None, self.channels))
        self.built = True

    def call(self, values, training=False):
        """Return (B, Q, D)."""
        return values + self.add(self.drop(self.look(self.norm(values)), training=training))

    def get_config(self):
        """Return what the layer is made from."""
        return {**super().get_config(), "channels": self.channels, "dropout": self.dropout}


@keras.saving.register_keras_serializable("lab_utils")
class NoteVAE(keras.Model):
    """Write a phrase as a latent vector, and a latent vector as a phrase.

    Parameters
    ----------
    vocabulary : int
        V; token 0 is hold.
    steps : int
        T, the length of every phrase, a multiple of four.
    latent : int
        Z.
    channels, blocks : int
        Width and number of the residual blocks, of the encoder and of the decoder alike.
    embedding : int
    dropout : float
        Share of the blocks' hidden numbers dropped in training.
    beta, warmup, free_bits
        As in :class:`~lab_utils.models.latent.GaussianLatent`.

    Notes
    -----
    Called with tokens (B, T), returns a dict: ``logits`` (B, T, V), ``mean`` and ``log_variance`` (B, Z), all float32. Unless
    ``training=True`` the logits are read from the mean of q(z | x).
    """

    def __init__(
        self, *, vocabulary=66, steps=32, latent=32, channels=192, blocks=2, embedding=16, dropout=0.0, beta=1.0, warmup=0,
        free_bits=0.0, **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        if steps < QUARTER or steps % QUARTER:
            raise ParameterError(f"steps: expected a multiple of {QUARTER} 16ths, received {steps}.")
        self.settings = {
            "vocabulary": vocabulary, "steps": steps, "latent": latent, "channels": channels, "blocks": blocks,
            "embedding": embedding, "dropout": dropout, "beta": beta, "warmup": warmup, "free_bits": free_bits,
        }  # fmt: skip
        self.steps, self.vocabulary, self.size, self.quarters = steps, vocabulary, latent, steps // QUARTER
        self.token_embedding = layers.Embedding(vocabulary, embedding, name="token_embedding")
        self.sounding_embedding = layers.Embedding(vocabulary, embedding, name="sounding_embedding")
        self.gather = layers.Dense(channels, name="gather")
        self.reading = [Mixing(channels, dropout=dropout, name=f"reading_{i}") for i in range(blocks)]
        self.latent = GaussianLatent(latent, beta=beta, warmup=warmup, free_bits=free_bits, name="latent")
        self.spread = layers.Dense(self.quarters * channels, name="spread")
        self.writing = [Mixing(channels, dropout=dropout, name=f"writing_{i}") for i in range(blocks)]
        self.part = layers.Dense(QUARTER * embedding * 4, activation="silu", name="part")
        self.to_tokens = layers.Dense(vocabulary, name="to_tokens")
        self.nll_tracker, self.kl_tracker = keras.metrics.Mean(name="nll"), keras.metrics.Mean(name="kl")

    def build(self, shape=None):
        """Make the weights; the shape of the tokens is always the same, so none is needed."""
        channels, embedding = self.settings["channels"], self.settings["embedding"]
        for layer in (self.token_embedding, self.sounding_embedding):
            layer.build((None, self.steps))
        self.gather.build((None, self.quarters, QUARTER * 2 * embedding))
        for layer in (*self.reading, *self.writing):
            layer.build((None, self.quarters, channels))
        self.latent.build((None, self.quarters * channels))
        self.spread.build((None, self.size))
        self.part.build((None, self.quarters, channels))
        self.to_tokens.build((None, self.steps, embedding * 4))
        self.built = True

    def read(self, tokens, training=False):
        """Return the features (B, Q · D) that the latent layer turns into a Gaussian, of tokens (B, T)."""
        seen = [self.token_embedding(tokens), self.sounding_embedding(sounding(tokens))]
        values = ops.concatenate(seen, axis=-1)  # (B, T, 2 E)
        values = self.gather(ops.reshape(values, (-1, self.quarters, QUARTER * values.shape[-1])))  # (B, Q, D)
        for block in self.reading:
            values = block(values, training=training)
        return ops.reshape(values, (-1, self.quarters * values.shape[-1]))

    def encode(self, tokens):
        """Return (mean, log variance) of q(z | x), each (B, Z), of tokens (B, T)."""
        return self.latent(self.read(tokens))[1:]

    def decode(self, z, training=False):
        """Return the logits (B, T, V), float32, of latent vectors (B, Z); a phrase cannot begin with a hold."""
        values = ops.reshape(self.spread(z), (-1, self.quarters, self.settings["channels"]))
        for block in self.writing:
            values = block(values, training=training)
        values = self.part(values)  # (B, Q, 4 · 4 E)
        logits = self.to_tokens(ops.reshape(values, (-1, self.steps, values.shape[-1] // QUARTER)))
        first = ops.cast(ops.equal(ops.arange(self.steps), 0), "float32")[:, None]
        hold = ops.cast(ops.equal(ops.arange(self.vocabulary), HOLD), "float32")
        return ops.cast(logits, "float32") + IMPOSSIBLE * first * hold

    def call(self, tokens, training=False):
        """Return a dict of ``logits`` (B, T, V), ``mean`` and ``log_variance`` (B, Z)."""
        z, mean, log_variance = self.latent(self.read(tokens, training=training), training=training)
        return {"logits": self.decode(z, training=training), "mean": mean, "log_variance": log_variance}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the nats a phrase of the tokens `y` (B, T), and the latent layer's penalty on top."""
        crossed = keras.losses.sparse_categorical_crossentropy(y, y_pred["logits"], from_logits=True)  # (B, T)
        nll = ops.mean(ops.sum(crossed, axis=-1))
        mean, log_variance = y_pred["mean"], y_pred["log_variance"]
        self.nll_tracker.update_state(nll)
        self.kl_tracker.update_state(self.latent.kl(mean, log_variance))
        return nll + self.latent.penalty(mean, log_variance)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)
