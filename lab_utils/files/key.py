"""The key that a piece seems to be in, by music21's comparison with key profiles (Krumhansl, 1990; Aarden's weights).

A guess: short or wandering pieces may be named by a neighbouring key.
"""

from lab_utils.errors import ParameterError
from lab_utils.files.library import music21


def find_key(score):
    """Return the key of a Score as (sharps, mode).

    Parameters
    ----------
    score : Score

    Returns
    -------
    tuple of (int, str)
        Sharps from -5 to 6, so that no key is spelt with more signs than it needs, and "major" or "minor".

    Raises
    ------
    ParameterError
        If the Score has no notes.
    """
    if not len(score):
        raise ParameterError("score: expected at least one note, received a Score without notes.")
    stream = music21.stream.Stream()
    for row in score.notes:
        stream.insert(row["onset_quarter"], music21.note.Note(int(row["pitch"]), quarterLength=row["duration_quarter"]))
    found = stream.analyze("key.aardenessen")
    return int(found.sharps + 5) % 12 - 5, str(found.mode)
