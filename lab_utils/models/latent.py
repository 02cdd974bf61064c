"""The latent layer of a variational autoencoder: q(z | x) as a Gaussian of independent numbers, its sample, and its price.

The encoder's last features become a mean and a log variance; training decodes a sample z = mean + σ · ε (the reparametrisation
of Kingma & Welling, 2014), everything else decodes the mean. The price is the KL divergence from q(z | x) to the prior N(0, I),
in closed form, in nats. Two ways keep it from being driven to nothing:

* **β with a warm-up**: the price is multiplied by a weight that rises in a straight line from 0 to `beta` over the first
  `warmup` training steps (Bowman et al., 2016; β of Higgins et al., 2017). The steps are counted by the layer's own variable,
  for on JAX the optimiser's counter is a constant inside a step; a resumed run goes on where it stood.
* **Free bits** (Kingma et al., 2016): of each latent number the first so many bits, as a mean over the batch, cost nothing more.

What a model does with it: call the layer, decode z, and add :meth:`GaussianLatent.penalty` in ``compute_loss``.
Left out: full covariances, mixtures, flows, discrete codes. Axis letters: B batch, D features, Z latent numbers.
Used by :mod:`lab_utils.models.vae` and :mod:`lab_utils.models.spectrogram_vae`; the notebook ``08_vae`` shows it.
"""

import math

from lab_utils.backend import keras
from lab_utils.errors import ParameterError, check_whole

layers, ops = keras.layers, keras.ops

BIT = math.log(2)  # nats


def kl_divergence(mean, log_variance):
    """Return the KL divergence in nats from N(mean, exp(log_variance)) to N(0, 1), of each number by itself.

    Parameters
    ----------
    mean, log_variance : tensor, shape (B, Z)

    Returns
    -------
    tensor, shape (B, Z)
        Its sum over the last axis is that of the whole vector (Kingma & Welling, 2014, appendix B).
    """
    return 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1 - log_variance)


@keras.saving.register_keras_serializable("lab_utils")
class GaussianLatent(layers.Layer):
    """Turn features into a Gaussian over latent vectors, and draw from it while training.

    Parameters
    ----------
    size : int
        Z, how many latent numbers.
    beta : float
        Weight of the KL divergence in :meth:`penalty`, after the warm-up.
    warmup : int
        Training steps over which the weight rises from 0 to `beta`; 0: it is `beta` from the start.
    free_bits : float
        Bits of each latent number that cost nothing.
    seed : int, optional
        Of the noise.

    Notes
    -----
    Called with (B, D), returns z, mean and log variance, float32, each (B, Z); z is the mean itself unless ``training=True``.
    """

    def __init__(self, size, *, beta=1.0, warmup=0, free_bits=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        for name, value, least in (("size", size, 1), ("warmup", warmup, 0)):
            check_whole(name, value, least)
        for name, value in (("beta", beta), ("free_bits", free_bits)):
            if not 0 <= value < math.inf:
                raise ParameterError(f"{name}: expected a number from 0 up, received {value!r}.")
        self.size, self.beta, self.warmup, self.free_bits, self.seed = size, beta, warmup, free_bits, seed
        self.to_mean = layers.Dense(size, dtype="float32", name="to_mean")
        self.to_log_variance = layers.Dense(size, dtype="float32", name="to_log_variance")
        self.noise = keras.random.SeedGenerator(seed)

    def build(self, shape):
        """Make the weights for features of `shape` (B, D), and the counter of training steps."""
        self.to_mean.build(shape)
        self.to_log_variance.build(shape)
        self.steps = self.add_weight(shape=(), dtype="int", initializer="zeros", trainable=False, name="steps")
        self.built = True

    def call(self, features, training=False):
        """Return (z, mean, log variance), each (B, Z), of features (B, D)."""
        mean, log_variance = self.to_mean(features), self.to_log_variance(features)
        if not training:
            return mean, mean, log_variance
        self.steps.assign_add(1)
        noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.noise)
        return mean + ops.exp(0.5 * log_variance) * noise, mean, log_variance

    def kl(self, mean, log_variance):
        """Return the KL divergence of the whole vector, in nats, a mean over the batch: a scalar without β or free bits."""
        return ops.mean(ops.sum(kl_divergence(mean, log_variance), axis=-1))

    def penalty(self, mean, log_variance):
        """Return what is added to the loss: β times the KL divergence in nats, each number's share no less than its free bits."""
        shares = ops.mean(kl_divergence(mean, log_variance), axis=0)  # (Z,)
        return self.weight() * ops.sum(ops.maximum(shares, self.free_bits * BIT))

    def weight(self):
        """Return β as it stands after the training steps so far, a scalar."""
        if not self.warmup:
            return ops.convert_to_tensor(self.beta, dtype="float32")
        return self.beta * ops.minimum(ops.cast(self.steps, "float32") / self.warmup, 1.0)

    def get_config(self):
        """Return what the layer is made from."""
        names = ("size", "beta", "warmup", "free_bits", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
