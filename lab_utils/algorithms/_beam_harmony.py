"""Harmonise: three voices under any soprano, by the chorale network and a restricted beam search.

Conventions
-----------
* The soprano is pinned: in every frame its token is given, and its likelihood counts, so that harmonies are judged by the soprano
  notes that come after them. What is searched for is the likeliest p(soprano, alto, tenor, bass).
* Hard constraints: the given soprano, the ranges of the voices, no crossing, voices that sound together, first and last chord in
  the key (:mod:`lab_utils.algorithms._beam_key`), and if asked for a grid of 16ths on which the lower voices move. How far ahead
  each of them is seen: :mod:`lab_utils.generation.voices`.
* A soprano is read on the grid of 16ths; of a Score it is the line on top (see :mod:`lab_utils.recipes._cyclegan_lines`). A line
  that lies outside the sopranos of the chorales is moved by whole octaves, and the harmony stands where it was moved to.
* Meter and upbeat are the Score's, in bars of twelve or sixteen 16ths; in others places are counted modulo 16.
* Fermatas are told to the network where they are known: in a Chorale of the data set.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.algorithms import _beam_key
from lab_utils.algorithms._beam_models import ALPHABET, VOICES, chorale_logits, chorale_model, first_state, take
from lab_utils.encoding import chorale as encoding
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation import constraints, voices
from lab_utils.generation.beam import beam_search
from lab_utils.score import Score

RANGES = ((57, 81), (53, 74), (48, 69), (36, 64))  # of the training fold: soprano, alto, tenor, bass
LONGEST = 4096  # frames
BEAMS = 16


@dataclass(frozen=True, eq=False)
class Melody:
    """A soprano as it is harmonised.

    Parameters
    ----------
    line : np.ndarray of int16, shape (T,)
        MIDI pitch in each 16th, −1 for a rest.
    onsets : np.ndarray of bool, shape (T,)
    position, phrase : np.ndarray of int32, shape (T,)
    meter : (beats, beat_unit)
    pickup_steps : int
    key : (sharps, mode) or None
    tempo : float
    title : str
    moved : int
        Semitones by which the line was moved into the range of sopranos.
    """

    line: np.ndarray
    onsets: np.ndarray
    position: np.ndarray
    phrase: np.ndarray
    meter: tuple = (4, 4)
    pickup_steps: int = 0
    key: tuple | None = None
    tempo: float = 76.0
    title: str = ""
    moved: int = 0

    def tokens(self, *, onsets=True):
        """Return the tokens, int32 (T,); without `onsets` a repeated note is a long one."""
        starts = self.onsets[:, None] if onsets else None
        return encoding.tokens_from_checked(self.line[:, None], starts)[:, 0]


@dataclass(frozen=True, eq=False)
class Harmony:
    """Four voices that a search wrote.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (T, 4)
    score : Score
    log_probability : float
        Nats, of all four voices.
    melody : Melody
    calls, expanded : int
        How often the network was asked, and for how many rows.
    """

    tokens: np.ndarray
    score: Score
    log_probability: float
    melody: Melody
    calls: int
    expanded: int

    @property
    def nats(self):
        """Mean nats a voice and 16th, the unit of the chorale recipe's ``nll``; lower is likelier."""
        return -self.log_probability / self.tokens.size


def read_soprano(soprano, *, onsets=None, name="soprano"):
    """Return the :class:`Melody` of a soprano.

    Parameters
    ----------
    soprano : Score, Chorale or array_like of int, shape (T,) or (T, 4)
        Of a Score the line on top; of four voices the first.
    onsets : array_like of bool, shape like the array, optional
        Left out, a note starts wherever the pitch changes.
    name : str
        What to call it in an error.
    """
    if isinstance(soprano, Score):
        return _of_score(soprano, name)
    if hasattr(soprano, "fermatas"):
        position = encoding.positions(len(soprano.grid), meter=soprano.meter, pickup_steps=soprano.pickup_steps)
        return Melody(
            soprano.grid[:, 0], soprano.onsets[:, 0], position, encoding.phrases(soprano.fermatas), soprano.meter,
            soprano.pickup_steps, soprano.key, title=soprano.title or soprano.name,
        )  # fmt: skip
    line, starts = (None if values is None else np.asarray(values) for values in (soprano, onsets))
    if line.ndim == 2 and line.shape[1] == VOICES:
        line, starts = line[:, 0], None if starts is None else starts[:, 0]
    if line.ndim != 1 or not len(line) or line.dtype.kind not in "iuf":
        raise ParameterError(f"{name}: expected a Score, or MIDI pitches (steps,), −1 for a rest; received shape {line.shape}.")
    if starts is not None and starts.shape != line.shape:
        raise ParameterError(f"onsets: expected shape {line.shape} like the {name}, received {starts.shape}.")
    changes = (line != np.append(encoding.SILENT - 1, line[:-1])) & (line != encoding.SILENT)
    starts = changes if starts is None else changes | (starts.astype(bool) & (line != encoding.SILENT))
    return _fitted(line, starts, name=name)


def _of_score(score, name):
    from lab_utils.recipes import _cyclegan_lines

    found = _cyclegan_lines.cut(score, name=name)
    steps = len(found.line) if (found.line >= 0).any() else 0
    last = int(np.flatnonzero(found.line >= 0)[-1]) + 1 if steps else 0
    pickup = round(score.pickup_quarter * encoding.STEPS_PER_QUARTER)
    return _fitted(
        found.line[:last], found.onsets[:last], name=name, meter=score.meter, pickup_steps=pickup, key=score.key,
        tempo=score.tempo, title=score.title,
    )  # fmt: skip


def _fitted(line, onsets, *, name, meter=(4, 4), pickup_steps=0, **rest):
    """The Melody of a line, moved by octaves to where sopranos lie."""
    sounds = line[line != encoding.SILENT]
    if not len(sounds):
        raise ParameterError(f"{name}: expected at least one note, received rests alone.")
    if len(line) > LONGEST:
        raise ParameterError(f"{name}: expected up to {LONGEST} 16ths, received {len(line)}; take some bars of it.")
    low, high = RANGES[0]
    outside = {12 * by: ((sounds + 12 * by < low) | (sounds + 12 * by > high)).sum() for by in range(-6, 7)}
    moved = min(outside, key=lambda by: (outside[by], abs(by)))
    line = np.where(line == encoding.SILENT, line, line + moved)
    if sounds.min() + moved < RANGES[1][0] or sounds.max() + moved > encoding.HIGHEST:
        raise ParameterError(
            f"{name}: expected notes from {RANGES[1][0]} to {encoding.HIGHEST} when moved by octaves, received {sounds.min()} to "
            f"{sounds.max()}; choose a narrower line."
        )
    position = encoding.positions(len(line), meter=meter, pickup_steps=pickup_steps)
    phrase = np.zeros(len(line), np.int32)
    return Melody(line.astype(np.int16), onsets, position, phrase, meter, pickup_steps, moved=moved, **rest)


def constraints_of(
    melody, *, repeats=True, ranges=RANGES, grid=1, key=None, price=_beam_key.PRICE, pins=None, extra=()
):  # fmt: skip
    """Return the constraints of a harmonisation, a list; the parameters are those of :func:`harmonise`."""
    frames = len(melody.line)
    found = [
        voices.given_voice(ALPHABET, melody.tokens(onsets=repeats), name="soprano"),
        voices.voice_ranges(ALPHABET, (None, *ranges[1:]), frames),
        voices.VoiceSpelling(ALPHABET, repeats=repeats),
        voices.Together(ALPHABET),
        voices.NoCrossing(ALPHABET),
    ]
    if grid > 1:
        place = (np.arange(frames) - melody.pickup_steps) % grid
        moves = ((place == 0) | (np.arange(frames) == 0))[:, None] | ALPHABET.holds
        found.append(voices.voice_masks(ALPHABET, [None, moves, moves, moves], frames, name=f"grid of {grid} 16ths"))
    found += _beam_key.bounds(melody, _beam_key.key_of(melody, key), ranges=ranges, price=price, pins=pins)
    if pins:
        found.append(constraints.pins(ALPHABET, {frame * VOICES + voice: pitch for (frame, voice), pitch in pins.items()}))
    return [*found, *extra]


def harmonise(
    soprano, *, run="chorale", onsets=None, beams=BEAMS, ranges=RANGES, grid=1, key=None, price=_beam_key.PRICE, pins=None,
    extra=(), count=1, temperature=1.0, sampled=False, seed=0, title=None, name="soprano",
):  # fmt: skip
    """Return the likeliest alto, tenor and bass under a soprano that a beam finds.

    Parameters
    ----------
    soprano : Score, Chorale, Melody or array_like of int, shape (T,) or (T, 4)
        In 16ths, −1 for a rest; of a Score the line on top.
    run : str or Path
        A run of the chorale recipe, or "chorale", "jsb16".
    onsets : array_like of bool, optional
        Of an array: where notes start.
    beams : int
        Hypotheses.
    ranges : four pairs of int
        Lowest and highest MIDI pitch of soprano (which is given, and not tested), alto, tenor and bass.
    grid : int
        The lower voices start notes at multiples of so many 16ths of the bar.
    key : (sharps, mode), "free" or None
        To which the first and the last chord keep, and at a price the notes between; None for the soprano's own, or the one that
        it seems to be in.
    price : float
        Nats that each note foreign to the key costs; infinite forbids them.
    pins : dict of (frame, voice) to int, optional
        MIDI pitches that start there; voices 1, 2, 3 are alto, tenor, bass.
    extra : sequence
        More constraints, on the four voices in turn.
    count : int
        How many harmonies, the likeliest first.
    temperature, sampled, seed
        As in :func:`lab_utils.generation.beam.beam_search`.
    title : str, optional
        Of the Scores.

    Returns
    -------
    Harmony, or a list of them if `count` is over 1

    Raises
    ------
    ParameterError
        A line that no choir can sing, an option out of its range, constraints that cannot be met.
    """
    melody = soprano if isinstance(soprano, Melody) else read_soprano(soprano, onsets=onsets, name=name)
    grid = check_whole("grid", grid, 1, 16)
    model = chorale_model(run)[0]
    bounds = constraints_of(melody, repeats=model.onsets, ranges=ranges, grid=grid, key=key, price=price, pins=pins, extra=extra)
    next_logits = chorale_logits(run, melody.tokens(onsets=model.onsets), melody.position, melody.phrase)
    found = beam_search(
        next_logits, VOICES * len(melody.line), beams=beams, constraints=bounds, state=first_state(), take=take, count=count,
        temperature=temperature, sampled=sampled, seed=seed,
    )  # fmt: skip
    made = [
        _harmony(tokens.reshape(-1, VOICES), float(value), melody, found, title)
        for tokens, value in zip(found.tokens, found.log_probability, strict=True)
    ]
    return made[0] if count == 1 else made


def _harmony(tokens, log_probability, melody, found, title):
    grid, starts = encoding.grid_from_tokens(tokens)
    score = encoding.score_from_chorale(
        grid, starts, tempo=melody.tempo, meter=melody.meter, pickup_steps=melody.pickup_steps, key=melody.key,
        title=title if title is not None else melody.title, program=52,
    )  # fmt: skip
    return Harmony(tokens, score, log_probability, melody, found.calls, found.expanded)
