"""The errors, and the check of whole numbers that all rooms share."""

import numpy as np
import pytest

from lab_utils.errors import DataError, LabError, MissingToolError, ParameterError, check_whole


@pytest.mark.parametrize("kind", [DataError, ParameterError, MissingToolError])
def test_each_kind_is_caught_as_the_packages_own(kind):
    with pytest.raises(LabError, match="^what, and what to do$"):
        raise kind("what, and what to do")


def test_a_wrong_argument_is_a_value_error_too():
    assert issubclass(ParameterError, ValueError)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_pass_as_plain_ones(value):
    found = check_whole("count", value, 3, 3)
    assert found == 3 and type(found) is int


@pytest.mark.parametrize("value", [True, np.True_, 3.0, "3", None, np.array([3]), 2])
def test_others_are_named_with_what_was_expected(value):
    with pytest.raises(ParameterError, match=r"^count: expected a whole number of at least 3, received .*\.$"):
        check_whole("count", value, 3)


def test_a_bound_above_is_told():
    with pytest.raises(ParameterError, match="^bars: expected a whole number from 1 to 8, received 9.$"):
        check_whole("bars", 9, 1, 8)
