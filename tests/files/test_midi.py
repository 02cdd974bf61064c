import io

import mido
import numpy as np
import pretty_midi
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.files import smf
from lab_utils.files.midi import read_midi, to_midi_bytes, write_midi
from lab_utils.score import Score, note_array

HEADER = "4d546864 00000006 0000 0001 0060"  # type 0, one track, 96 ticks a quarter


def midi_file(folder, events, *, header=HEADER):
    """Write a file of one track from hexadecimal digits; the end of track is added."""
    body = bytes.fromhex(events) + bytes.fromhex("00ff2f00")
    path = folder / "made.mid"
    path.write_bytes(bytes.fromhex(header) + b"MTrk" + len(body).to_bytes(4, "big") + body)
    return path


def rows(score):
    return [(float(n["onset_quarter"]), float(n["duration_quarter"]), int(n["pitch"]), int(n["voice"])) for n in score.notes]


def as_mido(score, **options):
    return mido.MidiFile(file=io.BytesIO(to_midi_bytes(score, **options)), charset="utf8")


# --- round trips -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", [0, 1])
def test_a_score_comes_back_as_it_was(everything, tmp_path, type):
    write_midi(everything, tmp_path / "a.mid", type=type)
    back = read_midi(tmp_path / "a.mid")
    assert back == everything
    assert to_midi_bytes(back, type=type) == (tmp_path / "a.mid").read_bytes()


@pytest.mark.parametrize("type", [0, 1])
@pytest.mark.parametrize("pickup", [0.5, 1 / 3, 2.5, 3.0])
def test_any_upbeat_comes_back(chorale, tmp_path, type, pickup):
    score = chorale.with_(pickup_quarter=pickup)
    write_midi(score, tmp_path / "a.mid", type=type)
    assert read_midi(tmp_path / "a.mid") == score


def test_a_short_first_meter_is_no_upbeat(chorale, tmp_path):
    score = chorale.with_(pickup_quarter=0.0, meters=((0.0, 1, 4), (1.0, 4, 4)))
    write_midi(score, tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid") == score


@pytest.mark.parametrize("denominator", [3, 5, 7, 9, 11, 32, 96, 220, 384])
def test_every_grid_comes_back_exactly(tmp_path, denominator):
    score = Score(note_array([(k / denominator, 1 / denominator, 60 + k % 12) for k in range(3 * denominator)]))
    write_midi(score, tmp_path / "a.mid")
    back = read_midi(tmp_path / "a.mid")
    np.testing.assert_array_equal(back.notes["onset_quarter"], score.notes["onset_quarter"])
    np.testing.assert_array_equal(back.notes["duration_quarter"], score.notes["duration_quarter"])


def test_times_on_no_grid_go_to_the_nearest_fine_tick(tmp_path):
    onsets = np.sort(np.random.default_rng(0).uniform(0, 20, 50))
    score = Score(note_array([(onset, 0.123456, 60 + place) for place, onset in enumerate(onsets)]))
    write_midi(score, tmp_path / "a.mid")
    np.testing.assert_allclose(read_midi(tmp_path / "a.mid").notes["onset_quarter"], onsets, rtol=0, atol=0.5001 / 10080)


@pytest.mark.parametrize("tempo", [3.6, 40.0, 59.94, 66.6, 90.0, 123.456, 133.0, 187.0, 240.0, 1000.0])
def test_tempos_come_back_exactly(tmp_path, tempo):
    write_midi(Score(note_array([(0, 1, 60)]), tempos=((0.0, tempo), (2.5, 70.0))), tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid").tempos == ((0.0, tempo), (2.5, 70.0))


@pytest.mark.parametrize("sharps", range(-7, 8))
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_keys_come_back_exactly(tmp_path, sharps, mode):
    write_midi(Score(note_array([(0, 1, 60)]), keys=((0.0, sharps, mode),)), tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid").keys == ((0.0, sharps, mode),)


def test_repeated_notes_stay_apart(tmp_path):
    score = Score(note_array([(0, 1, 60), (1, 1, 60), (2, 0.5, 60), (3, 1, 60)]))
    write_midi(score, tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid") == score


@pytest.mark.parametrize("type", [0, 1])
def test_fifteen_voices_and_drums_keep_their_programs(tmp_path, type):
    notes = note_array([(voice % 3, 1, 40 + voice, 80, voice) for voice in range(16)])
    programs = (*range(10, 15), 128, *range(20, 30))
    score = Score(notes, programs=programs, names=tuple(f"voice {voice}" for voice in range(16)))
    write_midi(score, tmp_path / "a.mid", type=type)
    assert read_midi(tmp_path / "a.mid") == score


# --- what is written, as other readers see it --------------------------------------------------------------------------------


def test_type_1_is_a_frame_and_a_track_for_each_voice(everything):
    file = as_mido(everything)
    assert (file.type, file.ticks_per_beat) == (1, 480)
    assert [track.name for track in file.tracks] == ["Alles: Übung 1", "Flöte", "Cello", "Trommel"]
    channels = [{message.channel for message in track if message.type == "note_on"} for track in file.tracks]
    assert channels == [set(), {0}, {1}, {9}]
    frame = [(message.type, message.time) for message in file.tracks[0] if message.type in ("set_tempo", "key_signature")]
    assert frame == [("set_tempo", 0), ("key_signature", 0), ("set_tempo", 3 * 480), ("key_signature", 0)]


def test_type_0_is_one_track_with_a_channel_for_each_voice(everything):
    file = as_mido(everything, type=0)
    assert (file.type, len(file.tracks)) == (0, 1)
    sounding = {}
    for message in file.tracks[0]:
        if message.type == "note_on":
            sounding.setdefault(message.channel, []).append(message.note)
    expected = {channel: everything.voice_notes(voice)["pitch"].tolist() for voice, channel in ((0, 0), (1, 1), (3, 9))}
    assert sounding == expected
    programs = {message.channel: message.program for message in file.tracks[0] if message.type == "program_change"}
    assert programs == {0: 73, 1: 42, 9: 0}


def test_pretty_midi_hears_the_same_seconds(everything):
    heard = pretty_midi.PrettyMIDI(io.BytesIO(to_midi_bytes(everything)))
    found = sorted((note.start, note.end, note.pitch, note.velocity) for part in heard.instruments for note in part.notes)
    notes = everything.notes
    starts = everything.seconds(notes["onset_quarter"])
    ends = everything.seconds(notes["onset_quarter"] + notes["duration_quarter"])
    expected = sorted(zip(starts, ends, notes["pitch"], notes["velocity"], strict=True))
    np.testing.assert_allclose(np.array(found, float), np.array(expected, float), atol=1e-5)  # whole microseconds a quarter
    assert [part.is_drum for part in heard.instruments] == [False, False, True]
    assert [part.program for part in heard.instruments] == [73, 42, 0]


def test_the_upbeat_is_a_short_first_bar_for_others(chorale):
    heard = pretty_midi.PrettyMIDI(io.BytesIO(to_midi_bytes(chorale)))
    quarter = 60 / 72
    np.testing.assert_allclose(heard.get_downbeats(), chorale.bar_lines() * quarter, atol=1e-5)


def test_what_ends_stands_before_what_starts():
    file = as_mido(Score(note_array([(0, 1, 60), (1, 1, 60)])), type=0)
    now, found = 0, []
    for message in file.tracks[0]:
        now += message.time
        if message.type.startswith("note"):
            found.append((now, message.type))
    assert found == [(0, "note_on"), (480, "note_off"), (480, "note_on"), (960, "note_off")]


# --- files of others ---------------------------------------------------------------------------------------------------------


def test_running_status(tmp_path):
    path = midi_file(tmp_path, "00 90 3c 50  00 40 51  60 3c 00  00 40 00  30 43 52  30 43 00")
    score = read_midi(path)
    assert rows(score) == [(0, 1, 60, 0), (0, 1, 64, 0), (1.5, 0.5, 67, 0)]
    assert score.notes["velocity"].tolist() == [80, 81, 82]
    assert (score.tempos, score.meters, score.keys, score.names) == (((0.0, 120.0),), ((0.0, 4, 4),), (), ())


def test_tempo_meter_and_key_changes(tmp_path):
    frame = "00 ff5103 0927c0  00 ff5804 03021808  00 ff5902 fd01"  # 100 quarters a minute, 3/4, C minor
    change = "00 ff5103 07a120  00 ff5804 06032408  00 ff5902 0200"  # 120, 6/8, D major
    path = midi_file(tmp_path, f"{frame} 00 903c50 8240 803c40 {change} 00 903e50 60 803e40")
    score = read_midi(path)
    assert score.tempos == ((0.0, 100.0), (10 / 3, 120.0))
    assert score.meters == ((0.0, 3, 4), (10 / 3, 6, 8))
    assert score.keys == ((0.0, -3, "minor"), (10 / 3, 2, "major"))


def test_a_tempo_that_starts_late_follows_the_standard_120(tmp_path):
    path = midi_file(tmp_path, "00 903c50 60 ff5103 0927c0 00 803c40")
    assert read_midi(path).tempos == ((0.0, 120.0), (1.0, 100.0))


def test_type_0_keeps_voices_by_channel(tmp_path):
    path = midi_file(tmp_path, "00 ff0305 546974656c  00 c528 00 c230  00 954350 00 923050  60 954300 00 923000")
    score = read_midi(path)
    assert rows(score) == [(0, 1, 48, 0), (0, 1, 67, 1)]
    assert (score.programs, score.title) == ((48, 40), "Titel")


def test_a_track_with_notes_is_no_title(tmp_path):
    file = mido.MidiFile(type=1)
    for name, note in (("Left", 48), ("Right", 72)):
        track = file.add_track(name)
        track += [mido.Message("note_on", note=note), mido.Message("note_off", note=note, time=480)]
    file.save(tmp_path / "a.mid")
    score = read_midi(tmp_path / "a.mid")
    assert (score.names, score.title) == (("Left", "Right"), "")


def test_voices_that_no_longer_fit_the_text_are_counted(tmp_path, everything):
    data = to_midi_bytes(everything)
    (tmp_path / "a.mid").write_bytes(data.replace(b"voices=0,1,3", b"voices=0,1,1"))
    assert read_midi(tmp_path / "a.mid").voices == (0, 1, 2)


def test_a_note_without_length_gets_one_tick(tmp_path):
    assert rows(read_midi(midi_file(tmp_path, "00 903c50 00 803c40 60 904050 60 804040"))) == [(0, 1 / 96, 60, 0), (1, 1, 64, 0)]


def test_a_key_that_there_is_not_is_left_out(tmp_path):
    assert read_midi(midi_file(tmp_path, "00 ff5902 0900 00 903c50 60 803c40")).keys == ()


# --- bad input ---------------------------------------------------------------------------------------------------------------


def test_a_file_cut_anywhere_is_an_error(everything, tmp_path):
    data = to_midi_bytes(everything)
    path = tmp_path / "cut.mid"
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(DataError, match=r"cut\.mid: .*;"):
            read_midi(path)


def test_no_damage_is_worse_than_an_error_of_ours(everything, tmp_path):
    random = np.random.default_rng(1)
    outcomes = set()
    for type in (0, 1):
        data = to_midi_bytes(everything, type=type)
        for _ in range(300):
            damaged = bytearray(data)
            for place in random.integers(0, len(data), 3):
                damaged[place] = random.integers(0, 256)
            (tmp_path / "damaged.mid").write_bytes(damaged)
            try:
                read_midi(tmp_path / "damaged.mid")
                outcomes.add("read")
            except DataError as error:
                assert "damaged.mid" in str(error) and "\n" not in str(error)
                outcomes.add("refused")
    assert outcomes == {"read", "refused"}


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ("", "has no notes"),
        ("00 ff0303 414243", "has no notes"),
        ("00 ff5804 00021808 00 903c50 60 803c40", "meters"),
        ("00 ff5804 03061808 00 903c50 60 803c40", "meters"),
        ("00 ff5103 000000 00 903c50 60 803c40", "tempos"),
        ("00 3c50 60 803c40", "not readable MIDI"),
        ("00 90ff50 60 803c40", "not readable MIDI"),
    ],
)
def test_content_that_is_no_music(tmp_path, events, message):
    with pytest.raises(DataError, match=rf"made\.mid: .*{message}"):
        read_midi(midi_file(tmp_path, events))


def test_paths_that_are_no_file(tmp_path):
    with pytest.raises(DataError, match=r"none\.mid: there is no such file"):
        read_midi(tmp_path / "none.mid")
    with pytest.raises(DataError, match="is a folder"):
        read_midi(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"notes": note_array([])}, "at least one note"),
        ({"notes": note_array([(0, 1, 60, 80, voice) for voice in range(16)])}, "at most 15 pitched voices, received 16"),
        ({"tempos": ((0.0, 3.0),)}, "tempo of 3.58"),
        ({"meters": ((0.0, 300, 4),)}, "255 beats"),
        ({"notes": note_array([(1e6, 1, 60)])}, "gaps of at most"),
    ],
)
def test_what_midi_cannot_say_is_refused(chorale, tmp_path, change, message):
    score = chorale.with_(**change)
    with pytest.raises(ParameterError, match=message):
        write_midi(score, tmp_path / "a.mid")
    assert list(tmp_path.iterdir()) == []


def test_two_voices_of_drums_need_type_1(tmp_path):
    score = Score(note_array([(0, 1, 36, 80, 0), (0, 1, 38, 80, 1)]), programs=(128, 128))
    write_midi(score, tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid") == score
    with pytest.raises(ParameterError, match="one voice of drums"):
        to_midi_bytes(score, type=0)


def test_there_are_two_types(chorale):
    with pytest.raises(ParameterError, match="type: expected 0 or 1, received 2"):
        to_midi_bytes(chorale, type=2)


def test_the_largest_meter_and_gap_are_written(tmp_path):
    last = smf.LAST_TICK // 480
    score = Score(note_array([(0, 1, 60), (last, 1, 60)]), meters=((0.0, 6, 1),))
    write_midi(score, tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid") == score
