"""Rows go through a network batch by batch and come back in order; latent vectors that do not fit are refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes._latent import check_vectors, in_batches

MODEL = SimpleNamespace(size=3)


@pytest.mark.parametrize("rows", [1, 4, 5, 11])
def test_batches_are_padded_and_the_padding_does_not_come_back(rows):
    sizes = []

    def function(x, y):
        sizes.append(len(x))
        return x + y, -y

    x, y = np.arange(rows, dtype=np.float32), np.arange(rows, dtype=np.float32) * 10
    total, less = in_batches(function, x, y, at_once=4)
    np.testing.assert_array_equal(total, x + y)
    np.testing.assert_array_equal(less, -y)
    assert all(size in (1, 2, 4) for size in sizes) and len(sizes) == -(-rows // 4)


@pytest.mark.parametrize(
    ("z", "words"),
    [
        (np.zeros((2, 4)), "3 numbers"),
        (np.zeros(3), "received shape"),
        (np.zeros((0, 3)), "received shape"),
        ([[0, 1, np.nan]], "finite"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(z, words):
    with pytest.raises(ParameterError, match=words):
        check_vectors(MODEL, z)


def test_vectors_that_fit_come_back_as_float32():
    z = check_vectors(MODEL, [[0, 1, 2]])
    assert z.dtype == np.float32 and z.shape == (1, 3)
