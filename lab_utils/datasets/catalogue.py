"""The catalogue: every data set by name, with its licence, its place and its card, and one call that makes it ready.

Conventions
-----------
* A card is ``datasets/NAME/README.md``: source, licence, how it was built, counts, checksums, known flaws, how to build it again.
* :func:`prepare` does what takes long or needs the network once; what is ready already is checked and left alone.

The command line's ``data list``, ``data card NAME`` and ``data prepare NAME`` are these functions.
"""

from dataclasses import dataclass

from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import shipped_folder


@dataclass(frozen=True)
class Entry:
    """One data set: its name, what it is in a line, its licence, where it comes from, its size in bytes (None: not known)."""

    name: str
    summary: str
    licence: str
    where: str
    size: int | None


ENTRIES = {
    entry.name: entry
    for entry in (
        Entry(
            "stave275",
            "275 bars of staff notation in five styles, labelled, split 220 / 55 by piece",
            "by piece, see the card",
            "ships with the course, but for the pieces whose licence says no: those are read from the installed music21",
            None,
        ),
        Entry(
            "chorales",
            "402 four-part Bach chorales on a grid of 16ths, with onsets and fermatas",
            "music: public domain; encodings: music21's corpus, by permission of the encoders, see the card",
            "ships with the course",
            117_131,
        ),
        Entry(
            "jsb16",
            "the public JSB benchmark: 382 Bach chorales on a grid of 16ths, in its canonical folds",
            "music: public domain; the file's repository gives no licence, so it is not shipped",
            "fetched from github.com/czhuang/JSB-Chorales-dataset, or found in the folder LAB_DATA",
            None,
        ),
        Entry(
            "tunes",
            "2,206 Irish and American fiddle tunes of O'Neill and Ryan as ABC symbols, variants kept together",
            "music: public domain; transcriptions: music21's corpus, by permission of the encoders, see the card",
            "read from the installed music21; names and folds ship with the course",
            None,
        ),
    )
}


def names():
    """Return the names of the data sets, as a list of str."""
    return list(ENTRIES)


def entry(name):
    """Return the Entry of a data set; a ParameterError lists the known names."""
    if name not in ENTRIES:
        raise ParameterError(f"name: expected a data set ({', '.join(ENTRIES)}), received {name!r}.")
    return ENTRIES[name]


def card(name):
    """Return the card of a data set, as Markdown text.

    Raises
    ------
    ParameterError
        An unknown name.
    DataError
        The card is missing from the clone.
    """
    path = shipped_folder(entry(name).name, "README.md")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); restore it with `git checkout`.") from error


def prepare(name, *, progress=True):
    """Make a data set ready: fetch it, render it, or check what ships.

    Parameters
    ----------
    name : str
    progress : bool
        Progress bars for what takes long.

    Returns
    -------
    str
        One line that says what is ready now.

    Raises
    ------
    ParameterError
        An unknown name.
    DataError
        What ships or was found is cut short or altered; nothing is there and it cannot be fetched.
    """
    return _PREPARE[entry(name).name](progress)


def _prepare_stave275(progress):
    from lab_utils.datasets.prepare import prepare_stave275

    items, frames, bins = prepare_stave275(progress=progress).spectrograms.shape
    return f"stave275: {items} spectrograms of {frames} frames × {bins} bins, in [-1, 1], in the cache"


def _prepare_chorales(progress):
    from lab_utils.datasets.chorales import load_chorales

    return f"chorales: {len(load_chorales())} pieces, checked; they ship with the course"


def _prepare_jsb16(progress):
    from lab_utils.datasets.jsb16 import jsb16_file

    path, data = jsb16_file(progress=progress)
    return f"jsb16: {len(data):,} bytes, checked, in {path}"


def _prepare_tunes(progress):
    from lab_utils.datasets.tunes import load_tunes

    return f"tunes: {len(load_tunes()):,} tunes of the installed music21, checked, in the cache"


_PREPARE = {"stave275": _prepare_stave275, "chorales": _prepare_chorales, "jsb16": _prepare_jsb16, "tunes": _prepare_tunes}
