from lab_utils.plots import plot_pianoroll
from lab_utils.plots.ruling import beats
from lab_utils.score import Score, note_array


def bar_labels(ax):
    return [label.get_text() for label in ax.get_xticklabels()]


def test_many_bars_are_numbered_now_and_then():
    ax = plot_pianoroll(Score(note_array([(4 * i, 4, 60 + i % 5) for i in range(100)])))
    assert bar_labels(ax)[:4] == ["1", "5", "9", "13"]
    assert list(ax.get_xticks()[:3]) == [0, 16, 32]


def test_numbers_never_touch():
    for bars in (3, 12, 20, 33, 47, 90, 333):
        notes = [(0, 1, 60), *((1 + 3 * i, 3, 60) for i in range(bars))]
        ax = plot_pianoroll(Score(note_array(notes), meters=((0.0, 3, 4),), pickup_quarter=1.0))
        ax.figure.draw_without_rendering()
        boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert len(boxes) >= 3
        assert all(left.x1 + 2 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False)), bars


def test_beats_follow_the_meter(chorale):
    jig = Score(note_array([(0, 6, 60)]), meters=((0.0, 6, 8),))
    assert list(beats(jig, jig.bar_lines())) == [1.5, 4.5]
    assert list(beats(chorale, chorale.bar_lines())) == [2, 3, 4, 6, 7, 8, 10, 11, 12]
    upbeat = Score(note_array([(0, 3.5, 60)]), meters=((0.0, 2, 4),), pickup_quarter=1.5)
    assert list(beats(upbeat, upbeat.bar_lines())) == [0.5, 2.5]


def test_pitches_have_names_and_black_keys_are_shaded(chorale):
    ax = plot_pianoroll(chorale)
    names = dict(zip(ax.get_yticks(), (label.get_text() for label in ax.get_yticklabels()), strict=True))
    assert names[60] == "C4" and names[64] == "E4" and names[43] == "G2"
    shaded = {round(patch.get_y() + 0.5) for patch in ax.patches}
    low, high = (round(v) for v in (ax.get_ylim()[0] + 0.5, ax.get_ylim()[1] - 0.5))
    assert shaded == {pitch for pitch in range(low, high + 1) if pitch % 12 in (1, 3, 6, 8, 10)}
