"""Windows cover their sequences, repeat with seed and epoch, and pad with weight nothing."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.training import Windows
from lab_utils.training.windows import Part


def sequences(*lengths):
    return [{"x": np.arange(n) + 1000 * i, "y": np.arange(n) + 1000 * i + 1} for i, n in enumerate(lengths)]


def test_shapes_alignment_and_padding():
    windows = Windows(sequences(40, 9, 100), target="y", steps=16, batch=4)
    assert len(windows) == round(149 / 64)
    for index in range(len(windows)):
        inputs, target, weights = windows[index]
        assert set(inputs) == {"x"} and inputs["x"].shape == target.shape == weights.shape == (4, 16)
        assert weights.dtype == np.float32
        np.testing.assert_array_equal(target[weights == 1], inputs["x"][weights == 1] + 1)
        assert (inputs["x"][weights == 0] == 0).all()


def test_all_steps_are_seen_about_equally_often():
    windows = Windows(sequences(64), target="y", steps=16, batch=4)
    seen = np.zeros(64)
    for _ in range(400):
        for index in range(len(windows)):
            inputs, _, weights = windows[index]
            np.add.at(seen, inputs["x"][weights == 1], 1)
        windows.on_epoch_end()
    assert seen.min() > 0.25 * seen.mean()
    assert seen[8:-8].min() > 0.7 * seen.mean()


def test_an_epoch_follows_from_seed_and_number():
    def batch(*, seed, epoch):
        return Windows(sequences(50, 60), target="y", steps=16, batch=4, seed=seed, epoch=epoch)[0][0]["x"]

    gone_on = Windows(sequences(50, 60), target="y", steps=16, batch=4, seed=1)
    gone_on[0]
    gone_on.on_epoch_end()
    np.testing.assert_array_equal(gone_on[0][0]["x"], batch(seed=1, epoch=1))
    assert (batch(seed=1, epoch=0) != batch(seed=1, epoch=1)).any()
    assert (batch(seed=1, epoch=0) != batch(seed=2, epoch=0)).any()


def test_change_is_applied_to_the_whole_sequence():
    def negate(sequence, rng):
        return {name: -values for name, values in sequence.items()}

    inputs, _, weights = Windows(sequences(64), target="y", steps=16, batch=4, change=negate)[0]
    assert (inputs["x"][weights == 1] <= 0).all()


def test_no_sequences_are_refused():
    with pytest.raises(ParameterError, match="at least one"):
        Windows([], target="y", steps=4, batch=1)


def test_the_parts_of_two_processes_are_the_whole_batch_in_every_epoch():
    whole, *parts = (Windows(sequences(50, 60), target="y", steps=16, batch=4, seed=1) for _ in range(3))
    parts = [Part(part, rank, 2) for rank, part in enumerate(parts)]
    for _ in range(2):
        assert len(parts[0]) == len(whole)
        for index in range(len(whole)):
            (inputs, target, weights), *shares = whole[index], *(part[index] for part in parts)
            np.testing.assert_array_equal(inputs["x"], np.concatenate([share[0]["x"] for share in shares]))
            np.testing.assert_array_equal(target, np.concatenate([share[1] for share in shares]))
            np.testing.assert_array_equal(weights, np.concatenate([share[2] for share in shares]))
        for batches in (whole, *parts):
            batches.on_epoch_end()


def test_a_batch_that_cannot_be_parted_evenly_is_told():
    with pytest.raises(ParameterError, match="multiple of the 3 processes, received 4"):
        Part(Windows(sequences(50), target="y", steps=16, batch=4), 0, 3)[0]
