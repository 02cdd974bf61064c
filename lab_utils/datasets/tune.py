"""One folk tune of the data set ``tunes``."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lab_utils.encoding import abc_symbols as sym
from lab_utils.encoding.abc_symbols import key_of, meter_of
from lab_utils.encoding.abc_tokens import abc_from_symbols
from lab_utils.files.abc import from_abc
from lab_utils.files.spelling import SEMITONES


@dataclass(frozen=True)
class Tune:
    """A folk tune as symbols, with what its book says of it.

    Parameters
    ----------
    name : str
        ``oneill-0101`` (its number in the book), ``ryan-AllTheGoReel`` (its file).
    title : str
    book : str
        "O'Neill" or "Ryan".
    kind : str
        One of :data:`lab_utils.datasets.tunes_corpus.KINDS`, or "other".
    symbols : tuple of str
        See :mod:`lab_utils.encoding.abc_tokens`.
    """

    name: str
    title: str
    book: str
    kind: str
    symbols: tuple

    def __len__(self):
        return len(self.symbols)

    @property
    def meter(self):
        """(beats, beat_unit)."""
        return meter_of(self.symbols[0])

    @property
    def key(self):
        """The tonic and the mode, such as "Gmaj" or "Ador"."""
        return "".join(key_of(self.symbols[1]))

    @cached_property
    def abc(self):
        """The tune as ABC text, cleaned: what its symbols say and nothing else."""
        return abc_from_symbols(self.symbols, title=self.title)

    @cached_property
    def score(self):
        """The tune as a Score; repeats are not played out."""
        return from_abc(self.abc)

    @cached_property
    def melody(self):
        """(pitches, ticks), two int arrays of shape (notes,): moved as if the tonic were C; durations in 24ths of a quarter.

        Read from the symbols, a hundred times faster than from the Score; rests are left out, tied notes are one.
        """
        mode, pitches, ticks, tied = key_of(self.symbols[1])[2], [], [], False
        for symbol in self.symbols:
            kind = sym.kind(symbol)
            if kind == "note" and tied:
                ticks[-1] += sym.ticks(symbol)
            elif kind == "note":
                pitches.append(_pitch(symbol, mode))
                ticks.append(sym.ticks(symbol))
            tied = kind == "tie" or (tied and kind not in ("note", "rest"))  # a bar line may stand between
        return np.array(pitches, np.int64), np.array(ticks, np.int64)


@lru_cache(maxsize=4096)
def _pitch(symbol, mode):
    letter, octave, alter, _ = sym.note_of(symbol)
    alter = sym.key_alter(letter, sym.MODES[mode]) if alter is None else alter
    return 12 * (octave + 1) + SEMITONES[letter] + alter
