"""Samples as a few codes, fine where sound is soft and coarse where it is loud: μ-law companding, and exactly back.

Conventions
-----------
* A sample x in [-1, 1] is bent by f(x) = sign(x) · ln(1 + μ|x|) / ln(1 + μ) with μ = levels − 1, and f is cut into even steps
  (ITU-T G.711, 1972, as a continuous formula; van den Oord et al., 2016, use it for WaveNet with 256 levels).
* **Silence has a code of its own**, the one in the middle, levels // 2 (128 of 256), which decodes to exactly 0: a code's step
  is 2 / levels wide and the middle one is centred on 0. So with an even number of levels the topmost code stands a step under
  +1 (it decodes to 0.957, where the lowest decodes to −1): what is louder than that is held there.
* A code decodes to the sample at the middle of its step (on the bent scale), so codes → samples → codes is exact. Samples →
  codes → samples is off by at most half a step: with 256 levels by 1/11,800 near silence and about 1/46 at full scale.
* G.711 itself has segments of straight lines in the place of the curve; its bytes differ from these codes.

What it leaves out: dither, other laws (A-law). Used by the WaveNet recipe and by the notebook ``11_wavenet``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

LEVELS = 256


def compress(samples, *, levels=LEVELS):
    """Return samples bent by the μ-law, float64, any shape, from [-1, 1] to [-1, 1]; :func:`expand` is the inverse.

    Parameters
    ----------
    samples : np.ndarray of float, shape (...)
        What lies beyond [-1, 1] is moved to its end.
    levels : int, default=256
        μ + 1.
    """
    mu = _mu(levels)
    samples = np.clip(_numbers("samples", samples), -1, 1)
    return np.copysign(np.log1p(mu * np.abs(samples)) / np.log1p(mu), samples)


def expand(bent, *, levels=LEVELS):
    """Return what :func:`compress` has bent as it was, float64, any shape, from [-1, 1] to [-1, 1]."""
    mu = _mu(levels)
    bent = np.clip(_numbers("bent", bent), -1, 1)
    return np.copysign(np.expm1(np.abs(bent) * np.log1p(mu)) / mu, bent)


def encode(samples, *, levels=LEVELS):
    """Return samples as codes; :func:`decode` is the way back.

    Parameters
    ----------
    samples : np.ndarray of float, shape (...)
        In [-1, 1]; what lies beyond is moved to its end.
    levels : int, default=256
        How many codes there are, from 2 to 32,768.

    Returns
    -------
    np.ndarray of uint8, with more than 256 levels of int16, shape (...)
        From 0 to levels − 1.

    Raises
    ------
    ParameterError
        For integers, a NaN, or another number of levels.
    """
    bent, half = compress(samples, levels=levels), levels // 2
    codes = np.rint(bent * half) + half
    return np.minimum(codes, levels - 1).astype(np.uint8 if levels <= 256 else np.int16)


def decode(codes, *, levels=LEVELS):
    """Return codes as samples, each in the middle of its code's step; :func:`encode` is the inverse.

    Parameters
    ----------
    codes : np.ndarray of int, shape (...)
    levels : int, default=256

    Returns
    -------
    np.ndarray of float32, shape (...)

    Raises
    ------
    ParameterError
        For codes that there are not.
    """
    _mu(levels)
    codes = np.asarray(codes)
    if codes.dtype.kind not in "iu":
        raise ParameterError(f"codes: expected whole numbers, received {codes.dtype}; make them with encode().")
    if codes.size and (codes.min() < 0 or codes.max() >= levels):
        raise ParameterError(f"codes: expected 0 to {levels - 1}, received {codes.min()} to {codes.max()}; is `levels` right?")
    return _values(levels)[codes].astype(np.float32)


def edges(*, levels=LEVELS):
    """Return where each code's step begins and ends, in samples.

    Returns
    -------
    np.ndarray of float64, shape (levels + 1,)
        Ascending from −1 to 1; code c holds the samples from the c-th edge to the next.
    """
    _mu(levels)
    half = levels // 2
    bounds = expand((np.arange(levels + 1) - 0.5 - half) / half, levels=levels)
    bounds[0], bounds[-1] = -1, 1
    return bounds


def _values(levels):
    half = levels // 2
    return expand((np.arange(levels) - half) / half, levels=levels)


def _mu(levels):
    check_whole("levels", levels, 2)
    if levels > 2**15:
        raise ParameterError(f"levels: expected at most {2**15}, received {levels}; 256 is usual.")
    return levels - 1


def _numbers(name, values):
    values = np.asarray(values)
    if values.dtype.kind != "f":
        raise ParameterError(f"{name}: expected floats in [-1, 1], received {values.dtype}; divide 16-bit integers by 32768.")
    if not np.isfinite(values).all():
        raise ParameterError(f"{name}: expected numbers, received NaN or infinity; replace them with np.nan_to_num().")
    return values.astype(np.float64)
