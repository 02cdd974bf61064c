"""From a rhythm to a tune: the restricted beam search over the folk-tune network, which writes the pitches on given onsets.

A rhythm settles what kind of symbol stands where: a note of this length, a bar line. So the search writes one symbol a slot, and
each constraint is a matter of slots:

* **rhythm**: a slot takes notes of its length, or its bar line.
* **key**: notes without an accidental; all tunes are written as if their tonic were C.
* **cadence**: the last note is the tonic.
* **motif**: in bars of the same letter of the form, notes that start at the same place have the same pitch, whatever their
  lengths; the last `free` steps of a bar are not held to it, so that a bar can lead elsewhere when it comes again.

The network is that of the recipe ``melody``, ``run="tunes"``.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lab_utils.algorithms._swarm_rhythms import TICKS
from lab_utils.algorithms._swarm_wish import lengths
from lab_utils.encoding import abc_symbols as sym
from lab_utils.errors import DataError, ParameterError
from lab_utils.generation import constraints as restrict

METER = "[M:4/4]"
LOWEST, HIGHEST = ("G", 3), ("C", 6)  # as written, with the tonic C
BEAMS = 16


@dataclass(frozen=True)
class Slot:
    """What stands at one place of the symbols: a note of `steps` steps from step `start` of `bar` on, or a bar line (0)."""

    bar: int
    start: int
    steps: int


def slots_of(mask, *, bar=16):
    """Return the slots of a rhythm, mask bool (bars · bar,), a list of Slot: its notes, and a bar line behind each bar.

    Raises
    ------
    ParameterError
        If a bar does not begin with a note: what is held over a bar line has no slot.
    """
    mask = np.asarray(mask, dtype=bool)
    if mask.ndim != 1 or not len(mask) or len(mask) % bar or not mask[::bar].all():
        raise ParameterError(f"mask: expected whole bars of {bar} steps, a note on the first of each, received {mask.shape}.")
    size, slots = lengths(mask[None])[0], []
    for number, first in enumerate(range(0, len(mask), bar)):
        notes = np.flatnonzero(mask[first : first + bar])
        slots += [Slot(number, int(start), int(size[first + start])) for start in notes] + [Slot(number, bar, 0)]
    return slots


@dataclass(frozen=True, eq=False)
class Symbols:
    """The symbols of a tune as the constraints need them.

    Parameters
    ----------
    names : tuple of str
        Of the vocabulary.
    """

    names: tuple

    @cached_property
    def notes(self):
        """((letter, octave), steps) of each symbol that is a note without accidental, within the range: a dict by number."""
        low, high = (_place(*end) for end in (LOWEST, HIGHEST))
        found = {}
        for number, name in enumerate(self.names):
            if sym.kind(name) == "note" and sym.note_of(name)[2] is None and sym.ticks(name) % TICKS == 0:
                letter, octave, _, _ = sym.note_of(name)
                if low <= _place(letter, octave) <= high:
                    found[number] = ((letter, octave), sym.ticks(name) // TICKS)
        return found

    def number(self, name):
        """The number of a symbol."""
        if name not in self.names:
            raise DataError(f"run: its network does not know {name!r}; take the shipped 'tunes'.")
        return self.names.index(name)

    def of_length(self, steps):
        """Which symbols are notes of so many steps, bool (V,)."""
        return np.array([number in self.notes and self.notes[number][1] == steps for number in range(len(self.names))])

    def lengthened(self, before, after):
        """The number of the note of the same pitch with `after` steps, for each with `before`; −1 for all others, int (V,)."""
        by_pitch = {pitch: number for number, (pitch, steps) in self.notes.items() if steps == after}
        pairs = {number: by_pitch.get(pitch, -1) for number, (pitch, steps) in self.notes.items() if steps == before}
        return np.array([pairs.get(number, -1) for number in range(len(self.names))])


def _place(letter, octave):
    return 7 * octave + sym.LETTERS.index(letter)


def constraints_of(slots, form, symbols, *, head, free=4, bar=16):
    """Return the constraints of a tune on these slots, a list.

    Parameters
    ----------
    slots : list of Slot
    form : str
        A letter a bar.
    symbols : Symbols
    head : int
        How many symbols stand before the first slot.
    free : int
        Steps at the end of a bar that need not repeat.
    bar : int
        Steps in a bar.
    """
    size, last = len(symbols.names), slots[-1].bar
    rhythm = np.ones((head + len(slots), size), dtype=bool)
    for at, slot in enumerate(slots, start=head):
        if slot.steps:
            rhythm[at] = symbols.of_length(slot.steps)
        else:
            rhythm[at] = np.arange(size) == symbols.number("|]" if slot.bar == last else "|")
        if not rhythm[at].any():
            raise ParameterError(f"mask: has a note of {slot.steps} steps, for which the network has no sign; use other lengths.")
    tonic = np.ones_like(rhythm)
    tonic[head + len(slots) - 2] = [number in symbols.notes and symbols.notes[number][0][0] == "C" for number in range(size)]
    return [restrict.Mask("rhythm", rhythm), restrict.Mask("cadence", tonic), *_motifs(slots, form, symbols, head, bar - free)]


def _motifs(slots, form, symbols, head, until):
    """Ties of the notes of each bar to those that start at the same place in the first bar of its letter."""
    at = {(slot.bar, slot.start): number for number, slot in enumerate(slots) if slot.steps}
    ties = []
    for bar, letter in enumerate(form):
        first = form.index(letter)
        shared = [start for start in range(until) if first < bar and (first, start) in at and (bar, start) in at]
        by_lengths = {}
        for start in shared:
            source, target = at[first, start], at[bar, start]
            by_lengths.setdefault((slots[source].steps, slots[target].steps), []).append((head + source, head + target))
        for (before, after), pairs in sorted(by_lengths.items()):
            source, target = np.array(pairs).T
            ties.append(restrict.Tie(f"bar {bar + 1} as bar {first + 1}", source, target, symbols.lengthened(before, after)))
    return ties


@lru_cache(maxsize=4)
def symbols_of(form):
    """Return the Symbols of a melody recipe's Form."""
    if form.kind != "symbols":
        raise ParameterError("run: expected a network of tunes, such as 'tunes', received one of 16th steps.")
    return Symbols(form.symbols)
