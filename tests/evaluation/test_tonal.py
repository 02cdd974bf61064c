"""Tonal centroids against MuseGAN's matrix and the circle of fifths, and the distance of voices whose beats are known."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.phrases import notes_from_grids
from lab_utils.evaluation.tonal import tonal_centroid, tonal_distance
from lab_utils.score import note_array


def test_centroid_by_the_formula_of_the_paper():
    """Six rows of sines and cosines, radii 1, 1 and 0.5 (Harte, Sandler & Gasser, 2006, equation 3)."""
    chroma = np.random.default_rng(0).random(12)
    expected = []
    for radius, turn in ((1, 7 / 6), (1, 3 / 2), (0.5, 2 / 3)):
        for wave in (np.sin, np.cos):
            expected.append(sum(chroma[k] * radius * wave(k * turn * np.pi) for k in range(12)) / chroma.sum())
    np.testing.assert_allclose(np.sort(tonal_centroid(chroma)), np.sort(expected), atol=1e-12)


def test_no_interval_is_nearer_than_fifths_and_thirds():
    centroids = tonal_centroid(np.eye(12))
    apart = np.linalg.norm(centroids - centroids[0], axis=1)
    np.testing.assert_allclose(apart, apart[(-np.arange(12)) % 12])  # an interval and its inversion
    assert apart[0] == 0 and set(np.argsort(apart)[1:7]) == {7, 5, 4, 8, 3, 9} and apart.argmax() == 6
    assert apart.max() <= 3


def test_distance_by_hand():
    """Unison in the first beat, a tritone in the second, silence of one voice in the third and fourth."""
    phrase = note_array([(0, 1, 60), (1, 1, 60), (2, 2, 60), (0, 1, 48, 80, 1), (1, 1, 54, 80, 1)])
    pairs, distances = tonal_distance([phrase, note_array([])], quarters=4.0)
    tritone = np.linalg.norm(tonal_centroid(np.eye(12)[0]) - tonal_centroid(np.eye(12)[6]))
    assert pairs == [(0, 1)]
    assert distances[0, 0] == pytest.approx(tritone / 2)
    assert np.isnan(distances[1, 0])


def test_a_long_note_counts_in_each_of_its_beats():
    long = [note_array([(0.5, 3.0, 60), (0, 4, 55, 80, 1)])]
    cut = [note_array([(0.5, 0.5, 60), (1, 1, 60), (2, 1, 60), (3, 0.5, 60), (0, 4, 55, 80, 1)])]
    np.testing.assert_allclose(tonal_distance(long, quarters=4.0)[1], tonal_distance(cut, quarters=4.0)[1])
    half = [note_array([(0, 0.5, 60), (0.5, 0.5, 62), (0, 1, 55, 80, 1)])]
    mixed = (np.eye(12)[0] + np.eye(12)[2]) / 2
    expected = np.linalg.norm(tonal_centroid(mixed) - tonal_centroid(np.eye(12)[7]))
    assert tonal_distance(half, quarters=1.0)[1][0, 0] == pytest.approx(expected)


def test_pairs_of_voices_and_bounds():
    grids = np.random.default_rng(0).integers(-1, 120, (10, 32, 4))
    pairs, distances = tonal_distance(notes_from_grids(grids), quarters=8.0)
    assert pairs == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] and distances.shape == (10, 6)
    assert ((distances >= 0) & (distances <= 3)).all()
    assert tonal_distance(notes_from_grids(grids[..., :1]), quarters=8.0)[1].shape == (10, 0)


def test_an_empty_chroma_has_no_centroid():
    assert np.isnan(tonal_centroid(np.zeros(12))).all()
    with pytest.raises(ParameterError, match="phrases: expected"):
        tonal_distance([], quarters=4.0)
    with pytest.raises(ParameterError, match="beat: expected"):
        tonal_distance([note_array([(0, 1, 60)])], quarters=4.0, beat=0)
