"""Phrases of one voice: windows of whole bars as tokens of 16ths, cut from chorales, tunes and Scores at their bar lines.

Conventions
-----------
* A **phrase** is a number of 16ths, `steps`, as tokens (:mod:`lab_utils.encoding.melody`), from a bar line on; of N phrases
  int32, shape (N, steps). A note that is tied over the bar line starts with the phrase; what sounds beyond its end is cut.
  Phrases of rests alone are left out.
* A phrase begins at every bar line that whole bars follow up to its end, so neighbours share bars. In 2/4 two bars count as one
  of 16 steps.
* Only pieces in 4/4, 2/2 and 2/4 give phrases, of the chorales those in 4/4. Of the tunes, phrases with triplets or anything else
  off the 16ths are left out.

The recipes ``vae`` and ``cyclegan`` cut their phrases so.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.encoding import chorale, melody
from lab_utils.encoding.chorale import STEPS_PER_QUARTER

BAR = 16  # steps
OF_16 = ((4, 4), (2, 2), (2, 4))  # meters whose bars fill a phrase


@dataclass(frozen=True)
class Phrases:
    """Phrases with where they are from.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (N, steps)
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


def gather(pieces, *, steps):
    """Return the Phrases of pieces, each a list of (voice, windows), as the functions below return them."""
    rows = [(tokens, voice, i) for i, lines in enumerate(pieces) for voice, windows in lines for tokens in windows]
    if not rows:
        return Phrases(np.zeros((0, steps), np.int32), np.zeros(0, int), np.zeros(0, int))
    tokens, voices, numbers = zip(*rows, strict=True)
    return Phrases(np.stack(tokens), np.array(voices), np.array(numbers))


def of_chorale(piece, *, steps, voices=range(4)):
    """Return [(voice, windows), …] of a Chorale, no windows if it is not in 4/4."""
    starts = range(piece.pickup_steps, len(piece.grid), BAR) if piece.meter == (4, 4) else ()
    return [(voice, windows(piece.grid[:, voice], piece.onsets[:, voice], starts, steps=steps)) for voice in voices]


def of_grid(tokens, *, steps):
    """Return [(voice, windows), …] of tokens (T, voices), whose bars are counted from the start."""
    grid, onsets = chorale.grid_from_tokens(tokens, voices=np.shape(tokens)[1])
    starts = range(0, len(grid), BAR)
    return [(voice, windows(grid[:, voice], onsets[:, voice], starts, steps=steps)) for voice in range(grid.shape[1])]


def of_tune(score, *, steps):
    """Return [(0, windows)] of a Score of one voice, without those in which something is off the 16ths or out of range."""
    notes = score.notes
    edges = np.concatenate([notes["onset_quarter"], notes["onset_quarter"] + notes["duration_quarter"]]) * STEPS_PER_QUARTER
    off = np.abs(edges - np.round(edges)) > 1e-6
    outside = np.tile((notes["pitch"] < chorale.LOWEST) | (notes["pitch"] > chorale.HIGHEST), 2)
    bad = np.floor(edges[off | outside]).astype(int)  # steps in which something is off the grid
    starts = [start for start in starts_of(score, steps=steps) if not ((bad >= start) & (bad < start + steps)).any()]
    if not starts:
        return [(0, [])]
    return [(0, windows(*melody.line_from_score(score), starts, steps=steps))]


def tunes(fold, *, kinds=None):
    """Return the tunes of a fold of the data set ``tunes`` in 4/4, 2/2 or 2/4; if `kinds` are named, of those alone."""
    from lab_utils.datasets import load_tunes

    return [tune for tune in load_tunes().fold(fold) if tune.meter in OF_16 and (kinds is None or tune.kind in kinds)]


def starts_of(score, *, steps):
    """Return the steps at which a bar of a Score starts that whole bars follow up to a phrase's length, a list of int."""
    lines = np.round(score.bar_lines() * STEPS_PER_QUARTER).astype(int)
    if any((beats, unit) not in OF_16 for _, beats, unit in score.meters):
        return []
    whole = BAR * score.meter[0] // score.meter[1]
    first = 1 if score.pickup_quarter else 0
    return [int(start) for start in lines[first:] if np.isin(start + np.arange(0, steps + 1, whole), lines).all()]


def windows(line, onsets, starts, *, steps):
    """Return the phrases of a line (T,) that begin at the steps `starts`, a list of tokens (steps,)."""
    whole = [slice(start, start + steps) for start in starts if start + steps <= len(line)]
    return [melody.tokens_from_line(line[span], onsets[span]) for span in whole if (line[span] >= 0).any()]
