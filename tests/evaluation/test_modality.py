import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.modality import MAJOR, MINOR, chroma_of_grid, modality

SCALES = {"major": [0, 2, 4, 5, 7, 9, 11], "minor": [0, 2, 3, 5, 7, 8, 11]}


def line(steps):
    """A scale up and down from its tonic, the tonic triad held."""
    triad = [steps[0], steps[2], steps[4]]
    return np.array([60 + step for step in [*triad * 4, *steps, *triad * 4]])


@pytest.mark.parametrize("tonic", range(12))
def test_major_is_over_0_and_minor_under_it_in_every_key(tonic):
    major, minor = modality(chroma_of_grid([line(SCALES["major"]) + tonic, line(SCALES["minor"]) + tonic]))
    assert major > 0.05 and minor < -0.05


def test_the_profiles_themselves_are_the_extremes_of_their_kind():
    major, minor = modality([MAJOR, np.roll(MINOR, 4)])
    assert 0 < major < 2 and -2 < minor < 0
    np.testing.assert_allclose(modality([3 * MAJOR]), major)  # time has no unit


def test_what_tells_no_mode_is_0():
    np.testing.assert_allclose(modality([np.zeros(12), np.ones(12)]), 0)


def test_the_chroma_counts_steps_and_no_rests():
    chroma = chroma_of_grid([[60, 60, 72, -1, 61]])
    assert chroma[0, :2].tolist() == [3, 1] and chroma.sum() == 4


def test_bad_input_is_told():
    with pytest.raises(ParameterError, match="chroma"):
        modality(np.ones(12))
    with pytest.raises(ParameterError, match="grid"):
        chroma_of_grid(np.ones((2, 3)))
