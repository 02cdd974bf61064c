"""What is asked of a melody becomes constraints; the network fills in what is not pinned."""

import numpy as np
import pytest

from lab_utils.algorithms import _beam_fill as filling
from lab_utils.algorithms._beam_figures import kept
from lab_utils.algorithms._beam_models import ALPHABET
from lab_utils.errors import ParameterError
from lab_utils.generation.lookahead import Constraints


def joined(pins, **options):
    return Constraints(filling.bounds(pins, steps=16, **options), steps=16, size=ALPHABET.size)


def test_each_wish_becomes_a_constraint():
    everything = {"key": (0, "major"), "leap": 5, "motif": (0, 4, 8), "cadence": [0], "extra": []}
    names = [one.name for one in joined({0: 72}, **everything).hard]
    assert names[:3] == ["spelling", "range 57 to 81", "pins"] and len(names) == 10
    rhythm = np.arange(16) % 3 == 0
    assert "rhythm" in [one.name for one in joined({}, rhythm=rhythm).hard]
    assert "metre" not in [one.name for one in joined({}, rhythm=rhythm).hard + joined({}, grid=1).hard]


def test_what_contradicts_itself_is_named():
    with pytest.raises(ParameterError, match="pins and key of C major contradict each other at step 2"):
        joined({2: 61}, key=(0, "major"))
    with pytest.raises(ParameterError, match="pins and metre contradict each other at step 1"):
        joined({1: 60})
    with pytest.raises(ParameterError, match="spelling and pins contradict each other at step 4"):
        joined({0: (60, 4), 4: 60})
    with pytest.raises(ParameterError, match="pins: expected steps from 0 to 15, received 16"):
        joined({16: 60})
    with pytest.raises(ParameterError, match="steps"):
        filling.bounds({}, steps=0)


def test_the_network_fills():
    """Four ways to fill 16 steps, judged by their notes."""
    task = {"pins": {0: 67, 8: 72}, "low": 60, "high": 79, "grid": 2, "key": (0, "major"), "leap": 5, "cadence": [0]}
    found = filling.fill(**task, steps=16, beams=4)
    assert kept(found.tokens, task) and found.line.shape == (16,) and found.onsets[0] and found.calls == 16
    assert found.score.notes["pitch"][0] == 67 and found.nats == pytest.approx(-found.log_probability / 16)
    several = filling.fill(**task, steps=16, beams=4, count=3)
    assert several[0].log_probability == found.log_probability >= several[1].log_probability >= several[2].log_probability
    one, other = (filling.fill(**task, steps=16, beams=4, sampled=True, seed=seed) for seed in (1, 2))
    assert kept(one.tokens, task) and kept(other.tokens, task) and (one.tokens != other.tokens).any()
    rhythm = np.arange(16) % 4 == 0
    beat = filling.fill({0: 67}, steps=16, beams=4, rhythm=rhythm)
    np.testing.assert_array_equal(beat.onsets, rhythm)
    assert filling.fill({0: (-1, 4), 4: 60}, steps=16, beams=4, rests=True).line[:5].tolist() == [-1, -1, -1, -1, 60]
