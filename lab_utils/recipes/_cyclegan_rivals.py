"""What a CycleGAN is held against: five ways to transfer a phrase that learn nothing of how to.

===============  =====================================================================================================
``identity``     does nothing: all content kept, no strength
``relabelled``   hands out any real phrase of the wanted style, in any key: the strength of real music, the content of chance
``nearest``      hands out the training phrase of the wanted style that, moved by some interval, has the source's pitch classes in
                 most 16ths (chroma F1): what can be had of real music
``rule``         a dance: every note is struck again each eighth; a hymn: the note on the beat is held for the beat. Much content
                 is kept, and whoever listens to the rhythm alone is fooled
``ornament``     as the rule, but the second eighth of each held beat goes to a neighbour on the way to the next beat, from the
                 pitch classes that the phrase has: what a musician might write down as a recipe
===============  =====================================================================================================

Each is a function ``transfer(numbers, to)`` of phrases (N, 64, 2) and a style, which returns numbers of the same shape: the form
in which :mod:`lab_utils.recipes._cyclegan_figures` measures any transfer.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_phrases import REST, STEPS, STYLES

NAMES = ("identity", "relabelled", "nearest", "rule", "ornament")
EIGHTH, BEAT = 2, 4  # steps
CLASSES = 12


def other(style):
    """Return the style that is not this one."""
    if style not in STYLES:
        raise ParameterError(f"to: expected {' or '.join(STYLES)}, received {style!r}.")
    return STYLES[1 - STYLES.index(style)]


def rivals(train, *, seed=0):
    """Return the rivals, a dict of name to ``transfer(numbers, to)``; `train` (dict of Lines) is what they hand out."""
    nearest = Nearest(train)
    made = {"identity": identity, "relabelled": relabelling(train, seed=seed), "nearest": nearest, "rule": rule}
    return made | {"ornament": ornament}


def identity(numbers, to):
    """Return the phrases as they are."""
    other(to)
    return np.array(numbers)


def relabelling(train, *, seed=0):
    """Return the function that hands out phrases of `train` (dict of Lines) by chance; the same ones for the same `seed`."""

    def transfer(numbers, to):
        other(to)
        rng = np.random.default_rng([seed, STYLES.index(to)])
        chosen = rng.integers(len(train[to]), size=len(numbers))
        return phrases.in_random_keys(train[to].numbers[chosen], train[to].shifts[chosen], rng)

    return transfer


def rule(numbers, to):
    """Return the phrases with another rhythm: notes struck again each eighth, or one note a beat."""
    other(to)
    numbers = np.array(numbers)
    if to == "dance":
        numbers[:, ::EIGHTH, 1] = 1  # what is no note stays none
    else:
        first = numbers[:, ::BEAT]
        numbers = np.repeat(first, BEAT, axis=1)
        numbers[:, :, 1] = np.arange(STEPS) % BEAT == 0
        numbers[:, BEAT::BEAT, 1] &= first[:, 1:, 1] | (np.diff(first[..., 0].astype(int), axis=1) != 0)
    return phrases.tidied(numbers)


def ornament(numbers, to):
    """Return the phrases with neighbours in held beats, for a dance, or with one note a beat, for a hymn."""
    made = rule(numbers, to)
    if to == "dance":
        for line, source in zip(made, np.asarray(numbers), strict=True):
            own = np.unique(source[source[:, 0] != REST, 0] % CLASSES)
            near = np.array([pitch for pitch in range(phrases.PITCHES) if pitch % CLASSES in own], int)
            for step in range(EIGHTH, STEPS, BEAT):
                held = source[step - EIGHTH : step + EIGHTH]
                if held[0, 0] != REST and (held[:, 0] == held[0, 0]).all() and not held[1:, 1].any():
                    pitch, following = int(held[0, 0]), int(source[(step + EIGHTH) % STEPS, 0])
                    aim = (pitch + following) / 2 if following not in (REST, pitch) else pitch + 2
                    others = near[near != pitch]
                    if len(others):
                        line[step : step + EIGHTH, 0] = others[np.abs(others - aim).argmin()]
    return phrases.tidied(made)


class Nearest:
    """Retrieval: the phrase of the wanted style, in the key, that has most of a source's pitch classes at their places.

    Parameters
    ----------
    train : dict of str to Lines
    """

    def __init__(self, train):
        self.train = train
        self._pools = {}

    def __call__(self, numbers, to):
        """Return for each of phrases (N, 64, 2) the nearest of the style `to`, uint8, shape (N, 64, 2)."""
        other(to)
        lines = self.train[to]
        pool, sizes, allowed = self._pool(to)
        wanted = chroma(numbers)  # (N, 12, 64)
        own = wanted.sum(axis=(1, 2))
        best, shift = np.full(len(wanted), -1.0), np.zeros(len(wanted), int)
        place = np.zeros(len(wanted), int)
        for semitones in range(CLASSES):
            asked = np.roll(wanted, -semitones, axis=1).reshape(len(wanted), -1)  # as if moved down: the pool stays as it is
            f1 = 2 * (asked @ pool.T) / (own[:, None] + sizes)
            f1[:, ~allowed[:, semitones]] = -1
            found = f1.argmax(axis=1)
            better = f1[np.arange(len(f1)), found] > best
            best[better], place[better], shift[better] = f1[np.arange(len(f1)), found][better], found[better], semitones
        return phrases.transposed(lines.numbers[place], self._octave(numbers, lines, place, shift))

    def _pool(self, style):
        if style not in self._pools:
            pool = chroma(self.train[style].numbers)
            classes = np.arange(CLASSES)
            low, high = (self.train[style].shifts[:, [side]].astype(int) for side in (0, 1))
            allowed = low + (classes - low) % CLASSES <= high  # (M, 12): the least shift of each class that is not too low
            self._pools[style] = pool.reshape(len(pool), -1), pool.sum(axis=(1, 2)), allowed
        return self._pools[style]

    def _octave(self, numbers, lines, place, shift):
        """Return the shifts (N,), within what is allowed, that are nearest to where the sources lie."""
        low, high = lines.shifts[place].astype(int).T
        first = low + (shift - low) % CLASSES
        at = np.array([_height(one) - _height(lines.numbers[i]) for one, i in zip(numbers, place, strict=True)])
        octaves = np.clip(np.round((at - first) / CLASSES), 0, (high - first) // CLASSES)
        return first + CLASSES * octaves.astype(int)


def chroma(numbers):
    """Return which pitch class sounds in each step of phrases (N, 64, 2), float32, shape (N, 12, 64)."""
    index = np.asarray(numbers)[:, None, :, 0].astype(int)
    return ((index % CLASSES == np.arange(CLASSES)[:, None]) & (index != REST)).astype(np.float32)


def _height(phrase):
    """The mean pitch of a phrase (64, 2)."""
    sounding = phrase[phrase[:, 0] != REST, 0]
    return sounding.mean() if len(sounding) else phrases.PITCHES / 2
