"""Restricted beam search: the likeliest sequences that a model writes within constraints, several hypotheses at a time.

At each step every hypothesis is asked for its logits; what the constraints forbid is struck out, and of all that is left the
`beams` best go on (Lowerre, 1976). Log-probabilities are those of the model, not renormalised after striking out, so that the
search looks for the sequence with the largest p(x) among those that are allowed. A beam of 1 is greedy choice under the same
masks.

Options
-------
* **sampled**: stochastic beam search (Kool, van Hoof & Welling, 2019): Gumbel-top-k from the root down draws `beams` sequences
  without replacement from q, the model with what is forbidden struck out and each step renormalised.
* **groups**, **diversity**: diverse beam search (Vijayakumar et al., 2016): the beams are split into groups, which choose one
  after another, and a token costs `diversity` nats for each time that an earlier group has just chosen it.
* **memory**: if the model looks at its last `memory` tokens only, hypotheses that agree in them and in all that the constraints
  still know have the same future, and only the best of them is kept. Then a beam as wide as there are such states is exact: it is
  Viterbi's algorithm.

Dead ends
---------
Where :mod:`lab_utils.generation.lookahead` sees exactly there are none, nor may a model forbid by itself what it has not told: a
token whose logit lies under :data:`FORBIDDEN` cannot be. Elsewhere, when no hypothesis can go on, the search is run again with a
beam twice and four times as wide, then as a depth-first search with backtracking, best token first, for :data:`BACKTRACKS` calls
a step at most; then one ParameterError names the constraints and the step.

Conventions
-----------
* ``next_logits(prefixes, state) -> (logits, state)``: int32 (B, t), and logits float (B, V). B is always `beams` (more after a
  dead end), so that a compiled function is compiled once; rows without a hypothesis are copies of others. The state is any
  nesting of tuples, lists and dicts of arrays with a leading axis B (or 1, for all rows alike, before the first step), or None;
  ``take(leaf, rows)`` picks rows of it.
* Constraints: :mod:`lab_utils.generation.constraints`. Soft ones (:mod:`lab_utils.generation.wishes`) are added to the
  log-probabilities.
* Equal scores: the earlier row, then the lower token, comes first. All chance is in `seed`.

Left out: a length that the model chooses (every sequence has `steps`), and penalties for it. Used by the notebook
``13_restricted_beam_search``.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.errors import ParameterError, check_whole
from lab_utils.generation.lookahead import Constraints

FORBIDDEN = -1e8
BACKTRACKS = 20
WIDER = (2, 4)


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found, the best first.

    Parameters
    ----------
    tokens : np.ndarray of int32, shape (count, steps)
        Without those that were given; fewer rows where there are no more sequences.
    log_probability : np.ndarray of float64, shape (count,)
        Nats, of the model as it is (temperature 1, nothing struck out).
    soft : np.ndarray of float64, shape (count,)
        Nats, of the soft constraints.
    calls, expanded : int
        How often the model was asked, and for how many rows in all.
    beams : int
        How wide the beam was that found it; 0 for the search with backtracking.
    """

    tokens: np.ndarray
    log_probability: np.ndarray
    soft: np.ndarray
    calls: int
    expanded: int
    beams: int


class _DeadEnd(Exception):
    def __init__(self, step, prefixes):
        super().__init__(step)
        self.step, self.prefixes = step, prefixes


def beam_search(
    next_logits, steps, *, beams=8, constraints=(), state=None, start=(), temperature=1.0, sampled=False, groups=1, diversity=0.0,
    count=1, seed=0, memory=None, take=None,
):  # fmt: skip
    """Return the best sequences of `steps` tokens that a beam finds.

    Parameters
    ----------
    next_logits : callable
        See the top of the module.
    steps : int
        How many tokens are written.
    beams : int
        How many hypotheses are kept at each step.
    constraints : iterable, or Constraints
        Hard and soft ones; of a whole sequence, `start` included.
    state : nesting of arrays, optional
        What the first call is given.
    start : sequence of int
        Tokens that stand before the first.
    temperature : float
        The logits are divided by it: over 1 the search heeds the model less, against soft constraints and when sampled.
    sampled : bool
    groups : int
        Divides `beams`.
    diversity : float
        Nats.
    count : int
        How many sequences are returned, at most `beams`.
    seed : int
        Of `sampled`.
    memory : int, optional
    take : callable, optional
        ``take(leaf, rows)``, for arrays that are not NumPy's.

    Returns
    -------
    Found

    Raises
    ------
    ParameterError
        An option out of its range, logits that are not finite or of another shape, constraints that cannot be met.
    """
    _check(steps, beams, temperature, groups, diversity, count)
    start = np.asarray(start if start is not None else (), dtype=np.int32)
    search = _Search(next_logits, steps, constraints, start, temperature, sampled, diversity, seed, memory, take or take_rows)
    dead = None
    for times in (1, *WIDER):
        try:
            return search.run(state, beams * times, groups, count)
        except _DeadEnd as met:
            dead = met if dead is None or met.step >= dead.step else dead
    try:
        return search.descend(state, beams)
    except _DeadEnd as met:
        dead = met if met.step >= dead.step else dead
    search.refuse(dead)


class _Search:
    """One search: what it asks, what it may choose, and what it has asked so far."""

    def __init__(self, next_logits, steps, constraints, start, temperature, sampled, diversity, seed, memory, take):
        self.next_logits, self.steps, self.start, self.take = next_logits, steps, start, take
        self.temperature, self.sampled, self.diversity = temperature, sampled, diversity
        self.seed, self.memory = seed, memory
        self.given, self.plan = constraints, constraints if isinstance(constraints, Constraints) else None
        self.calls = self.expanded = 0
        if self.plan is not None and self.plan.steps != len(start) + steps:
            raise ParameterError(f"constraints: expected them joined for {len(start) + steps} steps, received {self.plan.steps}.")

    # ---- asking

    def ask(self, prefixes, state, alive):
        """Return (log-probabilities of the model (B, V), those that the search goes by, state)."""
        logits, state = self.next_logits(prefixes, state)
        logits = np.asarray(logits, dtype=np.float64)
        self.calls, self.expanded = self.calls + 1, self.expanded + int(alive.sum())
        if logits.ndim != 2 or len(logits) != len(prefixes) or not (logits < np.inf).all():  # NaN and infinity are not under it
            raise ParameterError(
                f"next_logits: expected finite logits, shape ({len(prefixes)}, V), received shape {logits.shape} or a NaN."
            )
        if self.plan is None:
            self.plan = Constraints(self.given, steps=len(self.start) + self.steps, size=logits.shape[1], start=self.start)
        plain = log_softmax(logits)
        going = plain if self.temperature == 1 else log_softmax(logits / self.temperature)
        return plain, np.where(logits > FORBIDDEN, going, -np.inf), state

    def begin(self, state, rows):
        """Return the buffer of tokens (B, T) and the state of `rows` rows."""
        buffer = np.zeros((rows, len(self.start) + self.steps), np.int32)
        buffer[:, : len(self.start)] = self.start
        return buffer, map_state(state, lambda leaf: self.take(leaf, np.zeros(rows, np.int64)) if len(leaf) != rows else leaf)

    # ---- the beam

    def run(self, state, beams, groups, count):
        """Return the Found of a beam, or raise a _DeadEnd."""
        buffer, state = self.begin(state, beams)
        group = np.arange(beams) * groups // beams
        total = np.where(np.diff(group, prepend=-1) > 0, 0.0, -np.inf)  # one hypothesis a group
        log_probability, soft, perturbed = np.zeros(beams), np.zeros(beams), total.copy()
        rng, states = np.random.default_rng(self.seed), None
        for step in range(len(self.start), buffer.shape[1]):
            prefixes = buffer[:, :step]
            plain, going, state = self.ask(prefixes, state, np.isfinite(total))
            states = self.plan.begin(beams) if states is None else states
            going = np.where(self.plan.allowed(states, prefixes, step), going, -np.inf)
            wished = self.plan.score(prefixes, step) if self.plan.soft else None
            going = going if wished is None else going + wished
            if self.sampled:
                going = log_softmax(going)
                ranks = _perturb(total, perturbed, going, rng)
            else:
                ranks = total[:, None] + going
            rows, tokens = self._choose(ranks, group, states, prefixes)
            if not len(rows):
                raise _DeadEnd(step, prefixes[np.isfinite(total)])
            into = self._places(group, group[rows], beams)
            rows, tokens, alive = _filled(rows, tokens, into, beams)
            total = np.where(alive, total[rows] + going[rows, tokens], -np.inf)
            perturbed = np.where(alive, ranks[rows, tokens], -np.inf)
            log_probability = log_probability[rows] + plain[rows, tokens]
            soft = soft[rows] if wished is None else soft[rows] + wished[rows, tokens]
            states = self.plan.advance(states[rows], tokens) if states.shape[1] else states
            buffer = buffer[rows]
            buffer[:, step] = tokens
            state = map_state(state, lambda leaf, rows=rows: self.take(leaf, rows))
        order = np.argsort(-(perturbed if self.sampled else total), kind="stable")
        order = self._distinct(buffer, order[np.isfinite(total[order])])[:count]
        return Found(buffer[order, len(self.start) :], log_probability[order], soft[order], self.calls, self.expanded, beams)

    def _choose(self, ranks, group, states, prefixes):
        """Return (rows, tokens) of the candidates that go on, group by group, the best of each first."""
        size, rows, tokens = ranks.shape[1], [], []
        if self.memory is None and not group[-1]:  # one group, and every candidate stands for itself
            order = _best(ranks.ravel(), len(ranks))
            return np.divmod(order[ranks.flat[order] > -np.inf], size)
        penalty = np.zeros(size)
        for number in range(group[-1] + 1):
            own = np.flatnonzero(group == number)
            flat = (ranks[own] - penalty).ravel()
            order = _best(flat, len(flat) if self.memory is not None else len(own))
            order = order[np.isfinite(flat[order])]
            if self.memory is not None:
                order = self._merged(order, own, size, states, prefixes)
            order = order[: len(own)]
            rows.append(own[order // size])
            tokens.append(order % size)
            np.add.at(penalty, tokens[-1], self.diversity)
        return np.concatenate(rows), np.concatenate(tokens)

    def _merged(self, order, own, size, states, prefixes):
        """Of candidates with the same future keep the first, which is the best."""
        seen, kept = set(), []
        for place in order:
            row, token = own[place // size], place % size
            after = self.plan.advance(states[row : row + 1], np.array([token]))
            line = np.append(prefixes[row], token)[None]
            key = (
                line[0, max(0, line.shape[1] - self.memory) :].tobytes() if self.memory else b"",
                *self.plan.future(after, line),
            )
            if key not in seen:
                seen.add(key)
                kept.append(place)
            if len(kept) == len(own):
                break
        return np.array(kept, dtype=np.int64)

    def _places(self, group, chosen, beams):
        """Return the row into which each chosen candidate goes: those of its group, in turn."""
        if not group[-1]:
            return np.arange(len(chosen))
        places = np.empty(len(chosen), np.int64)
        for number in np.unique(chosen):
            own = np.flatnonzero(chosen == number)
            places[own] = np.flatnonzero(group == number)[: len(own)]
        return places

    def _distinct(self, buffer, order):
        """Of equal sequences, which different groups may find, keep the first."""
        _, first = np.unique(buffer[order], axis=0, return_index=True)
        return order[np.sort(first)]

    # ---- when the beam is stuck

    def descend(self, state, rows):
        """Return the Found of a depth-first search: the best token first, back where nothing is left; or raise a _DeadEnd."""
        buffer, state = self.begin(state, rows)
        begun, end = len(self.start), buffer.shape[1]
        alive, deepest = np.arange(rows) == 0, None
        levels, step, budget = [], begun, self.calls + BACKTRACKS * self.steps
        states = None
        while step < end:
            if self.calls >= budget:
                break
            plain, going, state = self.ask(buffer[:, :step], state, alive)
            states = self.plan.begin(rows) if states is None else states
            fits = self.plan.allowed(states, buffer[:, :step], step)[0]
            wished = self.plan.score(buffer[:, :step], step)[0]
            value = np.where(fits, going[0] + wished, -np.inf)
            order = _best(value, len(value))
            levels.append([list(order[np.isfinite(value[order])]), plain[0], wished, state, states])
            if not levels[-1][0] and (deepest is None or step >= deepest.step):
                deepest = _DeadEnd(step, buffer[:1, :step].copy())
            while levels and not levels[-1][0]:
                levels.pop()
            if not levels:
                break
            step = begun + len(levels) - 1
            token = levels[-1][0].pop(0)
            buffer[:, step] = token
            state, states = levels[-1][3], self.plan.advance(levels[-1][4], np.full(rows, token))
            step += 1
        if step < end or not levels:
            raise deepest or _DeadEnd(step, buffer[:1, :step])
        path = buffer[0, begun:]
        log_probability = sum(level[1][token] for level, token in zip(levels, path, strict=True))
        soft = sum(level[2][token] for level, token in zip(levels, path, strict=True))
        return Found(path[None].copy(), np.array([log_probability]), np.array([soft]), self.calls, self.expanded, 0)

    def refuse(self, dead):
        """Raise the error that names what cut off the last hypotheses."""
        names = self.plan.blame(dead.prefixes, dead.step) or ["the model"]
        raise ParameterError(
            f"constraints: at step {dead.step} nothing is left to write under {' and '.join(names)}, after a wider beam and "
            "backtracking; loosen one of them."
        )


def log_softmax(logits):
    """Return the logarithm of the softmax over the last axis; rows of nothing but −inf stay so."""
    top = logits.max(axis=-1, keepdims=True)
    if not (top > -np.inf).all():
        return _log_softmax_of_some(logits - np.where(np.isfinite(top), top, 0.0))
    moved = logits - top
    return moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True))


def _log_softmax_of_some(moved):
    with np.errstate(divide="ignore"):
        sums = np.log(np.exp(moved).sum(axis=-1, keepdims=True))
    return np.where(np.isfinite(sums), moved - np.where(np.isfinite(sums), sums, 0.0), -np.inf)


def _perturb(total, perturbed, going, rng):
    """Return perturbed log-probabilities (B, V) of all children, whose largest is their parent's (Kool et al., 2019)."""
    child = total[:, None] + going  # log q of each child
    noise = rng.gumbel(size=going.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.where(np.isfinite(child), child + noise, -np.inf)
        top = drawn.max(axis=1, keepdims=True)
        gap = np.where(np.isfinite(drawn), drawn - top, -np.inf)
        shrunk = np.where(gap < 0, np.log1p(-np.exp(np.minimum(gap, -1e-300))), -np.inf)  # log(1 − exp(gap))
        value = perturbed[:, None] - drawn + shrunk
        moved = perturbed[:, None] - np.maximum(0, value) - np.log1p(np.exp(-np.abs(value)))
    return np.where(np.isfinite(drawn), np.where(gap == 0, perturbed[:, None], moved), -np.inf)


def _best(values, count):
    """Return the places of the `count` largest values, the largest first, equal ones in their order."""
    if count < len(values) // 8:
        limit = np.partition(values, len(values) - count)[len(values) - count]
        some = np.flatnonzero(values >= limit)
        return some[np.argsort(-values[some], kind="stable")][:count]
    return np.argsort(-values, kind="stable")[:count]


def _filled(rows, tokens, into, beams):
    """Return rows and tokens for all `beams` places, and which of them hold a hypothesis; the others are copies of the first."""
    every_row, every_token, alive = np.full(beams, rows[0]), np.full(beams, tokens[0]), np.zeros(beams, bool)
    every_row[into], every_token[into], alive[into] = rows, tokens, True
    return every_row, every_token, alive


def take_rows(leaf, rows):
    """Return the rows of an array of a state, in their new order."""
    return np.take(leaf, rows, axis=0)


def map_state(state, change):
    """Return a state with each of its arrays changed."""
    if state is None:
        return None
    if isinstance(state, dict):
        return {name: map_state(part, change) for name, part in state.items()}
    if isinstance(state, list | tuple):
        parts = [map_state(part, change) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return change(state)


def _check(steps, beams, temperature, groups, diversity, count):
    for name, value in (("steps", steps), ("beams", beams), ("groups", groups), ("count", count)):
        check_whole(name, value, 1)
    if beams % groups:
        raise ParameterError(f"groups: expected a number that divides the {beams} beams, received {groups}.")
    if count > beams:
        raise ParameterError(f"count: expected at most the number of beams, {beams}; received {count}; widen the beam.")
    if not 0 < temperature < np.inf:
        raise ParameterError(f"temperature: expected a positive number, received {temperature!r}; try 1.")
    if not 0 <= diversity < np.inf:
        raise ParameterError(f"diversity: expected a number of nats from 0 on, received {diversity!r}.")
