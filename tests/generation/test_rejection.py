"""Draws are the model's, what breaks a constraint is thrown away, and the likeliest of the rest comes back."""

import numpy as np

from lab_utils.generation import constraints
from lab_utils.generation.rejection import best_of

LOGS = np.log([0.6, 0.3, 0.1])


def unlike_tokens(prefixes, state):
    return np.tile(LOGS, (len(prefixes), 1)), state


def test_the_likeliest_of_many_draws_is_the_likeliest_of_all():
    found = best_of(unlike_tokens, 3, draws=200)
    assert found.tokens.tolist() == [[0, 0, 0]] and np.isclose(found.log_probability[0], 3 * LOGS[0])
    assert found.calls == 3 and found.expanded == 600


def test_one_draw_has_the_frequencies_of_the_model():
    drawn = [best_of(unlike_tokens, 1, draws=1, seed=seed).tokens[0, 0] for seed in range(2000)]
    np.testing.assert_allclose(np.bincount(drawn) / 2000, np.exp(LOGS), atol=0.04)


def test_what_breaks_a_constraint_is_thrown_away_or_never_drawn():
    bounds = [constraints.Mask("no nought", np.array([False, True, True]))]
    assert best_of(unlike_tokens, 6, draws=3, constraints=bounds) is None
    masked = best_of(unlike_tokens, 6, draws=3, constraints=bounds, masked=True)
    assert (masked.tokens > 0).all() and masked.log_probability[0] <= 6 * LOGS[1] + 1e-9
    free = best_of(unlike_tokens, 2, draws=400, constraints=bounds)
    assert free.tokens.tolist() == [[1, 1]]
