"""Bars written by a density and steered towards a style by the classifier; and how much of it a second judge hears.

The generator
-------------
An n-gram model (:class:`~lab_utils.densities.ngram.NGram`) of the training bars of *all* styles, each piece moved to C major or A
minor, written as tokens: for each moment in turn the steps since the one before (if any), then pitch and length of each note that
starts there, from below; at last an end. It knows the last :data:`ORDER` tokens and no style: unsteered, it writes now a bit of a
madrigal, now of a jig, often of both.

The steering
------------
:func:`lab_utils.generation.steering.steer`: a pool of its bars is weighed by the classifier's p(style | bar), and bars are
drawn by that weight. The classifier writes nothing.

The judges
----------
* **judge**: the classifier that steered. It is bound to be pleased.
* **second_judge**: the nearest training bar (in any transposition), which shares no weight with it.
* **listener**: the classifier of sound, which never saw a note; it is asked of the bars as the piano plays them.

All three learnt from the same 220 bars, so they may err alike. **copied** is the share of bars that are a training bar, moved
or not: so short are the bars and so small is the set that the n-gram repeats some.
"""

import numpy as np

from lab_utils.densities.ngram import NGram
from lab_utils.errors import ParameterError
from lab_utils.generation.steering import steer
from lab_utils.recipes._style_data import BANDS, STEPS, shifted
from lab_utils.recipes._style_figures import SHIFTS, nearest

ORDER = 5
LENGTHS, WAITS, END = BANDS, BANDS + STEPS, BANDS + 2 * STEPS  # first tokens of each kind; pitches come first
VOCABULARY = END + 1
LONGEST = 96  # tokens of a bar; the longest of the data set has 82
START, SUSTAIN = 1.0, 0.5  # in a roll


def tokens_from_roll(roll):
    """Return a bar's roll (48, 88) as tokens, int64 (T,), END last; :func:`roll_from_tokens` is the inverse."""
    tokens, now = [], 0
    for step in np.flatnonzero((roll == START).any(axis=1)):
        if step > now:
            tokens.append(WAITS + step - now - 1)
            now = step
        for pitch in np.flatnonzero(roll[step] == START):
            after = roll[step + 1 :, pitch] != SUSTAIN
            length = 1 + (int(after.argmax()) if after.any() else len(after))
            tokens += [pitch, LENGTHS + length - 1]
    return np.array([*tokens, END], np.int64)


def roll_from_tokens(tokens):
    """Return the roll, float32 (48, 88), of tokens up to their END or the bar's; what breaks the grammar is passed over."""
    roll, now, pitch = np.zeros((STEPS, BANDS), np.float32), 0, None
    for token in tokens:
        if token == END:
            break
        if token < LENGTHS:
            pitch = token
        elif token < WAITS:
            if pitch is not None:
                roll[now : now + token - LENGTHS + 1, pitch] = SUSTAIN
                roll[now, pitch] = START
            pitch = None
        else:
            now += token - WAITS + 1
            if now >= STEPS:
                break
    return roll


def fitted(material, train):
    """Return the n-gram of the bars `train` of a Material of notes, all in C major or A minor."""
    if material.variant != "notes":
        raise ParameterError(f"material: expected notes to write bars from, received {material.variant!r}.")
    return NGram(ORDER, VOCABULARY).fit([tokens_from_roll(shifted(material.pictures[bar], material.to_c[bar])) for bar in train])


def write(density, count, *, seed):
    """Return `count` bars drawn from a density of :func:`fitted`, float32 (count, 48, 88); bars without a note are drawn anew."""
    made = []
    for attempt in range(10):
        rolls = np.stack([roll_from_tokens(row) for row in density.sample(count, LONGEST, seed=[seed, attempt])])
        made.extend(rolls[rolls.any(axis=(1, 2))])
        if len(made) >= count:
            return np.stack(made[:count])
    raise ParameterError("density: expected one that writes notes, received one whose bars are all but empty.")


def steered(model, pool, style, *, count, seed, strength=1.0):
    """Return the :class:`~lab_utils.generation.steering.Steered` bars of style number `style`, out of a `pool` of rolls."""
    return steer(pool, lambda bars: _log(model.probability(bars)[:, style]), count=count, seed=seed, strength=strength)


def _log(probabilities):
    return np.log(np.clip(probabilities, np.finfo(float).tiny, 1))


def figures(model, material, train, *, pool=600, count=40, seed=0, listener=None):
    """Return what steering does to each style, a dict.

    Parameters
    ----------
    model : Classifier
        Of notes.
    material : Material
        Of notes.
    train : np.ndarray of int
        The bars that `model` was trained on; the density is fitted on them too.
    pool, count : int
        Bars written, and drawn for each style.
    seed : int
    listener : callable, optional
        ``listener(rolls) -> np.ndarray of int, shape (N,)``: what a judge of sound calls the bars.

    Returns
    -------
    dict
        For each judge (``judge``, ``second_judge``, ``listener``) the share of bars called the wanted style, ``unsteered`` and
        ``steered`` (means over the styles; the first is 1 in 5, whatever is written) and both ``per_style``; ``copied``;
        ``effective`` and ``evidence`` by style; ``pool``, ``count``.
    """
    names = material.names
    rolls = write(fitted(material, train), pool, seed=seed)
    drawn = [steered(model, rolls, style, count=count, seed=seed) for style in range(len(names))]
    plain = rolls[:count]  # as they come from the density
    judges = {
        "judge": lambda bars: model.probability(bars).argmax(axis=1),
        "second_judge": lambda bars: nearest(material, train, bars),
        **({"listener": listener} if listener else {}),
    }
    made = {"pool": pool, "count": count}
    for name, judge in judges.items():
        before = np.bincount(judge(plain), minlength=len(names)) / count
        after = np.array([(judge(found.samples) == style).mean() for style, found in enumerate(drawn)])
        made[name] = {
            "unsteered": float(before.mean()), "steered": float(after.mean()),
            "per_style": {n: {"unsteered": float(b), "steered": float(a)} for n, b, a in zip(names, before, after, strict=True)},
        }  # fmt: skip
    known = {shifted(roll, shift).tobytes() for roll in material.pictures[train] for shift in SHIFTS}
    steered_bars = np.concatenate([found.samples for found in drawn])
    made["copied"] = {"unsteered": copied(plain, known), "steered": copied(steered_bars, known)}
    for name in ("effective", "evidence"):
        made[name] = {style: getattr(found, name) for style, found in zip(names, drawn, strict=True)}
    return made


def copied(rolls, known):
    """Return the share of rolls whose bytes are among `known`."""
    return float(np.mean([np.ascontiguousarray(roll).tobytes() in known for roll in rolls]))
