"""Piano rolls: pitch upwards, time to the right, a colour a voice.

Conventions
-----------
* The axes count quarter notes (x) and MIDI pitch (y), so that more can be drawn on them;
  the labels show bar numbers and note names.
* Bars carry the numbers that are printed in the score: 0 for an upbeat. An excerpt (`bars`) keeps its numbers.
* A note starts exactly at its onset and is drawn a hair short at its end, so that a repeated note is seen as two.
* Voices that meet on one pitch stay visible: the shorter note, or else the lower voice, is a narrower band on the other.
* Rows of the black keys are shaded; the line under each C marks the octave.

Left out: velocity. Used by ``00_start_here`` and every notebook that composes.
"""

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from lab_utils.errors import ParameterError
from lab_utils.plots import ruling, style
from lab_utils.score import Score


def plot_pianoroll(score, *, ax=None, bars=None, title=None, legend=True, playhead=None, markers=(), fermatas=()):
    """Draw a Score as a piano roll.

    Parameters
    ----------
    score : Score
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    bars : (int, int), optional
        The first and last bar to show, as printed in the score; all if left out.
    title : str, optional
        The score's own title if left out; ``""`` for none.
    legend : bool
        Name the voices above the roll, where there is more than one or they have names.
    playhead : float, optional
        A time in quarter notes that a strong line marks.
    markers : iterable of (float, str)
        Times in quarter notes, each with a short text, marked by dashed lines.
    fermatas : iterable of float
        Times in quarter notes over which a fermata stands.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        A score without notes, or bars that it does not have.
    """
    check_score(score)
    lines, numbers = score.bar_lines(), score.bar_numbers()
    first, last = chosen_bars(numbers, bars)
    return draw_roll(
        score,
        lines[first : last + 2],
        numbers[first : last + 1],
        ax=ax,
        title=score.title if title is None else title,
        legend=legend,
        playhead=playhead,
        markers=markers,
        fermatas=fermatas,
    )


def pianoroll_png(score, **options):
    """Return a piano roll as the bytes of a PNG, 840 pixels wide, shown nowhere: for a player or a page.

    Parameters
    ----------
    score : Score
    **options
        As in :func:`plot_pianoroll`, without `ax`.

    Returns
    -------
    bytes
    """
    check_score(score)
    ax = style.new_axes(height=_height(*_pitch_range(score.notes)), shown=False)
    return style.figure_bytes(plot_pianoroll(score, ax=ax, **options))


def draw_roll(score, lines, numbers, *, ax=None, title=None, legend=True, playhead=None, markers=(), fermatas=()):
    """Draw the bars that stand between `lines` (quarter notes, shape (bars + 1,)) and are called `numbers`; returns the axes."""
    start, end = lines[0], lines[-1]
    stops = score.notes["onset_quarter"] + score.notes["duration_quarter"]
    notes = score.notes[(stops > start + 1e-9) & (score.notes["onset_quarter"] < end - 1e-9)]
    low, high = _pitch_range(notes if len(notes) else score.notes)
    if ax is None:
        ax = style.new_axes(height=_height(low, high))
    rows = _legend(ax, score) if legend else 0
    style.dress(ax, x="bar", title=title, pad=8 + 14 * rows)
    ax.set(xlim=(start, end), ylim=(low - 0.5, high + 0.5))
    ruling.pitches(ax, low, high)
    ruling.bars(ax, score, lines, numbers)
    _notes(ax, notes, end - start)
    _marks(ax, playhead, markers, fermatas)
    return ax


def _notes(ax, notes, span):
    """Draw the notes as rectangles, where they meet the narrower ones on top."""
    layer = _layers(notes)
    order = np.argsort(layer, kind="stable")
    notes, layer = notes[order], layer[order]
    onset, duration, pitch = notes["onset_quarter"], notes["duration_quarter"], notes["pitch"]
    stop = onset + duration - np.minimum(0.004 * span, 0.3 * duration)
    half = 0.42 * 0.5**layer
    corners = np.stack([[onset, pitch - half], [onset, pitch + half], [stop, pitch + half], [stop, pitch - half]])
    colours = [style.PALETTE[voice % len(style.PALETTE)] for voice in notes["voice"]]
    rectangles = PolyCollection(corners.transpose(2, 0, 1), facecolors=colours, linewidth=0, zorder=2)  # (notes, 4, 2)
    ax.add_collection(rectangles, autolim=False)


def _layers(notes):
    """How many notes of other voices lie under each one, on its pitch and at its time: the longer ones; shape (notes,)."""
    layer = np.zeros(len(notes))
    for pitch in np.unique(notes["pitch"]):
        where = np.flatnonzero(notes["pitch"] == pitch)
        start, length, voice = (notes[name][where] for name in ("onset_quarter", "duration_quarter", "voice"))
        for i, row in enumerate(where):
            meets = (start < start[i] + length[i] - 1e-9) & (start + length > start[i] + 1e-9)
            under = (length > length[i]) | ((length == length[i]) & (voice < voice[i]))
            layer[row] = min(len(np.unique(voice[meets & under & (voice != voice[i])])), 2)
    return layer


def _legend(ax, score):
    """Name the voices in a row above the roll; returns the number of rows."""
    voices = score.voices
    if len(voices) < 2 and not score.names:
        return 0
    names = [score.names[v] if v < len(score.names) and score.names[v] else f"voice {v + 1}" for v in voices]
    patches = [Patch(color=style.PALETTE[v % len(style.PALETTE)], linewidth=0) for v in voices]
    columns = min(len(voices), max(1, int(80 // (max(map(len, names)) + 5))))
    ax.legend(
        patches, names, loc="lower left", bbox_to_anchor=(0, 1.005), ncols=columns, frameon=False, fontsize=style.LABEL,
        labelcolor=style.SOFT, handlelength=1.0, handleheight=0.8, handletextpad=0.45, columnspacing=1.4, borderaxespad=0,
        borderpad=0.25,
    )  # fmt: skip
    return -(-len(voices) // columns)


def _marks(ax, playhead, markers, fermatas):
    across = ax.get_xaxis_transform()  # x in quarter notes, y from 0 (bottom) to 1 (top)
    for quarter, text in markers:
        ax.axvline(quarter, color=style.INK, linewidth=1.0, linestyle=(0, (4, 2.5)), zorder=4)
        ax.annotate(
            text, (quarter, 1), xycoords=across, xytext=(4, -4), textcoords="offset points", va="top", fontsize=style.NOTE,
            color=style.INK, zorder=5, bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "boxstyle": "square,pad=0.2"},
        )  # fmt: skip
    if len(fermatas):
        ax.plot(fermatas, np.full(len(fermatas), 0.955), transform=across, linestyle="", marker=_fermata(), markersize=12,
                color=style.INK, markeredgewidth=0, zorder=4)  # fmt: skip
    if playhead is not None:
        ax.axvline(playhead, color=style.INK, linewidth=1.6, zorder=6)
        ax.plot([playhead], [0.985], transform=across, marker="v", markersize=7, color=style.INK, clip_on=False, zorder=6)


def _fermata():
    """A fermata as a marker: a thick arc over a dot. The fonts at hand have none."""
    angle = np.linspace(0, np.pi, 25)
    outer = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    inner = np.stack([0.9 * np.cos(angle), 0.72 * np.sin(angle)], axis=1)[::-1]
    dot = Outline.circle((0, 0.14), 0.16)
    return Outline.make_compound_path(Outline(np.concatenate([outer, inner, outer[:1]])), dot)


def _pitch_range(notes):
    """The lowest and highest row: a little beyond the notes, at least an octave and a half."""
    low, high = int(notes["pitch"].min()) - 2, int(notes["pitch"].max()) + 3
    missing = max(0, 18 - (high - low))
    return max(low - missing // 2, 0), min(high + missing - missing // 2, 127)


def _height(low, high):
    """Inches of a new figure: each row 10 pixels, within reason."""
    return min(max(0.9 + 0.083 * (high - low + 1), 2.2), 6.0)


def chosen_bars(numbers, bars):
    """Return the indices of the first and last bar chosen by their printed numbers; all for None."""
    if bars is None:
        return 0, len(numbers) - 1
    inside = np.flatnonzero((numbers >= bars[0]) & (numbers <= bars[1]))
    if not len(inside):
        raise ParameterError(f"bars: expected bars between {numbers[0]} and {numbers[-1]}, received {bars[0]}–{bars[1]}.")
    return inside[0], inside[-1]


def check_score(score):
    """Raise a ParameterError unless `score` is a Score with notes."""
    if not isinstance(score, Score):
        raise ParameterError(f"score: expected a Score, received {type(score).__name__}; read one with files.read().")
    if not len(score):
        raise ParameterError("score: expected at least one note, received an empty Score; there is nothing to draw.")
