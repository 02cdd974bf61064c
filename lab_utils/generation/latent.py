"""Draws of a latent space's prior, ways between two codes, and stops on a way that are evenly apart.

A decoder turns a code, a vector of Z numbers, into something; an encoder finds the code of something. Both are handed in, so
linear toys test all of this exactly. Nothing here knows a network.

Conventions
-----------
* Codes are float32, shape (N, Z). The **prior** is N(0, I), times a **temperature**. Its vectors lie in a shell: their length
  is √Z · temperature, give or take 0.7 · temperature, however large Z is.
* **Ways.** :func:`lerp` is the straight line, whose middle is shorter than its ends. :func:`slerp` turns the direction evenly
  (Shoemake, 1985; for latent spaces White, 2016) and lets the length go from one end's to the other's in a straight line: so a
  way between two vectors of the shell stays in it.
* **Stops.** What is decoded at equal distances of the way stands still for a while and then jumps, or turns back for a moment.
  :func:`even_stops` picks among many points of a way those at which what is decoded turns back the least from where it goes,
  and, of such picks, has steps as even as can be. It is exact (dynamic programming), and only picks: no point leaves the way.

Attribute vectors stand in :mod:`lab_utils.generation.attributes`. Left out: geodesics by the decoder's derivatives (Arvanitidis
et al., 2018), which need a decoder that can be differentiated. Used by :mod:`lab_utils.algorithms.latent`, the recipes of both
VAEs, the widget ``latent_pad``, the notebook ``14_sampling_a_vae``.
"""

from typing import NamedTuple

import numpy as np

from lab_utils.errors import ParameterError, check_whole

LARGEST = 100_000  # draws at once
WIDEST = 5  # temperature
SMALL = 1e-9


class Way(NamedTuple):
    """A way from one thing to another.

    Parameters
    ----------
    shares : np.ndarray of float, shape (count,)
        How far along the stops are, 0–1.
    latents : np.ndarray of float32, shape (count, Z)
    decoded : np.ndarray, shape (count, ...)
        The ends are reconstructions.
    """

    shares: np.ndarray
    latents: np.ndarray
    decoded: np.ndarray


# ------------------------------------------------------------------------------------------------ draws, there and back


def prior(count, size, *, seed=0, temperature=1.0):
    """Return `count` codes of N(0, I) times `temperature`, float32 (count, size); the same for the same seed."""
    check_whole("count", count, 1, LARGEST)
    check_whole("size", size, 1)
    check_whole("seed", seed, 0)
    if not 0 <= temperature <= WIDEST:
        raise ParameterError(f"temperature: expected a number from 0 to {WIDEST}, received {temperature!r}; try 1.")
    return temperature * np.random.default_rng(seed).standard_normal((count, size), np.float32)


def reconstruct(encode, decode, things):
    """Return `things` as they come back: ``decode(encode(things))``."""
    return decode(encode(things))


# ------------------------------------------------------------------------------------------------ ways between two codes


def lerp(one, other, shares):
    """Return the codes on the straight line from `one` to `other`, float32.

    Parameters
    ----------
    one, other : array_like of float, shape (Z,)
    shares : array_like of float, shape (count,)
        0 is the one, 1 the other.

    Returns
    -------
    np.ndarray of float32, shape (count, Z)
    """
    one, other, share = _ends(one, other, shares)
    return one * (1 - share) + other * share


def slerp(one, other, shares):
    """Return the codes on the arc from `one` to `other`: direction and length both go evenly (Shoemake, 1985).

    Parameters
    ----------
    one, other, shares
        As in :func:`lerp`.

    Returns
    -------
    np.ndarray of float32, shape (count, Z)

    Raises
    ------
    ParameterError
        If a code is 0, which has no direction, or the two are opposite, so that every arc is as short as any other.
    """
    one, other, share = (values.astype(np.float64) for values in _ends(one, other, shares))
    lengths = np.linalg.norm(one), np.linalg.norm(other)
    if min(lengths) < SMALL:
        raise ParameterError("one, other: expected codes other than 0, which has no direction; take lerp().")
    first, last = one / lengths[0], other / lengths[1]
    angle = 2 * np.arctan2(np.linalg.norm(first - last), np.linalg.norm(first + last))  # exact for small angles too
    if np.pi - angle < 1e-6:
        raise ParameterError("one, other: are opposite, so no arc is the shortest; go over a third code, or take lerp().")
    if angle < 1e-6:
        turned = first * (1 - share) + last * share
    else:
        turned = (np.sin((1 - share) * angle) * first + np.sin(share * angle) * last) / np.sin(angle)
    return (turned * (lengths[0] * (1 - share) + lengths[1] * share)).astype(np.float32)


def interpolate(encode, decode, first, second, *, count=9, way=slerp, distances=None, fine=65):
    """Return a :class:`Way` from one thing to another.

    Parameters
    ----------
    encode, decode : callable
        ``encode(things) -> codes (N, Z)`` and ``decode(codes) -> things``.
    first, second : array_like
        Two things that ``encode`` takes, stacked.
    count : int
        How many stops, both ends included.
    way : callable
        :func:`slerp` or :func:`lerp`.
    distances : callable, optional
        ``distances(things) -> np.ndarray (N, N)``, how far each is from each. If given, `fine` points are decoded and the stops
        picked by :func:`even_stops`; else they are equally far apart on the way.
    fine : int
    """
    check_whole("count", count, 2)
    check_whole("fine", fine, count if distances else 2)
    one, other = encode(np.stack([np.asarray(first), np.asarray(second)]))
    shares = np.linspace(0, 1, fine if distances else count, dtype=np.float32)
    latents = way(one, other, shares)
    decoded = decode(latents)
    if distances:
        chosen = even_stops(distances(decoded), count)
        shares, latents, decoded = shares[chosen], latents[chosen], decoded[chosen]
    return Way(shares, latents, decoded)


def even_stops(apart, count):
    """Return which points of a way to stop at: the least turning back, then the most even steps.

    To turn back is to come nearer to the first end, or farther from the last, than at the stop before. Evenness is the sum of
    the squared steps from stop to stop. Both are minimised exactly, by dynamic programming.

    Parameters
    ----------
    apart : array_like of float, shape (M, M)
        Distances between the points in their order.
    count : int
        2 to M stops, the first and the last point among them.

    Returns
    -------
    np.ndarray of int, shape (count,)
        Rising.
    """
    apart = np.asarray(apart, np.float64)
    if apart.ndim != 2 or apart.shape[0] != apart.shape[1] or not np.isfinite(apart).all() or (apart < 0).any():
        raise ParameterError(f"apart: expected distances from 0 up, shape (M, M), received shape {apart.shape} or others.")
    points = len(apart)
    check_whole("count", count, 2, points)
    left, ahead = apart[0], apart[:, -1]
    back = np.maximum(left[:, None] - left, 0) + np.maximum(ahead - ahead[:, None], 0)  # (M, M), from row to column
    worth = 1 + points * float(apart.max()) ** 2  # one unit of turning back outweighs any evenness, where distances are whole
    price = np.where(np.tri(points, dtype=bool), np.inf, apart**2 + worth * back)
    best, came = np.full(points, np.inf), []
    best[0] = 0.0
    for _ in range(count - 1):
        ways = best[:, None] + price
        came.append(ways.argmin(axis=0))
        best = ways.min(axis=0)
    stops = [points - 1]
    for before in reversed(came):
        stops.append(before[stops[-1]])
    return np.array(stops[::-1])


# ------------------------------------------------------------------------------------------------ helpers


def _ends(one, other, shares):
    one, other = np.asarray(one, np.float32), np.asarray(other, np.float32)
    shares = np.atleast_1d(np.asarray(shares, np.float32))
    if one.ndim != 1 or one.shape != other.shape or not one.size or shares.ndim != 1:
        raise ParameterError(
            f"one, other: expected two codes of one length, (Z,), received {one.shape}, {other.shape}; shares {shares.shape}."
        )
    if not all(np.isfinite(values).all() for values in (one, other, shares)):
        raise ParameterError("one, other, shares: expected finite numbers, received NaN or infinity.")
    return one, other, shares[:, None]
