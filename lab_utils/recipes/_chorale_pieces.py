"""The pieces that the chorale recipe trains on, measures and varies: from the data sets and from JSON files.

Data: ``chorales`` (with onsets, meters and phrases), ``jsb16`` (the benchmark: pitches alone), or a JSON file of pieces, each a
list of [S, A, T, B] frames on 16ths, −1 for a rest: either one list, of which every tenth piece is kept for validation, or a
dict with "train" and "valid".
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lab_utils.encoding import chorale as encoding
from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import read_json


@dataclass(frozen=True)
class Piece:
    """A piece as the network reads it.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (T, 4)
    position, phrase : np.ndarray of int32, shape (T,)
    """

    tokens: np.ndarray
    position: np.ndarray
    phrase: np.ndarray

    def arrays(self):
        """Return the network's inputs and the tokens as one dict of int32 arrays."""
        inputs = encoding.inputs_from_tokens(self.tokens)
        return {**inputs, "position": self.position, "phrase": self.phrase, "tokens": self.tokens}

    def symbols(self, *, onsets=True):
        """Return the tokens as a table can read them that knows nothing but the frame before, int32, shape (T, 4).

        What sounds, and with `onsets`, as a symbol of its own, that it goes on: a hold alone would say nothing of its pitch.
        """
        sounding = encoding.sounding_from_tokens(self.tokens)
        return sounding + encoding.VOCABULARY * (self.tokens == encoding.HOLD) if onsets else sounding

    def without_phrases(self):
        """Return the piece with its phrase numbers hidden."""
        return replace(self, phrase=np.zeros_like(self.phrase))


def prepare(data="chorales"):
    """Return the pieces to train on and to validate with.

    Parameters
    ----------
    data : str
        "chorales", "jsb16", or a JSON file's name.

    Returns
    -------
    dict
        "train" and "valid", lists of :class:`Piece`, and "onsets" (bool): whether repeated notes are told from long ones.
    """
    from lab_utils import datasets

    if data == "chorales":
        chorales = datasets.load_chorales()
        folds = {fold: [_piece_of_chorale(c) for c in chorales.fold(fold)] for fold in ("train", "valid")}
        return {**folds, "onsets": True}
    if data == "jsb16":
        folds = {fold: [piece_from_grid(grid) for grid in datasets.load_jsb16(fold)] for fold in ("train", "valid")}
        return {**folds, "onsets": False}
    if not Path(data).suffix:
        raise ParameterError(f"data: expected chorales, jsb16 or a JSON file of pieces, received {data!r}.")
    content = read_json(data)
    if isinstance(content, dict):
        missing = [fold for fold in ("train", "valid") if not content.get(fold)]
        if missing:
            raise DataError(f"{data}: has no pieces under {missing[0]!r}; give both, or one plain list of pieces.")
        folds = {fold: pieces_from_grids(content[fold], data) for fold in ("train", "valid")}
    else:
        pieces = pieces_from_grids(content, data)
        if len(pieces) < 2:
            raise DataError(f"{data}: holds {len(pieces)} piece; training needs at least two, one to validate with.")
        folds = {"train": [p for i, p in enumerate(pieces) if i % 10], "valid": pieces[::10]}
    return {**folds, "onsets": False}


def piece_from_grid(grid, *, onsets=None, name="grid"):
    """Return the Piece of a grid whose meter and phrases are not known.

    Parameters
    ----------
    grid : array_like of int, shape (T, 4)
    onsets : np.ndarray of bool, shape (T, 4), optional
    name : str
        What to call the grid in an error.
    """
    grid = encoding.check_grid(grid, name=name)
    tokens = encoding.tokens_from_grid(grid, onsets)
    return Piece(tokens, encoding.positions(len(grid)), np.zeros(len(grid), np.int32))


def pieces_from_grids(content, source):
    """Return the Pieces of a list of grids read from the file `source`; a DataError names the file and the piece."""
    if not isinstance(content, list) or not content:
        raise DataError(f"{source}: expected a list of pieces, each a list of [S, A, T, B] frames.")
    try:
        return [piece_from_grid(grid, name=f"piece {i}") for i, grid in enumerate(content)]
    except ParameterError as error:
        raise DataError(f"{source}: {error}") from error


def _piece_of_chorale(chorale):
    tokens = encoding.tokens_from_grid(chorale.grid, chorale.onsets)
    position = encoding.positions(len(tokens), meter=chorale.meter, pickup_steps=chorale.pickup_steps)
    return Piece(tokens, position, encoding.phrases(chorale.fermatas))


def transpositions(piece, training):
    """Return the lowest and highest shift in semitones that keeps every voice of `piece` within its training range.

    Parameters
    ----------
    piece : Piece
    training : list of Piece

    Returns
    -------
    np.ndarray of int, shape (2,)
    """
    lows, highs = [], []
    for voice in range(4):
        pitches = [t.tokens[:, voice][t.tokens[:, voice] >= encoding.FIRST_PITCH] for t in (piece, *training)]
        own, rest = pitches[0], np.concatenate(pitches[1:])
        if len(own):
            lows.append(rest.min() - own.min())
            highs.append(rest.max() - own.max())
    return np.array([max(lows, default=0), min(highs, default=0)])


def varied(sequence, rng):
    """Return the arrays of a piece moved to a random key, with its phrases hidden half of the time.

    Parameters
    ----------
    sequence : dict
        What :meth:`Piece.arrays` returns, and under "ranges" what :func:`transpositions` does.
    rng : np.random.Generator
    """
    low, high = sequence["ranges"]
    shift = int(rng.integers(low, high + 1))
    moved = {name: encoding.transpose_sounding(sequence[name], shift) for name in ("sounding", "current", "tokens")}
    phrase = sequence["phrase"] * int(rng.random() < 0.5)
    return {**moved, "held": sequence["held"], "position": sequence["position"], "phrase": phrase}
