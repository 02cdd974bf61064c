"""Judges that tell hymns from dances, of several families, so that a transfer that fools one is not yet believed.

=============  =======================================================================================================
``network``    a convolutional network on pictures of the notes (:mod:`lab_utils.recipes._judge_network`): the first judge
``ngram``      an n-gram for each style (Witten-Bell), of all that a phrase holds: which n-gram finds it likelier? The second
``intervals``  the same of the intervals from note to note alone: it hears no rhythm at all
``rhythm``     the same of onsets and rests alone: it hears no pitch at all
``counts``     who has many notes is a dance: where the line lies is fitted
=============  =======================================================================================================

None of them has any part in a training of transfers. The network ships; the others are fitted on the train folds when they are
asked for, which takes seconds. All answers are probabilities of the first style, ``hymn``, with both styles equally likely before
anything is heard: p(hymn | x) = 1 / (1 + p(x | dance) / p(x | hymn)).

The third and fourth readings say what the styles differ in: the rhythm alone tells them apart nearly always, the intervals alone
mostly. A transfer that changes nothing but the rhythm is believed by everybody but ``intervals``.
"""

import numpy as np

from lab_utils.densities.ngram import NGram
from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes import _judge_network as network
from lab_utils.recipes._cyclegan_phrases import REST, STEPS, STYLES
from lab_utils.recipes._phrases import BAR

NAMES = ("network", "ngram", "intervals", "rhythm", "counts")
APART = 4  # of a piece's phrases one in so many
LEAP = 12  # semitones; what is wider counts as an octave
HOLD, SILENCE = 0, 1  # symbols of a step


def steps(numbers):
    """Return what happens in each step of phrases (N, 64, 2), as symbols (N, 64): held, silent, or an interval that starts."""
    starts, pitch = _starts(numbers), numbers[..., 0].astype(int)
    at = np.maximum.accumulate(np.where(starts, np.arange(STEPS), -1), axis=1)
    before = np.concatenate([np.full((len(at), 1), -1), at[:, :-1]], axis=1)  # where the note before starts
    leap = pitch - np.where(before >= 0, np.take_along_axis(pitch, np.maximum(before, 0), axis=1), pitch)
    symbols = np.where(pitch == REST, SILENCE, HOLD)
    return np.where(starts, SILENCE + 1 + LEAP + np.clip(leap, -LEAP, LEAP), symbols)


def intervals(numbers):
    """Return the intervals from note to note of phrases (N, 64, 2), a list of symbols (notes − 1,); of no interval a unison's."""
    lines = [row[start, 0].astype(int) for row, start in zip(numbers, _starts(numbers), strict=True)]
    return [LEAP + (np.clip(np.diff(line), -LEAP, LEAP) if len(line) > 1 else np.zeros(1, int)) for line in lines]


def rhythm(numbers):
    """Return for each step of phrases (N, 64, 2) whether it is held, silent or a start, as symbols (N, 64)."""
    return np.where(_starts(numbers), SILENCE + 1, np.where(numbers[..., 0] == REST, SILENCE, HOLD))


def counts(numbers):
    """Return how many notes start in each of phrases (N, 64, 2), (N,)."""
    return _starts(numbers).sum(axis=1)


def _starts(numbers):
    return np.asarray(numbers)[..., 1] > 0


HEARD = {  # what an n-gram hears, how many symbols there are, how far it looks back, the places in a bar that it knows
    "ngram": (steps, SILENCE + 2 + 2 * LEAP, 6, BAR),
    "intervals": (intervals, 2 * LEAP + 1, 2, 0),
    "rhythm": (rhythm, SILENCE + 2, 8, BAR),
}


class NetworkJudge:
    """The trained network; `run` as in :func:`lab_utils.recipes._judge_network.load`."""

    def __init__(self, run="judge"):
        self.model = network.load(run)

    def probability(self, numbers):
        """Return p(hymn | x) of phrases (N, 64, 2), float64, shape (N,)."""
        return network.probability(self.model, numbers)[:, 0]


class NGramJudge:
    """Two n-grams, one for each style.

    Parameters
    ----------
    name : str
        What they hear, one of :data:`HEARD`.
    train : dict of str to Lines
        The phrases of each style; of each piece those are counted that hardly overlap.
    """

    def __init__(self, name, train):
        self.view, symbols, order, beats = HEARD[name]
        self.models = {
            style: NGram(order, symbols, beats=beats).fit(self.view(train[style].every(APART).numbers)) for style in STYLES
        }

    def nats(self, numbers, style):
        """Return the negative log-likelihood of phrases (N, 64, 2) as of `style`, nats a phrase, shape (N,)."""
        return -self.models[style].log_likelihood(self.view(numbers))

    def ratio(self, numbers):
        """Return log p(x | hymn) − log p(x | dance) of phrases (N, 64, 2), nats, shape (N,)."""
        return self.nats(numbers, STYLES[1]) - self.nats(numbers, STYLES[0])

    def probability(self, numbers):
        """Return p(hymn | x) of phrases (N, 64, 2), float64, shape (N,)."""
        return 1 / (1 + np.exp(-np.clip(self.ratio(numbers), -500, 500)))


class CountJudge:
    """A line between few notes and many, laid where it parts `train` (dict of Lines) best, both styles weighing the same."""

    def __init__(self, train):
        hymns, dances = (counts(train[style].numbers) for style in STYLES)
        right = [(hymns <= line).mean() + (dances > line).mean() for line in range(STEPS)]
        self.line = int(np.argmax(right))

    def probability(self, numbers):
        """Return 1 for a hymn and 0 for a dance, of phrases (N, 64, 2), float64, shape (N,)."""
        return (counts(numbers) <= self.line).astype(float)


def judges(train, *, names=NAMES, run="judge"):
    """Return the judges, a dict of name to one with a method ``probability(numbers)``.

    Parameters
    ----------
    train : dict of str to Lines
        The train folds by style.
    names : sequence of str
        Which, of :data:`NAMES`.
    run : str or Path
        The network's.
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ParameterError(f"names: expected some of {', '.join(NAMES)}, received {unknown[0]!r}.")
    made = {}
    for name in names:
        if name == "network":
            made[name] = NetworkJudge(run)
        else:
            made[name] = CountJudge(train) if name == "counts" else NGramJudge(name, train)
    return made


def accuracy(judge, fold):
    """Return how well a judge tells real phrases apart.

    Parameters
    ----------
    judge : NetworkJudge, NGramJudge or CountJudge
    fold : dict of str to Lines

    Returns
    -------
    dict
        The share that is called rightly, of each style, and ``accuracy``, the mean of both.
    """
    right = {style: float(((judge.probability(fold[style].numbers) > 0.5) == (style == STYLES[0])).mean()) for style in STYLES}
    return {"accuracy": float(np.mean(list(right.values()))), **right}


def of_fold(material, fold):
    """Return style → Lines of one fold of what :func:`lab_utils.recipes._cyclegan_phrases.prepare` returns."""
    if fold not in phrases.FOLDS:
        raise ParameterError(f"fold: expected one of {', '.join(phrases.FOLDS)}; received {fold!r}.")
    return {style: material[style][fold] for style in STYLES}
