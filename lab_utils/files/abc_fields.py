"""What the fields of an ABC tune say (ABC 2.1, Walshaw 2011): meter ``M:``, unit of length ``L:``, tempo ``Q:`` and key ``K:``.

Each function takes the text after the colon; what it cannot read is a :class:`DataError` that names the field.
"""

import re
from fractions import Fraction

from lab_utils.errors import DataError
from lab_utils.files import spelling

FIFTHS = {step: place - 1 for place, step in enumerate(spelling.STEPS)}  # C is 0
MODES = {"maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "min": -3, "m": -3, "aeo": -3, "phr": -4, "loc": -5}
MINOR_MODES = ("dor", "min", "m", "aeo", "phr", "loc")  # with a minor third over the tonic
ALTERS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
BEAT_UNITS = (1, 2, 4, 8, 16, 32)
METERS = {"C": (4, 4), "C|": (2, 2), "none": (4, 4)}


def meter(value):
    """Return (beats, beat_unit) of a meter like ``6/8``, ``C`` or ``(2+3)/8``; ``none`` counts as 4/4.

    Raises
    ------
    DataError
        If it is no meter.
    """
    if value in METERS:
        return METERS[value]
    found = re.fullmatch(r"\(?(\d+(?:\s*\+\s*\d+)*)\)?\s*/\s*(\d+)", value)
    beats = sum(int(part) for part in found[1].split("+")) if found else 0
    if not beats or int(found[2]) not in BEAT_UNITS:
        raise DataError(f"M: expected a meter like 6/8, received {value!r}.")
    return beats, int(found[2])


def fraction(value):
    """Return a length like ``1/8`` as a Fraction.

    Raises
    ------
    DataError
        If it is no length.
    """
    found = re.fullmatch(r"([1-9]\d*)(?:/([1-9]\d*))?", value.strip())
    if not found:
        raise DataError(f"L: expected a length like 1/8, received {value!r}.")
    return Fraction(int(found[1]), int(found[2] or 1))


def tempo(value, unit):
    """Return quarters a minute, or None from words alone.

    Parameters
    ----------
    value : str
        Beats a minute of a length (``1/4=120``, ``3/8=60``) or, as old books have it, of the unit (``120``, ``C2=60``); words in
        quotation marks are passed over.
    unit : Fraction
        In quarters.
    """
    told = re.sub(r'"[^"]*"', "", value).strip()
    found = re.fullmatch(r"(?:(?P<beats>[\d/\s]+)=\s*|C(?P<units>\d*)\s*=\s*)?(?P<number>\d+(?:\.\d+)?)", told)
    if not found:
        return None
    length = 4 * sum(fraction(beat) for beat in found["beats"].split()) if found["beats"] else unit * int(found["units"] or 1)
    return float(length) * float(found["number"])


def key(value):
    """Return a key and what it does to letters.

    Parameters
    ----------
    value : str
        ``G``, ``F#m``, ``Ador``, ``D mix``, ``HP`` (the bagpipe: D), ``none``; accidentals (``D ^g``) and clefs may follow.

    Returns
    -------
    key : (int, str) or None
        Sharps, and "major" or "minor" by the third over the tonic; None if there is none.
    alters : dict of str to int
        By letter, 1 for a sharp.

    Raises
    ------
    DataError
        If it is no key, or one of more than seven sharps or flats.
    """
    words = [word for word in value.split() if "=" not in word[1:]]
    if not words or words[0].lower() == "none":
        return None, {}
    found = re.fullmatch(r"([A-G])([#b]?)(\w*)", "D" if words[0] in ("HP", "Hp") else words[0])
    if not found:
        raise DataError(f"K: expected a key like G or Am, received {value!r}.")
    said = found[3] or (words[1] if len(words) > 1 and words[1][:3].lower() in MODES else "maj")
    mode = said if said == "m" else said[:3].lower()
    sharps = FIFTHS[found[1]] + {"#": 7, "b": -7}.get(found[2], 0) + MODES.get(mode, 99)
    if abs(sharps) > 7:
        raise DataError(f"K: expected a key like G or Am of at most seven sharps or flats, received {value!r}.")
    alters = {step: spelling.key_alter(step, sharps) for step in spelling.STEPS}
    alters |= {letter.upper(): ALTERS[sign] for sign, letter in re.findall(r"(\^\^?|__?|=)([A-Ga-g])\b", " ".join(words[1:]))}
    return (sharps, "minor" if mode in MINOR_MODES else "major"), alters
