"""What the pipeline is measured by: how well it hears held-out tunes, and a simulated dialogue of some minutes.

Conventions
-----------
* Tunes are played by the embedded synthesizer, the same on every machine, on :data:`INSTRUMENTS`; of each the first 20 s.
* In the dialogue a violin plays phrases from held-out tunes, of 1 to 5 s, and waits in between for 2 to 5 s. It is fed in blocks
  of 10 ms as fast as the machine goes; the latency is on the clock of the samples, plus the seconds of work. See
  :mod:`lab_utils.generation.pipeline` on underruns.
* Memory is the process' resident memory, read after a fifth of the dialogue and at its end; None where the system tells none.
"""

import time
from pathlib import Path

import numpy as np

from lab_utils import audio, datasets
from lab_utils.errors import ParameterError
from lab_utils.evaluation import transcription
from lab_utils.progress import tell

INSTRUMENTS = {"piano": 0, "flute": 73, "violin": 40}
RATE = 22050
SECONDS = 20.0  # of each tune
BLOCK = 0.01  # seconds


def tunes_of(fold, count):
    """Return `count` tunes spread evenly over a fold, as Scores of at most 20 s."""
    if count < 1:
        raise ParameterError(f"samples: expected at least one tune, received {count}.")
    tunes = datasets.load_tunes().fold(fold)
    places = np.unique(np.linspace(0, len(tunes) - 1, min(count, len(tunes))).astype(int))
    scores = [tunes[place].score for place in places]
    return [score.between(0, min(score.duration_quarter, SECONDS * score.tempo / 60)) for score in scores]


def hearing(*, fold="valid", tunes=20):
    """Return how well notes are heard: ``onset_f1``, ``pitch_accuracy``, ``instruments``, ``notes``; see :func:`heard_tunes`."""
    results = {name: heard_tunes(tunes_of(fold, tunes), program) for name, program in INSTRUMENTS.items()}
    wanted = [piece for result in results.values() for piece in result[0]]
    heard = [piece for result in results.values() for piece in result[1]]
    whole = transcription.evaluate(wanted, heard)
    each = {name: transcription.evaluate(*result) for name, result in results.items()}
    return {**whole, "instruments": each, "fold": fold, "tunes": len(wanted) // len(INSTRUMENTS)}


def heard_tunes(scores, program):
    """Return (wanted, heard) of Scores played on an instrument: two lists of arrays (notes, 2), onset in seconds and pitch."""
    wanted, heard = [], []
    for score in scores:
        samples = audio.synthesize(score.with_(programs=(program,)), sample_rate=RATE, engine="embedded")
        wanted.append(np.stack([score.seconds(score.notes["onset_quarter"]), score.notes["pitch"]], axis=1))
        found = audio.find_notes(samples, sample_rate=RATE)
        heard.append(np.array([(note.onset_seconds, note.pitch) for note in found]).reshape(-1, 2))
    return wanted, heard


def phrases(seconds, *, fold="valid", seed=0):
    """Return sound of `seconds` seconds in which a violin plays phrases and waits, float32, shape (samples,)."""
    rng, length = np.random.default_rng(seed), round(seconds * RATE)
    made = np.zeros(length, np.float32)
    sounds = [
        audio.synthesize(score.with_(programs=(INSTRUMENTS["violin"],)), sample_rate=RATE, engine="embedded", peak=0.5)
        for score in tunes_of(fold, 8)
    ]
    place = RATE // 2
    while place < length:
        sound, lasts = sounds[rng.integers(len(sounds))], round(rng.uniform(1, 5) * RATE)
        first = int(rng.integers(max(len(sound) - lasts, 1)))
        phrase = sound[first : first + lasts].copy()
        fade = min(RATE // 50, len(phrase))
        phrase[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        phrase = phrase[: length - place]
        made[place : place + len(phrase)] = phrase
        place += lasts + round(rng.uniform(2, 5) * RATE)
    return made


def opening(seed):
    """Return (samples, sample rate): the first two bars of a held-out tune on a violin, another tune for each of 50 seeds."""
    score = tunes_of("valid", 50)[seed % 50].with_(programs=(INSTRUMENTS["violin"],))
    return audio.synthesize(score.between(0, min(8.0, score.duration_quarter)), sample_rate=RATE, engine="embedded"), RATE


def simulated(dialogue, *, minutes, fold="valid", seed=0):
    """Return the figures of a Dialogue at 22,050 Hz that is played `minutes` of phrases in blocks of 10 ms.

    Returns
    -------
    dict
        ``p95_latency_ms``, ``p50_latency_ms``, ``underruns``, ``turns``, ``minutes``, ``memory_growth_mb``, ``load`` (seconds of
        work a second of sound, replies left out), ``stages`` (mean ms a call, and the most).
    """
    if not 0.2 <= minutes <= 120:
        raise ParameterError(f"minutes: expected 0.2 to 120, received {minutes}.")
    tell(f"a dialogue of {minutes:g} minutes in blocks of 10 ms ...")
    sound, block = phrases(60 * minutes, fold=fold, seed=seed), round(BLOCK * RATE)
    early, began = None, time.perf_counter()
    for first in range(0, len(sound), block):
        dialogue.push(sound[first : first + block])
        if early is None and first > len(sound) / 5:
            early = resident()
    took, told = time.perf_counter() - began, dialogue.statistics
    late = 1000 * np.array(told["latencies"] or [np.nan])
    stages = {
        name: {
            "calls": stage["calls"],
            "mean_ms": 1000 * stage["seconds"] / max(stage["calls"], 1),
            "most_ms": 1000 * stage["longest"],
        }
        for name, stage in told["stages"].items()
    }
    growth = None if early is None else (resident() - early) / 2**20
    return {
        "p95_latency_ms": float(np.percentile(late, 95)), "p50_latency_ms": float(np.median(late)),
        "underruns": told["underruns"], "turns": told["turns"], "minutes": minutes, "memory_growth_mb": growth,
        "load": took / (60 * minutes), "stages": stages,
    }  # fmt: skip


def resident():
    """Return the bytes of memory that this process holds; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * 4096
