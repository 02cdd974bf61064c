"""How phrases are transferred: the same however many at a time, by a seed; a model written twice agrees; errors in one line."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _cyclegan_network as network
from lab_utils.recipes import _cyclegan_phrases as phrases


@pytest.fixture(scope="module")
def model():
    made = network.build(network.Config(channels=8, blocks=1, critic_channels=8, keep=2.0), seed=1)
    rng = np.random.default_rng(0)
    for variable in made.trainable_variables:
        variable.assign(np.asarray(variable) + 0.2 * rng.normal(size=variable.shape).astype(np.float32))
    return made


def numbers(count=7, seed=0):
    rng = np.random.default_rng(seed)
    pitch = np.repeat(rng.integers(0, phrases.PITCHES + 1, (count, 32)), 2, axis=1)
    return phrases.tidied(np.stack([pitch, rng.random(pitch.shape) < 0.2], axis=-1).astype(np.uint8))


@pytest.mark.parametrize("to", phrases.STYLES)
def test_what_is_written_is_what_the_model_picks(model, to):
    """The picks of plain arrays and those of the network, which the critic judged, are the same."""
    given = numbers()
    rolls = np.asarray(getattr(model, f"to_{network.LETTERS[to]}")(phrases.rolls_from_numbers(given)))
    made = network.transfer(model, given, to=to)
    np.testing.assert_array_equal(made, phrases.numbers_from_rolls(rolls))
    np.testing.assert_array_equal(made, phrases.tidied(made))
    assert made.dtype == np.uint8 and (made != given).any()


def test_each_style_has_its_own_network(model):
    given = numbers()
    assert (network.transfer(model, given, to="hymn") != network.transfer(model, given, to="dance")).any()


def test_the_seed_decides_however_many_there_are(model, monkeypatch):
    options = {"to": "dance", "temperature": 1.0, "seed": 4}
    whole = network.transfer(model, numbers(), **options)
    np.testing.assert_array_equal(network.transfer(model, numbers(), **options), whole)
    np.testing.assert_array_equal(network.transfer(model, numbers()[:3], **options), whole[:3])
    monkeypatch.setattr(network, "AT_ONCE", 2)
    np.testing.assert_array_equal(network.transfer(model, numbers(), **options), whole)
    assert (network.transfer(model, numbers(), to="dance", temperature=1.0, seed=5) != whole).any()
    assert (network.transfer(model, numbers(), to="dance") != whole).any()


def test_where_nothing_starts_the_note_before_is_held_within_a_beat():
    pitch = np.arange(64)[None] % 20
    starts = np.zeros((1, 64), bool)
    starts[0, [1, 6]] = True
    made = network.chained(pitch, starts)[0]
    np.testing.assert_array_equal(made[:12, 0], [0, 1, 1, 1, 4, 4, 6, 6, 8, 8, 8, 8])
    np.testing.assert_array_equal(np.flatnonzero(made[:12, 1]), [0, 1, 4, 6, 8])
    same = network.chained(np.full((1, 64), 5), starts)[0]
    np.testing.assert_array_equal(np.flatnonzero(same[:, 1]), [0, 1, 6])  # equal pitches are tied over the beat


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: network.transfer(m, numbers(), to="tango"), "to: expected hymn or dance, received 'tango'"),
        (lambda m: network.transfer(m, numbers(), to="hymn", temperature=-1), "temperature: expected a number from 0 to 2"),
        (lambda m: network.transfer(m, numbers()[:0], to="hymn"), r"numbers: expected shape \(phrases, 64, 2\)"),
        (lambda m: network.transfer(m, numbers()[:, :32], to="hymn"), r"received \(7, 32, 2\)"),
        (lambda m: network.Config(channels=0), "channels: expected a whole number of at least 1, received 0"),
        (lambda m: network.Config(chance=-1), "chance: expected 0 or more"),
        (lambda m: network.Config(cycle=-1).check(), "cycle: expected 0 or more"),
    ],
)
def test_what_cannot_be_is_refused(model, call, says):
    with pytest.raises(ParameterError, match=says):
        call(model)


def test_a_run_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no run"):
        network.load(tmp_path)
