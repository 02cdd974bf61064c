"""MIDI files to Scores and back (Standard MIDI Files 1.0, types 0 and 1).

Reading is symusic's work: running status, any resolution, any number of tracks. Each track and channel that has notes
becomes a voice, in the file's order. What symusic leaves out, the head of each track tells: title, upbeat, voice numbers.

Writing is done here, for symusic writes no type 0 and chooses the channels itself:

* type 1 has a first track of title, tempo, meter and key, then a track for each voice; type 0 is one track;
* each voice has a channel of its own, up to 15; the drum kit (program :data:`~lab_utils.score.PERCUSSION`) has channel 10;
* a quarter has 480 ticks, or the next number that puts every time on a tick; times on no grid go to the nearest of 10,080;
* tempo is kept as whole microseconds a quarter, as the format asks; reading gives back the shortest number that means the same.

What MIDI cannot say
--------------------
* **An upbeat.** It is written as a short first bar with a meter of its own, so that bar lines are right everywhere, and as the
  text ``pickup_quarter=1/2``, so that reading here tells it from a change of meter. Files by others have no upbeat.
* **Voices without notes, and names in type 0.** The text ``voices=0,2,3`` keeps the numbers where one is left out; names
  in type 0 follow MIDI's channel prefix.
* **Two notes of one pitch that overlap in one voice**: their ends are told apart by first in, first out.

Reading leaves out key signatures that no notation has, controllers, lyrics, pitch bends and notes that never end, and gives
notes without length one tick.
Used by every notebook from ``00_start_here`` on.
"""

import math
import re
from fractions import Fraction
from itertools import chain

import numpy as np
import symusic

from lab_utils.errors import DataError, ParameterError
from lab_utils.files import smf
from lab_utils.score import NOTE_DTYPE, PERCUSSION, Score
from lab_utils.storage import read_bytes, write_bytes

RESOLUTION = 480  # ticks a quarter; it has 128ths, triplets and quintuplets
FINE_RESOLUTION = 10080  # for times on no grid
DRUM_CHANNEL = 9  # called 10, for channels are counted from 1
PITCHED_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
SAID = re.compile(r"(pickup_quarter(?==\d{1,6}(?:/[1-9]\d{0,5})?$)|voices(?==\d{1,3}(?:,\d{1,3})*$))=(.*)")


def read_midi(path):
    """Return the Score in a MIDI file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Score
        One voice for each track and channel with notes. Times are exact, not moved to a grid: see :meth:`Score.quantise`.

    Raises
    ------
    DataError
        If the file is missing, not MIDI, cut short, broken, without notes, or has a tempo or meter that a Score cannot hold.
    """
    data = read_bytes(path)
    kind, resolution, chunks = smf.read_chunks(data, path)
    try:
        song = symusic.Score.from_midi(data)
        return _score(song, kind, resolution, chunks, path)
    except RuntimeError as error:  # symusic's only kind, here for bytes out of range and events cut short
        reason = str(error).removesuffix(": iostream error").rstrip(".!")
        raise DataError(f"{path}: is not readable MIDI ({reason}); export it again.") from error
    except ParameterError as error:  # a Score cannot hold it: here that is the file's fault, not the caller's
        raise DataError(f"{path}: {error}") from error


def write_midi(score, path, *, type=1):
    """Write `score` to `path` as MIDI, whole or not at all; see :func:`to_midi_bytes`."""
    write_bytes(to_midi_bytes(score, type=type), path)


def to_midi_bytes(score, *, type=1):
    """Return `score` as the bytes of a MIDI file; :func:`read_midi` is the inverse.

    Parameters
    ----------
    score : Score
    type : int, default=1
        1: a track for each voice; 0: one track.

    Returns
    -------
    bytes

    Raises
    ------
    ParameterError
        If `type` is neither, the Score has no notes, more than 15 pitched voices, a tempo outside 3.58–60,000,000
        quarters a minute, or (type 0) two voices of drums.
    """
    if type not in (0, 1):
        raise ParameterError(f"type: expected 0 or 1, received {type!r}.")
    if not len(score):
        raise ParameterError("score: expected at least one note, received an empty Score; there is nothing to write.")
    channels, resolution = _channels(score, type), _resolution(score)
    order = list(channels) if type == 1 else sorted(channels, key=channels.get)
    frame = _frame_events(score, resolution, order)
    heads = [_head_events(score, voice, channel, type) for voice, channel in channels.items()]
    voices = [_note_events(score.voice_notes(voice), channel, resolution) for voice, channel in channels.items()]
    if type == 1:
        tracks = [frame, *(head + notes for head, notes in zip(heads, voices, strict=True))]
    else:
        tracks = [_by_time(chain(frame, *heads, *voices))]
    return smf.file_bytes(tracks, type=type, resolution=resolution)


# --- reading -----------------------------------------------------------------------------------------------------------------


def _score(song, kind, resolution, chunks, path):
    tracks = [track for track in song.tracks if len(track.notes)]
    if not tracks:
        raise DataError(f"{path}: has no notes; choose another file.")
    head = smf.head_texts(chunks[0])
    said = _said(head)
    pickup = Fraction(said.get("pickup_quarter", "0"))
    voices = [int(voice) for voice in said.get("voices", "").split(",") if voice]
    if len(set(voices)) != len(tracks):  # nothing said, or another program has changed the tracks since
        voices = range(len(tracks))
    names = [track.name for track in tracks] if kind == 1 else _channel_names(head, len(tracks))
    meters = _changes(resolution, [(m.time, m.numerator, m.denominator) for m in song.time_signatures], (4, 4))
    return Score(
        np.concatenate([_notes(track, voice, resolution) for track, voice in zip(tracks, voices, strict=True)]),
        tempos=_changes(resolution, [(t.time, _tempo(t.mspq)) for t in song.tempos], (120.0,)),
        meters=_without_upbeat(meters, float(pickup)),
        keys=_changes(
            resolution, [(k.time, k.key, "minor" if k.tonality else "major") for k in song.key_signatures if abs(k.key) < 8]
        ),
        pickup_quarter=float(pickup),
        programs=_by_voice(voices, [PERCUSSION if track.is_drum else track.program for track in tracks], 0),
        names=_by_voice(voices, names, ""),
        title=_title(kind, chunks[0], head),
    )


def _said(head):
    """What :func:`_frame_events` said in text events, by name."""
    found = [SAID.fullmatch(smf.text(content)) for kind, content in head if kind == smf.TEXT]
    return dict(match.groups() for match in found if match)


def _notes(track, voice, resolution):
    columns = track.notes.numpy()
    notes = np.zeros(len(track.notes), NOTE_DTYPE)
    notes["onset_quarter"] = columns["time"] / resolution
    notes["duration_quarter"] = np.maximum(columns["duration"], 1) / resolution
    notes["pitch"], notes["velocity"], notes["voice"] = columns["pitch"], columns["velocity"], voice
    return notes


def _changes(resolution, rows, default=None):
    """Tempos, meters or keys by onset in quarters, the last of those at one time; `default` at 0 if there is none."""
    found = {0.0: default} if default else {}
    found.update((tick / resolution, tuple(values)) for tick, *values in rows)
    return tuple((onset, *found[onset]) for onset in sorted(found))


def _key(event):
    return event.key, "minor" if event.tonality else "major"


def _tempo(microseconds):
    """The shortest number of quarters a minute that is written as these microseconds a quarter."""
    if not microseconds:
        raise ParameterError("tempos: expected more than 0 microseconds a quarter, received 0; leave the event out.")
    exact = 60e6 / microseconds
    shorter = (round(exact, digits) for digits in range(8))
    return next((tempo for tempo in shorter if tempo > 0 and _microseconds(tempo) == microseconds), exact)


def _without_upbeat(meters, pickup):
    """The meters without that of the short first bar, which :func:`_meters_with_upbeat` put there."""
    if len(meters) < 2 or meters[1][0] != pickup or meters[0][1] * 4 != pickup * meters[0][2]:
        return meters
    return ((0.0, *meters[1][1:]), *meters[2:])


def _channel_names(head, count):
    """The names in a track of type 0 in the order of channels, which is symusic's order of tracks."""
    names, channel = {}, None
    for kind, content in head:
        if kind == smf.CHANNEL_PREFIX and content:
            channel = content[0]
        elif kind == smf.INSTRUMENT_NAME and channel is not None:
            names[channel] = smf.text(content)
    return [names[channel] for channel in sorted(names)] if len(names) == count else [""] * count


def _by_voice(voices, values, default):
    found = dict(zip(voices, values, strict=True))
    return tuple(found.get(voice, default) for voice in range(max(voices) + 1))


def _title(kind, chunk, head):
    """The name of the first track, unless that is the name of a voice: a track of type 1 with notes."""
    name = next((smf.text(content) for found, content in head if found == smf.TRACK_NAME), "")
    if not name or kind == 0:
        return name
    alone = b"MThd" + bytes((0, 0, 0, 6, 0, 0, 0, 1, 1, 0)) + b"MTrk" + len(chunk).to_bytes(4, "big") + chunk
    return "" if symusic.Score.from_midi(alone).note_num() else name


# --- writing -----------------------------------------------------------------------------------------------------------------


def _channels(score, type):
    """The channel of each voice, in the order of voices."""
    drums = [voice for voice in score.voices if score.program(voice) == PERCUSSION]
    pitched = [voice for voice in score.voices if voice not in drums]
    if len(pitched) > len(PITCHED_CHANNELS):
        raise ParameterError(f"score: MIDI expects at most 15 pitched voices, received {len(pitched)}; write them to two files.")
    if type == 0 and len(drums) > 1:
        raise ParameterError(f"score: MIDI of type 0 expects one voice of drums, received {len(drums)}; use type=1.")
    channels = dict(zip(pitched, PITCHED_CHANNELS, strict=False)) | dict.fromkeys(drums, DRUM_CHANNEL)
    return {voice: channels[voice] for voice in score.voices}


def _resolution(score):
    """Ticks a quarter, 480 or more, that put every time on a tick; :data:`FINE_RESOLUTION` if none does."""
    notes = score.notes
    changes = [onset for onset, *_ in (*score.tempos, *score.meters, *score.keys)]
    times = np.concatenate(
        [notes["onset_quarter"], notes["onset_quarter"] + notes["duration_quarter"], changes, [score.pickup_quarter]]
    )
    parts = np.unique(np.round(times % 1, 9))
    needed = math.lcm(*(_fraction(part).denominator for part in parts))
    fitting = needed * -(-RESOLUTION // needed)  # the first multiple from 480 on
    return RESOLUTION if RESOLUTION % needed == 0 else fitting if fitting <= smf.LAST_RESOLUTION else FINE_RESOLUTION


def _frame_events(score, resolution, order):
    """Title, what MIDI cannot say otherwise, tempos, meters and keys as (tick, bytes), by time."""
    texts = [(smf.TRACK_NAME, score.title)] if score.title else []
    if score.pickup_quarter:
        texts.append((smf.TEXT, f"pickup_quarter={_fraction(score.pickup_quarter)}"))
    if order != list(range(len(order))):
        texts.append((smf.TEXT, "voices=" + ",".join(map(str, order))))
    events = [(0.0, smf.meta(kind, content)) for kind, content in texts]
    events += [(onset, smf.meta(smf.TEMPO, _microseconds(tempo).to_bytes(3, "big"))) for onset, tempo in score.tempos]
    events += [(onset, _meter_event(beats, unit)) for onset, beats, unit in _meters_with_upbeat(score)]
    events += [(onset, smf.meta(smf.KEY, bytes((sharps % 256, mode == "minor")))) for onset, sharps, mode in score.keys]
    return _by_time((round(onset * resolution), event) for onset, event in events)


def _head_events(score, voice, channel, type):
    """Name and program of a voice as (tick, bytes)."""
    program, name = score.program(voice), score.names[voice] if voice < len(score.names) else ""
    events = [bytes((0xC0 | channel, 0 if program == PERCUSSION else program))]
    if any(score.names) and type == 1:
        events.insert(0, smf.meta(smf.TRACK_NAME, name))
    elif any(score.names):
        events[:0] = [smf.meta(smf.CHANNEL_PREFIX, bytes((channel,))), smf.meta(smf.INSTRUMENT_NAME, name)]
    return [(0, event) for event in events]


def _note_events(notes, channel, resolution):
    """Notes as (tick, bytes), by time; at one time what ends stands before what starts."""
    starts = np.round(notes["onset_quarter"] * resolution).astype(np.int64)
    ends = np.round((notes["onset_quarter"] + notes["duration_quarter"]) * resolution).astype(np.int64)
    ends = np.maximum(ends, starts + 1)
    on = [bytes((0x90 | channel, pitch, velocity)) for pitch, velocity in zip(notes["pitch"], notes["velocity"], strict=True)]
    off = [bytes((0x80 | channel, pitch, 64)) for pitch in notes["pitch"]]
    return _by_time([*zip(ends.tolist(), off, strict=True), *zip(starts.tolist(), on, strict=True)])


def _by_time(events):
    return sorted(events, key=lambda event: event[0])  # a stable sort: events at one time stay in the order given


def _meters_with_upbeat(score):
    """The meters, with one for an upbeat of its length if there is a meter of that length."""
    share = _fraction(score.pickup_quarter) / 4  # of a whole note
    later = [meter for meter in score.meters if meter[0] > score.pickup_quarter]
    first = [meter for meter in score.meters if meter[0] <= score.pickup_quarter][-1]
    unit = max(share.denominator, first[2])
    if not share or unit & (unit - 1):  # a third of a quarter has no meter: only the text tells of it
        return score.meters
    return [(0.0, int(share * unit), unit), (score.pickup_quarter, *first[1:]), *later]


def _meter_event(beats, unit):
    if beats > 255:
        raise ParameterError(f"score: MIDI expects at most 255 beats a bar, received a meter of {beats}/{unit}.")
    clocks = 24 * 4 // unit * (3 if beats % 3 == 0 and beats > 3 else 1)  # a metronome's click: a dotted beat in 6/8
    return smf.meta(smf.METER, bytes((beats, unit.bit_length() - 1, min(max(clocks, 1), 255), 8)))


def _microseconds(tempo):
    """Microseconds a quarter, as a whole number of three bytes."""
    microseconds = round(60e6 / tempo)
    if not 1 <= microseconds < 2**24:
        raise ParameterError(f"score: MIDI expects a tempo of 3.58 to 60,000,000 quarters a minute, received {tempo!r}.")
    return microseconds


def _fraction(quarters):
    return Fraction(quarters).limit_denominator(smf.LAST_RESOLUTION)
