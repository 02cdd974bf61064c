"""Constraints on several voices that a search writes in turn: soprano, alto, tenor, bass of a frame, then of the next.

Step t of such a sequence is voice t mod 4 in frame t div 4. What one voice may do depends on what the others are doing, so these
are no masks and no small automata. They look ahead within a frame, and that is enough for most sets:

* Where each voice may start a note in every frame (with whatever masks on its pitches), a frame never depends on the one before,
  and :class:`NoCrossing` is exact: a voice leaves room for all those below it.
* Where voices must hold for some frames (a mask that allows nothing else), it looks through the run of such frames at a top voice
  that is given; it is exact if the voices below start notes in the same frames, and not ahead of time elsewhere.

Conventions: those of :mod:`lab_utils.generation.constraints`. Left out: unisons and parallels. Used by
:mod:`lab_utils.algorithms.beam` and the notebook ``13_restricted_beam_search``.
"""

from dataclasses import dataclass, replace

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.generation.constraints import HOLDS, RESTS, Alphabet, Mask, given


def given_voice(alphabet, tokens, *, voice=0, voices=4, name=None):
    """Return the Mask that fixes one voice.

    Parameters
    ----------
    alphabet : Alphabet
    tokens : array_like of int, shape (frames,)
    voice, voices : int
        Which one, and how many there are.
    name : str, optional
    """
    tokens = np.asarray(tokens)
    fixed = {frame * voices + voice: int(token) for frame, token in enumerate(tokens)}
    return given(alphabet, fixed, name=name or f"given voice {voice + 1}")


def voice_masks(alphabet, masks, frames, *, name):
    """Return the Mask of all voices from one mask a voice.

    Parameters
    ----------
    alphabet : Alphabet
    masks : sequence of (np.ndarray of bool, shape (V,) or (frames, V), or None)
        From the top voice down; None for no restriction.
    frames : int
    name : str
    """
    every = np.ones((frames, len(masks), alphabet.size), bool)
    for voice, mask in enumerate(masks):
        if mask is not None:
            every[:, voice] = mask
    return Mask(name, every.reshape(frames * len(masks), alphabet.size))


def voice_ranges(alphabet, ranges, frames):
    """Return the Mask of voice ranges: (lowest, highest) MIDI pitch from the top voice down, or None for no restriction."""
    pitch = alphabet.array
    masks = [None if one is None else ~alphabet.starts | ((pitch >= one[0]) & (pitch <= one[1])) for one in ranges]
    return voice_masks(alphabet, masks, frames, name="voice ranges")


class _Sounds:
    """What all voices are doing, read once for all the constraints that are asked about the same prefixes."""

    def __init__(self):
        self.prefixes = self.found = None

    def __call__(self, alphabet, prefixes, voices):
        """Return the last token of each voice that was no hold, int (B, voices), −1 where there was none."""
        if self.prefixes is not prefixes:  # a search makes a new array, or a new view, for each step
            frames, rows = -(-prefixes.shape[1] // voices), len(prefixes)
            hold = alphabet.token(HOLDS)
            self.prefixes, self.found = prefixes, np.full((rows, voices), -1)
            if not frames:
                return self.found
            row, voice = np.arange(rows)[:, None], np.arange(voices)
            for first in (max(frames - RECENT, 0), 0):  # most notes are short: far back is looked only if need be
                part = prefixes[:, first * voices :]
                padded = np.full((rows, frames - first, voices), hold, prefixes.dtype)
                padded.reshape(rows, -1)[:, : part.shape[1]] = part
                turned = padded[:, ::-1]
                self.found = turned[row, (turned != hold).argmax(axis=1), voice]
                if (self.found != hold).all():
                    return self.found
            self.found = np.where(self.found != hold, self.found, -1)
        return self.found


_sounding = _Sounds()
RECENT = 16  # frames


@dataclass(frozen=True, eq=False)
class VoiceSpelling:
    """What can be written, of each voice: nothing is held before something sounds, and no rest follows a rest.

    Parameters
    ----------
    alphabet : Alphabet
    voices : int
    repeats : bool
        False: a pitch that sounds is not started anew, it is held.
    """

    alphabet: Alphabet
    voices: int = 4
    repeats: bool = True
    name: str = "spelling"

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        alphabet = self.alphabet
        sounds = _sounding(alphabet, prefixes, self.voices)[:, step % self.voices]
        again = np.arange(alphabet.size) == sounds[:, None]
        if self.repeats:
            again = again & (alphabet.array < 0)
        return ~(again | (alphabet.holds & (sounds < 0)[:, None]))


@dataclass(frozen=True, eq=False)
class Together:
    """The lower voices sound wherever the top voice does; where it rests, they may rest or go on."""

    alphabet: Alphabet
    voices: int = 4
    name: str = "voices sound together"

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        alphabet, voice = self.alphabet, step % self.voices
        if voice == 0:
            return np.ones((len(prefixes), alphabet.size), bool)
        sounds = _sounding(alphabet, prefixes, self.voices)
        top, own = sounds[:, 0], sounds[:, voice]
        needed = ((top >= 0) & (alphabet.array[top] >= 0))[:, None]
        silent = ((own < 0) | (alphabet.array[own] < 0))[:, None]
        stays = (alphabet.holds & silent) | (alphabet.array == RESTS)
        return ~(needed & stays)


@dataclass(frozen=True, eq=False)
class NoCrossing:
    """No voice lies above one that is higher in the score; two may meet on one pitch, and a silent one is passed over.

    Parameters
    ----------
    alphabet : Alphabet
    voices : int
    """

    alphabet: Alphabet
    voices: int = 4
    name: str = "no crossing"
    floors: np.ndarray | None = None  # (T,): the least pitch at a step that leaves room for the voices below
    ceilings: np.ndarray | None = None  # (T,): the highest that the top voice leaves, while the voice must hold

    def prepare(self, masks):
        """Return the constraint that knows the `masks` (T, V) of all steps, to look ahead within a frame."""
        steps = len(masks)
        frames, pitch, starts = steps // self.voices, self.alphabet.array, self.alphabet.starts
        if steps % self.voices:
            raise ParameterError(f"{self.name}: expected whole frames of {self.voices} voices, received {steps} steps.")
        each = masks.reshape(frames, self.voices, -1)
        top = self._top(each)
        floors, ceilings = np.full((frames, self.voices), -np.inf), np.full((frames, self.voices), np.inf)
        held = ~each[:, :, ~self.alphabet.holds].any(axis=2)  # (frames, voices): may only hold
        for frame in range(frames - 1, -1, -1):
            last = frame + 1 >= frames
            for voice in range(self.voices):
                later = np.inf if last or not held[frame + 1, voice] else ceilings[frame + 1, voice]
                ceilings[frame, voice] = min(top[frame], later)
            need = -np.inf
            for voice in range(self.voices - 1, 0, -1):
                pitches = pitch[each[frame, voice] & starts]
                need = min(pitches[pitches >= need], default=need)
                floors[frame, voice - 1] = need
        return replace(self, floors=floors.ravel(), ceilings=ceilings.ravel())

    def allowed(self, prefixes, step):
        """Return bool (B, V)."""
        alphabet, voice = self.alphabet, step % self.voices
        sounds = _sounding(alphabet, prefixes, self.voices)
        sounds = np.where(sounds < 0, -1, alphabet.array[sounds])  # pitches (B, voices)
        above = sounds[:, :voice]
        ceiling = np.where(above >= 0, above, np.inf).min(axis=1, initial=np.inf)
        floor = -np.inf
        if self.floors is not None:
            floor = self.floors[step]
            if voice:
                ceiling = np.minimum(ceiling, self.ceilings[step])
        after = np.where(alphabet.holds, sounds[:, voice, None], alphabet.array)  # (B, V): the pitch that sounds then
        return (after < 0) | ((after <= ceiling[:, None]) & (after >= floor))

    def _top(self, each):
        """The pitch of the top voice in each frame where it is given, inf where it rests or is not."""
        top, sounds = np.full(len(each), np.inf), np.inf
        for frame, mask in enumerate(each[:, 0]):
            choice = np.flatnonzero(mask)
            if len(choice) != 1:
                return np.full(len(each), np.inf)
            value = self.alphabet.pitches[choice[0]]
            sounds = sounds if self.alphabet.holds[choice[0]] else (value if value >= 0 else np.inf)
            top[frame] = sounds
        return top
