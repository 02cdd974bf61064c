"""What cannot come next, inside a network, is what the encoding says."""

import numpy as np

from lab_utils.encoding import abc_clock
from lab_utils.encoding.abc_vocabulary import Vocabulary
from lab_utils.models import clock as module

TUNE = ["[M:2/4]", "[M:6/8]", "[K:Cmaj]", "|", "|:", ":|", "[2", "-", "z2", "C2", "D", "E4", "F3"]


def test_the_kinds_are_numbered_alike():
    assert [getattr(module, name.upper()) for name in abc_clock.KINDS] == list(range(len(abc_clock.KINDS)))


def test_the_rules_are_the_twins_of_those_of_the_encoding():
    clock = abc_clock.Clock(Vocabulary(TUNE))
    rng = np.random.default_rng(0)
    features = {name: rng.integers(0, min(size, 30), 500).astype(np.int32) for name, size in clock.sizes.items()}
    features["bar"][:250] = features["left"][100:350] = 0
    features["token"][features["meter"] == 0] = 0  # before the meter is told there is nothing
    expected = clock.impossible(features)
    found = np.asarray(module.impossible(features, clock.kinds, clock.durations))
    np.testing.assert_array_equal(found, expected)
    assert 0.1 < expected.mean() < 0.9
