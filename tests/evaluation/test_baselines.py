"""The counted baselines against counts by hand, through their file, and with what they cannot count."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation.baselines import Baselines, bigram_grids


def test_unigram_and_bigram_by_hand():
    # one voice, symbols 0 and 1: the sequence 0 0 1, then 0 1, with nothing added to the counts
    baselines = Baselines(symbols=2, voices=1, added=0.0).fit([np.array([[0], [0], [1]]), np.array([[0], [1]])])
    piece = np.array([[0], [1]])
    np.testing.assert_allclose(baselines.nll("unigram", piece)[:, 0], [-np.log(3 / 5), -np.log(2 / 5)])
    # both sequences begin with 0; after 0 came 0 once and 1 twice
    np.testing.assert_allclose(baselines.nll("bigram", piece)[:, 0], [0, -np.log(2 / 3)], atol=1e-12)
    # at the second 16th of a beat, after 0, came 0 once and 1 once
    np.testing.assert_allclose(baselines.nll("bigram_beat", piece)[:, 0], [0, -np.log(1 / 2)], atol=1e-12)


def test_added_counts_by_hand():
    baselines = Baselines(symbols=3, voices=1, added=0.5).fit([np.array([[0], [1]])])
    np.testing.assert_allclose(baselines.nll("unigram", np.array([[2]])), [[-np.log(0.5 / 3.5)]])


def test_voices_are_counted_apart():
    baselines = Baselines(symbols=2, voices=2, added=1e-9).fit([np.array([[0, 1], [0, 1]])])
    assert baselines.nll("bigram", np.array([[0, 1], [0, 1]])).sum() == pytest.approx(0, abs=1e-6)
    assert baselines.nll("unigram", np.array([[1, 0]])).min() > 10


def test_baselines_sum_to_one():
    rng = np.random.default_rng(0)
    baselines = Baselines(symbols=5).fit([rng.integers(0, 5, (40, 4))])
    for name in Baselines.NAMES:
        total = sum(np.exp(-baselines.nll(name, np.full((1, 4), symbol))) for symbol in range(5))
        np.testing.assert_allclose(total, 1)


def test_baselines_survive_the_file(tmp_path):
    rng = np.random.default_rng(0)
    pieces = [rng.integers(0, 5, (40, 4))]
    fitted = Baselines(symbols=5, added=0.3).fit(pieces)
    again = Baselines.from_bytes(fitted.to_bytes())
    for name in Baselines.NAMES:
        np.testing.assert_array_equal(fitted.nll(name, pieces[0]), again.nll(name, pieces[0]))
    with pytest.raises(DataError, match="counts.npz"):
        Baselines.from_bytes(fitted.to_bytes()[:100], name="counts.npz")


def test_baselines_refuse_what_they_cannot_count():
    with pytest.raises(ParameterError, match="piece"):
        Baselines(symbols=5).fit([np.full((3, 4), 5)])
    with pytest.raises(ParameterError, match="name"):
        Baselines(symbols=5).nll("trigram", np.zeros((3, 4), int))


def test_samples_follow_the_counts():
    pieces = [np.array([[0, 1], [1, 0], [0, 1], [1, 0], [0, 2]])]  # the first voice goes to and fro
    baselines = Baselines(symbols=3, voices=2, added=0.0).fit(pieces)
    with pytest.raises(ParameterError, match="added: expected more than 0"):
        baselines.sample("bigram", 50, steps=20, seed=0)  # what follows the second voice's 2 was never seen
    baselines.added = 1e-9
    made = baselines.sample("bigram", 400, steps=20, seed=0)
    assert made.shape == (400, 20, 2)
    assert (made[:, :, 0] == np.arange(20) % 2).all()
    second = made[:, :, 1]
    after_zero = second[:, 1:][second[:, :-1] == 0]
    assert (after_zero == 1).mean() == pytest.approx(0.5, abs=0.05) and (after_zero != 0).all()
    np.testing.assert_array_equal(made, baselines.sample("bigram", 400, steps=20, seed=0))
    assert (made != baselines.sample("bigram", 400, steps=20, seed=1)).any()


@pytest.mark.parametrize("name", Baselines.NAMES)
def test_samples_are_most_likely_under_what_drew_them(name):
    """Gibbs' inequality: in the mean nothing gives draws more probability than what they were drawn from."""
    rng = np.random.default_rng(0)
    steps = np.cumsum(rng.integers(-1, 2, (400, 2)), axis=0) + np.arange(400)[:, None] % 4 // 3
    baselines = Baselines(symbols=5, voices=2).fit([steps % 5])
    drawn = baselines.sample(name, 300, steps=16, seed=0)
    nats = {other: np.mean([baselines.nll(other, piece).mean() for piece in drawn]) for other in Baselines.NAMES}
    assert all(nats[name] < nats[other] for other in Baselines.NAMES if other != name)


def test_grids_of_a_bigram():
    pieces = [np.array([[60, -1], [60, 50], [62, 50], [62, -1]] * 4)] * 3
    made = bigram_grids(pieces, count=200, steps=12, seed=0)
    assert made.shape == (200, 12, 2) and made.dtype == np.int16
    assert (made[:, 0] == [60, -1]).all()  # as the pieces begin
    assert set(np.unique(made[..., 0])) == {60, 62} and set(np.unique(made[..., 1])) == {-1, 50}
    stays = (made[:, 1:, 0] == made[:, :-1, 0]).mean()
    assert stays == pytest.approx(0.5, abs=0.05)  # each note has two steps, and a bigram does not know how many are past
    with pytest.raises(ParameterError, match="pieces: expected"):
        bigram_grids([], count=1, steps=4, seed=0)
