"""One folk tune of the data set ``tunes``."""

from dataclasses import dataclass
from functools import cached_property

from lab_utils.encoding.abc_symbols import key_of, meter_of
from lab_utils.encoding.abc_tokens import abc_from_symbols
from lab_utils.files.abc import from_abc


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
