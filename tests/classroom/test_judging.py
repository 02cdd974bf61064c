"""What a wrong answer is told: from the plain to the particular, one sentence."""

import numpy as np
import pytest

from lab_utils.classroom import expect, expect_array, expect_number, expect_same


@pytest.mark.parametrize(
    ("got", "wanted", "told"),
    [
        (None, 1.0, r"f\(x\) returned None: end it with `return ...`; print shows"),
        ("3", 3.0, r"f\(x\) is a str; one number was asked for\."),
        (True, 1.0, r"is a bool; one number"),
        (np.ones((2, 2)), 1.0, r"is an array of shape \(2, 2\); one number"),
        (float("nan"), 1.0, r"is nan; a right answer is a finite number"),
        (2, 3, r"f\(x\) is 2; a right answer gives 3\."),
        (1.0001, 1.0, r"is 1.0001; a right answer gives 1\. Look at the mean\."),
    ],
)
def test_a_wrong_number_is_told(got, wanted, told):
    hint = "Look at the mean." if "mean" in told else ""
    with pytest.raises(AssertionError, match=told):
        expect_number("f(x)", got, wanted, hint=hint)


@pytest.mark.parametrize("got", [1, 1.0, np.float32(1), np.ones(1), np.array(1.0), 1 + 1e-9])
def test_a_right_number_may_come_in_any_dress(got):
    expect_number("f(x)", got, 1.0)


@pytest.mark.parametrize(
    ("got", "told"),
    [
        (None, "returned None"),
        ("abc", "is a str; an array of numbers was asked for"),
        ([[1], [1, 2]], "is a list; an array of numbers"),
        (np.ones((3, 2)), r"has the shape \(3, 2\); a right answer has \(2, 3\)\. Rows are frames\."),
        ([[0, 1, 2], [3, np.nan, np.inf]], "holds 2 values that are not finite"),
        ([[0, 1, 2], [3, 4.5, 6]], r"differs in 2 of 6 places, first at \[1, 1\]: 4.5, where a right answer gives 4"),
    ],
)
def test_a_wrong_array_is_told(got, told):
    with pytest.raises(AssertionError, match=told):
        expect_array("g(x)", got, np.arange(6.0).reshape(2, 3), hint="Rows are frames.")


def test_arrays_that_pass():
    expect_array("g(x)", [[0, 1.0000001], [2, 3]], [[0, 1], [2, 3]])
    expect_array("g(x)", np.array([1, 2]), [1, 2], whole=True)
    expect_array("g(x)", [], [])
    with pytest.raises(AssertionError, match="float64; whole numbers were asked for"):
        expect_array("g(x)", np.array([1.0, 2.0]), [1, 2], whole=True)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [((1, 2), [1, 2]), (np.int64(3), 3), ({"a": (1,)}, {"a": [1]}), ("x", "x"), (None, None), ([np.True_], [1])],
)
def test_what_is_the_same(got, wanted):
    expect_same("h(x)", got, wanted)


def test_what_is_not_the_same_is_shown_and_clipped():
    with pytest.raises(AssertionError, match=r"h\(x\) is \[1, 2\]; a right answer gives \[2, 1\]\."):
        expect_same("h(x)", (1, 2), [2, 1])
    with pytest.raises(AssertionError) as error:
        expect_same("h(x)", list(range(1000)), [1])
    assert len(str(error.value)) < 300
    with pytest.raises(AssertionError, match="returned None"):
        expect_same("h(x)", None, [1])


def test_a_condition_says_its_words():
    expect(np.ones(3, bool), "never")
    with pytest.raises(AssertionError, match="^too few bins$"):
        expect(np.array([True, False]), "too few bins")
