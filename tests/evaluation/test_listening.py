import numpy as np
import pytest
from scipy import stats

from lab_utils.errors import ParameterError
from lab_utils.evaluation import listening


@pytest.mark.parametrize(("right", "trials"), [(0, 1), (1, 1), (0, 10), (5, 10), (9, 10), (10, 10), (37, 60)])
def test_interval_and_chance_are_scipys(right, trials):
    theirs = stats.binomtest(right, trials, 0.5, alternative="greater")
    assert listening.chance(right, trials) == pytest.approx(theirs.pvalue, abs=1e-12)
    exact = stats.binomtest(right, trials).proportion_ci(0.95, method="exact")
    assert listening.interval(right, trials) == pytest.approx((exact.low, exact.high), abs=1e-9)
    wide, narrow = listening.interval(right, trials, level=0.99), listening.interval(right, trials, level=0.5)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def test_chance_follows_the_share_of_a_guess():
    assert listening.chance(2, 2, share=0.25) == 0.0625
    assert listening.chance(0, 5) == 1.0


def test_figures_of_a_test_by_hand():
    key = np.array([True, True, True, False, False, False])
    figures = listening.evaluate([True, True, False, True, True, True], key)
    assert (figures["right"], figures["trials"], figures["share"]) == (2, 6, 2 / 6)
    assert figures["called_real"] == {"real": 2 / 3, "made": 1.0}
    assert figures["interval"] == listening.interval(2, 6) and figures["chance"] == listening.chance(2, 6)


def test_who_calls_all_real_is_right_in_half_and_is_seen():
    figures = listening.evaluate([True] * 4, [True, False, True, False])
    assert figures["share"] == 0.5 and figures["called_real"] == {"real": 1.0, "made": 1.0}
    assert listening.evaluate([True], [True])["called_real"]["made"] is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: listening.chance(3, 2), "right, trials: expected whole numbers"),
        (lambda: listening.interval(0, 0), "received 0 of 0"),
        (lambda: listening.interval(0.5, 2), "received 0.5 of 2"),
        (lambda: listening.interval(1, 2, level=1), "level: expected a number between 0 and 1"),
        (lambda: listening.evaluate([True], [True, False]), r"received \(1,\) and \(2,\)"),
        (lambda: listening.evaluate([1, 0], [True, False]), "answers, key: expected bool"),
        (lambda: listening.evaluate([], []), "answers, key"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
