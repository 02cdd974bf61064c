"""Scores that the tests of file formats share."""

import pytest

from lab_utils.score import PERCUSSION, Score, note_array


@pytest.fixture
def everything():
    """All that a Score can say: upbeat, changes, triplets, notes over bar lines, chords, drums, a voice without notes."""
    flute = [(0, 1, 67), (1, 1 / 3, 68), (4 / 3, 1 / 3, 70), (5 / 3, 1 / 3, 72), (2, 4, 71), (6, 0.75, 72), (6.75, 0.25, 74)]
    flute += [(7, 3, 75), (10, 3, 72)]
    cello = [(1, 3, 48), (1, 3, 55), (4, 2, 43), (6, 0.5, 44), (7, 4.5, 36), (8.5, 1.5, 51)]
    rows = [(*row, 90, 0) for row in flute] + [(*row, 71, 1) for row in cello]
    rows += [(onset, 0.5, 38, 127, 3) for onset in (1, 3, 5, 7)]
    return Score(
        note_array(rows),
        tempos=((0.0, 90.0), (4.0, 66.5)),
        meters=((0.0, 3, 4), (7.0, 6, 8)),
        keys=((0.0, -3, "minor"), (7.0, 3, "major")),
        pickup_quarter=1.0,
        programs=(73, 42, 0, PERCUSSION),
        names=("Flöte", "Cello", "", "Trommel"),
        title="Alles: Übung 1",
    )


@pytest.fixture
def chorale():
    """Two bars for four voices, after an upbeat."""
    soprano, alto = (67, 67, 69, 71, 67, 72, 71, 69, 67), (62, 62, 62, 62, 64, 64, 62, 66, 62)
    tenor, bass = (59, 59, 57, 55, 60, 57, 55, 60, 59), (43, 43, 54, 55, 48, 45, 50, 38, 43)
    rows = [
        (onset, 1, pitch, 80, voice)
        for voice, line in enumerate((soprano, alto, tenor, bass))
        for onset, pitch in enumerate(line)
    ]
    return Score(
        note_array(rows),
        tempos=((0.0, 72.0),),
        keys=((0.0, 1, "major"),),
        pickup_quarter=1.0,
        names=("Soprano", "Alto", "Tenor", "Bass"),
        title="Chorale",
    )
