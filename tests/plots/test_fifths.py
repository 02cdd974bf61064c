import numpy as np
import pytest
from matplotlib import pyplot as plt

from lab_utils.encoding.fifths import PLACES
from lab_utils.errors import ParameterError
from lab_utils.plots.fifths import CLOCK, LEVELS, plot_fifths


def test_names_stand_where_the_encoding_puts_the_notes():
    ax = plot_fifths()
    found = {text.get_text(): np.array(text.get_position()) for text in ax.texts}
    for pitch_class, name in {0: "C", 7: "G", 2: "D", 9: "A", 5: "F", 6: "F♯", 1: "D♭", 10: "B♭"}.items():
        np.testing.assert_allclose(found[name] / 1.1, PLACES[pitch_class], atol=1e-9)
    assert len(ax.texts) == len(CLOCK) == 12


def test_points_and_groups_are_drawn_in_their_places():
    points = np.array([[0.1, 0.2], [-0.3, 0.4]])
    ax = plot_fifths(points)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), points)
    assert ax.get_legend() is None
    ax = plot_fifths({"hymns": points, "reels": points[:1]}, title="Bars")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["hymns", "reels"]
    assert [len(one.get_offsets()) for one in ax.collections] == [2, 1]
    assert ax.get_title(loc="left") == "Bars"
    colours = [tuple(one.get_facecolor()[0][:3]) for one in ax.collections]
    assert colours[0] != colours[1]


def test_values_are_drawn_the_right_way_up():
    ax = plot_fifths(values=lambda places: (places[:, 0] > 0.5) & (places[:, 1] > 0.5), limits=(0, 1), mark=(0.5, -0.5))
    dark = ax.collections[0].get_paths()[-1].vertices  # where it is highest: the upper right corner
    np.testing.assert_allclose(dark.max(axis=0), 1.25)
    assert (dark.min(axis=0) > 0.45).all()
    np.testing.assert_allclose(ax.lines[-1].get_xydata(), [[0.5, -0.5]])


def test_limits_bound_the_colours_and_a_value_that_is_the_same_everywhere_can_be_drawn():
    steps = plot_fifths(values=lambda places: 100 * places[:, 0], limits=(-1, 2)).collections[0].levels
    np.testing.assert_allclose(steps, np.linspace(-1, 2, LEVELS + 1))
    steps = plot_fifths(values=lambda places: places[:, 0]).collections[0].levels
    np.testing.assert_allclose(steps[[0, -1]], [-1.25, 1.25])
    assert plot_fifths(values=lambda places: 0 * places[:, 0]).collections[0].levels[0] == 0


def test_a_name_is_read_on_dark_ground():
    ax = plot_fifths(values=lambda places: np.ones(len(places)), limits=(0, 0.5))
    ax.figure.canvas.draw()
    shades = np.asarray(ax.figure.canvas.buffer_rgba())[::-1, :, :3].mean(axis=2)  # rows from below
    box = next(text for text in ax.texts if text.get_text() == "D").get_window_extent()
    letter = shades[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)]
    assert (letter > 220).mean() > 0.2  # white round the strokes
    column, row = ax.transData.transform((0, 0)).round().astype(int)
    assert shades[row, column] < 60  # the ground


@pytest.mark.parametrize("dpi", [90, 100])
def test_a_name_keeps_its_strokes_in_a_small_picture(dpi):
    def inked(halo):
        _, axes = plt.subplots(1, 2, figsize=(7, 2.9), dpi=dpi, layout="constrained")
        ax = plot_fifths(ax=axes[0])
        for text in ax.texts:
            text.set(path_effects=text.get_path_effects() if halo else None)
        ax.figure.canvas.draw()
        shades = np.asarray(ax.figure.canvas.buffer_rgba())[::-1, :, :3].mean(axis=2)  # rows from below
        boxes = [text.get_window_extent().padded(1) for text in ax.texts]
        return [(255 - shades[int(b.y0) : int(b.y1) + 1, int(b.x0) : int(b.x1) + 1]).sum() for b in boxes]

    shares = dict(zip(CLOCK, np.array(inked(halo=True)) / inked(halo=False), strict=True))
    assert min(shares.values()) > 0.85, shares


def test_bad_input_is_named():
    with pytest.raises(ParameterError, match=r"points: expected shape \(points, 2\), received \(3,\)"):
        plot_fifths(np.zeros(3))
    with pytest.raises(ParameterError, match="values: expected a number for each of 6561 places"):
        plot_fifths(values=lambda places: places)
