"""Scores as MusicXML text (MusicXML 4.0, score-partwise): what is written between the tags.

Each voice has a staff with the clef that fits its range, under a bracket. Bars, ties and note values come from
:mod:`lab_utils.files.notation`; here they get

* **accidentals**: where a note differs from the key signature or from what stands before it in the bar;
* **beams** over the notes of one beat (a dotted one in 6/8, two of the unit in 5/8);
* **tuplet** brackets up to the next time that is on the plain grid again;
* **tempo** as beats a minute where that is a whole number, else in words, with the exact number for players beside it.

Velocities other than 80 are written as MusicXML has them, in per cent of 90. The part's id, ``voice3``, keeps the voice's number.
Written here rather than with music21, whose writer takes 0.2 s a chorale, puts in random ids and today's date, and gives all
notes of a chord one velocity; music21 and verovio read the result in the tests.
"""

import math
import re
from fractions import Fraction
from itertools import groupby
from xml.etree import ElementTree

from lab_utils.errors import ParameterError
from lab_utils.files import notation, spelling
from lab_utils.score import PERCUSSION

VELOCITY = 80  # of a note that tells none
TYPES = {
    Fraction(8): "breve", Fraction(4): "whole", Fraction(2): "half", Fraction(1): "quarter", Fraction(1, 2): "eighth",
    Fraction(1, 4): "16th", Fraction(1, 8): "32nd", Fraction(1, 16): "64th", Fraction(1, 32): "128th",
}  # fmt: skip
FLAGS = {base: flags for flags, base in enumerate(list(TYPES)[4:], 1)}
TUPLET_TIMES = {3: 2, 5: 4, 7: 4}
LAST_DIVISIONS = 16383  # what the standard advises, for the sake of MIDI
ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
CLEFS = {"treble": ("G", 2, 0), "treble-8": ("G", 2, -1), "bass": ("F", 4, 0)}  # sign, line, octaves
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that no XML file may hold
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def to_musicxml(score):
    """Return `score` as the text of a MusicXML file; :func:`~lab_utils.files.musicxml.read_musicxml` is the inverse.

    Parameters
    ----------
    score : Score
        Quantised: its times are on a grid that note values have, see :mod:`lab_utils.files.notation`.

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
    key_cuts = [notation.exact(onset) for onset, *_ in score.keys]
    voices = {voice: notation.events(score.voice_notes(voice), bars, cuts=key_cuts) for voice in score.voices}
    root = ElementTree.Element("score-partwise", version="4.0")
    if score.title:
        _add(_add(root, "work"), "work-title", score.title)
    _add_part_list(root, score)
    divisions = _divisions(score, voices, bars)
    for voice, bar_events in voices.items():
        part = _add(root, "part", id=f"voice{voice}")
        clef = spelling.clef(score.voice_notes(voice)["pitch"].tolist())
        tempos = score.tempos if voice == score.voices[0] else ()
        for place, (bar, events) in enumerate(zip(bars, bar_events, strict=True)):
            measure = _add(part, "measure", number=bar.number, **({"implicit": "yes"} if bar.shift else {}))
            _add_attributes(measure, score, bars, place, divisions, clef)
            _add_events(measure, score, bar, events, divisions, _inside(tempos, bar, last=place == len(bars) - 1))
        _add(_add(measure, "barline", location="right"), "bar-style", "light-heavy")
    ElementTree.indent(root, " ")
    return HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add(parent, tag, text=None, **attributes):
    child = ElementTree.SubElement(parent, tag, {name: str(value) for name, value in attributes.items()})
    child.text = None if text is None else NOT_XML.sub("", str(text))
    return child


def _inside(changes, bar, *, last):
    """The changes within a bar; the last bar has those after it too."""
    end = math.inf if last else bar.start + bar.length
    return [change for change in changes if bar.start <= change[0] < end]


def _divisions(score, voices, bars):
    """Parts of a quarter that every length is a whole number of, and every tempo's onset if that takes no more than 16,383."""
    lengths = [event.length for bar_events in voices.values() for events in bar_events for event in events]
    divisions = math.lcm(*{time.denominator for time in [*lengths, *(bar.start for bar in bars)]})
    finer = math.lcm(divisions, *{notation.exact(onset, grid=False).denominator for onset, _ in score.tempos})
    return finer if finer <= LAST_DIVISIONS else divisions


def _add_part_list(root, score):
    parts = _add(root, "part-list")
    several = len(score.voices) > 1
    if several:
        group = _add(parts, "part-group", type="start", number=1)
        _add(group, "group-symbol", "bracket")
        _add(group, "group-barline", "yes")
    for channel, voice in enumerate(score.voices):
        part, instrument = _add(parts, "score-part", id=f"voice{voice}"), f"voice{voice}-instrument"
        _add(part, "part-name", score.names[voice] if voice < len(score.names) else "")
        _add(_add(part, "score-instrument", id=instrument), "instrument-name", "")
        midi, drums = _add(part, "midi-instrument", id=instrument), score.program(voice) == PERCUSSION
        _add(midi, "midi-channel", 10 if drums else channel % 15 + 1 + (channel % 15 > 8))
        _add(midi, "midi-unpitched", 36) if drums else _add(midi, "midi-program", score.program(voice) + 1)
    if several:
        _add(parts, "part-group", type="stop", number=1)


def _add_attributes(measure, score, bars, place, divisions, clef):
    """Divisions, key, meter and clef in the first bar, later what changes at the bar line."""
    bar, before = bars[place], bars[place - 1] if place else None
    key = [key for key in score.keys if abs(key[0] - bar.start) < notation.NEAR]
    meter = before is None or (bar.beats, bar.beat_unit) != (before.beats, before.beat_unit)
    if not (before is None or key or meter):
        return
    attributes = _add(measure, "attributes")
    if before is None:
        _add(attributes, "divisions", divisions)
    if key:
        _add_key(attributes, key[0])
    if meter:
        time = _add(attributes, "time")
        _add(time, "beats", bar.beats)
        _add(time, "beat-type", bar.beat_unit)
    if before is None:
        sign, line, octaves = CLEFS[clef]
        element = _add(attributes, "clef")
        _add(element, "sign", sign)
        _add(element, "line", line)
        if octaves:
            _add(element, "clef-octave-change", octaves)


def _add_key(attributes, change):
    _, sharps, mode = change
    key = _add(attributes, "key")
    _add(key, "fifths", sharps)
    _add(key, "mode", mode)


def _add_events(measure, score, bar, events, divisions, tempos):
    beams, tuplets, shown = _beams(events, bar), notation.tuplet_marks(events, bar), {}
    keys = {notation.exact(key[0]) - bar.start: key for key in score.keys}
    for event, beam, tuplet in zip(events, beams, tuplets, strict=True):
        if event.start > 0 and event.start in keys:
            _add_key(_add(measure, "attributes"), keys[event.start])
            shown = {}  # a new signature: what stood before it in the bar holds no more
        for tempo in [tempo for tempo in tempos if tempo[0] - bar.start < event.start + event.length or event is events[-1]]:
            _add_tempo(measure, tempo, bar, event, divisions)
            tempos = tempos[1:]
        key = spelling.key_at(score, bar.start + event.start)
        _add_event(measure, event, bar, divisions, key, shown, beam, tuplet)


def _add_tempo(measure, change, bar, event, divisions):
    onset, tempo = change
    dotted = bar.compound and bar.beat_unit == 8 and float(tempo * 2 / 3).is_integer()
    shown = tempo * 2 / 3 if dotted else tempo
    direction = _add(measure, "direction", placement="above")
    kind = _add(direction, "direction-type")
    if float(shown).is_integer():
        metronome = _add(kind, "metronome")
        _add(metronome, "beat-unit", "quarter")
        if dotted:
            _add(metronome, "beat-unit-dot")
        _add(metronome, "per-minute", int(shown))
    else:
        _add(kind, "words", f"♩ ≈ {tempo:.0f}")  # 66.6667 is for players, not for readers
    later = notation.exact(onset, grid=False) - bar.start - event.start
    if later:
        _add(direction, "offset", round(later * divisions))
    _add(direction, "sound", tempo=repr(float(tempo)).removesuffix(".0"))


def _add_event(measure, event, bar, divisions, key, shown, beam, tuplet):
    whole_bar = not event.tones and event.length == bar.full_length  # in a bar cut short readers would take it for a full one
    for place, tone in enumerate(event.tones or (None,)):
        note = _add(measure, "note")
        if tone is None:
            _add(note, "rest", **({"measure": "yes"} if whole_bar else {}))
        else:
            accidental = _add_pitch(note, tone, place, key, shown)
        _add(note, "duration", int(event.length * divisions))
        ties = [kind for kind, tied in (("stop", tone.tied_back), ("start", tone.tied_on)) if tied] if tone else []
        for kind in ties:
            _add(note, "tie", type=kind)
        _add(note, "voice", 1)
        if not whole_bar:
            _add_value(note, event, accidental if tone else None)
            for level, kind in enumerate(beam if place == 0 else (), 1):
                _add(note, "beam", kind, number=level)
        if ties or (tuplet and place == 0):
            notations = _add(note, "notations")
            for kind in ties:
                _add(notations, "tied", type=kind)
            for kind in tuplet if place == 0 else ():
                _add(notations, "tuplet", type=kind, bracket="no" if any(beam) else "yes")


def _add_pitch(note, tone, place, key, shown):
    """Chord mark and pitch; return the accidental to show, or None."""
    step, alter, octave = spelling.spell(tone.pitch, key)
    if tone.velocity != VELOCITY:
        note.set("dynamics", f"{tone.velocity / 0.9:.2f}")
    if place:
        _add(note, "chord")
    pitch = _add(note, "pitch")
    _add(pitch, "step", step)
    if alter:
        _add(pitch, "alter", alter)
    _add(pitch, "octave", octave)
    if tone.tied_back or alter == shown.get((step, octave), spelling.key_alter(step, key[0])):
        return None
    shown[step, octave] = alter
    return ACCIDENTALS[alter]


def _add_value(note, event, accidental):
    base, dots, tuplet = notation.value(event.length)
    _add(note, "type", TYPES[base])
    for _ in range(dots):
        _add(note, "dot")
    if accidental:
        _add(note, "accidental", accidental)
    if tuplet > 1:
        times = _add(note, "time-modification")
        _add(times, "actual-notes", tuplet)
        _add(times, "normal-notes", TUPLET_TIMES[tuplet])


def _beams(events, bar):
    """For each event the beams that it starts, carries or ends, the outermost first."""
    unit = Fraction(4, bar.beat_unit)
    span = unit if bar.beat_unit < 8 else unit * (3 if bar.beats % 3 == 0 else 2)
    flags = [FLAGS.get((notation.value(event.length) or (0,))[0], 0) if event.tones else 0 for event in events]
    beams = [[] for _ in events]
    for level in range(1, max(flags, default=0) + 1):
        group_of = [((event.start + bar.shift) // span, flag >= level) for event, flag in zip(events, flags, strict=True)]
        for (_, beamed), group in groupby(range(len(events)), key=group_of.__getitem__):
            places = list(group)
            if beamed and len(places) > 1:
                for place in places:
                    beams[place].append("begin" if place == places[0] else "end" if place == places[-1] else "continue")
            elif beamed and beams[places[0]]:  # alone under the beams of the levels above: a hook to its neighbour
                beams[places[0]].append("forward hook" if beams[places[0]][0] == "begin" else "backward hook")
    return beams
