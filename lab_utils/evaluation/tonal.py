"""Tonal distance between voices that sound together (Harte, Sandler & Gasser, 2006), as MuseGAN uses it between tracks.

A chroma vector (how long each of the twelve pitch classes sounds) is projected to six numbers, the **tonal centroid**: two each
for its place on the circle of fifths, of minor thirds (both of radius 1) and of major thirds (radius 0.5). The distance of two
voices in a beat is the Euclidean distance of their centroids, each chroma first divided by its sum; it lies between 0 and 3. A
note counts in each beat for as long as it sounds in it. Beats in which one of the two is silent tell nothing and are left out.

MuseGAN (Dong et al., 2018) takes the same distance between its tracks: a larger one is a weaker relation of their harmony. Its
reference, real music, has to stand beside: voices in unison have 0, and no chord at all. The module ``style`` uses it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrases import join

_ANGLES = np.arange(12)[:, None] * np.pi * np.array([7 / 6, 3 / 2, 2 / 3])  # of a pitch class on the three circles
CENTROIDS = np.concatenate([np.sin(_ANGLES), np.cos(_ANGLES)], axis=1) * np.tile([1.0, 1.0, 0.5], 2)  # (12, 6)


def tonal_centroid(chroma):
    """Return the tonal centroid of chroma vectors.

    Parameters
    ----------
    chroma : array_like, shape (..., 12)
        Not negative, in any unit; C first.

    Returns
    -------
    np.ndarray, shape (..., 6)
        NaN where a chroma is all 0.
    """
    chroma = np.asarray(chroma, dtype=np.float64)
    total = chroma.sum(axis=-1, keepdims=True)
    return np.where(total > 0, chroma / np.where(total > 0, total, 1), np.nan) @ CENTROIDS


def tonal_distance(phrases, *, quarters, beat=1.0):
    """Return the mean tonal distance of each pair of voices in each phrase.

    Parameters
    ----------
    phrases : sequence of Score or np.ndarray of NOTE_DTYPE, length N
    quarters : float
        Length of each phrase.
    beat : float
        Length of what is compared, in quarters.

    Returns
    -------
    pairs : list of (int, int)
        The voices of each pair, of all that come in the phrases; empty if there is but one.
    distances : np.ndarray, shape (N, pairs)
        NaN where the two never sound in one beat.

    Raises
    ------
    ParameterError
        If `beat` is not positive, or the phrases are none.
    """
    if not beat > 0:
        raise ParameterError(f"beat: expected a positive length, received {beat!r}.")
    notes = join(phrases, quarters=quarters)
    voices, voice = np.unique(notes.voice, return_inverse=True)
    beats = int(np.ceil(quarters / beat - 1e-9))
    chroma = np.zeros((notes.count, len(voices), beats, 12))
    first = ((notes.onset + 1e-9) // beat).astype(int)
    last = ((notes.onset + notes.duration - 1e-9) // beat).astype(int)
    for later in range(int((last - first).max(initial=-1)) + 1):  # the beats of each note, one after another
        sounds = first + later <= last
        at = (first + later)[sounds]
        end = np.minimum((notes.onset + notes.duration)[sounds], (at + 1) * beat)
        share = end - np.maximum(notes.onset[sounds], at * beat)
        np.add.at(chroma, (notes.phrase[sounds], voice[sounds], at, notes.pitch[sounds] % 12), share)
    centroids = tonal_centroid(chroma)
    pairs = [(a, b) for a in range(len(voices)) for b in range(a + 1, len(voices))]
    distances = np.full((notes.count, len(pairs)), np.nan)
    for column, (a, b) in enumerate(pairs):
        apart = np.linalg.norm(centroids[:, a] - centroids[:, b], axis=-1)  # (N, beats)
        known = ~np.isnan(apart)
        total = np.where(known, apart, 0).sum(axis=1)
        distances[:, column] = np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)
    return [(int(voices[a]), int(voices[b])) for a, b in pairs], distances
