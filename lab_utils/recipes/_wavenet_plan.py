"""Which excerpts the WaveNet recipe plays: chosen by chance from the lines of the data, or one after another from stave275.

Conventions are those of :mod:`lab_utils.recipes._wavenet_data`, which plays what is planned here. Every line and round has a
generator of its own, so one line's excerpt does not depend on which others there are.
"""

from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np

from lab_utils.recipes._wavenet_lines import HIGHEST, LOWEST, line_of
from lab_utils.score import PERCUSSION, Score, note_array

SECONDS = 4
TEMPOS = 66.0, 112.0  # quarters a minute
REACH = 3  # semitones
ANYWHERE = 0.25  # the share of excerpts that are moved within the whole range: its ends are rare in chorales
HELD_OUT = 9  # train has so many times the minutes of each other fold


@dataclass(frozen=True, eq=False)
class Excerpt:
    """Four seconds to be played.

    Parameters
    ----------
    fold, piece : str
    score : Score
        For notes the line of the excerpt, else the whole piece.
    style : str
        "" where it is not asked.
    start : float
        Where the excerpt starts in the score, in seconds.
    """

    fold: str
    piece: str
    score: Score
    style: str = ""
    start: float = 0.0


def plan(variant, *, minutes, seed):
    """Return the excerpts of all folds as a list of :class:`Excerpt`, those of one fold together."""
    lines = chorale_lines() + stave_lines() if variant == "notes" else None
    planned = []
    for fold in ("train", "valid", "test") if variant == "notes" else ("train", "valid"):
        wanted = max(round(minutes * 60 / SECONDS / (1 if fold == "train" else HELD_OUT)), 1)
        if variant == "notes":
            planned += _notes([line for line in lines if line[0] == fold], wanted, seed)
        else:
            planned += _styles(fold, wanted, seed)
    return planned


def chorale_lines():
    """Return the voices of the chorales as (fold, name, function that returns the Score of the voice)."""
    from lab_utils.datasets import load_chorales

    chorales = load_chorales()
    return [
        (fold, f"{piece.name}-{voice}", partial(_chorale_voice, piece, voice))
        for fold in ("train", "valid", "test")
        for piece in chorales.fold(fold)
        for voice in range(4)
        if piece.onsets[:, voice].any()
    ]


def _chorale_voice(piece, voice):
    from lab_utils.encoding.chorale import note_rows, tokens_from_grid

    return Score(note_array(note_rows(tokens_from_grid(piece.grid, piece.onsets)[:, voice])))


def stave_lines():
    """Return the voices of stave275 that never have two notes at a time, but those of its chorales; as :func:`chorale_lines`."""
    from lab_utils.datasets.stave275 import load_pieces

    found = []
    for piece in load_pieces():
        if piece.style == "chorale":
            continue
        for voice in piece.score.voices:
            notes = piece.score.voice_notes(voice).copy()
            notes["voice"] = 0
            if _single(notes):
                found.append((piece.fold, f"{piece.name}-{voice}", partial(Score, notes)))
    return found


def _single(notes):
    ends = notes["onset_quarter"] + notes["duration_quarter"]
    return len(notes) > 0 and bool((ends[:-1] <= notes["onset_quarter"][1:] + 1e-6).all())


def _notes(lines, wanted, seed):
    """So many excerpts as are wanted: one of each line in an order by chance, then a second of each."""
    order, planned = np.random.default_rng([seed, len(lines)]).permutation(len(lines)), []
    for turn in count():
        for number in order:
            if len(planned) == wanted:
                return planned
            fold, name, read = lines[number]
            line = _excerpt(read(), np.random.default_rng([seed, turn, *name.encode()]))
            planned.append(Excerpt(fold, name, line))


def _excerpt(score, rng):
    """Four seconds of a line from one of its beats on, in some tempo and transposition."""
    tempo = float(rng.uniform(*TEMPOS))
    quarters = SECONDS * tempo / 60
    last = max(int(np.ceil(score.duration_quarter - quarters)), 0)
    starts = rng.permutation(last + 1)
    part = next(part for start in starts if len(part := score.between(float(start), start + quarters)))
    pitches = part.notes["pitch"]
    octaves = 12 * (max(-(-(LOWEST - pitches.min()) // 12), 0) - max(-(-(pitches.max() - HIGHEST) // 12), 0))
    low, high = pitches.min() + octaves, pitches.max() + octaves
    reach = HIGHEST - LOWEST if rng.random() < ANYWHERE else REACH
    shift = rng.integers(max(-reach, LOWEST - low), min(reach, HIGHEST - high) + 1)
    return line_of(part.transpose(int(octaves + shift)).with_(tempos=((0.0, tempo),)), seconds=SECONDS)


def _styles(fold, wanted, seed):
    """Excerpts of stave275 in a row: each piece as it is, then moved, until so many are there (of "train"), or once."""
    from lab_utils.datasets.stave275 import load_pieces

    pieces, planned = load_pieces(fold=fold, instrumentation="style"), []
    for turn in count():
        for piece in pieces:
            score = piece.score
            if turn:
                shift = np.random.default_rng([seed, turn, *piece.name.encode()]).integers(-REACH, REACH + 1)
                score = _moved(score, int(shift))
            for number in range(int(score.duration_seconds // SECONDS)):
                planned.append(Excerpt(fold, piece.name, score, piece.style, float(number * SECONDS)))
        if len(planned) >= wanted or fold != "train":
            break
    chosen = np.random.default_rng([seed, len(planned)]).permutation(len(planned))[:wanted]
    return [planned[row] for row in sorted(chosen)]


def _moved(score, semitones):
    """The Score moved, drums kept as they are."""
    notes = score.notes.copy()
    drums = np.array([score.program(int(voice)) == PERCUSSION for voice in notes["voice"]])
    notes["pitch"] = np.where(drums, notes["pitch"], np.clip(notes["pitch"] + semitones, 0, 127))
    return score.with_(notes=notes)
