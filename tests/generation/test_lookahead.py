"""What is allowed can be gone on with to the end: held against counting every sequence of small toys."""

from itertools import product

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import constraints as made
from lab_utils.generation import lookahead
from lab_utils.generation.lookahead import Constraints

SIZE, STEPS = 3, 5


def random_set(rng, kinds):
    """Random masks, automata and ties over three tokens and five steps."""
    chosen = []
    if "mask" in kinds:
        chosen.append(made.Mask("mask", rng.random((STEPS, SIZE)) < 0.75))
    for number in range(kinds.count("automaton")):
        final = rng.random(3) < 0.7
        chosen.append(
            made.Automaton(f"automaton {number}", rng.integers(-1, 3, (3, SIZE)), start=int(rng.integers(3)), final=final)
        )
    for number in range(kinds.count("tie")):
        source, target = sorted(rng.choice(STEPS, 2, replace=False))
        mapping = np.where(rng.random(SIZE) < 0.8, rng.permutation(SIZE), -1)
        chosen.append(made.Tie(f"tie {number}", np.array([source]), np.array([target]), mapping))
    return chosen


def every_sequence(chosen):
    """All sequences that keep the constraints, by the definition: one token after another."""
    kept = []
    for tokens in product(range(SIZE), repeat=STEPS):
        row = np.array([tokens])
        fine = all(one.allowed(row[:, :step], step)[0, tokens[step]] for one in chosen for step in range(STEPS))
        ends = all(one.final[one.run(row)[0]] for one in chosen if isinstance(one, made.Automaton)) if fine else False
        if fine and ends:
            kept.append(tokens)
    return set(kept)


@pytest.mark.parametrize("kinds", [["mask"], ["mask", "automaton", "automaton"], ["mask", "tie", "tie", "tie"]], ids=len)
def test_masks_with_automata_or_ties_are_seen_through_exactly(kinds):
    """A prefix is let on if and only if some whole sequence begins with it; what cannot be met is refused."""
    met = refused = 0
    for seed in range(60):
        chosen = random_set(np.random.default_rng(seed), kinds)
        whole = every_sequence(chosen)
        if not whole:
            refused += 1
            with pytest.raises(ParameterError, match="loosen"):
                Constraints(chosen, steps=STEPS, size=SIZE)
            continue
        met += 1
        plan = Constraints(chosen, steps=STEPS, size=SIZE)
        assert plan.exact
        walked = walk(plan)
        assert walked == whole
        for length in range(1, STEPS):
            assert {row[:length] for row in walk(plan, length)} == {row[:length] for row in whole}
    assert met > 10 and refused > 1


def walk(plan, length=STEPS):
    """Every sequence of `length` tokens that the plan lets through."""
    rows = [((), plan.begin(1))]
    for step in range(length):
        rows = [
            ((*tokens, int(token)), plan.advance(states, np.array([token])))
            for tokens, states in rows
            for token in np.flatnonzero(plan.allowed(states, np.array([tokens], dtype=int).reshape(1, step), step)[0])
        ]
    return {tokens for tokens, _ in rows}


def test_automata_beside_ties_let_nothing_wrong_through_and_nothing_right_be_lost():
    for seed in range(40):
        chosen = random_set(np.random.default_rng(seed), ["mask", "automaton", "tie"])
        whole = every_sequence(chosen)
        try:
            plan = Constraints(chosen, steps=STEPS, size=SIZE)
        except ParameterError:
            assert not whole
            continue
        assert not plan.exact
        assert walk(plan) == whole
        tie = chosen[-1]
        for length in range(tie.source[0] + 2, STEPS):  # from the step after the choice of what is repeated
            assert {row[:length] for row in walk(plan, length)} == {row[:length] for row in whole}


def test_without_a_product_each_automaton_is_still_kept(monkeypatch):
    monkeypatch.setattr(lookahead, "LARGEST", 1)
    seen = 0
    for seed in range(20):
        chosen = random_set(np.random.default_rng(seed), ["automaton", "automaton"])
        whole = every_sequence(chosen)
        if whole:
            plan = Constraints(chosen, steps=STEPS, size=SIZE)
            assert walk(plan) == whole
            seen += not plan.exact
    assert seen > 5


def test_hold_says_which_sequences_keep_all():
    chosen = random_set(np.random.default_rng(3), ["mask", "automaton", "tie"])
    every = np.array(list(product(range(SIZE), repeat=STEPS)))
    kept = Constraints([], steps=STEPS, size=SIZE), Constraints(chosen, steps=STEPS, size=SIZE)
    assert kept[0].hold(every).all()
    assert set(map(tuple, every[kept[1].hold(every)].tolist())) == every_sequence(chosen)


LETTERS = made.Alphabet.of_steps(60, 72)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [([made.in_key(LETTERS, 0), made.metre(LETTERS, 8), made.pins(LETTERS, {3: 61})],
      "key of C major and pins contradict .* step 3"),
     ([made.pins(LETTERS, {0: 60, 2: 72}), made.in_range(LETTERS, 60, 72), made.largest_leap(LETTERS, 4)],
      "pins and leaps up to 4 contradict each other at step 2"),
     ([made.in_range(LETTERS, 60, 61), made.cadence(LETTERS, 8, [7])], "range 60 to 61 and cadence contradict .* step 4"),
     ([made.pins(LETTERS, {0: 60, 4: 61}), made.motif(LETTERS, 0, 2, 4), made.spelling(LETTERS)],
      "pins and motif of step 0 at 4 contradict .* step 0"),
     ([made.Mask("nothing", np.zeros(15, bool)), made.spelling(LETTERS)], "nothing cannot be met at step 0; loosen it")],
)  # fmt: skip
def test_the_least_set_that_contradicts_itself_is_named(chosen, words):
    with pytest.raises(ParameterError, match=words):
        Constraints(chosen, steps=8, size=15)


def test_given_tokens_drive_the_automata_and_are_not_judged():
    plan = Constraints([made.in_key(LETTERS, 0), made.largest_leap(LETTERS, 2)], steps=3, size=15, start=[LETTERS.token(61)])
    fits = plan.allowed(plan.begin(1), np.array([[LETTERS.token(61)]]), 1)
    assert LETTERS.array[fits[0]].tolist() == [made.HOLDS, made.RESTS, 60, 62]


def test_an_object_of_one_s_own_joins_and_may_prepare():
    class Even:
        name = "even tokens"

        def prepare(self, masks):
            self.seen = masks.shape
            return self

        def allowed(self, prefixes, step):
            return np.tile(np.arange(15) % 2 == 0, (len(prefixes), 1))

    even = Even()
    plan = Constraints([even, [made.in_range(LETTERS, 60, 62)]], steps=4, size=15)
    assert even.seen == (4, 15) and not plan.exact
    fits = plan.allowed(plan.begin(2), np.zeros((2, 0), int), 0)
    np.testing.assert_array_equal(np.flatnonzero(fits[1]), [0, 2, 4])
    assert plan.blame(np.zeros((1, 0), int), 0) == ["even tokens", "range 60 to 62"]


def test_what_is_no_constraint_or_of_another_alphabet_is_refused():
    with pytest.raises(ParameterError, match="name and allowed"):
        Constraints(["C major"], steps=4, size=15)
    with pytest.raises(ParameterError, match="expected 9 tokens"):
        Constraints([made.in_key(LETTERS, 0)], steps=4, size=9)
    with pytest.raises(ParameterError, match="end within 4 steps"):
        Constraints(made.motif(LETTERS, 0, 2, 4), steps=4, size=15)
