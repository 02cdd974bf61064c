"""WaveNet: a convolution as Keras', nothing from the future, a receptive field to the sample, every weight learns."""

import numpy as np
import pytest
from learning import learn_one_batch

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models.wavenet import AGE_STEPS, AHEAD, CausalLayer, WaveNet, bits

FRAME = 10
SMALL = {"levels": 16, "channels": 6, "longest": 4, "cycles": 2, "skip": 8, "conditions": 3}


def small(seed=1, **changes):
    keras.utils.set_random_seed(seed)
    model = WaveNet(**{**SMALL, **changes})
    model.build()
    return model


def inputs_of(batch=2, frames=4, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "codes": rng.integers(0, 16, (batch, frames * FRAME)).astype(np.uint8),
        "conditions": rng.integers(0, 5, (batch, frames, 2)).astype(np.int32),
        "phases": np.stack([rng.random((batch, frames)), rng.random((batch, frames)) * 0.1], axis=-1).astype(np.float32),
        "style": rng.integers(0, 3, batch).astype(np.int32),
    }


def moved(model, inputs, **changes):
    """At which samples the logits of the first excerpt change."""
    before, after = (np.asarray(model({**inputs, **given})) for given in ({}, changes))
    return np.flatnonzero(np.abs(after - before)[0].max(axis=-1) > 1e-7)


@pytest.mark.parametrize("dilation", [1, 3, 64])
def test_a_causal_layer_is_keras_own_dilated_convolution(dilation):
    keras.utils.set_random_seed(2)
    layer, width = CausalLayer(5, dilation), 10
    layer.build((None, None, 5), (None, None, 2))
    theirs = keras.layers.Conv1D(width, 2, padding="causal", dilation_rate=dilation, use_bias=False)
    theirs.build((None, None, 5))
    theirs.kernel.assign(np.stack([np.asarray(layer.past), np.asarray(layer.now)]))
    sound = np.random.default_rng(0).standard_normal((2, 50, 5)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(layer.convolve(sound)), np.asarray(theirs(sound)), atol=1e-5)


def test_a_change_moves_nothing_before_it_and_something_after():
    model, inputs = small(pitches=5), inputs_of()
    for n in (0, 7, 38):
        codes = inputs["codes"].copy()
        codes[0, n] = (codes[0, n] + 5) % 16
        found = moved(model, inputs, codes=codes)
        assert found.min() == n + 1  # the prediction of code n itself must not know it


def test_the_receptive_field_is_as_long_as_it_says_to_the_sample():
    model, inputs = small(), inputs_of(frames=6)
    assert model.receptive_field == 1 + 2 * (1 + 2 + 4) == 15
    codes = inputs["codes"].copy()
    codes[0, 20] = (codes[0, 20] + 5) % 16
    found = moved(model, inputs, codes=codes)
    assert found.min() == 21 and found.max() == 20 + model.receptive_field


def test_conditions_act_from_a_few_frames_before_to_the_end_of_what_they_reach():
    model, inputs = small(pitches=5), inputs_of(frames=12)
    for column in (0, 1):
        conditions = inputs["conditions"].copy()
        conditions[0, 6, column] = (conditions[0, 6, column] + 2) % 5
        found = moved(model, inputs, conditions=conditions)
        assert found.min() == (6 - AHEAD) * FRAME
        assert found.max() == (6 + AHEAD + 1) * FRAME - 1 + sum(model.dilations[1:])  # the first gate's output, all the way up
    assert AGE_STEPS[0] == 0 and list(AGE_STEPS) == sorted(set(AGE_STEPS))


def test_tones_are_heard_from_their_frame_on_and_are_harmonics_below_half_the_rate():
    model, inputs = small(harmonics=3), inputs_of(frames=12)
    phases = inputs["phases"].copy()
    phases[0, 6, 0] = (phases[0, 6, 0] + 0.4) % 1
    found = moved(model, inputs, phases=phases)
    assert found.min() == 6 * FRAME and found.max() == 7 * FRAME - 1 + sum(model.dilations)
    model.of_tones.kernel.assign(np.eye(6))  # sines, then cosines
    tones = np.asarray(model.tones(np.array([[[0.25, 0.2]], [[0.0, 0.0]]], np.float32), 5))
    cycles = 0.25 + 0.2 * np.arange(5)
    np.testing.assert_allclose(tones[0, 0, :, 0], np.sin(2 * np.pi * cycles), atol=1e-5)
    np.testing.assert_allclose(tones[0, 0, :, 4], np.cos(4 * np.pi * cycles), atol=1e-5)
    assert (tones[0, 0, :, [2, 5]] == 0).all()  # three times 0.2 cycles a sample is above half the rate
    assert (tones[1] == 0).all()  # no tone before the first note


def test_a_style_is_heard_everywhere_and_no_condition_is_no_failure():
    inputs = inputs_of()
    other = {"style": (inputs["style"] + 1) % 3}
    assert len(moved(small(styles=3), inputs, **other)) == inputs["codes"].shape[1]
    assert len(moved(small(), inputs, **other)) == 0


@pytest.mark.parametrize("told", [{"pitches": 5, "harmonics": 2}, {"styles": 3}])
def test_one_batch_is_learnt_and_every_weight_moves(told):
    model, inputs = small(**told), inputs_of(batch=4)
    losses, still = learn_one_batch(model, inputs, np.ones((4, 40)))
    assert losses[0] == pytest.approx(4, abs=1.0) and losses[-1] < 0.7 * losses[0]  # 16 codes are 4 bits
    assert still == []


def test_the_loss_is_in_bits_and_leaves_out_what_does_not_count():
    model, inputs = small(), inputs_of()
    logits = np.asarray(model(inputs))
    chances = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    by_hand = -np.log2(np.take_along_axis(chances, inputs["codes"][..., None].astype(int), axis=-1)[..., 0])
    np.testing.assert_allclose(np.asarray(bits(inputs["codes"], logits)), by_hand, atol=1e-4)
    counts = np.ones((2, 40), np.uint8)
    counts[1, :30] = 0
    loss = float(model.compute_loss(x=inputs, y=counts, y_pred=logits))
    assert loss == pytest.approx(np.concatenate([by_hand[0], by_hand[1, 30:]]).mean(), abs=1e-4)


def test_saved_and_loaded_it_is_the_same(tmp_path):
    model, inputs = small(pitches=5), inputs_of()
    before = np.asarray(model(inputs))
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(np.asarray(keras.models.load_model(tmp_path / "model.keras")(inputs)), before, atol=1e-6)


@pytest.mark.parametrize(("name", "value"), [("longest", 12), ("channels", 0), ("cycles", 1.5), ("styles", -1)])
def test_what_cannot_be_is_refused(name, value):
    with pytest.raises(ParameterError, match=f"{name}: expected"):
        small(**{name: value})


def test_one_network_predicts_excerpts_of_several_lengths():
    model, inputs = small(harmonics=2), inputs_of()
    short = {name: values if values.ndim == 1 else values[:, : values.shape[1] // 2] for name, values in inputs.items()}
    whole = model.predict_on_batch(inputs)
    np.testing.assert_allclose(model.predict_on_batch(short), whole[:, : short["codes"].shape[1]], atol=1e-5)
