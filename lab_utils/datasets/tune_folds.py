"""Which folk tune belongs to which fold: variants of one tune stay together.

Conventions
-----------
* Two tunes are *variants*, and then in one group, if they have the same title, or the same opening of :data:`OPENING` notes, or
  share at least :data:`SAME_NOTES` of their windows of eight successive notes, or :data:`SAME_BEATS` of their windows of eight
  successive beats. A window is a row of intervals counted in letters, so neither key, mode nor accidentals matter; the first kind
  does not see note values, the second does not see passing notes. Links are followed on, so a group errs on the large side.
* Groups are dealt out 80/10/10 to "train", "valid" and "test" by :func:`lab_utils.datasets.split.split_by_group`; "left_out" is
  what :func:`lab_utils.datasets.tunes_corpus.clean` takes out.

``datasets/tunes/folds.csv`` has a row for each tune of the books: name, title, kind, group, fold, the checksum of its symbols and
the reason that it is left out. It holds no music.
"""

import csv
import io
import re
from collections import defaultdict

import numpy as np

from lab_utils.datasets.folds_table import read_table
from lab_utils.datasets.split import split_by_group
from lab_utils.datasets.tunes_corpus import title_and_kind
from lab_utils.encoding import abc_symbols as sym
from lab_utils.storage import sha256, shipped_folder, write_bytes

FOLDS = ("train", "valid", "test", "left_out")
SIZES = {"train": 0.8, "valid": 0.1, "test": 0.1}
COLUMNS = ("tune", "title", "kind", "group", "fold", "checksum", "reason")
WINDOW = 8  # notes or beats: seven intervals
OPENING = 16
SAME_NOTES = 0.25  # other tunes of one kind share up to about 0.2, in runs and turns
SAME_BEATS = 0.2
SEED = 0


def checksum(tune):
    """Return eight hexadecimal digits that stand for the symbols of a Tune."""
    return sha256(" ".join(tune.symbols).encode())[:8]


def plain_title(title):
    """Return the letters and digits of a title, without "the", "a" and what stands in brackets."""
    words = re.sub(r"\(.*?\)|[.,'’:;!?\"]", "", title.lower()).split()
    return "".join(letter for word in words if word not in ("the", "a", "an") for letter in word if letter.isalnum())


def melody(tune):
    """Return the notes of a Tune as (place in the bar in ticks, letter counted from C4); tied ones once, upbeats late."""
    full = sym.bar_ticks(tune.symbols[0])
    notes, bar, place, tied = [], [], 0, False
    for symbol in tune.symbols:
        kind = sym.kind(symbol)
        if kind == "note" and not tied:
            letter, octave, *_ = sym.note_of(symbol)
            bar.append((place, 7 * (octave - 4) + sym.LETTERS.index(letter)))
        if kind == "bar":
            upbeat = full - place if not notes and place < full else 0
            notes += [(at + upbeat, letter) for at, letter in bar]
            bar, place = [], 0
        tied = kind == "tie" or (tied and kind != "note")
        place += sym.ticks(symbol)
    return notes


def windows(tune):
    """Return the windows of a Tune as two sets of intervals: note by note, and beat by beat."""
    notes = melody(tune)
    beat = (3 if tune.meter[1] == 8 else 4 if tune.meter in ((4, 4), (2, 2)) else 2) * sym.TICKS_PER_EIGHTH
    return _rows([letter for _, letter in notes]), _rows([letter for place, letter in notes if place % beat == 0])


def _rows(letters):
    steps = np.diff(letters).astype(np.int8)
    return {steps[at : at + WINDOW - 1].tobytes() for at in range(len(steps) - WINDOW + 2)}


def group_tunes(tunes):
    """Return the group of each Tune, a list of int: from 0, in the order in which the groups first appear."""
    parent = list(range(len(tunes)))

    def root(index):
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, other in _variants(tunes):
        parent[root(one)] = root(other)
    numbers = {}
    return [numbers.setdefault(root(index), len(numbers)) for index in range(len(tunes))]


def _variants(tunes):
    """Pairs of places whose tunes are variants."""
    titles, openings = {}, {}
    for index, tune in enumerate(tunes):
        letters = [letter for _, letter in melody(tune)]
        opening = tuple(np.diff(letters[:OPENING])) if len(letters) >= OPENING else index
        for seen, key in ((titles, plain_title(tune.title) or index), (openings, opening)):
            yield index, seen.setdefault(key, index)
    both = [windows(tune) for tune in tunes]
    for place, least in ((0, SAME_NOTES), (1, SAME_BEATS)):
        yield from _alike([pair[place] for pair in both], least)


def _alike(sets, least):
    """Pairs of sets of which the smaller shares at least `least` with the other."""
    holders = defaultdict(list)
    for index, own in enumerate(sets):
        for window in own:
            holders[window].append(index)
    common = np.zeros((len(sets), len(sets)), dtype=np.int32)
    for found in holders.values():
        if len(found) > 1:
            common[np.ix_(found, found)] += 1
    sizes = np.array([max(len(own), 1) for own in sets])
    alike = np.tril(common >= least * np.minimum.outer(sizes, sizes), -1)
    return [(int(one), int(other)) for one, other in np.argwhere(alike)]


def assign_folds(tunes, *, seed=SEED):
    """Return the group and the fold of each Tune: (list of int, list of str)."""
    groups = group_tunes(tunes)
    return groups, split_by_group(groups, sizes=SIZES, seed=seed).tolist()


def write_folds(sources, tunes, left_out, path):
    """Write the table of folds.

    Parameters
    ----------
    sources : list of Source
        Of :func:`lab_utils.datasets.tunes_corpus.read_books`.
    tunes, left_out
        What :func:`lab_utils.datasets.tunes_corpus.clean` makes of them.
    path : str or Path
    """
    groups, folds = assign_folds(tunes)
    kept = {tune.name: (group, fold, checksum(tune), "") for tune, group, fold in zip(tunes, groups, folds, strict=True)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for source in sources:
        row = kept.get(source.name) or ("", "left_out", "", left_out[source.name])
        writer.writerow([source.name, *title_and_kind(source), *row])
    write_bytes(text.getvalue().encode(), path)


def read_folds(path=None):
    """Return the rows of ``datasets/tunes/folds.csv`` by tune, each a dict of :data:`COLUMNS` (all str).

    Raises
    ------
    DataError
        If the file is missing, or is not such a table.
    """
    return read_table(path or shipped_folder("tunes", "folds.csv"), columns=COLUMNS, folds=FOLDS)
