"""Evaluations are counted exactly, and what is no value is told."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation._budget import Budget, masks


def ones(positions):
    return positions.sum(axis=1)


def test_the_first_of_equals_is_kept_and_history_never_falls():
    budget = Budget(ones, 5)
    budget(np.array([[0, 1], [1, 0], [0, 0]], dtype=bool))
    assert budget.left == 2
    values = budget(np.array([[0, 0], [1, 1], [1, 1], [1, 1]], dtype=bool))  # only two are paid for
    best = budget.best()
    assert len(values) == 2 and budget.left == 0 and best.evaluations == 5
    assert best.history.tolist() == [1, 1, 1, 1, 2] and best.value == 2 and best.position.tolist() == [True, True]
    first = Budget(ones, 2)
    first(np.array([[0, 1], [1, 0]], dtype=bool))
    assert first.best().position.tolist() == [False, True]


def test_a_batch_is_shown_as_it_was():
    shown, positions = [], np.zeros((2, 3), dtype=bool)
    Budget(ones, 9, shown.append)(positions)
    positions[:] = True
    assert not shown[0].positions.any() and shown[0].evaluations == 2 and shown[0].values.tolist() == [0, 0]


def test_minus_infinity_is_a_value_and_others_are_not():
    budget = Budget(lambda x: np.full(len(x), -np.inf), 3)
    budget(np.ones((3, 2), dtype=bool))
    assert budget.best().value == -np.inf and budget.best().position.all()
    for wrong in (lambda x: 1.0, lambda x: np.full(len(x), np.nan), lambda x: np.full(len(x), np.inf), lambda x: x * 1.0):
        with pytest.raises(ParameterError, match="objective: expected a number for each of 3 positions"):
            Budget(wrong, 3)(np.ones((3, 2), dtype=bool))
    with pytest.raises(ParameterError, match="objective: expected a function"):
        Budget(3, 3)


def test_masks_to_begin_with():
    rng = np.random.default_rng(0)
    drawn = masks(np.ones((2, 6), dtype=bool), 40, 6, rng)
    assert drawn[:2].all() and 0.3 < drawn[2:].mean() < 0.7
    assert masks(np.ones((5, 6), dtype=bool), 2, 6, rng).shape == (2, 6)
    for wrong in (np.ones((2, 5), dtype=bool), np.ones((2, 6))):
        with pytest.raises(ParameterError, match="start: expected masks"):
            masks(wrong, 4, 6, rng)
