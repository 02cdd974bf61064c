"""The key of a harmonisation: which it is, and what keeps to it by rule and what by price.

The network is shown no key, only what has sounded; under a first note alone it likes the likeliest chord, in whatever key. So:

* The key is the one that is asked for, else the soprano's own, else the one that its notes seem to be in
  (:func:`lab_utils.files.key.find_key`).
* By rule (hard): the lower voices of the **first chord** belong to the key's scale, and the **last chord** is the tonic's triad
  if the last soprano note belongs to it (in minor with either third), else of the scale. What then starts under the last soprano
  note belongs to it too, so that a suspension may resolve.
* By price (soft): each note elsewhere that is foreign to the scale costs :data:`PRICE` nats; Bach's secondary dominants are no
  errors. An infinite price forbids them.

A rule for a chord that the ranges or pinned notes leave no room for is dropped. In minor the sixth and seventh degree belong to
the scale raised and not.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.algorithms._beam_models import ALPHABET, VOICES
from lab_utils.encoding import chorale as encoding
from lab_utils.encoding import melody as lines
from lab_utils.errors import ParameterError
from lab_utils.generation import constraints, voices
from lab_utils.generation.wishes import Soft

PRICE = 0.5  # nats: on the validation fold it leaves 1 % of foreign notes, costs no likelihood, and Bach has 5 %


@dataclass(frozen=True, eq=False)
class LastChord:
    """What sounds in the last frame belongs to these pitch classes, held notes too; what starts does so by a mask.

    Parameters
    ----------
    pitch_classes : tuple of int
    frames : int
    """

    pitch_classes: tuple
    frames: int
    name: str = "last chord"

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        if step < (self.frames - 1) * VOICES or step % VOICES == 0:
            return np.ones((len(prefixes), ALPHABET.size), bool)
        sounds = np.append(ALPHABET.array, -1)[ALPHABET.sounding(prefixes[:, step % VOICES :: VOICES])]
        fits = (sounds < 0) | np.isin(sounds % 12, self.pitch_classes)
        return fits[:, None] | ~ALPHABET.holds


def key_of(melody, key=None):
    """Return the key to keep to as (sharps, mode), or None if it is free.

    Parameters
    ----------
    melody : Melody
    key : (sharps, mode), "free" or None
        None for the melody's own.
    """
    if isinstance(key, str):
        if key != "free":
            raise ParameterError(f"key: expected (sharps, mode), None for the soprano's own, or 'free'; received {key!r}.")
        return None
    if key is None and melody.key is None:
        from lab_utils.files.key import find_key

        return find_key(lines.score_from_line(melody.line, melody.onsets))
    key = melody.key if key is None else key
    try:
        constraints.in_key(ALPHABET, *key)
    except TypeError:
        raise ParameterError(f"key: expected (sharps, mode) such as (2, 'major'), received {key!r}.") from None
    return tuple(key)


def bounds(melody, key, *, ranges, price=PRICE, pins=None):
    """Return the constraints of a key, hard and soft, a list.

    Parameters
    ----------
    melody : Melody
    key : (sharps, mode) or None
        Of :func:`key_of`.
    ranges, pins
        As in :func:`lab_utils.algorithms.beam.harmonise`.
    price : float
        Nats a note; 0 for none, infinite to forbid.
    """
    if not price >= 0:
        raise ParameterError(f"price: expected nats from 0 on, received {price!r}.")
    if key is None:
        return []
    sharps, mode = key
    scale = constraints.in_key(ALPHABET, sharps, mode)
    tonic = (7 * sharps + (0 if mode == "major" else 9)) % 12
    triad = {tonic, (tonic + 7) % 12, (tonic + 4) % 12} | ({(tonic + 3) % 12} if mode == "minor" else set())
    degrees = set(((np.array(constraints.MAJOR if mode == "major" else constraints.MINOR) + tonic) % 12).tolist())
    sounding = np.flatnonzero(melody.line != encoding.SILENT)
    frames, first, last = len(melody.line), int(sounding[0]), int(np.flatnonzero(melody.onsets)[-1])
    found = []
    final = triad if int(melody.line[last]) % 12 in triad else degrees
    for name, classes, span in (("first chord", degrees, (first, first + 1)), ("last chord", final, (last, frames))):
        if _has_room(classes, int(melody.line[span[0]]), span, ranges, pins):
            found.append(_chord(name, classes, span, frames))
            if name == "last chord" and sounding[-1] == frames - 1:
                found.append(LastChord(tuple(classes), frames))
    if np.isinf(price):
        found.append(voices.voice_masks(ALPHABET, [None, *[scale.tokens] * 3], frames, name=scale.name))
    elif price:
        table = np.zeros((frames, VOICES, ALPHABET.size))
        table[:, 1:, ~scale.tokens] = -price
        found.append(Soft("foreign to the key", table.reshape(frames * VOICES, -1)))
    return found


def _chord(name, classes, span, frames):
    """The Mask of notes of these pitch classes alone, for the lower voices in the frames of `span`."""
    fits = np.ones((frames, ALPHABET.size), bool)
    fits[slice(*span)] = ~ALPHABET.starts | np.isin(ALPHABET.array % 12, list(classes))
    return voices.voice_masks(ALPHABET, [None, fits, fits, fits], frames, name=name)


def _has_room(classes, top, span, ranges, pins):
    """Whether the lower voices have pitches of these classes in order under `top`, and no pinned note is another."""
    pinned = [pitch for (frame, _), pitch in (pins or {}).items() if span[0] <= frame < span[1]]
    need = -1
    for low, high in ranges[:0:-1]:
        need = next((pitch for pitch in range(max(low, need), high + 1) if pitch % 12 in classes), 128)
    return need <= top and all(pitch % 12 in classes for pitch in pinned)
