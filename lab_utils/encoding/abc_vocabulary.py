"""Symbols of folk tunes as numbers, and where in the bar each one stands.

Conventions
-----------
* Number 0 is :data:`END`: it ends a tune, starts one, and pads. The others follow by kind (meters, keys, bar lines, endings,
  tie, rests, notes), then pitch and length, so that the same symbols always get the same numbers.
* What each symbol does to the clock stands in tables, one entry a number: ``durations`` (int32, ticks), ``is_bar``,
  ``is_section``, ``is_note`` (bool); END counts as a bar line and as a section mark. So a network keeps the clock by look-up::

      place' = 0 if is_bar[token] else min(place + durations[token], LAST_PLACE)
      bars'  = 0 if is_section[token] else min(bars + is_bar[token], LAST_BAR)

* :meth:`Vocabulary.places` and :meth:`Vocabulary.bar_numbers` are that rule for a whole row, as it stood *before* each symbol,
  from (0, 0) on.

An upbeat counts from 0 as every bar does. Used by the recipe ``melody``.
"""

import numpy as np

from lab_utils.encoding import abc_symbols as sym
from lab_utils.errors import ParameterError

END = "<end>"
LAST_PLACE = 12 * sym.TICKS_PER_EIGHTH  # a bar of 12/8; what is longer stays there
LAST_BAR = 15
KINDS = ("meter", "key", "bar", "ending", "tie", "rest", "note")


class Vocabulary:
    """The symbols that a network knows.

    Parameters
    ----------
    symbols : iterable of str, or iterable of lists of str
        The symbols, or tunes of them. Their order and number do not matter; END need not be among them.

    Attributes
    ----------
    names : tuple of str, shape (V,)
        The symbol of each number; the first is END.
    durations : np.ndarray of int32, shape (V,)
        In ticks; 0 for what is neither note nor rest.
    is_bar, is_section, is_note : np.ndarray of bool, shape (V,)
        Any bar line; one that ends or begins a section; a note. END is both of the first two.

    Raises
    ------
    ParameterError
        If one is no symbol.
    """

    def __init__(self, symbols):
        found = set()
        for symbol in symbols:
            found.update([symbol] if isinstance(symbol, str) else symbol)
        found.discard(END)
        wrong = sorted(symbol for symbol in found if not sym.kind(symbol))
        if wrong:
            raise ParameterError(f"symbols: expected symbols of a tune, received {wrong[0]!r}; take symbols_from_abc().")
        self.names = (END, *sorted(found, key=_order))
        self._numbers = {name: number for number, name in enumerate(self.names)}
        self.durations = _table([sym.ticks(name) for name in self.names], np.int32)
        self.is_bar = _table([name == END or sym.kind(name) == "bar" for name in self.names], bool)
        self.is_section = _table([name == END or name in sym.SECTIONS for name in self.names], bool)
        self.is_note = _table([sym.kind(name) == "note" for name in self.names], bool)

    def __len__(self):
        return len(self.names)

    def __eq__(self, other):
        return self.names == other.names if isinstance(other, Vocabulary) else NotImplemented

    __hash__ = None

    def __contains__(self, symbol):
        return symbol in self._numbers

    def ids(self, symbols):
        """Return the numbers of `symbols`, int32, shape (T,); a ParameterError names one that is not in the vocabulary."""
        try:
            return np.array([self._numbers[symbol] for symbol in symbols], dtype=np.int32)
        except KeyError as error:
            raise ParameterError(
                f"symbols: expected symbols of this vocabulary of {len(self)}, received {error.args[0]!r}; leave that tune out."
            ) from None

    def symbols(self, ids):
        """Return the symbols of one tune, a list of str: the inverse of :meth:`ids`.

        ENDs at the start are passed over, and the first one behind it ends the tune.

        Parameters
        ----------
        ids : array_like of int, shape (T,)
        """
        ids = self._checked(ids)
        inside = np.flatnonzero(ids != 0)
        if not len(inside):
            return []
        tune = ids[inside[0] :]
        ends = np.flatnonzero(tune == 0)
        return [self.names[number] for number in (tune[: ends[0]] if len(ends) else tune)]

    def places(self, ids):
        """Return the ticks since the last bar line before each symbol, int32, shape (T,), at most :data:`LAST_PLACE`.

        Parameters
        ----------
        ids : array_like of int, shape (T,)
        """
        ids = self._checked(ids)
        return _running(self.durations[ids], self.is_bar[ids], LAST_PLACE)

    def bar_numbers(self, ids):
        """Return the bar lines since the last section mark before each symbol, int32, shape (T,), at most :data:`LAST_BAR`.

        Parameters
        ----------
        ids : array_like of int, shape (T,)
        """
        ids = self._checked(ids)
        return _running(self.is_bar[ids].astype(np.int32), self.is_section[ids], LAST_BAR)

    def to_dict(self):
        """Return what JSON keeps; :meth:`from_dict` is the inverse."""
        return {"symbols": list(self.names)}

    @classmethod
    def from_dict(cls, content):
        """Return the vocabulary of :meth:`to_dict`; a ParameterError if the numbers would be others."""
        names = content.get("symbols") if isinstance(content, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ParameterError("content: expected what Vocabulary.to_dict() returns, received something else.")
        vocabulary = cls(names)
        if list(vocabulary.names) != names:
            raise ParameterError(f"content: expected {len(vocabulary)} symbols in their own order, received another.")
        return vocabulary

    def _checked(self, ids):
        ids = np.asarray(ids)
        if ids.ndim != 1 or (ids.size and (ids.dtype.kind not in "iu" or ids.min() < 0 or ids.max() >= len(self))):
            raise ParameterError(f"ids: expected a row of numbers 0–{len(self) - 1}, received {ids.dtype}, shape {ids.shape}.")
        return ids.astype(np.int32)


def _running(steps, resets, most):
    """The sum of `steps` since the last reset, as it stands before each one; a step that resets adds nothing."""
    after = np.cumsum(np.where(resets, 0, steps))  # (T,)
    since = np.maximum.accumulate(np.where(resets, after, 0))
    before = np.concatenate([[0], (after - since)[:-1]])[: len(steps)]
    return np.minimum(before, most).astype(np.int32)


def _table(values, dtype):
    values = np.array(values, dtype=dtype)
    values.flags.writeable = False
    return values


def _order(name):
    kind = sym.kind(name)
    if kind == "note":
        letter, octave, alter, _ = sym.note_of(name)
        return KINDS.index(kind), 7 * octave + sym.LETTERS.index(letter), (alter is not None, alter or 0), sym.ticks(name), name
    return KINDS.index(kind), 0, (False, 0), sym.ticks(name), name
