"""The oracle itself, held against counting every sequence."""

from itertools import product

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import constraints as made
from lab_utils.generation.beam import log_softmax
from lab_utils.generation.viterbi import viterbi


def toy(seed, size=3):
    rng = np.random.default_rng(seed)
    return log_softmax(rng.normal(size=size)), log_softmax(rng.normal(size=(size, size)))


def by_counting(initial, transition, steps, fits):
    def score(row):
        return initial[row[0]] + sum(transition[a, b] for a, b in zip(row[:-1], row[1:], strict=True))

    return max((score(row), row) for row in product(range(len(initial)), repeat=steps) if fits(row))


@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_all_sequences(seed):
    initial, transition = toy(seed)
    score, row = by_counting(initial, transition, 5, lambda row: True)
    tokens, found = viterbi(initial, transition, 5)
    assert tuple(tokens) == row and found == pytest.approx(score)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_of_those_that_an_automaton_accepts(seed):
    """No token stands twice in a row, and the last one is 2."""
    initial, transition = toy(seed)
    table = np.array([[0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2]])
    table[[0, 1, 2], [0, 1, 2]] = -1
    bounds = [made.Automaton("no repeats", table, start=3, final=np.array([False, False, True, False]))]
    score, row = by_counting(initial, transition, 5, lambda row: row[-1] == 2 and all(np.diff(row) != 0))
    tokens, found = viterbi(initial, transition, 5, constraints=bounds)
    assert tuple(tokens) == row and found == pytest.approx(score)


def test_what_is_not_of_first_order_is_refused():
    letters = made.Alphabet.of_steps(60, 61)
    with pytest.raises(ParameterError, match="masks and automata"):
        viterbi(*toy(0, 4), 4, constraints=[made.spelling(letters), made.motif(letters, 0, 1, 2)])
    with pytest.raises(ParameterError, match="transition: expected shape"):
        viterbi(np.zeros(3), np.zeros((2, 2)), 4)
    with pytest.raises(ParameterError, match="the chain allows"):
        viterbi(np.array([0.0, -np.inf]), np.array([[-np.inf, -np.inf], [0.0, 0.0]]), 3)
