"""The bytes of Standard MIDI Files 1.0: chunks, events and their delta times, of which :mod:`lab_utils.files.midi` is made.

A file is a header chunk (type, number of tracks, ticks a quarter) and a chunk for each track; a track is a row of events,
each led by the ticks since the last one as a number of variable length. Only what symusic does not do is done here:
writing of any type, and reading the texts at the head of a track.

Source: MIDI 1.0 Detailed Specification (MIDI Manufacturers Association, 1996).
"""

from lab_utils.errors import DataError, ParameterError

TEXT, TRACK_NAME, INSTRUMENT_NAME, CHANNEL_PREFIX, END_OF_TRACK, TEMPO, METER, KEY = (
    0x01, 0x03, 0x04, 0x20, 0x2F, 0x51, 0x58, 0x59,
)  # fmt: skip
LAST_RESOLUTION = 2**15 - 1  # ticks a quarter that the header can say
LAST_TICK = 2**28 - 1  # the largest number of variable length
HEADER_BYTES = 14


def number(value):
    """Return `value` as a number of variable length: seven bits a byte, the top bit set on all bytes but the last."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def read_number(data, at):
    """Return the number of variable length at `data[at]` and the position after it; IndexError if the data ends first."""
    value = 0
    while True:
        byte, at = data[at], at + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at


def meta(kind, content):
    """Return a meta-event of `content` (bytes, or str as UTF-8), without its delta time."""
    content = content.encode(errors="replace") if isinstance(content, str) else content
    return bytes((0xFF, kind)) + number(len(content)) + content


def track_chunk(events):
    """Return a track chunk of `events`, (tick, bytes) pairs in the order of time; the end of track is added here.

    Raises
    ------
    ParameterError
        If the gap between two events is longer than a file can say.
    """
    body, now = [], 0
    for tick, event in events:
        if tick - now > LAST_TICK:
            raise ParameterError(
                f"score: MIDI expects gaps of at most {LAST_TICK} ticks, received {tick - now}; cut the silence."
            )
        body += [number(tick - now), event]
        now = tick
    body = b"".join(body) + number(0) + meta(END_OF_TRACK, b"")
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def file_bytes(tracks, *, type, resolution):
    """Return a whole file of `tracks`, lists of (tick, bytes) pairs; `resolution` in ticks a quarter."""
    header = b"".join(value.to_bytes(2, "big") for value in (type, len(tracks), resolution))
    return b"MThd" + len(header).to_bytes(4, "big") + header + b"".join(map(track_chunk, tracks))


def read_chunks(data, source):
    """Return a file's type, its resolution in ticks a quarter, and the content of its track chunks.

    Parameters
    ----------
    data : bytes
    source : str or Path
        Named in errors.

    Raises
    ------
    DataError
        If this is no MIDI file, one of type 2, one in film frames, or one cut short.
    """
    if not data:
        raise DataError(f"{source}: is an empty file; export the MIDI file again.")
    if data[:4] != b"MThd":
        raise DataError(f"{source}: is not a MIDI file (it does not start with MThd); choose a .mid file.")
    if len(data) < HEADER_BYTES:
        raise DataError(f"{source}: is cut short in the header; copy the whole file.")
    kind, count, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    if kind not in (0, 1):
        raise DataError(f"{source}: expected MIDI of type 0 or 1, received type {kind}; save it as type 1.")
    if not 0 < division < 0x8000:
        raise DataError(f"{source}: counts time in film frames, not in quarter notes; save it with ticks a quarter.")
    tracks, at = [], 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data) and len(tracks) < count:
        length = int.from_bytes(data[at + 4 : at + 8], "big")
        if at + 8 + length > len(data):
            break
        if data[at : at + 4] == b"MTrk":  # chunks of other names are to be passed over, says the standard
            tracks.append(data[at + 8 : at + 8 + length])
        at += 8 + length
    if len(tracks) < count:
        raise DataError(f"{source}: is cut short, it has {len(tracks)} of its {count} tracks whole; copy the whole file.")
    return kind, division, tracks


def head_texts(track):
    """Return the (kind, content) of the meta-events at the head of a track: before the first note and the first tick after 0."""
    found, at = [], 0
    try:
        while track[at] == 0 and track[at + 1] not in range(0x80, 0xB0):
            status, at = track[at + 1], at + 2
            if status == 0xFF:
                kind = track[at]
                length, at = read_number(track, at + 1)
                found.append((kind, track[at : at + length]))
            elif status in (0xF0, 0xF7):
                length, at = read_number(track, at)
            elif 0xB0 <= status < 0xF0:
                length = 1 if status >> 4 in (0xC, 0xD) else 2
            else:
                break  # running status of a controller: what matters stands before it
            at += length
    except IndexError:  # a broken track: symusic says what is wrong with it
        pass
    return found


def text(content):
    """Return a text event's `content` as str: UTF-8, or Latin-1 where it is not that."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
