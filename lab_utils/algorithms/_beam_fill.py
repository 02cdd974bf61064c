"""Fill: pin some notes of a melody, and the soprano network writes the rest, within constraints, by a restricted beam search.

Steps are 16ths in bars of 16, the pitches MIDI numbers. The network knows no repeated notes where it was trained on the
benchmark, as the shipped ``soprano`` was; there a pitch that sounds cannot start again.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.algorithms._beam_models import ALPHABET, first_state, melody_logits, melody_model, take
from lab_utils.encoding import chorale as encoding
from lab_utils.encoding import melody
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation import constraints
from lab_utils.generation.beam import beam_search
from lab_utils.score import Score

RANGE = (57, 81)  # of the sopranos that the network was trained on
BAR = 16
STEPS = 64
LONGEST = 1024
FLUTE = 73  # General MIDI


@dataclass(frozen=True, eq=False)
class Filled:
    """A melody that a search wrote.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (T,)
    score : Score
    log_probability : float
        Nats.
    calls, expanded : int
        How often the network was asked, and for how many rows.
    """

    tokens: np.ndarray
    score: Score
    log_probability: float
    calls: int
    expanded: int

    @property
    def nats(self):
        """Mean nats a 16th; lower is likelier."""
        return -self.log_probability / len(self.tokens)

    @property
    def line(self):
        """MIDI pitch in each 16th, int16 (T,), −1 for a rest."""
        return melody.line_from_tokens(self.tokens)[0]

    @property
    def onsets(self):
        """Where notes start, bool (T,)."""
        return melody.line_from_tokens(self.tokens)[1]


def bounds(
    pins, *, steps=STEPS, repeats=False, key=None, low=RANGE[0], high=RANGE[1], grid=2, leap=None, motif=None, cadence=None,
    rests=False, rhythm=None, extra=(),
):  # fmt: skip
    """Return the constraints of a melody, a list; the parameters are those of :func:`fill`."""
    check_whole("steps", steps, 1, LONGEST)
    late = [step for step in pins if not 0 <= step < steps]
    if late:
        raise ParameterError(f"pins: expected steps from 0 to {steps - 1}, received {late[0]}; take it out, or more steps.")
    found = [constraints.spelling(ALPHABET, repeats=repeats), constraints.in_range(ALPHABET, low, high)]
    if pins:
        found.append(constraints.pins(ALPHABET, pins))
    if rhythm is not None:
        found.append(constraints.rhythm(ALPHABET, rhythm))
    elif grid > 1:
        found.append(constraints.metre(ALPHABET, steps, bar=BAR, grid=grid))
    if not rests:
        found.append(constraints.Mask("no rests", ALPHABET.array != constraints.RESTS))
    if key is not None:
        found.append(constraints.in_key(ALPHABET, *key))
    if leap is not None:
        found.append(constraints.largest_leap(ALPHABET, leap))
    if motif is not None:
        found.append(constraints.motif(ALPHABET, *motif[:3], semitones=motif[3] if len(motif) > 3 else 0))
    if cadence is not None:
        found.append(constraints.cadence(ALPHABET, steps, cadence, length=min(4, steps)))
    return [*found, *extra]


def fill(
    pins, *, steps=STEPS, run="soprano", beams=16, key=None, low=RANGE[0], high=RANGE[1], grid=2, leap=None, motif=None,
    cadence=None, rests=False, rhythm=None, extra=(), count=1, temperature=1.0, sampled=False, groups=1, diversity=0.0, seed=0,
    title="",
):  # fmt: skip
    """Return the likeliest melody that a beam finds round pinned notes.

    Parameters
    ----------
    pins : dict of int to int or (int, int)
        Step → MIDI pitch that starts there (−1: a rest), or (pitch, length in steps); may be empty.
    steps : int
        Length in 16ths.
    run : str or Path
        A melody network of 16th steps.
    beams : int
    key : (sharps, mode), optional
    low, high : int
        The range.
    grid : int
        Notes start at multiples of so many 16ths; 1 for any.
    leap : int, optional
        The largest interval in semitones.
    motif : (start, length, at) or (start, length, at, semitones), optional
        Steps that come again.
    cadence : sequence of int, optional
        Pitch classes of the last note, which then lasts a quarter.
    rests : bool
        Whether there may be any.
    rhythm : array_like of bool, shape (steps,), optional
        Where notes start, and nowhere else; in place of the grid.
    extra : sequence
        More constraints, hard or soft.
    count, temperature, sampled, groups, diversity, seed
        As in :func:`lab_utils.generation.beam.beam_search`.
    title : str

    Returns
    -------
    Filled, or a list of them if `count` is over 1

    Raises
    ------
    ParameterError
        Constraints that contradict each other, which are named; an option out of its range.
    """
    _, form, *_ = melody_model(run)
    chosen = bounds(
        pins, steps=steps, repeats=form.repeats, key=key, low=low, high=high, grid=grid, leap=leap, motif=motif,
        cadence=cadence, rests=rests, rhythm=rhythm, extra=extra,
    )  # fmt: skip
    found = beam_search(
        melody_logits(run, encoding.positions(steps)), steps, beams=beams, constraints=chosen, state=first_state(), take=take,
        count=count, temperature=temperature, sampled=sampled, groups=groups, diversity=diversity, seed=seed,
    )  # fmt: skip
    made = [
        Filled(tokens, score_of(tokens, title=title, key=key), float(value), found.calls, found.expanded)
        for tokens, value in zip(found.tokens, found.log_probability, strict=True)
    ]
    return made[0] if count == 1 else made


def score_of(tokens, *, title="", key=None):
    """Return the Score of a melody's tokens (T,)."""
    line, onsets = melody.line_from_tokens(tokens)
    if not onsets.any():
        raise ParameterError("pins: expected at least one note in the melody, received rests alone.")
    return melody.score_from_line(line, onsets, tempo=76.0, key=key, title=title, program=FLUTE)
