"""The two bodies of phrases that the CycleGAN recipe learns from, as numbers that its networks read, and back.

* **hymn**: sopranos of the chorales in 4/4. **dance**: reels, hornpipes, strathspeys, clogs and flings of the folk tunes, in 4/4,
  2/2 and 2/4 (of which eight bars are counted as four). Nothing pairs a phrase of the one with a phrase of the other.
* A **phrase** is four bars, 64 16ths, of one line; :mod:`lab_utils.recipes._phrases` says where they are cut. **Folds** are those
  of the data sets, by whole pieces.
* As **numbers** a phrase is uint8, shape (64, 2): its pitch counted from :data:`LOWEST`, or :data:`PITCHES` for a rest; and
  whether a note starts. As a **roll** it is float32, shape (64, P + 2), P = 32 pitches: the one-hot form of the first number, and
  the second.
* **Keys**: all phrases lie in one range, A3 to E6, in the midst of which they are read; training moves them to random keys within
  it. So neither the register nor the key tells a style.

Axis letters: N phrases, B batch, P pitches.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from lab_utils.encoding import chorale
from lab_utils.encoding.chorale import SILENT
from lab_utils.errors import ParameterError, check_whole
from lab_utils.recipes import _phrases
from lab_utils.score import Score, note_array

STYLES = ("hymn", "dance")
FOLDS = ("train", "valid", "test")
KINDS = ("reel", "hornpipe", "strathspey", "clog", "fling")  # of the tunes; airs are no dances
STEPS = 4 * _phrases.BAR
LOWEST, PITCHES = 57, 32  # A3 to E6: the widest phrase, of 30 semitones, has room to move
REST = PITCHES
TEMPO = 100.0  # quarters a minute
FLUTE = 73  # General MIDI; the same for both styles, so that the notes alone tell them apart


@dataclass(frozen=True, eq=False)
class Lines:
    """Phrases of one style and fold.

    Parameters
    ----------
    numbers : np.ndarray of uint8, shape (N, 64, 2)
    pieces : np.ndarray of int, shape (N,)
        Of which piece each is, a position in `names`.
    shifts : np.ndarray of int8, shape (N, 2)
        By how many semitones each may be moved down (≤ 0) and up (≥ 0).
    moved : np.ndarray of int8, shape (N,)
        By how many it was moved up from where it is notated.
    names : tuple of str
        Of the pieces, as the data sets call them.
    """

    numbers: np.ndarray
    pieces: np.ndarray
    shifts: np.ndarray
    moved: np.ndarray
    names: tuple

    def __len__(self):
        return len(self.numbers)

    def every(self, count):
        """Return the Lines of each piece's first phrase, and of each `count`-th after it: with 4 they hardly overlap."""
        check_whole("every", count, 1)
        chosen = (np.arange(len(self)) - np.searchsorted(self.pieces, self.pieces)) % count == 0  # pieces stand in their order
        return replace(self, **{name: getattr(self, name)[chosen] for name in ("numbers", "pieces", "shifts", "moved")})


@cache
def prepare():
    """Return the phrases, a dict style → fold → :class:`Lines`; it takes some seconds, and no time when it is called again."""
    from lab_utils.datasets import load_chorales

    pieces = load_chorales()
    found = {style: {} for style in STYLES}
    for fold in FOLDS:
        hymns = [piece for piece in pieces.fold(fold) if piece.meter == (4, 4)]
        found["hymn"][fold] = lines(hymns, [_phrases.of_chorale(piece, steps=STEPS, voices=(0,)) for piece in hymns])
        dances = _phrases.tunes(fold, kinds=KINDS)
        found["dance"][fold] = lines(dances, [_phrases.of_tune(tune.score, steps=STEPS) for tune in dances])
    return found


def lines(pieces, windows):
    """Return the :class:`Lines` of `pieces`, which have names, and of their windows, as :mod:`._phrases` cuts them."""
    gathered = _phrases.gather(windows, steps=STEPS)
    grid, onsets = (of.T for of in chorale.grid_from_tokens(gathered.tokens.T, voices=len(gathered)))
    low, high = extent(grid)
    fits = high - low < PITCHES
    grid, onsets, low, high = grid[fits], onsets[fits], low[fits], high[fits]
    moved = centring(low, high)
    numbers = numbers_from_grid(grid, onsets, moved=moved)
    low, high = low + moved, high + moved
    shifts = np.stack([LOWEST - low, LOWEST + PITCHES - 1 - high], axis=1).astype(np.int8)
    arrays = (numbers, gathered.pieces[fits], shifts, moved.astype(np.int8))
    for values in arrays:
        values.flags.writeable = False  # they are handed out again and again
    return Lines(*arrays, tuple(piece.name for piece in pieces))


def extent(grid):
    """Return the lowest and the highest pitch of each row of a grid (N, T), two arrays (N,); rows of rests have none to tell."""
    sounds = np.asarray(grid) != SILENT
    return np.where(sounds, grid, 127).min(axis=1), np.where(sounds, grid, 0).max(axis=1)


def centring(low, high):
    """Return by how many semitones what lies between `low` and `high` is moved into the midst of the range."""
    return LOWEST + (PITCHES - 1) // 2 - (np.asarray(low, int) + np.asarray(high, int)) // 2


def numbers_from_grid(grid, onsets, *, moved=0):
    """Return phrases as numbers.

    Parameters
    ----------
    grid : np.ndarray of int, shape (N, 64)
        MIDI pitch, −1 for a rest.
    onsets : np.ndarray of bool, shape (N, 64)
    moved : int or np.ndarray of int, shape (N,)
        By how many semitones each is moved up on the way.

    Returns
    -------
    np.ndarray of uint8, shape (N, 64, 2)
    """
    grid = np.asarray(grid)
    if grid.ndim != 2 or grid.shape[1] != STEPS or np.shape(onsets) != grid.shape:
        raise ParameterError(f"grid: expected shape (phrases, {STEPS}) like the onsets, received {grid.shape}.")
    index = np.where(grid == SILENT, REST, grid + np.reshape(moved, (-1, 1)) - LOWEST)
    if index.size and not (index.min() >= 0 and index.max() <= REST and (index[grid != SILENT] < REST).all()):
        raise ParameterError(f"grid: expected MIDI pitches {LOWEST}–{LOWEST + PITCHES - 1} after the move, received others.")
    return tidied(np.stack([index, onsets], axis=-1).astype(np.uint8))


def grid_from_numbers(numbers, *, moved=0):
    """Return (grid, onsets) of phrases: the inverse of :func:`numbers_from_grid`, with the same `moved`."""
    index = np.asarray(numbers)[..., 0].astype(np.int16)
    grid = np.where(index == REST, SILENT, index + LOWEST - np.reshape(moved, (-1, 1))).astype(np.int16)
    return grid, np.asarray(numbers)[..., 1] > 0


def tidied(numbers):
    """Return numbers (N, 64, 2) in which each change of pitch starts a note, as what sounds first does, and no rest does."""
    index, onsets = numbers[..., 0], numbers[..., 1] > 0
    changes = np.diff(index.astype(int), axis=1, prepend=-1) != 0
    return np.stack([index, (onsets | changes) & (index != REST)], axis=-1).astype(np.uint8)


def rolls_from_numbers(numbers):
    """Return rolls, float32, shape (N, 64, P + 2), of numbers (N, 64, 2)."""
    pitches = np.eye(PITCHES + 1, dtype=np.float32)[numbers[..., 0]]
    return np.concatenate([pitches, numbers[..., 1:].astype(np.float32)], axis=-1)


def numbers_from_rolls(rolls):
    """Return numbers, tidied, of rolls (N, 64, P + 2), real or made: the inverse of :func:`rolls_from_numbers`."""
    rolls = np.asarray(rolls)
    if rolls.ndim != 3 or rolls.shape[1:] != (STEPS, PITCHES + 2):
        raise ParameterError(f"rolls: expected shape (phrases, {STEPS}, {PITCHES + 2}), received {rolls.shape}.")
    return tidied(np.stack([rolls[..., :-1].argmax(axis=-1), rolls[..., -1] > 0.5], axis=-1).astype(np.uint8))


def tokens_from_numbers(numbers):
    """Return melody tokens (:mod:`lab_utils.encoding.melody`), int32, shape (N, 64), of numbers (N, 64, 2)."""
    grid, onsets = grid_from_numbers(numbers)
    return chorale.tokens_from_checked(grid.T, onsets.T).T


def numbers_from_tokens(tokens):
    """Return numbers of melody tokens (N, 64): the inverse of :func:`tokens_from_numbers`."""
    tokens = np.asarray(tokens)
    grid, onsets = chorale.grid_from_tokens(tokens.T, voices=len(tokens))
    return numbers_from_grid(grid.T, onsets.T)


def transposed(numbers, semitones):
    """Return numbers (N, 64, 2) moved up by `semitones`, an int or one for each (N,); they must stay in the range."""
    index = numbers[..., 0].astype(int)
    moved = np.where(index == REST, REST, index + np.reshape(semitones, (-1, 1)))
    if ((moved < 0) | (moved > REST) | ((moved == REST) & (index != REST))).any():
        raise ParameterError(f"semitones: expected moves within the {PITCHES} pitches, received {np.unique(semitones)}.")
    return np.stack([moved, numbers[..., 1]], axis=-1).astype(np.uint8)


def in_random_keys(numbers, shifts, rng):
    """Return numbers (B, 64, 2), each moved at random as far as its row of `shifts` (B, 2) allows; `rng` a NumPy generator."""
    return transposed(numbers, rng.integers(shifts[:, 0], shifts[:, 1] + 1))


def score_from_numbers(numbers, *, moved=0, tempo=TEMPO, program=FLUTE, title=""):
    """Return phrases in a row as one Score, in the key that it seems to be in.

    Parameters
    ----------
    numbers : np.ndarray of uint8, shape (N, 64, 2) or (64, 2)
    moved : int
        By how many semitones the phrases were moved up; taken back here.
    tempo : float
        Quarters a minute.
    program : int
        General MIDI.
    title : str
    """
    from lab_utils.files.key import find_key

    tokens = tokens_from_numbers(np.reshape(numbers, (-1, STEPS, 2))).reshape(-1)
    rows = [(start, length, pitch - moved, *rest) for start, length, pitch, *rest in chorale.note_rows(tokens)]
    score = Score(note_array(rows), tempos=((0.0, float(tempo)),), programs=(program,), title=title)
    return score.with_(keys=((0.0, *find_key(score)),)) if len(score) else score
