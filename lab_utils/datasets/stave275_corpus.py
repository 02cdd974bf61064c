"""From a score of music21's installed corpus to eleven bars of stave275.

What is done to the notation
----------------------------
* The bars of the manifest are cut out; a note that sounds past the last bar line is shortened to it.
* Kept: pitch, onset, duration, meter, key signature; a voice for each staff, the two hands of a piano included. Where a staff
  strikes a pitch that it still sounds, the first note ends there. Repeat signs are not played out.
* Dropped: grace notes, ornaments, dynamics (every velocity is 80), articulation, text and page layout.
* Tempo and instruments are the manifest's and the style's, for most sources have neither.
* Every onset and duration lies on a grid of 24 steps a quarter, which holds 32nds and triplets; nothing is moved, a piece
  that does not fit is refused.

Used through :func:`lab_utils.datasets.stave275.build`, and to read the pieces that may not be shipped.
"""

import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from lab_utils import storage
from lab_utils.errors import DataError
from lab_utils.files.library import music21
from lab_utils.files.midi import to_midi_bytes
from lab_utils.files.musicxml import from_music21, to_musicxml

VELOCITY = 80


def corpus_file(entry):
    """Return the path of a piece's source in the installed music21.

    Parameters
    ----------
    entry : dict
        A piece of the manifest.

    Raises
    ------
    DataError
        If music21 was installed without this file.
    """
    path = Path(find_spec("music21").origin).parent / "corpus" / entry["corpus"]
    if not path.is_file():
        raise DataError(f"{path}: is not in the installed music21; install it again with its corpus: `pip install music21`.")
    return path


def read_piece(entry, *, bars, steps_per_quarter, programs, names):
    """Return the bars of one piece, read from the installed corpus.

    Parameters
    ----------
    entry : dict
        A piece of the manifest.
    bars : int
        The number of bars that must come out.
    steps_per_quarter : int
        The grid that every note must lie on.
    programs : tuple of int
        General MIDI programs for the voices; the last one goes on for further voices.
    names : tuple of str
        Names for the voices; empty to take the source's.

    Returns
    -------
    Score
        Starts at bar 1 without an upbeat.

    Raises
    ------
    DataError
        If the source is missing, has a change of meter there, or does not give these bars whole and on the grid.
    """
    path = corpus_file(entry)
    parts = _parts(path, entry.get("number"))
    score = _one_voice_a_staff(parts)
    _check_bar_lines(parts[0], score, entry, path)
    score = score.bars(entry["first_bar"], entry["last_bar"])
    if len(score.bar_lines()) != bars + 1:
        raise DataError(f"{path}: expected {bars} bars from {entry['first_bar']} on, received {len(score.bar_lines()) - 1}.")
    voices = max(score.voices) + 1
    sharps = score.keys[0][1] if score.keys else 0
    return score.with_(
        notes=_on_grid(score.notes, steps_per_quarter, path),
        tempos=((0.0, float(entry["tempo"])),),
        keys=((0.0, sharps, entry["key"].split()[1]),),
        programs=(programs + programs[-1:] * voices)[:voices],
        names=(names or score.names)[:voices],
        title=entry["title"],
    )


def write_piece(entry, folder, **form):
    """Write a piece's MIDI and MusicXML under `folder`, where it may be shipped.

    Parameters
    ----------
    entry : dict
        A piece of the manifest.
    folder : Path
    **form
        As in :func:`read_piece`.

    Returns
    -------
    dict of str → str
        ``source_sha256`` and ``midi_sha256``, by which a piece that does not ship is checked too, and ``musicxml_sha256``.
    """
    score = read_piece(entry, **form)
    midi = to_midi_bytes(score)
    sums = {"source_sha256": storage.sha256(corpus_file(entry)), "midi_sha256": storage.sha256(midi)}
    if entry["ships"]:
        musicxml = to_musicxml(score).encode()
        storage.write_bytes(midi, folder / "midi" / f"{entry['name']}.mid")
        storage.write_bytes(musicxml, folder / "musicxml" / f"{entry['name']}.musicxml")
        sums["musicxml_sha256"] = storage.sha256(musicxml)
    return sums


def _parts(path, number):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # music21 warns of page layout that it cannot keep; no layout is kept here
        return list(music21.converter.parse(path, number=number, forceSource=True).parts)


def _one_voice_a_staff(parts):
    """One Score of all parts, each part one voice, with the first meter throughout (see :func:`_check_bar_lines`)."""
    scores = [from_music21(part) for part in parts]
    columns = []
    for voice, score in enumerate(scores):
        notes = _without_overlaps(score.notes)
        notes["voice"] = voice
        columns.append(notes)
    beats, unit = scores[0].meter
    pickup = scores[0].pickup_quarter % (4 * beats / unit)  # ABC's reader numbers a whole first bar 0, as if it were an upbeat
    return scores[0].with_(
        notes=np.concatenate(columns),
        meters=scores[0].meters[:1],
        pickup_quarter=pickup,
        names=tuple(part.partName or "" for part in parts),
    )


def _without_overlaps(notes):
    """Notes of one staff such that none sounds into another of its pitch; of two that start together the longer stays."""
    notes = notes[np.lexsort((-notes["duration_quarter"], notes["onset_quarter"], notes["pitch"]))]
    again = np.diff(notes["pitch"], prepend=-1) == 0
    notes = notes[~(again & (np.diff(notes["onset_quarter"], prepend=-1) == 0))]
    follows = np.append(np.diff(notes["pitch"]) == 0, False)
    room = np.append(np.diff(notes["onset_quarter"]), np.inf)
    notes["duration_quarter"] = np.where(follows, np.minimum(notes["duration_quarter"], room), notes["duration_quarter"])
    return notes


def _check_bar_lines(part, score, entry, path):
    """Raise if the source's bar lines are not those of one steady meter.

    A repeat sign inside a bar splits it in two measures, which a reader may take for a change of meter (ABC's does). So the
    bar lines of the first meter must all be among the source's, rather than be all of them.
    """
    lines = score.bar_lines()
    inside = (score.bar_numbers() >= entry["first_bar"]) & (score.bar_numbers() <= entry["last_bar"])
    written = np.array([float(measure.offset) for measure in part.getElementsByClass("Measure")])
    missing = [line for line in lines[:-1][inside] if np.abs(written - line).min() > 1e-6]
    if missing:
        raise DataError(f"{path}: has no bar line {missing[0]} quarters in, so the meter changes; choose other bars.")


def _on_grid(notes, steps_per_quarter, path):
    notes = notes.copy()
    for name in ("onset_quarter", "duration_quarter"):
        steps = notes[name] * steps_per_quarter
        if np.abs(steps - np.round(steps)).max() > 1e-6:
            raise DataError(f"{path}: a note lies off the grid of {steps_per_quarter} steps a quarter; choose other bars.")
        notes[name] = np.round(steps) / steps_per_quarter
    notes["velocity"] = VELOCITY
    return notes
