"""Major or minor, as a number: how much better a phrase's pitch classes fit some major key than some minor one.

Krumhansl and Kessler (1982) asked listeners how well each of the twelve pitch classes fits into a key. The answers are two
profiles, major and minor, turned to each tonic. A phrase's **chroma**, the time that each pitch class sounds, is correlated with
all 24 (Krumhansl & Schmuckler in Krumhansl, 1990); the **modality** is the best correlation with a major key less the best
with a minor one, from −2 to 2: over 0 major, under 0 minor. It tells no tonic: C major and A minor are the nearest neighbours.

A guess from few notes: two bars often fit both. The algorithm ``latent`` and the notebook ``14_sampling_a_vae`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError

MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])  # of the tonic first
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def modality(chroma):
    """Return how much more major than minor each chroma is.

    Parameters
    ----------
    chroma : array_like of float, shape (N, 12)
        Not negative, in any unit; C first.

    Returns
    -------
    np.ndarray of float, shape (N,)
        0 where all pitch classes sound alike, or none does.
    """
    chroma = np.asarray(chroma, np.float64)
    if chroma.ndim != 2 or chroma.shape[1] != 12 or not np.isfinite(chroma).all() or (chroma < 0).any():
        raise ParameterError(f"chroma: expected numbers from 0 up, shape (N, 12), received shape {chroma.shape} or others.")
    major, minor = (_correlations(chroma, profile).max(axis=1) for profile in (MAJOR, MINOR))
    return major - minor


def chroma_of_grid(grid):
    """Return the chroma of lines (N, T) of MIDI pitches, −1 for a rest: the steps in which each class sounds, (N, 12)."""
    grid = np.asarray(grid)
    if grid.ndim != 2 or not np.issubdtype(grid.dtype, np.integer):
        raise ParameterError(f"grid: expected MIDI pitches of shape (N, T), received {grid.shape} {grid.dtype}.")
    return np.stack([((grid % 12 == pitch_class) & (grid >= 0)).sum(axis=1) for pitch_class in range(12)], axis=1)


def _correlations(chroma, profile):
    """Return the correlation of each chroma with the profile on each tonic, (N, 12)."""
    profiles = _standard(np.stack([np.roll(profile, tonic) for tonic in range(12)]))
    return _standard(chroma) @ profiles.T


def _standard(rows):
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-12)
