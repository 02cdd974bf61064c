"""A chain of order 0 or 1: the n-gram model as an oracle, a process whose entropy is known, and what it refuses."""

import numpy as np
import pytest

from lab_utils.densities import MarkovChain, NGram
from lab_utils.errors import ParameterError

TABLE = np.array([[0.9, 0.1, 0.0], [0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])


def walk(steps=20_000, seed=0):
    rng, made = np.random.default_rng(seed), [0]
    while len(made) < steps:
        made.append(int(rng.choice(3, p=TABLE[made[-1]])))
    return np.array(made)


def test_a_known_process_costs_its_entropy():
    model = MarkovChain(3).fit([walk()])
    np.testing.assert_allclose(model.table, TABLE, atol=0.02)
    stationary = np.linalg.matrix_power(TABLE, 200)[0]
    rows = -np.where(TABLE > 0, TABLE * np.log(np.where(TABLE > 0, TABLE, 1)), 0).sum(axis=1)
    assert model.nll(walk(seed=1)).mean() == pytest.approx(stationary @ rows, abs=0.02)


@pytest.mark.parametrize("order", [0, 1])
def test_it_agrees_with_the_n_gram_model(order):
    rng = np.random.default_rng(2)
    train, valid = [rng.integers(0, 5, 3000)], rng.integers(0, 5, 400)
    ours, theirs = MarkovChain(5, order=order).fit(train).nll(valid), NGram(order, 5).fit(train).nll(valid)
    np.testing.assert_allclose(ours[1:], theirs[1:], atol=2e-3)  # they smooth the unigram by more than one count


def test_every_row_is_a_distribution_and_nothing_is_impossible():
    model = MarkovChain(4).fit([np.array([0, 1, 0, 2])])  # 3 never appears, nothing follows 2
    np.testing.assert_allclose(model.table.sum(axis=1), 1)
    np.testing.assert_allclose(model.unigram.sum(), 1)
    assert model.table.min() > 0
    np.testing.assert_allclose(model.table[3], model.unigram)


def test_pairs_are_not_counted_across_sequences():
    apart, joined = MarkovChain(2).fit([np.zeros(9, int), np.ones(9, int)]), MarkovChain(2).fit([np.repeat([0, 1], 9)])
    assert apart.table[0, 1] < joined.table[0, 1]


def test_a_sample_follows_the_table():
    model = MarkovChain(3).fit([walk()])
    made = model.sample(4, length=4000, seed=0)
    assert made.shape == (4, 4000)
    np.testing.assert_allclose(MarkovChain(3).fit(made).table, TABLE, atol=0.05)
    np.testing.assert_array_equal(made, model.sample(4, length=4000, seed=0))


def test_the_log_likelihood_is_the_sum_of_the_steps():
    model, sequence = MarkovChain(3).fit([walk(500)]), walk(50, seed=3)
    np.testing.assert_allclose(model.log_likelihood([sequence]), [-model.nll(sequence).sum()])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: MarkovChain(0), "symbols"),
        (lambda: MarkovChain(3, order=2), "NGram"),
        (lambda: MarkovChain(3).fit([]), "at least one"),
        (lambda: MarkovChain(3).fit([np.array([3])]), "up to 2"),
        (lambda: MarkovChain(3).fit([np.zeros(3)]), "symbols"),
        (lambda: MarkovChain(3).nll(np.zeros(3, int)), "fitted"),
    ],
)
def test_refuses(call, says):
    with pytest.raises(ParameterError, match=says):
        call()
