"""Which chorale belongs to which fold: nothing of the benchmark's test fold, nor a setting of its tunes, may be trained on.

Conventions
-----------
* A *claim* is the fold of the public benchmark (``jsb16``) that holds the setting; ``datasets/chorales/folds.csv`` lists them.
* A *tune* is a group of settings of one hymn melody: linked by the same title in music21's catalogues, or by melodies that
  share at least :data:`SAME_TUNE` of their windows. Links are followed on, so a group errs on the large side.
* A *double* is the same setting under another name: the four voices share at least :data:`SAME_SETTING` of their windows.

The rules, in this order:

1. Claimed by test: fold "test".
2. Claimed by none: "left_out". Seven pieces of the benchmark's test fold have no known score in the corpus, so each such
   score may be one of them.
3. A double of a piece that belongs to test (for a train piece: to valid as well): "left_out".
4. Claimed by train, and its tune is one of a test piece: "left_out".
5. Else the fold that claims it.

The valid fold may share tunes with the test and train folds, as it does in the benchmark.
"""

import csv
import io
import re
import unicodedata
from functools import lru_cache

import numpy as np

from lab_utils.datasets.folds_table import read_table
from lab_utils.errors import ParameterError
from lab_utils.files.library import music21
from lab_utils.storage import shipped_folder, write_bytes

FOLDS = ("train", "valid", "test", "left_out")
COLUMNS = ("piece", "title", "claim", "match", "tune", "fold", "reason")
WINDOW_NOTES = 8  # notes in a window of melody: seven intervals
WINDOW_CHORDS = 5  # chords in a window of four voices: four steps of each
SAME_TUNE = 0.3
SAME_SETTING = 0.5
SAME_TITLE = 0.5  # a title is borrowed on better grounds than a piece is kept out of training


def natural(name):
    """Return a key that sorts bwv9.7 before bwv10.7."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


@lru_cache(maxsize=1)
def hymn_titles():
    """Return music21's hymn titles by piece, ``{"bwv269": "Aus meines Herzens Grunde", …}``: two catalogues in one."""
    chorales = music21.corpus.chorales
    entries = [*chorales.ChoraleList().byBWV.values(), *chorales.ChoraleListRKBWV().byRiemenschneider.values()]
    titles = {f"bwv{entry['bwv']}": entry["title"] for entry in entries}
    return titles | {"bwv2.6": titles["bwv2.6"].replace("AAch", "Ach")}  # a slip of the catalogue's


def _plain(title):
    letters = unicodedata.normalize("NFKD", title.lower().replace("ß", "ss"))
    return "".join(letter for letter in letters if letter.isalnum())


def _windows(steps, size):
    """Every run of `size` rows of `steps`, as a set of hashable things."""
    rows = np.asarray(steps, dtype=np.int8)
    return {rows[start : start + size].tobytes() for start in range(len(rows) - size + 1)}


def melody_windows(piece):
    """Return the soprano's windows of :data:`WINDOW_NOTES` notes as two sets of intervals: note by note, and beat by beat.

    The first knows the rhythm's order but not its values, so it finds a tune in doubled values; the second skips passing
    notes. Both are unmoved by transposition.
    """
    sung = piece.grid[:, 0][piece.onsets[:, 0]]
    on_beat = piece.grid[piece.pickup_steps % 4 :: 4, 0]
    lines = (sung, on_beat[on_beat >= 0])
    return tuple(_windows(np.diff(line.astype(int)), WINDOW_NOTES - 1) for line in lines)


def setting_windows(piece):
    """Return the windows of :data:`WINDOW_CHORDS` successive chords as one set; a chord changes when any voice does."""
    grid = np.asarray(piece.grid, dtype=int)
    changes = np.concatenate([[True], (np.diff(grid, axis=0) != 0).any(axis=1)])
    return _windows(np.diff(grid[changes], axis=0), WINDOW_CHORDS - 1)


def shared(a, b):
    """Return the share of the smaller set of windows that the other has too; 0 where one is empty."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def melody_match(a, b):
    """Return how much of the melody two pieces share, 0 to 1; `a` and `b` come from :func:`melody_windows`."""
    return max(shared(one, other) for one, other in zip(a, b, strict=True))


def group_tunes(pieces):
    """Return the tune number of each piece.

    Parameters
    ----------
    pieces : list of Chorale

    Returns
    -------
    list of int
        From 0, in the order in which the tunes first appear.
    """
    windows = [melody_windows(piece) for piece in pieces]
    titles = [_plain(piece.title) for piece in pieces]
    group = list(range(len(pieces)))
    for i in range(len(pieces)):
        for j in range(i):
            if group[i] == group[j]:
                continue
            if (titles[i] and titles[i] == titles[j]) or melody_match(windows[i], windows[j]) >= SAME_TUNE:
                old, new = group[i], group[j]
                group = [new if number == old else number for number in group]
    numbers = {}
    return [numbers.setdefault(number, len(numbers)) for number in group]


def assign_folds(pieces, claims, tunes):
    """Return the fold of each piece with its reason, by the rules of this module.

    Parameters
    ----------
    pieces : list of Chorale
    claims : dict of str to str
        Piece name → "train", "valid" or "test"; pieces without a claim may be missing.
    tunes : list of int
        As :func:`group_tunes` returns them.

    Returns
    -------
    list of (str, str)
        Fold and reason; the reason is empty where a claim was simply followed.

    Raises
    ------
    ParameterError
        A claim that is no fold of the benchmark.
    """
    wrong = sorted(set(claims.values()) - set(FOLDS[:3]) - {""})
    if wrong:
        raise ParameterError(f"claims: expected train, valid or test, received {wrong[0]!r}; correct the claim.")
    settings = [setting_windows(piece) for piece in pieces]
    claimed = [claims.get(piece.name, "") for piece in pieces]
    sung_in_test = {tune: piece.name for piece, tune, claim in zip(pieces, tunes, claimed, strict=True) if claim == "test"}

    def double(index, folds):
        return next(
            (
                pieces[other].name
                for other in range(len(pieces))
                if other != index and claimed[other] in folds and shared(settings[index], settings[other]) >= SAME_SETTING
            ),
            None,
        )

    def decide(index):
        claim = claimed[index]
        if claim == "test":
            return "test", ""
        if not claim:
            other = double(index, FOLDS[:3])
            return "left_out", f"a double of {other}" if other else "no fold claims it"
        other = double(index, ("test", "valid") if claim == "train" else ("test",))
        if other:
            return "left_out", f"a double of {other}"
        if claim == "train" and tunes[index] in sung_in_test:
            return "left_out", f"the tune of {sung_in_test[tunes[index]]} in test"
        return claim, ""

    return [decide(index) for index in range(len(pieces))]


def read_folds(path=None):
    """Return the rows of ``datasets/chorales/folds.csv`` by piece, each a dict of :data:`COLUMNS` (all str).

    Raises
    ------
    DataError
        If the file is missing, or is not such a table.
    """
    return read_table(path or shipped_folder("chorales", "folds.csv"), columns=COLUMNS, folds=FOLDS)


def write_folds(pieces, claims, path):
    """Write the table of folds, tunes and titles.

    Parameters
    ----------
    pieces : list of Chorale
        With the catalogues' titles. A piece without one gets that of the setting whose melody matches best, if any does.
    claims : dict of str to (str, str)
        Piece name → fold of the benchmark, and share of its windows found in the piece.
    path : str or Path
    """
    tunes = group_tunes(pieces)
    folds = assign_folds(pieces, {name: claim for name, (claim, _) in claims.items()}, tunes)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for piece, title, tune, (fold, reason) in zip(pieces, _titles(pieces), tunes, folds, strict=True):
        writer.writerow([piece.name, title, *claims.get(piece.name, ("", "")), tune, fold, reason])
    write_bytes(text.getvalue().encode(), path)


def _titles(pieces):
    windows = [melody_windows(piece) for piece in pieces]
    named = [index for index, piece in enumerate(pieces) if piece.title]
    titles = []
    for piece, own in zip(pieces, windows, strict=True):
        match, nearest = max((melody_match(own, windows[index]), -index) for index in named)
        titles.append(piece.title or (pieces[-nearest].title if match >= SAME_TITLE else ""))
    return titles
