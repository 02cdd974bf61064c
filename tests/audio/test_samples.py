import subprocess
import sys

import librosa
import numpy as np
import pytest

from lab_utils.audio import resample
from lab_utils.audio.samples import Resampler, check_samples
from lab_utils.errors import ParameterError

RATE = 22050


@pytest.mark.parametrize("to_rate", [8000, 16000, 44100, 22050])
def test_resampling_keeps_a_tone(tone, to_rate):
    again = resample(tone(1000), RATE, to_rate)
    assert again.dtype == np.float32
    assert len(again) == to_rate
    middle = slice(to_rate // 10, -to_rate // 10)
    np.testing.assert_allclose(again[middle], tone(1000, sample_rate=to_rate)[middle], atol=1e-3)


def test_resampling_removes_what_the_new_rate_cannot_hold(tone):
    assert np.abs(resample(tone(7000), RATE, 8000)[500:-500]).max() < 1e-3


def test_resampling_there_and_back(tone):
    there = resample(tone(1000), RATE, 48000)
    np.testing.assert_allclose(resample(there, 48000, RATE)[1000:-1000], tone(1000)[1000:-1000], atol=1e-4)


def test_resampling_to_the_same_rate_is_a_copy(tone):
    samples = tone(300)
    again = resample(samples, RATE, RATE)
    np.testing.assert_array_equal(again, samples)
    assert again is not samples


@pytest.mark.parametrize("rates", [(0, 8000), (8000, -1), (8000, 44100.0)])
def test_resampling_at_impossible_rates(tone, rates):
    with pytest.raises(ParameterError, match="_rate: expected a whole number"):
        resample(tone(100), *rates)


def test_resampling_is_librosas():
    noise = np.random.default_rng(0).uniform(-1, 1, 30000).astype(np.float32)
    theirs = librosa.resample(noise, orig_sr=48000, target_sr=RATE, res_type="soxr_hq")
    np.testing.assert_allclose(resample(noise, 48000, RATE), theirs[: -(-len(noise) * RATE // 48000)], atol=1e-6)


@pytest.mark.parametrize("samples", [1, 2, 7, 1000, 22051])
@pytest.mark.parametrize("from_rate, to_rate", [(48000, 22050), (22050, 48000), (16000, 22050), (44100, 8000)])
def test_the_length_follows_the_rates(samples, from_rate, to_rate):
    again = resample(np.full(samples, 0.1, np.float32), from_rate, to_rate)
    assert len(again) == -(-samples * to_rate // from_rate)


@pytest.mark.parametrize("size", [1, 128, 2047, 30000])
@pytest.mark.parametrize("from_rate, to_rate", [(48000, RATE), (RATE, 44100), (RATE, RATE)])
def test_blocks_together_are_the_whole(size, from_rate, to_rate):
    noise = np.random.default_rng(0).uniform(-1, 1, 6000).astype(np.float32)
    stream = Resampler(from_rate, to_rate)
    parts = [stream.push(noise[first : first + size]) for first in range(0, len(noise), size)]
    whole = resample(noise, from_rate, to_rate)
    found = np.concatenate([*parts, stream.push(noise[:0]), stream.finish()])
    assert found.dtype == np.float32 and abs(len(found) - len(whole)) <= 1  # the whole is rounded up
    np.testing.assert_array_equal(found, whole[: len(found)])


def test_a_stream_names_what_is_wrong():
    with pytest.raises(ParameterError, match="^to_rate: expected a whole number"):
        Resampler(48000, 0)
    with pytest.raises(ParameterError, match="one channel"):
        Resampler(48000, RATE).push(np.zeros((2, 8), np.float32))
    with pytest.raises(ParameterError, match="NaN"):
        Resampler(48000, RATE).push(np.full(8, np.nan, np.float32))


def test_resampling_waits_for_no_librosa():
    code = (
        "import sys, numpy as np; from lab_utils.audio import resample; resample(np.zeros(9, 'f4'), 48000, 22050); "
        "print([name for name in ('numba', 'scipy', 'librosa') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "samples, told",
    [
        (np.zeros((100, 2), np.float32), r"received \(100, 2\); mix stereo down with .mean\(axis=1\)"),
        (np.float32(1), r"received \(\)"),
        (np.zeros(100, np.int16), "received int16; divide 16-bit integers by 32768"),
        ([1, 2, 3], "received int64; divide"),
        (np.zeros(9, np.complex64), "received complex64"),
        (np.zeros(0, np.float32), "at least one sample"),
        (np.array([0.0, np.nan]), "received NaN or infinity"),
        (np.array([0.0, np.inf]), "received NaN or infinity"),
    ],
)
def test_samples_of_another_kind(samples, told):
    for call in (check_samples, lambda samples: resample(samples, 8000, 16000)):
        with pytest.raises(ParameterError, match=f"^samples: .*{told}"):
            call(samples)


def test_floats_of_any_width_become_float32():
    for samples in (np.zeros(3), np.zeros(3, np.float16), [0.0, 0.5]):
        assert check_samples(samples).dtype == np.float32
