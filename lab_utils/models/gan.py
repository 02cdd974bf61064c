"""Adversaries: a generator that makes samples from noise, a critic that tells them from real ones, trained by one plain `fit`.

The networks are handed in, so that points in the plane, piano rolls and spectrograms share the same losses:

    model = Adversaries(generator, critic, latent=2, loss="hinge")
    model.compile(optimizer="rmsprop")
    model.fit(real, real, epochs=10)

**No training step of its own.** A step needs the critic's gradient from the critic's loss alone and the generator's from the
generator's alone. The critic judges real samples, and made ones cut off from the generator (``stop_gradient``); then the made
ones once more, with weights that are cut off (:func:`judged_by_frozen`). Both losses are added up: each weight sees its own.

Losses (:data:`LOSSES`), with the critic's score D, real x, made G(z):

===============  ==========================================================  ===============================
``minimax``      critic −log σ(D(x)) − log(1 − σ(D(G(z))))                   generator log(1 − σ(D(G(z))))
``logistic``     the same                                                    generator −log σ(D(G(z)))
``wasserstein``  critic D(G(z)) − D(x)                                       generator −D(G(z))
``hinge``        critic max(0, 1 − D(x)) + max(0, 1 + D(G(z)))               generator −D(G(z))
===============  ==========================================================  ===============================

The first two are of Goodfellow et al. (2014), who name the second for the gradient that the first loses when the critic is sure
of itself; Wasserstein's (Arjovsky et al., 2017) measures a distance only if the critic's slope is bounded; hinge (Lim & Ye,
2017) stops caring about samples on the right side of its margin.

What keeps the two in balance: :class:`SpectralBound` on the critic's kernels, :class:`BatchSpread` against collapse, and two
learning rates (Heusel et al., 2017): `generator_rate`, `critic_rate` are factors on the optimiser's own.

Left out: the gradient penalty (Gulrajani et al., 2017), which takes a gradient of a gradient; ``keras.ops`` has none for both
backends. The notebook ``09_gan`` uses this module.

Axis letters: B batch, D features.
"""

from lab_utils.backend import keras
from lab_utils.errors import ParameterError

layers, ops = keras.layers, keras.ops


def _minimax(real, made, judged):
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(made)), -ops.mean(ops.softplus(judged))


def _logistic(real, made, judged):
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(made)), ops.mean(ops.softplus(-judged))


def _wasserstein(real, made, judged):
    return ops.mean(made) - ops.mean(real), -ops.mean(judged)


def _hinge(real, made, judged):
    return ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + made)), -ops.mean(judged)


LOSSES = {"minimax": _minimax, "logistic": _logistic, "wasserstein": _wasserstein, "hinge": _hinge}


def check(*, latent, loss, generator_rate, critic_rate, diversity):
    """Raise the ParameterError that :class:`Adversaries` would, and make nothing."""
    if loss not in LOSSES:
        raise ParameterError(f"loss: expected one of {', '.join(LOSSES)}; received {loss!r}.")
    for name, value in (("latent", latent), ("generator_rate", generator_rate), ("critic_rate", critic_rate)):
        if not value > 0:
            raise ParameterError(f"{name}: expected a number over 0, received {value!r}.")
    if not diversity >= 0:
        raise ParameterError(f"diversity: expected 0 or more, received {diversity!r}.")


@ops.custom_gradient
def _frozen(samples, *weights):
    """Return `samples` and `weights` as they are; a gradient of zero reaches the weights.

    The zero is made from the samples' own gradient, so that no weight can be moved before that is reckoned. Otherwise TensorFlow
    without XLA moves one first now and then: in 7 of 100 steps with `stop_gradient`, in 1 of 1,000 with zero times a gradient
    (and in none with its optimiser of graphs turned off, which seems to drop what comes to nothing).
    """

    def gradient(*upstream, **_):
        of_samples = upstream[0][0] if isinstance(upstream[0], tuple | list) else upstream[0]  # of JAX, and of TensorFlow
        nothing = ops.minimum(ops.abs(ops.sum(ops.cast(of_samples, "float32"))), 0.0)
        return (of_samples, *(ops.zeros_like(weight) + ops.cast(nothing, weight.dtype) for weight in weights))

    return (samples, *weights), gradient


def judged_by_frozen(critic, samples):
    """Return the critic's scores of `samples` such that a gradient reaches the samples and none the critic.

    Parameters
    ----------
    critic : keras.Model or keras.Layer
        Built.
    samples : tensor, shape (B, ...)

    Returns
    -------
    tensor, as the critic returns
    """
    samples, *frozen = _frozen(samples, *(ops.convert_to_tensor(variable) for variable in critic.trainable_variables))
    state = [variable.value for variable in critic.non_trainable_variables]
    scores, _ = critic.stateless_call(frozen, state, samples, training=True)
    return scores


def spread(values):
    """Return how far the rows of `values` (B, ...) lie apart: the standard deviation over the batch, averaged, a scalar."""
    values = ops.cast(values, "float32")
    return ops.mean(ops.sqrt(ops.var(values, axis=0) + 1e-6))


@keras.saving.register_keras_serializable("lab_utils")
class Adversaries(keras.Model):
    """A generator and its critic.

    Parameters
    ----------
    generator : keras.Model
        Noise (B, latent) → samples (B, ...).
    critic : keras.Model
        Samples (B, ...) → scores (B, 1), higher for real ones.
    latent : int
        How many numbers of noise make a sample.
    loss : str
        One of :data:`LOSSES`.
    generator_rate, critic_rate : float
        Each network's learning rate, as a factor on the optimiser's.
    diversity : float
        What the generator pays for samples that lie less far apart than real ones do: so much times the share that is missing
        (after the mode seeking of Mao et al., 2019).
    seed : int
        Of the noise in training.

    Notes
    -----
    Called with real samples it returns as many made ones. In training the metrics ``generator_loss``, ``critic_loss`` and
    ``spread`` tell how it goes: the last is how far made samples lie apart, as a share of how far real ones do, and falls
    towards 0 when the generator collapses (Goodfellow, 2016).

    Raises
    ------
    ParameterError
        If `loss` is not known, or `latent` or a rate not positive.
    """

    def __init__(
        self, generator, critic, *, latent, loss="hinge", generator_rate=1.0, critic_rate=1.0, diversity=0.0, seed=0, **kwargs
    ):
        super().__init__(**kwargs)
        check(latent=latent, loss=loss, generator_rate=generator_rate, critic_rate=critic_rate, diversity=diversity)
        self.generator, self.critic = generator, critic
        self.settings = {
            "latent": latent, "loss": loss, "generator_rate": generator_rate, "critic_rate": critic_rate, "diversity": diversity,
            "seed": seed,
        }  # fmt: skip
        self.random = keras.random.SeedGenerator(seed)
        names = ("generator_loss", "critic_loss", "spread")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}

    def build(self, shapes=None):
        """Make the weights of both networks."""
        if not self.generator.built:
            self.generator.build((None, self.settings["latent"]))
        if not self.critic.built:
            self.critic.build(self.generator.compute_output_shape((None, self.settings["latent"])))
        self.built = True

    def compile(self, optimizer="rmsprop", **options):
        """Compile as any model; the optimiser's learning rate is multiplied by each network's own."""
        optimizer = keras.optimizers.get(optimizer)
        factors = {"generator": self.settings["generator_rate"], "critic": self.settings["critic_rate"]}
        scale_rates(optimizer, {factors[name]: getattr(self, name).trainable_variables for name in factors})
        super().compile(optimizer=optimizer, **options)

    def noise(self, count):
        """Return noise for `count` samples, float32, shape (count, latent)."""
        return keras.random.normal((count, self.settings["latent"]), seed=self.random)

    def call(self, real, training=False):
        """Return as many made samples as there are rows in `real`."""
        return self.generator(self.noise(ops.shape(real)[0]), training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the sum of both losses, a scalar; `x` are real samples, `y_pred` made ones, `y` is not looked at."""
        real = self.shown(x)
        critic_loss, generator_loss = LOSSES[self.settings["loss"]](
            self.critic(real, training=True),
            self.critic(ops.stop_gradient(y_pred), training=True),
            judged_by_frozen(self.critic, y_pred),
        )
        share = spread(y_pred) / (spread(real) + 1e-6)
        if self.settings["diversity"]:
            generator_loss = generator_loss + self.settings["diversity"] * ops.relu(1 - share)
        for name, value in (("generator_loss", generator_loss), ("critic_loss", critic_loss), ("spread", share)):
            self.trackers[name].update_state(value)
        return critic_loss + generator_loss

    def shown(self, real):
        """Return real samples as the critic is shown them: as they are, unless a subclass knows better."""
        return real

    @property
    def metrics(self):
        return [*super().metrics, *self.trackers.values()]

    def get_config(self):
        """Return what the model is built from."""
        networks = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in ("generator", "critic")}
        return {**networks, **self.settings}

    @classmethod
    def from_config(cls, config):
        """Return the model that :meth:`get_config` describes."""
        networks = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("generator", "critic")}
        return cls(**{**config, **networks})


def scale_rates(optimizer, groups):
    """Let an optimiser take smaller or larger steps for some variables: several learning rates in one optimiser.

    To scale a loss does not do it, for Adam and RMSprop divide each gradient by its own size.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        Changed in place.
    groups : dict
        Factor on the learning rate → list of variables.
    """
    key = optimizer._var_key  # TensorFlow hands its own variables to a step and not Keras', which have no path
    factors = {key(variable): factor for factor, variables in groups.items() for variable in variables}
    update = optimizer.update_step

    def scaled(gradient, variable, learning_rate):
        return update(gradient, variable, learning_rate * factors.get(key(variable), 1.0))

    optimizer.update_step = scaled


@keras.saving.register_keras_serializable("lab_utils")
class SpectralBound(keras.constraints.Constraint):
    """Keeps a kernel from stretching any input by more than `most`: the largest singular value is at most that.

    After each step the kernel, flattened to (inputs, outputs) as by Miyato et al. (2018), is divided by its spectral norm where
    that is larger (the projection of Gouk et al., 2021). A constraint, and no wrapper around the layer, keeps no state, is
    the same on both backends, and holds for averaged weights too: a mean of such kernels is such a kernel.

    Parameters
    ----------
    most : float
    iterations : int
        Of the power method, from a vector that is always the same.
    """

    def __init__(self, most=1.0, iterations=8):
        self.most, self.iterations = most, iterations

    def __call__(self, kernel):
        """Return the bounded kernel."""
        flat = ops.reshape(kernel, (-1, kernel.shape[-1]))
        vector = ops.cast(ops.cos(ops.arange(kernel.shape[-1], dtype="float32")), flat.dtype)[:, None]
        for _ in range(self.iterations):
            vector = ops.matmul(ops.transpose(flat), ops.matmul(flat, vector))
            vector = vector / (ops.norm(vector) + 1e-12)
        norm = ops.norm(ops.matmul(flat, vector))
        return kernel / ops.maximum(norm / self.most, 1.0)

    def get_config(self):
        """Return what it is built from."""
        return {"most": self.most, "iterations": self.iterations}


@keras.saving.register_keras_serializable("lab_utils")
class BatchSpread(layers.Layer):
    """Shows a critic how much the samples of a batch differ: one more feature, the same for all of them.

    (B, ..., D) → (B, ..., D + 1); the minibatch standard deviation of Karras et al. (2018).
    """

    def call(self, values):
        """Return `values` with their spread over the batch as a last feature."""
        share = ops.cast(spread(values), values.dtype)
        return ops.concatenate([values, ops.zeros_like(values[..., :1]) + share], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + 1)
