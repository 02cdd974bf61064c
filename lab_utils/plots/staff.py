"""Staves: a Score engraved by verovio, as an SVG, as a small PNG, or in an axis.

Conventions
-----------
* Each voice has a staff of its own; with `condense` four voices share two, as in a hymn book.
* Systems are broken to the page's width, and the page is as high as they need. Bars keep their printed numbers, which stand
  at the start of every system (an upbeat is bar 0 and carries none).
* Notebooks show the PNG: an untrusted JupyterLab shows no SVG. It holds eight greys; eight bars of four voices at 840 pixels
  take about 18 kB. Lines are moved onto whole pixels first, so that no staff looks blurred.
* Nothing of the system is used: musical signs are outlines inside the SVG, and words are drawn with the STIX and DejaVu fonts
  that come with matplotlib. The same Score gives the same bytes.

Used by every notebook that shows music, and by the player.
"""

import io
import re
from functools import cache
from importlib import resources
from pathlib import Path

import matplotlib
import numpy as np
import resvg_py
import verovio
from PIL import Image

from lab_utils import files
from lab_utils.errors import ParameterError
from lab_utils.plots import style
from lab_utils.plots.condense import on_two_staves
from lab_utils.plots.pianoroll import check_score, chosen_bars

verovio.enableLog(verovio.LOG_OFF)  # it writes to stderr, which a notebook would keep

SIZE = 40  # per cent of verovio's standard size: 7 pixels from one line of a staff to the next
UNIT = 8.75  # half a staff space in verovio's units; with SIZE it makes those 7 pixels whole
MARGIN = 12  # pixels round the music
HEAD = 8.4  # pixels: the width of a note head
GREYS = 8
_GRAIN = 1000 / SIZE  # verovio's inner units a pixel
_RESOURCES = str(resources.files("verovio") / "data")  # verovio itself knows them in the thread of its import alone
_FONTS = ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta", "DejaVuSerif", "DejaVuSans")
_LINE = re.compile(r'<path d="M(-?\d+) (-?\d+) L(-?\d+) (-?\d+)" stroke-width="(\d+)"')
_HEAD = re.compile(r'<g id="([^"]+)" class="note">\s*<g class="notehead">\s*<use [^>]*transform="translate\((-?\d+), ')
_METRONOME = {"\ueca3": "𝅗𝅥", "\ueca5": "♩", "\ueca7": "♪", "\uecb7": "."}  # SMuFL's signs in text, and any font's


def staff_svg(score, *, width=840, bars=None, condense=False, number_bars=False):
    """Return a Score engraved as an SVG.

    Parameters
    ----------
    score : Score
        On a grid; see :meth:`Score.quantise`.
    width : int
        Pixels, from 200 to 4000.
    bars : (int, int), optional
        The first and last bar to show, as printed in the score; all if left out.
    condense : bool
        Put four voices on two staves.
    number_bars : bool
        Number every bar, not only the first of each system.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        No notes, a width out of range, bars that the Score does not have, more music than fits on one picture, `condense`
        with another number of voices than four, times that have no written value.
    """
    check_score(score)
    if not 200 <= width <= 4000:
        raise ParameterError(f"width: expected 200 to 4000 pixels, received {width}.")
    numbers = score.bar_numbers()
    first, last = chosen_bars(numbers, bars)
    xml = files.to_musicxml(score)
    if condense:
        xml = on_two_staves(xml)
    return _engrave(xml, width, f"{first + 1}-{last + 1}" if bars else None, number_bars)


def staff_png(score, *, width=840, scale=1, bars=None, condense=False, number_bars=False):
    """Return a Score engraved as the bytes of a PNG, black on white.

    Parameters
    ----------
    score : Score
    width : int
        Pixels of the page as it is laid out.
    scale : int
        Pixels of the picture for each of these, from 1 to 4: 2 for screens with fine pixels, to be shown `width` wide.
    bars, condense, number_bars
        As in :func:`staff_svg`, which also tells the errors.

    Returns
    -------
    bytes
    """
    if scale not in (1, 2, 3, 4):
        raise ParameterError(f"scale: expected 1, 2, 3 or 4 pixels for one, received {scale!r}.")
    svg = staff_svg(score, width=width, bars=bars, condense=condense, number_bars=number_bars)
    drawn = resvg_py.svg_to_bytes(
        svg_string=_on_pixels(svg, scale),
        zoom=scale,
        background="white",
        skip_system_fonts=True,
        font_files=_fonts(),
        serif_family="STIXGeneral",
        font_family="STIXGeneral",
    )
    return _in_greys(drawn)


def plot_staff(score, ax=None, *, title=None, **options):
    """Show an engraved Score in an axis.

    Parameters
    ----------
    score : Score
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of the picture's own size if left out.
    title : str, optional
    **options
        As in :func:`staff_png`.

    Returns
    -------
    matplotlib.axes.Axes
        It counts pixels.
    """
    options.setdefault("scale", 2)
    with Image.open(io.BytesIO(staff_png(score, **options))) as png:
        picture = np.asarray(png.convert("L"))
    if ax is None:
        high, wide = np.array(picture.shape) / options["scale"] / style.DPI
        ax = style.new_axes(wide, high + (0.3 if title else 0))
    style.dress(ax, title=title)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    ax.set_axis_off()
    return ax


def note_places(score, *, width=840, bars=None):
    """Return where the notes of a Score stand on its engraved staff, for what is to be drawn above or below them.

    Parameters
    ----------
    score : Score
    width, bars
        As in :func:`staff_svg`; the staff must fit on one line (system).

    Returns
    -------
    quarters : np.ndarray of float, shape (onsets,)
        Where notes start, and where tied ones go on, ascending.
    pixels : np.ndarray of float, shape (onsets,)
        The middle of each one's note head, from the left edge of the picture of scale 1.

    Raises
    ------
    ParameterError
        As :func:`staff_svg`, and if there are more lines than one.
    """
    check_score(score)
    first, last = chosen_bars(score.bar_numbers(), bars)
    toolkit = _loaded(files.to_musicxml(score), width, f"{first + 1}-{last + 1}" if bars else None, False)
    svg = toolkit.renderToSVG(1)
    if toolkit.getPageCount() > 1 or svg.count('class="system"') > 1:
        raise ParameterError("score: expected what fits on one line, received more; choose fewer bars or a greater width.")
    left = {match[1]: int(match[2]) for match in _HEAD.finditer(svg)}
    shown = [
        (struck["qstamp"], left[name]) for struck in toolkit.renderToTimemap({}) for name in struck.get("on", ()) if name in left
    ]
    quarters, first_of = np.unique([quarter for quarter, _ in shown], return_index=True)
    margin = 10 * int(MARGIN * 100 / SIZE)
    return quarters, (np.array([at for _, at in shown])[first_of] + margin) / _GRAIN + HEAD / 2


def _engrave(xml, width, measures, number_bars):
    toolkit = _loaded(xml, width, measures, number_bars)
    if toolkit.getPageCount() > 1:
        raise ParameterError("score: expected what fits on one picture, received more; choose bars=(first, last).")
    return _with_plain_notes(toolkit.renderToSVG(1))


def _loaded(xml, width, measures, number_bars):
    toolkit = verovio.toolkit(False)
    toolkit.setResourcePath(_RESOURCES)
    margins = {f"pageMargin{side}": int(MARGIN * 100 / SIZE) for side in ("Top", "Bottom", "Left", "Right")}
    toolkit.setOptions(
        {
            "pageWidth": round(width * 100 / SIZE),
            "pageHeight": 60000,  # the highest that there is
            "adjustPageHeight": True,
            "scale": SIZE,
            "unit": UNIT,
            "header": "none",
            "footer": "none",
            "breaks": "auto",
            "mnumInterval": int(number_bars),
            "svgFormatRaw": True,
            "smuflTextFont": "none",
            "xmlIdSeed": 1,
            **margins,
        }
    )
    if not toolkit.loadData(xml):
        raise ParameterError("score: expected music that can be engraved, received what verovio refuses; try quantise(4).")
    if measures:
        toolkit.select({"measureRange": measures})
        toolkit.redoLayout()
    return toolkit


def _with_plain_notes(svg):
    """Write the note of a metronome mark in any font's letters: the engraver's own text font is not at hand everywhere."""

    def plain(match):
        size, signs = float(match[1]) * 0.7, "".join(_METRONOME.get(sign, sign) for sign in match[2])
        return f'<tspan font-family="STIXGeneral, DejaVu Sans, serif" font-weight="normal" font-size="{size:g}px">{signs}<'

    return re.sub(r'<tspan font-family="Leipzig" font-size="(\d+)px">([^<]*)<', plain, svg)


def _on_pixels(svg, scale):
    """Move level and upright lines onto whole pixels, as wide as whole pixels: thin ones paler instead of blurred."""
    grain = _GRAIN / scale
    offset = 10 * int(MARGIN * 100 / SIZE)  # all lines stand in a group that is moved by the margin

    def moved(match):
        x0, y0, x1, y1, wide = (float(number) for number in match.groups())
        pixels = max(1, round(wide / grain))

        def snap(at):
            at = (at + offset) / grain
            return (round(at - 0.5) + 0.5 if pixels % 2 else round(at)) * grain - offset

        if y0 == y1:
            y0 = y1 = snap(y0)
        elif x0 == x1:
            x0 = x1 = snap(x0)
        else:
            return match[0]
        ink = min(1.0, wide / grain / pixels) ** 0.7
        return f'<path d="M{x0:g} {y0:g} L{x1:g} {y1:g}" stroke-width="{pixels * grain:g}" stroke-opacity="{ink:.2f}"'

    svg = svg.replace('<svg class="definition-scale"', '<svg class="definition-scale" preserveAspectRatio="xMinYMin"')
    return _LINE.sub(moved, svg)


@cache
def _fonts():
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    return [str(folder / f"{name}.ttf") for name in _FONTS]


def _in_greys(drawn):
    """Shrink a PNG to a few even greys; white stays white and black stays black."""
    steps = GREYS - 1
    with Image.open(io.BytesIO(drawn)) as png:
        levels = png.convert("L").point([round(value / 255 * steps) for value in range(256)])
    levels = levels.convert("P")
    levels.putpalette([round(level * 255 / steps) for level in range(GREYS) for _ in range(3)])
    buffer = io.BytesIO()
    levels.save(buffer, "PNG", optimize=True, bits=4)
    return buffer.getvalue()
