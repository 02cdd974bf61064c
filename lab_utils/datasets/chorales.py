"""The data set ``chorales``: every four-part Bach chorale of music21's corpus on a grid of 16ths, with onsets and fermatas.

It ships as one small array file, ``datasets/chorales/chorales.npz`` (no pickle), read by :func:`load_chorales` and made by
:func:`build_chorales` from the installed music21. A piece is a :class:`~lab_utils.datasets.chorale_corpus.Chorale`.
The folds follow those of the public benchmark (``jsb16``), by the rules of :mod:`lab_utils.datasets.chorale_folds`:
"train", "valid", "test", and "left_out" for what may be in none of them.

Used by the recipe ``chorale`` and by the notebooks ``03_music_as_data`` and ``05_recurrent_networks``.
"""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lab_utils.datasets.chorale_folds import FOLDS, hymn_titles, natural, read_folds
from lab_utils.datasets.chorale_piece import Chorale
from lab_utils.datasets.download import read_checked
from lab_utils.datasets.workers import cores, results
from lab_utils.errors import DataError, ParameterError
from lab_utils.progress import bar
from lab_utils.storage import replacing, shipped_folder

SIZE = 117_131
PIECES_PER_WORKER = 30  # take about as long to read as a process to start
SHA256 = "5b3d701edfb68faba95ca5cebabd3bae6d429eec5b6efc1c26eafb6d54a899f0"


@dataclass(frozen=True, eq=False)
class Chorales:
    """The chorales with their folds.

    Parameters
    ----------
    pieces : tuple of Chorale
        Sorted by name.
    folds : tuple of str
        The fold of each piece.
    """

    pieces: tuple
    folds: tuple

    def __len__(self):
        return len(self.pieces)

    def __iter__(self):
        return iter(self.pieces)

    def __getitem__(self, name):
        """Return the piece of this name, "bwv269"."""
        for piece in self.pieces:
            if piece.name == name:
                return piece
        raise ParameterError(f"name: expected a chorale such as {self.pieces[0].name!r}, received {name!r}.")

    def fold(self, name):
        """Return the pieces of the fold "train", "valid", "test" or "left_out", as a list of Chorale."""
        if name not in FOLDS:
            raise ParameterError(f"fold: expected one of {', '.join(FOLDS)}, received {name!r}.")
        return [piece for piece, fold in zip(self.pieces, self.folds, strict=True) if fold == name]


def load_chorales(path=None):
    """Return the shipped chorales.

    Parameters
    ----------
    path : str or Path, optional
        A file written by :func:`write_chorales`; its checksum is not known, so it is not checked.

    Returns
    -------
    Chorales

    Raises
    ------
    DataError
        If the file is missing, cut short or altered.
    """
    if path is None:
        path = shipped_folder("chorales", "chorales.npz")
        data = read_checked(path, digest=SHA256, size=SIZE, way_on="restore it with `git checkout`")
    else:
        data = _read_bytes(path)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _unpack(dict(arrays))
    except Exception as error:  # a broken archive raises a different error for every way of being broken
        raise DataError(f"{path}: is no file of chorales ({error}); build it again with build_chorales().") from error


def write_chorales(chorales, path):
    """Write `chorales` (Chorales) as one compressed array file without pickle; :func:`load_chorales` reads it back."""
    pieces = chorales.pieces
    with replacing(path) as beside:
        np.savez_compressed(
            beside,
            names=np.array([piece.name for piece in pieces]),
            titles=np.array([piece.title for piece in pieces]),
            folds=np.array(chorales.folds),
            frames=np.array([len(piece) for piece in pieces], dtype=np.int32),
            # voice by voice: the neighbours of a held note are equal, and the file a third smaller
            grid=np.concatenate([piece.grid for piece in pieces]).T.astype(np.int8),
            onsets=np.concatenate([piece.onsets for piece in pieces]).T,
            fermatas=np.concatenate([piece.fermatas for piece in pieces]),
            meters=np.array([piece.meter for piece in pieces], dtype=np.int16),
            sharps=np.array([piece.key[0] for piece in pieces], dtype=np.int8),
            modes=np.array([piece.key[1] for piece in pieces]),
            pickup_steps=np.array([piece.pickup_steps for piece in pieces], dtype=np.int16),
            tunes=np.array([piece.tune for piece in pieces], dtype=np.int16),
        )


def _read_bytes(path):
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); write_chorales() makes such a file.") from error


def _unpack(arrays):
    ends = np.cumsum(arrays["frames"])
    spans = [slice(end - length, end) for end, length in zip(ends, arrays["frames"], strict=True)]
    grid, onsets = arrays["grid"].T.astype(np.int16), arrays["onsets"].T
    pieces = tuple(
        Chorale(
            name=str(arrays["names"][i]),
            title=str(arrays["titles"][i]),
            grid=_fixed(grid[span]),  # (frames, 4)
            onsets=_fixed(onsets[span]),  # (frames, 4)
            fermatas=_fixed(arrays["fermatas"][span]),  # (frames,)
            meter=tuple(int(n) for n in arrays["meters"][i]),
            key=(int(arrays["sharps"][i]), str(arrays["modes"][i])),
            pickup_steps=int(arrays["pickup_steps"][i]),
            tune=int(arrays["tunes"][i]),
        )
        for i, span in enumerate(spans)
    )
    return Chorales(pieces, tuple(str(fold) for fold in arrays["folds"]))


def _fixed(values):
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values


def build_chorales(names=None, *, processes=None, progress=True):
    """Return the chorales made anew from the installed music21, with the folds, tunes and titles of ``folds.csv``.

    Parameters
    ----------
    names : iterable of str, optional
        Only these pieces, "bwv269"; default all, which takes about 20 s on two cores.
    processes : int, optional
        How many cores; default all, as far as it is worth starting them.
    progress : bool
        A progress bar.

    Returns
    -------
    Chorales

    Raises
    ------
    DataError
        If a piece of ``folds.csv`` is not in the installed corpus, or is no four-part chorale there.
    """
    rows = read_folds()
    pieces, left_out = read_corpus(names, processes=processes, progress=progress)
    missing = [name for name in (rows if names is None else names) if name not in {piece.name for piece in pieces}]
    if missing:
        reason = left_out.get(missing[0], "it is not in the installed music21's corpus")
        raise DataError(f"{missing[0]}: {reason}; choose a piece of datasets/chorales/folds.csv.")
    pieces = [replace(piece, title=rows[piece.name]["title"], tune=int(rows[piece.name]["tune"])) for piece in pieces]
    return Chorales(tuple(pieces), tuple(rows[piece.name]["fold"] for piece in pieces))


def read_corpus(names=None, *, processes=None, progress=True):
    """Return all four-part chorales of the corpus with their titles, and why other scores are left out.

    Returns
    -------
    pieces : list of Chorale
        Sorted by name, no tune number yet.
    left_out : dict of str to str
        Score → reason.
    """
    from lab_utils.datasets.chorale_corpus import corpus_scores

    wanted = None if names is None else set(names)
    paths = [path for path in corpus_scores() if wanted is None or path.stem in wanted]
    read = results(_read, paths, processes or min(cores(), 1 + len(paths) // PIECES_PER_WORKER))
    found = dict(bar(read, total=len(paths), title="chorales", show=progress))
    found = [found[place] for place in range(len(paths))]
    titles = hymn_titles()
    pieces = [replace(piece, title=titles.get(piece.name, "")) for piece, _ in found if piece is not None]
    left_out = {path.stem: reason for path, (_, reason) in zip(paths, found, strict=True) if reason}
    return sorted(pieces, key=lambda piece: natural(piece.name)), left_out


def _read(path):
    from lab_utils.datasets.chorale_corpus import LeftOut, read_chorale

    try:
        return read_chorale(path), ""
    except LeftOut as reason:
        return None, str(reason)
