from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.text import Text

from lab_utils.errors import ParameterError
from lab_utils.plots import plot_training

HISTORY = {"loss": [3.0, 2.0, 1.5, 1.2, 1.0], "val_loss": [3.1, 2.2, 1.9, 2.0, 2.4], "accuracy": [0.1, 0.2, 0.3, 0.35, 0.3]}


def marked(ax):
    """Where the ring stands that marks the best epoch."""
    (ring,) = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    return float(ring.get_xdata()[0]), float(ring.get_ydata()[0])


def words(ax):
    return [text.get_text() for text in ax.texts]


def curve(ax, colour_of):
    return np.array(ax.lines[colour_of].get_xydata())


def test_curves_hold_the_history():
    ax = plot_training(HISTORY)
    assert curve(ax, 0).tolist() == [[i + 1, v] for i, v in enumerate(HISTORY["loss"])]
    assert curve(ax, 1).tolist() == [[i + 1, v] for i, v in enumerate(HISTORY["val_loss"])]
    assert words(ax) == ["train 1.000", "valid 2.400", "best: 1.900 in epoch 3"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


def test_the_best_epoch_is_the_validations():
    assert marked(plot_training(HISTORY)) == (3, 1.9)
    assert marked(plot_training({"loss": HISTORY["loss"]})) == (5, 1.0)
    assert marked(plot_training(HISTORY, metric="accuracy", best="max")) == (4, 0.35)
    with pytest.raises(ValueError, match="unpack"):
        marked(plot_training(HISTORY, best=None))


def test_epochs_may_have_their_own_numbers():
    assert marked(plot_training(HISTORY | {"epoch": [10, 20, 30, 40, 50]})) == (30, 1.9)


def test_baselines_are_level_lines_with_names():
    ax = plot_training(HISTORY, baselines={"unigram": 2.9, "bigram": 1.25}, digits=2)
    level = [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1 and len(line.get_ydata()) == 2]
    assert 2.9 in level and 1.25 in level
    assert {"unigram 2.90", "bigram 1.25", "valid 2.40"} <= set(words(ax))


def test_far_baselines_are_in_sight():
    low, high = plot_training(HISTORY, baselines={"worst": 40.0, "bound": -2.0}).get_ylim()
    assert low < -2 and high > 40


def test_labels_never_overlap_and_are_not_clipped():
    near = {"a": 1.0, "b": 1.01, "c": 1.02, "d": 2.39}
    ax = plot_training(HISTORY, baselines=near, title="A title", unit="nats a note")
    ax.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in (*ax.texts, ax.yaxis.label, ax._left_title)]  # without leader lines
    frame = ax.figure.bbox
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= frame.width and box.y1 <= frame.height for box in boxes)


def test_epochs_without_a_value_are_left_out():
    ax = plot_training({"loss": [3.0, 2.0, 1.0], "val_loss": [np.nan, 2.5, np.nan]})
    assert curve(ax, 1).tolist() == [[2, 2.5]]
    assert marked(ax) == (2, 2.5)


def test_a_keras_history_is_taken_as_it_is():
    assert marked(plot_training(SimpleNamespace(history=HISTORY))) == (3, 1.9)


def test_one_epoch_is_a_dot():
    ax = plot_training({"loss": [1.5]})
    assert ax.lines[0].get_marker() == "o"
    low, high = ax.get_xlim()
    assert [tick for tick in ax.get_xticks() if low <= tick <= high] == [1]


def test_logarithmic_axis_has_plain_numbers():
    ax = plot_training({"loss": [20.0, 2.0, 0.2]}, log=True)
    ax.figure.draw_without_rendering()
    shown = {label.get_text() for label in ax.get_yticklabels(which="both")}
    assert ax.get_yscale() == "log" and {"1", "10"} <= shown and not any("$" in text for text in shown)


def test_a_given_axis_is_used():
    _, ax = pyplot.subplots()
    assert plot_training(HISTORY, ax=ax) is ax and len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        ({}, {}, r"metric: expected one of the history's \(nothing\), received 'loss'"),
        (HISTORY, {"metric": "nll"}, r"\(accuracy, loss, val_loss\), received 'nll'"),
        ([1, 2, 3], {}, "history: expected a dict of metric to values, received list"),
        ({"loss": [1, 2], "val_loss": [1]}, {}, r"expected one value an epoch, \(2,\), received \(1,\) for valid"),
        ({"loss": [np.nan, np.inf]}, {}, "expected numbers for train loss, received none that is finite"),
        ({"loss": []}, {}, "expected numbers for train loss, received none"),
        (HISTORY, {"best": "lowest"}, "best: expected 'min', 'max' or None, received 'lowest'"),
        ({"loss": [1.0, -1.0]}, {"log": True}, "log: expected values above 0 on a logarithmic axis, received -1"),
    ],
)
def test_bad_input_is_told_in_words(history, options, message):
    with pytest.raises(ParameterError, match=message):
        plot_training(history, **options)
