"""Scores in files of any kind: the suffix chooses the format.

``.mid``, ``.midi`` are MIDI, ``.musicxml``, ``.xml``, ``.mxl`` MusicXML (the last one compressed), ``.abc`` ABC: see
:mod:`~lab_utils.files.midi`, :mod:`~lab_utils.files.musicxml` and :mod:`~lab_utils.files.abc` for what each can say.
"""

from pathlib import Path

from lab_utils.errors import DataError
from lab_utils.files import abc, midi, musicxml

MIDI = (midi.read_midi, midi.write_midi)
MUSICXML = (musicxml.read_musicxml, musicxml.write_musicxml)
FORMATS = {
    ".mid": MIDI, ".midi": MIDI, ".musicxml": MUSICXML, ".xml": MUSICXML, ".mxl": MUSICXML, ".abc": (abc.read_abc, abc.write_abc),
}  # fmt: skip


def read(path):
    """Return the Score in a file; a :class:`DataError` if its suffix is none of ours or it cannot be read."""
    return _format(path)[0](path)


def write(score, path):
    """Write `score` to a file, whole or not at all; a :class:`DataError` if its suffix is none of ours."""
    _format(path)[1](score, path)


def _format(path):
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise DataError(f"{path}: expected one of the suffixes {', '.join(FORMATS)}, received {suffix!r}; rename it.")
    return FORMATS[suffix]
