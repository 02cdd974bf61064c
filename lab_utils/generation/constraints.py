"""Hard constraints: what a sequence of tokens must be, as masks for any search.

Hard constraints
----------------
An object with a ``name`` and ``allowed(prefixes, step) -> bool (B, V)``: which tokens may stand at `step` after `prefixes` (B,
step). Three kinds are transparent, so that :mod:`lab_utils.generation.lookahead` can see where they lead to, and no search runs
into a dead end because of them:

* :class:`Mask`: each step for itself. :func:`in_key`, :func:`in_range`, :func:`pins`, :func:`rhythm`, :func:`metre`,
  :func:`cadence`, :func:`given`.
* :class:`Automaton`: a finite automaton that reads the tokens. :func:`spelling`, :func:`largest_leap`, :func:`note_lengths`.
* :class:`Tie`: a step repeats an earlier one, moved by a number of semitones. :func:`motif`.

Any other object with the two may join them; then nothing is known of it ahead. :mod:`lab_utils.generation.voices` has such ones
for several voices in turn.

Soft constraints
----------------
Scores, never masks: :mod:`lab_utils.generation.wishes`.

Conventions
-----------
* Steps count from 0, the first token of a sequence, whether it is given or written.
* An :class:`Alphabet` says what tokens mean: a note of some pitch starts, a rest starts, or what sounds goes on (hold).
* What sounds in a step is the last token that was no hold. Pitches are MIDI numbers, lengths are steps.
* B rows (hypotheses), V tokens, T steps, S states of an automaton.

Left out: chords, and constraints that count over a whole piece. Used by the notebook ``13_restricted_beam_search``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import key_name

RESTS, HOLDS = -1, -2
MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 9, 10, 11)  # natural, and the sixth and seventh raised as the melodic and harmonic minor have them


@dataclass(frozen=True)
class Alphabet:
    """What the tokens of a step mean.

    Parameters
    ----------
    pitches : tuple of int, length V
        The MIDI pitch that starts, −1 for a rest, −2 for a hold.
    """

    pitches: tuple

    @classmethod
    def of_steps(cls, lowest, highest):
        """Return the alphabet hold, rest, then each pitch from `lowest` to `highest`: the package's tokens of 16th steps."""
        return cls((HOLDS, RESTS, *range(lowest, highest + 1)))

    @property
    def size(self):
        """How many tokens there are, V."""
        return len(self.pitches)

    @cached_property
    def array(self):
        """`pitches` as int64, shape (V,)."""
        return np.array(self.pitches)

    @cached_property
    def starts(self):
        """Which tokens start a note, bool (V,)."""
        return self.array >= 0

    @cached_property
    def holds(self):
        """Which tokens hold, bool (V,)."""
        return self.array == HOLDS

    def token(self, pitch):
        """Return the token of a MIDI pitch, of :data:`RESTS` or of :data:`HOLDS`."""
        if pitch not in self.pitches:
            known = self.array[self.starts]
            raise ParameterError(f"pitch: expected one from {known.min()} to {known.max()}, received {pitch!r}; move the line.")
        return self.pitches.index(pitch)

    def sounding(self, prefixes):
        """Return the last token of each row that was no hold, int64 (B,); −1 where there was none.

        Parameters
        ----------
        prefixes : np.ndarray of int, shape (B, t)
        """
        prefixes = np.asarray(prefixes)
        if not prefixes.shape[1]:
            return np.full(len(prefixes), -1)
        moves = ~self.holds[prefixes]
        last = prefixes.shape[1] - 1 - np.argmax(moves[:, ::-1], axis=1)
        return np.where(moves.any(axis=1), prefixes[np.arange(len(prefixes)), last], -1)


# ------------------------------------------------------------------------------------------------ the three transparent kinds


@dataclass(frozen=True, eq=False)
class Mask:
    """Each step for itself.

    Parameters
    ----------
    name : str
    tokens : np.ndarray of bool, shape (V,) for every step or (T, V)
        Beyond the last step that it knows, it allows everything.
    """

    name: str
    tokens: np.ndarray

    def at(self, step):
        """Return what `step` allows, bool (V,)."""
        if self.tokens.ndim == 1:
            return self.tokens
        return self.tokens[step] if step < len(self.tokens) else np.ones(self.tokens.shape[1], bool)

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        return np.broadcast_to(self.at(step), (len(prefixes), self.tokens.shape[-1]))


@dataclass(frozen=True, eq=False)
class Automaton:
    """A deterministic finite automaton over the tokens.

    Parameters
    ----------
    name : str
    table : np.ndarray of int, shape (S, V)
        The state after each token; −1 where the token may not be.
    start : int
    final : np.ndarray of bool, shape (S,), optional
        In which states a sequence may end; all if left out.
    """

    name: str
    table: np.ndarray
    start: int = 0
    final: np.ndarray | None = None

    def run(self, prefixes):
        """Return the state after each row of `prefixes` (B, t), int (B,); −1 once a token was forbidden."""
        state = np.full(len(prefixes), self.start)
        for column in np.asarray(prefixes).T:
            state = np.where(state >= 0, self.table[state, column], -1)
        return state

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        state = self.run(prefixes)
        return (self.table[state] >= 0) & (state >= 0)[:, None]


@dataclass(frozen=True, eq=False)
class Tie:
    """Steps that repeat earlier ones.

    Parameters
    ----------
    name : str
    source, target : np.ndarray of int, shape (n,)
        Step ``target[i]`` repeats step ``source[i]``, which lies before it.
    mapping : np.ndarray of int, shape (V,)
        The token that repeats each token; −1 where none can. No two tokens are repeated by the same one.
    """

    name: str
    source: np.ndarray
    target: np.ndarray
    mapping: np.ndarray

    def __post_init__(self):
        mapped = self.mapping[self.mapping >= 0]
        if len(np.unique(mapped)) < len(mapped) or (np.asarray(self.source) >= np.asarray(self.target)).any():
            raise ParameterError(f"{self.name}: expected each step to repeat an earlier one, each token by one of its own.")

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        prefixes = np.asarray(prefixes)
        fits = np.ones((len(prefixes), len(self.mapping)), bool)
        for source in np.asarray(self.source)[np.asarray(self.target) == step]:
            fits &= np.arange(len(self.mapping)) == self.mapping[prefixes[:, source]][:, None]
        return fits


# ------------------------------------------------------------------------------------------------ masks


def in_key(alphabet, sharps, mode="major"):
    """Return the Mask of notes that belong to a key.

    Parameters
    ----------
    alphabet : Alphabet
    sharps : int
        −7 (flats) to 7.
    mode : {"major", "minor"}
        In minor the raised sixth and seventh degrees belong too.
    """
    if mode not in ("major", "minor") or not -7 <= sharps <= 7:
        raise ParameterError(f"key: expected −7 to 7 sharps, major or minor; received {(sharps, mode)!r}.")
    tonic = (7 * sharps + (0 if mode == "major" else 9)) % 12
    fits = np.isin((alphabet.array - tonic) % 12, MAJOR if mode == "major" else MINOR)
    return Mask(f"key of {key_name(sharps, mode)}", fits | ~alphabet.starts)


def in_range(alphabet, low, high):
    """Return the Mask of notes from MIDI pitch `low` to `high`, both included."""
    if not low <= high:
        raise ParameterError(f"range: expected its lower end first, received {low} to {high}.")
    fits = (alphabet.array >= low) & (alphabet.array <= high)
    return Mask(f"range {low} to {high}", fits | ~alphabet.starts)


def given(alphabet, tokens, *, name="given steps"):
    """Return the Mask that fixes whole tokens.

    Parameters
    ----------
    alphabet : Alphabet
    tokens : dict of int to int or iterable of int
        Step → token, or the tokens of which one must stand there.
    name : str
    """
    fits = np.ones((max(tokens, default=0) + 1, alphabet.size), bool)
    for step, choice in tokens.items():
        choice = np.atleast_1d(np.asarray(choice, dtype=np.int64))
        if step < 0 or not len(choice) or choice.min() < 0 or choice.max() >= alphabet.size:
            raise ParameterError(
                f"{name}: expected tokens 0 to {alphabet.size - 1} at steps from 0, received {choice} at {step}."
            )
        fits[step] = np.isin(np.arange(alphabet.size), choice)
    return Mask(name, fits)


def pins(alphabet, notes, *, name="pins"):
    """Return the Mask of pinned notes.

    Parameters
    ----------
    alphabet : Alphabet
    notes : dict of int to int or (int, int)
        Step → MIDI pitch of the note that starts there (−1: a rest), or (pitch, length): then it is held for so many steps.
    name : str

    Raises
    ------
    ParameterError
        A pitch that the alphabet has not, a step under 0, a length under 1, or a note that starts while another is pinned down.
    """
    tokens, owner = {}, {}
    for step, note in sorted(notes.items()):
        pitch, length = note if isinstance(note, tuple | list) else (note, 1)
        if length < 1 or step < 0:
            raise ParameterError(f"{name}: expected steps from 0 and lengths from 1, received {note!r} at step {step}.")
        for later in range(step, step + length):
            if later in owner:
                raise ParameterError(
                    f"{name}: the notes at step {owner[later]} and step {step} meet at step {later}; shorten one."
                )
            owner[later], tokens[later] = step, alphabet.token(pitch if later == step else HOLDS)
    return given(alphabet, tokens, name=name)


def rhythm(alphabet, onsets, *, rests=False):
    """Return the Mask of a rhythm.

    Parameters
    ----------
    alphabet : Alphabet
    onsets : array_like of bool, shape (T,)
        Where a note starts; elsewhere what sounds is held.
    rests : bool
        Whether a rest may start in the place of a note.
    """
    onsets = np.asarray(onsets, dtype=bool)
    if onsets.ndim != 1 or not len(onsets):
        raise ParameterError(f"onsets: expected one row of truth values, shape (steps,), received shape {onsets.shape}.")
    moves = ~alphabet.holds if rests else alphabet.starts
    return Mask("rhythm", np.where(onsets[:, None], moves, alphabet.holds))


def metre(alphabet, steps, *, bar=16, pickup=0, grid=1, over_bar_lines=True):
    """Return the Mask of bars of a fixed length.

    Parameters
    ----------
    alphabet : Alphabet
    steps : int
        T.
    bar, pickup : int
        Steps of a bar, and of the upbeat before the first.
    grid : int
        Notes and rests start at multiples of so many steps of the bar only.
    over_bar_lines : bool
        False: each bar, and the piece, opens with a note or a rest of its own, none is held over.
    """
    if min(steps, bar, grid) < 1 or pickup < 0:
        raise ParameterError(f"metre: expected lengths of at least 1 step, received bar {bar}, grid {grid}, {steps} steps.")
    place = (np.arange(steps) - pickup) % bar
    fits = np.where((place % grid == 0)[:, None], True, alphabet.holds)
    if not over_bar_lines:
        opens = (place == 0) | (np.arange(steps) == 0)
        fits = np.where(opens[:, None], ~alphabet.holds, fits)
    return Mask("metre", fits)


def cadence(alphabet, steps, pitch_classes, *, length=4):
    """Return the Mask of an ending: the last `length` of `steps` steps are one note, of one of these pitch classes (C is 0)."""
    if not 1 <= length <= steps:
        raise ParameterError(f"cadence: expected a length from 1 to {steps} steps, received {length}.")
    fits = np.ones((steps, alphabet.size), bool)
    fits[steps - length] = alphabet.starts & np.isin(alphabet.array % 12, np.asarray(pitch_classes) % 12)
    fits[steps - length + 1 :] = alphabet.holds
    return Mask("cadence", fits)


# ------------------------------------------------------------------------------------------------ automata and ties


def spelling(alphabet, *, repeats=True):
    """Return the Automaton of what can be written: nothing is held before something sounds, and no rest follows a rest.

    Parameters
    ----------
    alphabet : Alphabet
    repeats : bool
        False: a pitch that sounds is not started anew, it is held.
    """
    size = alphabet.size
    table = np.tile(np.arange(size), (size + 1, 1))  # the state is the token that sounds; the last: nothing yet
    table[:, alphabet.holds] = np.arange(size + 1)[:, None]
    table[size, alphabet.holds] = -1
    again = np.arange(size)[~alphabet.holds if not repeats else alphabet.array == RESTS]
    table[again, again] = -1
    return Automaton("spelling", table, start=size)


def largest_leap(alphabet, semitones):
    """Return the Automaton of melodies whose notes are at most `semitones` from the one before; rests are passed over."""
    if semitones < 0:
        raise ParameterError(f"semitones: expected 0 or more, received {semitones!r}.")
    size, pitch = alphabet.size, alphabet.array
    table = np.tile(np.arange(size + 1)[:, None], (1, size))  # the state is the last note; the last: none yet
    near = np.abs(pitch[:, None] - pitch[None, :]) <= semitones
    table[:size, alphabet.starts] = np.where(near, np.arange(size)[None, :], -1)[:, alphabet.starts]
    table[size, alphabet.starts] = np.arange(size)[alphabet.starts]
    return Automaton(f"leaps up to {semitones}", table, start=size)


def note_lengths(alphabet, lengths):
    """Return the Automaton of notes that last one of these numbers of steps; rests and the end may come when a note may end."""
    lengths = sorted({int(length) for length in lengths})
    if not lengths or lengths[0] < 1:
        raise ParameterError(f"lengths: expected whole numbers of steps from 1, received {lengths!r}.")
    longest = lengths[-1]  # states: 0 silence, n a note that has sounded for n steps
    ends = np.isin(np.arange(longest + 1), [0, *lengths])
    table = np.full((longest + 1, alphabet.size), -1)
    table[np.ix_(ends, alphabet.starts)] = 1
    table[np.ix_(ends, alphabet.array == RESTS)] = 0
    table[:longest, alphabet.holds] = np.arange(1, longest + 1)[:, None]
    table[0, alphabet.holds] = 0
    return Automaton(f"lengths {', '.join(map(str, lengths))}", table, final=ends)


def motif(alphabet, start, length, at, *, semitones=0):
    """Return the constraints of a motif that comes again, a list of a Tie and of a Mask: its steps open with no hold.

    Parameters
    ----------
    alphabet : Alphabet
    start, length : int
        The motif: `length` steps from `start` on.
    at : int
        Where it is repeated; not before its end.
    semitones : int
        By how much it is moved.
    """
    if length < 1 or start < 0 or at < start + length:
        raise ParameterError(f"motif: expected a repetition after its end, received {length} steps from {start} again at {at}.")
    moved = {pitch: token for token, pitch in enumerate(alphabet.pitches)}
    mapping = np.array([moved.get(pitch + semitones if pitch >= 0 else pitch, -1) for pitch in alphabet.pitches])
    name = f"motif of step {start} at {at}" + (f" moved by {semitones}" if semitones else "")
    steps = np.arange(length)
    opens = {step: np.flatnonzero(~alphabet.holds) for step in (start, at)}
    return [Tie(name, start + steps, at + steps, mapping), given(alphabet, opens, name=f"opening of the {name}")]
