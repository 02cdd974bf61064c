"""Likelihoods against cases that are computed by hand, and against padding."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.evaluation import likelihood
from lab_utils.evaluation.likelihood import Baselines


def test_token_nll_is_minus_log_softmax():
    logits = np.array([[[0.0, np.log(3.0)], [5.0, 5.0]]])
    expected = [[np.log(4 / 3), np.log(2)]]
    np.testing.assert_allclose(likelihood.token_nll(logits, np.array([[1, 0]])), expected, rtol=1e-12)


def test_token_nll_survives_large_and_impossible_logits():
    logits = np.array([[1000.0, 0.0, -1e9]])
    np.testing.assert_allclose(likelihood.token_nll(logits, np.array([1])), [1000.0])


def test_token_nll_refuses_other_shapes():
    with pytest.raises(ParameterError, match="logits"):
        likelihood.token_nll(np.zeros((3, 5)), np.zeros(4, int))


def test_joint_nll_weighs_by_note_and_the_mean_over_pieces_does_not():
    figures = likelihood.summary([np.full((1, 4), 2.0), np.full((3, 4), 1.0)])
    assert figures["joint_nll"] == pytest.approx((4 * 2 + 12 * 1) / 16)
    assert figures["per_piece_nll"] == pytest.approx(1.5)
    assert figures["notes"] == 16
    assert figures["by_beat_position"] == pytest.approx([1.5, 1.0, 1.0, None], nan_ok=True)


def test_the_interval_holds_the_figure_and_repeats():
    pieces = [np.random.default_rng(i).gamma(2, 0.2, (20 + i, 4)) for i in range(12)]
    figures = likelihood.summary(pieces, seed=3)
    low, high = figures["interval"]
    assert low < figures["joint_nll"] < high
    assert figures == likelihood.summary(pieces, seed=3)
    assert figures["interval"] != likelihood.summary(pieces, seed=4)["interval"]


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


def test_evaluate_puts_everything_in_one_dict():
    piece = np.zeros((8, 4), int)
    baselines = Baselines(symbols=2).fit([piece])
    figures = likelihood.evaluate([np.ones((8, 4))], [np.tile([True, True, True, False], (8, 1))], [piece], baselines)
    assert (figures["joint_nll"], figures["accuracy"], figures["notes"], figures["pieces"]) == (1.0, 0.75, 32, 1)
    assert set(figures["baselines"]) == set(Baselines.NAMES)
    with pytest.raises(ParameterError, match="as many pieces"):
        likelihood.evaluate([np.ones((8, 4))], [], [piece], baselines)
    with pytest.raises(ParameterError, match="at least one"):
        likelihood.summary([])
