"""How pitches are written down: letter, accidental and clef, for MusicXML and ABC alike.

A Score knows MIDI pitches alone. They are spelt by the key, on the line of fifths: from E♭ to G♯ in C major, from B♭ to D♯ in
A minor, and so in the other keys; where no key is known, as in C major.
"""

from lab_utils.files.notation import NEAR

STEPS = "FCGDAEB"  # on the line of fifths
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def key_at(score, quarters):
    """Return the key in force at a time, (sharps, mode); C major where none is known."""
    return next((key[1:] for key in reversed(score.keys) if key[0] <= quarters + NEAR), (0, "major"))


def spell(pitch, key):
    """Return how a MIDI pitch is written in a key: (step, alter, octave).

    Parameters
    ----------
    pitch : int
    key : (int, str)
        Sharps of the signature, negative for flats, and "major" or "minor".

    Returns
    -------
    step : str
        A letter, C to B.
    alter : int
        Semitones up, 1 for a sharp, -1 for a flat.
    octave : int
        4 has middle C.
    """
    sharps, mode = key
    lowest = sharps - (2 if mode == "minor" else 3)
    fifths = lowest + (7 * pitch - lowest) % 12  # pitches a fifth apart are seven semitones apart, and 7 × 7 is 1 modulo 12
    step, alter = STEPS[(fifths + 1) % 7], (fifths + 1) // 7
    return step, alter, (pitch - alter - SEMITONES[step]) // 12 - 1


def key_alter(step, sharps):
    """Return what the key signature does to a letter: 1, 0 or -1."""
    place = STEPS.index(step)
    return 1 if place < sharps else -1 if place >= 7 + sharps else 0


def clef(pitches):
    """Return the clef of a voice, "treble", "treble-8" (an octave lower, the tenor's) or "bass".

    The limits part the means of altos, tenors and basses in Bach's chorales; what stays above A3 needs no lower clef than treble.
    """
    mean = sum(pitches) / len(pitches)
    if mean >= 62 or min(pitches) >= 57:
        return "treble"
    return "treble-8" if mean >= 54.5 else "bass"
