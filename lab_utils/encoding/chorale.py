"""Four voices on a grid of 16ths, with or without onsets, as tokens and as the inputs of the chorale RNN.

Conventions
-----------
* A **grid** is int16, shape (T, 4): MIDI pitch of soprano, alto, tenor, bass in each 16th, :data:`SILENT` (−1) for a rest.
* **onsets** is bool, shape (T, 4): true where a note starts. Without it a repeated note cannot be told from a long one; the
  benchmark ``jsb16`` knows no onsets, and there an onset is taken wherever the pitch changes.
* **tokens** are int32, shape (T, 4), from a vocabulary of V = 66: :data:`HOLD` (what sounds goes on, a silence too),
  :data:`REST` (the voice falls silent), then one number for each pitch that may start, E1 to G6.
* A **sounding** number says what a voice is doing: 0 nothing yet, :data:`REST`, or the number of its pitch's token. So the
  token that a voice cannot choose is the one with its sounding number: before the start there is nothing to hold, a silent
  voice cannot fall silent, and without onsets a pitch that goes on is written HOLD.
* **held** counts the 16ths since the voice last changed.
* A **position** (int) is the place in the bar: 0–15 in bars of sixteen 16ths and wherever the meter is not known, 16–27 in
  bars of twelve.
* A **phrase** number (int) tells how many quarters are left to the next fermata: 0 not known, 1 at the fermata, up to 16.
* Left out: anything shorter than a 16th, chords within a voice, divided voices, text.

The notebook ``05_recurrent_networks`` uses it. The onset-aware grid follows Hadjeres, Pachet & Nielsen (DeepBach, 2017).
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

STEPS_PER_QUARTER = 4
VOICES = ("Soprano", "Alto", "Tenor", "Bass")
SILENT = -1
HOLD, REST, FIRST_PITCH = 0, 1, 2
LOWEST, HIGHEST = 28, 91  # E1 to G6: two tones and more beyond every voice, so that transposed pieces fit
VOCABULARY = FIRST_PITCH + HIGHEST - LOWEST + 1
LONGEST_HOLD = 31  # 16ths; a longer note says no more than that it is long
POSITIONS = 28
PHRASES = 17


def check_grid(grid, *, name="grid", voices=4):
    """Return `grid` as int16, shape (T, voices), or raise a :class:`ParameterError` that says what is wrong with it.

    Parameters
    ----------
    grid : array_like of int, shape (T, voices)
        MIDI pitch or −1 for a rest.
    name : str
        What to call it in the message.
    voices : int
        Four, or one for :mod:`lab_utils.encoding.melody`.
    """
    try:
        values = np.asarray(grid, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}: expected rows of four numbers [S, A, T, B], received rows of other lengths.") from None
    if values.ndim != 2 or values.shape[1] != voices or not len(values):
        raise ParameterError(f"{name}: expected shape (frames, {voices}), received {values.shape}; a frame is [S, A, T, B].")
    fits = ((values >= LOWEST) & (values <= HIGHEST)) | (values == SILENT)
    if not (fits & (values == np.round(values))).all():
        frame, voice = (int(i) for i in np.argwhere(~fits | (values != np.round(values)))[0])
        raise ParameterError(
            f"{name}: expected MIDI pitches {LOWEST}–{HIGHEST} or −1 for a rest, "
            f"received {values[frame, voice]:g} in frame {frame}, {VOICES[voice].lower()}."
        )
    return values.astype(np.int16)


def onsets_of_changes(grid):
    """Return the onsets of a grid that has none of its own: wherever a pitch follows another state.

    Parameters
    ----------
    grid : np.ndarray of int, shape (T, 4)

    Returns
    -------
    np.ndarray of bool, shape (T, 4)
    """
    before = np.vstack([np.full_like(grid[:1], SILENT - 1), grid[:-1]])
    return (grid != before) & (grid != SILENT)


def tokens_from_grid(grid, onsets=None):
    """Return the tokens of a grid.

    Parameters
    ----------
    grid : array_like of int, shape (T, 4)
    onsets : np.ndarray of bool, shape (T, 4), optional
        Left out, every change of pitch is an onset.

    Returns
    -------
    np.ndarray of int32, shape (T, 4)
    """
    return tokens_from_checked(check_grid(grid), onsets)


def tokens_from_checked(grid, onsets=None):
    """Return the tokens of a grid of any number of voices that :func:`check_grid` has seen."""
    starts = onsets_of_changes(grid)
    if onsets is not None:
        if np.shape(onsets) != grid.shape:
            raise ParameterError(f"onsets: expected shape {grid.shape} like the grid, received {np.shape(onsets)}.")
        starts = starts | (np.asarray(onsets, dtype=bool) & (grid != SILENT))
    falls_silent = np.vstack([grid[:1] == SILENT, (grid[1:] == SILENT) & (grid[:-1] != SILENT)])
    tokens = np.where(starts, grid.astype(np.int32) - LOWEST + FIRST_PITCH, HOLD)
    return np.where(falls_silent, REST, tokens).astype(np.int32)


def grid_from_tokens(tokens, *, voices=4):
    """Return (grid, onsets) of `tokens`: the inverse of :func:`tokens_from_grid`.

    Parameters
    ----------
    tokens : array_like of int, shape (T, voices)
    voices : int

    Returns
    -------
    grid : np.ndarray of int16, shape (T, 4)
    onsets : np.ndarray of bool, shape (T, 4)
    """
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or tokens.shape[1] != voices or not len(tokens):
        raise ParameterError(f"tokens: expected shape (steps, {voices}), received {tokens.shape}.")
    if tokens.min() < 0 or tokens.max() >= VOCABULARY:
        raise ParameterError(f"tokens: expected numbers 0–{VOCABULARY - 1}, received {tokens.min()} to {tokens.max()}.")
    sounding = sounding_from_tokens(tokens)
    if (sounding == 0).any():
        raise ParameterError("tokens: expected a pitch or a rest in the first step, received a hold of nothing.")
    grid = np.where(sounding == REST, SILENT, sounding - FIRST_PITCH + LOWEST)
    return grid.astype(np.int16), tokens >= FIRST_PITCH


def sounding_from_tokens(tokens):
    """Return what each voice is doing in each step, int32, shape (T, 4): the last token that was no hold.

    Parameters
    ----------
    tokens : np.ndarray of int, shape (T, 4)
    """
    steps = np.arange(len(tokens))[:, None]
    last = np.maximum.accumulate(np.where(tokens != HOLD, steps, -1), axis=0)  # (T, 4): where the voice last changed
    return np.where(last >= 0, np.take_along_axis(tokens, np.maximum(last, 0), axis=0), 0).astype(np.int32)


def inputs_from_tokens(tokens):
    """Return what the chorale RNN is shown for each step of `tokens`, besides position and phrase.

    Parameters
    ----------
    tokens : np.ndarray of int, shape (T, 4)

    Returns
    -------
    dict
        ``sounding`` and ``held``, int32, shape (T, 4), as they stood *before* the step; ``current``, int32, shape (T, 4),
        what sounds in the step, of which a voice is shown the voices above it only.
    """
    current = sounding_from_tokens(tokens)
    steps = np.arange(len(tokens))[:, None]
    last = np.maximum.accumulate(np.where(tokens != HOLD, steps, 0), axis=0)
    held = np.minimum(steps - last, LONGEST_HOLD)
    first = np.zeros((1, tokens.shape[1]), np.int32)
    return {
        "sounding": np.vstack([first, current[:-1]]).astype(np.int32),
        "held": np.vstack([first, held[:-1]]).astype(np.int32),
        "current": current,
    }


def positions(steps, *, meter=None, pickup_steps=0):
    """Return the place in the bar of each of `steps` 16ths, int32, shape (T,).

    Parameters
    ----------
    steps : int
    meter : (beats, beat_unit), optional
        Left out or of another length than twelve or sixteen 16ths, places are counted modulo 16.
    pickup_steps : int
        Length of the upbeat in 16ths; the first full bar starts after it.
    """
    beats, unit = meter or (4, 4)
    length = beats * 16 // unit
    place = np.arange(steps) - pickup_steps
    return (16 + place % 12 if length == 12 else place % 16).astype(np.int32)


def phrases(fermatas):
    """Return the quarters left to the next fermata in each step, as phrase numbers, int32, shape (T,).

    Parameters
    ----------
    fermatas : np.ndarray of bool, shape (T,)
        True while a note with a fermata sounds, or where it starts. All false: not known.
    """
    fermatas = np.asarray(fermatas, dtype=bool)
    if not fermatas.any():
        return np.zeros(len(fermatas), np.int32)
    steps = np.arange(len(fermatas))
    following = np.minimum.accumulate(np.where(fermatas, steps, 10**6)[::-1])[::-1]
    quarters = np.ceil((following - steps) / STEPS_PER_QUARTER)
    return (1 + np.minimum(quarters, PHRASES - 2)).astype(np.int32)


def transpose_sounding(numbers, semitones):
    """Return sounding or token numbers moved by `semitones`; holds and rests stay.

    Parameters
    ----------
    numbers : np.ndarray of int, shape (...)
    semitones : int
    """
    return np.where(numbers >= FIRST_PITCH, numbers + semitones, numbers)


def chorale_from_score(score):
    """Return (grid, onsets) of a Score of four voices.

    Parameters
    ----------
    score : Score
        Voices 0–3, each with one note at a time.

    Raises
    ------
    ParameterError
        If the Score is empty, has other than four voices, or two notes at once in a voice.
    """
    if not len(score):
        raise ParameterError("score: expected four voices, received a Score without notes.")
    if score.voices != (0, 1, 2, 3):
        raise ParameterError(f"score: expected four voices 0–3, received {len(score.voices)}: {score.voices}.")
    notes = score.quantise(STEPS_PER_QUARTER).notes
    start = np.round(notes["onset_quarter"] * STEPS_PER_QUARTER).astype(int)
    end = start + np.round(notes["duration_quarter"] * STEPS_PER_QUARTER).astype(int)
    grid = np.full((end.max(), 4), SILENT, np.int16)
    onsets = np.zeros(grid.shape, bool)
    for first, last, pitch, voice in zip(start, end, notes["pitch"], notes["voice"], strict=True):
        if (grid[first:last, voice] != SILENT).any():
            raise ParameterError(f"score: expected one note at a time, voice {voice} has two at quarter {first / 4:g}.")
        grid[first:last, voice] = pitch
        onsets[first, voice] = True
    return check_grid(grid, name="score"), onsets


def note_rows(tokens, voice=0):
    """Return the notes of one voice's `tokens` (T,) as rows for :func:`lab_utils.score.note_array`."""
    changes = np.append(np.flatnonzero(tokens != HOLD), len(tokens)) / STEPS_PER_QUARTER
    struck = tokens[tokens != HOLD]
    spans = zip(changes[:-1], changes[1:], struck, strict=True)
    return [(start, end - start, int(t) - FIRST_PITCH + LOWEST, 80, voice) for start, end, t in spans if t != REST]


def score_from_chorale(grid, onsets=None, *, tempo=80.0, meter=(4, 4), pickup_steps=0, key=None, title="", program=0):
    """Return the Score of a grid: the inverse of :func:`chorale_from_score`.

    Parameters
    ----------
    grid : array_like of int, shape (T, 4)
    onsets : np.ndarray of bool, shape (T, 4), optional
    tempo : float
        Quarters a minute.
    meter : (beats, beat_unit)
    pickup_steps : int
    key : (sharps, mode), optional
    title : str
    program : int
        General MIDI program of all voices.
    """
    grid = check_grid(grid)
    tokens = tokens_from_grid(grid, onsets)
    rows = [row for voice in range(4) for row in note_rows(tokens[:, voice], voice)]
    return Score(
        note_array(rows),
        tempos=((0.0, float(tempo)),),
        meters=((0.0, *meter),),
        keys=((0.0, *key),) if key else (),
        pickup_quarter=pickup_steps / STEPS_PER_QUARTER,
        programs=(program,) * 4,
        names=VOICES,
        title=title,
    )
