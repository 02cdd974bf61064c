"""The figures of a transfer between hymns and dances, whoever made it: a CycleGAN, or a rival that has learnt nothing.

Held-out phrases (each piece's every fourth, so that they hardly overlap) go there and back in both directions. What is measured:
:mod:`lab_utils.evaluation.transfer`; who judges: :mod:`lab_utils.recipes._cyclegan_judges`; the floor:
:mod:`lab_utils.recipes._cyclegan_rivals`. The network's judgement stands at the top; the second classifier's under its own name,
and so do the readings that hear intervals alone and the rhythm alone.

A judge only compares two styles, so it says nothing of whether a transfer is music. For that the n-gram of the wanted style says
how surprised it is: ``nats``, a 16th. Real held-out phrases of that style stand beside it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation import transfer as evaluation
from lab_utils.recipes import _cyclegan_judges as judging
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_phrases import STEPS, STYLES
from lab_utils.recipes._cyclegan_rivals import other, rivals

READINGS = {"network": "", "ngram": "second_classifier", "intervals": "intervals_only", "rhythm": "rhythm_only"}
EVERY = 4
KEPT = ("content_f1", "content_f1_beat", "notes_kept", "notes_old", "density", "steps_returned")


class Panel:
    """Judges, and what they say of held-out phrases, which is asked but once.

    Parameters
    ----------
    fold : str
        "valid" or "test".
    judge : str or Path
        The run of the network, or "judge".
    every : int
        Of each piece one phrase of so many.
    names : sequence of str
        Which judges, of :data:`READINGS`; the first of them is at the top of the figures.
    material : dict, optional
        As :func:`lab_utils.recipes._cyclegan_phrases.prepare` returns it.
    """

    def __init__(self, fold="valid", *, judge="judge", every=EVERY, names=tuple(READINGS), material=None):
        material = material or phrases.prepare()
        self.fold, self.train = fold, judging.of_fold(material, "train")
        held_out = judging.of_fold(material, fold)
        self.sources = {style: held_out[style].every(every) for style in STYLES}
        self.judges = judging.judges(self.train, names=names, run=judge)
        self.said = {
            name: {style: self._asked(judge, lines.numbers, style) for style, lines in self.sources.items()}
            for name, judge in self.judges.items()
        }

    def _asked(self, judge, numbers, style):
        """Return whether a judge calls phrases `style`, bool (N,)."""
        return (judge.probability(numbers) > 0.5) == (style == STYLES[0])

    def accuracy(self, name):
        """Return how many of the held-out phrases a judge calls rightly: the mean of both styles, and each style's."""
        right = {style: float(called.mean()) for style, called in self.said[name].items()}
        return {"mean": float(np.mean(list(right.values()))), **right}

    def measure(self, transfer, *, draws=1000, seed=0):
        """Return the figures of ``transfer(numbers, to)``, without the floor; see :func:`evaluate`."""
        made = {style: _there_and_back(transfer, self.sources[style].numbers, style) for style in STYLES}
        directions = {f"{style}_to_{other(style)}": self._direction(style, *made[style]) for style in STYLES}
        found = evaluation.summary(directions, seed=seed, draws=draws)
        return self._by_judge(found)

    def _direction(self, style, there, back):
        """Return ({measure: (N,)}, pieces) of one direction."""
        source = self.sources[style]
        grids = [phrases.grid_from_numbers(numbers) for numbers in (source.numbers, there, back)]
        found = evaluation.measures(*grids)
        for name, judge in self.judges.items():
            calls = self.said[name][style], self._asked(judge, there, style), self._asked(judge, back, style)
            found[f"{name} strength"] = evaluation.strength(*calls)
            found |= {f"{name} {role}": called.astype(float) for role, called in zip(evaluation.ROLES, calls, strict=True)}
        if "ngram" in self.judges:
            found["nats"] = self.judges["ngram"].nats(there, other(style)) / STEPS
        return found, source.pieces

    def _by_judge(self, found):
        """Return the summary with what one judge says under that judge's name, the first judge's at the top."""
        first, *rest = self.judges
        top = {name: found[name] for name in (*KEPT, "nats") if name in found}
        made = {**self._said_by(first, found), **top}
        made["interval"] |= {name: found["interval"][name] for name in top}
        for way, values in found["by_direction"].items():
            made["by_direction"][way] |= {name: values[name] for name in top}
        content = {name: found[name] for name in ("content_f1", "content_f1_beat")}
        return made | {READINGS[name]: self._said_by(name, found) | content for name in rest}

    def _said_by(self, name, found):
        """Return what one judge says: strength, accuracy, the interval, and by direction how many it calls the source's style."""
        return {
            "strength": found[f"{name} strength"],
            "classifier_accuracy": self.accuracy(name)["mean"],
            "interval": {"strength": found["interval"][f"{name} strength"]},
            "by_direction": {
                way: {
                    "strength": values[f"{name} strength"],
                    "called_source": {role: values[f"{name} {role}"] for role in evaluation.ROLES},
                }
                for way, values in found["by_direction"].items()
            },
        }  # fmt: skip

    def real(self):
        """Return what real held-out phrases of each style have: notes in a bar, and nats under the n-gram of their own style."""
        found = {}
        for style, lines in self.sources.items():
            found[style] = {"density": float(evaluation.density(lines.numbers[..., 1] > 0).mean())}
            if "ngram" in self.judges:
                found[style]["nats"] = float(self.judges["ngram"].nats(lines.numbers, style).mean() / STEPS)
        return found


def evaluate(transfer, *, fold="valid", judge="judge", every=EVERY, seed=0, draws=1000, floor=True, panel=None):
    """Return the figures of a transfer.

    Parameters
    ----------
    transfer : callable
        ``transfer(numbers, to) -> numbers``: phrases uint8 (N, 64, 2), see :mod:`lab_utils.recipes._cyclegan_phrases`, made into
        phrases of the style `to`, as many.
    fold : str
        "valid", to choose by, or "test".
    judge : str or Path
        The run of the first judge, or "judge".
    every : int
        Of each piece one phrase of so many.
    seed, draws : int
        Of the bootstrap over pieces; the seed of the re-labelling copy too.
    floor : bool
        Measure the rivals too.
    panel : Panel, optional
        Of the same fold, to be used for many transfers; then `judge` and `every` are its own.

    Returns
    -------
    dict
        Means of both directions: ``strength``, ``classifier_accuracy`` (of the judge, on the sources), ``content_f1``,
        ``content_f1_beat``, ``notes_kept``, ``notes_old``, ``density``, ``steps_returned``, ``nats``; ``interval`` of 95 %;
        ``by_direction``, the same of each, with ``called_source``, the share of sources, transfers and ways back that the judge
        calls the source's style; under ``second_classifier``, ``intervals_only`` and ``rhythm_only`` what those say;
        ``real``, density and nats of real phrases of each style; ``floor``, the figures of each rival; ``phrases`` and
        ``pieces``, their numbers.
    """
    panel = panel or Panel(fold, judge=judge, every=every)
    if panel.fold != fold:
        raise ParameterError(f"panel: expected one of the fold {fold!r}, received one of {panel.fold!r}.")
    found = {"fold": fold, **panel.measure(transfer, draws=draws, seed=seed), "real": panel.real()}
    if floor:
        made = rivals(panel.train, seed=seed)
        found["floor"] = {name: _short(panel.measure(rival, draws=10, seed=seed)) for name, rival in made.items()}
    found["phrases"] = {style: len(lines) for style, lines in panel.sources.items()}
    found["pieces"] = {style: len(np.unique(lines.pieces)) for style, lines in panel.sources.items()}
    return found


def _there_and_back(transfer, numbers, style):
    there = _checked(transfer(numbers, other(style)), numbers)
    return there, _checked(transfer(there, style), numbers)


def _checked(made, asked):
    made = np.asarray(made)
    if made.shape != asked.shape or not np.issubdtype(made.dtype, np.integer):
        raise ParameterError(f"transfer: expected numbers of shape {asked.shape} from it, received {made.dtype} {made.shape}.")
    return made


def _short(found):
    """Return the figures of a rival, without intervals and with few of each direction."""
    kept = {name: value for name, value in found.items() if not isinstance(value, dict)}
    for name in READINGS.values():
        if name in found:
            kept[name] = {figure: found[name][figure] for figure in ("strength", "content_f1")}
    names = ("strength", "content_f1", "density", "nats")
    ways = {way: {name: values[name] for name in names if name in values} for way, values in found["by_direction"].items()}
    return kept | {"by_direction": ways}
