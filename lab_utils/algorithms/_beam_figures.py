"""What is measured of the restricted beam search: against Viterbi, against greedy choice and drawing, and as harmonies.

* **tasks** are melodies to fill: windows of held-out sopranos of which some notes are pinned, with a random choice of key, range,
  grid, largest leap, motif and cadence. A task whose constraints contradict each other is drawn anew, for what cannot be met is
  told before any search.
* **met** is judged by the notes that come out (:func:`kept`), not by the masks that let them through.
* The rivals write with the same network under the same constraints: greedy choice, the likeliest of as many draws as the beam is
  wide, masked step by step (as many rows asked of the network as the beam's), and as many free draws of which those that break a
  constraint are thrown away.
"""

import time

import numpy as np

from lab_utils.algorithms import _beam_fill, _beam_harmony
from lab_utils.algorithms._beam_models import ALPHABET, VOICES, chorale_model, first_state, melody_logits, melody_model, take
from lab_utils.encoding import chorale as encoding
from lab_utils.encoding import melody
from lab_utils.errors import ParameterError
from lab_utils.generation import constraints
from lab_utils.generation.beam import beam_search, log_softmax
from lab_utils.generation.lookahead import Constraints
from lab_utils.generation.rejection import best_of
from lab_utils.generation.viterbi import viterbi

STEPS = 64


def viterbi_agreement(toys=1000, *, seed=0):
    """Return in which share of random first-order toys a beam as wide as there are states finds Viterbi's score."""
    agreed = 0
    for number in range(toys):
        rng = np.random.default_rng([seed, number])
        size, steps = int(rng.integers(2, 9)), int(rng.integers(1, 13))
        initial, transition = log_softmax(2 * rng.normal(size=size)), log_softmax(2 * rng.normal(size=(size, size)))

        def next_logits(prefixes, state, initial=initial, transition=transition):
            return (transition[prefixes[:, -1]] if prefixes.shape[1] else np.tile(initial, (len(prefixes), 1))), state

        found = beam_search(next_logits, steps, beams=size, memory=1)
        agreed += abs(found.log_probability[0] - viterbi(initial, transition, steps)[1]) < 1e-9
    return agreed / toys


def draw_tasks(pieces, count, *, seed=0):
    """Return `count` tasks: dicts of the options of :func:`lab_utils.algorithms.beam.fill`.

    Parameters
    ----------
    pieces : list of Chorale
        Held-out ones.
    count, seed : int
    """
    rng, tasks = np.random.default_rng(seed), []
    pieces = [piece for piece in pieces if piece.meter == (4, 4) and len(piece) >= piece.pickup_steps + STEPS]
    while len(tasks) < count:
        piece = pieces[rng.integers(len(pieces))]
        bars = (len(piece) - piece.pickup_steps - STEPS) // _beam_fill.BAR
        first = piece.pickup_steps + _beam_fill.BAR * int(rng.integers(bars + 1))
        line, onsets = (of[first : first + STEPS, 0] for of in (piece.grid, piece.onsets))
        task = _draw_task(rng, line, onsets, piece.key)
        if task is not None and _is_possible(task):
            tasks.append(task)
    return tasks


def _draw_task(rng, line, onsets, key):
    starts = np.flatnonzero(onsets & (line >= 0) & (np.arange(STEPS) % 2 == 0))
    if len(starts) < 8:
        return None
    chosen = np.sort(rng.choice(starts, int(rng.integers(2, 7)), replace=False))
    sung = line[line >= 0]
    task = {"pins": {int(step): int(line[step]) for step in chosen}, "steps": STEPS, "grid": int(rng.choice([1, 2, 4]))}
    task |= {"low": int(sung.min()) - int(rng.integers(3)), "high": int(sung.max()) + int(rng.integers(3))}
    if rng.random() < 0.7:
        task["key"] = key
    if rng.random() < 0.4:
        task["leap"] = int(rng.choice([2, 4, 5, 7]))
    if rng.random() < 0.3:
        task["motif"] = (0, 16, 32, int(rng.choice([0, 0, 2, -2, 5])))
        task["pins"] = {step: pitch for step, pitch in task["pins"].items() if not 32 <= step < 48}
    if rng.random() < 0.5:
        tonic = (7 * key[0] + (0 if key[1] == "major" else 9)) % 12
        task["cadence"] = [tonic, (tonic + 7) % 12]
    return task


def _is_possible(task):
    try:
        Constraints(_beam_fill.bounds(**task), steps=task["steps"], size=ALPHABET.size)
    except ParameterError:
        return False
    return True


def kept(tokens, task):
    """Return whether a melody's tokens (T,) keep what a task asks for, read from its notes."""
    line, onsets = melody.line_from_tokens(tokens)
    steps = np.flatnonzero(onsets)
    notes = line[steps]
    fine = all(onsets[step] and line[step] == pitch for step, pitch in task["pins"].items())
    fine &= bool((line >= task["low"]).all() and (line <= task["high"]).all() and (steps % task["grid"] == 0).all())
    if "key" in task:
        sharps, mode = task["key"]
        tonic = (7 * sharps + (0 if mode == "major" else 9)) % 12
        fine &= bool(np.isin((notes - tonic) % 12, constraints.MAJOR if mode == "major" else constraints.MINOR).all())
    if "leap" in task:
        fine &= bool((np.abs(np.diff(notes)) <= task["leap"]).all())
    if "motif" in task:
        start, length, at, semitones = task["motif"]
        one, again = slice(start, start + length), slice(at, at + length)
        fine &= bool((line[one] + semitones == line[again]).all() and (onsets[one] == onsets[again]).all())
    if "cadence" in task:
        fine &= bool(onsets[-4] and not onsets[-3:].any() and line[-4] % 12 in task["cadence"])
    return bool(fine)


def fill_figures(tasks, *, run="soprano", beams=16, seed=0):
    """Return the figures of the beam and of its rivals over `tasks`, a dict."""
    melody_model(run)
    next_logits = melody_logits(run, encoding.positions(STEPS))
    rows = {"beam": [], "greedy": [], "masked_draws": [], "free_draws": []}
    met, backtracked, repeats = [], 0, melody_model(run)[1].repeats
    for number, task in enumerate(tasks):
        options = {"constraints": _beam_fill.bounds(**task, repeats=repeats), "state": first_state(), "take": take}
        found = beam_search(next_logits, STEPS, beams=beams, **options)
        greedy = beam_search(next_logits, STEPS, beams=1, **options)
        draws = {name: best_of(next_logits, STEPS, draws=beams, masked=name == "masked_draws", seed=seed + number, **options)
                 for name in ("masked_draws", "free_draws")}  # fmt: skip
        for name, one in {"beam": found, "greedy": greedy, **draws}.items():
            rows[name].append(-np.inf if one is None else one.log_probability[0] / STEPS)
        met += [kept(found.tokens[0], task), kept(greedy.tokens[0], task)]
        backtracked += found.beams != beams
    values = {name: np.array(row) for name, row in rows.items()}
    return {
        "tasks": len(tasks), "met": float(np.mean(met)), "widened_or_backtracked": int(backtracked),
        "beats_greedy": float((values["beam"] >= values["greedy"] - 1e-6).mean()),
        "better_than_greedy": float((values["beam"] > values["greedy"] + 1e-6).mean()),
        "beats_masked_draws": float((values["beam"] >= values["masked_draws"] - 1e-6).mean()),
        "beats_rejection": float((values["beam"] >= values["free_draws"] - 1e-6).mean()),
        "free_draws_that_met": float(np.isfinite(values["free_draws"]).mean()),
        "log_probability": {
            name: float(row[np.isfinite(row)].mean()) for name, row in values.items() if np.isfinite(row).any()
        },
    }  # fmt: skip


def harmony_figures(pieces, *, run="chorale", beams=_beam_harmony.BEAMS):
    """Return the figures of harmonising the sopranos of `pieces` (list of Chorale), a dict; the first is a warm-up too.

    ``mean`` and ``max`` are seconds on the clock; ``cpu_mean`` and ``cpu_max`` those of all processors, which other programs
    on the machine lengthen less.
    """
    from lab_utils.recipes import chorale
    from lab_utils.recipes._chorale_pieces import Piece

    model = chorale_model(run)[0]
    _beam_harmony.harmonise(pieces[0], run=run, beams=beams)
    seconds, busy, made, bach, met = [], [], [], [], []
    for piece in pieces:
        begun, work = time.perf_counter(), time.process_time()
        harmony = _beam_harmony.harmonise(piece, run=run, beams=beams)
        seconds.append(time.perf_counter() - begun)
        busy.append(time.process_time() - work)
        made.append(harmony.nats)
        met.append(sung(harmony))
        soprano = harmony.melody
        tokens = encoding.tokens_from_grid(piece.grid, piece.onsets if model.onsets else None)
        bach.append(Piece(tokens, soprano.position, soprano.phrase))
    scored = [float(nll.mean()) for nll, _ in chorale.score_pieces(model, bach)]
    return {
        "pieces": len(pieces), "met": float(np.mean(met)), "mean": float(np.mean(seconds)), "max": float(np.max(seconds)),
        "cpu_mean": float(np.mean(busy)), "cpu_max": float(np.max(busy)),
        "frames_of_longest": max(map(len, pieces)), "nats": float(np.mean(made)), "nats_of_bach": float(np.mean(scored)),
        "likelier_than_bach": float(np.mean(np.array(made) <= np.array(scored))),
    }  # fmt: skip


def sung(harmony):
    """Return whether a Harmony keeps soprano, ranges and order of the voices, and sounds together, read from its notes."""
    grid, onsets = encoding.grid_from_tokens(harmony.tokens)
    line, starts = harmony.melody.line, harmony.melody.onsets
    fine = np.array_equal(grid[:, 0], line) and not (onsets[:, 0] & ~starts).any()
    for voice in range(1, VOICES):
        low, high = _beam_harmony.RANGES[voice]
        pitch = grid[:, voice]
        both = (pitch >= 0) & (grid[:, voice - 1] >= 0)
        fine &= bool(((pitch < 0) | ((pitch >= low) & (pitch <= high))).all())
        fine &= bool((grid[:, voice - 1] >= pitch)[both].all())
        fine &= bool((pitch[line >= 0] >= 0).all())
    return bool(fine)
