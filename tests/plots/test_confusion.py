import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.plots import plot_confusion

COUNTS = [[8, 2, 0], [0, 4, 1], [3, 3, 3]]


def test_counts_stand_in_their_cells_and_shades_are_shares_of_rows():
    ax = plot_confusion(COUNTS, ["jig", "reel", "waltz"], title="tunes")
    texts = {tuple(text.get_position()): text.get_text() for text in ax.texts}
    assert texts[1, 0] == "2" and texts[0, 2] == "3" and len(texts) == 9  # (column, row)
    colours = ax.images[0].get_array()
    assert np.allclose(colours[2, 0], colours[2, 1]) and np.allclose(colours[0, 2, :3], 1)  # none: white
    red, _, blue, _ = colours[2, 0]
    assert red > blue and colours[0, 0][2] > colours[0, 0][0]  # wrong is red, right is blue
    assert colours[0, 0].sum() < colours[2, 2].sum()  # 8 of 10 is darker than 3 of 9
    assert [label.get_text() for label in ax.get_yticklabels()] == ["jig", "reel", "waltz"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("called", "is")


def test_a_class_that_never_came_is_drawn_empty():
    colours = plot_confusion([[0, 0], [1, 1]], ["a", "b"]).images[0].get_array()
    assert np.allclose(colours[0, :, :3], 1)


@pytest.mark.parametrize(
    ("counts", "names", "words"),
    [
        ([[1, 2]], ["a"], "counts: expected whole numbers"),
        ([[0.5, 0.5], [0, 1]], ["a", "b"], "counts: expected whole numbers"),
        ([[1, -1], [0, 1]], ["a", "b"], "counts: expected whole numbers"),
        ([[1, 0], [0, 1]], ["a"], "names: expected one for each of 2"),
    ],
)
def test_what_is_no_matrix_is_named(counts, names, words):
    with pytest.raises(ParameterError, match=words):
        plot_confusion(counts, names)
