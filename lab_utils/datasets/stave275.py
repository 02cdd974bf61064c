"""stave275: 275 bars of staff notation, five styles × five pieces × eleven bars, each bar with its style, key and meter.

The styles
----------
madrigal (Monteverdi, five voices), chorale (Bach, four voices), quartet (Haydn, Mozart, Beethoven), salon (polonaises and a
mazurka for piano, Clara Schumann and Chopin), tune (Irish dance tunes, one voice).

Conventions
-----------
* The eleven bars are the first whole ones of each piece, so bar 1 follows the upbeat, if there is one.
* The split is by piece and stratified by style: in each style four pieces train and one validates, 220 and 55 bars.
* ``key`` is the tonic and mode that the bars stand in ("G minor"); the score's own key is the signature as it is notated,
  which for the modal madrigals is not the same (G minor with one flat).
* A Bar's Score starts at 0 and is cut at its bar lines: a note tied into the bar is struck again.
* ``instrumentation="piano"`` gives every voice to the piano, the default: with "style" (choir, organ, strings, piano, fiddle)
  a classifier can tell the style by the timbre and need not listen to the music.

Files
-----
``datasets/stave275/manifest.json`` lists the pieces with source, licence and checksums. What the licence lets us ship lies
beside it as MIDI and MusicXML; the rest is read from the user's own music21 and kept in the cache.
Used by notebooks 03, 04 and the style classifier. Source: music21's corpus (Cuthbert and Ariza, 2010).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from lab_utils import storage
from lab_utils.errors import DataError, ParameterError
from lab_utils.files.midi import read_midi, to_midi_bytes
from lab_utils.score import Score

PROGRAMS = {"madrigal": (52,), "chorale": (19,), "quartet": (40, 40, 41, 42), "salon": (0,), "tune": (110,)}
NAMES = {"quartet": ("Violin I", "Violin II", "Viola", "Cello"), "salon": ("Right hand", "Left hand"), "tune": ("Tune",)}
STYLES = tuple(PROGRAMS)
FOLDS = ("train", "valid")
INSTRUMENTATIONS = ("piano", "style")


@dataclass(frozen=True, eq=False)
class Piece:
    """Eleven bars of one piece.

    Parameters
    ----------
    score : Score
        The eleven bars, starting at bar 1.
    name, style, title, composer, key, fold : str
        See the module's conventions.
    first_bar : int
        The printed number of the first of them.
    licence : str
        What its source says of copying it.
    ships : bool
        False: read from the installed music21.
    """

    score: Score
    name: str
    style: str
    title: str
    composer: str
    key: str
    fold: str
    first_bar: int
    licence: str
    ships: bool

    @cached_property
    def bars(self):
        """The bars as a list of :class:`Bar`."""
        numbers = self.score.bar_numbers()
        return [Bar(self.score.bars(int(n), int(n)), self, self.first_bar + i) for i, n in enumerate(numbers)]


@dataclass(frozen=True, eq=False)
class Bar:
    """One bar of one piece.

    Parameters
    ----------
    score : Score
        The bar alone, starting at 0.
    piece : Piece
    number : int
        Its printed number in the piece.
    """

    score: Score
    piece: Piece
    number: int

    @property
    def name(self):
        """The bar's name, "drowsy_maggie-07"; no two bars have the same."""
        return f"{self.piece.name}-{self.number:02d}"

    @property
    def style(self):
        """One of :data:`STYLES`."""
        return self.piece.style

    @property
    def key(self):
        """Tonic and mode, "G minor"."""
        return self.piece.key

    @property
    def meter(self):
        """The meter as it is written, "6/8"."""
        return "{}/{}".format(*self.score.meter)

    @property
    def fold(self):
        """One of :data:`FOLDS`."""
        return self.piece.fold


def load_stave275(*, fold=None, style=None, instrumentation="piano"):
    """Return the bars, all 275 or those of a fold or style.

    Parameters
    ----------
    fold : str, optional
        "train" (220 bars) or "valid" (55).
    style : str, optional
        One of :data:`STYLES`.
    instrumentation : str
        "piano": every voice on the piano; "style": on the instruments of its style.

    Returns
    -------
    list of Bar
        In the manifest's order: by style, by piece, by bar.

    Raises
    ------
    ParameterError
        An unknown fold, style or instrumentation.
    DataError
        A shipped file is missing or damaged, or the installed corpus is not the one that the manifest was made from.
    """
    pieces = load_pieces(fold=fold, style=style, instrumentation=instrumentation)
    return [bar for piece in pieces for bar in piece.bars]


def load_pieces(*, fold=None, style=None, instrumentation="piano"):
    """Return the pieces, all 25 or those of a fold or style; see :func:`load_stave275` for options and errors.

    Returns
    -------
    list of Piece
    """
    _check_choice("fold", fold, FOLDS)
    _check_choice("style", style, STYLES)
    if instrumentation not in INSTRUMENTATIONS:
        raise ParameterError(f"instrumentation: expected one of {', '.join(INSTRUMENTATIONS)}, received {instrumentation!r}.")
    entries = [e for e in manifest()["pieces"] if fold in (None, e["fold"]) and style in (None, e["style"])]
    return [_piece(entry, instrumentation) for entry in entries]


@lru_cache(maxsize=1)
def manifest():
    """Return the manifest: a dict with the list ``pieces`` and the texts of their ``licences``."""
    return storage.read_json(storage.shipped_folder("stave275", "manifest.json"))


def build(folder=None, *, names=None):
    """Write the files that ship, made anew from the installed corpus.

    Parameters
    ----------
    folder : str or Path, optional
        Where to write to. Default: the repository's ``datasets/stave275``, whose manifest gets the new checksums.
    names : collection of str, optional
        Only these pieces; all of them by default.

    Returns
    -------
    dict of str → dict
        For each piece its checksums: ``source_sha256``, ``midi_sha256`` and, where it ships, ``musicxml_sha256``.

    Raises
    ------
    DataError
        If a source is missing, or its bars are not whole and on the grid.
    """
    from lab_utils.datasets.stave275_corpus import write_piece

    listed, home = manifest(), storage.shipped_folder("stave275")
    known = [entry["name"] for entry in listed["pieces"]]
    for name in names or ():
        _check_choice("names", name, known)
    sums = {}
    for entry in listed["pieces"]:
        if names is None or entry["name"] in names:
            sums[entry["name"]] = write_piece(entry, home if folder is None else Path(folder), **_form(entry))
    if folder is None:
        pieces = [{**entry, **sums.get(entry["name"], {})} for entry in listed["pieces"]]
        storage.write_json({**listed, "pieces": pieces}, home / "manifest.json")
        manifest.cache_clear()
    return sums


def _form(entry):
    """What every piece of a style has in common, for the reading of the corpus."""
    style, listed = entry["style"], manifest()
    return {
        "bars": listed["bars_per_piece"],
        "steps_per_quarter": listed["steps_per_quarter"],
        "programs": PROGRAMS[style],
        "names": NAMES.get(style, ()),
    }


def _check_choice(name, value, known):
    if value is not None and value not in known:
        raise ParameterError(f"{name}: expected one of {', '.join(known)}, received {value!r}.")


def _piece(entry, instrumentation):
    score = _shipped(entry) if entry["ships"] else _from_corpus(entry)
    if instrumentation == "piano":
        score = score.with_(programs=())
    facts = {name: entry[name] for name in ("name", "style", "title", "composer", "key", "fold", "first_bar", "ships")}
    return Piece(score, licence=manifest()["licences"][entry["licence"]], **facts)


def _shipped(entry):
    path = storage.shipped_folder("stave275", "midi", f"{entry['name']}.mid")
    if storage.sha256(storage.read_bytes(path)) != entry["midi_sha256"]:
        raise DataError(f"{path}: is damaged, its SHA-256 is not the manifest's; get it again: `git checkout -- {path}`.")
    return read_midi(path)


def _from_corpus(entry):
    """A piece that may not be shipped: from the cache, else from the installed corpus."""
    path = storage.cache_folder("stave275") / f"{entry['name']}-{entry['midi_sha256'][:12]}.mid"
    if not path.is_file() or storage.sha256(path) != entry["midi_sha256"]:
        from lab_utils.datasets.stave275_corpus import corpus_file, read_piece  # imports music21, which takes a second

        data = to_midi_bytes(read_piece(entry, **_form(entry)))
        if storage.sha256(data) != entry["midi_sha256"]:
            raise DataError(
                f"{corpus_file(entry)}: has other notes than the manifest of stave275 says; "
                f"install the music21 that it was made from: `pip install music21=={manifest()['music21']}`."
            )
        storage.write_bytes(data, path)
    return read_midi(path)
