"""ABC tunes and tune books to Scores and back: music as lines of letters (ABC 2.1, Walshaw 2011).

A tune has a head, one field a line (``X:`` number, ``T:`` title, ``M:`` meter, ``L:`` unit of length, ``Q:`` tempo, ``V:``
voices, ``K:`` key), then the music: ``C`` is middle C, ``c`` the octave above, ``C2`` twice the unit, ``^C`` C sharp, ``[CEG]`` a
chord, ``z`` a rest, ``C-`` a tie, ``(3CDE`` a triplet, ``|`` a bar line. A book is a file of many tunes.

Writing keeps notes, upbeat, bars, tempo, meter, keys, voices, names, programs and title: reading gives the same Score again, but

* velocities, which ABC has not: reading gives 80;
* names and programs of voices without notes;
* quotation marks in names, which turn into apostrophes, and runs of spaces in the title.

An accidental is written on every note that is not as the key has it, whatever stands before it in the bar, for programs differ
in how long one lasts. What is read: :mod:`lab_utils.files.abc_tune`.

Used by notebook ``03_music_as_data`` and for Irish dance tunes.
"""

import re
from fractions import Fraction

from lab_utils.errors import DataError, ParameterError
from lab_utils.files import notation, spelling
from lab_utils.files.abc_tune import read_tune
from lab_utils.score import PERCUSSION
from lab_utils.storage import read_bytes, write_bytes

UNIT = Fraction(1, 2)  # quarters: L:1/8
BARS_A_LINE = 4
TUPLET_TIMES = {3: 2, 5: 4, 7: 4}
ACCIDENTALS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
TONICS = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#")  # by fifths


def read_abc(path, *, number=None):
    """Return one tune of an ABC file as a Score.

    Parameters
    ----------
    path : str or Path
    number : int, optional
        The tune's ``X:``; the first tune if left out.

    Returns
    -------
    Score

    Raises
    ------
    DataError
        If the file is missing or not ABC, has no such tune, or the tune cannot be read.
    """
    tunes = _tunes(_text(path), path)
    chosen = [tune for tune in tunes if number is None or re.match(rf"X:\s*{number}\s*$", tune.splitlines()[0])]
    if not chosen:
        raise DataError(f"{path}: has no tune X:{number} among its {len(tunes)}; choose another number.")
    return read_tune(chosen[0], path)


def read_abc_book(path):
    """Return every tune of an ABC file, a list of Scores; a :class:`DataError` names the first that cannot be read."""
    return [read_tune(tune, f"{path}, {tune.splitlines()[0].strip()}") for tune in _tunes(_text(path), path)]


def from_abc(text):
    """Return the first tune in `text` as a Score; a :class:`DataError` if there is none."""
    return read_tune(_tunes(text, "text")[0], "text")


def write_abc(score, path):
    """Write `score` to `path` as ABC, whole or not at all; see :func:`to_abc`."""
    write_bytes(to_abc(score).encode(errors="replace"), path)


def write_abc_book(scores, path):
    """Write `scores` to `path` as a tune book, numbered from 1; :func:`read_abc_book` is the inverse."""
    book = "\n".join(to_abc(score, number=number) for number, score in enumerate(scores, 1))
    write_bytes(book.encode(errors="replace"), path)


def to_abc(score, *, number=1):
    """Return `score` as an ABC tune; :func:`from_abc` is the inverse.

    Parameters
    ----------
    score : Score
        Quantised: its times are on a grid that note values have, see :mod:`lab_utils.files.notation`.
    number : int, default=1
        The tune's number in a book, ``X:``.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the Score has no notes, or a time on no such grid.
    """
    if not len(score):
        raise ParameterError("score: expected at least one note, received an empty Score; there is nothing to write.")
    bars = notation.bars(score)
    (_, beats, unit), key = score.meters[0], score.keys[0] if score.keys and score.keys[0][0] == 0 else None
    title = " ".join(score.title.split()).replace("%", "\\%")
    head = [f"X:{number}", f"T:{title}", f"M:{beats}/{unit}", "L:1/8", f"Q:1/4={_number(score.tempo)}"]
    alone = score.voices == (0,) and not any(score.names)
    if not alone:
        head += [f'V:{voice + 1} name="{_name(score, voice)}" clef={_clef(score, voice)}' for voice in score.voices]
    head.append(f"K:{_key(key)}")
    body = []
    for voice in score.voices:
        body += [] if alone else [f"V:{voice + 1}"]
        if score.program(voice):
            body.append("%%MIDI channel 10" if score.program(voice) == PERCUSSION else f"%%MIDI program {score.program(voice)}")
        body += _lines(score, voice, bars)
    return "\n".join([*head, *body]) + "\n"


# --- reading -----------------------------------------------------------------------------------------------------------------


def _text(path):
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _tunes(text, source):
    """The tunes of a book, each from its X: on."""
    tunes = re.split(r"^(?=X:)", text.replace("\r\n", "\n").replace("\r", "\n"), flags=re.MULTILINE)[1:]
    if not tunes:
        raise DataError(f"{source}: is not ABC (no line starts with X:); choose an .abc file.")
    return tunes


# --- writing -----------------------------------------------------------------------------------------------------------------


def _number(value):
    return repr(float(value)).removesuffix(".0")


def _name(score, voice):
    return (score.names[voice] if voice < len(score.names) else "").replace('"', "'")


def _clef(score, voice):
    return spelling.clef(score.voice_notes(voice)["pitch"].tolist())


def _key(change):
    if change is None:
        return "none"
    _, sharps, mode = change
    return TONICS[sharps + 7 + (3 if mode == "minor" else 0)] + ("m" if mode == "minor" else "")


def _lines(score, voice, bars):
    """The music of one voice, some bars a line."""
    first = voice == score.voices[0]
    fields = [(notation.exact(onset), f"[K:{_key(key)}]") for key in score.keys for onset in key[:1]]
    fields += [(notation.exact(onset), f"[Q:1/4={_number(tempo)}]") for onset, tempo in score.tempos if first]
    fields = [(onset, text) for onset, text in fields if onset > 0]
    before = bars[0]
    written = []
    for bar, events in zip(
        bars, notation.events(score.voice_notes(voice), bars, cuts=[onset for onset, _ in fields]), strict=True
    ):
        changed = (bar.beats, bar.beat_unit) != (before.beats, before.beat_unit)
        meter = f"[M:{bar.beats}/{bar.beat_unit}]" if changed else ""
        written.append(meter + _bar(score, bar, events, fields))
        before = bar
    lines = [" | ".join(written[at : at + BARS_A_LINE]) + " |" for at in range(0, len(written), BARS_A_LINE)]
    lines[-1] += "]"
    return lines


def _bar(score, bar, events, fields):
    """One bar, the notes of each beat together."""
    text, altered = [], set()
    for event, marks in zip(events, notation.tuplet_marks(events, bar), strict=True):
        if text and (event.start + bar.shift) % bar.beat == 0:
            text.append(" ")
        told = [field for onset, field in fields if onset == bar.start + event.start]
        altered = set() if told else altered
        text += told
        if "start" in marks:
            text.append(_tuplet(events[events.index(event) :], bar))
        text.append(_event(score, bar, event, altered))
    return "".join(text)


def _tuplet(events, bar):
    """(p:q:r for the tuplet that starts with these events."""
    tuplet = notation.tuplet_of(events[0])
    count = next(place for place, marks in enumerate(notation.tuplet_marks(events, bar), 1) if "stop" in marks)
    return f"({tuplet}:{TUPLET_TIMES[tuplet]}:{count}" if count != 3 or tuplet != 3 else "(3"


def _event(score, bar, event, altered):
    if not event.tones and event.length == bar.full_length:
        return "Z"
    base, dots, _ = notation.value(event.length)
    length = _length(base * Fraction(2 ** (dots + 1) - 1, 2**dots) / UNIT)
    key = spelling.key_at(score, bar.start + event.start)
    spelt = [spelling.spell(tone.pitch, key) for tone in event.tones]
    steps = [step for step, *_ in spelt]
    notes = [_note(*pitch, key, altered, twice=steps.count(pitch[0]) > 1) for pitch in spelt]
    if len(notes) < 2:
        return (notes[0] if notes else "z") + length + ("-" if notes and event.tones[0].tied_on else "")
    return "[" + "".join(note + "-" * tone.tied_on for note, tone in zip(notes, event.tones, strict=True)) + "]" + length


def _note(step, alter, octave, key, altered, *, twice):
    """A letter with its accidental, written too where a chord has the letter `twice` or the bar has altered it."""
    usual = alter == spelling.key_alter(step, key[0])
    accidental = "" if usual and step not in altered and not twice else ACCIDENTALS[alter]
    if not usual or twice:
        altered.add(step)
    letter = step if octave < 5 else step.lower()
    return accidental + letter + ("," * (4 - octave) if octave < 5 else "'" * (octave - 5))


def _length(units):
    over = f"/{units.denominator}" if units.denominator > 1 else ""
    return ("" if units.numerator == 1 else str(units.numerator)) + ("/" if over == "/2" else over)
