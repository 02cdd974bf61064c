"""The phrases that the note VAE reads: windows of two bars of one voice, from the data sets, JSON files and Scores.

Conventions
-----------
* A **phrase** is 32 tokens of 16ths (:mod:`lab_utils.encoding.melody`), from a bar line on; of N phrases int32, shape (N, 32). A
  note that is tied over the bar line starts with the phrase. A phrase begins at every bar line that two full bars follow, so
  neighbours share a bar. How phrases are cut: :mod:`lab_utils.recipes._phrases`.
* **Data**: ``chorales``: each of the four voices of the chorales in 4/4 (those in 3/4 and 3/2 are left out). ``tunes``: the folk
  tunes in 4/4, 2/2 and 2/4 (of the last, four bars make a phrase); left out is what is in 6/8, 3/4 and the like, and each phrase
  with triplets or anything else off the 16ths. A JSON file of pieces as the chorale recipe takes them, whose bars are counted
  from the start.
* **Folds** are those of the data set, by whole pieces, so no phrase of a piece is in two of them.
* Keys: each epoch a phrase is moved to a random key in which it stays in the range that its voice has in the training fold.
"""

from dataclasses import replace

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, REST
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _chorale_pieces as chorale_pieces
from lab_utils.recipes import _phrases
from lab_utils.recipes._phrases import BAR

STEPS = 2 * BAR
FOLDS = ("train", "valid", "test")


def prepare(data="chorales"):
    """Return the phrases of `data` by fold: "train", "valid", and of the data sets "test".

    See the module, and :class:`~lab_utils.recipes._phrases.Phrases`.

    Parameters
    ----------
    data : str
        "chorales", "tunes", or a JSON file's name.
    """
    if data == "tunes":
        folds = {fold: [_phrases.of_tune(tune.score, steps=STEPS) for tune in _phrases.tunes(fold)] for fold in FOLDS}
    elif data == "chorales":
        from lab_utils.datasets import load_chorales

        pieces = load_chorales()
        folds = {fold: [_phrases.of_chorale(one, steps=STEPS) for one in pieces.fold(fold)] for fold in FOLDS}
    elif data == "jsb16":
        raise ParameterError("data: jsb16 tells no upbeats and no repeated notes; take 'chorales', which has the same folds.")
    else:
        read = chorale_pieces.prepare(data)
        folds = {fold: [_phrases.of_grid(piece.tokens, steps=STEPS) for piece in read[fold]] for fold in ("train", "valid")}
    gathered = {fold: _phrases.gather(pieces, steps=STEPS) for fold, pieces in folds.items()}
    for fold, phrases in gathered.items():
        if not len(phrases):
            raise DataError(f"{data}: has no phrase of two whole bars in its fold {fold!r}; give longer pieces.")
    gathered["train"] = replace(gathered["train"], ranges=shifts(gathered["train"]))
    return gathered


def from_grids(grids):
    """Return the Phrases of Pieces of the chorale recipe, as a file of grids holds them."""
    phrases = _phrases.gather([_phrases.of_grid(piece.tokens, steps=STEPS) for piece in grids], steps=STEPS)
    if not len(phrases):
        raise DataError("grid: has no phrase of two whole bars; give longer pieces.")
    return phrases


def from_score(score):
    """Return the phrases of a Score's first voice, int32, shape (N, 32), none if it is too short or in another meter."""
    windows = _phrases.windows(*melody.line_from_score(score), _phrases.starts_of(score, steps=STEPS), steps=STEPS)
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
