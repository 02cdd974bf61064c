import io
import time
import wave

import numpy as np
import pytest
import soundfile

from lab_utils.errors import DataError, ParameterError
from lab_utils.files.sound import MP3_RATES, count_channels, read_sound, to_mp3_bytes, write_sound

RATE = 22050


@pytest.fixture
def samples():
    """Half a second of a decaying chord."""
    seconds = np.arange(RATE // 2) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (220.0, 277.2, 329.6)) / 3
    return (0.9 * chord * np.exp(-3 * seconds)).astype(np.float32)


@pytest.mark.parametrize(("suffix", "bits"), [(".wav", 16), (".wav", 24), (".flac", 16), (".FLAC", 24)])
def test_whole_numbers_come_back_to_half_a_step(samples, tmp_path, suffix, bits):
    path = tmp_path / f"a{suffix}"
    write_sound(samples, path, sample_rate=RATE, bits=bits)
    back, rate = read_sound(path)
    assert (rate, back.dtype, back.shape) == (RATE, np.float32, samples.shape)
    np.testing.assert_allclose(back, samples, rtol=0, atol=0.5001 * 2.0 ** (1 - bits))


@pytest.mark.parametrize(("suffix", "bits"), [(".wav", 16), (".flac", 16), (".wav", 24), (".wav", 32)])
def test_a_second_writing_changes_nothing(samples, tmp_path, suffix, bits):
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    write_sound(samples, first, sample_rate=RATE, bits=bits)
    write_sound(read_sound(first)[0], second, sample_rate=RATE, bits=bits)
    assert first.read_bytes() == second.read_bytes()


def test_float_wav_holds_the_samples_themselves(samples, tmp_path):
    write_sound(samples, tmp_path / "a.wav", sample_rate=44100, bits=32)
    back, rate = read_sound(tmp_path / "a.wav")
    np.testing.assert_array_equal(back, samples)
    assert rate == 44100


def test_float_wav_does_not_tell_the_time_of_day(samples, tmp_path, monkeypatch):
    write_sound(samples, tmp_path / "a.wav", sample_rate=RATE, bits=32)
    time.sleep(1.1)  # libsndfile would write the second
    write_sound(samples, tmp_path / "b.wav", sample_rate=RATE, bits=32)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_full_scale_is_written_whole(tmp_path):
    write_sound(np.array([-1.0, 1.0, 0.0, 0.5]), tmp_path / "a.wav", sample_rate=8000)
    with wave.open(str(tmp_path / "a.wav")) as file:  # Python's own reader
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert np.frombuffer(file.readframes(4), "<i2").tolist() == [-32768, 32767, 0, 16384]


@pytest.mark.parametrize("rate", MP3_RATES)
def test_mp3_keeps_length_and_sound(rate, tmp_path):
    seconds = np.arange(rate) / rate
    samples = (0.5 * np.sin(2 * np.pi * 440 * seconds) * np.sin(np.pi * seconds)).astype(np.float32)
    write_sound(samples, tmp_path / "a.mp3", sample_rate=rate)
    back, found = read_sound(tmp_path / "a.mp3")
    assert (found, len(back)) == (rate, len(samples))
    assert np.corrcoef(back, samples)[0, 1] > 0.995


def test_mp3_is_small_and_the_same_each_time(samples):
    data = to_mp3_bytes(samples, sample_rate=RATE)
    assert data == to_mp3_bytes(samples, sample_rate=RATE)
    assert len(data) < samples.nbytes / 10


def test_stereo_is_mixed_down(tmp_path):
    left, right = np.full(100, 0.5), np.full(100, -0.25)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), 8000)
    back, _ = read_sound(tmp_path / "a.wav")
    np.testing.assert_allclose(back, np.full(100, 0.125), atol=1e-4)


@pytest.mark.parametrize("format", ["OGG", "FLAC", "MP3", "WAV"])
def test_the_content_decides_not_the_suffix(samples, tmp_path, format):
    soundfile.write(tmp_path / "sound.bin", samples, RATE, format=format)
    back, rate = read_sound(tmp_path / "sound.bin")
    assert (rate, len(back)) == (RATE, len(samples))
    assert np.corrcoef(back, samples)[0, 1] > 0.99


def test_values_beyond_full_scale_are_clipped_on_reading(tmp_path):
    soundfile.write(tmp_path / "loud.wav", np.array([0.5, 1.5, -2.0], np.float32), 8000, subtype="FLOAT")
    assert read_sound(tmp_path / "loud.wav")[0].tolist() == [0.5, 1.0, -1.0]


@pytest.mark.parametrize("format", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.4, 0.8, 0.999])
def test_a_file_cut_short_is_an_error(samples, tmp_path, format, share):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.tile(samples, 4), RATE, format=format)
    data = buffer.getvalue()
    path = tmp_path / "cut.sound"
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(DataError, match=r"cut\.sound: .*; "):
        read_sound(path)


def test_a_stream_of_unknown_length_is_read(samples, tmp_path):
    write_sound(samples, tmp_path / "a.wav", sample_rate=RATE)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[4:8] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(data)
    assert len(read_sound(tmp_path / "a.wav")[0]) == len(samples)


def test_what_is_no_sound(tmp_path):
    path = tmp_path / "a.wav"
    for content in (b"", b"this is text, no sound at all" * 100, b"RIFF\4\0\0\0WAVE"):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"a\.wav: "):
            read_sound(path)
    soundfile.write(path, np.zeros(0), 8000)
    with pytest.raises(DataError, match=r"a\.wav: has no samples"):
        read_sound(path)
    soundfile.write(path, np.array([0.0, np.nan], np.float32), 8000, subtype="FLOAT")
    with pytest.raises(DataError, match="not numbers"):
        read_sound(path)
    with pytest.raises(DataError, match="no such file"):
        read_sound(tmp_path / "none.wav")
    with pytest.raises(DataError, match="is a folder"):
        read_sound(tmp_path)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros((10, 2)), r"one channel, shape \(samples,\), received \(10, 2\)"),
        (np.zeros(0), "one channel"),
        (np.float32(0.5), "one channel"),
        (np.zeros(10, np.int16), "floats"),
        (np.array([0.0, np.nan, np.inf]), "received 2 NaN or infinite"),
        (np.array([0.0, -1.01]), "peak of 1.01"),
    ],
)
@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3"])
def test_samples_that_cannot_be_written_leave_nothing_behind(tmp_path, samples, message, suffix):
    with pytest.raises(ParameterError, match=message):
        write_sound(samples, tmp_path / f"a.{suffix}", sample_rate=RATE)
    assert list(tmp_path.iterdir()) == []


def test_a_peak_a_rounding_error_beyond_full_scale_is_written(tmp_path):
    write_sound(np.array([1.0 + 5e-7, 0.0]), tmp_path / "a.wav", sample_rate=8000, bits=32)
    assert read_sound(tmp_path / "a.wav")[0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.wav", {"sample_rate": 0}, "sample_rate"),
        ("a.wav", {"sample_rate": 22050.5}, "sample_rate"),
        ("a.flac", {"sample_rate": 10**6}, "sample_rate"),
        ("a.mp3", {"sample_rate": 12345}, "sample_rate: MP3 expects 8000, .* 48000 Hz, received 12345; resample"),
        ("a.wav", {"sample_rate": RATE, "bits": 8}, "bits"),
        ("a.flac", {"sample_rate": RATE, "bits": 32}, "bits"),
    ],
)
def test_rates_and_bits_that_a_format_has_not(samples, tmp_path, name, options, message):
    with pytest.raises(ParameterError, match=message):
        write_sound(samples, tmp_path / name, **options)


def test_a_format_that_is_not_written(samples, tmp_path):
    with pytest.raises(DataError, match=r"a\.ogg: expected the suffix \.wav, \.flac or \.mp3"):
        write_sound(samples, tmp_path / "a.ogg", sample_rate=RATE)


def test_channels_are_counted(tmp_path):
    soundfile.write(tmp_path / "two.wav", np.zeros((100, 2)), 8000)
    soundfile.write(tmp_path / "one.flac", np.zeros(100), 8000)
    assert count_channels(tmp_path / "two.wav") == 2 and count_channels(tmp_path / "one.flac") == 1
    (tmp_path / "none.wav").write_bytes(b"no sound")
    with pytest.raises(DataError, match="none.wav: is no sound"):
        count_channels(tmp_path / "none.wav")
