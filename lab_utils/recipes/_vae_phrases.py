"""The phrases that the note VAE reads: windows of two bars of one voice, from the data sets, JSON files and Scores.

Conventions
-----------
* A **phrase** is 32 tokens of 16ths (:mod:`lab_utils.encoding.melody`), from a bar line on; of N phrases int32, shape (N, 32). A
  note that is tied over the bar line starts with the phrase; what sounds beyond its end is cut. Phrases of rests alone are left
  out. A phrase begins at every bar line that two full bars follow, so neighbours share a bar.
* **Data**: ``chorales``: each of the four voices of the chorales in 4/4 (those in 3/4 and 3/2 are left out). ``tunes``: the folk
  tunes in 4/4, 2/2 and 2/4 (of the last, four bars make a phrase); left out is what is in 6/8, 3/4 and the like, and each phrase
  with triplets or anything else off the 16ths. A JSON file of pieces as the chorale recipe takes them, whose bars are counted
  from the start.
* **Folds** are those of the data set, by whole pieces, so no phrase of a piece is in two of them.
* Keys: each epoch a phrase is moved to a random key in which it stays in the range that its voice has in the training fold.
"""

from dataclasses import dataclass, replace

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, REST, STEPS_PER_QUARTER
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _chorale_pieces as chorale_pieces

BAR = 16  # steps
STEPS = 2 * BAR
OF_16 = ((4, 4), (2, 2), (2, 4))  # meters whose bars fill a phrase


@dataclass(frozen=True)
class Phrases:
    """Phrases with where they are from.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (N, 32)
    voices, pieces : np.ndarray of int, shape (N,)
        Number of the voice, and of the piece in its fold.
    ranges : np.ndarray of int, shape (N, 2), optional
        The lowest and highest shift in semitones that keep each in its voice's range.
    """

    tokens: np.ndarray
    voices: np.ndarray
    pieces: np.ndarray
    ranges: np.ndarray | None = None

    def __len__(self):
        return len(self.tokens)


def prepare(data="chorales"):
    """Return the phrases of `data`, a dict of :class:`Phrases`: "train", "valid", and of the data sets "test"; see the module.

    Parameters
    ----------
    data : str
        "chorales", "tunes", or a JSON file's name.
    """
    if data == "tunes":
        folds = _of_tunes()
    elif data == "chorales":
        from lab_utils.datasets import load_chorales

        pieces = load_chorales()
        folds = {fold: [_lines_of_chorale(one) for one in pieces.fold(fold)] for fold in ("train", "valid", "test")}
    elif data == "jsb16":
        raise ParameterError("data: jsb16 tells no upbeats and no repeated notes; take 'chorales', which has the same folds.")
    else:
        read = chorale_pieces.prepare(data)
        folds = {fold: [_lines_of_tokens(piece.tokens) for piece in read[fold]] for fold in ("train", "valid")}
    gathered = {fold: _gather(pieces) for fold, pieces in folds.items()}
    for fold, phrases in gathered.items():
        if not len(phrases):
            raise DataError(f"{data}: has no phrase of two whole bars in its fold {fold!r}; give longer pieces.")
    gathered["train"] = replace(gathered["train"], ranges=shifts(gathered["train"]))
    return gathered


def from_grids(grids):
    """Return the Phrases of Pieces of the chorale recipe, as a file of grids holds them."""
    phrases = _gather([_lines_of_tokens(piece.tokens) for piece in grids])
    if not len(phrases):
        raise DataError("grid: has no phrase of two whole bars; give longer pieces.")
    return phrases


def from_score(score):
    """Return the phrases of a Score's first voice, int32, shape (N, 32), none if it is too short or in another meter."""
    windows = _windows(*melody.line_from_score(score), _starts(score))
    return np.stack(windows) if windows else np.zeros((0, STEPS), np.int32)


def shifts(phrases):
    """Return for each phrase the lowest and highest shift that keep it in the range that its voice has here, (N, 2)."""
    notes = phrases.tokens >= FIRST_PITCH
    low = np.where(notes, phrases.tokens, chorale.VOCABULARY).min(axis=1)
    high = np.where(notes, phrases.tokens, 0).max(axis=1)
    found = np.zeros((len(phrases), 2), np.int64)
    for voice in np.unique(phrases.voices):
        of = phrases.voices == voice
        found[of] = np.stack([low[of].min() - low[of], high[of].max() - high[of]], axis=1)
    return found


def moved(rows, rng):
    """Return a batch in random keys: of "tokens" (B, 32) and "ranges" (B, 2) the tokens, as input and as "target"."""
    low, high = rows["ranges"].T
    tokens = chorale.transpose_sounding(rows["tokens"], rng.integers(low, high + 1)[:, None]).astype(np.int32)
    return {"tokens": tokens, "target": tokens}


def sounding(tokens):
    """Return what sounds in each step of phrases (N, 32), (N, 32): the last token that was no hold."""
    return chorale.sounding_from_tokens(np.asarray(tokens).T).T


def tidied(tokens):
    """Return phrases (N, 32) in which no rest follows a rest: the silence is held, as in all that was read from notes."""
    before = np.concatenate([np.zeros((len(tokens), 1), np.int32), sounding(tokens)[:, :-1]], axis=1)
    return np.where((tokens == REST) & (before == REST), HOLD, tokens).astype(np.int32)


def grids(tokens):
    """Return (grids, onsets) of phrases (N, 32): pitch or −1, and where notes start, both of shape (N, 32, 1)."""
    grid, onsets = chorale.grid_from_tokens(np.asarray(tokens).T, voices=len(tokens))
    return grid.T[..., None], onsets.T[..., None]


def _lines_of_chorale(piece):
    starts = range(piece.pickup_steps, len(piece.grid), BAR) if piece.meter == (4, 4) else ()
    return [(voice, _windows(piece.grid[:, voice], piece.onsets[:, voice], starts)) for voice in range(piece.grid.shape[1])]


def _lines_of_tokens(tokens):
    grid, onsets = chorale.grid_from_tokens(tokens)
    return [(voice, _windows(grid[:, voice], onsets[:, voice], range(0, len(grid), BAR))) for voice in range(grid.shape[1])]


def _of_tunes():
    from lab_utils.datasets import load_tunes

    tunes = load_tunes()
    return {
        fold: [_lines_of_tune(tune.score) for tune in tunes.fold(fold) if tune.meter in OF_16]
        for fold in ("train", "valid", "test")
    }


def _lines_of_tune(score):
    notes = score.notes
    edges = np.concatenate([notes["onset_quarter"], notes["onset_quarter"] + notes["duration_quarter"]]) * STEPS_PER_QUARTER
    off = np.abs(edges - np.round(edges)) > 1e-6
    outside = np.tile((notes["pitch"] < chorale.LOWEST) | (notes["pitch"] > chorale.HIGHEST), 2)
    bad = np.floor(edges[off | outside]).astype(int)  # steps in which something is off the grid
    starts = [start for start in _starts(score) if not ((bad >= start) & (bad < start + STEPS)).any()]
    if not starts:
        return [(0, [])]
    return [(0, _windows(*melody.line_from_score(score), starts))]


def _starts(score):
    """Return the steps at which a bar starts that others follow up to a phrase's length, by the bar lines of a Score."""
    lines = np.round(score.bar_lines() * STEPS_PER_QUARTER).astype(int)
    if any((beats, unit) not in OF_16 for _, beats, unit in score.meters):
        return []
    whole = BAR * score.meter[0] // score.meter[1]
    first = 1 if score.pickup_quarter else 0
    return [int(start) for start in lines[first:] if np.isin(start + np.arange(0, STEPS + 1, whole), lines).all()]


def _windows(line, onsets, starts):
    """Return the phrases of a line (T,) that begin at the steps `starts`, a list of tokens (32,)."""
    whole = [slice(start, start + STEPS) for start in starts if start + STEPS <= len(line)]
    return [melody.tokens_from_line(line[span], onsets[span]) for span in whole if (line[span] >= 0).any()]


def _gather(pieces):
    """Return the Phrases of pieces, each a list of (voice, windows)."""
    rows = [(tokens, voice, i) for i, lines in enumerate(pieces) for voice, windows in lines for tokens in windows]
    if not rows:
        return Phrases(np.zeros((0, STEPS), np.int32), np.zeros(0, int), np.zeros(0, int))
    tokens, voices, numbers = zip(*rows, strict=True)
    return Phrases(np.stack(tokens), np.array(voices), np.array(numbers))
