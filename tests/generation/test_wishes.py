"""Wishes score what they wish for, and nothing else."""

import numpy as np

from lab_utils.generation import constraints, wishes

LETTERS = constraints.Alphabet.of_steps(60, 72)
HOLD, REST = 0, 1


def note(pitch):
    return LETTERS.token(pitch)


def test_wishes_are_told_in_nats():
    rows = np.array([[note(60)], [REST]])
    small = wishes.SmallLeaps(LETTERS, 0.5).score(rows, 1)
    assert small[0, note(64)] == -2.0 and small[0, HOLD] == 0 and not small[1].any()
    wish = wishes.prefer(LETTERS, [0], weight=2.0).score(rows, 1)
    np.testing.assert_array_equal(np.flatnonzero(wish[0]), [note(60), note(72)])
    assert wishes.Soft("late", np.eye(2, 15)).score(rows, 5).shape == (2, 15)
