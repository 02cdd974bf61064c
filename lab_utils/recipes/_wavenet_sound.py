"""The WaveNet recipe at work: codes made by a trained network, how fast, and how fast it would be without kept activations."""

import time
from functools import lru_cache

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.progress import bar
from lab_utils.recipes._wavenet_data import FRAMES_PER_SECOND
from lab_utils.recipes._wavenet_network import told_of

CHUNK = 50  # frames that are made in one go: a quarter of a second
LONGEST = 600  # seconds


def play(model, told, *, before=None, seed=0, temperature=1.0, sample_rate=8000, progress=False):
    """Return codes that the network makes, uint8, shape (B, N): a frame's samples for each frame of `told`.

    Parameters
    ----------
    model : WaveNet
    told : dict
        ``conditions`` int (B, F, 2), or ``style`` int (B,) with ``frames``, how many frames are wanted.
    before : np.ndarray of uint8, shape (B, samples), optional
        Codes that the sound goes on from, heard under the first frame's conditions; silence if left out.
    seed : int
        Of the noise. The same number gives the same sound, alone and in a batch of any size.
    temperature : float
        From 0.05 to 2: under 1 the likelier codes are preferred.
    sample_rate : int
        In Hz; decides how many samples a frame has.
    progress : bool
    """
    if not 0.05 <= temperature <= 2:
        raise ParameterError(
            f"temperature: expected a number from 0.05 to 2, received {temperature!r}; 1 plays as it was taught."
        )
    check_whole("seed", seed, 0)
    frame, told_frames = sample_rate // FRAMES_PER_SECOND, frames_of(model, told, sample_rate)
    batch, frames, _ = told_frames.shape
    if not 1 <= frames <= LONGEST * FRAMES_PER_SECOND:
        raise ParameterError(f"seconds: expected more than 0, up to {LONGEST}, received {frames / FRAMES_PER_SECOND:g}.")
    generators = [np.random.default_rng([seed, row]) for row in range(batch)]
    sampler = sampler_of(model, frame)
    states, made = sampler.begin(batch) if before is None else _heard(model, told_frames[:, :1], before, frame), []
    with bar(total=frames / FRAMES_PER_SECOND, title="playing", unit="s of sound", show=progress) as shown:
        for start in range(0, frames, CHUNK):
            part = told_frames[:, start : start + CHUNK]
            noise = np.stack([rng.random((CHUNK, frame), np.float32) for rng in generators])
            given = np.concatenate([noise, np.full((batch, CHUNK, 1), temperature, np.float32), _filled(part)], axis=-1)
            codes, *states = sampler.predict_on_batch([given, *states])
            made.append(np.asarray(codes).astype(np.uint8))
            shown.update(part.shape[1] / FRAMES_PER_SECOND)
    return np.concatenate(made, axis=1)[:, : frames * frame]


def _heard(model, told, before, frame):
    """Return the states of the sampler after it has heard codes (B, samples), a part of a frame at their beginning left out."""
    from lab_utils.models import WaveNetSampler

    before = np.asarray(before)[:, np.shape(before)[1] % frame :]
    codes = before.reshape(len(before), -1, frame).astype(np.float32)  # (B, F, H)
    rest = np.repeat(told, codes.shape[1], axis=1)
    listener = WaveNetSampler(model, samples=frame, forced=True)
    given = np.concatenate([codes, np.ones((*codes.shape[:2], 1), np.float32), rest], axis=-1)
    return listener.predict_on_batch([given, *listener.begin(len(before))])[1:]


def frames_of(model, told, sample_rate):
    """Return what the sampler is told of each frame, float32, shape (B, F, 2 + D): phases and vector; see :func:`play`."""
    if "conditions" in told:
        given = told_of(np.asarray(told["conditions"], np.int32), sample_rate)
        return np.concatenate([given["phases"], np.asarray(model.condition(given))], axis=-1)
    vectors = np.repeat(np.asarray(model.condition({"style": np.asarray(told["style"], np.int32)})), told["frames"], axis=1)
    return np.concatenate([np.zeros((*vectors.shape[:2], 2), np.float32), vectors], axis=-1)


def _filled(part):
    """A last chunk made as long as the others, so that one program does for all."""
    return np.concatenate([part, np.repeat(part[:, -1:], CHUNK - part.shape[1], axis=1)], axis=1)


@lru_cache(maxsize=4)
def sampler_of(model, frame):
    """Return the compiled sampler of `model`, kept: compiling takes longer than a second of sound."""
    from lab_utils.models import WaveNetSampler

    sampler = WaveNetSampler(model, samples=frame)
    sampler.compile(jit_compile=True)
    return sampler


def rates(model, told, *, sample_rate=8000, batches=(1,), seconds=2.0, naive=24):
    """Return samples a second, of all streams together, by batch, and of the naive way; told here for `batches` streams.

    Parameters
    ----------
    model : WaveNet
    told : dict
        As for :func:`play`, of one stream; repeated for more.
    batches : sequence of int
    seconds : float
        How much sound is made for the clock; what is compiled is made once before.
    naive : int
        How many samples are made by sending the whole receptive field through the network for each; 0: none.

    Returns
    -------
    dict
        Number of streams (int) → samples a second; "naive" → samples a second of one stream.
    """
    found, wanted = {}, round(seconds * FRAMES_PER_SECOND)
    for batch in batches:
        many = {name: np.repeat(values, batch, axis=0) if name != "frames" else wanted for name, values in told.items()}
        if "conditions" in many:
            many["conditions"] = np.resize(many["conditions"], (batch, wanted, 2))
        few = {**many, **({"conditions": many["conditions"][:, :1]} if "conditions" in many else {"frames": 1})}
        play(model, few, sample_rate=sample_rate)
        started = time.perf_counter()
        made = play(model, many, sample_rate=sample_rate)
        found[batch] = made.size / (time.perf_counter() - started)
    if naive:
        found["naive"] = _naive_rate(model, told, sample_rate // FRAMES_PER_SECOND, naive)
    return found


def _naive_rate(model, told, frame, count):
    """Samples a second where each one takes the network's whole receptive field, as the paper's own code did."""
    frames = -(-model.receptive_field // frame)
    inputs = {"codes": np.full((1, frames * frame), model.silence, np.uint8)}
    if "conditions" in told:
        inputs |= told_of(np.resize(told["conditions"][:1], (1, frames, 2)).astype(np.int32), frame * FRAMES_PER_SECOND)
    else:
        inputs["style"] = np.asarray(told["style"][:1], np.int32)
    rng = np.random.default_rng(0)
    for done in range(count + 1):
        if done == 1:  # the first is compiled
            started = time.perf_counter()
        logits = np.asarray(model.predict_on_batch(inputs))[0, -1].astype(np.float64)
        cumulated = np.cumsum(np.exp(logits - logits.max()))
        code = np.searchsorted(cumulated, rng.random() * cumulated[-1])
        inputs["codes"] = np.concatenate([inputs["codes"][:, 1:], np.array([[code]], np.uint8)], axis=1)
    return count / (time.perf_counter() - started)
