"""Score: the one currency between the rooms of the package.

Conventions
-----------
* Time is counted in quarter notes from the first note's bar: 0 is where the notation starts, an upbeat included.
* A note is a row of :data:`NOTE_DTYPE`; the names are those of partitura's note arrays.
* Pitch is a MIDI number (60 is middle C, C4); velocity runs from 1 to 127.
* ``voice`` counts from 0; in a chorale 0, 1, 2, 3 are soprano, alto, tenor, bass.
* Tempo is in quarter notes a minute, whatever the meter.
* A key is (sharps, mode): sharps from -7 (seven flats) to 7, mode "major" or "minor".
* What a Score leaves out: dynamics other than velocity, slurs, lyrics, ornaments.

Used by every notebook from ``00_start_here`` on.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from lab_utils.errors import ParameterError

NOTE_DTYPE = np.dtype(
    [
        ("onset_quarter", "f8"),
        ("duration_quarter", "f8"),
        ("pitch", "i4"),
        ("velocity", "i4"),
        ("voice", "i4"),
    ]
)
PERCUSSION = 128  # the program number that stands for the drum kit of MIDI's channel 10


def key_name(sharps, mode="major"):
    """Return the name of a key, such as "B♭ major" of (-2, "major")."""
    place = sharps + (1 if mode == "major" else 4)  # of the tonic on the line of fifths, from F on
    return f"{'FCGDAEB'[place % 7]}{('♭', '', '♯')[place // 7 + 1]} {mode}"


def note_array(rows):
    """Return `rows` as a sorted note array.

    Parameters
    ----------
    rows : iterable of (onset_quarter, duration_quarter, pitch[, velocity[, voice]])
        Velocity is 80 and voice 0 where they are left out.

    Returns
    -------
    np.ndarray of NOTE_DTYPE, shape (notes,)
        Sorted by onset, then voice, then pitch.

    Raises
    ------
    ParameterError
        If a row has fewer than three numbers or more than five.
    """
    defaults = (0.0, 1.0, 60, 80, 0)
    rows = [tuple(row) for row in rows]
    wrong = next((row for row in rows if not 3 <= len(row) <= 5), None)
    if wrong is not None:
        raise ParameterError(f"rows: expected onset, duration, pitch[, velocity[, voice]], received {wrong!r}.")
    return _sorted(np.array([row + defaults[len(row) :] for row in rows], dtype=NOTE_DTYPE))


def _sorted(notes):
    return notes[np.lexsort((notes["pitch"], notes["voice"], notes["onset_quarter"]))]


@dataclass(frozen=True, eq=False)
class Score:
    """Notes with the frame that they are read in.

    Parameters
    ----------
    notes : np.ndarray of NOTE_DTYPE, shape (notes,)
        Sorted and made read-only here; see :func:`note_array`.
    tempos : tuple of (onset_quarter, quarters_per_minute)
        In the order of time, as all changes here; the first at onset 0.
    meters : tuple of (onset_quarter, beats, beat_unit)
        ``(0.0, 3, 4)`` is three quarters a bar. The first at onset 0. A meter opens a bar, even the same one told again: so the
        bar before it may be short.
    keys : tuple of (onset_quarter, sharps, mode)
        May be empty: not known.
    pickup_quarter : float
        Length of an upbeat (an incomplete first bar), 0 if there is none.
    programs : tuple of int
        General MIDI program of each voice, 0–127, or :data:`PERCUSSION`; voices beyond its end play program 0 (piano),
        so zeros at the end are dropped.
    names : tuple of str
        A name for each voice, shown before its staff; may be empty. Empty names at the end are dropped.
    title : str

    Raises
    ------
    ParameterError
        A pitch or velocity outside MIDI's range, a negative onset, a duration that is not positive, a NaN, changes out of
        order, a tempo, meter, key or program that there is not.
    """

    notes: np.ndarray
    tempos: tuple = ((0.0, 120.0),)
    meters: tuple = ((0.0, 4, 4),)
    keys: tuple = ()
    pickup_quarter: float = 0.0
    programs: tuple = ()
    names: tuple = ()
    title: str = ""
    _fields: tuple = field(
        default=("tempos", "meters", "keys", "pickup_quarter", "programs", "names", "title"), init=False, repr=False
    )

    def __post_init__(self):
        notes = np.asarray(self.notes)
        if notes.dtype != NOTE_DTYPE or notes.ndim != 1:
            raise ParameterError(f"notes: expected a row of NOTE_DTYPE, received {notes.shape} {notes.dtype}; use note_array().")
        _check_notes(notes)
        notes = _sorted(notes)
        notes.flags.writeable = False
        frame = {name: tuple(map(tuple, getattr(self, name))) for name in ("tempos", "meters", "keys")}
        frame |= {"programs": _without_tail(self.programs, 0), "names": _without_tail(self.names, "")}
        for name, value in {"notes": notes, **frame}.items():
            object.__setattr__(self, name, value)
        _check_frame(self)

    def __eq__(self, other):
        if not isinstance(other, Score):
            return NotImplemented
        same = all(getattr(self, name) == getattr(other, name) for name in self._fields)
        return same and np.array_equal(self.notes, other.notes)

    __hash__ = None

    def __len__(self):
        return len(self.notes)

    @property
    def tempo(self):
        """The first tempo, in quarter notes a minute."""
        return self.tempos[0][1]

    @property
    def meter(self):
        """The first meter as (beats, beat_unit)."""
        return self.meters[0][1:]

    @property
    def key(self):
        """The first key as (sharps, mode), or None."""
        return self.keys[0][1:] if self.keys else None

    @property
    def duration_quarter(self):
        """Where the last note ends, in quarter notes."""
        return float((self.notes["onset_quarter"] + self.notes["duration_quarter"]).max()) if len(self) else 0.0

    @property
    def duration_seconds(self):
        """Where the last note ends, in seconds."""
        return float(self.seconds(self.duration_quarter))

    @property
    def voices(self):
        """The voice numbers in use, ascending."""
        return tuple(int(v) for v in np.unique(self.notes["voice"]))

    def program(self, voice):
        """The General MIDI program that plays `voice`."""
        return self.programs[voice] if voice < len(self.programs) else 0

    def voice_notes(self, voice):
        """The rows of `notes` that belong to `voice`, shape (notes,)."""
        return self.notes[self.notes["voice"] == voice]

    def with_(self, **changes):
        """Return a Score with these fields changed."""
        return replace(self, **changes)

    def seconds(self, quarters):
        """Return times in seconds of positions in quarter notes, through every tempo change.

        Parameters
        ----------
        quarters : float or np.ndarray, shape (...)

        Returns
        -------
        np.ndarray, shape (...)
        """
        starts = np.array([onset for onset, _ in self.tempos], dtype=float)
        length = 60.0 / np.array([tempo for _, tempo in self.tempos], dtype=float)  # seconds a quarter
        at = np.concatenate([[0.0], np.cumsum(np.diff(starts) * length[:-1])])
        quarters = np.asarray(quarters, dtype=float)
        piece = np.clip(np.searchsorted(starts, quarters, side="right") - 1, 0, None)
        return at[piece] + (quarters - starts[piece]) * length[piece]

    def bar_lines(self):
        """Return where each bar starts, in quarter notes, the end of the last bar included.

        Returns
        -------
        np.ndarray, shape (bars + 1,)
            The upbeat counts as a bar; :meth:`bar_numbers` calls it 0.
        """
        end = max(self.duration_quarter, 1e-6)  # a Score without notes has one bar
        lines, changes = [0.0], list(self.meters)
        if self.pickup_quarter > 0:
            lines.append(float(self.pickup_quarter))
        while lines[-1] < end - 1e-9:
            _, beats, unit = [m for m in changes if m[0] <= lines[-1] + 1e-9][-1]
            following = lines[-1] + beats * 4.0 / unit
            later = [m[0] for m in changes if lines[-1] + 1e-9 < m[0] < following - 1e-9]
            lines.append(later[0] if later else following)  # a change of meter always opens a bar
        return np.array(lines)

    def bar_numbers(self):
        """Return the number printed over each bar, shape (bars,): from 0 with an upbeat, else from 1."""
        first = 0 if self.pickup_quarter > 0 else 1
        return np.arange(first, first + len(self.bar_lines()) - 1)

    def transpose(self, semitones):
        """Return the Score moved by `semitones`; the key signature follows, spelt with at most six accidentals."""
        notes = self.notes.copy()
        notes["pitch"] += semitones
        keys = tuple((onset, (sharps + 7 * semitones + 5) % 12 - 5, mode) for onset, sharps, mode in self.keys)
        return self.with_(notes=notes, keys=keys)

    def quantise(self, steps_per_quarter=4):
        """Return the Score with onsets and ends moved to the nearest grid step; no note gets shorter than one step.

        What lies half-way between two steps moves to the later one, so that equal lengths stay equal.
        """
        if not steps_per_quarter > 0:
            raise ParameterError(f"steps_per_quarter: expected a positive number, received {steps_per_quarter!r}.")
        notes = self.notes.copy()
        ends = np.floor((notes["onset_quarter"] + notes["duration_quarter"]) * steps_per_quarter + 0.5)
        starts = np.floor(notes["onset_quarter"] * steps_per_quarter + 0.5)
        notes["onset_quarter"] = starts / steps_per_quarter
        notes["duration_quarter"] = np.maximum(ends - starts, 1) / steps_per_quarter
        return self.with_(notes=notes)

    def bars(self, first, last):
        """Return bars `first` to `last` (printed numbers, both included) as a Score that starts at 0.

        Notes that sound across the cut are shortened to it.

        Raises
        ------
        ParameterError
            If no such bars are in the Score.
        """
        numbers, lines = self.bar_numbers(), self.bar_lines()
        inside = np.flatnonzero((numbers >= first) & (numbers <= last))
        if not len(inside):
            raise ParameterError(f"bars: expected bars between {numbers[0]} and {numbers[-1]}, received {first}–{last}.")
        start, end = lines[inside[0]], lines[inside[-1] + 1]
        pickup = self.pickup_quarter if inside[0] == 0 else 0.0
        return self._between(start, end, pickup)

    def between(self, start, end):
        """Return what sounds from `start` to `end`, in quarter notes, as a Score that starts at 0, where a bar opens.

        Notes that sound across the cut are shortened to it.

        Raises
        ------
        ParameterError
            If `end` is not after `start`, or `start` is negative.
        """
        if not 0 <= start < end:
            raise ParameterError(f"start: expected 0 or later, and before the end; received {start} and {end}.")
        return self._between(start, end, 0.0)

    def _between(self, start, end, pickup):
        onset = np.maximum(self.notes["onset_quarter"], start)
        stop = np.minimum(self.notes["onset_quarter"] + self.notes["duration_quarter"], end)
        notes = self.notes[stop > onset + 1e-9].copy()
        notes["duration_quarter"] = (stop - onset)[stop > onset + 1e-9]
        notes["onset_quarter"] = onset[stop > onset + 1e-9] - start
        moved = {name: _changes_between(getattr(self, name), start, end) for name in ("tempos", "meters", "keys")}
        return self.with_(notes=notes, pickup_quarter=pickup, **moved)


def _changes_between(changes, start, end):
    """The tempo, meter or key changes of [start, end), moved so that the one in force at `start` stands at 0."""
    before = [c for c in changes if c[0] <= start + 1e-9][-1:]
    inside = [c for c in changes if start + 1e-9 < c[0] < end - 1e-9]
    return tuple((0.0, *c[1:]) for c in before) + tuple((c[0] - start, *c[1:]) for c in inside)


def _check_notes(notes):
    onset, duration = notes["onset_quarter"], notes["duration_quarter"]
    checks = (
        ("pitch", (notes["pitch"] < 0) | (notes["pitch"] > 127), "MIDI numbers from 0 to 127"),
        ("velocity", (notes["velocity"] < 1) | (notes["velocity"] > 127), "1 to 127"),
        ("voice", notes["voice"] < 0, "numbers from 0"),
        ("onset_quarter", ~(np.isfinite(onset) & (onset >= 0)), "numbers of quarter notes from 0"),
        ("duration_quarter", ~(np.isfinite(duration) & (duration > 0)), "positive numbers of quarter notes"),
    )
    for name, wrong, expected in checks:
        if wrong.any():
            index = int(np.flatnonzero(wrong)[0])
            raise ParameterError(f"notes: {name} expects {expected}, received {notes[name][index]} in note {index}.")


def _without_tail(values, empty):
    values = list(values)
    while values and values[-1] == empty:
        values.pop()
    return tuple(values)


def _check_frame(score):
    """Raise if a tempo, meter, key, upbeat or program is none, or changes are out of order."""
    checks = (
        ("tempos", 2, lambda tempo: 0 < tempo < np.inf, "positive quarters a minute"),
        ("meters", 3, lambda beats, unit: beats >= 1 and unit in (1, 2, 4, 8, 16, 32), "beats ≥ 1 over 1, 2, 4, 8, 16 or 32"),
        ("keys", 3, lambda sharps, mode: abs(sharps) <= 7 and mode in ("major", "minor"), "-7 to 7 sharps, major or minor"),
    )
    for name, width, is_right, expected in checks:
        changes = getattr(score, name)
        if not all(len(change) == width and is_right(*change[1:]) for change in changes):
            raise ParameterError(f"{name}: expected an onset and {expected}, received {changes!r}.")
        onsets = [change[0] for change in changes]
        in_order = all(before < after for before, after in pairwise(onsets)) and all(0 <= onset < np.inf for onset in onsets)
        if not in_order or (name != "keys" and onsets[:1] != [0]):
            raise ParameterError(f"{name}: expected changes in the order of time, the first at 0, received {changes!r}.")
    if not 0 <= score.pickup_quarter < np.inf:
        raise ParameterError(f"pickup_quarter: expected a length from 0, received {score.pickup_quarter!r}.")
    if not all(0 <= program <= PERCUSSION for program in score.programs):
        raise ParameterError(f"programs: expected 0 to 127, or {PERCUSSION} for drums, received {score.programs!r}.")
