"""Optimisers by name: each does what its paper says on numbers known by hand; each schedule passes through its corners."""

import numpy as np
import pytest

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.training import make_optimizer
from lab_utils.training.optimisers import OPTIMISERS, make_schedule


def rate_at(schedule, step):
    return float(keras.ops.convert_to_numpy(schedule(step)))


def stepped(optimizer, gradients, start=1.0):
    """Return a single weight after each of the gradients."""
    weight, seen = keras.Variable([start], dtype="float32"), []
    optimizer.build([weight])
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor([gradient], dtype="float32")])
        seen.append(float(keras.ops.convert_to_numpy(weight)[0]))
    return seen


def test_each_name_takes_the_step_that_its_rule_gives():
    common = {"steps": 10, "learning_rate": 0.1, "schedule": "constant"}
    # Adam's first step is the rate itself, whatever the gradient's length
    assert stepped(make_optimizer("adam", **common), [5.0]) == pytest.approx([0.9], abs=1e-5)
    # AdamW loses rate × decay of the weight besides
    assert stepped(make_optimizer("adamw", weight_decay=0.5, **common), [5.0]) == pytest.approx([0.9 - 0.05], abs=1e-5)
    # RMSprop: g / sqrt(0.1 g²)
    assert stepped(make_optimizer("rmsprop", **common), [5.0]) == pytest.approx([1 - 0.1 / np.sqrt(0.1)], abs=1e-4)
    # Nesterov: v = −ηg, w += μv − ηg; then v' = μv − ηg, w += μv' − ηg
    after = 1 - 0.1 * 1.9
    assert stepped(make_optimizer("sgd", momentum=0.9, **common), [1.0, 1.0]) == pytest.approx(
        [after, after + 0.9 * (-0.19) - 0.1], abs=1e-5
    )
    assert stepped(make_optimizer("sgd", momentum=0.0, **common), [1.0]) == pytest.approx([0.9], abs=1e-6)


def test_gradients_longer_than_the_clip_are_shortened_together():
    weights = [keras.Variable([0.0]), keras.Variable([0.0])]
    optimizer = make_optimizer("sgd", steps=1, learning_rate=1.0, schedule="constant", momentum=0.0, clip=1.0)
    optimizer.build(weights)
    optimizer.apply([keras.ops.convert_to_tensor([value]) for value in (3.0, 4.0)])
    found = [float(keras.ops.convert_to_numpy(weight)[0]) for weight in weights]
    assert found == pytest.approx([-0.6, -0.8], abs=1e-5)


def test_weights_are_averaged_where_asked():
    optimizer = make_optimizer("sgd", steps=3, learning_rate=1.0, schedule="constant", momentum=0.0, average=0.75)
    assert stepped(optimizer, [1.0, 4.0]) == [0.0, -4.0]
    (average,) = optimizer._model_variables_moving_average
    # the first step's weights, then a quarter of the second's; the first step of all takes no part of the start's
    assert float(keras.ops.convert_to_numpy(average)[0]) == pytest.approx(-1.0)
    assert optimizer.use_ema and not make_optimizer(steps=2).use_ema


def test_cosine_rises_from_a_20th_to_the_top_and_falls_to_a_100th():
    schedule = make_schedule("cosine", steps=1000, learning_rate=0.2)
    assert [rate_at(schedule, step) for step in (0, 50, 525, 1000)] == pytest.approx([0.01, 0.2, 0.101, 0.002], rel=1e-4)


@pytest.mark.parametrize("steps", [1, 19, 20, 140, 999, 2380, 9_999, 10_000, 50_000])
def test_the_warm_up_is_a_20th_and_at_most_500_steps(steps):
    schedule = make_schedule("cosine", steps=steps, learning_rate=1.0)
    assert schedule.warmup_steps == max(1, min(steps // 20, 500))
    assert schedule.warmup_steps + schedule.decay_steps == max(2, steps)


def test_one_cycle_rises_to_the_top_and_falls_below_where_it_began():
    schedule = make_schedule("one_cycle", steps=100, learning_rate=0.5)
    found = [rate_at(schedule, step) for step in (0, 15, 30, 65, 100, 200)]
    assert found == pytest.approx([0.02, 0.26, 0.5, 0.250025, 5e-5, 5e-5], rel=1e-4)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert rate_at(again, 42) == rate_at(schedule, 42)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_each_optimiser_lowers_a_square_with_the_one_cycle_schedule(name):
    weight = keras.Variable([1.0])
    optimizer = make_optimizer(name, steps=60, learning_rate=0.1, schedule="one_cycle", average=0.5, clip=1.0)
    optimizer.build([weight])
    for _ in range(60):
        optimizer.apply([2 * keras.ops.convert_to_tensor(weight)])
    assert abs(float(keras.ops.convert_to_numpy(weight)[0])) < 0.1


@pytest.mark.parametrize(
    "options, told",
    [
        ({"name": "lion"}, "optimizer: expected one of adam, adamw, rmsprop, sgd; received 'lion'"),
        ({"schedule": "linear"}, "schedule: expected one of constant, cosine, one_cycle; received 'linear'"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"steps": 0}, "steps"),
        ({"momentum": 1.0}, "momentum"),
        ({"average": -0.1}, "average"),
        ({"warmup": 1.5}, "warmup"),
        ({"clip": 0.0}, "clip"),
        ({"weight_decay": -1.0}, "weight_decay"),
    ],
)
def test_what_cannot_be_is_told(options, told):
    with pytest.raises(ParameterError, match=told):
        make_optimizer(**{"steps": 10, **options})
