"""Look ahead: constraints joined so that whatever they allow can be gone on with to the end.

How far it sees
---------------
* **Masks, and a tie between them: exactly.** Steps that repeat one another are one choice; what each of them forbids is forbidden
  to the first, through the moves between them.
* **Automata and masks: exactly**, by backward reachability over the product of all automata: a token is allowed only if the end
  can be reached from where it leads (as in Pachet & Roy's Markov constraints, 2011). If the product has more than
  :data:`LARGEST` states, the automata are looked at one by one, which finds most dead ends and not all.
* **Automata and ties: exactly once the last step that is repeated later has been chosen.** Until then what is tied is looked
  ahead for as masks alone; after each choice, the repetitions that it fixes are masks for its row, and a row that cannot go on is
  dropped.
* **Any other object: not at all**, but for what it sees itself: one with a method ``prepare(masks)`` is given the masks (T, V) of
  all steps and returns the constraint to be used.

So where every constraint is a mask and a tie, or a mask and an automaton, no search ever meets a dead end, and a set that
contradicts itself is refused before the search with the names of the least set of constraints that do so. What happens elsewhere
is the search's business: see :mod:`lab_utils.generation.beam`.

Axis letters: B rows, V tokens, T steps, S states of the product.
"""

from functools import cached_property

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.generation.constraints import Automaton, Mask, Tie

LARGEST = 20_000  # states of a product
KEPT = 512  # of rows' own look-aheads


class Constraints:
    """Hard and soft constraints of a search, joined.

    Parameters
    ----------
    constraints : iterable
        As in :mod:`lab_utils.generation.constraints` and ``wishes``; a list among them, such as a motif's, is unpacked.
    steps : int
        T, the length of a whole sequence, tokens given before it included.
    size : int
        V.
    start : sequence of int
        Tokens that are given before the first step that is searched; automata read them, and nothing judges them.

    Raises
    ------
    ParameterError
        If they contradict each other, as far as it can be seen ahead; it names which, and the step.
    """

    def __init__(self, constraints, *, steps, size, start=()):
        self.every = tuple(_flat(constraints))
        self.steps, self.size, self.start = steps, size, np.asarray(start, dtype=np.int64)
        for one in self.every:
            if not (hasattr(one, "allowed") or hasattr(one, "score")) or not hasattr(one, "name"):
                raise ParameterError(f"constraints: expected objects with a name and allowed() or score(), received {one!r}.")
        self.hard = tuple(one for one in self.every if hasattr(one, "allowed"))
        self.soft = tuple(one for one in self.every if hasattr(one, "score"))
        self._look = _Look(self.hard, steps, size, self.start)
        if self._look.stuck is not None:
            self._refuse()
        others = [one for one in self.hard if not isinstance(one, Mask | Automaton | Tie)]
        self._others = [one.prepare(self._look.masks) if hasattr(one, "prepare") else one for one in others]
        self._kept = {}

    @property
    def exact(self):
        """Whether no search can meet a dead end by these constraints."""
        look = self._look
        return not self._others and not (look.tied and len(look.tables)) and len(look.tables) <= 1

    def begin(self, rows):
        """Return the states of `rows` rows before the first step, int (rows, automata)."""
        return np.tile(self._look.first, (rows, 1))

    def allowed(self, states, prefixes, step):
        """Return which tokens may stand at `step`, bool (B, V).

        Parameters
        ----------
        states : np.ndarray of int, shape (B, automata)
            Of :meth:`begin` and :meth:`advance`.
        prefixes : np.ndarray of int, shape (B, step)
        step : int
        """
        look = self._look
        fits = np.repeat(look.masks[step][None], len(prefixes), axis=0)
        for root, image in look.repeated(step):
            fits &= np.arange(self.size) == image[prefixes[:, root]][:, None]
        for number, (table, ahead) in enumerate(zip(look.tables, self._ahead(prefixes, step), strict=True)):
            after = table[states[:, number]]  # (B, V)
            fits &= (after >= 0) & (ahead[after] if ahead.ndim == 1 else np.take_along_axis(ahead, np.maximum(after, 0), axis=1))
        for one in self._others:
            fits &= one.allowed(prefixes, step)
        return fits

    def advance(self, states, tokens):
        """Return the states after `tokens` (B,)."""
        columns = [table[states[:, number], tokens] for number, table in enumerate(self._look.tables)]
        return np.stack(columns, axis=1) if columns else states

    def score(self, prefixes, step):
        """Return the sum of the soft constraints, float (B, V)."""
        total = np.zeros((len(prefixes), self.size))
        for one in self.soft:
            total += one.score(prefixes, step)
        return total

    def future(self, states, prefixes):
        """Return what the constraints will still know of each row, a list of bytes: rows alike in it have the same future."""
        open_ = self._look.still_open(prefixes.shape[1])
        return [state.tobytes() + row[open_].tobytes() for state, row in zip(states, prefixes, strict=True)]

    def hold(self, tokens):
        """Return whether each row of `tokens` (N, T) keeps every hard constraint, bool (N,)."""
        tokens = np.asarray(tokens)
        kept = np.ones(len(tokens), bool)
        for one in self.hard:
            if isinstance(one, Automaton):
                state = one.run(tokens)
                kept &= (state >= 0) & (True if one.final is None else one.final[state])
                continue
            for step in range(len(self.start), tokens.shape[1]):
                kept &= one.allowed(tokens[:, :step], step)[np.arange(len(tokens)), tokens[:, step]]
        return kept

    def blame(self, prefixes, step):
        """Return the names of those that cut off `prefixes` (B, step) at `step`: a least set of which that is true, as a list."""

        def cut(chosen):
            fits = np.ones((len(prefixes), self.size), bool)
            for one in chosen:
                fits &= one.allowed(prefixes, step)
            return not fits.any()

        return [one.name for one in _least(self.hard, cut)] if cut(self.hard) else [one.name for one in self.hard]

    def _ahead(self, prefixes, step):
        """From which states after `step` the end is reached: per automaton bool (S + 1,), or (B, S + 1) where rows differ."""
        look = self._look
        roots = look.still_open(step) if look.tied and look.tables else ()
        if not len(roots):
            return [ahead[step + 1] for ahead in look.ahead]
        found = []
        for row in np.asarray(prefixes)[:, roots]:
            key = (step, row.tobytes())
            if key not in self._kept:
                if len(self._kept) >= KEPT:
                    self._kept.clear()
                masks = look.masks_given(roots, row)
                self._kept[key] = [_backwards(table, masks, final, step)[step + 1] for table, final in look.automata]
            found.append(self._kept[key])
        return [np.stack(rows) for rows in zip(*found, strict=True)]

    def _refuse(self):
        def stuck(chosen):
            return _Look(chosen, self.steps, self.size, self.start).stuck is not None

        least = _least(self.hard, stuck)
        step = _Look(least, self.steps, self.size, self.start).stuck
        names = _listed([one.name for one in least])
        verb = "contradict each other" if len(least) > 1 else "cannot be met"
        raise ParameterError(f"constraints: {names} {verb} at step {step}; loosen {'one of them' if len(least) > 1 else 'it'}.")


class _Look:
    """The transparent constraints, folded: masks (T, V) through ties, and products of automata with what is reachable.

    ``stuck`` is None, or the step at which no sequence can go on.
    """

    def __init__(self, constraints, steps, size, start):
        self.steps, self.size, self.begun = steps, size, len(start)
        self.masks = np.ones((steps, size), bool)
        for one in constraints:
            if isinstance(one, Mask):
                if one.tokens.shape[-1] != size:
                    raise ParameterError(
                        f"{one.name}: expected {size} tokens, as the logits have, received {one.tokens.shape[-1]}."
                    )
                rows = np.stack([one.at(step) for step in range(steps)]) if one.tokens.ndim == 2 else one.tokens
                self.masks &= rows
        self.masks[: self.begun] = np.arange(size) == start[:, None]
        self.root, self.image = np.arange(steps), np.tile(np.arange(size), (steps, 1))
        self._fold([one for one in constraints if isinstance(one, Tie)])
        machines = [one for one in constraints if isinstance(one, Automaton)]
        for one in machines:
            if one.table.shape[1] != size:
                raise ParameterError(f"{one.name}: expected {size} tokens, as the logits have, received {one.table.shape[1]}.")
        self.automata = _products(machines)
        self.tables = [np.vstack([table, np.full((1, size), -1)]) for table, _ in self.automata]
        self.ahead = [_backwards(table, self.masks, final, self.begun) for table, final in self.automata]
        self.first = np.array([self._after(table, start) for table in self.tables], dtype=np.int64)
        self.stuck = self._stuck()

    @cached_property
    def tied(self):
        """Whether any step repeats another."""
        return bool((self.root != np.arange(self.steps)).any())

    def repeated(self, step):
        """Yield (root, image): the earlier step that `step` repeats, if any, and how."""
        if self.root[step] != step:
            yield self.root[step], self.image[step]

    def still_open(self, step):
        """Return the steps before `step` that one at or after it repeats, ascending."""
        later = self.root[step:]
        return np.unique(later[later < step])

    def masks_given(self, roots, tokens):
        """Return the masks (T, V) with the repetitions of `roots` fixed, where their `tokens` are known."""
        masks = self.masks.copy()
        for root, token in zip(roots, tokens, strict=True):
            for step in np.flatnonzero(self.root == root):
                masks[step] &= np.arange(self.size) == self.image[step, token]
        return masks

    def _fold(self, ties):
        if not ties:
            return
        beyond = [one for one in ties if np.max(one.target) >= self.steps]
        if beyond:
            raise ParameterError(
                f"{beyond[0].name}: expected to end within {self.steps} steps, received step {np.max(beyond[0].target)}."
            )
        for one in ties:
            for source, target in zip(one.source, one.target, strict=True):
                self._join(int(source), int(target), one.mapping)
        for step in range(self.steps):  # whatever forbids a step forbids it to the step that it repeats, and the other way round
            fits = self.image[step] >= 0
            fits[fits] = self.masks[step, self.image[step, fits]]
            self.masks[self.root[step]] &= fits
        for step in range(self.steps):
            root, image = self.root[step], self.image[step]
            if root != step:
                made = np.zeros(self.size, bool)
                made[image[self.masks[root] & (image >= 0)]] = True
                self.masks[step] &= made

    def _join(self, source, target, mapping):
        """Make `target` repeat `source` through `mapping`: two classes of steps become one, under the earlier root."""
        one, other = self.root[source], self.root[target]
        wanted = _through(self.image[source], mapping)  # from the token at `one` to that at `target`
        if one == other:
            self.masks[one] &= (wanted == self.image[target]) & (wanted >= 0)
            return
        back = np.full(self.size, -1)
        here = self.image[target]
        back[here[here >= 0]] = np.flatnonzero(here >= 0)
        onto = _through(wanted, back)  # from the token at `one` to that at `other`
        if one > other:
            turned = np.full(self.size, -1)
            turned[onto[onto >= 0]] = np.flatnonzero(onto >= 0)
            one, other, onto = other, one, turned
        for step in np.flatnonzero(self.root == other):
            self.root[step], self.image[step] = one, _through(onto, self.image[step])

    def _after(self, table, start):
        state = 0
        for token in start:
            state = table[state, token]
        return state

    def _stuck(self):
        empty = np.flatnonzero(~self.masks.any(axis=1))
        stuck = [int(empty[0])] if len(empty) else []
        for table, ahead, first in zip(self.tables, self.ahead, self.first, strict=True):
            if ahead[self.begun][first]:
                continue
            reached = np.zeros(len(table), bool)
            reached[first] = first < len(table) - 1 and first >= 0
            for step in range(self.begun, self.steps):
                after = table[np.flatnonzero(reached)][:, self.masks[step]]
                reached = np.zeros(len(table), bool)
                reached[after[after >= 0]] = True
                if not reached.any():
                    break
            stuck.append(step)
        return min(stuck, default=None)


def _flat(constraints):
    for one in constraints:
        if isinstance(one, list | tuple):
            yield from _flat(one)
        else:
            yield one


def _through(first, then):
    """The map (V,) that goes through both; −1 where either leads nowhere."""
    return np.where(first >= 0, then[np.maximum(first, 0)], -1)


def _products(machines):
    """Return [(table, final), …]: one product of all automata, its start state 0, or each alone if the product is too large."""
    made = [_reachable(one.table, one.start, one.final) for one in machines]
    if not made:
        return []
    table, final = made[0]
    for other, ends in made[1:]:
        if len(table) * len(other) > 5 * LARGEST:
            return made
        both = np.where((table[:, None] >= 0) & (other[None] >= 0), table[:, None] * len(other) + other[None], -1).reshape(
            len(table) * len(other), -1
        )
        table, final = _reachable(both, 0, (final[:, None] & ends[None]).ravel())
        if len(table) > LARGEST:
            return made
    return [(table, final)]


def _reachable(table, start, final):
    """Return (table, final) of the states that can be reached, numbered anew with the start as 0."""
    table = np.asarray(table, dtype=np.int64)
    seen, order, new = np.zeros(len(table), bool), [start], np.array([start])
    seen[start] = True
    while len(new):
        after = np.unique(table[new])
        new = after[(after >= 0)]
        new = new[~seen[new]]
        seen[new] = True
        order.extend(new.tolist())
    number = np.full(len(table) + 1, -1)
    number[order] = np.arange(len(order))
    final = np.ones(len(table), bool) if final is None else np.asarray(final, dtype=bool)
    return number[table[order]], final[order]


def _backwards(table, masks, final, first):
    """Return from which states the end is reached before each step, bool (T + 1, S + 1), known from step `first` on.

    The last column stands for no state at all, which −1 finds.
    """
    steps = len(masks)
    ahead = np.zeros((steps + 1, len(table) + 1), bool)
    ahead[steps, :-1] = final
    for step in range(steps - 1, first - 1, -1):
        ahead[step, :-1] = ahead[step + 1][table[:, masks[step]]].any(axis=1)
    return ahead


def _least(constraints, broken):
    """Return a least list of `constraints` for which ``broken(list)`` is still true, left out one by one."""
    kept = list(constraints)
    for one in list(kept):
        fewer = [other for other in kept if other is not one]
        if broken(fewer):
            kept = fewer
    return kept


def _listed(names):
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
