"""A bar as numbers, as many for one bar as for another: as a picture (a piano roll of fixed width) and as a few features.

Conventions
-----------
* A bar is a Score that starts at 0, as ``Bar.score`` of stave275 is; several bars in one Score count as one long bar.
* The picture stretches every bar to the same number of steps, whatever its meter: a bar of 3/2 is written closer than one of 2/4.
  With 24 steps every beat of every meter of stave275 falls on a step. Its values are those of a piano roll.
* The features are what can be counted without knowing who plays what, and the number of voices last. Pitch classes are
  weighted by duration: a long C counts more than a short one.

The features have no inverse: many bars share the same ones. Left out: velocity, tempo, the key as it is written.
Notebooks ``01_deep_learning`` (both) and ``02_generative_models`` (features) use it.
"""

import numpy as np

from lab_utils.encoding.pianoroll import roll_from_score, score_from_roll
from lab_utils.errors import ParameterError

PITCH_CLASSES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
SIZES = (
    "lowest", "highest", "mean_pitch", "range",
    "notes_per_quarter", "onsets_per_quarter", "together", "sounding", "mean_length",
)  # fmt: skip
BAR_FEATURES = SIZES + PITCH_CLASSES + ("voices",)


def bar_roll(score, *, steps=24, lowest=24, highest=107):
    """Return a bar as a piano roll of `steps` steps.

    Parameters
    ----------
    score : Score
        One bar.
    steps : int
        How many steps the whole bar gets; notes are moved to the nearest.
    lowest, highest : int
        MIDI pitches of the first and last column; the default is seven octaves from C1.

    Returns
    -------
    np.ndarray of uint8, shape (steps, P)
        0 silent, 1 a note starts, 2 it goes on.

    Raises
    ------
    ParameterError
        No note, a pitch outside the columns, or `steps` that is no positive whole number.
    """
    if not isinstance(steps, int | np.integer) or steps < 1:
        raise ParameterError(f"steps: expected a positive whole number, received {steps!r}.")
    roll = roll_from_score(score, steps_per_quarter=steps / _quarters(score), lowest=lowest, highest=highest)
    missing = max(0, steps - len(roll))  # the bar may end with a rest
    return np.pad(roll, ((0, missing), (0, 0)))[:steps]


def score_from_bar_roll(roll, *, quarters=4.0, lowest=24, **about):
    """Return the Score of a bar's roll: the inverse of :func:`bar_roll`, as far as its steps hold the notes.

    Parameters
    ----------
    roll : np.ndarray of uint8, shape (steps, P)
    quarters : float
        The bar's length, which the roll does not know.
    lowest : int
        As in :func:`bar_roll`.
    **about
        Further fields of the Score: tempo, meters, keys, …

    Raises
    ------
    ParameterError
        A length that is not positive; a roll as :func:`~lab_utils.encoding.pianoroll.score_from_roll` refuses it.
    """
    if not quarters > 0:
        raise ParameterError(f"quarters: expected a positive length, received {quarters!r}.")
    return score_from_roll(roll, steps_per_quarter=len(roll) / quarters, lowest=lowest, **about)


def bar_features(score):
    """Return what can be counted in a bar.

    Parameters
    ----------
    score : Score
        One bar.

    Returns
    -------
    np.ndarray of float, shape (D,)
        Named by :data:`BAR_FEATURES`: the lowest, highest and mean MIDI pitch and the range in semitones; notes, and moments at
        which any note starts, in a quarter; notes that start together; notes that sound at once, on average; a note's mean
        length in quarters; the share of each of the twelve pitch classes in the sounding time; the number of voices.

    Raises
    ------
    ParameterError
        No note.

    Examples
    --------
    >>> dict(zip(BAR_FEATURES, bar_features(bar.score)))["together"]
    """
    if not len(score):
        raise ParameterError("score: expected at least one note, received a Score without notes.")
    notes, quarters = score.notes, _quarters(score)
    pitch, length = notes["pitch"], notes["duration_quarter"]
    onsets = len(np.unique(notes["onset_quarter"].round(6)))
    classes = np.bincount(pitch % 12, weights=length, minlength=12) / length.sum()
    sizes = (
        pitch.min(), pitch.max(), pitch.mean(), np.ptp(pitch),
        len(notes) / quarters, onsets / quarters, len(notes) / onsets, length.sum() / quarters, length.mean(),
    )  # fmt: skip
    return np.array([*sizes, *classes, len(score.voices)], dtype=float)


def _quarters(score):
    """The length of the Score, its last bar whole, in quarter notes."""
    return float(score.bar_lines()[-1])
