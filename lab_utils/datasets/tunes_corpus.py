"""From the tune books of the installed music21 to single tunes: O'Neill's Music of Ireland and Ryan's Mammoth Collection.

The books are ABC text in music21's corpus, transcribed by many hands. They are read as text, without importing music21.

Conventions
-----------
* A source's name is ``oneill-0101``, by its number ``X:``, or ``ryan-AllTheGoReel``, by its file. Where a number comes again
  (some pages were transcribed twice), the later ones are ``oneill-0732b``, ``c``, in the order of the files.
* A kind of dance is what ``R:`` says, else the end of the title, else, in O'Neill, where in the book it stands: airs to 700, jigs
  to 1115, slip jigs to 1175, reels to 1555, hornpipes to 1780, as the pages around say; else "other".
* A title is the first ``T:``, without the kind of dance behind it.

Which tunes are kept: :func:`clean`, in its order. What a tune loses on the way: :mod:`lab_utils.encoding.abc_tokens`.
"""

import re
import string
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lab_utils.datasets.tune import Tune
from lab_utils.encoding.abc_tokens import bars_right, symbols_from_abc
from lab_utils.errors import DataError
from lab_utils.storage import read_bytes

KINDS = ("reel", "jig", "slip jig", "hornpipe", "clog", "strathspey", "fling", "air", "waltz", "march", "slide", "walkaround")
OTHER = "other"
SAME_KIND = {"slipjig": "slip jig", "double jig": "jig", "highland fling": "fling"}
PLACES = ((700, "air"), (1115, "jig"), (1175, "slip jig"), (1555, "reel"), (1780, "hornpipe"))
BOOKS = {"oneills1850": "O'Neill", "ryansMammoth": "Ryan"}
FEWEST_BARS = 8
MOST_SYMBOLS = 400
ODD_LENGTH = "a note of no whole number of ticks"
RARE = 4  # a symbol in fewer tunes than these takes its tunes out


@dataclass(frozen=True)
class Source:
    """One tune as its book has it: its name, the book's, and the ABC text from ``X:`` on."""

    name: str
    book: str
    text: str


def corpus_folder():
    """Return the folder of music21's corpus, without importing music21.

    Raises
    ------
    DataError
        If music21 or its corpus is not installed.
    """
    found = find_spec("music21")
    folder = Path(found.submodule_search_locations[0], "corpus") if found else None
    if folder is None or not all((folder / book).is_dir() for book in BOOKS):
        raise DataError(f"{folder or 'music21'}: has no tune books; install music21 with its corpus: `pip install music21`.")
    return folder


def read_books(folder=None):
    """Return every tune of both books, a list of Source in the order of the files.

    Parameters
    ----------
    folder : str or Path, optional
        That has the folders ``oneills1850`` and ``ryansMammoth``; default music21's corpus.
    """
    folder = Path(folder) if folder is not None else corpus_folder()
    sources, seen = [], Counter()
    for book, short in BOOKS.items():
        paths = sorted((folder / book).glob("*.abc"))
        if not paths:
            raise DataError(f"{folder / book}: has no .abc files; install music21 with its corpus: `pip install music21`.")
        for path in paths:
            for text in _tunes(read_bytes(path).decode("latin-1")):
                name = f"oneill-{_number(text):04d}" if short == "O'Neill" else f"ryan-{path.stem}"
                seen[name] += 1
                sources.append(Source(name + "abcdefgh"[seen[name] - 1] * (seen[name] > 1), short, text))
    return sources


def _tunes(text):
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [tune.rstrip() + "\n" for tune in re.split(r"^(?=X:)", text, flags=re.MULTILINE)[1:]]


def _number(text):
    return int(re.match(r"X:\s*(\d*)", text)[1] or 0)


def title_and_kind(source):
    """Return the title of a Source and its kind of dance."""
    title = next(iter(_said(source, "T")), "")
    title, _, behind = title.partition("--")
    told = [_said(source, "R")[0] if _said(source, "R") else "", behind]
    kinds = [SAME_KIND.get(kind, kind) for kind in (word.strip(" .\"'").lower() for word in told)]
    number = _number(source.text) if source.book == "O'Neill" else PLACES[-1][0] + 1
    place = next((kind for last, kind in PLACES if number <= last), OTHER)
    title = " ".join(title.replace('"', " ").split()).rstrip(".")
    title = re.sub(r"^(.*?)[.,]* The$", r"The \1", title)
    return string.capwords(title) if title.isupper() else title, next((kind for kind in kinds if kind in KINDS), place)


def _said(source, letter):
    return [found.strip() for found in re.findall(rf"^{letter}:(.*)$", source.text, flags=re.MULTILINE)]


def read_tune(source):
    """Return the Tune of a Source; a :class:`DataError` says why it is none."""
    title, kind = title_and_kind(source)
    try:
        return Tune(source.name, title, source.book, kind, tuple(symbols_from_abc(source.text)))
    except DataError as error:
        raise DataError(f"{source.name}: {str(error).removeprefix('text: ')}") from error


def clean(sources):
    """Return the tunes to keep, and why the others are left out.

    Left out, in this order: what :func:`~lab_utils.encoding.abc_tokens.symbols_from_abc` refuses; tunes with a bar of the wrong
    length (:func:`~lab_utils.encoding.abc_tokens.bars_right`); tunes of fewer than :data:`FEWEST_BARS` bars or more than
    :data:`MOST_SYMBOLS` symbols; tunes with the music of an earlier one; tunes with a symbol that fewer than :data:`RARE` of the
    tunes kept so far have, over and over until none is rare.

    Parameters
    ----------
    sources : iterable of Source

    Returns
    -------
    tunes : list of Tune
    left_out : dict of str to str
        Name → reason.
    """
    tunes, left_out, seen = [], {}, {}
    for source in sources:
        try:
            tune = read_tune(source)
        except DataError as error:
            left_out[source.name] = _reason(str(error))
            continue
        right, bars = bars_right(tune.symbols)
        if right < bars:
            left_out[tune.name] = "a bar of the wrong length"
        elif bars < FEWEST_BARS or len(tune) > MOST_SYMBOLS:
            left_out[tune.name] = "too short" if bars < FEWEST_BARS else "too long"
        elif tune.symbols[2:] in seen:
            left_out[tune.name] = f"the music of {seen[tune.symbols[2:]]}"
        else:
            seen[tune.symbols[2:]] = tune.name
            tunes.append(tune)
    return _without_rare(tunes, left_out)


def _without_rare(tunes, left_out):
    while True:
        counts = Counter(symbol for tune in tunes for symbol in set(tune.symbols))
        rare = {tune.name: next((symbol for symbol in tune.symbols if counts[symbol] < RARE), "") for tune in tunes}
        if not any(rare.values()):
            return tunes, left_out
        left_out |= {name: "a rare symbol" for name, symbol in rare.items() if symbol}
        tunes = [tune for tune in tunes if not rare[tune.name]]


def _reason(message):
    """The kind of trouble in a reader's message."""
    reasons = {"its key": "changes its key", "its meter": "changes its meter", "K:": "no plain key", "ticks": ODD_LENGTH}
    return next((reason for words, reason in reasons.items() if words in message), "not readable")
