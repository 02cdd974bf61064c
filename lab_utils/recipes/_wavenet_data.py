"""The sound that the WaveNet recipe trains on: single lines on one instrument with their notes, or stave275 with its styles.

Conventions
-----------
* Sound is cut into **excerpts** of 4 s, as μ-law codes (256) at 8 kHz, or 16 kHz by option.
* ``notes``: one voice of a chorale, or a voice of stave275 that never has two notes at a time (madrigals, quartets, tunes; its
  chorales may be in other folds of the chorales). A stretch from a beat on, in a tempo of 66 to 112 quarters a minute, moved by
  octaves where it leaves the range E2 to A5 (MIDI 40 to 81), then by −3 to 3 semitones, every fourth anywhere within the range;
  all by chance with a seed. So every pitch of the range is heard.
* **Frames** of 5 ms say what is played: `conditions` int32 (frames, 2), the pitch's number (0 where nothing sounds, else
  MIDI − 39) and its age (frames since it was struck, held at 127; of silence, since it began). Notes are moved to the nearest
  frame before they are played, so sound and conditions line up; every note is struck alike. Lines as such, a user's too:
  :mod:`lab_utils.recipes._wavenet_lines`.
* The **instrument** is the reed organ (General MIDI program 20), a harmonium. Of 30 programs of the shipped SoundFont at 8 kHz it
  is the steadiest that is right over the whole range: pYIN finds every pitch; what steady harmonics do not explain lies 22 to
  30 dB down (violin, clarinet, horn: 2 to 20, with vibrato and breath; harmonica: three keys out of tune; ocarina: steadier,
  but nearly a sine, which 16 coefficients predict as well as a network). It does not die away, and its keys are about as loud as
  each other (within 6 dB).
* The level is the synthesizer's own times a constant, so the notes alone tell it.
* ``style``: whole pieces of stave275 on the instruments of their styles, cut every 4 s; of the train fold further renderings
  moved by up to 3 semitones, until there are `minutes` of it. The label is the style's number in :data:`STYLES`. No test fold.
* Folds are those of the data sets, by piece.
* Played by the embedded engine, so that all machines hear the same; kept in the cache in parts, so a run that was killed goes on.

Used by the recipe ``wavenet`` and the notebook ``11_wavenet``.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass

import numpy as np

from lab_utils import storage
from lab_utils.errors import DataError, ParameterError, check_whole
from lab_utils.progress import bar
from lab_utils.recipes._wavenet_lines import (  # noqa: F401  (what the recipe needs of lines stands here too)
    AGES,
    FRAMES_PER_SECOND,
    GAIN,
    HIGHEST,
    LOWEST,
    PITCHES,
    PROGRAM,
    RATES,
    conditions_of,
    line_of,
    sound_of,
)  # fmt: skip
from lab_utils.recipes._wavenet_plan import SECONDS, plan

VARIANTS = ("notes", "style")
STYLES = ("madrigal", "chorale", "quartet", "salon", "tune")
VERSION = 1
PEAK = 0.8  # of a whole piece of stave275
PART = 32  # excerpts in a file of the cache while they are made


@dataclass(frozen=True, eq=False)
class Sounds:
    """Excerpts of one fold.

    Parameters
    ----------
    codes : np.ndarray of uint8, shape (N, samples)
        μ-law codes of 256.
    conditions : np.ndarray of int32, shape (N, frames, 2)
        Pitch number and age; all 0 for "style".
    styles : np.ndarray of int32, shape (N,)
        Positions in :data:`STYLES`; −1 for chorales' lines, whose style is not asked.
    pieces : np.ndarray of str, shape (N,)
    scores : tuple of Score, length N
        What was played, in seconds (60 quarters a minute).
    sample_rate : int
        In Hz.
    """

    codes: np.ndarray
    conditions: np.ndarray
    styles: np.ndarray
    pieces: np.ndarray
    scores: tuple
    sample_rate: int

    def __len__(self):
        return len(self.codes)

    @property
    def frame(self):
        """Samples in a frame."""
        return self.sample_rate // FRAMES_PER_SECOND

    @property
    def minutes(self):
        """How much sound it is."""
        return self.codes.size / self.sample_rate / 60


def prepare(variant="notes", *, sample_rate=8000, minutes=36.0, seed=0, progress=True):
    """Return the sound of each fold, made or taken from the cache.

    Parameters
    ----------
    variant : str
        "notes" or "style".
    sample_rate : int
        8000 or 16000 Hz.
    minutes : float
        Of the train fold; the others have a ninth of it or what there is. The first time, a minute of sound takes 2 to 5 s.
    seed : int
        Of the stretches, tempos and transpositions.
    progress : bool

    Returns
    -------
    dict of str → Sounds
        "train", "valid", and for notes "test".

    Raises
    ------
    ParameterError
        An unknown variant or rate; a number of minutes that gives no excerpt, or is above 600.
    """
    _check(variant, sample_rate, minutes, seed)
    planned = plan(variant, minutes=minutes, seed=seed)
    arrays = _rendered(planned, variant, sample_rate, progress)
    found = {}
    for fold in dict.fromkeys(excerpt.fold for excerpt in planned):
        rows = [row for row, excerpt in enumerate(planned) if excerpt.fold == fold]
        scores = tuple(planned[row].score for row in rows)
        conditions = [conditions_of(score, seconds=SECONDS) for score in scores] if variant == "notes" else None
        found[fold] = Sounds(
            codes=arrays[rows],
            conditions=np.stack(conditions) if conditions else np.zeros((len(rows), SECONDS * FRAMES_PER_SECOND, 2), np.int32),
            styles=np.array([STYLES.index(planned[row].style) if planned[row].style else -1 for row in rows], np.int32),
            pieces=np.array([planned[row].piece for row in rows]),
            scores=scores,
            sample_rate=sample_rate,
        )  # fmt: skip
    return found


def _rendered(planned, variant, sample_rate, progress):
    """The codes of all excerpts, uint8 (excerpts, samples): from the cache, else played."""
    from lab_utils.audio.mulaw import encode

    path = storage.cache_folder("wavenet") / f"{variant}-{_digest(planned, variant, sample_rate)[:16]}.npz"
    shape = (len(planned), SECONDS * sample_rate)
    codes = _read(path, shape)
    if codes is not None:
        return codes
    rows = [slice(first, min(first + PART, len(planned))) for first in range(0, len(planned), PART)]
    parts, files, play = [], [], _player(variant, sample_rate)
    with bar(total=len(planned), title=f"playing {variant}", show=progress) as shown:
        for number, part in enumerate(rows):
            files.append(path.with_name(f"{path.stem}.part{number:04d}.npz"))
            length = part.stop - part.start
            made = _read(files[-1], (length, shape[1]))
            if made is None:
                made = np.stack([encode(play(excerpt)) for excerpt in planned[part]])
                _write(files[-1], made)
            parts.append(made)
            shown.update(length)
    codes = np.concatenate(parts)
    _write(path, codes)
    for file in files:
        file.unlink(missing_ok=True)
    return codes


def _player(variant, sample_rate):
    """A function from an excerpt to its samples; a whole piece is played once for all its excerpts in a row."""
    from lab_utils.audio.synth import synthesize

    last = {"score": None, "sound": None}

    def play(excerpt):
        if variant == "notes":
            return sound_of(excerpt.score, sample_rate=sample_rate, seconds=SECONDS)
        if last["score"] is not excerpt.score:
            sound = synthesize(excerpt.score, sample_rate=sample_rate, engine="embedded", peak=PEAK)
            last.update(score=excerpt.score, sound=sound)
        return last["sound"][round(excerpt.start * sample_rate) :][: SECONDS * sample_rate]

    return play


def _digest(planned, variant, sample_rate):
    """The SHA-256 of everything that the codes depend on."""
    from lab_utils.audio.synth import engines, soundfont_path

    told = {
        "version": VERSION, "variant": variant, "rate": sample_rate, "engine": engines()["embedded"].detail,
        "soundfont": soundfont_path().stat().st_size, "program": PROGRAM, "gain": GAIN, "peak": PEAK,
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for excerpt in planned:
        digest.update(repr((excerpt.start, excerpt.score.programs, excerpt.score.tempos)).encode())
        digest.update(excerpt.score.notes.tobytes())
    return digest.hexdigest()


def _read(path, shape):
    """The codes in a file of the cache, or None where it is missing, cut short, altered or of another shape."""
    try:
        with np.load(io.BytesIO(storage.read_bytes(path)), allow_pickle=False) as arrays:
            codes, told = arrays["codes"], str(arrays["sha256"])
    except (DataError, OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return codes if codes.shape == shape and storage.sha256(codes.tobytes()) == told else None


def _write(path, codes):
    with storage.replacing(path) as beside:
        np.savez(beside, codes=codes, sha256=np.array(storage.sha256(codes.tobytes())))


def _check(variant, sample_rate, minutes, seed):
    if variant not in VARIANTS:
        raise ParameterError(f"variant: expected one of {', '.join(VARIANTS)}; received {variant!r}.")
    if isinstance(sample_rate, bool) or sample_rate not in RATES:
        raise ParameterError(f"sample_rate: expected one of {', '.join(map(str, RATES))} Hz, received {sample_rate!r}.")
    number = isinstance(minutes, int | float) and not isinstance(minutes, bool)
    if not number or not SECONDS / 60 <= minutes <= 600:
        raise ParameterError(f"minutes: expected a number from {SECONDS / 60:.2f} (one excerpt) to 600, received {minutes!r}.")
    check_whole("seed", seed, 0)
