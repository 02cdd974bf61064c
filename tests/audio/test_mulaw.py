"""μ-law: exact there and back, an oracle library, values known by construction, and what it refuses."""

import librosa
import numpy as np
import pytest

from lab_utils.audio.mulaw import compress, decode, edges, encode, expand
from lab_utils.errors import ParameterError


@pytest.mark.parametrize("levels", [2, 3, 16, 255, 256, 1024, 2**15])
def test_codes_come_back_exactly(levels):
    codes = np.arange(levels)
    samples = decode(codes, levels=levels)
    assert samples.dtype == np.float32 and (np.diff(samples) > 0).all()
    np.testing.assert_array_equal(encode(samples, levels=levels), codes)


def test_silence_has_a_code_of_its_own():
    assert encode(np.zeros(3)).tolist() == [128] * 3
    assert decode(np.array([128]))[0] == 0.0
    assert decode(encode(np.array([0.0, -0.0]), levels=255), levels=255).tolist() == [0.0, 0.0]


def test_the_curve_is_librosas():
    samples = np.linspace(-1, 1, 999)
    np.testing.assert_allclose(compress(samples), librosa.mu_compress(samples, mu=255, quantize=False), atol=1e-12)
    np.testing.assert_allclose(expand(compress(samples)), samples, atol=1e-12)


def test_both_ends():
    assert encode(np.array([-1.0, -7.0, 1.0, 7.0])).tolist() == [0, 0, 255, 255]
    assert decode(np.array([0]))[0] == -1.0
    assert decode(np.array([255]))[0] == pytest.approx(0.957, abs=1e-3)


def test_the_error_is_half_a_step_fine_where_soft_and_coarse_where_loud():
    soft, loud = np.linspace(-1e-3, 1e-3, 5001), np.linspace(0.8, 0.95, 5001)
    assert np.abs(decode(encode(soft)) - soft).max() == pytest.approx(1 / 11800, rel=0.25)
    assert np.abs(decode(encode(loud)) - loud).max() == pytest.approx(1 / 46, rel=0.15)


def test_edges_hold_what_is_encoded_between_them():
    bounds = edges()
    assert bounds.shape == (257,) and bounds[0] == -1 and bounds[-1] == 1
    samples = np.random.default_rng(0).uniform(-1, 1, 10_000)
    codes = encode(samples).astype(int)
    assert (bounds[codes] <= samples).all() and (samples <= bounds[codes + 1]).all()
    values = decode(np.arange(256))
    assert (bounds[:-1] <= values).all() and (values <= bounds[1:]).all()


def test_shapes_and_types():
    assert encode(np.zeros((2, 5), np.float32)).shape == (2, 5)
    assert encode(np.zeros(1)).dtype == np.uint8 and encode(np.zeros(1), levels=1024).dtype == np.int16
    assert decode(np.zeros((0,), int)).shape == (0,)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: encode(np.zeros(3, np.int16)), "32768"),
        (lambda: encode(np.array([0.0, np.nan])), "NaN"),
        (lambda: encode(np.zeros(3), levels=1), "levels"),
        (lambda: encode(np.zeros(3), levels=2**15 + 1), "levels"),
        (lambda: decode(np.zeros(3)), "whole numbers"),
        (lambda: decode(np.array([256])), "0 to 255"),
        (lambda: decode(np.array([-1])), "0 to 255"),
    ],
)
def test_refuses(call, says):
    with pytest.raises(ParameterError, match=says):
        call()
