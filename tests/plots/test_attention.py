import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from lab_utils.errors import ParameterError
from lab_utils.plots import note_places, plot_attention, plot_attention_staff
from lab_utils.plots.attention import by_step
from lab_utils.score import Score, note_array

# quarters on C D C E | F half, G half
TUNE = Score(note_array([(0, 1, 60), (1, 1, 62), (2, 1, 60), (3, 1, 64), (4, 2, 65), (6, 2, 67)]))


def weights_on(pairs, *, steps=32, window=20):
    """All the weight of step t on step s, for each pair (t, s)."""
    weights = np.zeros((steps, window))
    for step, looked in pairs:
        weights[step, step - 1 - looked] = 1
    return weights


def boxes(collection):
    return [path.get_extents() for path in collection.get_paths()]


def test_weights_are_put_where_they_belong_in_time():
    weights = np.array([[0, 0, 0], [1, 0, 0], [0.25, 0.75, 0], [0.5, 0.25, 0.25], [0.125, 0.375, 0.5]])
    by_hand = np.zeros((5, 5))
    by_hand[1, 0], by_hand[2, [1, 0]], by_hand[3, [2, 1, 0]], by_hand[4, [3, 2, 1]] = 1, *weights[2:3, :2], *weights[3:]
    assert np.array_equal(by_step(weights), by_hand)


def test_the_map_shows_weights_labels_and_sources():
    weights = weights_on([(4, 1), (5, 3)], steps=6, window=5)
    ax = plot_attention(weights, labels=list("abcdef"), sources=[-1, -1, -1, -1, 1, 2], title="copy")
    assert np.array_equal(ax.images[0].get_array(), by_step(weights))
    assert [label.get_text() for label in ax.get_xticklabels()] == list("abcdef")
    assert ax.lines[0].get_xydata().tolist() == [[1, 4], [2, 5]]


def test_weights_stand_below_the_notes_that_they_lie_on():
    ax = plot_attention_staff(TUNE, weights_on([(8, 0), (12, 4), (24, 16)]))
    quarters, pixels = note_places(TUNE)
    at = dict(zip(quarters, pixels, strict=True))
    cells, outlined = (boxes(c) for c in ax.collections if isinstance(c, PolyCollection))
    assert [cell.x0 + 4 for cell in cells] == pytest.approx([at[0], at[1], at[4]])
    triangles = [line.get_xydata()[0] for line in ax.lines]
    assert [x for x, _ in triangles] == pytest.approx(pixels)  # a row a note
    assert [cell.y0 < y < cell.y1 for cell, (_, y) in zip(cells, [triangles[i] for i in (2, 3, 5)], strict=True)] == [True] * 3
    assert len(outlined) == 1 and outlined[0].x0 == cells[0].x0  # the C that comes was looked at; no other pitch was


def test_bars_and_what_lies_before_them():
    ax = plot_attention_staff(TUNE, weights_on([(16, 4), (24, 18)]), bars=(2, 2))
    cells, _ = (boxes(c) for c in ax.collections if isinstance(c, PolyCollection))
    assert len(ax.lines) == 2 and len(cells) == 1  # what is looked at in bar 1 is not shown


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(4), r"weights: expected numbers from 0 up, shape \(steps, window\)"),
        (-np.eye(4), "weights: expected numbers from 0 up"),
        (np.ones((4, 2)), "weights: expected 0 before the start"),
        (np.full((2, 2), np.nan), "weights: expected numbers"),
    ],
)
def test_wrong_weights_are_named(weights, message):
    with pytest.raises(ParameterError, match=message):
        plot_attention(weights)


def test_what_does_not_fit_together_is_named(chorale):
    with pytest.raises(ParameterError, match="labels: expected one for each of 4 steps, received 2"):
        plot_attention(np.zeros((4, 2)), labels=["a", "b"])
    with pytest.raises(ParameterError, match="score: expected a melody, one voice, received 4"):
        plot_attention_staff(chorale, np.zeros((64, 2)))
    with pytest.raises(ParameterError, match="weights: expected a row for each 16th of the score, 24 or more, received 16"):
        plot_attention_staff(TUNE, np.zeros((16, 2)))
