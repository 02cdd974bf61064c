"""Four voices on two staves, as in a hymn book: soprano and alto above, tenor and bass below.

A rewriting of MusicXML that engraving alone needs: each pair of parts becomes one part with two voices, stems of the upper
one upwards and of the lower one downwards. Accidentals are set anew, for on a shared staff they hold for both voices.
"""

from copy import deepcopy
from xml.etree import ElementTree

from lab_utils.errors import ParameterError
from lab_utils.files.spelling import key_alter

_CLEFS = (("G", "2"), ("F", "4"))  # of the upper and the lower staff
_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_BEFORE_VOICE = ("pitch", "rest", "chord", "duration", "tie", "grace", "cue", "unpitched", "instrument", "footnote", "level")
_BEFORE_ACCIDENTAL = (*_BEFORE_VOICE, "voice", "type", "dot")
_BEFORE_STEM = (*_BEFORE_ACCIDENTAL, "accidental", "time-modification")


def on_two_staves(xml):
    """Return the MusicXML of four parts as that of two parts with two voices each.

    Parameters
    ----------
    xml : str
        Partwise, one voice a part, bars that match between the parts.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If there are not four parts.
    """
    root = ElementTree.fromstring(xml)
    parts, entries = root.findall("part"), root.findall("part-list/score-part")
    if len(parts) != 4:
        raise ParameterError(f"condense: expected four voices, received {len(parts)}; leave it out.")
    for group in root.findall("part-list/part-group"):
        root.find("part-list").remove(group)
    for staff, (upper, lower) in enumerate((parts[:2], parts[2:])):
        _merge(upper, lower, _CLEFS[staff])
        root.remove(lower)
        _name(root, entries[2 * staff], entries[2 * staff + 1])
    _brace(root.find("part-list"))
    return ElementTree.tostring(root, encoding="unicode")


def _merge(upper, lower, clef):
    sharps = 0
    for bar, other in zip(upper.findall("measure"), lower.findall("measure"), strict=True):
        for attributes in bar.findall("attributes"):
            sharps = int(attributes.findtext("key/fifths", sharps))
            for old in attributes.findall("clef"):
                old.clear()
                ElementTree.SubElement(old, "sign").text, ElementTree.SubElement(old, "line").text = clef
        _direct(bar, "1", "up")
        _direct(other, "2", "down")
        end = bar.find("barline[@location='right']")
        if end is not None:
            bar.remove(end)
        back = ElementTree.SubElement(bar, "backup")
        ElementTree.SubElement(back, "duration").text = str(sum(length for _, _, length in _timed(bar)))
        bar.extend(deepcopy(note) for note in other.findall("note"))
        if end is not None:
            bar.append(end)
        _accidentals(bar, sharps)


def _timed(bar):
    """(start, note, length) of each note of a bar, in divisions; a chord's further notes and grace notes have no length."""
    now, before = 0, 0
    for element in bar:
        length = int(element.findtext("duration", "0")) if element.find("chord") is None else 0
        if element.tag == "note":
            yield (before if element.find("chord") is not None else now), element, length
        if length:
            before = now
        now += {"note": length, "forward": length, "backup": -length}.get(element.tag, 0)


def _direct(bar, voice, stem):
    for note in bar.findall("note"):
        _set(note, "voice", voice, _BEFORE_VOICE)
        if note.find("rest") is None:
            _set(note, "stem", stem, _BEFORE_STEM)


def _accidentals(bar, sharps):
    """Write an accidental where a pitch differs from what the key or the bar so far makes of its line."""
    held = {}
    for _, note, _ in sorted(_timed(bar), key=lambda timed: timed[0]):
        old = note.find("accidental")
        if old is not None:
            note.remove(old)
        if note.find("pitch") is None:
            continue
        step, octave = note.findtext("pitch/step"), note.findtext("pitch/octave")
        alter = int(note.findtext("pitch/alter", "0"))
        if note.find("tie[@type='stop']") is not None:
            continue  # it goes on sounding what was written before
        if alter != held.get((step, octave), key_alter(step, sharps)):
            _set(note, "accidental", _SIGNS[alter], _BEFORE_ACCIDENTAL)
        held[step, octave] = alter


def _set(note, tag, text, before):
    """Give `note` a child, in the order that MusicXML asks for: behind those named in `before`."""
    child = note.find(tag)
    if child is None:
        child = ElementTree.Element(tag)
        note.insert(sum(other.tag in before for other in note), child)
    child.text = text


def _name(root, upper, lower):
    names = [entry.findtext("part-name", "").strip() for entry in (upper, lower)]
    initials = " ".join(name[:1] for name in names if name)
    for entry in (upper.find("part-name"), upper.find("part-abbreviation")):
        if entry is not None:
            entry.text = initials
    root.find("part-list").remove(lower)


def _brace(part_list):
    start = ElementTree.Element("part-group", type="start", number="1")
    ElementTree.SubElement(start, "group-symbol").text = "brace"
    ElementTree.SubElement(start, "group-barline").text = "yes"
    part_list.insert(0, start)
    part_list.append(ElementTree.Element("part-group", type="stop", number="1"))
