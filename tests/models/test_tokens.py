"""The loss counts what weighs, and a token is chosen where the cumulated probability passes the number."""

import numpy as np
import pytest

from lab_utils.evaluation.likelihood import token_nll
from lab_utils.generation import sampling
from lab_utils.models import tokens as module


def test_the_loss_is_the_mean_over_steps_that_count():
    rng = np.random.default_rng(0)
    logits, tokens = rng.normal(size=(2, 5, 7)).astype(np.float32), rng.integers(0, 7, (2, 5))
    weights = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], np.float32)
    nll = token_nll(logits, tokens)
    assert float(module.mean_nll(tokens, logits)) == pytest.approx(nll.mean(), rel=1e-5)
    assert float(module.mean_nll(tokens, logits, weights)) == pytest.approx((nll * weights).sum() / 7, rel=1e-5)
    assert float(module.mean_nll(tokens, logits, np.zeros_like(weights))) == 0


def test_the_choice_is_that_of_the_plain_sampler():
    rng = np.random.default_rng(1)
    logits, uniform = rng.normal(size=(200, 9)).astype(np.float32), rng.random((200, 1)).astype(np.float32)
    chosen = np.asarray(module.by_inverse_cdf(logits, uniform))
    assert (chosen == sampling.pick(logits, uniform[:, 0])).mean() > 0.99  # a number may fall on a border
    assert len(set(chosen.tolist())) > 5
