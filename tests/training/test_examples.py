"""Examples show each row at most once an epoch, repeat with seed and epoch, and are changed by what is handed in."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.training import Examples, Unpaired

ROWS = {"x": np.arange(10), "y": np.arange(10) + 100}


def epoch(examples):
    return np.concatenate([examples[index][0] for index in range(len(examples))])


def test_each_row_comes_once_with_its_target_and_the_rest_is_left_out():
    examples = Examples(ROWS, target="y", batch=3)
    assert len(examples) == 3 and len(set(epoch(examples))) == 9
    inputs, target = examples[1]
    np.testing.assert_array_equal(target, inputs + 100)


def test_without_a_target_all_arrays_are_inputs():
    inputs, target = Examples(ROWS, batch=4)[0]
    assert set(inputs) == {"x", "y"} and target.shape == (4,) and not target.any()


def test_the_order_follows_from_seed_and_epoch():
    gone_on = Examples(ROWS, target="y", batch=5, seed=1)
    gone_on[0]
    gone_on.on_epoch_end()
    second = Examples(ROWS, target="y", batch=5, seed=1, epoch=1)
    np.testing.assert_array_equal(epoch(gone_on), epoch(second))
    assert (epoch(second) != epoch(Examples(ROWS, target="y", batch=5, seed=1))).any()
    assert (epoch(second) != epoch(Examples(ROWS, target="y", batch=5, seed=2, epoch=1))).any()


def test_a_batch_is_changed_alike_whenever_it_is_asked_for():
    def moved(rows, rng):
        shift = rng.integers(1000, size=len(rows["x"]))
        return {"x": rows["x"] + shift, "y": rows["y"] + shift}

    examples = Examples(ROWS, target="y", batch=5, change=moved)
    last, first = examples[1], examples[0]
    np.testing.assert_array_equal(first[1], first[0] + 100)
    np.testing.assert_array_equal(examples[1][0], last[0])
    assert last[0].max() > 10 and (ROWS["x"] == np.arange(10)).all()


@pytest.mark.parametrize(
    ("arrays", "batch", "message"),
    [
        ({}, 1, "received none"),
        ({"x": np.zeros((0, 3))}, 1, "received none"),
        ({"x": np.zeros(3), "y": np.zeros(4)}, 1, "as many rows"),
        ({"x": np.zeros(3)}, 4, "at most the 3"),
    ],
)
def test_what_cannot_be_batched_is_told(arrays, batch, message):
    with pytest.raises(ParameterError, match=message):
        Examples(arrays, batch=batch)


def bodies(**options):
    sizes = {"a": 10, "b": 25}
    return {name: Examples({"x": np.arange(size)}, batch=5, seed=3, **options) for name, size in sizes.items()}


def test_unpaired_bodies_go_on_over_the_epochs_each_at_its_own_pace():
    both = Unpaired(bodies())
    assert len(both) == 5  # as the larger one
    seen = {"a": [], "b": []}
    for _ in range(2):
        for index in range(len(both)):
            batch, target = both[index]
            assert target.shape == (5,)
            for name in seen:
                seen[name].append(batch[name])
        both.on_epoch_end()
    for name, size in (("a", 10), ("b", 25)):
        rounds = np.concatenate(seen[name]).reshape(-1, size)
        np.testing.assert_array_equal(np.sort(rounds, axis=1), np.tile(np.arange(size), (len(rounds), 1)))
        assert (rounds[0] != rounds[1]).any()


def test_unpaired_batches_follow_from_the_epoch_however_they_are_asked_for():
    both, gone_on = Unpaired(bodies(), steps=3), Unpaired(bodies(), steps=3, epoch=1)
    late = [both[index][0] for index in (2, 0)]
    both.on_epoch_end()
    for index in (2, 0, 1):
        for name in ("a", "b"):
            np.testing.assert_array_equal(both[index][0][name], gone_on[index][0][name])
    assert (late[0]["b"] != both[2][0]["b"]).any()


def test_unpaired_bodies_of_different_batches_are_refused():
    with pytest.raises(ParameterError, match=r"bodies: expected batches of one size, received \[5, 4\]"):
        Unpaired({"a": Examples({"x": np.arange(9)}, batch=5), "b": Examples({"x": np.arange(9)}, batch=4)})
