import itertools

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import morph


def letters(word):
    return [ord(letter) for letter in word]


def by_definition(one, other):
    """The recursion of the textbook, slow."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        by_definition(one[1:], other) + 1,
        by_definition(one, other[1:]) + 1,
        by_definition(one[1:], other[1:]) + (one[0] != other[0]),
    )


def test_the_known_distance_of_two_words():
    assert morph.edit_distances([letters("kitten")], [letters("sitting")]).tolist() == [3]
    assert morph.edit_distances([letters("abcdef")], [letters("bcdefg")]).tolist() == [2]  # moved: one out, one in
    assert morph.edit_distances([[1, 2, 3]], [[1, 2, 3]]).tolist() == [0]


def test_all_pairs_equal_the_definition():
    rows = np.array(list(itertools.product(range(3), repeat=4)))[::5]
    table = morph.distance_table(rows)
    for i, j in itertools.product(range(0, len(rows), 3), range(len(rows))):
        assert table[i, j] == by_definition(rows[i].tolist(), rows[j].tolist())
    np.testing.assert_array_equal(morph.distance_table(rows[[0, 5, 0]]), table[[0, 5, 0]][:, [0, 5, 0]])


STRAIGHT = [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]]
TURNS = [[0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]]
STANDS = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]]


def test_a_way_that_turns_back_is_told_from_one_that_does_not():
    figures = morph.evaluate([STRAIGHT, TURNS])
    assert figures["monotone"] == 0.5 and figures["monotone_steps"] == pytest.approx(5 / 6)
    assert figures["monotone_within_1"] == 1.0 and figures["apart"] == 4
    assert morph.monotone_steps([STRAIGHT, TURNS]).tolist() == [[True] * 3, [True, False, True]]


def test_a_way_that_stands_and_jumps_is_monotone_and_found_out_by_the_other_figures():
    stands, straight = morph.evaluate([STANDS]), morph.evaluate([STRAIGHT])
    assert stands["monotone"] == straight["monotone"] == 1
    assert (stands["distinct"], stands["largest_step"], stands["detour"]) == (0.5, 1.0, 1.0)
    assert (straight["distinct"], straight["largest_step"], straight["detour"]) == (1.0, 0.5, 1.0)
    assert morph.evaluate([TURNS])["detour"] == 1.5


def test_ends_that_are_alike_give_figures_too():
    assert morph.evaluate([[[1, 2], [1, 2]]])["largest_step"] == 0


@pytest.mark.parametrize("paths", [np.zeros((2, 3)), np.zeros((2, 1, 4), int), np.zeros((0, 3, 4), int), np.zeros((2, 3, 4))])
def test_what_is_no_path_is_refused(paths):
    with pytest.raises(ParameterError, match="paths"):
        morph.evaluate(paths)


def test_unequal_numbers_of_phrases_are_refused():
    with pytest.raises(ParameterError, match="as many"):
        morph.edit_distances([[1]], [[1], [2]])
