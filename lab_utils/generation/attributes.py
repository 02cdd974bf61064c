"""Attribute vectors: the direction of a latent space in which something that can be measured rises, everywhere or here.

A decoder and the measures of what it decodes are handed in, so toys with known answers test this exactly.

Conventions
-----------
* Codes are float32, shape (N, Z). An attribute vector is of length 1; moved by `by`, a code goes `by` standard deviations of the
  prior N(0, I).
* A **global** vector comes of many codes and the values of an attribute: the difference of means (Larsen et al., 2016; Roberts
  et al., 2018), or the slope of a regression. It presumes that the attribute rises in the same direction everywhere.
* **Local** vectors ask afresh at every place: neighbours are decoded and measured, and a regression on them alone gives the
  direction here. It is the slope of the attribute, blurred over the neighbourhood, so it needs no derivative and takes measures
  that jump, as counts do. The directions of the other attributes are taken out of it. :func:`climb` takes several such steps.

Left out: attributes trained into the space (Pati & Lerch, 2020). Used by :mod:`lab_utils.algorithms.latent`, the widget
``latent_pad``, the notebook ``14_sampling_a_vae``.
"""

import numpy as np

from lab_utils.errors import ParameterError, check_whole

RADIUS, NEIGHBOURS = 0.3, 256  # of a local vector: spread of each number, and how many are asked
SMALL = 1e-9


def attribute_vector(latents, values, *, way="regression", share=0.25, apart_from=()):
    """Return the direction in which an attribute rises, of length 1.

    Parameters
    ----------
    latents : array_like of float, shape (N, Z)
    values : array_like of float, shape (N,)
        The attribute of each.
    way : {"regression", "means"}
        The slope of least squares; or the mean code of the `share` with the highest values, less that of the lowest.
    share : float
        Above 0, at most 0.5.
    apart_from : sequence of array_like, shape (Z,)
        Directions to which it shall stand at right angles, so that a move along it goes no way along them.

    Returns
    -------
    np.ndarray of float32, shape (Z,)

    Raises
    ------
    ParameterError
        Another shape, NaN, an attribute that is the same for all, or nothing left apart from the others.
    """
    latents, values = np.asarray(latents, np.float64), np.asarray(values, np.float64)
    if latents.ndim != 2 or values.shape != latents.shape[:1] or not np.isfinite(latents).all() or not np.isfinite(values).all():
        raise ParameterError(
            f"latents, values: expected finite numbers, shapes (N, Z) and (N,), received {latents.shape} and {values.shape}."
        )
    if way not in ("regression", "means") or not 0 < share <= 0.5:
        raise ParameterError(f"way, share: expected 'regression' or 'means', and above 0 to 0.5; received {way!r} and {share!r}.")
    if not len(values) or np.ptp(values) == 0:
        raise ParameterError("values: expected different values, received the same for all; a direction needs a difference.")
    if way == "regression":
        found = np.linalg.lstsq(latents - latents.mean(axis=0), values - values.mean(), rcond=None)[0]
    else:
        low, high = np.quantile(values, [share, 1 - share])
        found = latents[values >= high].mean(axis=0) - latents[values <= low].mean(axis=0)
    return _unit(_apart(found, apart_from), "apart_from: leaves nothing of this attribute's direction.")


def move(latents, vector, by):
    """Return codes (N, Z) moved along a `vector` (Z,), or each along its own (N, Z), by `by`, a number or (N,); float32."""
    return (np.asarray(latents) + np.asarray(by)[..., None] * np.asarray(vector)).astype(np.float32)


def local_vectors(decode, measures, places, *, radius=RADIUS, neighbours=NEIGHBOURS, seed=0):
    """Return the directions in which attributes rise at each place, each at right angles to those of the others.

    Around every place as many neighbours are decoded and measured, in pairs on both of its sides, and the slope of least squares
    taken, as :func:`attribute_vector` does of many codes. So what curves in the same way on both sides cancels.

    Parameters
    ----------
    decode : callable
        ``decode(codes) -> things``.
    measures : dict of str → callable
        ``measure(things) -> np.ndarray (N,)``, by name.
    places : array_like of float, shape (N, Z)
    radius : float
        Standard deviation of each number of the neighbours.
    neighbours : int
        Of each place; more than 2 · Z.
    seed : int

    Returns
    -------
    dict of str → np.ndarray of float32, shape (N, Z)
        Of length 1; 0 where the attribute is the same all around, or rises as the others do.
    """
    places = np.atleast_2d(np.asarray(places, np.float32))
    count, size = places.shape
    half = neighbours // 2
    if not radius > 0 or half <= size:
        raise ParameterError(
            f"radius, neighbours: expected above 0 and above {2 * size + 1}, received {radius!r} and {neighbours!r}."
        )
    steps = radius * np.random.default_rng(seed).standard_normal((half, size), np.float32)
    around = np.concatenate([places[:, None] + steps, places[:, None] - steps], axis=1)  # (N, 2 · half, Z)
    things = decode(around.reshape(-1, size))
    slopes = {}
    for name, measure in measures.items():
        sides = np.asarray(measure(things), np.float64).reshape(count, 2, half)
        rises = (sides[:, 0] - sides[:, 1]) / 2  # (N, half)
        slopes[name] = np.linalg.lstsq(steps.astype(np.float64), rises.T, rcond=None)[0].T
    return {
        name: np.stack([
            _or_nothing(_apart(slopes[name][i], [slopes[rival][i] for rival in slopes if rival != name])) for i in range(count)
        ])
        for name in slopes
    }  # fmt: skip


def climb(decode, measures, places, name, by, *, steps=2, first=None, **options):
    """Return codes moved along their local vectors of the attribute `name`, by `by`, in as many equal `steps`, asked afresh.

    Parameters
    ----------
    decode, measures, places
        As in :func:`local_vectors`; the other measures are those that are to stay.
    name : str
    by : float or array_like of float, shape (N,)
        How far, in standard deviations of the prior; below 0 the attribute falls.
    steps : int
    first : dict of str → np.ndarray, optional
        The local vectors of the places, where they are known already.
    **options
        Of :func:`local_vectors`.

    Returns
    -------
    np.ndarray of float32, shape (N, Z)
    """
    if name not in measures:
        raise ParameterError(f"name: expected one of {', '.join(measures)}; received {name!r}.")
    check_whole("steps", steps, 1)
    places = np.atleast_2d(np.asarray(places, np.float32))
    for step in range(steps):
        vectors = first if first and not step else local_vectors(decode, measures, places, **options)
        places = move(places, vectors[name], np.broadcast_to(np.asarray(by, np.float64) / steps, len(places)))
    return places


def _apart(vector, others):
    """Return `vector` less all that lies in the span of `others`."""
    others = [np.asarray(other, np.float64) for other in others]
    others = [other / np.linalg.norm(other) for other in others if np.linalg.norm(other) > SMALL]
    if not others:
        return vector
    base = np.stack(others, axis=1)
    return vector - base @ np.linalg.lstsq(base, vector, rcond=None)[0]


def _unit(vector, otherwise):
    if np.linalg.norm(vector) < SMALL:
        raise ParameterError(otherwise)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _or_nothing(vector):
    return _unit(vector, "") if np.linalg.norm(vector) > SMALL else np.zeros(len(vector), np.float32)
