import io

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from lab_utils.errors import ParameterError
from lab_utils.plots import PALETTE, figure_bytes, pianoroll_png, plot_pianoroll
from lab_utils.score import Score, note_array


def rectangles(ax):
    """(left, right, low, high, colour) of each note drawn."""
    collection = next(c for c in ax.collections if len(c.get_facecolor()))
    boxes = [path.get_extents() for path in collection.get_paths()]
    return [(b.x0, b.x1, b.y0, b.y1, to_hex(c)) for b, c in zip(boxes, collection.get_facecolor(), strict=True)]


def bar_labels(ax):
    return [label.get_text() for label in ax.get_xticklabels()]


def picture(ax):
    return np.asarray(Image.open(io.BytesIO(figure_bytes(ax))).convert("RGB")).astype(int)


def is_colour(pixels, colour):
    return np.abs(pixels - np.array(to_rgb(colour)) * 255).max(axis=-1) < 8


def test_every_note_stands_where_it_sounds(chorale):
    drawn = sorted(rectangles(plot_pianoroll(chorale)))
    assert len(drawn) == len(chorale)
    wanted = sorted((n["onset_quarter"], n["duration_quarter"], n["pitch"], PALETTE[n["voice"]]) for n in chorale.notes)
    by_place = sorted((left, (low + high) / 2, colour.upper(), right) for left, right, low, high, colour in drawn)
    for (left, pitch, colour, right), note in zip(by_place, sorted((o, p, c, d) for o, d, p, c in wanted), strict=True):
        onset, wanted_pitch, wanted_colour, duration = note
        assert left == pytest.approx(onset) and pitch == pytest.approx(wanted_pitch) and colour == wanted_colour
        assert onset + 0.7 * duration <= right < onset + duration


def test_a_repeated_note_is_seen_as_two():
    def runs(rows):
        seen = is_colour(picture(plot_pianoroll(Score(note_array(rows)))), PALETTE[0]).any(axis=0)
        return int((np.diff(seen.astype(int)) == 1).sum())

    assert runs([(0, 4, 60)]) == 1
    assert runs([(0, 2, 60), (2, 2, 60)]) == 2
    assert runs([(i / 4, 1 / 4, 60) for i in range(64)]) == 64


def test_an_upbeat_is_bar_0(chorale):
    ax = plot_pianoroll(chorale)
    assert bar_labels(ax) == ["0", "1", "2", "3"]
    assert list(ax.get_xticks()) == [0, 1, 5, 9]
    assert ax.get_xlim() == (0, 13)


def test_without_an_upbeat_bars_count_from_1():
    score = Score(note_array([(0, 3, 60), (3, 3, 62), (6, 4, 64)]), meters=((0.0, 3, 4), (6.0, 4, 4)))
    ax = plot_pianoroll(score)
    assert bar_labels(ax) == ["1", "2", "3"]
    assert list(ax.get_xticks()) == [0, 3, 6]


def test_an_excerpt_keeps_its_bar_numbers(chorale):
    ax = plot_pianoroll(chorale, bars=(2, 3))
    assert bar_labels(ax) == ["2", "3"]
    assert ax.get_xlim() == (5, 13)
    assert len(rectangles(ax)) == sum(note["onset_quarter"] >= 5 for note in chorale.notes)


@pytest.mark.parametrize("pitches", [(0, 2), (125, 127), (60, 60), (0, 127)])
def test_every_pitch_of_midi_is_shown(pitches):
    ax = plot_pianoroll(Score(note_array([(i, 1, pitch) for i, pitch in enumerate(pitches)])))
    assert ax.get_ylim()[0] < pitches[0] - 0.4 and ax.get_ylim()[1] > pitches[1] + 0.4
    assert ax.get_ylim()[0] >= -0.5 and ax.get_ylim()[1] <= 127.5


def test_voices_are_named(chorale):
    def legend(score, **options):
        found = plot_pianoroll(score, **options).get_legend()
        return found and [text.get_text() for text in found.get_texts()]

    assert legend(chorale) == ["Soprano", "Alto", "Tenor", "Bass"]
    assert legend(chorale.with_(names=("Cantus", ""))) == ["Cantus", "voice 2", "voice 3", "voice 4"]
    assert legend(chorale, legend=False) is None
    assert legend(Score(note_array([(0, 1, 60)]))) is None
    assert legend(Score(note_array([(0, 1, 60)]), names=("Flute",))) == ["Flute"]


def test_a_unison_shows_both_voices():
    rows = [(0, 4, 60, 80, 0), (0, 4, 60, 80, 1), (4, 4, 72, 80, 0), (5, 1, 72, 80, 1)]
    ax = plot_pianoroll(Score(note_array(rows)), legend=False)
    heights = {(left, colour.upper()): high - low for left, _, low, high, colour in rectangles(ax)}
    assert heights[0, PALETTE[1]] < heights[0, PALETTE[0]] == heights[4, PALETTE[0]]
    assert heights[5, PALETTE[1]] < heights[4, PALETTE[0]]  # the short one lies on the long one
    pixels = picture(ax)
    assert is_colour(pixels, PALETTE[0]).sum() > 500 and is_colour(pixels, PALETTE[1]).sum() > 500


def test_playhead_markers_and_fermatas_stand_at_their_times(chorale):
    plain = plot_pianoroll(chorale)
    ax = plot_pianoroll(chorale, playhead=2.5, markers=[(9.0, "from here")], fermatas=[3.0, 7.0])
    drawn = [tuple(line.get_xdata()) for line in ax.lines[len(plain.lines) :]]
    assert drawn == [(9.0, 9.0), (3.0, 7.0), (2.5, 2.5), (2.5,)]
    assert "from here" in [text.get_text() for text in ax.texts]


def test_titles(chorale):
    assert plot_pianoroll(chorale).get_title(loc="left") == chorale.title
    assert plot_pianoroll(chorale, title="Other").get_title(loc="left") == "Other"
    assert plot_pianoroll(chorale, title="").get_title(loc="left") == ""


def test_nothing_is_clipped_and_title_and_legend_do_not_meet(chorale):
    ax = plot_pianoroll(chorale, playhead=1.0)
    ax.figure.draw_without_rendering()
    frame, title, legend = ax.figure.bbox, ax.title, ax.get_legend().get_window_extent()
    title = next(t for t in (ax._left_title,) if t.get_text()).get_window_extent()
    assert title.y0 >= legend.y1 - 1 and legend.y0 >= ax.bbox.y1 - 1
    for box in (title, legend, ax.xaxis.label.get_window_extent(), *(t.get_window_extent() for t in ax.get_yticklabels())):
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= frame.width and box.y1 <= frame.height


def test_a_given_axis_is_used(chorale):
    figure, axes = pyplot.subplots(1, 2)
    assert plot_pianoroll(chorale, ax=axes[1]) is axes[1]
    assert not axes[0].collections and len(pyplot.get_fignums()) == 1


def test_png_is_shown_nowhere_and_repeats(chorale):
    first = pianoroll_png(chorale, bars=(0, 2))
    assert first == pianoroll_png(chorale, bars=(0, 2)) != pianoroll_png(chorale)
    assert pyplot.get_fignums() == []
    assert abs(Image.open(io.BytesIO(first)).width - 840) < 25


def test_bad_input_is_told_in_words(chorale):
    empty = Score(note_array([]))
    for draw in (plot_pianoroll, pianoroll_png):
        with pytest.raises(ParameterError, match="score: expected at least one note, received an empty Score"):
            draw(empty)
        with pytest.raises(ParameterError, match="score: expected a Score, received list"):
            draw([60, 62])
    with pytest.raises(ParameterError, match="bars: expected bars between 0 and 3, received 7–9"):
        plot_pianoroll(chorale, bars=(7, 9))
    assert pyplot.get_fignums() == []
