"""The melody RNN: an embedding layer, a recurrent generation layer of one's choice, and with it, if wanted, attention.

The network predicts p(token t | everything before t) of one voice, for two ways to write it: 16th steps
(:mod:`lab_utils.encoding.melody`) and the symbols of ABC text (:mod:`lab_utils.encoding.abc_tokens`). What it is shown of a step
is a few numbers, the *features*; each is embedded, and the first of them is the token itself, or what it left sounding.

* Recurrent layers: simple RNN (Elman, 1990), GRU (Cho et al., 2014), LSTM (Hochreiter & Schmidhuber, 1997).
* Attention over the past: :class:`~lab_utils.models.attention.PastAttention`.
* Noise in training as in the chorale RNN: dropout anew in each step, and ``blindness``, which hides the whole past of a step.

Axis letters: B batch, T steps, V vocabulary, D features, W steps looked back on. The notebooks ``06_training`` and
``07_testing`` use it.
"""

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models.attention import PastAttention
from lab_utils.models.clock import impossible
from lab_utils.models.layers import GRU, LSTM, Dropout
from lab_utils.models.tokens import IMPOSSIBLE, mean_nll

layers, ops = keras.layers, keras.ops

CELLS = {"simple": layers.SimpleRNN, "gru": GRU, "lstm": LSTM}
SMALL = 32  # width of the embedding of every feature but the first
FIRST_PITCH = 2  # in 16th steps: below are hold and rest


@keras.saving.register_keras_serializable("lab_utils")
class MelodyRNN(keras.Model):
    """Predict each token of a melody from what stands before it.

    Parameters
    ----------
    vocabulary : int
        V, how many tokens there are.
    features : dict of str to int
        Name of each input and how many values it takes, the embedded token first.
    cell : str
        "simple", "gru" or "lstm".
    units : int
        Width of each recurrent layer.
    recurrent_layers : int
    embedding : int
        Width of the first feature's embedding.
    attention : int
        How many past steps the network looks back on; 0 for none.
    dropout : float
        Share of features dropped in training.
    blindness : float
        Share of steps in training whose past is hidden.
    repeats : bool or None
        For 16th steps: whether a pitch may start again while it sounds (onsets are known) or not (they are not). None for other
        tokens.
    clock : dict, optional
        For symbols of tunes: the tables ``kinds`` and ``durations`` of :mod:`lab_utils.encoding.abc_clock`. What cannot be by its
        rules gets no probability.

    Notes
    -----
    Called with a dict of int32 arrays (B, T), one for each feature: what stands before each step. Returns logits, float32,
    shape (B, T, V).
    """

    def __init__(
        self, *, vocabulary, features, cell="gru", units=256, recurrent_layers=1, embedding=64, attention=0, dropout=0.3,
        blindness=0.0, repeats=None, clock=None, **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        if cell not in CELLS:
            raise ParameterError(f"cell: expected one of {', '.join(CELLS)}; received {cell!r}.")
        self.settings = {
            "vocabulary": vocabulary, "features": dict(features), "cell": cell, "units": units,
            "recurrent_layers": recurrent_layers, "embedding": embedding, "attention": attention,
            "dropout": dropout, "blindness": blindness, "repeats": repeats,
            "clock": None if clock is None else {name: [int(n) for n in table] for name, table in clock.items()},
        }  # fmt: skip
        self.vocabulary, self.repeats, self.names = vocabulary, repeats, tuple(features)
        widths = [embedding] + [SMALL] * (len(features) - 1)
        self.embeddings = [
            layers.Embedding(size, width, name=f"{name}_embedding")
            for (name, size), width in zip(features.items(), widths, strict=True)
        ]
        self.blinding = Dropout(blindness, noise_shape=(None, None, 1))
        self.project = layers.Dense(units, name="project")
        self.dropouts = [Dropout(dropout) for _ in range(recurrent_layers + 2)]
        self.recurrents = [CELLS[cell](units, return_sequences=True, name=f"{cell}_{i}") for i in range(recurrent_layers)]
        self.attention = PastAttention(attention, name="attention") if attention else None
        self.to_hidden = layers.Dense(units, activation="silu", name="to_hidden")
        self.to_tokens = layers.Dense(vocabulary, name="to_tokens")

    def build(self, shapes=None):
        """Make the weights; the shapes of the inputs are always the same, so none are needed."""
        units = self.settings["units"]
        width = sum(layer.output_dim for layer in self.embeddings)
        for layer in self.embeddings:
            layer.build((None, None))
        self.project.build((None, None, width))
        for layer in self.recurrents:
            layer.build((None, None, units))
        if self.attention:
            self.attention.build((None, None, units), (None, None, width))
        seen = units + width + (self.attention.units if self.attention else 0)
        self.to_hidden.build((None, None, seen))
        self.to_tokens.build((None, None, units))
        self.built = True

    def read(self, features, training=False):
        """Return what stands before each step, embedded, (..., D), from a dict of the features, each (...)."""
        past, *rest = [layer(features[name]) for layer, name in zip(self.embeddings, self.names, strict=True)]
        if training:
            past = self.blinding(past, training=True)
        return ops.concatenate([past, *rest], axis=-1)

    def logits(self, seen, features, training=False):
        """Return the logits (..., V), float32, from all that a step knows (..., D)."""
        hidden = self.dropouts[-1](self.to_hidden(seen), training=training)
        logits = ops.cast(self.to_tokens(hidden), "float32")
        if self.settings["clock"]:
            return logits + IMPOSSIBLE * ops.cast(impossible(features, **self.settings["clock"]), "float32")
        if self.repeats is None:
            return logits
        cannot = ops.one_hot(features["sounding"], self.vocabulary)  # nothing to hold, no new silence in silence
        if self.repeats:
            cannot = cannot * ops.cast(ops.arange(self.vocabulary) < FIRST_PITCH, "float32")
        return logits + IMPOSSIBLE * cannot

    def call(self, inputs, training=False):
        """Return the logits (B, T, V) of whole melodies (teacher forcing)."""
        return self.attend(inputs, training=training)[0]

    def attend(self, inputs, training=False):
        """Return (logits (B, T, V), attention weights (B, T, W)); the weights are None without attention."""
        before = self.read(inputs, training=training)
        state = self.dropouts[0](self.project(before), training=training)
        for layer, dropout in zip(self.recurrents, self.dropouts[1:-1], strict=True):
            state = layer(state)
            last, state = state, dropout(state, training=training)
        seen, weights = [state, before], None
        if self.attention:
            context, weights = self.attention(last, before)
            seen.append(context)
        return self.logits(ops.concatenate(seen, axis=-1), inputs, training=training), weights

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean negative log-likelihood in nats a step of tokens `y` (B, T) under weights (B, T)."""
        return mean_nll(y, y_pred, sample_weight)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)
