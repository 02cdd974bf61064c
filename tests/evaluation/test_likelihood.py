"""Likelihoods against cases that are computed by hand, and against padding."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
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


def test_a_single_voice_is_a_piece_of_one_column():
    pieces = [np.random.default_rng(i).gamma(2, 0.2, 9 + i) for i in range(5)]
    assert likelihood.summary(pieces) == likelihood.summary([piece[:, None] for piece in pieces])


def test_perplexity_of_an_even_choice_is_the_number_of_choices():
    assert likelihood.perplexity(np.log(7)) == pytest.approx(7)
    assert likelihood.summary([np.full(5, np.log(12))])["perplexity"] == pytest.approx(12)


@pytest.mark.parametrize("shape", [(), (4,)])
def test_padding_changes_nothing(shape):
    rng = np.random.default_rng(0)
    pieces = [rng.gamma(2, 0.2, (length, *shape)) for length in (5, 8, 6)]
    padded = [np.concatenate([piece, np.full((8 - len(piece), *shape), np.nan)]) for piece in pieces]
    counted = [~np.isnan(piece) for piece in padded]
    assert likelihood.summary(padded, counted=counted) == likelihood.summary(pieces)


def test_given_first_notes_are_left_out():
    figures = likelihood.summary([np.array([9.0, 1, 2, 3, 4])], counted=[np.arange(5) > 0])
    assert (figures["joint_nll"], figures["notes"]) == (2.5, 4)
    assert figures["by_beat_position"] == [4, 1, 2, 3]


def test_counted_must_fit():
    for counted in ([np.ones(3, bool)], [np.ones(4)], [], [np.ones(4, bool)] * 2):
        with pytest.raises(ParameterError, match="counted: expected a bool array"):
            likelihood.summary([np.ones(4)], counted=counted)
    with pytest.raises(ParameterError, match="counted: expected a note that counts"):
        likelihood.summary([np.ones(4)], counted=[np.zeros(4, bool)])
    with pytest.raises(ParameterError, match="pieces"):
        likelihood.summary([np.ones((4, 2, 2))])


def test_by_kind_by_hand():
    right = [np.array([True, True, False, False]), np.array([True, False])]
    kinds = {"start": [np.array([True, False, False, True]), np.array([True, False])],
             "held": [np.array([False, True, True, False]), np.array([False, False])],
             "rest": [np.zeros(4, bool), np.zeros(2, bool)]}  # fmt: skip
    figures = likelihood.by_kind(right, kinds)
    assert figures["start"] == {"mean": pytest.approx(2 / 3), "notes": 3}
    assert figures["held"] == {"mean": 0.5, "notes": 2}
    assert figures["rest"] == {"mean": None, "notes": 0}
    numbers = [np.array([0, 1, 1, 0]), np.array([0, -1])]  # the last one is of no kind
    assert likelihood.by_kind(right, numbers, names=("start", "held", "rest")) == figures


def test_the_kinds_together_make_the_whole():
    rng = np.random.default_rng(0)
    nats, numbers = [rng.gamma(2, 0.2, (20, 4))], [rng.integers(0, 3, (20, 4))]
    figures = likelihood.by_kind(nats, numbers, names="abc")
    total = sum(kind["mean"] * kind["notes"] for kind in figures.values())
    assert total / sum(kind["notes"] for kind in figures.values()) == pytest.approx(likelihood.summary(nats)["joint_nll"])


def test_by_kind_refuses_what_does_not_fit():
    with pytest.raises(ParameterError, match="names"):
        likelihood.by_kind([np.ones(3)], [np.array([0, 1, 2])], names=("start", "held"))
    with pytest.raises(ParameterError, match="names"):
        likelihood.by_kind([np.ones(3)], [np.array([0, 1, 2])])
    with pytest.raises(ParameterError, match="kinds: .* 'start'"):
        likelihood.by_kind([np.ones(3)], {"start": [np.ones(4, bool)]})
