"""The n-gram model against a second one that is written by the definition, against counts by hand, and on the real soprano."""

import itertools

import numpy as np
import pytest

from lab_utils.datasets.jsb16 import jsb16_at_hand, load_jsb16
from lab_utils.densities.ngram import NGram
from lab_utils.errors import ParameterError


def by_definition(train, positions, order, symbols, beats, lasting, context, position, symbol):
    """Return p(symbol | context) by counting anew for each level; `context` is all that came before."""

    def elements(before, place):
        known = [place] if beats else []
        if lasting:
            notes = [(symbol, len(list(steps))) for symbol, steps in itertools.groupby(before)]
            known.append(min(notes[-1][1], lasting) if notes else "nothing")
            before = [symbol for symbol, _ in notes]
        return known + ["start", *before][::-1][:order]

    wanted = elements(context, position)
    chance = 1 / symbols
    for level in range(len(wanted) + 1):
        followers = []
        for sequence, places in zip(train, positions, strict=True):
            for t, came in enumerate(sequence):
                known = elements(sequence[:t], places[t])
                if len(known) >= level and known[:level] == wanted[:level]:
                    followers.append(came)
        if followers:
            kinds = len(set(followers))
            chance = (followers.count(symbol) + kinds * chance) / (len(followers) + kinds)
    return chance


@pytest.mark.parametrize(
    ("order", "beats", "lasting"),
    [(0, 0, 0), (0, 3, 0), (1, 0, 0), (1, 3, 0), (3, 0, 0), (4, 2, 0), (0, 0, 2), (1, 0, 2), (2, 3, 1), (3, 2, 9)],
)
def test_equal_to_the_definition(order, beats, lasting):
    rng = np.random.default_rng(order)
    train = [rng.integers(0, 3, length).tolist() for length in (1, 7, 12)]
    places = [rng.integers(0, max(beats, 1), len(s)).tolist() for s in train]
    train[1] = np.repeat(train[1], 2)[:7].tolist()  # some symbols last
    asked = np.repeat(rng.integers(0, 4, 6), [1, 2, 1, 3, 1, 1]).tolist()  # symbol 3 was never seen
    at = rng.integers(0, max(beats, 1), 9).tolist()
    model = NGram(order, 4, beats=beats, lasting=lasting).fit(train, places)
    settings = (train, places, order, 4, beats, lasting)
    expected = [[by_definition(*settings, asked[:t], at[t], s) for s in range(4)] for t in range(9)]
    np.testing.assert_allclose(model.distributions(asked, at), expected, rtol=1e-12)
    np.testing.assert_allclose(model.nll(asked, at), -np.log([row[s] for row, s in zip(expected, asked, strict=True)]))
    for t in range(9):
        np.testing.assert_allclose(model.probabilities(asked[:t], at[t]), expected[t], rtol=1e-12)


def test_bigram_by_hand():
    # 0 came three times and 1 twice of five, out of three symbols; after 0 came 0 once and 1 twice
    model = NGram(1, 3).fit([[0, 0, 1], [0, 1]])
    unigram = np.array([(3 + 2 / 3) / 7, (2 + 2 / 3) / 7, (2 / 3) / 7])
    np.testing.assert_allclose(model.probabilities([0]), (np.array([1, 2, 0]) + 2 * unigram) / 5)
    np.testing.assert_allclose(model.probabilities([]), (np.array([2, 0, 0]) + unigram) / 3)  # both began with 0
    np.testing.assert_allclose(model.probabilities([2]), unigram)  # what followed 2 is not known


@pytest.mark.parametrize("beats", [0, 4])
def test_every_distribution_sums_to_one(beats):
    rng = np.random.default_rng(1)
    model = NGram(5, 7, beats=beats).fit([rng.integers(0, 6, 80), rng.integers(0, 3, 50)])
    chances = model.distributions(rng.integers(0, 7, 60))
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-12)
    assert chances.min() > 0


def test_positions_are_counted_from_the_start_where_none_are_given():
    sequence = np.random.default_rng(2).integers(0, 5, 30)
    model = NGram(2, 5, beats=4).fit([sequence], [np.arange(30) % 4])
    np.testing.assert_array_equal(NGram(2, 5, beats=4).fit([sequence]).nll(sequence), model.nll(sequence, np.arange(30) % 4))
    assert not np.allclose(model.nll(sequence), model.nll(sequence, (np.arange(30) + 1) % 4))


def test_a_position_that_decides_is_learnt_and_without_it_is_not():
    sequence = [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1] * 40  # the third step after a change changes: order 1 cannot know
    assert NGram(1, 2, beats=3).fit([sequence]).nll(sequence)[1:].mean() < 0.05
    assert NGram(1, 2).fit([sequence]).nll(sequence)[1:].mean() > 0.6
    assert NGram(3, 2).fit([sequence]).nll(sequence)[3:].mean() < 0.05


def test_a_second_fit_forgets_the_first():
    other = NGram(2, 4).fit([[3, 3, 3, 3]]).fit([[0, 1, 2, 0, 1]])
    np.testing.assert_array_equal(other.nll([0, 1, 3]), NGram(2, 4).fit([[0, 1, 2, 0, 1]]).nll([0, 1, 3]))


def test_log_likelihood_is_the_sum_over_a_sequence():
    model = NGram(2, 3, beats=2).fit([[0, 1, 2, 0, 1], [2, 2]])
    asked = [[0, 1, 1], [2]]
    np.testing.assert_allclose(model.log_likelihood(asked), [-model.nll(one).sum() for one in asked])
    places = [[1, 0, 1], [1]]
    expected = [-model.nll(*pair).sum() for pair in zip(asked, places, strict=True)]
    np.testing.assert_allclose(model.log_likelihood(asked, places), expected)


@pytest.mark.parametrize(("order", "beats", "lasting"), [(0, 0, 0), (2, 3, 0), (2, 0, 3)])
def test_all_sequences_sum_to_one_and_samples_have_their_probabilities(order, beats, lasting):
    rng = np.random.default_rng(4)
    model = NGram(order, 3, beats=beats, lasting=lasting).fit([np.repeat(rng.integers(0, 3, 30), 2)])
    every = list(itertools.product(range(3), repeat=4))
    chance = np.exp(model.log_likelihood([list(one) for one in every]))
    assert chance.sum() == pytest.approx(1)
    drawn = model.sample(20_000, 4, seed=0)
    share = np.bincount(drawn @ [27, 9, 3, 1], minlength=81) / len(drawn)
    np.testing.assert_allclose(share, chance, atol=0.012)
    np.testing.assert_array_equal(drawn, model.sample(20_000, 4, seed=0))


def test_samples_heed_the_positions_they_are_given():
    model = NGram(1, 2, beats=2).fit([[0, 1] * 200])
    np.testing.assert_array_equal(model.sample(1, 4, seed=0, positions=[1, 0, 1, 0]), [[1, 0, 1, 0]])
    with pytest.raises(ParameterError, match="steps: .* 0"):
        model.sample(1, 0, seed=0)
    with pytest.raises(ParameterError, match="positions"):
        model.sample(1, 4, seed=0, positions=[0, 1])


def test_refuses_what_it_cannot_count():
    with pytest.raises(ParameterError, match="order"):
        NGram(-1, 4)
    with pytest.raises(ParameterError, match="sequences: .* 0 sequences"):
        NGram(1, 4).fit([])
    with pytest.raises(ParameterError, match="sequences: .* 1 sequences and 0 of positions"):
        NGram(1, 4).fit([[1]], [])
    with pytest.raises(ParameterError, match="sequence: .* 0–3"):
        NGram(1, 4).fit([[0, 4]])
    with pytest.raises(ParameterError, match="sequence: "):
        NGram(1, 4).fit([np.zeros((3, 4), int)])
    with pytest.raises(ParameterError, match="positions: .* 0–1"):
        NGram(1, 4, beats=2).fit([[0, 1]], [[0, 2]])
    with pytest.raises(ParameterError, match="positions: expected none"):
        NGram(1, 4).fit([[0, 1]], [[0, 1]])
    with pytest.raises(ParameterError, match="fitted"):
        NGram(1, 4).nll([0, 1])


def test_the_soprano_of_the_benchmark():
    """Valid fold, nats a sixteenth without the first. On the test fold 0.554 was measured for order 8 by another hand."""
    if not jsb16_at_hand():
        pytest.skip("the benchmark's file is not in the folder LAB_DATA")
    folds = {fold: [piece[:, 0].astype(int) for piece in load_jsb16(fold, progress=False)] for fold in ("train", "valid")}
    moved = [np.where(piece < 0, 0, piece + key - 49) for key in range(-6, 6) for piece in folds["train"]]
    for order, lasting, expected in ((8, 0, 0.555), (3, 4, 0.510)):
        model = NGram(order, 47, beats=4, lasting=lasting).fit(moved)
        nats = np.concatenate([model.nll(np.where(piece < 0, 0, piece - 49))[1:] for piece in folds["valid"]])
        assert nats.mean() == pytest.approx(expected, abs=0.001)
