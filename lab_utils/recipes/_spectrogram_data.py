"""The bars that the recipe of the spectrogram VAE trains on: stave275, played on the piano, as small mel spectrograms.

Conventions
-----------
* Every bar lasts two seconds, whatever its meter, so 64 frames are a bar, and in 4/4 four of them a 16th.
* 96 mel bands up to 5.5 kHz. What lies under −70 dB, further down than a piano's tone rings, counts as silence; levels from there
  to the loudest of the train fold are moved to [-1, 1].
* **Renderings.** 220 bars are few. So each bar of the train fold is played several times: once as it is written, then as
  stretches of a bar's length from one of its beats on, moved up or down by some semitones, each drawn by chance. The bars that
  are judged, those of the fold "valid", are played as they are written, and are of other pieces.
* **Splices** (:func:`spliced`), made while a network trains: the first beats of one bar and the last of another of its style.
* Played by the embedded synthesizer, so that the same numbers come out on every machine, as far as its arithmetic allows.
* Styles are numbered as in :data:`STYLES`.

The first time, a rendering takes about 0.1 s a core; :mod:`lab_utils.datasets.prepare` keeps what was made in the cache.
"""

import numpy as np

from lab_utils.audio.spectrogram import Transform
from lab_utils.datasets.prepare import prepare as prepare_scores
from lab_utils.datasets.stave275 import STYLES, load_pieces
from lab_utils.errors import ParameterError, check_whole

TRANSFORM = Transform(sample_rate=11025, window=1024, hop=345, kind="mel", bins=96, floor_db=-70.0)
SECONDS, FRAMES = 2.0, 64
ENGINE = "embedded"
REACH = 6  # semitones up and down
PIANO = 21, 108  # the lowest and the highest key
DATA = ("stave275",)


def prepare(data="stave275", *, renderings=1, bars=11, seed=0, progress=True, jobs=None):
    """Return the bars of both folds as spectrograms.

    Parameters
    ----------
    data : str
        "stave275", the only one whose bars have styles.
    renderings : int
        How often each bar of the train fold is played, 1 for as it is written and no more.
    bars : int
        How many bars of each piece, from the first on: all eleven, or fewer for a trial.
    seed : int
        Of the transpositions and of the beats that renderings start from.
    progress : bool
    jobs : int, optional
        Processes; one for each core by default, where the work is worth it.

    Returns
    -------
    lab_utils.datasets.prepared.Prepared
        The label "style"; the scaler has seen the train fold alone.
    """
    _check(data, renderings, bars, seed)
    items = [
        item for piece in load_pieces() for item in _items(piece, renderings if piece.fold == "train" else 1, bars, seed)
    ]  # fmt: skip
    return _rendered(items, progress=progress, jobs=jobs, name=f"bars-{data}")


def held_out(scaler, *, data="stave275", bars=11, fold="valid", progress=True):
    """Return the bars of one fold as they are written, in the scale of a network that is trained already.

    Parameters
    ----------
    scaler : Scaler
        The network's.
    data, bars, progress
        As in :func:`prepare`.
    fold : str
        "valid" or "train".

    Returns
    -------
    lab_utils.datasets.prepared.Prepared
    """
    _check(data, 1, bars, 0)
    items = [item for piece in load_pieces(fold=fold) for item in _items(piece, 1, bars, 0)]
    return _rendered(items, progress=progress, jobs=1, name=f"bars-{data}-{fold}", scaler=scaler)


def styles(prepared):
    """Return the styles of prepared bars as numbers, positions in :data:`STYLES`, int32, shape (items,)."""
    return np.array([STYLES.index(style) for style in prepared.labels["style"]], np.int32)


def spliced(rows, rng, *, share, patch=4):
    """Return a batch in which some bars go over into another of the batch, of the same style, from some patch on.

    Whole bars are soon known by heart; their halves are fewer, and each of them stands beside many others.

    Parameters
    ----------
    rows : dict
        ``spectrogram`` (B, T, F) and ``style`` (B,).
    rng : np.random.Generator
    share : float
        Of the bars that are spliced.
    patch : int
        Frames of a patch: where one bar may go over into the other.

    Returns
    -------
    dict
        Alike, with a ``spectrogram`` of its own.
    """
    bars, style = rows["spectrogram"].copy(), rows["style"]
    for row in np.flatnonzero(rng.random(len(bars)) < share):
        other, cut = rng.choice(np.flatnonzero(style == style[row])), patch * rng.integers(2, bars.shape[1] // patch - 1)
        bars[row, cut:] = rows["spectrogram"][other, cut:]
    return {**rows, "spectrogram": bars}


def _rendered(items, **options):
    return prepare_scores(
        [score for score, _, _ in items],
        ids=[name for _, name, _ in items],
        folds=[piece.fold for _, _, piece in items],
        groups=[piece.name for _, _, piece in items],
        labels={"style": [piece.style for _, _, piece in items]},
        transform=TRANSFORM, seconds=SECONDS, engine=ENGINE, **options,
    )  # fmt: skip


def _items(piece, renderings, bars, seed):
    """Yield (score, name, piece) of every rendering of the first `bars` of a piece."""
    rng = np.random.default_rng([seed, *piece.name.encode()])  # each piece its own, whatever the others are
    for bar in piece.bars[:bars]:
        yield bar.score, bar.name, piece
        for number in range(1, renderings):
            yield _stretch(piece, bar, rng), f"{bar.name}+{number}", piece


def _stretch(piece, bar, rng):
    """Return a stretch of a bar's length from a beat of `bar` on, moved by some semitones."""
    beats, lines = bar.score.meter[0], piece.score.bar_lines()
    length = lines[1] - lines[0]
    start = (bar.number - piece.first_bar + rng.integers(beats) / beats) * length
    start, semitones = min(start, lines[-2]), int(rng.integers(-REACH, REACH + 1))
    score = piece.score.between(start, start + length)
    if not len(score):  # rests alone
        score = bar.score
    pitches = score.notes["pitch"]
    return score.transpose(int(np.clip(semitones, PIANO[0] - pitches.min(), PIANO[1] - pitches.max())))


def _check(data, renderings, bars, seed):
    if data not in DATA:
        raise ParameterError(f"data: expected one of {', '.join(DATA)}, whose bars have styles; received {data!r}.")
    for name, value, least, most in (("renderings", renderings, 1, 100), ("bars", bars, 1, 11), ("seed", seed, 0, 2**32)):
        check_whole(name, value, least, most)
