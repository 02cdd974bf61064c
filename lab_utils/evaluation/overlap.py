"""Overlapped area: how alike two sets of phrases are, feature by feature (after Yang & Lerch, 2020).

Definition
----------
A feature is compared through distances, so that it may be of any length. Of generated phrases G and reference phrases R three
sets of Euclidean distances are taken: within R, within G (a phrase is never paired with itself), and between G and R. Each is
smoothed to a density by a Gaussian kernel of Scott's width, σ n^(−1/5) of its n distances. The **overlapped area** of the feature
is the area under the lowest of the three densities,

    OA = ∫ min(p_RR(d), p_GG(d), p_GR(d)) dd,

between 0 and 1. The **mean overlapped area** is its mean over the eleven features of :mod:`lab_utils.evaluation.phrase_features`.
If G and R come from one source, the three densities are the same and it is near 1; it is exactly 1 if they are the same phrases
in the same order. If G lies elsewhere, p_GR moves away; if G is narrower than R (collapse) or wider, p_GG does.

Yang & Lerch compare p_RR with p_GR alone. That mean stands beside ours as ``yang_lerch``; but it forgives a set that repeats one
middling phrase, and gives even a bigram sampler 0.74, so ours is the one to watch.

Floor and ceiling on the chorales of this course (windows side by side from the first full bar on, against the training fold's):

========================  ====================  ==========  ====================  ==========
set                       four voices, 4 bars   yang_lerch  soprano, 2 bars       yang_lerch
========================  ====================  ==========  ====================  ==========
training fold itself      1                     1           1                     1
validation fold           0.94                  0.97        0.95                  0.97
test fold                 0.92                  0.97        0.92                  0.97
1,000 draws of a bigram   0.53                  0.74        0.73                  0.80
========================  ====================  ==========  ====================  ==========

The bigram is :func:`~lab_utils.evaluation.baselines.bigram_grids`: each voice's 16ths, whatever the other voices. It holds no
note for a whole beat, which three of the eleven features see, and its voices do not fit each other; of one voice in two bars it
gets much right. So an area says little without its floor: measure both ends on your own data. On the public 16th grid (data set
``jsb16``), which knows no repeated notes, they are 0.90 (validation fold) and 0.54.

What it does not see: order beyond one note, a copy of the training set (see ``nearest``), and whether a phrase sounds well.

Pairs are drawn by `seed` where there are more than `pairs` of them: 1,000 phrases against 20,000 take some seconds. A set
of 200 phrases differs from one of 1,000 by some 0.02, two seeds by 0.01.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrase_features import NAMES, features

PAIRS = 20_000
CELLS = 2048  # of the grid on which densities are compared


def overlapped_area(generated, reference, *, quarters, bar=4.0, pairs=PAIRS, seed=0):
    """Return the overlapped area of each feature, and the mean.

    Parameters
    ----------
    generated, reference : sequence of Score or np.ndarray of NOTE_DTYPE; or dict of str to np.ndarray
        Phrases, two or more of each, or what :func:`~lab_utils.evaluation.phrase_features.features` gave for them, which saves
        the time where one set is compared again and again.
    quarters, bar : float
        Length of a phrase and of a bar.
    pairs : int
        How many distances to draw for each density at most.
    seed : int

    Returns
    -------
    dict
        The area of each of the eleven features by its name, ``mean_overlapped_area``, and ``yang_lerch``, the mean without p_GG.

    Raises
    ------
    ParameterError
        If a set has fewer than two phrases, or their features do not fit each other.
    """
    ours, theirs = (
        given if isinstance(given, dict) else features(given, quarters=quarters, bar=bar) for given in (generated, reference)
    )
    found, two = {}, []
    for name in NAMES:
        within_reference, within, between = densities(ours[name], theirs[name], pairs=pairs, seed=seed)[1]
        found[name] = _area(np.minimum(within_reference, within), between)
        two.append(_area(within_reference, between))
    found["mean_overlapped_area"] = float(np.mean([found[name] for name in NAMES]))
    return found | {"yang_lerch": float(np.mean(two))}


def densities(generated, reference, *, pairs=PAIRS, seed=0):
    """Return the three densities of one feature's distances.

    Parameters
    ----------
    generated : np.ndarray, shape (N, numbers)
    reference : np.ndarray, shape (M, numbers)
    pairs, seed : int

    Returns
    -------
    distance : np.ndarray, shape (cells,)
        The middle of each cell.
    shares : np.ndarray, shape (3, cells)
        Within the reference, within the generated, between both; each sums to 1.
    """
    generated, reference = (_checked(values, name) for values, name in ((generated, "generated"), (reference, "reference")))
    if generated.shape[1] != reference.shape[1]:
        raise ParameterError(
            f"generated, reference: expected as many numbers a phrase, received {generated.shape[1]} and {reference.shape[1]}; "
            "both need the same length and bar."
        )
    couples = ((reference, reference), (generated, generated), (generated, reference))
    return _smoothed([_distances(one, other, pairs, seed) for one, other in couples])


def _checked(values, name):
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or len(values) < 2:
        raise ParameterError(f"{name}: expected features of two or more phrases, received shape {values.shape}.")
    return values


def _distances(one, other, pairs, seed):
    """Return distances of drawn pairs; equal sets get equal pairs, and no phrase is paired with its own number."""
    if len(one) * (len(other) - 1) <= pairs:
        i, j = np.divmod(np.arange(len(one) * (len(other) - 1)), len(other) - 1)
    else:
        rng = np.random.default_rng(seed)
        i, j = rng.integers(len(one), size=pairs), rng.integers(len(other) - 1, size=pairs)
    j = (i + 1 + j) % len(other)
    return np.concatenate([np.linalg.norm(one[i[a : a + 4096]] - other[j[a : a + 4096]], axis=1) for a in range(0, len(i), 4096)])


def _smoothed(sets):
    """Return (middles, shares): each set of distances smoothed on one common grid."""
    low, high = min(values.min() for values in sets), max(values.max() for values in sets)
    least = (high - low) / 500 or 1.0  # of a set whose distances are all the same
    widths = [max(values.std() * len(values) ** -0.2, least) for values in sets]
    edges = np.linspace(low - 4 * max(widths), high + 4 * max(widths), CELLS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    offsets = (np.arange(2 * CELLS - 1) - CELLS + 1) * (edges[1] - edges[0])
    shares = []
    for values, width in zip(sets, widths, strict=True):
        counts = np.histogram(values, edges)[0]
        smooth = np.convolve(counts, np.exp(-0.5 * (offsets / width) ** 2))[CELLS - 1 : 2 * CELLS - 1]
        shares.append(smooth / smooth.sum())
    return middles, np.array(shares)


def _area(one, other):
    """Return what two densities have in common, exactly 1 if they are the same (`one` may sum to less than 1)."""
    lowest = np.minimum(one, other)
    return float(max(1.0 - (other - lowest).sum(), 0.0))
