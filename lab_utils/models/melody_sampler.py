"""A trained melody RNN as an RNN over noise: it compiles into one program and writes whole batches.

What a step is shown follows from the token before it by a *rule*, which the cell carries out itself: :class:`StepRule` for 16th
steps, :class:`TuneRule` for the symbols of ABC text, which keeps the clock of the bars by look-up. Both are the twins of what
the encodings do with arrays, and tests hold them together.

Axis letters: B batch, T steps, W steps looked back on.
"""

from lab_utils.backend import keras
from lab_utils.models.clock import BAR, END, ENDING, SECTION
from lab_utils.models.tokens import IMPOSSIBLE, by_inverse_cdf

layers, ops = keras.layers, keras.ops

LONGEST_HOLD = 31


class StepRule:
    """16th steps: what sounds, and for how long it has; the place in the bar is given from outside."""

    def next(self, features, token):
        """Return the features (dict of int32 (B,)) after `token` (B,)."""
        hold = token == 0
        sounding = ops.where(hold, features["sounding"], token)
        held = ops.where(hold, ops.minimum(features["held"] + 1, LONGEST_HOLD), 0)
        return {**features, "sounding": sounding, "held": held}

    def first(self, features, given):
        """Return the features of a step, its place in the bar taken from the input `given` (B,)."""
        return {**features, "position": given}

    def restrict(self, logits, features):
        """Return the logits (B, V) as they are."""
        return logits


class TuneRule:
    """Symbols of a tune: the token before, and the clock of :mod:`lab_utils.encoding.abc_clock`, which tells of the features.

    Parameters
    ----------
    kinds, durations, meter_of : array_like of int, shape (V,)
    bar_ticks : array_like of int, shape (meters + 1,)
        The tables of that clock.
    last_place, last_bar : int
        Where counting ends.
    closes : bool
        Whether a section may end only where its own upbeat makes its last bar full. Nearly all tunes do so; as some do not, it is
        no rule of the network, but one for writing.
    """

    def __init__(self, kinds, durations, meter_of, bar_ticks, *, last_place, last_bar, closes=False):
        self.closes = closes
        self.kinds, self.durations, self.meter_of, self.bar_ticks = kinds, durations, meter_of, bar_ticks
        self.last_place, self.last_bar = last_place, last_bar

    def next(self, features, token):
        """Return the features (dict of int32 (B,)) after `token` (B,)."""
        kind, new_meter = _look_up(self.kinds, token), _look_up(self.meter_of, token)
        place, bar, full = features["place"], features["bar"], _look_up(self.bar_ticks, features["meter"])
        plain, ends = kind == BAR, ops.logical_or(kind == SECTION, kind == END)
        line = ops.logical_or(plain, ends)
        first = ops.logical_and(line, bar == 0)
        upbeat = ops.where(first, ops.where(place < full, place, 0), features["upbeat"])
        meter = ops.where(new_meter < 0, features["meter"], new_meter)
        place = ops.where(line, 0, ops.minimum(place + _look_up(self.durations, token), self.last_place))
        bar = ops.where(plain, ops.minimum(bar + 1, self.last_bar), ops.where(kind == ENDING, ops.maximum(bar, 1), bar))
        bar = ops.where(ends, 0, bar)
        left = ops.maximum(_look_up(self.bar_ticks, meter) - place, 0)
        close = ops.maximum(left - upbeat, 0)
        return {
            "token": token, "place": place, "left": left, "bar": bar, "upbeat": upbeat, "close": close, "meter": meter,
        }  # fmt: skip

    def first(self, features, given):
        """Return the features of a step; nothing is given from outside."""
        return features

    def restrict(self, logits, features):
        """Return the logits (B, V) with what may not be written made impossible."""
        if not self.closes:
            return logits
        closed = ops.logical_or(features["place"] == 0, features["left"] == features["upbeat"])
        marks = ops.convert_to_tensor([int(kind) == SECTION for kind in self.kinds])
        return ops.where(ops.logical_and(marks[None, :], ops.logical_not(closed)[:, None]), IMPOSSIBLE, logits)


def _look_up(table, token):
    """The entry (B,) of `table` for each `token` (B,)."""
    return ops.take(ops.convert_to_tensor([int(value) for value in table], dtype="int32"), token, axis=0)


class MelodyCell(layers.Layer):
    """One step of writing. States, float32: the features (B, names), the recurrent layers' own, and of attention the keys and
    values, the latest first, each (B, W · units), and how many there are (B, 1)."""

    def __init__(self, model, rule, **kwargs):
        super().__init__(**kwargs)
        self.model, self.rule = model, rule
        self.each = 2 if model.settings["cell"] == "lstm" else 1  # states of a recurrent layer
        sizes = [len(model.names)] + [layer.units for layer in model.recurrents for _ in range(self.each)]
        if model.attention:
            memory = model.attention.past * model.attention.units
            sizes += [memory, memory, 1]
        self.state_size, self.output_size = sizes, 1
        self.built = True

    def call(self, inputs, states):
        """Return the token (B, 1) and the new states; `inputs` (B, 3 or 4): a uniform number, the temperature, what is given, and
        the token that stands here already, −1 where it is to be chosen."""
        model = self.model
        numbers = ops.cast(states[0], "int32")
        features = {name: numbers[:, i] for i, name in enumerate(model.names)}
        features = self.rule.first(features, ops.cast(inputs[:, 2], "int32"))
        logits, carried = self.see(features, states[1:])
        token = by_inverse_cdf(logits / inputs[:, 1:2], inputs[:, 0:1])
        if inputs.shape[-1] == 4:  # what stands there already
            given = ops.cast(inputs[:, 3], "int32")
            token = ops.where(given < 0, token, given)
        after = self.rule.next(features, token)
        numbers = ops.stack([after[name] for name in model.names], axis=-1)
        return ops.cast(token, "float32")[:, None], [ops.cast(numbers, "float32"), *carried]

    def see(self, features, states):
        """Return the logits (B, V) of a step with these features, and the states of the layers after it, a list."""
        model = self.model
        before = model.read(features)
        state, carried = model.project(before), []
        last = states[len(model.recurrents) * self.each - self.each]  # the uppermost layer's state, a step ago
        for i, layer in enumerate(model.recurrents):
            own = list(states[i * self.each : (i + 1) * self.each])
            state, after = layer.cell(state, own)
            carried += list(after) if isinstance(after, (list, tuple)) else [after]
        seen = [state, before]
        if model.attention:
            context, memory = self._look_back(state, last, before, states[-3:])
            seen.append(context)
            carried += memory
        return self.rule.restrict(model.logits(ops.concatenate(seen, axis=-1), features), features), carried

    def _look_back(self, state, last, before, memory):
        """Return the context and the new memory, in which the step just before stands first."""
        attention = self.model.attention
        past, units = attention.past, attention.units
        keys, values, steps = memory
        new_key, new_value = attention.remember(last, before)
        begun = ops.minimum(steps, 1.0)  # the first step of all has no step before it: nothing is kept of it
        keys = ops.concatenate([new_key * begun, keys[:, : (past - 1) * units]], axis=-1)
        values = ops.concatenate([new_value * begun, values[:, : (past - 1) * units]], axis=-1)
        shape = (-1, past, units)
        there = ops.minimum(steps, float(past))
        context, _ = attention.look(state, ops.reshape(keys, shape), ops.reshape(values, shape), there)
        return context, [keys, values, steps + 1]


class MelodySampler(keras.Model):
    """Write melodies with a trained :class:`~lab_utils.models.melody_rnn.MelodyRNN`.

    Parameters
    ----------
    model : MelodyRNN
        Built; its weights are shared, not copied.
    rule : StepRule or TuneRule

    Notes
    -----
    Called with float32, shape (B, T, 3): per step a uniform random number in [0, 1), the temperature, and what the rule is given
    from outside; a fourth number, if there is one, is the token that stands there already, −1 where one is to be chosen: so a
    melody is gone on with. Returns tokens, int32, shape (B, T). Equal inputs give equal melodies.
    """

    def __init__(self, model, rule, **kwargs):
        super().__init__(**kwargs)
        self.loop = layers.RNN(MelodyCell(model, rule), return_sequences=True)

    def call(self, noise):
        """Return the tokens, int32, shape (B, T)."""
        return ops.cast(self.loop(noise)[..., 0], "int32")
