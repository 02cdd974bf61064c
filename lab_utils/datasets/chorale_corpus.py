"""From a score of music21's Bach corpus to a four-part chorale on a grid of 16ths.

Conventions
-----------
* A frame is a 16th; frame 0 is where the notation starts, an upbeat included. Repeats are not played out.
* A frame holds what sounds at its first instant. So a note that lies off the grid starts at the next frame, and a note
  that sounds at no frame's first instant (half of a pair of 32nds) is dropped; the note before it takes its time.
* Tied notes are one note; grace notes are dropped.
* A fermata lasts as long as the soprano's note that carries it; where the soprano of a piece carries none at all,
  the other voices' fermatas count.
* The key is the key signature with a mode: that of the last bass note where it is the tonic of one of the signature's two
  keys (a few scores give C major for A minor), else the score's own, else the better one by Krumhansl's analysis (music21).

What is left out, each with its reason: scores without four voices, double encodings, movements with long instrumental
interludes. Used through :func:`lab_utils.datasets.build_chorales`.
"""

from math import ceil
from pathlib import Path

import numpy as np

from lab_utils.datasets.chorale_piece import REST, Chorale
from lab_utils.errors import DataError
from lab_utils.files.library import music21

STEPS_PER_QUARTER = 4
VOICES = ("Soprano", "Alto", "Tenor", "Bass")
MOST_SILENCE = 0.20  # of the frames: beyond it, a movement has instrumental interludes


class LeftOut(Exception):
    """A score that is no four-part chorale; the message is the reason."""


def corpus_folder():
    """Return the folder of Bach scores in the installed music21."""
    folder = Path(music21.__file__).parent / "corpus" / "bach"
    if not folder.is_dir():
        raise DataError(f"{folder}: music21 was installed without its corpus; install it again with `pip install music21`.")
    return folder


def corpus_scores():
    """Return the paths of the corpus's Bach scores in MusicXML, sorted by name; its three in Humdrum are doubles."""
    return sorted(p for p in corpus_folder().iterdir() if p.suffix in (".mxl", ".xml"))


def read_chorale(path):
    """Return the chorale in one score of the corpus.

    Parameters
    ----------
    path : str or Path
        A score that music21 reads.

    Returns
    -------
    Chorale
        Without title and tune number.

    Raises
    ------
    LeftOut
        If it is no four-part chorale.
    """
    path = Path(path)
    score = music21.converter.parse(path, forceSource=True)
    parts = four_voices(score)
    lines = [_notes(part) for part in parts]
    frames = max((end for line in lines for _, end, *_ in line), default=0)
    grid, onsets, fermatas = _grids(lines, frames)
    _check(grid)
    return Chorale(
        name=path.stem,
        title="",
        grid=grid,
        onsets=onsets,
        fermatas=fermatas,
        meter=_meter(parts[0]),
        key=_key(score, parts[0], grid),
        pickup_steps=_pickup_steps(parts[0]),
    )


def four_voices(score):
    """Return the soprano, alto, tenor and bass parts of a music21 score, by name; else its only four parts."""
    named = {voice: [p for p in score.parts if (p.partName or "").startswith(voice)] for voice in VOICES}
    if all(len(found) == 1 for found in named.values()):
        return [named[voice][0] for voice in VOICES]
    if len(score.parts) == 4 and not any(named.values()):
        return list(score.parts)
    raise LeftOut(f"{len(score.parts)} parts, not soprano, alto, tenor and bass")


def _notes(part):
    """The notes of a part as (start, end, pitch, onset?, fermata?), start and end in frames."""
    rows = []
    for note in part.flatten().notes:
        if note.duration.isGrace:
            continue
        start = ceil(note.offset * STEPS_PER_QUARTER)
        end = ceil((note.offset + note.quarterLength) * STEPS_PER_QUARTER)
        held = note.tie is not None and note.tie.type in ("stop", "continue")
        fermata = any("Fermata" in mark.classes for mark in note.expressions)
        if end > start:
            rows.append((start, end, note.pitches[-1].midi, not held, fermata))
    return rows


def _grids(lines, frames):
    grid = np.full((frames, 4), REST, dtype=np.int16)
    onsets = np.zeros((frames, 4), dtype=bool)
    fermatas = np.zeros((frames, 4), dtype=bool)
    for voice, line in enumerate(lines):
        for start, end, pitch, onset, fermata in line:
            held = not onset and start > 0 and grid[start - 1, voice] == pitch  # a tie from nowhere is an onset
            grid[start:end, voice] = pitch
            onsets[start, voice] = not held
            fermatas[start:end, voice] = fermata
    soprano = fermatas[:, 0]
    return grid, onsets, soprano if soprano.any() else fermatas.any(axis=1)


def _check(grid):
    silent = grid == REST
    if not len(grid) or silent.all(axis=0).any():
        raise LeftOut("a voice without notes")
    if silent.all(axis=1).mean() > MOST_SILENCE:
        raise LeftOut(f"instrumental interludes: all four voices rest in {silent.all(axis=1).mean():.0%} of it")


def _meter(part):
    first = next(iter(part.recurse().getElementsByClass(music21.meter.TimeSignature)))
    return first.numerator, first.denominator


def _key(score, part, grid):
    """The key: the last bass note is the tonic of one of the signature's two keys; else the mode given; else analysed."""
    first = next(iter(part.recurse().getElementsByClass(music21.key.KeySignature)))
    tonics = {first.asKey(mode).tonic.pitchClass: mode for mode in ("major", "minor")}
    bass = grid[:, 3]
    last = int(bass[bass != REST][-1]) % 12
    if last in tonics:
        return first.sharps, tonics[last]
    if isinstance(first, music21.key.Key):
        return first.sharps, first.mode
    found = score.analyze("key")
    fitting = [k for k in (found, *found.alternateInterpretations) if tonics.get(k.tonic.pitchClass) == k.mode]
    return first.sharps, fitting[0].mode


def _pickup_steps(part):
    measures = list(part.getElementsByClass("Measure"))
    length = measures[0].duration.quarterLength
    full = measures[0].barDuration.quarterLength
    return int(ceil(length * STEPS_PER_QUARTER)) if length < full else 0
