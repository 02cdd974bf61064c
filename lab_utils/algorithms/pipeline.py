"""The pipeline: a dialogue in sound, in which the melody model answers what it hears.

Used by the notebook ``12_dialogue_pipeline``.
"""

from functools import lru_cache

import numpy as np

from lab_utils.audio.notes import NoteTracker
from lab_utils.audio.tempo import score_from_heard
from lab_utils.generation.pipeline import Dialogue

FLUTE = 73


def ready(*, sample_rate=22050, seed=0, background=False, headphones=True, program=FLUTE, **options):
    """Return a Dialogue ready to play."""
    return Dialogue(
        NoteTracker(sample_rate), mirror, instrument(program, sample_rate), sample_rate=sample_rate, background=background,
        headphones=headphones, **options,
    )  # fmt: skip


def mirror(phrase, seconds):
    """Answer a phrase with its mirror image around its first note: what rose falls."""
    score = score_from_heard(phrase, program=FLUTE)
    notes = score.notes.copy()
    notes["pitch"] = np.clip(2 * notes["pitch"][0] - notes["pitch"], 0, 127)
    return score.with_(notes=notes)


@lru_cache(maxsize=4)
def instrument(program=FLUTE, sample_rate=22050):
    """Return the Instrument of a General MIDI program, made once."""
    from lab_utils.audio.tones import Instrument

    return Instrument(program, sample_rate=sample_rate)
