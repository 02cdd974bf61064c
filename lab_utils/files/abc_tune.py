"""One ABC tune to a Score (ABC 2.1, Walshaw 2011): the reading half of :mod:`lab_utils.files.abc`.

Read are the fields X T M L Q K V, at the head, on lines of their own and inside the music; notes, chords, rests, ties, broken
rhythm, tuplets, accidentals up to the bar line in every octave, and ``%%MIDI program``. Passed over are ornaments, grace notes,
slurs, chord names, words and fields that say nothing of the notes; repeats and endings are read once, as they stand.

Written here, for music21's reader (version 10) loses ties of chords, fields inside the music and the tempo of later bars, makes
empty parts of voices declared in the head, drops notes behind some ornaments, and forgets accidentals within the bar unless the
file begins with ``%abc-2``. On plain tunes it serves the tests as a second reader.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from lab_utils.errors import DataError, LabError
from lab_utils.files import abc_fields, bar_lines, spelling
from lab_utils.files.notation import NEAR
from lab_utils.score import PERCUSSION, Score, note_array

TUPLET_TIMES = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # of 5, 7 and 9: 3 in a meter of dotted beats, else 2
NOTE = r"(?P<accidental>\^\^?|__?|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)"
LENGTH = r"(?P<length>\d*(?:/\d*)*)"
ONE_NOTE = re.compile(rf"{NOTE}{LENGTH}(?P<tie>-)?")
TOKEN = re.compile(
    rf"""(?P<field>\[[A-Za-z]:[^\]]*\])
    | (?P<over>"[^"]*" | ![\w.()<>+^/'-]*! | \+[a-zA-Z.]+\+ | \{{[^}}]*\}} | `+ | y\d*)
    | (?P<tuplet>\(\d(?::\d*)*)
    | (?P<bar>:+\|[\]|:]* | \|[\]|:]* | \[\| | ::+)(?:\d[\d,.-]*)? | (?P<ending>\[\d[\d,.-]*)
    | (?P<chord>\[[^\]|:]*\])(?P<chord_length>\d*(?:/\d*)*)(?P<chord_tie>-)?
    | (?P<rest>[zx])(?P<rest_length>\d*(?:/\d*)*)
    | (?P<bars_rest>[ZX])(?P<bars>\d*)
    | (?P<note>{NOTE}{LENGTH}(?P<tie>-)?)
    | (?P<broken><+|>+)
    | (?P<overlay>&)
    | (?P<other>.)""",
    re.VERBOSE,
)


@dataclass
class _Voice:
    """One voice while it is read: where it stands, and what holds from there on."""

    unit: Fraction  # the length of a note without a number, in quarters
    meter: tuple
    key: dict  # what the signature does, by letter
    name: str = ""
    program: int = 0
    now: Fraction = Fraction(0)
    rows: list = field(default_factory=list)  # [onset, duration, pitch]
    starts: list = field(default_factory=lambda: [Fraction(0)])  # of bars
    meters: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    tempos: dict = field(default_factory=dict)
    altered: dict = field(default_factory=dict)  # by accidentals in this bar, by letter
    tied: list = field(default_factory=list)  # (letter, octave, alter, row) of the notes that go on
    last: list = field(default_factory=list)  # [onset, rows] of the last note or rest, for broken rhythm
    stretch: Fraction = Fraction(1)  # what broken rhythm does to the next note
    tuplet: tuple = (0, Fraction(1))  # notes left, and what it does to each


@dataclass
class _Tune:
    """What the head of a tune says, and its voices by id."""

    title: str = ""
    unit: Fraction | None = None
    meter: tuple = (4, 4)
    tempo: str = ""
    key: tuple = (None, {})  # (sharps, mode) or None, and what it does to letters
    program: int = 0
    names: dict = field(default_factory=dict)
    voices: dict = field(default_factory=dict)
    current: str = ""  # the id of the voice that is read; none in the head


def read_tune(text, source):
    """Return the Score of one tune.

    Parameters
    ----------
    text : str
        From ``X:`` on; ends with the first empty line of the music.
    source : str
        Named in errors.

    Returns
    -------
    Score

    Raises
    ------
    DataError
        If the tune has no key field (with which the music begins), no notes, or something that cannot be read.
    """
    tune = _Tune()
    try:
        for line in text.splitlines():
            if line.startswith("%%"):
                _directive(tune, line)
                continue
            stripped = re.split(r"(?<!\\)%", line)[0].strip()
            if not stripped and tune.current and not line.strip():
                break
            if re.match(r"[A-Za-z+]:(?![|:])", stripped):
                _field(tune, stripped[0], stripped[2:].strip())
            elif tune.current:
                _music(tune, stripped)
        return _score(tune)
    except LabError as error:
        raise DataError(f"{source}: {error}") from error


# --- fields ------------------------------------------------------------------------------------------------------------------


def _field(tune, letter, value):
    if letter == "T" and not tune.title:
        tune.title = " ".join(value.replace("\\%", "%").split())
    elif letter == "V":
        _voice_field(tune, value)
    elif letter in "MLQK" and not tune.current:
        _head_field(tune, letter, value)
    elif letter in "MLQK":
        _body_field(_voice(tune), letter, value)


def _head_field(tune, letter, value):
    if letter == "M":
        tune.meter = abc_fields.meter(value)
    elif letter == "L":
        tune.unit = abc_fields.fraction(value) * 4
    elif letter == "Q":
        tune.tempo = value
    else:  # the key ends the head
        tune.key = abc_fields.key(value)
        tune.unit = tune.unit or (Fraction(1, 4) if Fraction(*tune.meter) < Fraction(3, 4) else Fraction(1, 2))
        tune.current = next(iter(tune.names), "1")


def _body_field(voice, letter, value):
    if letter == "M":
        voice.meter = voice.meters[voice.now] = abc_fields.meter(value)
    elif letter == "L":
        voice.unit = abc_fields.fraction(value) * 4
    elif letter == "Q":
        _set_tempo(voice, value)
    else:
        key, voice.key = abc_fields.key(value)
        voice.keys |= {voice.now: key} if key else {}
        voice.altered = {}


def _set_tempo(voice, value):
    quarters = abc_fields.tempo(value, voice.unit)
    if quarters is not None:
        voice.tempos[voice.now] = (quarters,)


def _voice_field(tune, value):
    name = re.search(r'\b(?:name|nm)="([^"]*)"', value)
    voice = (value.split() or [""])[0]
    if name or not tune.current:
        tune.names[voice] = name[1] if name else tune.names.get(voice, "")
    if tune.current:
        tune.current = voice


def _directive(tune, line):
    found = re.match(r"%%MIDI\s+(program\s+(?:\d+\s+)?(\d+)|channel\s+10\b)", line)
    if not found:
        return
    program = int(found[2]) if found[2] else PERCUSSION
    if tune.current:
        _voice(tune).program = program
    else:
        tune.program = program


def _voice(tune):
    if tune.current not in tune.voices:
        voice = _Voice(unit=tune.unit, meter=tune.meter, key=tune.key[1], program=tune.program)
        voice.meters[Fraction(0)] = tune.meter
        voice.keys |= {Fraction(0): tune.key[0]} if tune.key[0] else {}
        _set_tempo(voice, tune.tempo)
        tune.voices[tune.current] = voice
    return tune.voices[tune.current]


# --- music -------------------------------------------------------------------------------------------------------------------


def _music(tune, line):
    for token in TOKEN.finditer(line):
        voice = _voice(tune)
        if token["field"]:
            _field(tune, token["field"][1], token["field"][3:-1].strip())
        elif token["bar"]:
            _bar_line(voice)
        elif token["note"]:
            _sound(voice, [token], _length(token["length"]), bool(token["tie"]))
        elif token["chord"]:
            notes = list(ONE_NOTE.finditer(token["chord"]))
            if notes:
                length = _length(notes[0]["length"]) * _length(token["chord_length"])
                _sound(voice, notes, length, bool(token["chord_tie"]))
        elif token["rest"]:
            _sound(voice, [], _length(token["rest_length"]), False)
        elif token["bars_rest"]:
            beats, unit = voice.meter
            voice.now += int(token["bars"] or 1) * Fraction(4 * beats, unit)
        elif token["tuplet"]:
            voice.tuplet = _tuplet(token["tuplet"], voice.meter)
        elif token["broken"]:
            _break(voice, token["broken"])
        elif token["overlay"]:
            raise DataError("voices laid over one another (&) are not read; write them as V: voices.")


def _bar_line(voice):
    voice.altered = {}
    if voice.now > voice.starts[-1]:
        voice.starts.append(voice.now)


def _sound(voice, notes, length, all_tied):
    """Add a note, a chord, or with no notes a rest, of `length` units."""
    left, factor = voice.tuplet
    length *= voice.unit
    if left or voice.stretch != 1:  # rarely, and Fractions multiply slowly
        length *= voice.stretch * (factor if left else 1)
        voice.tuplet, voice.stretch = (max(left - 1, 0), factor), Fraction(1)
    rows, tied = [], []
    for note in notes:
        letter, octave, alter = _written(voice, note)
        pitch = 12 * (octave + 1) + spelling.SEMITONES[letter] + alter
        row = next((row for *_, row in voice.tied if row[2] == pitch), None)  # however it was spelt
        if row is None:
            row = [voice.now, length, pitch]
            voice.rows.append(row)
        else:
            row[1] += length
        rows.append(row)
        if all_tied or note["tie"]:
            tied.append((letter, octave, alter, row))
    voice.tied, voice.last = tied, (length, rows)
    voice.now += length


def _written(voice, note):
    """Letter, octave and alteration of a note: by its own accidental, else the bar's, the key's, or the one it is tied to."""
    letter = note["letter"].upper()
    octave = (5 if note["letter"].islower() else 4) + note["octave"].count("'") - note["octave"].count(",")
    if note["accidental"]:
        alter = voice.altered[letter] = abc_fields.ALTERS[note["accidental"]]
        return letter, octave, alter
    alter = voice.altered.get(letter, voice.key.get(letter, 0))
    before = [tied[2] for tied in voice.tied if tied[:2] == (letter, octave)]
    return letter, octave, alter if alter in before or not before else before[0]


def _break(voice, signs):
    """Broken rhythm: a>b takes half of b's length for a, a>>b three quarters."""
    if not voice.last:
        return
    short = Fraction(1, 2 ** len(signs))
    this, following = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
    length, rows = voice.last
    for row in rows:
        row[1] += length * (this - 1)
    voice.now += length * (this - 1)
    voice.last, voice.stretch = (), following


def _tuplet(text, meter):
    """(p:q:r puts p notes into the time of q, for the next r notes."""
    numbers = [int(number) if number else 0 for number in text[1:].split(":")] + [0, 0]
    notes, times, count = numbers[:3]
    beats, _ = meter
    times = times or TUPLET_TIMES.get(notes) or (3 if beats % 3 == 0 and beats > 3 else 2)
    return count or notes, Fraction(times, max(notes, 1))


@lru_cache(maxsize=1024)
def _length(text):
    """A length in units: 2, 3/2, / for a half, // for a quarter."""
    parts = text.split("/")
    length = Fraction(int(parts[0] or 1))
    for part in parts[1:]:
        length /= int(part or 2) or 1
    return length


# --- the Score ---------------------------------------------------------------------------------------------------------------


def _score(tune):
    voices = {name: voice for name, voice in tune.voices.items() if voice.rows}
    if not tune.current:
        raise DataError("has no key field (K:), with which the music begins; choose an ABC tune.")
    if not voices:
        raise DataError("has no notes; choose another tune.")
    numbers = _numbers(tune, voices)
    first = next(iter(voices.values()))
    rows = [
        (float(onset), float(length), pitch, 80, numbers[name])
        for name, voice in voices.items()
        for onset, length, pitch in voice.rows
        if length > 0
    ]
    meters = {float(onset): meter for onset, meter in first.meters.items()}
    end = max(onset + length for onset, length, *_ in rows)
    starts = [float(start) for start in first.starts if start < end - NEAR]  # where nothing sounds any more a Score has no bars
    pickup = bar_lines.upbeat(starts, meters)
    used = range(max(numbers.values()) + 1)
    names = {numbers[name]: tune.names.get(name, "") for name in voices}
    programs = {numbers[name]: voice.program for name, voice in voices.items()}
    return Score(
        note_array(rows),
        tempos=_listed({0.0: (120.0,)} | _together(voice.tempos for voice in voices.values())),
        meters=_listed(bar_lines.told_again(starts, pickup, meters)),
        keys=_listed(_together(voice.keys for voice in voices.values())),
        pickup_quarter=pickup,
        programs=tuple(programs.get(number, 0) for number in used),
        names=tuple(names.get(number, "") for number in used),
        title=tune.title,
    )


def _numbers(tune, voices):
    """The Score's voice of each: one less than its id where all ids are numbers, else by place."""
    if all(name.isdecimal() and 1 <= int(name) <= 1000 for name in voices):
        return {name: int(name) - 1 for name in voices}
    order = list(dict.fromkeys([*tune.names, *tune.voices]))
    return {name: order.index(name) for name in voices}


def _together(changes):
    """The changes of all voices, the first voice's where two stand at one time."""
    found = {}
    for own in changes:
        found = {float(onset): change for onset, change in own.items()} | found
    return found


def _listed(changes):
    return tuple((onset, *changes[onset]) for onset in sorted(changes))
