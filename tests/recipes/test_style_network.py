"""The network of the style recipe fits the pictures of both variants."""

import numpy as np
import pytest

from lab_utils.recipes import _style_network as network


@pytest.mark.parametrize("variant", network.SHAPES)
def test_a_network_is_built_for_each_kind_of_picture(variant):
    config = network.Config(variant=variant, filters=(4,), hidden=4)
    model = network.build(config, seed=1)
    again = network.build(config, seed=1)
    assert model.shape == network.SHAPES[variant] and model.classes == network.STYLES
    for first, second in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_nll_is_that_of_each_bars_own_style():
    probabilities = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])
    np.testing.assert_allclose(network.nll(probabilities, np.array([1, 1])), [np.log(4), 0])
    assert np.isfinite(network.nll(probabilities, np.array([0, 0]))).all()
