"""Streaming equals batch: frames, the STFT, the lower rate, whatever the size of the blocks."""

import numpy as np
import pytest

from lab_utils.audio.spectrogram import Transform
from lab_utils.audio.streaming import Decimator, Frames, StreamingSTFT, check_block
from lab_utils.errors import ParameterError

SIZES = (1, 7, 441, 10_000)


def noise(length, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, length).astype(np.float32)


def in_blocks(stage, samples, size):
    made = [stage.push(samples[i : i + size]) for i in range(0, len(samples), size)]
    return np.concatenate([*made, stage.finish()])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("length", "hop"), [(3000, 256), (2048, 110), (300, 64)])
def test_stft_is_the_rooms(size, length, hop):
    samples = noise(length)
    found = in_blocks(StreamingSTFT(window=512, hop=hop), samples, size)
    expected = Transform(sample_rate=22050, window=512, hop=hop).complex(samples)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-6 * np.abs(expected).max()


def test_stft_is_the_same_bit_for_bit():
    samples = noise(2000)
    once = in_blocks(StreamingSTFT(window=128, hop=50), samples, len(samples))
    assert all(np.array_equal(in_blocks(StreamingSTFT(window=128, hop=50), samples, size), once) for size in (1, 13, 333))


def test_a_frame_is_told_half_a_window_after_its_centre():
    frames = Frames(8, 4)
    assert len(frames.push(np.ones(3, np.float32))) == 0
    (first,) = frames.push(np.ones(1, np.float32))
    assert first.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_nothing_in_nothing_out():
    assert StreamingSTFT(window=64, hop=16).finish().shape == (0, 33)
    assert Frames(8, 4).finish() == []


def test_frames_do_not_hold_on_to_large_blocks():
    frames = Frames(8, 4)
    frames.push(np.zeros(100_000, np.float32))
    assert frames.waiting.base is None and len(frames.waiting) < 8


@pytest.mark.parametrize("every", [1, 2, 3])
def test_lower_rate_keeps_a_low_tone_in_place(every):
    at = np.arange(6000)
    samples = np.sin(2 * np.pi * 0.01 * at).astype(np.float32)
    found = in_blocks(Decimator(every), samples, 100)
    expected = samples[::every]
    assert len(found) == len(expected)
    assert np.abs(found - expected)[100:-100].max() < 2e-3


def test_lower_rate_drops_what_would_fold_back():
    samples = np.sin(2 * np.pi * 0.45 * np.arange(6000)).astype(np.float32)
    assert np.abs(in_blocks(Decimator(2), samples, 100))[100:-100].max() < 1e-2


def test_lower_rate_is_the_same_bit_for_bit():
    samples = noise(1000)
    once = in_blocks(Decimator(2), samples, len(samples))
    assert all(np.array_equal(in_blocks(Decimator(2), samples, size), once) for size in (1, 7, 64))


@pytest.mark.parametrize(
    "block", [np.zeros((2, 2), np.float32), np.zeros(4, np.int16), np.array([0.0, np.nan])], ids=["stereo", "integers", "NaN"]
)
def test_bad_blocks(block):
    with pytest.raises(ParameterError, match="block: expected"):
        check_block(block)


def test_odd_window():
    with pytest.raises(ParameterError, match="window: expected an even number"):
        StreamingSTFT(window=65, hop=16)
