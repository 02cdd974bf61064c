"""The classifier: a small convolutional network that tells of a picture of music which of a few classes it belongs to.

The picture is a spectrogram (T, F) or a piano roll (T, P): time along the first axis, frequency or pitch along the second. The
network predicts p(y | x), the probability of each class y given the picture x. **That is all it learns**: it is
*discriminative*. It has no p(x), so it cannot tell how likely a picture is, and nothing can be drawn from it; of two noises it
names a class as readily as of two fugues. What it can do for a generative model is to judge what that one writes; see
:mod:`lab_utils.generation.steering`.

* Blocks of convolution with a stride (LeCun et al., 1989), layer normalisation of each place by itself (Ba et al., 2016) and
  SiLU. Strides in the place of pooling (Springenberg et al., 2015) make a step six times cheaper on a CPU. A normalisation over
  the whole picture would hide how many notes there are, which is half of a style; and batch normalisation's running means are no
  trained weights.
* **Pooling that does not mind a transposition.** The last feature maps are pooled over all times and all pitches: by their mean
  (how much of it) and their maximum (whether it is there at all). So a bar that is moved up or down looks the same but for the
  picture's edges, and the network needs not learn each chord at each height.
* ``register=True`` adds what that pooling throws away, as one input channel that rises from -1 at the lowest pitch to 1 at the
  highest (CoordConv; Liu et al., 2018): a violin plays higher than a choir.
* Dropout (Srivastava et al., 2014): of whole feature maps between the blocks (Tompson et al., 2015), of single features at the
  end.

Axis letters: B batch, T steps or frames, F bins or pitches. The recipe ``style`` trains it; the notebook
``02_generative_models`` shows it.
"""

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import ParameterError

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable("lab_utils")
class Classifier(keras.Model):
    """Tell the class of a spectrogram or a piano roll.

    Parameters
    ----------
    shape : (int, int)
        (T, F) of the pictures.
    classes : int
        How many classes there are, from 2.
    filters : sequence of int
        Feature maps of each block.
    kernel, stride : (int, int)
        Of the first block, in steps and in bins; the later ones have kernels of 3 × 3 and halve both axes.
    hidden : int
        Width of the layer before the last.
    dropout : float
        Share of the features dropped in training; of whole feature maps half as many.
    register : bool
        Show the network how high each bin lies.
    smoothing : float
        Label smoothing in training (Szegedy et al., 2016): this share of the probability is wanted evenly on all classes.

    Notes
    -----
    Called with float32 (B, T, F); returns logits, float32 (B, classes). Targets are whole numbers (B,).

    Raises
    ------
    ParameterError
        For settings that make no network, and for pictures of another size.
    """

    def __init__(
        self, *, shape, classes, filters=(24, 32, 64), kernel=(6, 13), stride=(3, 2), hidden=64, dropout=0.3, register=True,
        smoothing=0.0, **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.settings = {
            "shape": tuple(shape), "classes": classes, "filters": tuple(filters), "kernel": tuple(kernel),
            "stride": tuple(stride), "hidden": hidden, "dropout": dropout, "register": register, "smoothing": smoothing,
        }  # fmt: skip
        _check(**self.settings)
        self.shape, self.classes, self.smoothing = tuple(shape), classes, smoothing
        steps = [(tuple(kernel), tuple(stride))] + [((3, 3), 2)] * (len(filters) - 1)
        self.convolutions = [
            layers.Conv2D(maps, size, strides=step, padding="same", kernel_initializer="he_normal")
            for maps, (size, step) in zip(filters, steps, strict=True)
        ]
        self.norms = [layers.LayerNormalization() for _ in filters]
        self.map_dropouts = [layers.SpatialDropout2D(dropout / 2) for _ in filters]
        self.to_hidden = layers.Dense(hidden, activation="silu", name="to_hidden")
        self.dropout = layers.Dropout(dropout)
        self.to_classes = layers.Dense(classes, name="to_classes")
        self.accuracy = keras.metrics.Mean(name="accuracy")

    def build(self, shapes=None):
        """Make the weights; the pictures' size is known, so no shape is needed."""
        maps = 2 if self.settings["register"] else 1
        for convolution, norm, filters in zip(self.convolutions, self.norms, self.settings["filters"], strict=True):
            convolution.build((None, None, None, maps))
            norm.build((None, None, None, filters))
            maps = filters
        self.to_hidden.build((None, 2 * maps))
        self.to_classes.build((None, self.settings["hidden"]))
        self.built = True

    def __call__(self, inputs, *args, **kwargs):
        """Check the pictures' size, before Keras does and wraps its answer in many lines; then as :meth:`call`."""
        if tuple(inputs.shape[1:]) != self.shape:
            steps, bins = self.shape
            raise ParameterError(f"inputs: expected shape (items, {steps}, {bins}), received {tuple(inputs.shape)}.")
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs, training=False):
        """Return the logits (B, classes) of pictures (B, T, F)."""
        return self.judge(self.features(inputs, training=training), training=training)

    def features(self, inputs, training=False):
        """Return the last feature maps (B, t, f, D) of pictures (B, T, F); t and f are what the strides leave of T and F."""
        maps = ops.cast(inputs, self.compute_dtype)[..., None]  # (B, T, F, 1)
        if self.settings["register"]:
            height = ops.cast(np.linspace(-1, 1, self.shape[1]), maps.dtype)
            maps = ops.concatenate([maps, ops.broadcast_to(height[:, None], ops.shape(maps))], axis=-1)  # (B, T, F, 2)
        for convolution, norm, dropout in zip(self.convolutions, self.norms, self.map_dropouts, strict=True):
            maps = dropout(ops.silu(norm(convolution(maps))), training=training)
        return maps

    def judge(self, maps, training=False):
        """Return the logits (B, classes), float32, of feature maps (B, t, f, D)."""
        seen = ops.concatenate([ops.mean(maps, axis=(1, 2)), ops.max(maps, axis=(1, 2))], axis=-1)  # (B, 2D)
        hidden = self.dropout(self.to_hidden(self.dropout(seen, training=training)), training=training)
        return ops.cast(self.to_classes(hidden), "float32")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean negative log-likelihood in nats of the classes `y` (B,); with the smoothing, in training alone."""
        wanted = ops.one_hot(ops.cast(y, "int32"), self.classes)
        self.accuracy.update_state(ops.cast(ops.equal(ops.argmax(y_pred, axis=-1), ops.argmax(wanted, axis=-1)), "float32"))
        if training:
            wanted = (1 - self.smoothing) * wanted + self.smoothing / self.classes
        return -ops.mean(ops.sum(wanted * ops.log_softmax(y_pred), axis=-1))

    def probability(self, pictures, *, batch=64):
        """Return p(y | x) of each picture.

        Parameters
        ----------
        pictures : np.ndarray of float, shape (items, T, F)
        batch : int
            Pictures at a time; the last batch is filled up, so that the network compiles once.

        Returns
        -------
        np.ndarray of float64, shape (items, classes)
            Each row adds up to 1.

        Raises
        ------
        ParameterError
            If there are no pictures, or they have another size.
        """
        pictures = np.asarray(pictures, np.float32)
        if pictures.shape[1:] != self.shape or not len(pictures):
            expected = f"(items ≥ 1, {self.shape[0]}, {self.shape[1]})"
            raise ParameterError(
                f"pictures: expected shape {expected}, received {pictures.shape}; a single one goes in as x[None]."
            )
        made = []
        for first in range(0, len(pictures), batch):
            part = pictures[first : first + batch]
            filled = np.concatenate([part, np.zeros((batch - len(part), *self.shape), np.float32)])
            made.append(np.asarray(self.predict_on_batch(filled), np.float64)[: len(part)])
        logits = np.concatenate(made)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


def _check(*, shape, classes, filters, kernel, stride, hidden, dropout, register, smoothing):
    if classes < 2:
        raise ParameterError(f"classes: expected at least 2 to choose from, received {classes!r}.")
    if not filters or min(filters) < 1:
        raise ParameterError(f"filters: expected a number from 1 on for each block, received {filters}.")
    for name, pair in (("shape", shape), ("kernel", kernel), ("stride", stride)):
        if len(pair) != 2 or min(pair) < 1:
            raise ParameterError(f"{name}: expected (steps, bins), each from 1 on, received {pair}.")
    if hidden < 1:
        raise ParameterError(f"hidden: expected a width from 1 on, received {hidden!r}.")
    for name, value in (("dropout", dropout), ("smoothing", smoothing)):
        if not 0 <= value < 1:
            raise ParameterError(f"{name}: expected a share from 0 to under 1, received {value!r}.")
