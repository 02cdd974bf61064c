"""Attention accuracy with weights whose answer is known, and against loops that follow the definition word for word."""

import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation import attention


def on_steps(steps, window):
    """Return weights that lie on the given past step of each row, all of it; -1 for equal weights."""
    weights = attention.uniform_weights(len(steps), window=window)
    for t, step in enumerate(steps):
        if step >= 0:
            weights[t] = np.arange(window) == t - 1 - step
    return weights


def test_lag_task_repeats_itself_once():
    tokens, sources = attention.copy_task(5, kind="lag", items=6, symbols=3, seed=1)
    assert tokens.shape == sources.shape == (5, 12) and tokens.dtype == sources.dtype == np.int32
    np.testing.assert_array_equal(tokens[:, :6], tokens[:, 6:])
    np.testing.assert_array_equal(sources[0], [-1] * 6 + list(range(6)))
    assert set(np.unique(tokens)) == {0, 1, 2}


def test_marked_task_can_be_solved_by_looking_up_the_mark():
    tokens, sources = attention.copy_task(50, items=5, symbols=4, seed=1)
    assert tokens.shape == (50, 20)
    for row, source in zip(tokens, sources, strict=True):
        assert sorted(row[0:10:2]) == sorted(row[10::2]) == [4, 5, 6, 7, 8]  # every mark twice
        told = {}
        for t in range(0, 10, 2):
            told[row[t]] = t + 1
        for t in range(10, 20, 2):
            assert source[t] == -1 and source[t + 1] == told[row[t]]
            assert row[t + 1] == row[source[t + 1]] < 4
    assert (sources[:, :10] == -1).all()
    assert len({tuple(row) for row in sources}) > 40  # the sources vary from sequence to sequence


def test_copy_tasks_follow_from_the_seed():
    for kind in attention.TASKS:
        one, other, third = (attention.copy_task(4, kind=kind, seed=seed)[0] for seed in (0, 0, 1))
        np.testing.assert_array_equal(one, other)
        assert (one != third).any()


@pytest.mark.parametrize("kind", attention.TASKS)
def test_copy_accuracy_of_known_weights(kind):
    _, sources = attention.copy_task(6, kind=kind, items=7)
    right = np.stack([on_steps(row, 40) for row in sources])
    beside = np.stack([on_steps(row - (row > 0), 40) for row in sources])  # right only where the source is the first step
    assert attention.copy_accuracy(right, sources) == 1
    assert attention.copy_accuracy(beside, sources) == pytest.approx((sources == 0).sum() / (sources >= 0).sum())
    half = np.concatenate([right[:3], beside[3:]])
    assert attention.copy_accuracy(half, sources) == pytest.approx(
        ((sources[:3] >= 0).sum() + (sources[3:] == 0).sum()) / (sources >= 0).sum()
    )


def test_the_strongest_weight_counts_even_if_it_is_weak():
    sources = np.array([[-1, -1, -1, 0]])
    weights = np.zeros((1, 4, 3))
    weights[0, 1, 0], weights[0, 2, :2] = 1, 0.5
    weights[0, 3] = [0.3, 0.3, 0.4]
    assert attention.copy_accuracy(weights, sources) == 1
    weights[0, 3] = [0.2, 0.4, 0.4]  # of equal ones the latest, step 1
    assert attention.copy_accuracy(weights, sources) == 0


def test_copy_accuracy_refuses_sources_out_of_reach():
    _, sources = attention.copy_task(2, kind="lag", items=12)
    weights = np.stack([attention.uniform_weights(24, window=8)] * 2)
    with pytest.raises(ParameterError, match="1–8 steps back, .* received 12–12"):
        attention.copy_accuracy(weights, sources)
    with pytest.raises(ParameterError, match="sources"):
        attention.copy_accuracy(weights, np.full((2, 24), -1))
    with pytest.raises(ParameterError, match="kind"):
        attention.copy_task(2, kind="other")
    with pytest.raises(ParameterError, match="items"):
        attention.copy_task(2, items=0)


def random_tune(seed, steps=60, window=9):
    """Return (weights, pitches) with rests, held notes and weights of every size."""
    rng = np.random.default_rng(seed)
    pitches = np.repeat(rng.choice([-1, 60, 62, 64, 65], steps), rng.integers(1, 5, steps))[:steps]
    weights = rng.gamma(0.5, 1, (steps, window)) * (np.arange(steps)[:, None] > np.arange(window))
    weights[1:] /= weights[1:].sum(axis=1, keepdims=True)
    return weights, pitches


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_hits_follow_the_definition(ahead):
    weights, pitches = random_tune(0)
    window = weights.shape[1]
    expected = {name: [] for name in ("attended", "mass", "uniform", "last", "possible", "entropy", "uniform_entropy")}
    for t in range(1, len(pitches)):
        if pitches[t] < 0:
            continue
        there = [k for k in range(window) if t - 1 - k >= 0]
        past = [k for k in there if k >= ahead]
        hit = {k: k in past and pitches[t - 1 - k + ahead] == pitches[t] for k in there}
        expected["attended"].append(hit[max(there, key=lambda k: weights[t, k])])
        expected["mass"].append(sum(weights[t, k] for k in there if hit[k]))
        expected["uniform"].append(np.mean([hit[k] for k in past]) if past else 0)
        expected["last"].append(hit.get(ahead, False))
        expected["possible"].append(any(hit.values()))
        expected["entropy"].append(-sum(weights[t, k] * np.log(weights[t, k]) for k in there if weights[t, k] > 0))
        expected["uniform_entropy"].append(np.log(len(there)))
    hits = attention.attention_hits(weights, pitches, ahead=ahead)
    assert hits.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(hits[name], np.array(values, float), atol=1e-12, err_msg=name)


def test_equal_weights_have_the_uniform_figures():
    _, pitches = random_tune(1)
    hits = attention.attention_hits(attention.uniform_weights(60, window=9), pitches)
    np.testing.assert_allclose(hits["mass"], hits["uniform"])
    np.testing.assert_allclose(hits["entropy"], hits["uniform_entropy"])
    np.testing.assert_allclose(hits["attended"], hits["last"])  # of equal weights the latest
    rng, steps = np.random.default_rng(2), np.arange(1, 60)
    drawn = [np.append(-1, rng.integers(np.maximum(steps - 9, 0), steps)) for _ in range(300)]  # what attends at random
    chosen = [attention.attention_hits(on_steps(row, 9), pitches)["attended"].mean() for row in drawn]
    assert np.mean(chosen) == pytest.approx(hits["uniform"].mean(), abs=0.01)


def test_held_notes_flatter_and_onsets_do_not():
    pitches = np.repeat([60, 62, 64, 60, 62, 64, 60, 62], 4)
    figures = attention.evaluate([attention.uniform_weights(32)], [pitches])
    assert figures["all"]["last"] == pytest.approx(24 / 31)
    assert figures["onsets"]["last"] == 0 and figures["onsets"]["steps"] == 7
    assert figures["onsets"]["possible"] == pytest.approx(5 / 7)  # 62 and 64 come for the first time
    back = attention.evaluate([on_steps(np.maximum(np.arange(32) - 12, -1), 40)], [pitches])
    assert back["onsets"]["attended"] == pytest.approx(5 / 7)
    assert figures["onsets"]["uniform"] < 0.4
    json.dumps(figures)


def test_ahead_finds_a_model_that_looks_at_the_step_before():
    pitches = np.tile([60, 62, 64, 65, 67], 6)
    before = on_steps(np.maximum(np.arange(30) - 6, -1), 12)
    assert attention.evaluate([before], [pitches], ahead=1)["all"]["attended"] > 0.8
    assert attention.evaluate([before], [pitches])["all"]["attended"] < 0.1


def test_tunes_are_joined_by_step_and_given_onsets_are_used():
    weights, pitches = zip(random_tune(2), random_tune(3, steps=25), strict=True)
    onsets = [np.arange(len(p)) % 4 == 0 for p in pitches]
    figures = attention.evaluate(weights, pitches, onsets=onsets)
    each = [attention.attention_hits(*tune) for tune in zip(weights, pitches, strict=True)]
    assert figures["all"]["mass"] == pytest.approx(np.concatenate([e["mass"] for e in each]).mean())
    assert figures["onsets"]["steps"] == sum((p[4::4] >= 0).sum() for p in pitches)


def test_rests_alone_give_no_figures():
    figures = attention.evaluate([attention.uniform_weights(5)], [np.full(5, -1)])
    assert figures["all"]["attended"] is None and figures["all"]["steps"] == 0


def test_refuses_weights_that_are_none():
    weights, pitches = random_tune(0)
    for wrong, message in (
        (weights[:-1], "expected shape"),
        (weights * 2, "sum to 1"),
        (np.full(weights.shape, 1 / 9), "before the start"),
        (weights[0], "expected shape"),
    ):
        with pytest.raises(ParameterError, match=message):
            attention.attention_hits(wrong, pitches)
    with pytest.raises(ParameterError, match="counted"):
        attention.attention_hits(weights, pitches, counted=[True])
    with pytest.raises(ParameterError, match="as many tunes"):
        attention.evaluate([weights], [])
