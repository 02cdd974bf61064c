import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.files import smf


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "00"), (0x7F, "7f"), (0x80, "8100"), (0x2000, "c000"), (0x3FFF, "ff7f"), (0x1FFFFF, "ffff7f"), (0xFFFFFFF, "ffffff7f")],
)
def test_numbers_of_variable_length_are_those_of_the_standard(value, written):
    assert smf.number(value).hex() == written
    assert smf.read_number(bytes.fromhex("aa" + written), 1) == (value, 1 + len(written) // 2)


def test_a_file_is_header_and_tracks():
    data = smf.file_bytes([[(0, b"\xc0\x05"), (200, b"\x90\x3c\x40")]], type=0, resolution=96)
    assert data.hex(" ") == (
        "4d 54 68 64 00 00 00 06 00 00 00 01 00 60 "  # MThd, 6 bytes: type 0, one track, 96 ticks
        "4d 54 72 6b 00 00 00 0c 00 c0 05 81 48 90 3c 40 00 ff 2f 00"
    )
    kind, resolution, (track,) = smf.read_chunks(data, "x")
    assert (kind, resolution, len(track)) == (0, 96, 12)


def test_a_gap_beyond_the_format_is_an_error():
    with pytest.raises(ParameterError, match="gaps of at most"):
        smf.track_chunk([(0, b"\xc0\x05"), (smf.LAST_TICK + 1, b"\xc0\x06")])


def test_chunks_of_other_names_are_passed_over():
    whole = smf.file_bytes([[(0, b"\xc0\x05")]], type=0, resolution=96)
    other = whole[: smf.HEADER_BYTES] + b"XFIH\0\0\0\3abc" + whole[smf.HEADER_BYTES :]
    assert smf.read_chunks(other, "x") == smf.read_chunks(whole, "x")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty file"),
        (b"RIFF....WAVEfmt ", "not a MIDI file"),
        (b"MThd\0\0\0\6\0\1", "cut short in the header"),
        (bytes.fromhex("4d546864 00000006 0002 0001 0060"), "type 2"),
        (bytes.fromhex("4d546864 00000006 0000 0001 e728"), "film frames"),
        (bytes.fromhex("4d546864 00000006 0000 0001 0000"), "film frames"),
        (bytes.fromhex("4d546864 00000006 0001 0002 0060 4d54726b 00000004 00ff2f00"), "1 of its 2 tracks"),
        (bytes.fromhex("4d546864 00000006 0000 0001 0060 4d54726b 00000014 00ff2f00"), "0 of its 1 tracks"),
    ],
)
def test_what_is_no_whole_file_is_an_error_that_names_it(data, message):
    with pytest.raises(DataError, match=rf"^some\.mid: .*{message}.*;"):
        smf.read_chunks(data, "some.mid")


def test_texts_at_the_head_end_with_the_first_note():
    events = [smf.meta(smf.TRACK_NAME, "Größe"), b"\xb0\x07\x40", b"\xc0\x05", smf.meta(smf.TEXT, "one"), b"\xf0\x02\x7e\xf7"]
    events += [smf.meta(smf.TEXT, b"d\xe9"), b"\x90\x3c\x40", smf.meta(smf.TEXT, "two")]
    track = smf.track_chunk([(0, event) for event in events])[8:]
    found = smf.head_texts(track)
    assert [(kind, smf.text(content)) for kind, content in found] == [(3, "Größe"), (1, "one"), (1, "dé")]


def test_texts_of_a_broken_track_are_those_before_the_break():
    assert smf.head_texts(b"\0" + smf.meta(smf.TEXT, "one") + b"\0\xff\x01") == [(1, b"one")]
    assert smf.head_texts(b"") == []
