"""Particle swarm and restricted beam: a short tune that repeats with variation, its onsets by the one, its pitches by the other.

The source text calls a particle swarm "restricted beam search": each particle a note, its position the note's onset. Beam search
and particle swarm are two algorithms (Lowerre, 1976; Kennedy & Eberhart, 1995). Here they take turns:

1. A **wish** says how many bars there are, which of them are alike, how many notes they have (:class:`Wish`).
2. The **swarm** looks for the onsets: a mask of one bit for each 16th (:func:`find_rhythm`), or the onsets of so many notes as
   numbers (:func:`find_onsets`). Its objective is the likelihood under the folk tunes' rhythms, less what is not as wished.
3. The **beam** fills in the pitches with the network of folk tunes: the onsets are its mask, and bars that are alike are tied
   (:func:`fill`).

Conventions
-----------
* A mask is bool, shape (bars · 16,). Values are nats; higher is better. A budget is counted in masks tried.
* All chance is in `seed`: of the wish, of the swarm's flight, of the beam's draws.

Left out: upbeats, triplets, meters other than 4/4, rests. Verbs: :func:`evaluate`, :func:`generate`. The notebook
``13_restricted_beam_search`` uses them.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from lab_utils.algorithms._beam_models import Kept, take
from lab_utils.algorithms._swarm_figures import figures
from lab_utils.algorithms._swarm_rhythms import rhythms
from lab_utils.algorithms._swarm_search import (
    EVALUATIONS,
    FORMS,
    SEARCHES,
    budget_of,
    find_onsets,
    find_rhythm,
    objective,
    onset_mask,
    rhythm_model,
    wish_of,
)  # fmt: skip
from lab_utils.algorithms._swarm_tune import METER, constraints_of, slots_of, symbols_of
from lab_utils.algorithms._swarm_wish import WORDS, Objective, Wish
from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation import beam_search
from lab_utils.storage import write_bytes

__all__ = [
    "FORMS", "SEARCHES", "Objective", "Wish", "compose", "evaluate", "fill", "find_onsets", "find_rhythm", "generate",
    "objective", "onset_mask", "rhythm_model", "rhythms", "wish_of",
]  # fmt: skip

PATIENT = 20_000  # masks, where a tune is written
KEYS = ("C", "D", "F", "G", "A")


# ------------------------------------------------------------------------------------------------ the pitches


@lru_cache(maxsize=2)
def _network(run):
    """Return (form, symbols, begin, step) of a trained run of tunes; the step is compiled."""
    from lab_utils.models import TuneStepper
    from lab_utils.recipes import melody
    from lab_utils.training import compiled

    model, form, _ = melody.load(run)
    stepper = TuneStepper(model, form.rule())
    return form, symbols_of(form), stepper.begin, compiled(stepper.step, model.variables)


def fill(mask, form, *, run="tunes", key="D", beams=16, temperature=1.0, free=4, seed=0):
    """Return the symbols of a tune on a rhythm, a list of str, the meter and the key first, and its nats a symbol.

    Parameters
    ----------
    mask : np.ndarray of bool, shape (bars · 16,)
        Where notes start; each bar begins with one.
    form : str
        A letter a bar; alike bars have alike pitches.
    run : str or Path
        A trained run of tunes of the recipe ``melody``.
    key : str
        The tonic of the major key in which it is written down.
    beams : int
    temperature : float
        Of the draws; towards 0 the likeliest tune is taken, which is often a dull one.
    free : int
        Steps at the end of each bar that need not repeat.
    seed : int

    Returns
    -------
    symbols : list of str
    nll : float
        Nats a symbol under the network, of what follows meter and key.

    Raises
    ------
    ParameterError
        If the rhythm has a bar that does not begin with a note, or a length that the network has no sign for.
    """
    slots = slots_of(mask)
    if len(form) != slots[-1].bar + 1:
        raise ParameterError(f"form: expected a letter for each of {slots[-1].bar + 1} bars, received {form!r}.")
    words, symbols, begin, step = _network(str(run))
    head = [symbols.number(METER), symbols.number(f"[K:{key}maj]")]

    def next_logits(prefixes, state):
        rows, kept = state
        before = prefixes[:, -1] if prefixes.shape[1] else np.zeros(len(prefixes))  # END opens a tune
        device = kept.state if prefixes.shape[1] else begin(len(prefixes))
        logits, device = step(device, np.stack([rows, before], axis=1).astype(np.int32))
        return np.asarray(logits), (np.arange(len(prefixes), dtype=np.int32), Kept(device))

    state = (np.zeros(beams, np.int32), Kept())
    for length in range(len(head)):
        _, state = next_logits(np.tile(np.array(head[:length], np.int32), (beams, 1)), state)
    found = beam_search(
        next_logits, len(slots), beams=beams, state=state, take=take, start=head, sampled=True, seed=seed,
        temperature=temperature, constraints=constraints_of(slots, form, symbols, head=len(head), free=free),
    )  # fmt: skip
    return words.vocabulary.symbols([*head, *found.tokens[0]]), float(-found.log_probability[0] / len(slots))


def compose(wish=None, *, bars=4, seed=0, run="tunes", data="tunes", search="swarm", evaluations=None, temperature=1.0):
    """Return a short tune, a dict: ``score``, ``abc``, ``mask``, ``wish``, ``failures`` (counts), ``value``, ``nll``.

    Parameters
    ----------
    wish : Wish, optional
        Default: one of so many `bars`, drawn with the seed.
    evaluations : int, optional
        Masks that the search may try; default 20,000 for each four bars.
    bars, seed, run, data, search, temperature
        As in :func:`wish_of`, :func:`find_rhythm` and :func:`fill`.
    """
    from lab_utils.encoding.abc_tokens import abc_from_symbols
    from lab_utils.files import from_abc
    from lab_utils.recipes._melody_writing import FLUTE, TEMPO

    wish = wish_of(bars, seed=seed) if wish is None else wish
    budget = budget_of(wish, PATIENT) if evaluations is None else evaluations
    best = find_rhythm(wish, search=search, evaluations=budget, seed=seed, data=data)
    failures = {name: int(count[0]) for name, count in objective(wish, data).failures(best.position[None]).items()}
    key = KEYS[seed % len(KEYS)]
    symbols, nll = fill(best.position, wish.form, run=run, key=key, temperature=temperature, seed=seed)
    abc = abc_from_symbols(symbols, title=f"{wish.form} no. {seed}")
    score = from_abc(abc).with_(tempos=((0.0, TEMPO["symbols"]),), programs=(FLUTE,), title=f"{wish.form} no. {seed}")
    return {
        "score": score,
        "abc": abc,
        "mask": best.position,
        "wish": wish,
        "failures": failures,
        "value": best.value,
        "nll": nll,
    }


# ------------------------------------------------------------------------------------------------ the verbs


def evaluate(*, fold="valid", samples=100, evaluations=EVALUATIONS):
    """Return how good the swarm is, beside its rivals at equal budgets.

    Parameters
    ----------
    fold : str
        On which the density of rhythms is measured: "valid" or "test".
    samples : int
        Seeds of each task.
    evaluations : int
        Masks that each search may try.

    Returns
    -------
    dict
        See :func:`lab_utils.algorithms._swarm_figures.figures`.
    """
    return figures(fold=fold, seeds=check_whole("samples", samples, 1), evaluations=evaluations)


def generate(*, run="tunes", bars=4, seed=0, temperature=1.0, out="out"):
    """Write a short tune: score, ABC text, sound and pictures; return where they are and what they fail in.

    Parameters
    ----------
    run : str or Path
        A trained run of tunes.
    bars : int
        2, 4 or 8.
    seed : int
        The same seed gives the same tune.
    temperature : float
        Of the pitches.
    out : str or Path
        The folder for the files.

    Returns
    -------
    dict
        The paths of ``midi``, ``musicxml``, ``sound``, ``staff``, ``staff_svg``, ``roll`` and ``abc``; of the wish ``form`` and
        ``notes_a_bar``; ``not_as_wished``, what the rhythm fails in, in words, and how many of them, nothing where all is as
        wished; ``value`` of the rhythm and ``nll`` of a symbol in nats; ``seconds``, ``seed``.
    """
    from lab_utils.recipes._output import write_piece

    made = compose(bars=bars, seed=seed, run=run, temperature=temperature)
    paths = write_piece(made["score"], out, "tune")
    paths["abc"] = Path(out, "tune.abc")
    write_bytes(made["abc"].encode(), paths["abc"])
    return {
        **paths, "form": made["wish"].form, "notes_a_bar": made["wish"].density,
        "not_as_wished": {WORDS[name]: count for name, count in made["failures"].items() if count},
        "value": made["value"], "nll": made["nll"], "seconds": made["score"].duration_seconds, "seed": seed,
    }  # fmt: skip
