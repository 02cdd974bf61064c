"""The figures of a trained WaveNet: bits a sample beside simpler models, speed, and what the sound that it makes is like.

* ``bits_per_sample``: of the held-out excerpts, each from its first sample on; ``baselines`` are of the same excerpts. The
  network is told what is played (or the style); the baselines, which hear the sound alone, are not.
* ``lpc16``: linear prediction with 16 coefficients and a fitted residual (:mod:`lab_utils.densities.linear`); ``lpc16_adaptive``
  takes coefficients and scale from the sound just before, and is the harder rival.
* ``samples_per_second``: one stream, by number of streams under ``by_streams``; ``naive_samples_per_second`` without kept
  activations, in the same run.
* ``pitch_hits``: ten seconds of held-out lines are played; of the voiced frames of 10 ms, the share whose pitch (pYIN) lies
  within 50 cents of the asked note, every frame counted, those just after an onset too. ``real`` is the data's instrument.
* ``spectral_distance``: of log-mel spectrograms, dB, to the data's instrument playing the same line; beside it silence, another
  line, and the target through μ-law.
* ``drift``: root mean square and spectral flatness by second, of made and real sound, means over the lines; ``rms_db`` how much
  louder the last third grows than the target's does.
"""

import numpy as np

from lab_utils.errors import check_whole
from lab_utils.recipes import _wavenet_sound as sounding
from lab_utils.recipes._wavenet_data import FRAMES_PER_SECOND, LOWEST, STYLES, conditions_of, prepare, sound_of
from lab_utils.recipes._wavenet_lines import HIGHEST, line_of
from lab_utils.recipes._wavenet_network import RECIPE, arrays_of, bits_per_sample, load
from lab_utils.recipes._wavenet_plan import chorale_lines

SECONDS = 10
LINES = 8
TEMPO = 84.0  # quarters a minute
STREAMS = 1, 8, 32
FITTED = 100  # excerpts that the linear rivals are fitted on
EVERY = 2  # frames of 5 ms from pitch to pitch


def evaluate(run, *, samples=60, speed=True):
    """Return the figures of a run; see the recipe's ``evaluate``."""
    check_whole("samples", samples, 1)
    model, config = load(run)
    settings = RECIPE.open(run)[1]
    data = prepare(settings.variant, sample_rate=settings.sample_rate, minutes=settings.minutes)
    folds = {fold: sounds for fold, sounds in data.items() if fold != "train"}
    costs = {fold: predicted(model, sounds, settings.variant, samples) for fold, sounds in folds.items()}
    rivals = baselines(data["train"].codes, data["valid"].codes[:samples])
    found = {
        "run": str(run), "variant": settings.variant, "sample_rate": settings.sample_rate,
        "excerpts": {fold: min(samples, len(sounds)) for fold, sounds in folds.items()},
        "bits_per_sample": costs["valid"], "bits_under_lpc16": rivals["lpc16"] - costs["valid"],
        **({"test_bits_per_sample": costs["test"]} if "test" in costs else {}),
        "baselines": rivals,
        "receptive_field": model.receptive_field, "weights": model.count_params(),
    }  # fmt: skip
    if speed:
        found |= speeds(model, settings)
    return found | (of_notes(model, settings) if settings.variant == "notes" else of_styles(model, settings, data["valid"]))


def predicted(model, sounds, variant, samples):
    """Return the mean bits a sample of the first `samples` excerpts of Sounds."""
    arrays = {name: values[:samples] for name, values in arrays_of(sounds, variant).items()}
    return float(bits_per_sample(model, arrays).mean(dtype=np.float64))


def baselines(train, held_out):
    """Return the bits a sample that simpler models need for `held_out` codes (N, samples), fitted on `train`; a dict."""
    from lab_utils.audio import mulaw
    from lab_utils.densities import LinearPrediction, MarkovChain
    from lab_utils.densities.linear import bits
    from lab_utils.densities.linear_adaptive import AdaptiveLinearPrediction

    values, edges = mulaw.decode(np.arange(256)), mulaw.edges()
    models = {
        "unigram": MarkovChain(256, order=0).fit(train), "markov": MarkovChain(256).fit(train),
        "lpc16": LinearPrediction(values, edges).fit(train[:FITTED]),
        "lpc16_adaptive": AdaptiveLinearPrediction(values, edges).fit(train[:FITTED]),
    }  # fmt: skip
    return {"uniform": 8.0, **{name: bits(model, held_out) for name, model in models.items()}}


def speeds(model, settings):
    """Return the samples a second of generation, a dict."""
    told = {"style": np.zeros(1, np.int32), "frames": 1} if settings.variant == "style" else {"conditions": _scale()}
    rates = sounding.rates(model, told, sample_rate=settings.sample_rate, batches=STREAMS)
    return {
        "samples_per_second": rates[1], "naive_samples_per_second": rates["naive"],
        "by_streams": {str(streams): rates[streams] for streams in STREAMS},
    }  # fmt: skip


def of_notes(model, settings):
    """Return the figures of held-out lines that the network plays, a dict."""
    from lab_utils.audio import mulaw
    from lab_utils.evaluation import sound as judge

    rate, lines = settings.sample_rate, held_out_lines()
    told = np.stack([conditions_of(line, seconds=SECONDS) for line in lines])
    target = np.stack([sound_of(line, sample_rate=rate, seconds=SECONDS) for line in lines])
    made = mulaw.decode(sounding.play(model, {"conditions": told}, sample_rate=rate))
    pitches = {"made": hits(made, told, rate), "real": hits(target, told, rate)}
    rivals = {
        "made": made, "silence": np.zeros_like(target), "another_line": np.roll(target, 1, axis=0),
        "mulaw_copy": mulaw.decode(mulaw.encode(target)),
    }  # fmt: skip
    drifts = [judge.evaluate(one, real, sample_rate=rate) for one, real in zip(made, target, strict=True)]
    return {
        "pitch_hits": pitches["made"]["hits"],
        "voiced": pitches["made"]["voiced"],
        "pitches": pitches,
        "spectral_distance": {name: distance(values, target, rate) for name, values in rivals.items()},
        "drift": drift_of(drifts),
    }


def of_styles(model, settings, held_out):
    """Return the figures of ten seconds in each style beside as much held-out sound of it, a dict."""
    from lab_utils.audio import mulaw
    from lab_utils.evaluation import sound as judge

    rate, numbers = settings.sample_rate, np.arange(len(STYLES), dtype=np.int32)
    made = mulaw.decode(sounding.play(model, {"style": numbers, "frames": SECONDS * FRAMES_PER_SECOND}, sample_rate=rate))
    found = {}
    for number, style in enumerate(STYLES):
        real = held_out.codes[held_out.styles == number].ravel()
        target = mulaw.decode(np.resize(real, made.shape[1]))
        found[style] = drift_of([judge.evaluate(made[number], target, sample_rate=rate)])
    return {"drift": found}


def held_out_lines(count=LINES):
    """Return the first `count` lines of the validation chorales that lie within the range, ten seconds each, as Scores."""
    found = []
    for fold, _, read in chorale_lines():
        score = read() if fold == "valid" and len(found) < count else None
        if score is not None and score.notes["pitch"].min() >= LOWEST and score.notes["pitch"].max() <= HIGHEST:
            line = line_of(score.with_(tempos=((0.0, TEMPO),)), seconds=SECONDS)
            found.append(line)
    return found


def hits(sounds, conditions, rate):
    """Return how well the pitches (pYIN) of sounds (N, samples) are the asked ones; all lines together, a dict."""
    from lab_utils.audio.pitch import find_pitches
    from lab_utils.evaluation.sound import pitch_hits

    found, asked = [], []
    for samples, told in zip(sounds, conditions, strict=True):
        pitches = find_pitches(samples, sample_rate=rate, hop=EVERY * rate // FRAMES_PER_SECOND).pitches
        wanted = np.where(told[::EVERY, 0] > 0, told[::EVERY, 0] + LOWEST - 1, 0)
        frames = min(len(pitches), len(wanted))
        found.append(pitches[:frames])
        asked.append(wanted[:frames])
    return pitch_hits(np.concatenate(found), np.concatenate(asked))


def distance(sounds, target, rate):
    """Return the mean spectral distance of sounds (N, samples) to their targets, dB."""
    from lab_utils.evaluation.sound import spectral_distance

    pairs = zip(sounds, target, strict=True)
    forward = transform_of(rate).forward
    return float(np.mean([spectral_distance(forward(one), forward(real)) for one, real in pairs]))


def transform_of(rate):
    """Return the log-mel Transform in which sounds are compared and drawn."""
    from lab_utils.audio import Transform

    return Transform(sample_rate=rate, window=512 * rate // 8000, hop=128 * rate // 8000, kind="mel", bins=48)


def drift_of(drifts):
    """Return the means over several sounds of what :func:`lab_utils.evaluation.sound.evaluate` tells of each."""
    means = {
        who: {what: _mean(np.array([one[who][what] for one in drifts], float)) for what in ("rms", "flatness")}
        for who in ("made", "target")
    }
    return {**means, "rms_db": float(np.mean([one["rms_db"] for one in drifts]))}


def _mean(rows):
    """The mean of each column over the rows that have a number there; None where none has."""
    there = ~np.isnan(rows)
    sums = np.where(there, rows, 0).sum(axis=0)
    return [float(total / count) if count else None for total, count in zip(sums, there.sum(axis=0), strict=True)]


def _scale():
    """The conditions of a scale in notes of half a second, int32 (1, frames, 2)."""
    length = FRAMES_PER_SECOND // 2
    pitches = np.repeat(np.arange(60, 72) - LOWEST + 1, length)
    return np.stack([pitches, np.tile(np.minimum(np.arange(length), 127), 12)], axis=-1)[None].astype(np.int32)
