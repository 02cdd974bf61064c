"""What the style recipe trains on: the bars of stave275 as pictures, of their notes or of their sound, and the folds by piece.

Conventions
-----------
* Every bar is stretched to the same length, in notes and in sound alike: neither a bar's length nor its tempo gives a style away.
* ``notes``: a piano roll, shape (48, 88): MIDI pitches 21–108, 48 steps a bar, 1 where a note starts, 0.5 where it goes on, 0
  for silence.
* ``spectrogram``: the sound of the piano (one timbre for all styles), as :func:`~lab_utils.datasets.prepare_stave275` makes it,
  in bands of a semitone, shape (43, 88): MIDI pitches 36–123, 46 ms a step; from 0, silence, to 1. What lies in the lower half of
  the data set's range, under −51 dB, counts as silence: it is the ringing of strings and the noise of the sampler. Low
  bands lie closer than the bins of the STFT and are interpolated.
* So in both a **transposition** is a shift along the second axis: exact for notes; of the sound's timbre an approximation.
* **Holdouts**: each style has five pieces. Holdout 0 leaves out those that the data set calls "valid"; 1 to 4 leave out one of
  the other four of each style, in the manifest's order. So over all five each piece is left out once, and none is ever on both
  sides.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.encoding.pianoroll import START, roll_from_score
from lab_utils.errors import ParameterError

VARIANTS = ("notes", "spectrogram")
HOLDOUTS = 5
STEPS = 48
BANDS = 88
LOWEST = {"notes": 21, "spectrogram": 36}  # MIDI pitch of the first column
SILENCE = 0.0
FRAMES_A_STEP = 4
A4, A4_HZ = 69, 440.0


@dataclass(frozen=True, eq=False)
class Material:
    """Bars as pictures.

    Parameters
    ----------
    variant : str
        One of :data:`VARIANTS`.
    pictures : np.ndarray of float32, shape (bars, T, F)
    styles : np.ndarray of int32, shape (bars,)
        Positions in `names`.
    names : tuple of str
    pieces, ids : np.ndarray of str, shape (bars,)
    holdouts : np.ndarray of int, shape (bars,)
        By which holdout each bar is left out.
    scores : tuple of Score, length bars
    to_c : np.ndarray of int, shape (bars,)
        By how many semitones, −6 to 5, each bar moves so that its piece stands in C major or A minor.
    told : Prepared, optional
        Of sound: the data set that the pictures were made of.
    """

    variant: str
    pictures: np.ndarray
    styles: np.ndarray
    names: tuple
    pieces: np.ndarray
    ids: np.ndarray
    holdouts: np.ndarray
    scores: tuple
    to_c: np.ndarray
    told: object = None

    @property
    def lowest(self):
        """MIDI pitch of the first column of the pictures."""
        return LOWEST[self.variant]

    def train(self, holdout):
        """Return which bars train when `holdout` is left out, their numbers."""
        return np.flatnonzero(self.holdouts != _check_holdout(holdout))

    def valid(self, holdout):
        """Return which bars `holdout` leaves out, their numbers."""
        return np.flatnonzero(self.holdouts == _check_holdout(holdout))


def prepare(variant="notes", *, bars=None, progress=True):
    """Return the :class:`Material` of stave275.

    Parameters
    ----------
    variant : str
        "notes" or "spectrogram"; the sound is rendered once and then taken from the cache.
    bars : int, optional
        Only so many of each piece, for tests; all eleven if left out.
    progress : bool
    """
    from lab_utils.datasets.stave275 import load_pieces

    check_variant(variant)
    found = [bar for piece in load_pieces() for bar in piece.bars[:bars]]
    if not found:
        raise ParameterError(f"bars: expected a number from 1 on, received {bars!r}.")
    names = tuple(dict.fromkeys(bar.style for bar in found))
    scores = tuple(bar.score for bar in found)
    told = None if variant == "notes" else _sound(found, bars, progress)
    pictures = pictures_of(scores) if told is None else in_semitones(told.spectrograms, told.transform.frequencies)
    return Material(
        variant, pictures, np.array([names.index(bar.style) for bar in found], np.int32), names,
        np.array([bar.piece.name for bar in found]), np.array([bar.name for bar in found]), _holdouts(found), scores,
        np.array([_to_c(bar.key) for bar in found]), told,
    )  # fmt: skip


def check_variant(variant):
    """Return `variant` if it is one."""
    if variant not in VARIANTS:
        raise ParameterError(f"variant: expected one of {', '.join(VARIANTS)}; received {variant!r}.")
    return variant


def pictures_of(scores):
    """Return the rolls of scores of one bar each, float32, shape (scores, 48, 88); :func:`score_of` is the way back."""
    made = np.zeros((len(scores), STEPS, BANDS), np.float32)
    for picture, score in zip(made, scores, strict=True):
        notes, length = score.notes.copy(), float(score.bar_lines()[-1])
        for name in ("onset_quarter", "duration_quarter"):
            notes[name] *= STEPS / length
        roll = roll_from_score(score.with_(notes=notes), steps_per_quarter=1)[:STEPS]
        picture[: len(roll)] = np.where(roll == START, 1.0, np.where(roll > 0, 0.5, 0.0))
    return made


def score_of(pictures, *, meter=(4, 4), tempo=90.0, title=""):
    """Return rolls (bars, 48, 88) as one Score, a bar each, for two hands: what lies under middle C is the left one's."""
    from lab_utils.encoding.pianoroll import score_from_roll

    pictures = np.asarray(pictures)
    if pictures.ndim != 3 or pictures.shape[1:] != (STEPS, BANDS) or not len(pictures):
        raise ParameterError(f"pictures: expected rolls of shape (bars ≥ 1, {STEPS}, {BANDS}), received {pictures.shape}.")
    quarters = meter[0] * 4 / meter[1]
    flat = pictures.reshape(-1, BANDS)
    roll = np.where(flat >= 0.75, 1, np.where(flat > 0.25, 2, 0))
    score = score_from_roll(roll, steps_per_quarter=STEPS / quarters, tempo=tempo)
    notes = score.notes.copy()
    notes["voice"] = notes["pitch"] < 60
    return score.with_(notes=notes, meters=((0.0, *meter),), names=("Right hand", "Left hand"), title=title)


def heard(scores, told):
    """Return the pictures of the sound of scores of one bar each, float32, shape (scores, 43, 88).

    Parameters
    ----------
    scores : sequence of Score
    told : Prepared
        The data set that is played, transformed and scaled alike: `told` of a Material of sound.
    """
    from lab_utils.datasets.prepare_parts import render

    options = {"seconds": told.settings["seconds"], "tempo": "fit", "engine": told.settings["engine"]}
    made = [told.transform.forward(render(score, transform=told.transform, **options)) for score in scores]
    return in_semitones(told.scaler.transform(np.stack(made)), told.transform.frequencies)


def in_semitones(spectrograms, frequencies):
    """Return spectrograms (items, frames, bins) in bands of a semitone, four frames in one, shape (items, frames // 4, 88).

    Parameters
    ----------
    spectrograms : np.ndarray of float32, shape (items, frames, bins)
        Scaled to [-1, 1]; what is under 0 becomes silence.
    frequencies : np.ndarray, shape (bins,)
        Centre of each bin in Hz.
    """
    pairs = spectrograms.shape[1] // FRAMES_A_STEP
    paired = spectrograms[:, : pairs * FRAMES_A_STEP].reshape(len(spectrograms), pairs, FRAMES_A_STEP, -1).mean(axis=2)
    return np.maximum(paired @ semitone_bands(frequencies).T, SILENCE).astype(np.float32)


def semitone_bands(frequencies):
    """Return how much each bin counts in each band, shape (88, bins): the mean of those within it, else between the nearest."""
    centres = A4_HZ * 2 ** ((LOWEST["spectrogram"] + np.arange(BANDS) - A4) / 12)
    bands = np.zeros((BANDS, len(frequencies)), np.float32)
    for band, centre in zip(bands, centres, strict=True):
        inside = (frequencies >= centre * 2 ** (-1 / 24)) & (frequencies < centre * 2 ** (1 / 24))
        if inside.any():
            band[inside] = 1 / inside.sum()
        else:
            above = min(int(np.searchsorted(frequencies, centre)), len(frequencies) - 1)
            part = (frequencies[above] - centre) / (frequencies[above] - frequencies[above - 1])
            band[above - 1], band[above] = part, 1 - part
    return bands


def shifted(picture, semitones):
    """Return a picture (T, F) moved up by `semitones`; what comes in from beyond its edge is silence."""
    made = np.full_like(picture, SILENCE)
    if semitones >= 0:
        made[:, semitones:] = picture[:, : picture.shape[1] - semitones]
    else:
        made[:, :semitones] = picture[:, -semitones:]
    return made


def transposing(most):
    """Return the ``change(rows, rng)`` that moves each picture of a batch by up to `most` semitones, down or up."""

    def change(rows, rng):
        shifts = rng.integers(-most, most + 1, len(rows["pictures"]))
        moved = [shifted(picture, int(shift)) for picture, shift in zip(rows["pictures"], shifts, strict=True)]
        return {**rows, "pictures": np.stack(moved)}

    return change


def _sound(found, bars, progress):
    from lab_utils.datasets import prepare_stave275
    from lab_utils.datasets.prepare import prepare as prepare_scores

    if bars is None:
        return prepare_stave275(progress=progress)
    return prepare_scores(
        [bar.score for bar in found], ids=[bar.name for bar in found], folds=[bar.fold for bar in found],
        groups=[bar.piece.name for bar in found], name="stave275-few", jobs=1, progress=progress,
    )  # fmt: skip


def _to_c(key):
    """By how many semitones a key such as "B-flat major" moves to C major, or to A minor."""
    tonic, mode = key.split()
    letter, _, accidental = tonic.partition("-")
    pitch = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[letter] + {"": 0, "flat": -1, "sharp": 1}[accidental]
    return ((9 if mode == "minor" else 0) - pitch + 6) % 12 - 6


def _holdouts(found):
    """By which holdout each bar is left out; see the top of the module."""
    numbers = {}
    for style in dict.fromkeys(bar.style for bar in found):
        pieces = dict.fromkeys((bar.piece.name, bar.fold) for bar in found if bar.style == style)
        in_order = sorted(pieces, key=lambda piece: piece[1] != "valid")  # stable: the others keep their order
        numbers |= {name: number for number, (name, _) in enumerate(in_order)}
    return np.array([numbers[bar.piece.name] for bar in found])


def _check_holdout(holdout):
    if isinstance(holdout, bool) or holdout not in range(HOLDOUTS):
        raise ParameterError(
            f"holdout: expected a number from 0 (the data set's own fold) to {HOLDOUTS - 1}, received {holdout!r}."
        )
    return holdout
