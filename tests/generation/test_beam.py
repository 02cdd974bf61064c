"""Beam search on toys with a known best answer: Viterbi, every sequence counted, greedy choice, draws without replacement."""

from itertools import product

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import constraints as made
from lab_utils.generation.beam import Found, beam_search, log_softmax
from lab_utils.generation.viterbi import viterbi
from lab_utils.generation.wishes import Soft


def chain(rng, size):
    """Random log-probabilities of a first-order chain: of the first token, and of what follows each."""
    return log_softmax(rng.normal(size=size) * 2), log_softmax(rng.normal(size=(size, size)) * 2)


def asker(initial, transition):
    def next_logits(prefixes, state):
        return (transition[prefixes[:, -1]] if prefixes.shape[1] else np.tile(initial, (len(prefixes), 1))), state

    return next_logits


def random_model(seed, size):
    """A model whose logits depend on the whole prefix, by a hash of it."""

    def next_logits(prefixes, state):
        keys = [abs(hash((seed, *row.tolist()))) for row in prefixes]
        return np.stack([np.random.default_rng(key).normal(size=size) * 2 for key in keys]), state

    return next_logits


def every_log_probability(next_logits, size, steps):
    """Log-probability of every sequence, a dict."""
    found = {}
    for tokens in product(range(size), repeat=steps):
        rows = [
            log_softmax(next_logits(np.array([tokens[:step]], np.int32).reshape(1, step), None)[0])[0] for step in range(steps)
        ]
        found[tokens] = sum(row[token] for row, token in zip(rows, tokens, strict=True))
    return found


def test_a_beam_as_wide_as_the_states_is_viterbi():
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        size, steps = int(rng.integers(2, 7)), int(rng.integers(1, 8))
        toy = chain(rng, size)
        best, score = viterbi(*toy, steps)
        found = beam_search(asker(*toy), steps, beams=size, memory=1)
        assert found.log_probability[0] == pytest.approx(score, abs=1e-9) and found.tokens.shape == (1, steps)


def test_so_it_is_under_masks_and_automata():
    met = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        size, steps = int(rng.integers(2, 6)), int(rng.integers(2, 7))
        toy = chain(rng, size)
        final = np.array([True, rng.random() < 0.5, True])
        bounds = [
            made.Automaton("a", rng.integers(-1, 3, (3, size)), final=final),
            made.Mask("m", rng.random((steps, size)) < 0.85),
        ]
        bounds.append(Soft("s", rng.normal(size=(steps, size))))
        try:
            best, score = viterbi(*toy, steps, constraints=bounds)
        except ParameterError:
            continue
        met += 1
        found = beam_search(asker(*toy), steps, beams=3 * size, memory=1, constraints=bounds)
        assert found.beams == 3 * size  # no dead end on the way
        assert found.log_probability[0] + found.soft[0] == pytest.approx(score, abs=1e-9)
    assert met > 60


def test_a_beam_of_every_sequence_finds_the_best_ones_of_any_model():
    model = random_model(7, 3)
    every = every_log_probability(model, 3, 4)
    found = beam_search(model, 4, beams=81, count=5)
    best = sorted(every.values(), reverse=True)[:5]
    np.testing.assert_allclose(found.log_probability, best)
    assert [every[tuple(row)] for row in found.tokens.tolist()] == pytest.approx(best)


def test_a_beam_of_one_is_masked_greedy():
    letters = made.Alphabet.of_steps(60, 72)
    model = random_model(3, letters.size)
    bounds = [made.in_key(letters, 0), made.spelling(letters), made.in_range(letters, 60, 67)]
    found = beam_search(model, 12, beams=1, constraints=bounds)
    row, total = [], 0.0
    for step in range(12):
        prefix = np.array([row], np.int32).reshape(1, step)
        logs = log_softmax(model(prefix, None)[0])[0]
        fits = np.all([one.allowed(prefix, step)[0] for one in bounds], axis=0)
        row.append(int(np.argmax(np.where(fits, logs, -np.inf))))
        total += logs[row[-1]]
    assert found.tokens[0].tolist() == row and found.log_probability[0] == pytest.approx(total)
    assert found.calls == found.expanded == 12


def test_states_follow_their_rows():
    """The model's answer depends on its state alone, which must have read the same tokens as the prefix."""

    def next_logits(prefixes, state):
        read = {"sum": state["sum"] + (prefixes[:, -1] if prefixes.shape[1] else 0), "deep": [state["deep"][0]]}
        np.testing.assert_array_equal(read["sum"], prefixes.sum(axis=1))
        return np.stack([np.random.default_rng(int(total)).normal(size=4) for total in read["sum"]]), read

    state = {"sum": np.zeros(1, int), "deep": [np.zeros((1, 2, 3))]}
    found = beam_search(next_logits, 9, beams=5, state=state, count=5)
    assert len(np.unique(found.tokens, axis=0)) == 5


def test_tokens_that_were_given_are_read_and_not_returned():
    toy = chain(np.random.default_rng(1), 4)
    found = beam_search(asker(*toy), 3, beams=4, memory=1, start=[2])
    assert found.log_probability[0] == pytest.approx(viterbi(toy[1][2], toy[1], 3)[1]) and found.tokens.shape == (1, 3)


def test_wishes_move_the_result_and_are_told_apart():
    def indifferent(prefixes, state):
        return np.zeros((len(prefixes), 3)), state

    wish = Soft("twos", np.array([0.0, 0.0, 1.5]))
    found = beam_search(indifferent, 4, constraints=[wish])
    assert found.tokens.tolist() == [[2, 2, 2, 2]] and found.soft[0] == 6.0
    assert found.log_probability[0] == pytest.approx(4 * np.log(1 / 3))


def test_sampling_without_replacement_follows_the_model():
    """Single draws have the model's frequencies; draws together are distinct; the second follows the first as it must."""
    model = random_model(5, 2)
    every = every_log_probability(model, 2, 2)
    names = list(every)
    first, both = np.zeros(4), np.zeros((4, 4))
    for seed in range(3000):
        found = beam_search(model, 2, beams=2, count=2, sampled=True, seed=seed)
        one, other = (names.index(tuple(row)) for row in found.tokens.tolist())
        first[one] += 1
        both[one, other] += 1
    wanted = np.exp([every[name] for name in names])
    np.testing.assert_allclose(first / 3000, wanted, atol=0.03)
    after = wanted[None, :] / (1 - wanted[:, None]) * wanted[:, None] * (1 - np.eye(4))
    np.testing.assert_allclose(both / 3000, after, atol=0.03)


def test_sampling_keeps_the_constraints_and_repeats_with_its_seed():
    letters = made.Alphabet.of_steps(60, 72)
    model, bounds = random_model(4, letters.size), [made.in_key(letters, 0), made.pins(letters, {5: 67})]
    one, again, other = (
        beam_search(model, 8, beams=6, count=6, sampled=True, seed=seed, constraints=bounds) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.tokens, again.tokens)
    assert (one.tokens != other.tokens).any() and (one.tokens[:, 5] == letters.token(67)).all() and len(one.tokens) == 6
    hot = beam_search(model, 8, beams=6, count=6, sampled=True, seed=1, temperature=5.0)
    assert hot.log_probability.mean() < one.log_probability.mean()


def test_groups_differ_the_more_they_are_told_to():
    model = random_model(2, 6)

    def differ(**options):
        tokens = beam_search(model, 6, beams=6, count=6, **options).tokens
        return np.mean([(one != other).mean() for one in tokens for other in tokens])

    assert differ() < differ(groups=3, diversity=1.0) < differ(groups=6, diversity=5.0)
    groups = beam_search(model, 6, beams=6, groups=6, count=6, diversity=0.0)
    assert len(groups.tokens) == 1  # six greedy beams find one sequence


def trap(prefixes, state):
    """Token 0 is the likeliest at first."""
    return np.tile([2.0, 1.0, 0.0], (len(prefixes), 1)), state


class NoWayOn:
    """Nothing may follow unless the first token was `only`; it says so at step 2 alone, so nobody sees it ahead."""

    name = "a late no"

    def __init__(self, only):
        self.only = only

    def allowed(self, prefixes, step):
        return np.ones((len(prefixes), 3), bool) if step < 2 else np.tile(prefixes[:, :1] == self.only, (1, 3))


def test_a_dead_end_is_left_by_a_wider_beam_then_by_going_back():
    assert beam_search(trap, 3, beams=9, constraints=[NoWayOn(1)]).beams == 9
    wider = beam_search(trap, 3, beams=2, constraints=[NoWayOn(1)])
    assert wider.beams == 4 and wider.tokens.tolist() == [[1, 0, 0]]
    back = beam_search(trap, 3, beams=1, constraints=[NoWayOn(2)])
    assert back.beams == 0 and back.tokens.tolist() == [[2, 0, 0]]
    assert back.log_probability[0] == pytest.approx(log_softmax(np.array([2.0, 1.0, 0.0]))[[2, 0, 0]].sum())
    with pytest.raises(ParameterError, match="at step 2 nothing is left to write under a late no"):
        beam_search(trap, 3, beams=2, constraints=[NoWayOn(5)])


def test_backtracking_gives_up_after_its_calls():
    calls = []

    def next_logits(prefixes, state):
        calls.append(len(prefixes))
        return np.zeros((len(prefixes), 8)), state

    class Never:
        name = "never"

        def allowed(self, prefixes, step):
            return np.full((len(prefixes), 8), step < 11)

    with pytest.raises(ParameterError, match="step 11 .* never"):
        beam_search(next_logits, 12, beams=2, constraints=[Never()])
    assert len(calls) <= 3 * 12 + 20 * 12


def test_what_the_model_calls_impossible_is_not_written():
    def next_logits(prefixes, state):
        return np.tile([0.0, -1e9, -1e9], (len(prefixes), 1)), state

    bounds = [made.Mask("no nought", np.array([False, True, True]))]
    with pytest.raises(ParameterError, match="step 0 nothing is left"):
        beam_search(next_logits, 2, constraints=bounds)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"beams": 0}, "beams: expected a whole number"), ({"steps": 0}, "steps"), ({"beams": 3, "groups": 2}, "divides"),
     ({"beams": 2, "count": 3}, "at most the number of beams"), ({"temperature": 0}, "temperature"),
     ({"diversity": -1}, "diversity"), ({"beams": True}, "beams"), ({"beams": 2.5}, "beams")],
)  # fmt: skip
def test_options_out_of_their_range(options, words):
    with pytest.raises(ParameterError, match=words):
        beam_search(trap, **{"steps": 2, **options})


@pytest.mark.parametrize("answer", [np.zeros(3), np.zeros((1, 3)), np.full((2, 3), np.nan)])
def test_logits_that_are_none(answer):
    with pytest.raises(ParameterError, match="finite logits"):
        beam_search(lambda prefixes, state: (answer, state), 2, beams=2)


def test_found_tells_how_much_was_asked():
    found = beam_search(trap, 4, beams=3)
    assert isinstance(found, Found) and found.calls == 4 and found.expanded == 1 + 3 * 3 and found.tokens.dtype == np.int32
