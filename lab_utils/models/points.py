"""Small networks for points of a few numbers: a classifier, a variational autoencoder, a generator and its critic.

They stand for their families where a family is to be understood and not a network: dense layers alone, trained in seconds on
points in the plane, or on bars of music as rows of pitches. Bring the points to mean 0 and spread 1 first.

* :func:`point_classifier`: p(y | x) of two classes, as one logit.
* :class:`PointVAE`: the decoder's output is the mean of a Gaussian with one learnt width a feature, so that its loss is a bound
  on the log-likelihood in nats a point (Kingma & Welling, 2014), which other densities can be set beside.
* :func:`point_adversaries`: :class:`~lab_utils.models.gan.Adversaries` over dense networks.

Axis letters: B batch, D features, Z latent numbers. Used by the notebook ``02_generative_models``.
"""

import math

from lab_utils.backend import keras
from lab_utils.errors import ParameterError, check_whole
from lab_utils.models.gan import Adversaries, BatchSpread, SpectralBound
from lab_utils.models.latent import GaussianLatent

layers, ops = keras.layers, keras.ops


def dense_network(inputs, outputs, *, units=(64, 64), seed=0, name=None, bound=None, batch_spread=False):
    """Return a network of dense layers, numbers (B, inputs) → numbers (B, outputs).

    Parameters
    ----------
    inputs, outputs : int
    units : tuple of int
        Width of each hidden layer.
    seed : int
        Of the weights.
    name : str, optional
    bound : float, optional
        The most that a kernel may stretch its input (:class:`~lab_utils.models.gan.SpectralBound`).
    batch_spread : bool
        Whether the last layer is told how far the batch's samples lie apart.

    Returns
    -------
    keras.Sequential
        Built.
    """
    for label, value in (("inputs", inputs), ("outputs", outputs), *(("units", width) for width in units)):
        check_whole(label, value, 1)
    options = {"kernel_constraint": None if bound is None else SpectralBound(bound)}
    start = [keras.initializers.GlorotUniform(seed=seed + place) for place in range(len(units) + 1)]
    network = keras.Sequential([keras.Input((inputs,))], name=name)
    for width, initializer in zip(units, start, strict=False):
        network.add(layers.Dense(width, activation="leaky_relu", kernel_initializer=initializer, **options))
    if batch_spread:
        network.add(BatchSpread())
    network.add(layers.Dense(outputs, kernel_initializer=start[-1], **options))
    return network


def point_classifier(features, *, units=(64, 64), seed=0):
    """Return a network that judges points (B, D) by one logit of p(y = 1 | x), (B, 1); compiled for labels 0 and 1."""
    network = dense_network(features, 1, units=units, seed=seed, name="classifier")
    network.compile(optimizer=keras.optimizers.Adam(3e-3), loss=keras.losses.BinaryCrossentropy(from_logits=True))
    return network


def point_adversaries(features, *, latent=2, units=(64, 64), loss="logistic", bound=None, batch_spread=False, seed=0):
    """Return a generator (B, latent) → (B, D) and its critic, not compiled.

    Parameters
    ----------
    features, latent : int
    units : tuple of int
        Of both networks.
    loss : str
        One of :data:`lab_utils.models.gan.LOSSES`.
    bound : float, optional
        Of the critic's kernels; a Wasserstein loss needs one.
    batch_spread : bool
        Whether the critic sees how far a batch's samples lie apart; its score of a point then depends on its neighbours.
    seed : int

    Returns
    -------
    Adversaries
        Built.
    """
    generator = dense_network(latent, features, units=units, seed=seed, name="generator")
    critic = dense_network(features, 1, units=units, seed=seed + 100, name="critic", bound=bound, batch_spread=batch_spread)
    model = Adversaries(generator, critic, latent=latent, loss=loss, seed=seed)
    model.build()
    return model


@keras.saving.register_keras_serializable("lab_utils")
class PointVAE(keras.Model):
    """A variational autoencoder of points.

    Parameters
    ----------
    features : int
        D.
    latent : int
        Z.
    units : tuple of int
        Of encoder and decoder.
    narrowest : float
        The smallest width that the decoder's Gaussian may take, in units of the features: what a regulariser is to a mixture.
    beta : float
        Weight of the KL divergence in the loss; only with 1 the loss is a bound on the likelihood.
    seed : int

    Notes
    -----
    Called with points (B, D), returns a dict of ``point`` (B, D), the mean that the decoder gives; ``mean`` and ``log_variance``
    (B, Z). The metrics ``nll`` and ``kl``, nats a point, are the two parts of the loss.
    """

    def __init__(self, features, *, latent=2, units=(64, 64), narrowest=0.05, beta=1.0, seed=0, **kwargs):
        super().__init__(**kwargs)
        if not narrowest > 0:
            raise ParameterError(f"narrowest: expected a number above 0, received {narrowest!r}.")
        self.settings = {
            "features": features, "latent": latent, "units": tuple(units), "narrowest": narrowest, "beta": beta, "seed": seed,
        }  # fmt: skip
        self.encoder = dense_network(features, units[-1], units=units[:-1], seed=seed, name="encoder")
        self.latent = GaussianLatent(latent, beta=beta, seed=seed, name="latent")
        self.decoder = dense_network(latent, features, units=units, seed=seed + 100, name="decoder")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in ("nll", "kl")}

    def build(self, shape=None):
        """Make the weights."""
        self.latent.build((None, self.settings["units"][-1]))
        self.log_width = self.add_weight(shape=(self.settings["features"],), initializer="zeros", name="log_width")
        self.built = True

    def call(self, points, training=False):
        """Return what the decoder makes of the points, and where they lie in the latent space."""
        z, mean, log_variance = self.latent(ops.leaky_relu(self.encoder(points)), training=training)
        return {"point": self.decoder(z), "mean": mean, "log_variance": log_variance}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return minus the bound: nats of the point given z, plus β times the KL divergence; `y` are the points."""
        nll = -ops.mean(self.log_density(y, y_pred["point"]))
        kl = self.latent.kl(y_pred["mean"], y_pred["log_variance"])
        self.trackers["nll"].update_state(nll)
        self.trackers["kl"].update_state(kl)
        return nll + self.latent.penalty(y_pred["mean"], y_pred["log_variance"])

    def width(self):
        """Return the width of the decoder's Gaussian in each feature, (D,)."""
        return self.settings["narrowest"] + ops.softplus(self.log_width)

    def log_density(self, points, centres):
        """Return log N(points; centres, widths) in nats, shape (..., ) of arguments (..., D)."""
        width = self.width()
        apart = ops.square((ops.cast(points, "float32") - centres) / width)
        return -0.5 * ops.sum(apart + math.log(2 * math.pi), axis=-1) - ops.sum(ops.log(width))

    def draw(self, count, *, seed):
        """Return `count` points from the prior, (count, D): z ~ N(0, I), then a point of the decoder's Gaussian."""
        random = keras.random.SeedGenerator(seed)
        z = keras.random.normal((count, self.settings["latent"]), seed=random)
        noise = keras.random.normal((count, self.settings["features"]), seed=random)
        return self.decoder(z) + self.width() * noise

    def bounds(self, points, *, draws=64, seed=0):
        """Return lower bounds on log p(x) in nats, each (B,), of points (B, D).

        Parameters
        ----------
        points : array_like of float, shape (B, D)
        draws : int
            How many z are drawn for each point.
        seed : int

        Returns
        -------
        evidence, weighted : np.ndarray of float32, shape (B,)
            The bound that it was trained on (ELBO), and the mean over the draws taken inside the logarithm (Burda et al., 2016),
            which is never lower on average, and with many draws comes near log p(x).
        """
        seen = self(points)
        deviation = ops.exp(0.5 * seen["log_variance"])
        noise = keras.random.normal((draws, *seen["mean"].shape), seed=keras.random.SeedGenerator(seed))
        z = seen["mean"] + deviation * noise  # (draws, B, Z)
        centres = ops.reshape(self.decoder(ops.reshape(z, (-1, z.shape[-1]))), (draws, len(points), -1))
        prior_over_posterior = ops.sum(0.5 * ops.square(noise) + ops.log(deviation) - 0.5 * ops.square(z), axis=-1)
        logs = self.log_density(points, centres) + prior_over_posterior  # (draws, B)
        weighted = ops.logsumexp(logs, axis=0) - math.log(draws)
        return ops.convert_to_numpy(ops.mean(logs, axis=0)), ops.convert_to_numpy(weighted)

    @property
    def metrics(self):
        return [*super().metrics, *self.trackers.values()]

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)
