"""What both synthesizers share: when a tail has ended, and notes as keys are struck.

Used by :mod:`lab_utils.audio.engine_library` and :mod:`lab_utils.audio.engine_embedded`, which have the same face: made for a
SoundFont, which they keep loaded; ``version()`` tells what is installed; ``render(score, sample_rate, until)`` returns samples
at a safe gain, not at a given peak.
"""

import numpy as np

BLOCK = 64  # samples between two looks at the notes, fixed in both synthesizers
SILENCE = 1e-4  # a tail this far under the peak (80 dB) has ended
LONGEST_TAIL = 20.0  # seconds; a voice that sounds on for ever is cut there
CHUNK = 0.25  # seconds of a tail looked at together
SAME_STRIKE = 0.01  # quarters; two notes of one pitch closer than this are one


def single_strikes(score):
    """Return `score` with each note ended where its pitch is struck again in its voice, and doubled notes made one.

    A synthesizer knows one key a pitch and channel: the end of the first note would silence the second.
    """
    notes = score.notes[np.lexsort([score.notes[name] for name in ("duration_quarter", "onset_quarter", "pitch", "voice")])]
    same = (np.diff(notes["pitch"], append=-1) == 0) & (np.diff(notes["voice"], append=-1) == 0)
    gap = np.where(same, np.diff(notes["onset_quarter"], append=np.inf), np.inf)
    notes["duration_quarter"] = np.minimum(notes["duration_quarter"], np.maximum(gap, SAME_STRIKE))
    return score.with_(notes=notes[gap >= SAME_STRIKE])
