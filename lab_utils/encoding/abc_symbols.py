"""What one symbol of a folk tune means: its pitch, its length, its part in the form, and how a tonic is moved to C.

A tune is a row of symbols, each a piece of ABC text with one meaning of its own (after Sturm et al., folk-rnn, 2016):

* ``[M:6/8]``, ``[K:Gmaj]``: the head. A key is a tonic and a mode (maj, min, dor, mix, phr, lyd, loc).
* ``c2``, ``^F/2``, ``G,3/2``, ``e2/3``: a note with its length in eighths, its accidental told each time that it is not as the
  key has it. ``z2`` is a rest.
* ``|`` a bar line, ``||`` one between sections, ``|]`` the end, ``|:``, ``:|``, ``::`` repeat signs, ``[1`` and ``[2`` endings.
* ``-`` ties the note before it to the one behind it.

Conventions
-----------
* Times are in *ticks*: :data:`TICKS_PER_QUARTER` (24) to a quarter, so that triplets of 32nds are whole numbers.
* The notes of a symbol row are written **as if the tonic were C**: tonic C4 to B4 becomes C4, every letter moves down by as many
  steps, and an accidental keeps its distance to the key. The rule hangs on the tonic's letter alone (:func:`steps_down`), so the
  key symbol, which names the real tonic, undoes it.

Text to symbols and back: :mod:`lab_utils.encoding.abc_tokens`. Numbers: :mod:`lab_utils.encoding.abc_vocabulary`.
"""

import re
from fractions import Fraction
from functools import lru_cache

from lab_utils.errors import ParameterError

TICKS_PER_QUARTER = 24
TICKS_PER_EIGHTH = TICKS_PER_QUARTER // 2
LETTERS = "CDEFGAB"
FIFTHS = "FCGDAEB"  # the order in which a key takes its sharps
MODES = {"maj": 0, "lyd": 1, "mix": -1, "dor": -2, "min": -3, "phr": -4, "loc": -5}  # sharps of the mode whose tonic is C
ALTERS = {"__": -2, "_": -1, "=": 0, "^": 1, "^^": 2}
ACCIDENTALS = {alter: sign for sign, alter in ALTERS.items()}
BARS = ("|", "||", "|]", "|:", ":|", "::")
SECTIONS = BARS[1:]  # what ends or begins a section
TIE = "-"
NOTE = re.compile(r"(\^\^?|__?|=)?([A-Ga-gz])(,*|'*)(\d*)(?:/(\d+))?")
METER = re.compile(r"\[M:([1-9]\d?)/(1|2|4|8|16|32)\]")
KEY = re.compile(rf"\[K:([A-G])([#b]?)({'|'.join(MODES)})\]")
ENDING = re.compile(r"\[\d[\d,-]*")


@lru_cache(maxsize=256)
def key_alter(letter, sharps):
    """Return what a signature of `sharps` (negative: flats) does to `letter`, "C" to "B": 1 for a sharp."""
    return (sharps - FIFTHS.index(letter) + 6) // 7


def steps_down(tonic):
    """Return how many letters a tune is moved down to bring `tonic` ("C" to "B") to C: 0 to 6."""
    return LETTERS.index(tonic)


@lru_cache(maxsize=4096)
def kind(symbol):
    """Return "meter", "key", "bar", "ending", "tie", "rest" or "note"; "" for what is no symbol."""
    if symbol in BARS:
        return "bar"
    if symbol == TIE:
        return "tie"
    for name, pattern in (("meter", METER), ("key", KEY), ("ending", ENDING)):
        if pattern.fullmatch(symbol):
            return name
    found = NOTE.fullmatch(symbol)
    if not found or not _ticks(found) or (found[2] == "z" and (found[1] or found[3])):
        return ""
    return "rest" if found[2] == "z" else "note"


@lru_cache(maxsize=4096)
def ticks(symbol):
    """Return how long a symbol lasts, in ticks; 0 for what is neither note nor rest."""
    return _ticks(NOTE.fullmatch(symbol)) if kind(symbol) in ("note", "rest") else 0


def _ticks(found):
    length = Fraction(int(found[4] or 1), int(found[5] or 1) or 10**9) * TICKS_PER_EIGHTH
    return int(length) if length.denominator == 1 else 0


def bar_ticks(meter):
    """Return the length of a bar in ticks; `meter` is a symbol such as ``[M:6/8]``."""
    beats, unit = meter_of(meter)
    return 4 * TICKS_PER_QUARTER * beats // unit


def meter_of(symbol):
    """Return (beats, beat_unit) of a meter symbol; a :class:`ParameterError` if it is none."""
    found = METER.fullmatch(symbol)
    if not found:
        raise ParameterError(f"symbols: expected a meter such as '[M:6/8]', received {symbol!r}.")
    return int(found[1]), int(found[2])


def key_of(symbol):
    """Return (letter, accidental, mode) of a key symbol, ("B", "b", "maj"); a :class:`ParameterError` if it is none."""
    found = KEY.fullmatch(symbol)
    if not found or abs(key_sharps(*found.groups())) > 7:
        raise ParameterError(f"symbols: expected a key (at most seven signs) such as '[K:Gmaj]', received {symbol!r}.")
    return found.groups()


@lru_cache(maxsize=256)
def key_sharps(letter, accidental, mode):
    """Return the sharps of a key's signature, negative for flats: ("D", "", "mix") has 1."""
    return FIFTHS.index(letter) - 1 + {"#": 7, "b": -7, "": 0}[accidental] + MODES[mode]


@lru_cache(maxsize=4096)
def note_of(symbol):
    """Return (letter, octave, alter or None, length) of a note: ``^c2`` is ("C", 5, 1, Fraction(2)); octave 4 has middle C."""
    sign, letter, shift, numerator, denominator = NOTE.fullmatch(symbol).groups()
    octave = (5 if letter.islower() else 4) + shift.count("'") - shift.count(",")
    return letter.upper(), octave, ALTERS.get(sign), Fraction(int(numerator or 1), int(denominator or 1))


@lru_cache(maxsize=4096)
def note_symbol(letter, octave, alter, length):
    """Return the symbol of a note: the inverse of :func:`note_of`; `alter` None leaves the accidental to the key."""
    accidental = "" if alter is None else ACCIDENTALS[alter]
    name = letter + "," * (4 - octave) if octave < 5 else letter.lower() + "'" * (octave - 5)
    return accidental + name + length_text(length)


def length_text(length):
    """Return a length in eighths as ABC has it: nothing for 1, ``3/2``, ``/2`` for a half."""
    over = f"/{length.denominator}" if length.denominator > 1 else ""
    return ("" if length.numerator == 1 else str(length.numerator)) + over


@lru_cache(maxsize=4096)
def moved(letter, octave, steps):
    """Return (letter, octave) moved by `steps` letters, upwards if positive."""
    place = 7 * octave + LETTERS.index(letter) + steps
    return LETTERS[place % 7], place // 7


def to_c(letter, octave, alter, key):
    """Return (letter, octave, alter or None) of a real note as it is written with the tonic C; None: as the key has it.

    Parameters
    ----------
    letter : str
    octave : int
    alter : int
        What sounds: 1 for a sharp, whoever told it.
    key : (letter, accidental, mode)
    """
    off = alter - key_alter(letter, key_sharps(*key))
    letter, octave = moved(letter, octave, -steps_down(key[0]))
    return letter, octave, key_alter(letter, MODES[key[2]]) + off if off else None


def from_c(letter, octave, alter, key):
    """Return (letter, octave, alter) of the real note; the inverse of :func:`to_c`."""
    off = 0 if alter is None else alter - key_alter(letter, MODES[key[2]])
    letter, octave = moved(letter, octave, steps_down(key[0]))
    return letter, octave, key_alter(letter, key_sharps(*key)) + off
