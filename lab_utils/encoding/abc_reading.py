"""The letters of one ABC tune, read into sounds and bar lines: the reading half of :mod:`lab_utils.encoding.abc_tokens`.

It reads as :mod:`lab_utils.files.abc_tune` does (a test holds both to the same notes), but keeps what a Score has
no place for, bar lines and repeat signs, and of every chord the top note alone. Both stand by themselves: encodings import no
files.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from lab_utils.encoding import abc_symbols as sym
from lab_utils.errors import DataError

ONE = Fraction(1)
TUPLET_TIMES = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # of 5, 7 and 9: 3 in a meter of dotted beats, else 2
METERS = {"C": (4, 4), "C|": (2, 2)}
MODES = {"ion": "maj", "aeo": "min", "m": "min", **{mode: mode for mode in sym.MODES}}
SEMITONES = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
TOKEN = re.compile(
    r"""(?P<field>\[[A-Za-z]:[^\]]*\])
    | (?P<over>"[^"]*" | ![\w.()<>+^/'-]*! | \+[a-zA-Z.]+\+ | \{[^}]*\} | `+ | y\d*)
    | (?P<tuplet>\(\d(?::\d*)*)
    | (?P<bar>:+\|[\]|:]* | \|[\]|:]* | \[\| | ::+)(?P<ending>\d[\d,.-]*)? | (?P<own_ending>\[\d[\d,.-]*)
    | (?P<chord>\[[^\]|:]*\])(?P<chord_length>\d*(?:/\d*)*)(?P<chord_tie>-)?
    | (?P<bars_rest>[ZX])(?P<bars>\d*)
    | (?P<accidental>\^\^?|__?|=)?(?P<letter>[A-Ga-g]|[zx])(?P<octave>[,']*)(?P<length>\d*(?:/\d*)*)(?P<tie>-)?
    | (?P<broken><+|>+)
    | (?P<overlay>&)""",
    re.VERBOSE,
)
ONE_NOTE = re.compile(r"(?P<accidental>\^\^?|__?|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<length>\d*(?:/\d*)*)(?P<tie>-)?")


@dataclass
class Head:
    """What the head of a tune says: (beats, beat_unit), (letter, accidental, mode), and the unit of length in eighths."""

    meter: tuple | None = None
    key: tuple | None = None
    unit: Fraction | None = None


@dataclass
class Event:
    """A sound (a note as written with the tonic C, or None for a rest; length in eighths) or a sign with its text."""

    what: str  # "sound", "bar" or "ending"
    text: str = ""
    note: tuple | None = None
    length: Fraction = Fraction(0)
    pitch: int = 0  # that sounds, as MIDI number
    tied: bool = False


@dataclass
class _Reader:
    """Where the reading stands, and what holds from there on."""

    head: Head
    events: list = field(default_factory=list)
    altered: dict = field(default_factory=dict)  # by accidentals in this bar, by letter
    tied: dict = field(default_factory=dict)  # (letter, octave) → alter, of the notes that go on
    last: Event | None = None  # the last sound, for broken rhythm
    stretch: Fraction = ONE  # what broken rhythm does to the next sound
    left: int = 0  # notes of a tuplet still to come
    factor: Fraction = ONE  # what it does to each


# --- fields ------------------------------------------------------------------------------------------------------------------


def read_head(text):
    """Return the Head of the first tune in `text` and the lines of its body; a :class:`DataError` says what is wrong."""
    lines = re.split(r"^(?=X:)", text.replace("\r\n", "\n").replace("\r", "\n"), maxsplit=2, flags=re.MULTILINE)
    lines = [line for line in (lines[1] if len(lines) > 1 else lines[0]).split("\n") if not line.startswith("%%")]
    head = Head()
    for at, line in enumerate(lines):
        told = re.match(r"([A-Za-z]):(?![|:])(.*)", _bare(line))
        if told:
            _field(head, told[1], told[2].strip())
        if head.key:
            if head.meter is None:
                raise DataError("text: has no meter (M:), without which a bar has no length; add one.")
            head.unit = head.unit or (Fraction(1, 2) if Fraction(*head.meter) < Fraction(3, 4) else ONE)
            return head, lines[at + 1 :]
    raise DataError("text: has no key field (K:), with which the music begins; choose an ABC tune.")


def _bare(line):
    return re.split(r"(?<!\\)%", line)[0].strip()


def _field(head, letter, value):
    if letter == "M":
        head.meter = _meter(value)
    elif letter == "L":
        head.unit = _unit(value)
    elif letter == "K":
        head.key = _key(value)
    elif letter == "V":
        raise DataError("text: has several voices (V:); a tune has one.")


def _meter(value):
    if value in METERS:
        return METERS[value]
    found = re.fullmatch(r"([1-9]\d?)\s*/\s*(1|2|4|8|16|32)", value)
    if not found:
        raise DataError(f"M: expected a meter like 6/8, received {value!r}.")
    return int(found[1]), int(found[2])


def _unit(value):
    found = re.fullmatch(r"([1-9]\d*)(?:/([1-9]\d*))?", value)
    if not found:
        raise DataError(f"L: expected a length like 1/8, received {value!r}.")
    unit = Fraction(int(found[1]), int(found[2] or 1)) * 8
    return ONE if unit == 1 else unit


def _key(value):
    found = re.fullmatch(r"([A-G])([#b]?)\s*([A-Za-z]*)(?:\s.*)?", value)
    mode = MODES.get(found[3].lower()[:3] or "maj") if found else None
    if not mode or re.search(r"[\^_=]", value) or abs(sym.key_sharps(found[1], found[2], mode)) > 7:
        raise DataError(f"K: expected a tonic with a mode like G, Am or D mix and no accidentals beside it, received {value!r}.")
    return found[1], found[2], mode


# --- music -------------------------------------------------------------------------------------------------------------------


def read_body(lines, head):
    """Return the Events of the lines behind the head, up to the first empty one; bar lines are tidied.

    Raises
    ------
    DataError
        If there are no notes, or the meter or key changes, a second voice comes, or a length is no whole number of ticks.
    """
    reader = _Reader(head)
    for line in lines:
        bare = _bare(line)
        told = re.match(r"([A-Za-z]):(?![|:])(.*)", bare)
        if told:
            _change(reader, told[1], told[2].strip())
        elif bare:
            _music(reader, bare)
        elif not line.strip():
            break
    sounds = [event for event in reader.events if event.what == "sound"]
    if not any(event.note for event in sounds):
        raise DataError("text: has no notes; choose another tune.")
    for event in sounds:
        if (event.length * sym.TICKS_PER_EIGHTH).denominator > 1:
            raise DataError(f"text: has a note of {event.length} eighths, no whole number of ticks; choose another tune.")
    return _tidied([event for event in reader.events if event.what != "sound" or event.length > 0])


def _change(reader, letter, value):
    """A field inside the music: L: is taken, M: and K: only where they change nothing."""
    head = reader.head
    if letter == "L":
        reader.head = Head(head.meter, head.key, _unit(value))
    elif letter == "M" and _meter(value) != head.meter:
        raise DataError(f"text: changes its meter to {value} on the way; a tune has one.")
    elif letter == "K":
        if _key(value) != head.key:
            raise DataError(f"text: changes its key to {value} on the way; a tune has one.")
        reader.altered = {}
    elif letter == "V":
        raise DataError("text: has several voices (V:); a tune has one.")


def _music(reader, line):
    for token in TOKEN.finditer(line):
        if token["letter"]:
            notes = [token] if token["letter"] not in "zx" else []
            _sound(reader, notes, _length(token["length"]), bool(token["tie"]))
        elif token["bar"]:
            reader.altered = {}
            reader.events.append(Event("bar", _bar(token["bar"])))
            if token["ending"]:
                reader.events.append(Event("ending", "[" + token["ending"].rstrip(".,-")))
        elif token["own_ending"]:
            reader.events.append(Event("ending", token["own_ending"].rstrip(".,-")))
        elif token["chord"]:
            notes = list(ONE_NOTE.finditer(token["chord"]))
            if notes:
                _sound(reader, notes, _length(notes[0]["length"]) * _length(token["chord_length"]), bool(token["chord_tie"]))
        elif token["bars_rest"]:
            beats, unit = reader.head.meter
            reader.events.append(Event("sound", length=int(token["bars"] or 1) * Fraction(8 * beats, unit)))
        elif token["tuplet"]:
            reader.left, reader.factor = _tuplet(token["tuplet"], reader.head.meter)
        elif token["broken"]:
            _break(reader, token["broken"])
        elif token["field"]:
            _change(reader, token["field"][1], token["field"][3:-1].strip())
        elif token["overlay"]:
            raise DataError("text: has voices laid over one another (&); a tune has one.")


def _sound(reader, notes, length, all_tied):
    """Add the top one of some notes, or with none a rest, of `length` units."""
    for factor in (reader.head.unit, reader.stretch, reader.factor if reader.left else ONE):
        length = length if factor is ONE else length * factor  # products of Fractions take most of the time
    reader.left, reader.stretch = max(reader.left - 1, 0), ONE
    event, tied = Event("sound", length=length), {}
    for note in notes:
        letter, octave, alter = _written(reader, note)
        pitch = 12 * (octave + 1) + SEMITONES[letter] + alter
        goes_on = all_tied or bool(note["tie"])
        if goes_on:
            tied[letter, octave] = alter
        if event.note is None or pitch > event.pitch:
            event.note, event.pitch, event.tied = sym.to_c(letter, octave, alter, reader.head.key), pitch, goes_on
    if event.note and abs(event.note[2] or 0) > 2:
        raise DataError("text: has a note with more than a double sharp or flat from the key; choose another tune.")
    reader.tied, reader.last = tied, event
    reader.events.append(event)


def _written(reader, note):
    """Letter, octave and alteration of a note: by its own accidental, else the one it is tied to, the bar's, or the key's."""
    letter = note["letter"].upper()
    octave = (5 if note["letter"].islower() else 4) + note["octave"].count("'") - note["octave"].count(",")
    if note["accidental"]:
        alter = reader.altered[letter] = sym.ALTERS[note["accidental"]]
    else:
        usual = reader.altered.get(letter, sym.key_alter(letter, sym.key_sharps(*reader.head.key)))
        alter = reader.tied.get((letter, octave), usual)
    return letter, octave, alter


def _break(reader, signs):
    """Broken rhythm: a>b takes half of b's length for a, a>>b three quarters."""
    if reader.last is None:
        return
    short = Fraction(1, 2 ** len(signs))
    this, following = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
    reader.last.length *= this
    reader.last, reader.stretch = None, following


def _tuplet(text, meter):
    """(p:q:r puts p notes into the time of q, for the next r notes."""
    numbers = [int(number) if number else 0 for number in text[1:].split(":")] + [0, 0]
    notes, times, count = numbers[:3]
    times = times or TUPLET_TIMES.get(notes) or (3 if meter[0] % 3 == 0 and meter[0] > 3 else 2)
    return count or notes, Fraction(times, max(notes, 1))


@lru_cache(maxsize=1024)
def _length(text):
    """A length in units: 2, 3/2, / for a half, // for a quarter."""
    parts = text.split("/")
    length = Fraction(int(parts[0] or 1))
    for part in parts[1:]:
        length /= int(part or 2) or 1
    return length


# --- bar lines ---------------------------------------------------------------------------------------------------------------


def _bar(text):
    """One of the six kinds of bar line."""
    if text.startswith("::") or (text.startswith(":") and text.endswith(":")):
        return "::"
    if text.startswith(":"):
        return ":|"
    if text.endswith(":"):
        return "|:"
    return "|" if text == "|" else "||"


def _met(one, other):
    """The bar line that two make which meet with nothing between them."""
    closes = one in (":|", "::") or other in (":|", "::")
    opens = one in ("|:", "::") or other in ("|:", "::")
    if closes or opens:
        return "::" if closes and opens else ":|" if closes else "|:"
    return "||" if "||" in (one, other) else "|"


def _tidied(events):
    """Bar lines that meet made one, none but ``|:`` before the first note, and ``|]`` or ``:|`` behind the last."""
    tidy = []
    for event in events:
        if event.what == "bar" and tidy and tidy[-1].what == "bar":
            tidy[-1] = Event("bar", _met(tidy[-1].text, event.text))
        else:
            tidy.append(event)
    if tidy[0].what == "bar" and tidy[0].text != "|:":
        tidy = tidy[1:]
    while tidy[-1].what == "ending":
        tidy.pop()
    last = tidy.pop().text if tidy[-1].what == "bar" else "|"
    return [*tidy, Event("bar", ":|" if last in (":|", "::") else "|]")]
