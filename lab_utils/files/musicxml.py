"""MusicXML files to Scores, through music21, and back; plain (.musicxml, .xml) and compressed (.mxl).

Reading
-------
* Each voice of each part becomes a voice, in the file's order; what is tied is one note; a chord's notes share a voice.
* Pitches are those that sound. A first bar that is short is the upbeat. Repeats are not played twice; grace notes
  are left out.
* Where bars inside a piece are cut short and do not make up a full bar together, the meter is told again, so that the Score's bar
  lines fall where the file has them.
* A key signature without a mode is read as major; a tempo in words alone as music21's number for those words.

Writing is :mod:`lab_utils.files.engraving`: reading gives the same Score again, but for the names and programs of voices without
notes. Drums are written at the pitch of their MIDI keys.

Used by notebook ``03_music_as_data`` and by every staff that is shown.
"""

import io
import re
import warnings
import zipfile
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from lab_utils.errors import DataError, ParameterError
from lab_utils.files import bar_lines
from lab_utils.files.engraving import VELOCITY, to_musicxml
from lab_utils.files.library import music21
from lab_utils.files.notation import exact
from lab_utils.score import PERCUSSION, Score, note_array
from lab_utils.storage import read_bytes, write_bytes

__all__ = ["from_music21", "read_musicxml", "to_musicxml", "write_musicxml"]

PART_ID = re.compile(r"voice(\d{1,3})")
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container><rootfiles>
<rootfile full-path="score.musicxml" media-type="application/vnd.recordare.musicxml+xml"/>
</rootfiles></container>
"""


def read_musicxml(path):
    """Return the Score in a MusicXML file, plain or compressed.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Score

    Raises
    ------
    DataError
        If the file is missing, not MusicXML, broken, or has no notes.
    """
    data = read_bytes(path)
    try:
        root = ElementTree.fromstring(_unpacked(data))
        if root.tag != "score-partwise":
            raise DataError(
                f"{path}: expected MusicXML's <score-partwise>, received <{root.tag}>; export it as partwise MusicXML."
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # music21's remarks on layout
            stream = music21.musicxml.xmlToM21.MusicXMLImporter().xmlRootToScore(root)
        return from_music21(stream, source=path)
    except DataError:
        raise
    except Exception as error:  # music21 raises errors of any kind on odd files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: is not readable MusicXML ({reason}); export it again.") from error


def write_musicxml(score, path):
    """Write `score` to `path` as MusicXML, whole or not at all, compressed if the suffix is .mxl; see :func:`to_musicxml`."""
    data = to_musicxml(score).encode()
    write_bytes(_packed(data) if Path(path).suffix.lower() == ".mxl" else data, path)


def _unpacked(data):
    """The XML text of a file, out of the archive if it is compressed: the file that the archive's container names."""
    if data[:2] != b"PK":
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
        named = next(element.get("full-path") for element in container.iter() if element.tag.endswith("rootfile"))
        return archive.read(named)


def _packed(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("META-INF/container.xml", CONTAINER.encode()), ("score.musicxml", data)):
            undated = zipfile.ZipInfo(name)  # it has a fixed date: the same bytes each time
            archive.writestr(undated, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def from_music21(stream, *, source="stream"):
    """Return a music21 stream as a Score.

    Parameters
    ----------
    stream : music21.stream.Stream
        A score, or one part.
    source : str or Path, default="stream"
        Named in errors.

    Returns
    -------
    Score

    Raises
    ------
    DataError
        If it has no notes, or something that a Score cannot hold.
    """
    parts = _parts(stream)
    if any(part.atSoundingPitch is False for part in parts):
        parts = _parts(stream.toSoundingPitch())
    ours = _our_numbers(parts)
    rows, programs, names = [], {}, {}
    for place, part in enumerate(parts):
        voices = _voice_names(part)
        numbers = _voice_numbers(voices.values(), ours[place] if ours else len(programs))
        rows += _tied(_rows(part, voices, numbers))
        programs |= dict.fromkeys(numbers.values(), _program(part))
        names |= dict.fromkeys(numbers.values(), _name(part, ours))
    if not rows:
        raise DataError(f"{source}: has no notes; choose another file.")
    used = {row[4] for row in rows}
    try:
        return Score(
            note_array(rows),
            programs=_by_voice(programs, used, 0),
            names=_by_voice(names, used, ""),
            title=_title(stream),
            **_frame(parts, max(onset + length for onset, length, *_ in rows)),
        )
    except ParameterError as error:  # a Score cannot hold it: here that is the file's fault
        raise DataError(f"{source}: {error}") from error


def _parts(stream):
    return list(stream.parts) if isinstance(stream, music21.stream.Score) and stream.parts else [stream]


def _title(stream):
    """The work's title; a file name, which some corpora have in its place, without its suffix."""
    about = stream.metadata
    title = " ".join((about.title or about.movementName or "").split()) if about else ""
    return re.sub(r"\.(mxl|xml|musicxml|krn|mid|abc)$", "", title)


def _program(part):
    instrument = part.getInstrument(returnDefault=False)
    if isinstance(instrument, music21.instrument.UnpitchedPercussion):
        return PERCUSSION
    return (instrument.midiProgram or 0) if instrument else 0


def _name(part, ours):
    """The name of a part; one that the writer left empty music21 takes from the instrument."""
    name = part.getInstrument(returnDefault=False).partName if ours else getattr(part, "partName", "")
    return " ".join((name or "").split())


def _our_numbers(parts):
    """The Score's number for each part, from the ids that the writer gives them, or None if the file is another's."""
    instruments = [part.getInstrument(returnDefault=False) for part in parts]
    said = [PART_ID.fullmatch(str(instrument.partId)) if instrument else None for instrument in instruments]
    ours = all(said) and not any(part[music21.stream.Voice] for part in parts)
    return [int(match[1]) for match in said] if ours else None


def _by_voice(values, used, default):
    return tuple(values[voice] if voice in used else default for voice in range(max(used) + 1))


# --- notes -------------------------------------------------------------------------------------------------------------------


def _voice_names(part):
    """The name of each music21 voice in a part, by id(): the file's, or its place in the bar."""
    named = {}
    for voice in part[music21.stream.Voice]:
        given = isinstance(voice.id, str)  # without a name music21 counts memory addresses
        named[id(voice)] = voice.id if given else str(list(voice.activeSite.voices).index(voice))
    return named


def _voice_numbers(names, first):
    """A number from `first` for each voice of a part, by its name; notes outside any voice, named None, belong to the lowest."""
    numbers = {name: first + place for place, name in enumerate(sorted(set(names), key=lambda name: (len(name), name)))}
    return {None: first} | numbers


def _rows(part, names, numbers):
    """(onset, end, pitch, velocity, voice, tie) of each written note, by time."""
    rows = []
    for element in part[music21.note.NotRest]:
        if element.duration.isGrace or isinstance(element, music21.harmony.Harmony) or not element.quarterLength:
            continue
        onset = exact(element.getOffsetInHierarchy(part), grid=False)
        end = onset + exact(element.quarterLength, grid=False)
        voice = numbers[names.get(id(element.activeSite))]
        for note in element.notes if isinstance(element, music21.chord.ChordBase) else (element,):
            pitch = note.pitch if hasattr(note, "pitch") else note.displayPitch()
            velocity = round(note.volume.velocity) if note.hasVolumeInformation() and note.volume.velocity else VELOCITY
            rows.append((onset, end, pitch.midi, min(max(velocity, 1), 127), voice, note.tie.type if note.tie else None))
    return sorted(rows, key=lambda row: row[:2])


def _tied(rows):
    """(onset, duration, pitch, velocity, voice) of each sounding note: tied ones joined, in their own voice where it goes on."""
    sounding, open_at = [], {}  # open_at: (end, pitch) -> places in sounding
    for onset, end, pitch, velocity, voice, tie in rows:
        waiting = open_at.get((onset, pitch), []) if tie in ("stop", "continue") else []
        place = next((place for place in waiting if sounding[place][4] == voice), waiting[0] if waiting else None)
        if place is None:
            place = len(sounding)
            sounding.append([onset, end, pitch, velocity, voice])
        else:
            waiting.remove(place)
            sounding[place][1] = end
        if tie in ("start", "continue"):
            open_at.setdefault((end, pitch), []).append(place)
    return [(float(onset), float(end - onset), *rest) for onset, end, *rest in sounding]


# --- bars, meters, keys, tempos ----------------------------------------------------------------------------------------------


def _frame(parts, end):
    """Pickup, meters, keys and tempos of all parts together, up to the last note's end; the first part's where they differ."""
    meters = {0.0: (4, 4)} | _changes(parts, music21.meter.TimeSignature, lambda found: (found.numerator, found.denominator))
    keys = _changes(parts, music21.key.KeySignature, _key)
    tempos = {0.0: (120.0,)} | _changes(parts, music21.tempo.MetronomeMark, _quarters_a_minute)
    bars = parts[0].getElementsByClass(music21.stream.Measure)
    starts = [float(exact(bar.offset, grid=False)) for bar in bars if bar.offset < end]
    pickup = bar_lines.upbeat(starts, meters)
    if len(bars) == 1 and bars[0].number == 0:  # nothing but an upbeat
        pickup = float(bars[0].highestTime)
    return {
        "pickup_quarter": pickup,
        "meters": _listed(bar_lines.told_again(starts, pickup, meters)),
        "keys": _without_repeats(_listed(keys)),
        "tempos": _without_repeats(_listed(tempos)),
    }


def _changes(parts, kind, describe):
    """What `describe` makes of each element of a kind, by its onset in quarters; those without a description are left out."""
    found = {}
    for part in parts:
        for element in part[kind]:
            described = describe(element)
            if described:
                found.setdefault(float(exact(element.getOffsetInHierarchy(part), grid=False)), described)
    return found


def _listed(changes):
    return tuple((onset, *changes[onset]) for onset in sorted(changes))


def _without_repeats(changes):
    return tuple(change for before, change in pairwise((None, *changes)) if before is None or before[1:] != change[1:])


def _key(found):
    """Sharps, and major or minor, by the third over the tonic in the church modes; None for a signature made of single signs."""
    minor = getattr(found, "mode", None) in ("minor", "aeolian", "dorian", "phrygian", "locrian")
    return None if found.sharps is None else (found.sharps, "minor" if minor else "major")


def _quarters_a_minute(mark):
    number = mark.numberSounding or mark.number
    return (float(number * mark.referent.quarterLength),) if number else None
