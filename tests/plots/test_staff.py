import io
import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import numpy as np
import pytest
import resvg_py
from matplotlib import pyplot
from PIL import Image

from lab_utils.errors import ParameterError
from lab_utils.plots import note_places, plot_staff, staff, staff_png, staff_svg
from lab_utils.score import Score, note_array


def grey(png):
    """The picture as an array of greys, shape (rows, columns), 0 black and 255 white."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("L")).astype(int)


def count(svg, name):
    return len(re.findall(rf'class="{name}[" ]', svg))


def bar_numbers(svg):
    return [int(number) for number in re.findall(r'class="mNum[^>]*>(?:<[^>]*>)*(\d+)<', svg)]


def drawn(svg):
    fonts = {"font_files": staff._fonts(), "serif_family": "STIXGeneral", "skip_system_fonts": True}
    return grey(staff._in_greys(resvg_py.svg_to_bytes(svg_string=staff._on_pixels(svg, 1), background="white", **fonts)))


def long_score(bars):
    return Score(note_array([(4 * i, 4, 60 + i % 12) for i in range(bars)]))


def test_every_note_bar_and_staff_is_engraved(chorale):
    svg = staff_svg(chorale)
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert count(svg, "note") == len(chorale)  # none of these notes is tied
    assert count(svg, "measure") == 4
    assert count(svg, "staff") == 16


def test_width_is_what_is_asked_and_height_follows_the_music(chorale):
    for width in (500, 840, 1200):
        assert Image.open(io.BytesIO(staff_png(chorale, width=width))).width == width
    one, many = (grey(staff_png(long_score(bars))).shape[0] for bars in (4, 40))
    assert many > 3 * one
    assert one < 160


def test_scale_gives_more_pixels_of_the_same_page(chorale):
    small, large = (Image.open(io.BytesIO(staff_png(chorale, scale=scale))).size for scale in (1, 2))
    assert large == (2 * small[0], 2 * small[1])


def test_systems_are_broken_and_numbered_at_their_start():
    svg = staff_svg(long_score(40))
    assert count(svg, "system") > 2
    numbers = bar_numbers(svg)
    assert len(numbers) == count(svg, "system") - 1 and numbers == sorted(numbers) and numbers[0] > 1
    assert bar_numbers(staff_svg(long_score(40), number_bars=True)) == list(range(1, 41))


def test_an_excerpt_keeps_its_bar_numbers(chorale):
    svg = staff_svg(chorale, bars=(2, 3))
    assert count(svg, "measure") == 2
    assert count(svg, "note") == sum(note["onset_quarter"] >= 5 for note in chorale.notes)
    assert bar_numbers(svg)[0] == 2
    assert count(staff_svg(chorale, bars=(0, 0)), "note") == sum(note["onset_quarter"] < 1 for note in chorale.notes)


def test_png_is_white_paper_in_a_few_greys_and_small(chorale):
    png = staff_png(chorale)
    pixels = grey(png)
    assert pixels[0, 0] == pixels[-1, -1] == 255 and pixels.min() == 0
    assert len(np.unique(pixels)) <= 8
    assert 4_000 < len(png) < 12_000  # four bars of four voices


def test_names_are_really_drawn(chorale):
    svg = staff_svg(chorale)
    ink = 255 - drawn(svg)
    for name in chorale.names:
        assert svg.count(f">{name}<") == 1
        missing = ink - (255 - drawn(svg.replace(f">{name}<", "><")))
        assert missing.sum() > 30 * 255 and np.flatnonzero(missing.any(axis=0)).max() < 75  # left of the staves
    assert staff_png(chorale.with_(names=("",) * 4)) != staff_png(chorale)


def test_words_need_no_font_of_the_system(chorale, monkeypatch):
    with_fonts = staff_png(chorale)
    monkeypatch.setattr(staff, "_fonts", lambda: [])
    without = grey(staff_png(chorale))
    assert (without < 128).sum() < (grey(with_fonts) < 128).sum() - 200  # names and tempo are gone: nothing else was found


def test_the_note_of_the_tempo_mark_is_drawn(chorale):
    svg = staff_svg(chorale)
    assert "♩" in svg and "Leipzig" not in svg and "@font-face" not in svg
    without_font = drawn(svg.replace("♩", "\ue1d5"))  # a sign that no font here has
    changed = np.argwhere(np.abs(drawn(svg) - without_font) > 60)
    assert len(changed) > 15 and np.ptp(changed[:, 0]) >= 9  # a note, as high as a letter


@pytest.mark.parametrize("scale", [1, 2])
def test_staff_lines_are_crisp(scale):
    """Each line of a staff fills whole rows of pixels and is equally dark, at equal distances."""
    pixels = grey(staff_png(Score(note_array([(0, 4, 71), (4, 4, 71)])), scale=scale))
    lines = pixels[:, (pixels < 255).sum(axis=0) == 5]  # columns with nothing but the five lines
    column = np.median(lines, axis=1)
    rows = np.flatnonzero(column < 255)
    assert np.diff(rows).tolist() == [7 * scale] * 4 and len(set(column[rows])) == 1
    assert (lines == column[:, None]).all(axis=0).sum() > 80 * scale


def test_the_same_score_gives_the_same_picture(chorale):
    first = staff_svg(chorale), staff_png(chorale)
    staff_svg(long_score(9))
    assert (staff_svg(chorale), staff_png(chorale)) == first


def test_another_thread_engraves_the_same(chorale):
    """JupyterLab may have a widget's callbacks run beside the kernel's main thread."""
    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(staff_svg, chorale).result() == staff_svg(chorale)


def test_the_engraver_says_nothing(chorale, capfd):
    staff_png(chorale)
    staff_png(chorale, condense=True, bars=(1, 2))
    assert capfd.readouterr() == ("", "")


def test_four_voices_on_two_staves(chorale):
    svg = staff_svg(chorale, condense=True)
    assert count(svg, "staff") == 8 and count(svg, "note") == len(chorale)
    assert grey(staff_png(chorale, condense=True)).shape[0] < 0.7 * grey(staff_png(chorale)).shape[0]


def test_in_an_axis(chorale):
    ax = plot_staff(chorale, title="Bach")
    assert ax.images[0].get_array().shape[1] == 1680 and not ax.axison
    assert ax.get_title(loc="left") == "Bach"
    _, given = pyplot.subplots()
    assert plot_staff(chorale, given, scale=1, bars=(0, 1)) is given and given.images[0].get_array().shape[1] == 840


def test_bad_input_is_told_in_words(chorale):
    with pytest.raises(ParameterError, match="score: expected at least one note, received an empty Score"):
        staff_png(Score(note_array([])))
    with pytest.raises(ParameterError, match="score: expected a Score, received str"):
        staff_svg("bwv269")
    with pytest.raises(ParameterError, match="width: expected 200 to 4000 pixels, received 20"):
        staff_png(chorale, width=20)
    with pytest.raises(ParameterError, match="scale: expected 1, 2, 3 or 4"):
        staff_png(chorale, scale=0.5)
    with pytest.raises(ParameterError, match="bars: expected bars between 0 and 3, received 5–6"):
        staff_png(chorale, bars=(5, 6))
    with pytest.raises(ParameterError, match="condense: expected four voices, received 1"):
        staff_png(long_score(2), condense=True)
    with pytest.raises(ParameterError, match=r"score\.quantise"):
        staff_png(Score(note_array([(0.123, 0.377, 60)])))


def test_music_beyond_one_picture_is_refused_and_part_of_it_shown():
    endless = long_score(900)
    with pytest.raises(ParameterError, match=r"expected what fits on one picture, received more; choose bars="):
        staff_svg(endless, width=200)
    assert count(staff_svg(endless, width=200, bars=(890, 900)), "measure") == 11


def test_notes_stand_where_they_are_said_to_stand():
    notes = [
        (0, 1, 64),
        (1, 0.5, 67),
        (1.5, 0.5, 65),
        (2, 2, 67),
        (4, 3, 65),
        (7, 3, 64),
        (10, 2, 67),
    ]  # a tie over the bar
    score = Score(note_array(notes))
    quarters, pixels = note_places(score)
    assert quarters.tolist() == [0, 1, 1.5, 2, 4, 7, 8, 10] and (np.diff(pixels) > 8).all()
    picture = grey(staff_png(score))
    between = np.setdiff1d(np.arange(100, int(pixels[-1])), np.concatenate([np.arange(int(x) - 12, int(x) + 13) for x in pixels]))
    lines_alone = np.median((picture[:, between] < 128).sum(axis=0))
    for x in pixels:
        ink = (picture[:, int(round(x)) - 2 : int(round(x)) + 3] < 128).sum(axis=0)
        assert (ink >= lines_alone + 2).all()  # a head in each column, from the left of its middle to the right
    assert note_places(score, bars=(2, 3))[0].tolist() == [4, 7, 8, 10]


def test_places_are_told_of_one_line_alone():
    long = Score(note_array([(i, 1, 60 + i % 5) for i in range(96)]))
    with pytest.raises(ParameterError, match="score: expected what fits on one line, received more"):
        note_places(long)
    assert len(note_places(long, bars=(1, 4))[0]) == 16
