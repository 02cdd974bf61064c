import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.plots import plot_grid, plot_pianoroll


def spans(ax):
    """(left, lowest, highest) of each note drawn, sorted."""
    collection = next(c for c in ax.collections if len(c.get_facecolor()))
    boxes = [path.get_extents() for path in collection.get_paths()]
    return sorted((round(b.x0, 6), round(b.x1, 6), round(b.y0, 6)) for b in boxes)


def as_grid(score):
    """The chorale on a grid of sixteenths, by hand."""
    grid = np.full((int(score.duration_quarter * 4), 4), -1)
    onsets = np.zeros(grid.shape, dtype=bool)
    for note in score.notes:
        start, stop = (int(4 * t) for t in (note["onset_quarter"], note["onset_quarter"] + note["duration_quarter"]))
        grid[start:stop, note["voice"]] = note["pitch"]
        onsets[start, note["voice"]] = True
    return grid, onsets


def test_a_grid_looks_like_its_score(chorale):
    grid, onsets = as_grid(chorale)
    ax = plot_grid(grid, onsets, pickup_steps=4)
    assert spans(ax) == spans(plot_pianoroll(chorale))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2", "3"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Soprano", "Alto", "Tenor", "Bass"]


def test_onsets_part_repeated_notes(chorale):
    grid, onsets = as_grid(chorale)
    repeated = int(((grid[1:] == grid[:-1]) & onsets[1:]).sum())
    assert repeated > 0
    assert len(spans(plot_grid(grid, onsets))) == len(chorale)
    assert len(spans(plot_grid(grid))) == len(chorale) - repeated


def test_rests_at_the_end_are_shown():
    grid = np.full((48, 2), -1)
    grid[:4, 0] = 60
    ax = plot_grid(grid)
    assert ax.get_xlim() == (0, 12)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3"]
    assert len(spans(ax)) == 1


def test_meter_steps_bars_and_fermatas():
    grid = np.repeat(np.arange(60, 72), 2)[:, None]
    fermatas = np.isin(np.arange(24), [4, 5, 16, 17])
    ax = plot_grid(grid, steps_per_quarter=2, meter=(3, 4), pickup_steps=2, fermatas=fermatas, names=["Melody"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2", "3", "4"]
    assert list(ax.get_xticks()) == [0, 1, 4, 7, 10]
    assert [2.0, 8.0] in [list(line.get_xdata()) for line in ax.lines]
    assert plot_grid(grid, steps_per_quarter=2, meter=(3, 4), pickup_steps=2, bars=(2, 3)).get_xlim() == (4, 10)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (np.zeros(8, dtype=int), r"grid: expected shape \(frames, voices\), received \(8,\)"),
        (np.zeros((0, 4), dtype=int), r"grid: expected shape \(frames, voices\), received \(0, 4\)"),
        (np.zeros((2, 8, 4), dtype=int), r"received \(2, 8, 4\)"),
        (np.zeros((4, 800), dtype=int), r"received \(4, 800\)"),
        (np.full((8, 4), 60.5), "grid: expected MIDI pitches as integers, -1 for a rest, received float64"),
        (np.full((8, 4), 128), "received int64 from 128 to 128"),
        (np.full((8, 4), -2), "received int64 from -2 to -2"),
        (np.full((8, 4), -1), "grid: expected at least one note, received nothing but rests"),
    ],
)
def test_bad_grids_are_told_in_words(grid, message):
    with pytest.raises(ParameterError, match=message):
        plot_grid(grid)


def test_onsets_and_fermatas_must_match():
    grid = np.full((8, 4), 60)
    with pytest.raises(ParameterError, match=r"onsets: expected the grid's shape \(8, 4\), received \(8,\)"):
        plot_grid(grid, np.ones(8, dtype=bool))
    with pytest.raises(ParameterError, match=r"fermatas: expected shape \(8,\), one a frame, received \(4,\)"):
        plot_grid(grid, fermatas=np.ones(4, dtype=bool))
