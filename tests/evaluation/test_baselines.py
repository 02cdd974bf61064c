"""The counted baselines against counts by hand, through their file, and with what they cannot count."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation.baselines import Baselines


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
