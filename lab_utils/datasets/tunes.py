"""The data set ``tunes``: Irish and American fiddle tunes of two old books, as ABC symbols, in folds that keep variants together.

The music does not ship: it is read from the music21 that is installed with the course (O'Neill's Music of Ireland, 1903; Ryan's
Mammoth Collection, 1883), tidied, and kept in the cache. What ships is ``datasets/tunes/folds.csv``: names, titles, folds and
checksums. Which tunes are kept: :mod:`lab_utils.datasets.tunes_corpus`; the folds: :mod:`lab_utils.datasets.tune_folds`; the
symbols: :mod:`lab_utils.encoding.abc_tokens`.

Used by the recipe ``melody`` and by the notebooks ``06_training`` and ``07_testing``.
"""

import json
from dataclasses import dataclass
from functools import cached_property

from lab_utils.datasets.tune import Tune
from lab_utils.datasets.tune_folds import SIZES, checksum, read_folds, write_folds
from lab_utils.datasets.tunes_corpus import clean, read_books, read_tune
from lab_utils.encoding.abc_tokens import Vocabulary
from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import cache_folder, sha256, shipped_folder, write_bytes

FOLDS = tuple(SIZES)
VERSION = 1  # counts changes of what the cache holds
MUSIC21 = "10.5.1"


@dataclass(frozen=True, eq=False)
class Tunes:
    """The folk tunes with their folds.

    Parameters
    ----------
    tunes : tuple of Tune
        In the order of the books.
    folds, groups : tuple of str, tuple of int
        The fold of each tune, and the number that it has in common with its variants.
    """

    tunes: tuple
    folds: tuple
    groups: tuple

    def __len__(self):
        return len(self.tunes)

    def __iter__(self):
        return iter(self.tunes)

    def __getitem__(self, name):
        """Return the tune of this name, "ryan-AllTheGoReel"."""
        for tune in self.tunes:
            if tune.name == name:
                return tune
        raise ParameterError(f"name: expected a tune such as {self.tunes[0].name!r}, received {name!r}.")

    def fold(self, name):
        """Return the tunes of the fold "train", "valid" or "test", as a list of Tune."""
        if name not in FOLDS:
            raise ParameterError(f"fold: expected one of {', '.join(FOLDS)}, received {name!r}.")
        return [tune for tune, fold in zip(self.tunes, self.folds, strict=True) if fold == name]

    @cached_property
    def vocabulary(self):
        """The Vocabulary of the symbols of all folds."""
        return Vocabulary(tune.symbols for tune in self.tunes)


def load_tunes(folder=None):
    """Return the folk tunes of the installed music21.

    The first call takes seconds and leaves the result in the cache; later ones take it from there while books and folds stay the
    same.

    Parameters
    ----------
    folder : str or Path, optional
        That has the books' folders; default music21's corpus.

    Returns
    -------
    Tunes

    Raises
    ------
    DataError
        If music21's corpus is missing, or has other tunes than ``folds.csv`` names.
    """
    rows = {name: row for name, row in read_folds().items() if row["fold"] in FOLDS}
    sources = {source.name: source for source in read_books(folder)}
    content = [VERSION, [list(row.values()) for row in rows.values()], [sources[name].text for name in rows if name in sources]]
    path = cache_folder("tunes") / f"tunes-{sha256(json.dumps(content).encode())[:16]}.json"
    tunes = _cached(path)
    if tunes is None:
        tunes = _read(rows, sources)
        write_bytes(json.dumps([[t.name, t.title, t.book, t.kind, " ".join(t.symbols)] for t in tunes]).encode(), path)
    return Tunes(tuple(tunes), *zip(*((row["fold"], int(row["group"])) for row in rows.values()), strict=True))


def _cached(path):
    """The tunes in a file of the cache; None where there is none, or it is broken, for it can be made again."""
    try:
        return [Tune(*facts, tuple(symbols.split(" "))) for *facts, symbols in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _read(rows, sources):
    tunes = []
    for name, row in rows.items():
        if name not in sources:
            raise DataError(f"{name}: is not in the installed music21's corpus; install `pip install music21=={MUSIC21}`.")
        tune = read_tune(sources[name])
        if checksum(tune) != row["checksum"]:
            raise DataError(f"{name}: has other notes than folds.csv was made from; install `pip install music21=={MUSIC21}`.")
        tunes.append(tune)
    return tunes


def build_tunes(path=None, *, folder=None):
    """Write the table of folds anew from the installed music21, and return how many tunes it keeps.

    Parameters
    ----------
    path : str or Path, optional
        Default ``datasets/tunes/folds.csv``.
    folder : str or Path, optional
        That has the books' folders; default music21's corpus.
    """
    sources = read_books(folder)
    tunes, left_out = clean(sources)
    write_folds(sources, tunes, left_out, path or shipped_folder("tunes", "folds.csv"))
    return len(tunes)
