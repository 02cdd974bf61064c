"""Scores as they are written down: bars, note values and ties, for MusicXML and ABC alike.

A Score holds sounding notes; paper holds note values inside bars. Here a voice is cut into :class:`Event`: what sounds
together from one moment to the next, a chord, a note or a rest, each with one written value, tied on where the sound goes on.
A cut is made

* at each bar line, and wherever another note of the voice starts or ends (so that notes of different lengths share one staff);
* inside a length that no single value has (five eighths), at the strongest beat within.

Conventions
-----------
* Time is exact: fractions of a quarter. A time must lie on a grid that note values have: 128ths, or the shorter notes of
  a tuplet of three, five or seven (a 48th, 40th or 56th of a quarter).
* Written values are plain, dotted or double-dotted, alone or in a tuplet of three, five or seven.
* Two notes of one pitch in one voice cannot sound at once on paper: the second ends the first.

What it leaves out: dynamics, slurs, cross-staff voices.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise, takewhile

from lab_utils.errors import ParameterError

GRIDS = (32, 48, 40, 56)  # parts of a quarter: 128ths, and the same in tuplets of 3, 5, 7
TUPLETS = {3: Fraction(3, 2), 5: Fraction(5, 4), 7: Fraction(7, 4)}  # written length of a sounding one
ANY = 10080  # parts of a quarter for times that need not be written
NEAR = 1e-6  # in quarters: what sums of thirds in floating point may be off


@dataclass(frozen=True)
class Bar:
    """One bar: its printed number, where it starts and how long it is (quarters), its meter, and the beat it starts on."""

    number: int
    start: Fraction
    length: Fraction
    beats: int
    beat_unit: int
    shift: Fraction  # 0, or in an upbeat the part of the full bar that is left out

    @property
    def full_length(self):
        """The length that the meter asks for, in quarters."""
        return Fraction(4 * self.beats, self.beat_unit)

    @property
    def compound(self):
        """Whether three units make a dotted beat, as in 6/8."""
        return self.beats % 3 == 0 and self.beats > 3

    @property
    def beat(self):
        """The length of a beat, in quarters."""
        return Fraction(4, self.beat_unit) * (3 if self.compound else 1)


@dataclass(frozen=True)
class Tone:
    """One note of an event; it may be tied to the event before and on to the next."""

    pitch: int
    velocity: int
    tied_back: bool
    tied_on: bool


@dataclass(frozen=True)
class Event:
    """What sounds from `start` (quarters from the bar's start) for one written value of `length` quarters; no tones is a rest."""

    start: Fraction
    length: Fraction
    tones: tuple


def exact(quarters, *, grid=True):
    """Return a time in quarters as the fraction that it stands for.

    Parameters
    ----------
    quarters : float or Fraction
    grid : bool, default=True
        Whether it has to be a time at which a written value can end.

    Raises
    ------
    ParameterError
        If it has to be and is not: the score has to be quantised first.
    """
    if float(quarters).is_integer():
        return Fraction(int(quarters))
    fraction = Fraction(float(quarters)).limit_denominator(max(GRIDS) if grid else ANY)
    if not grid:
        return fraction
    if not any(parts % fraction.denominator == 0 for parts in GRIDS) or abs(float(fraction) - float(quarters)) > NEAR:
        raise ParameterError(
            f"score: notation expects times on a grid, received {float(quarters):.6g} quarters; use score.quantise(4) first."
        )
    return fraction


def bars(score):
    """Return the bars of `score`, a list of :class:`Bar`; the last is short where it makes up a full bar with the upbeat."""
    lines, numbers = [exact(line) for line in score.bar_lines()], score.bar_numbers()
    found = []
    for number, start, end in zip(numbers, lines, lines[1:], strict=False):
        _, beats, unit = [meter for meter in score.meters if meter[0] <= start + NEAR][-1]
        upbeat = number == 0 and score.pickup_quarter > 0
        shift = max(Fraction(4 * beats, unit) - (end - start), Fraction(0)) if upbeat else Fraction(0)
        found.append(Bar(int(number), start, end - start, beats, unit, shift))
    last, end = found[-1], exact(score.duration_quarter)
    if found[0].shift and len(found) > 1 and end == last.start + last.full_length - found[0].length:
        found[-1] = Bar(last.number, last.start, end - last.start, last.beats, last.beat_unit, Fraction(0))
    return found


def events(notes, bars, *, cuts=()):
    """Return the events of one voice, a list for each bar, which they fill.

    Parameters
    ----------
    notes : np.ndarray of NOTE_DTYPE, shape (notes,)
        One voice.
    bars : list of Bar
    cuts : collection of Fraction, default=()
        Times in quarters at which an event has to start, for what is written between notes: a new key.

    Returns
    -------
    list of list of Event
        A bar without notes is one rest of the bar's length.
    """
    spans, found, first = _spans(notes), [], 0
    for bar in bars:
        while first < len(spans) and spans[first][1] <= bar.start:
            first += 1  # spans come by onset: what ended before a bar need not be looked at again
        inside = takewhile(lambda span, end=bar.start + bar.length: span[0] < end, islice(spans, first, None))
        found.append(_bar_events([span for span in inside if span[1] > bar.start], bar, cuts))
    return found


def _spans(notes):
    """(start, end, pitch, velocity) of each note, cut where its pitch starts again."""
    spans, sounding = [], {}
    for row in notes:  # by onset
        start, end = exact(row["onset_quarter"]), exact(row["onset_quarter"] + row["duration_quarter"])
        pitch = int(row["pitch"])
        before = sounding.get(pitch)
        if before is not None and spans[before][1] > start:
            spans[before] = (spans[before][0], start, *spans[before][2:])
        sounding[pitch] = len(spans)
        spans.append((start, end, pitch, int(row["velocity"])))
    return [span for span in spans if span[1] > span[0]]


def _bar_events(spans, bar, cuts):
    end = bar.start + bar.length
    times = [*cuts, *(time for span in spans for time in span[:2])]
    found = []
    for left, right in pairwise(sorted({bar.start, end, *(time for time in times if bar.start < time < end)})):
        sounding = sorted((span for span in spans if span[0] <= left and span[1] >= right), key=lambda span: span[2])
        whole = not sounding and right - left == bar.full_length
        pieces = [(left, right)] if whole else _values(left, right, bar, not sounding)
        for first, last in pieces:
            tones = tuple(Tone(pitch, velocity, start < first, stop > last) for start, stop, pitch, velocity in sounding)
            found.append(Event(first - bar.start, last - first, tones))
    return found


def _values(left, right, bar, rest):
    """Cut a length into lengths that are written as one value, at the strongest beats inside it."""
    start, end = left - bar.start + bar.shift, right - bar.start + bar.shift
    if value(right - left) and _reads_well(start, end, bar, rest):
        return [(left, right)]
    for step in _steps(bar, start, end):
        first, last = (start // step + 1) * step, (-(-end // step) - 1) * step  # the first and last of its beats inside
        if first <= last:
            cut = (last if start % step == 0 else first) - start + left
            return _values(left, cut, bar, rest) + _values(cut, right, bar, rest)
    raise ParameterError(f"score: no note values make {right - left} quarters in bar {bar.number}; use score.quantise(4) first.")


def _reads_well(start, end, bar, rest):
    """Whether one value may stand here: within a beat, or over beats in a way that still shows where they are."""
    beat, half = bar.beat, bar.full_length / 2
    over = end > (start // beat + 1) * beat
    if not over or (value(end - start)[2] > 1 and not rest):
        return True
    if rest and end - start > 2 * beat:  # a whole rest would look like a bar's
        return False
    if start % beat == 0 and (not rest or start == 0 or half % beat or not start < half < end):
        return not bar.compound or (end - start) % beat == 0
    syncopated = not bar.compound and not rest and end - start <= beat * 3 / 2
    return syncopated and (half % beat != 0 or not start < half < end)


def _steps(bar, start, end):
    """Distances of ever weaker beats: half bars, beats, their parts, in threes if a time lies on a third."""
    unit, beat, half = Fraction(4, bar.beat_unit), bar.beat, bar.full_length / 2
    yield from (half, beat, unit) if half % beat == 0 else (beat, unit)
    for odd in (3, 5, 7):
        if start.denominator % odd == 0 or end.denominator % odd == 0:
            yield from (Fraction(1, odd * 2**power) for power in range(5))
    yield from (unit / 2**power for power in range(8))


def value(length):
    """Return the written value that sounds for `length` quarters (a Fraction), or None if there is no single one.

    Returns
    -------
    base : Fraction
        The plain value in quarters: 2 for a half, 1/2 for an eighth.
    dots : int
    tuplet : int
        How many of it take the time of the next lower power of two: 3, 5, 7, or 1 outside a tuplet.
    """
    tuplet = next((odd for odd in TUPLETS if length.denominator % odd == 0), 1)
    written = length * TUPLETS.get(tuplet, 1)
    dots = {1: 0, 3: 1, 7: 2}.get(written.numerator // (written.numerator & -written.numerator))  # without its factors of two
    if dots is None or (dots and tuplet > 1) or written.denominator not in (1, 2, 4, 8, 16, 32) or written > 8:
        return None
    return written * Fraction(2**dots, 2 ** (dots + 1) - 1), dots, tuplet


def tuplet_marks(events, bar):
    """Return for each event of a bar whether it starts or stops a tuplet: lists of "start" and "stop", mostly empty.

    A tuplet goes on up to the next time that is on the plain grid again.
    """
    marks, opened = [[] for _ in events], False
    for place, event in enumerate(events):
        tuplet = tuplet_of(event)
        if tuplet == 1:
            continue
        if not opened:
            marks[place].append("start")
        end = bar.start + event.start + event.length
        follows = place + 1 < len(events) and tuplet_of(events[place + 1]) == tuplet
        opened = follows and end.denominator % tuplet == 0
        if not opened:
            marks[place].append("stop")
    return marks


def tuplet_of(event):
    """Return 3, 5 or 7 for an event in such a tuplet, else 1 (as for the rest of a whole bar)."""
    return (value(event.length) or (0, 0, 1))[2]
