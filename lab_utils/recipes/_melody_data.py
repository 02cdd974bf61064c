"""What the melody recipe trains on, and the two ways in which it writes melodies.

Data
----
* ``jsb16``: the sopranos of the public benchmark, in 16th steps; repeated notes are long ones there.
* ``chorales``: the sopranos of the chorales that ship, in 16th steps, with onsets and meters.
* ``tunes``: the folk tunes of O'Neill and Ryan, in symbols of ABC text.
* ``copy``: a task made by rule, for the measure of attention alone: pairs of a mark and a token, then the marks once more.
* a JSON file of pieces, as the chorale recipe takes them; of each the soprano.

A *form* tells how a melody is written: which features a step shows, and how a network that has written a token goes on.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _chorale_pieces as chorale_pieces

KINDS = ("steps", "symbols", "copy")
COPY_ITEMS, COPY_SYMBOLS = 8, 8
COPY_TRAIN, COPY_VALID = 2048, 128


@dataclass(frozen=True)
class Form:
    """How melodies are written.

    Parameters
    ----------
    kind : str
        "steps" (16ths), "symbols" (of ABC text) or "copy" (the synthetic task).
    repeats : bool, optional
        Of steps: whether a pitch may start again while it sounds.
    symbols : tuple of str
        Of symbols: the vocabulary.
    """

    kind: str
    repeats: bool | None = None
    symbols: tuple = ()

    @property
    def vocabulary(self):
        """The :class:`~lab_utils.encoding.abc_tokens.Vocabulary` of symbols."""
        from lab_utils.encoding.abc_tokens import Vocabulary

        return Vocabulary(self.symbols)

    @property
    def size(self):
        """How many tokens there are, V."""
        return {"steps": chorale.VOCABULARY, "symbols": len(self.symbols), "copy": COPY_ITEMS + COPY_SYMBOLS}[self.kind]

    @property
    def features(self):
        """Name of each feature and how many values it takes."""
        if self.kind == "steps":
            return melody.FEATURES
        if self.kind == "copy":
            return {"token": self.size + 1}
        return self._clock.sizes

    @property
    def tables(self):
        """Of symbols: the tables of the clock by which the network knows what cannot be."""
        return {"kinds": self._clock.kinds, "durations": self._clock.durations} if self.kind == "symbols" else None

    @cached_property
    def _clock(self):
        from lab_utils.encoding.abc_clock import Clock

        return Clock(self.vocabulary)

    def inputs(self, tokens, position=None):
        """Return what stood before each step, a dict of int32 (T,); `position` is the place in the bar, of 16th steps."""
        tokens = np.asarray(tokens, np.int32)
        if self.kind == "steps":
            places = chorale.positions(len(tokens)) if position is None else position
            return {**melody.inputs_from_tokens(tokens), "position": places}
        if self.kind == "symbols":
            return self._clock.features(tokens)
        return {"token": np.concatenate([[self.size], tokens[:-1]]).astype(np.int32)}

    def rule(self, *, closes=False):
        """Return how a sampler goes on from a token, the twin of :meth:`inputs`; for tunes, `closes` is that of TuneRule."""
        from lab_utils.models import StepRule, TuneRule

        if self.kind == "steps":
            return StepRule()
        from lab_utils.encoding.abc_vocabulary import LAST_BAR, LAST_PLACE

        clock = self._clock
        tables = (clock.kinds, clock.durations, clock.meter_of, clock.bar_ticks)
        return TuneRule(*tables, last_place=LAST_PLACE, last_bar=LAST_BAR, closes=closes)

    def to_dict(self):
        """Return what ``form.json`` keeps."""
        return {"kind": self.kind, "repeats": self.repeats, "symbols": list(self.symbols)}

    @classmethod
    def from_dict(cls, content, source):
        """Return the Form of :meth:`to_dict`; `source` is the file's name for the error."""
        try:
            form = cls(content["kind"], content["repeats"], tuple(content["symbols"]))
        except (KeyError, TypeError) as error:
            raise DataError(f"{source}: does not tell how melodies are written ({error}); train the run again.") from error
        if form.kind not in KINDS:
            raise DataError(f"{source}: expected one of {', '.join(KINDS)}, received {form.kind!r}.")
        return form


@dataclass(frozen=True)
class Material:
    """Melodies to train on and to validate with, each a dict of int32 arrays (T,): the features, and ``tokens``.

    Of the synthetic task ``sources`` holds, for each melody to validate with, the step that each token is a copy of.
    """

    form: Form
    train: list
    valid: list
    sources: np.ndarray | None = None


def prepare(data="jsb16"):
    """Return the :class:`Material` of `data`; see the top of the module."""
    if data == "tunes":
        return _tunes()
    if data == "copy":
        return _copy()
    pieces = chorale_pieces.prepare(data)
    form = Form("steps", repeats=pieces["onsets"])
    return Material(form, *([step_melody(form, piece) for piece in pieces[fold]] for fold in ("train", "valid")))


def step_melody(form, piece):
    """Return the soprano of a chorale recipe's Piece as a melody."""
    tokens = np.ascontiguousarray(piece.tokens[:, 0])
    return {**form.inputs(tokens, piece.position), "tokens": tokens}


def _tunes():
    from lab_utils import datasets
    from lab_utils.encoding.abc_tokens import END, Vocabulary

    tunes = datasets.load_tunes()
    words = Vocabulary(tune.symbols for tune in tunes.fold("train"))
    form = Form("symbols", symbols=words.names)
    folds = []
    for fold in ("train", "valid"):
        known = [tune.symbols for tune in tunes.fold(fold) if all(symbol in words for symbol in tune.symbols)]
        folds.append([symbol_melody(form, words.ids([*symbols, END])) for symbols in known])
    return Material(form, *folds)


def symbol_melody(form, ids):
    """Return the melody of a tune's numbers, its END included."""
    return {**form.inputs(ids), "tokens": np.asarray(ids, np.int32)}


def _copy():
    from lab_utils.evaluation import attention

    form, folds = Form("copy"), []
    for seed, count in ((1, COPY_TRAIN), (2, COPY_VALID)):
        tokens, sources = attention.copy_task(count, items=COPY_ITEMS, symbols=COPY_SYMBOLS, seed=seed)
        folds.append([{**form.inputs(row), "tokens": row} for row in tokens])
    return Material(form, *folds, sources=sources)


def transpositions(melodies):
    """Return for each melody of 16th steps the lowest and highest shift that keep it in the range of them all, (melodies, 2)."""
    spans = []
    for one in melodies:
        pitches = one["tokens"][one["tokens"] >= chorale.FIRST_PITCH]
        if not len(pitches):
            raise ParameterError("melodies: expected at least one note in each, received a silent one; leave it out.")
        spans.append((pitches.min(), pitches.max()))
    spans = np.array(spans)
    return np.stack([spans[:, 0].min() - spans[:, 0], spans[:, 1].max() - spans[:, 1]], axis=1)


def transposed(sequence, rng):
    """Return a melody of 16th steps in a random key; `sequence` also holds "ranges", a row of :func:`transpositions`."""
    low, high = sequence["ranges"]
    shift = int(rng.integers(low, high + 1))
    moved = {name: chorale.transpose_sounding(sequence[name], shift) for name in ("sounding", "tokens")}
    return {**moved, "held": sequence["held"], "position": sequence["position"]}
