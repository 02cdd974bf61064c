"""CycleGAN's networks: valid rolls, the same in every key, losses that move their own networks; identity and chance."""

import numpy as np
import pytest
from learning import ready, still, values

from lab_utils.backend import keras
from lab_utils.errors import ParameterError
from lab_utils.models import cyclegan

ops = keras.ops
PITCHES, BARS = 14, 2
FEW = {"run_eagerly": keras.backend.backend() == "tensorflow"}  # tracing takes longer than these few steps


def translator(*, seed=0, **options):
    keras.utils.set_random_seed(seed)
    made = cyclegan.Translator(bars=BARS, pitches=PITCHES, channels=8, blocks=1, reach=5, **options)
    made.build()
    return made


def small(*, seed=0, chance=0.0, **options):
    keras.utils.set_random_seed(seed)
    form = {"bars": BARS, "pitches": PITCHES, "channels": 8}
    generators = [cyclegan.Translator(**form, blocks=1, reach=5, chance=chance, seed=i) for i in range(2)]
    critics = [cyclegan.PatchCritic(**form, lowest=60) for _ in range(2)]
    model = cyclegan.CycleGAN(*generators, *critics, **options)
    model.build()
    return model


def numbers(count=6, *, seed=0, lengths=(4,)):
    """Phrases of notes of so many 16ths, with some rests."""
    rng = np.random.default_rng(seed)
    made = np.zeros((count, BARS * 16, 2), np.uint8)
    for row in made:
        at = 0
        while at < len(row):
            length = rng.choice(lengths)
            row[at : at + length, 0] = rng.integers(0, PITCHES + 1)
            row[at, 1] = row[at, 0] < PITCHES
            at += length
    return made


def batch():
    return {"a": numbers(seed=1), "b": numbers(seed=2, lengths=(1, 2))}


def spread_out(model):
    """Give small random values to what starts as nought, so that nothing is left out by chance."""
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(np.asarray(variable) + 0.3 * rng.normal(size=variable.shape).astype(np.float32))
    return model


def test_made_rolls_are_valid():
    """One pitch or a rest in each 16th; onsets are 0 or 1, stand wherever the pitch changes and nowhere on rests."""
    rolls = np.asarray(spread_out(translator())(cyclegan.rolls_of(numbers(20, lengths=(1, 2, 4)), PITCHES)))
    assert rolls.shape == (20, 32, PITCHES + 2)
    np.testing.assert_allclose(rolls[..., :-1].sum(axis=-1), 1, atol=1e-5)
    assert np.abs(rolls - rolls.round()).max() < 1e-5 and 0 < rolls[..., -1].mean() < 1
    pitch, onset = rolls[..., :-1].argmax(axis=-1), rolls[..., -1] > 0.5
    changes = np.diff(pitch, axis=1, prepend=-1) != 0
    assert onset[changes & (pitch < PITCHES)].all() and not onset[pitch == PITCHES].any()
    assert len(np.unique(pitch, axis=0)) == 20


def test_a_beat_is_a_chain():
    made = translator()
    own = np.eye(PITCHES + 1, dtype=np.float32)[np.arange(32) % 13][None]
    new = np.zeros((1, 32), np.float32)
    new[0, [3, 5, 14]] = 1
    pitch = np.asarray(made.chained(own, new))[0].argmax(axis=-1)
    np.testing.assert_array_equal(
        pitch, [0] * 3 + [3] + [4] + [5] * 3 + [8] * 4 + [12] * 2 + [1] * 2 + [k % 13 for k in (16, 20, 24, 28) for _ in range(4)]
    )
    soft = np.asarray(made.chained(np.full((1, 32, PITCHES + 1), 1 / 15, np.float32), np.full((1, 32), 0.3, np.float32)))
    np.testing.assert_allclose(soft.sum(axis=-1), 1, atol=1e-5)


def test_with_a_large_keep_and_no_more_starts_it_leaves_phrases_as_they_are():
    made = translator(keep=50.0)
    made.starts.assign(np.zeros(16))
    given = numbers(10, lengths=(1, 2, 3, 4))
    given = np.concatenate([given[..., :1], given[..., 1:]], axis=-1)
    real = np.asarray(cyclegan.rolls_of(given, PITCHES))
    made.to_starts.kernel.assign(np.zeros_like(np.asarray(made.to_starts.kernel)))
    found = np.asarray(made(real))
    rests = given[..., 0] == PITCHES  # a rest that starts in the midst of a beat starts no note: it is not copied but held over
    clean = ~rests.any(axis=1)
    pitch = found[..., :-1].argmax(axis=-1)
    assert clean.any()
    np.testing.assert_array_equal(pitch[clean], given[clean][..., 0])
    assert float(np.asarray(made.surprise(made.logits(real), real))[clean].max()) < float(
        np.asarray(made.surprise(made.logits(real), np.roll(real, 1, axis=0))).min()
    )


def test_intervals_are_the_same_in_every_key():
    """Without logits of pitches, and shown nothing but intervals, the notes move as the source does."""
    made = spread_out(translator(keep=2.0))
    for layer in (made.to_pitches, made.first):
        layer.kernel.assign(np.zeros(layer.kernel.shape))
    made.to_pitches.bias.assign(np.zeros(made.to_pitches.bias.shape))
    given = numbers(8, lengths=(2, 4))
    given[..., 0] = given[..., 0] % 3 + 5
    moved = given + np.array([2, 0], np.uint8)
    one, other = (np.asarray(made(cyclegan.rolls_of(n, PITCHES)))[..., :PITCHES] for n in (given, moved))
    inside = one[..., : PITCHES - 3].sum(axis=-1).all(axis=1) & (other[..., 2:].sum(axis=-1) > 0.5).all(axis=1)
    assert inside.any() and len(np.unique(one[inside].argmax(axis=-1))) > 2
    np.testing.assert_array_equal(other[inside].argmax(axis=-1), one[inside].argmax(axis=-1) + 2)


def test_it_begins_with_the_rhythm_of_the_style_to_write():
    made = translator()
    made.begin(numbers(200, lengths=(2,)))
    source = cyclegan.rolls_of(numbers(50, seed=3, lengths=(4,)), PITCHES)
    onsets = np.asarray(made(source))[..., -1].mean(axis=0)
    assert onsets[2::4].mean() > 0.6 and onsets[1::2].mean() < 0.1


def test_one_step_moves_every_weight_of_all_four_networks():
    model = ready(spread_out(small(loss="least_squares", content=1.0)), keras.optimizers.SGD(0.1), **FEW)
    before = values(model.trainable_variables)
    logs = model.train_on_batch(batch(), np.zeros(6), return_dict=True)
    assert still(model, before) == []
    parts = logs["cycle"] * 1.0 + logs["identity"] * 0.5 + logs["content"] * 1.0
    assert logs["loss"] == pytest.approx(2 * (logs["generator_loss"] + logs["critic_loss"] + parts), rel=1e-4)


def test_least_squares_by_hand():
    real, made, judged = np.array([2.0, 0.0]), np.array([-3.0, 1.0]), np.array([0.5, 0.0])
    found = cyclegan.LOSSES["least_squares"](*(ops.convert_to_tensor(scores) for scores in (real, made, judged)))
    np.testing.assert_allclose([float(value) for value in found], [1 + 5, (0.25 + 1) / 2])


def test_cycle_and_identity_fall_on_one_batch_and_the_rates_are_each_network_s_own():
    model = ready(small(cycle=1.0, identity=1.0, critic_rate=1e-9), keras.optimizers.Adam(1e-2), **FEW)
    critic = values(model.critic_a.trainable_variables)
    logs = []
    for _ in range(7):  # then the game against the critics begins, and lifts the cycle for a while
        logs.append(model.train_on_batch(batch(), np.zeros(6), return_dict=True))
        model.reset_metrics()
    for name in ("cycle", "identity"):
        assert logs[-1][name] < 0.8 * logs[0][name], name
    for old, new in zip(critic, values(model.critic_a.trainable_variables), strict=True):
        if old.ndim == 1:  # kernels are brought within their bound
            np.testing.assert_allclose(old, new, atol=1e-5)


def test_chance_is_of_the_training_alone():
    made = translator(chance=1.0)
    rolls = cyclegan.rolls_of(numbers(), PITCHES)
    np.testing.assert_array_equal(np.asarray(made(rolls)), np.asarray(made(rolls)))
    assert (np.asarray(made(rolls, training=True)) != np.asarray(made(rolls, training=True))).any()


def test_content_is_pitch_classes_step_by_step():
    one = np.asarray(cyclegan.chroma(cyclegan.rolls_of(numbers(), PITCHES)))
    assert one.shape == (6, 32, 13)
    np.testing.assert_array_equal(one.sum(axis=-1), 1)
    given = numbers()
    given[..., 0] = np.where(given[..., 0] < 2, given[..., 0] + 12, given[..., 0])  # an octave higher is the same
    np.testing.assert_array_equal(np.asarray(cyclegan.chroma(cyclegan.rolls_of(given, PITCHES))), one)


def test_content_asks_each_beat_for_a_pitch_class_that_its_source_sounds_there():
    given = np.zeros((1, 32, 2), np.uint8)
    given[0, :4, 0] = [3, 3, 5, 3]
    given[0, 4:, 0] = 7
    found = np.asarray(cyclegan.sounded(cyclegan.rolls_of(given, PITCHES)))
    assert found.shape == (1, 8, 13)
    np.testing.assert_array_equal(np.flatnonzero(found[0, 0]), [3, 5])
    np.testing.assert_array_equal(found[0, 1:].argmax(axis=-1), 7)
    model = small()
    rolls = {style: cyclegan.rolls_of(given, PITCHES) for style in ("a", "b")}
    for first, lost in ((5, 0.0), (4, 1 / 8)):
        made = given.copy()
        made[0, 0, 0] = first
        made[0, 5:8, 0] = 1  # off the beat: not asked
        transfers = {style: cyclegan.rolls_of(made, PITCHES) for style in ("a", "b")}
        assert float(model._one_way(rolls, transfers, "a", "b")["content"]) == pytest.approx(lost, abs=1e-6)


def test_the_critic_scores_bars_and_one_far_away_does_not_count():
    keras.utils.set_random_seed(0)
    critic = cyclegan.PatchCritic(bars=8, pitches=PITCHES, channels=8, lowest=60)
    critic.build()
    given = np.tile(numbers(1), (1, 4, 1))
    other = given.copy()
    other[:, :16, 0] = (other[:, :16, 0] + 1) % PITCHES
    critic.hidden.kernel.assign(np.asarray(critic.hidden.kernel) * (np.arange(20) < 8)[:, None])  # without the keys of all bars
    one, two = (np.asarray(critic(cyclegan.rolls_of(n, PITCHES))) for n in (given, other))
    assert one.shape == (1, 8)
    assert (one[:, 0] != two[:, 0]).all()
    np.testing.assert_allclose(one[:, 4:], two[:, 4:], atol=1e-6)


def test_saved_and_loaded_it_transfers_the_same(tmp_path):
    model = small(cycle=2.0)
    model.save(tmp_path / "cyclegan.keras")
    again = keras.models.load_model(tmp_path / "cyclegan.keras")
    assert again.settings == model.settings
    for style in ("a", "b"):
        np.testing.assert_array_equal(np.asarray(again(batch())[style]), np.asarray(model(batch())[style]))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"loss": "mse"}, "loss: expected one of"),
        ({"cycle": -1}, "cycle: expected 0 or more, received -1"),
        ({"critic_rate": 0}, "critic_rate: expected a number over 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(options, says):
    with pytest.raises(ParameterError, match=says):
        small(**options)
