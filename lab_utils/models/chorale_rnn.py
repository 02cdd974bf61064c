"""The chorale RNN: embedding layers, recurrent layers, and a generation head that writes soprano, alto, tenor, bass in turn.

The network predicts p(frame t | frames before t) of four voices on a grid of 16ths, as a product over the voices: the alto is
shown the new soprano, the tenor both, the bass all three. What it reads and writes is specified in
:mod:`lab_utils.encoding.chorale`: sounding numbers, hold counters, places in the bar, phrase numbers, tokens.

Two things make it learn much from a few hundred pieces:

* **Hold counters** beside the pitches: how long each voice has held its note, as input of the recurrent layers and of the head.
* **Noise in training**, without which so few pieces are soon learnt by heart: whole voices of the past are hidden now and
  then (as words are by Gal & Ghahramani, 2016), and features are dropped before, between and after the recurrent layers and in
  the head, anew in each step. One mask for all steps of a piece was tried first: it fitted the training set sooner
  (0.27 nats) and the validation set worse (0.42).

Tried and left out: logits for intervals (from the voice's last pitch and from its neighbour) added to those for pitches. They
learn four times as fast and generalise worse, 0.407 nats where the training set is at 0.313: what is learnt in one key is
known in all, so that transposed pieces are no longer new ones.

Tokens that cannot be (see the encoding) get no probability. The split of a frame into voices follows Boulanger-Lewandowski et
al. (2012) and Hadjeres et al. (DeepBach, 2017); the hold counters, TonicNet (Peracha, 2019).

Axis letters: B batch, T steps, V = 66 tokens, D features, 4 voices. The notebook ``05_recurrent_networks`` uses it.
"""

from lab_utils.backend import keras
from lab_utils.models.layers import GRU, Dropout
from lab_utils.models.tokens import IMPOSSIBLE, by_inverse_cdf, mean_nll

layers, ops = keras.layers, keras.ops

TOKENS = 66  # as many as lab_utils.encoding.chorale.VOCABULARY; a test holds the two together
HELD = 32
POSITIONS = 28
PHRASES = 17
FIRST_PITCH = 2


@keras.saving.register_keras_serializable("lab_utils")
class ChoraleRNN(keras.Model):
    """Predict each frame of a four-part chorale from the frames before it.

    Parameters
    ----------
    units : int
        Width of each recurrent layer.
    recurrent_layers : int
        How many GRU layers (Cho et al., 2014).
    embedding : int
        Features of a pitch's embedding, which all voices share.
    hidden : int
        Width of the head's hidden layer.
    dropout : float
        Share of features dropped in training.
    blindness : float
        Share of past voices hidden in training, each voice and step for itself.
    onsets : bool
        Whether a repeated note is told from a long one. Without onsets a pitch cannot follow itself as a new note.

    Notes
    -----
    Called with a dict of int32 arrays: ``sounding``, ``held``, ``current``, each (B, T, 4); ``position``, ``phrase``, each
    (B, T). Returns logits, float32, shape (B, T, 4, V), before the softmax.
    """

    def __init__(
        self, *, units=256, recurrent_layers=2, embedding=64, hidden=256, dropout=0.3, blindness=0.1, onsets=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.settings = {
            "units": units, "recurrent_layers": recurrent_layers, "embedding": embedding,
            "hidden": hidden, "dropout": dropout, "blindness": blindness, "onsets": onsets,
        }  # fmt: skip
        self.onsets, self.hidden = onsets, hidden
        self.pitch_embedding = layers.Embedding(TOKENS, embedding, name="pitch_embedding")
        self.chosen_embedding = layers.Embedding(TOKENS, embedding, name="chosen_embedding")
        self.held_embedding = layers.Embedding(HELD, 16, name="held_embedding")
        self.position_embedding = layers.Embedding(POSITIONS, 32, name="position_embedding")
        self.phrase_embedding = layers.Embedding(PHRASES, 32, name="phrase_embedding")
        self.project = layers.Dense(units, name="project")
        self.blinding = Dropout(blindness, noise_shape=(None, None, None, 1))
        self.input_dropout, *self.recurrent_dropouts = [Dropout(dropout) for _ in range(recurrent_layers + 1)]
        self.recurrents = [GRU(units, return_sequences=True, name=f"gru_{i}") for i in range(recurrent_layers)]
        self.from_recurrent = layers.Dense(4 * hidden, use_bias=False, name="from_recurrent")
        self.from_context = layers.Dense(hidden, name="from_context")
        self.head_dropout = Dropout(dropout, noise_shape=(None, None, 1, None))  # one mask for the four voices
        self.to_tokens = layers.Dense(TOKENS, name="to_tokens")

    def build(self, shapes=None):
        """Make the weights; the shapes of the inputs are always the same, so none are needed."""
        dims = self.settings
        pitch, units = dims["embedding"], dims["units"]
        for layer in (self.pitch_embedding, self.chosen_embedding, self.held_embedding):
            layer.build((None, None, 4))
        for layer in (self.position_embedding, self.phrase_embedding):
            layer.build((None, None))
        self.project.build((None, None, 4 * (pitch + 16) + 64))
        for layer in self.recurrents:
            layer.build((None, None, units))
        self.from_recurrent.build((None, None, units))
        self.from_context.build((None, None, 4, 4 * pitch + 16))
        self.to_tokens.build((None, None, 4, self.hidden))
        self.voice_bias = self.add_weight(shape=(4, self.hidden), initializer="zeros", name="voice_bias")
        self.built = True

    def embed(self, sounding, held):
        """Return the embedded pitches (..., 4, embedding) and counters (..., 4, 16) of the voices, each (..., 4)."""
        return self.pitch_embedding(sounding), self.held_embedding(held)

    def read(self, sounding, held, position, phrase):
        """Return the features of what stands before each step, (..., D), from (..., 4), (..., 4), (...), (...)."""
        return self.read_embedded(*self.embed(sounding, held), position, phrase)

    def read_embedded(self, pitches, counters, position, phrase, training=False):
        """Return what :meth:`read` does, from what :meth:`embed` returns."""
        both = self.blinding(ops.concatenate([pitches, counters], axis=-1), training=training)
        flat = ops.reshape(both, (*ops.shape(both)[:-2], both.shape[-1] * 4))
        features = [flat, self.position_embedding(position), self.phrase_embedding(phrase)]
        return self.project(ops.concatenate(features, axis=-1))

    def context(self, voice, pitches, counters, chosen):
        """Return what the head sees of one voice besides the recurrent layers, (..., D).

        `pitches` and `counters` are those of :meth:`embed`, before the step; `chosen` is a list of the sounding numbers, each
        (...), that the voices above have taken in this step.
        """
        own = pitches[..., voice, :]
        above = [self.chosen_embedding(numbers) for numbers in chosen]
        nothing = [ops.zeros_like(own)] * (3 - len(above))
        return ops.concatenate([own, counters[..., voice, :], *above, *nothing], axis=-1)

    def contexts(self, pitches, counters, current):
        """Return :meth:`context` of all four voices, (..., 4, D), where all that they take in the step is known, (..., 4)."""
        chosen = self.chosen_embedding(current[..., :3])
        sees = ops.cast(ops.arange(4)[:, None] > ops.arange(3)[None, :], chosen.dtype)  # which voice is shown which above it
        above = ops.expand_dims(chosen, -3) * sees[..., None]  # (..., 4, 3, embedding)
        above = ops.reshape(above, (*ops.shape(pitches)[:-1], 3 * chosen.shape[-1]))
        return ops.concatenate([pitches, counters, above], axis=-1)

    def logits(self, hidden, sounding):
        """Return the logits (..., V) of a voice from the head's hidden layer (..., D) and its number before the step (...)."""
        cannot = ops.one_hot(sounding, TOKENS)
        if self.onsets:  # a pitch may start again; a silence cannot, nor can nothing be held
            cannot = cannot * ops.cast(ops.arange(TOKENS) < FIRST_PITCH, "float32")
        return ops.cast(self.to_tokens(hidden), "float32") + IMPOSSIBLE * cannot  # too large a number for 16 bits

    def call(self, inputs, training=False):
        """Return the logits (B, T, 4, V) of whole pieces, every voice shown the true voices above it (teacher forcing)."""
        sounding, held, current = inputs["sounding"], inputs["held"], inputs["current"]
        pitches, counters = self.embed(sounding, held)
        state = self.read_embedded(pitches, counters, inputs["position"], inputs["phrase"], training=training)
        state = self.input_dropout(state, training=training)
        for layer, dropout in zip(self.recurrents, self.recurrent_dropouts, strict=True):
            state = dropout(layer(state), training=training)
        contexts = self.contexts(pitches, counters, current)
        shared = ops.reshape(self.from_recurrent(state), (*ops.shape(state)[:-1], 4, self.hidden))
        hidden = ops.silu(self.from_context(contexts) + shared + self.voice_bias)
        hidden = self.head_dropout(hidden, training=training)
        return self.logits(hidden, sounding)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean negative log-likelihood in nats a note of tokens `y` (B, T, 4) under weights (B, T)."""
        return mean_nll(y, y_pred, sample_weight)

    def get_config(self):
        """Return what the model is built from."""
        return dict(self.settings)


class _ChoraleCell(layers.Layer):
    """One step of composing: from what sounds and four random numbers to the next four tokens.

    Its states are float32: sounding (B, 4), held (B, 4), and the recurrent layers' (B, units) each.
    """

    def __init__(self, model, **kwargs):
        super().__init__(**kwargs)
        self.model = model
        self.state_size = [4, 4] + [layer.units for layer in model.recurrents]
        self.output_size = 4
        self.built = True

    def call(self, inputs, states):
        """Return tokens (B, 4) and the new states.

        `inputs` is float32, shape (B, 7): four uniform numbers, the temperature, the position, the phrase.
        """
        model = self.model
        sounding, held = (ops.cast(state, "int32") for state in states[:2])
        temperature = inputs[:, 4:5]
        position, phrase = ops.cast(inputs[:, 5], "int32"), ops.cast(inputs[:, 6], "int32")
        pitches, counters = model.embed(sounding, held)
        state = model.read_embedded(pitches, counters, position, phrase)
        carried = []
        for layer, before in zip(model.recurrents, states[2:], strict=True):
            state, after = layer.cell(state, [before])
            carried.append(after[0] if isinstance(after, (list, tuple)) else after)
        shared = ops.reshape(model.from_recurrent(state), (-1, 4, model.hidden))
        chosen, tokens = [], []
        for voice in range(4):
            hidden = model.from_context(model.context(voice, pitches, counters, chosen)) + shared[:, voice]
            hidden = ops.silu(hidden + model.voice_bias[voice])
            logits = model.logits(hidden, sounding[:, voice]) / temperature
            token = by_inverse_cdf(logits, inputs[:, voice : voice + 1])
            tokens.append(token)
            chosen.append(ops.where(token == 0, sounding[:, voice], token))
        tokens, current = ops.stack(tokens, axis=-1), ops.stack(chosen, axis=-1)
        held = ops.where(tokens == 0, ops.minimum(held + 1, HELD - 1), 0)
        return ops.cast(tokens, "float32"), [ops.cast(current, "float32"), ops.cast(held, "float32"), *carried]


class ChoraleSampler(keras.Model):
    """A trained :class:`ChoraleRNN` as an RNN over noise, which compiles into one program and composes whole batches.

    Parameters
    ----------
    model : ChoraleRNN
        Built; its weights are shared, not copied.

    Notes
    -----
    Called with float32, shape (B, T, 7): per step four uniform random numbers in [0, 1), the temperature, the position in
    the bar and the phrase number. Returns tokens, int32, shape (B, T, 4). Equal inputs give equal pieces.
    """

    def __init__(self, model, **kwargs):
        super().__init__(**kwargs)
        self.loop = layers.RNN(_ChoraleCell(model), return_sequences=True)

    def call(self, noise):
        """Return the tokens, int32, shape (B, T, 4)."""
        return ops.cast(self.loop(noise), "int32")
