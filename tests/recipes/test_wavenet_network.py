"""What the network is told of notes and sound: phases that go on, windows that line up, splices that do not count; refusals."""

import numpy as np
import pytest

from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _wavenet_network as network
from lab_utils.recipes._wavenet_data import LOWEST

RATE, FRAME = 8000, 40


def conditions_of(rows):
    """(pitch number, frames) in a row as conditions with ages, int32 (1, frames, 2)."""
    pitch = np.concatenate([np.full(length, number) for number, length in rows])
    age = np.concatenate([np.arange(length) for _, length in rows])
    return np.stack([pitch, age], axis=-1)[None].astype(np.int32)


def test_a_tone_begins_with_its_note_goes_on_through_silence_and_is_of_the_note_s_frequency():
    told = network.told_of(conditions_of([(0, 3), (69 - LOWEST + 1, 5), (0, 4), (57 - LOWEST + 1, 6)]), RATE)
    start, step = told["phases"][0].T
    np.testing.assert_allclose(step, np.repeat([0, 440 / RATE, 220 / RATE], [3, 9, 6]), atol=1e-6)
    assert (start[:3] == 0).all() and start[3] == start[12] == 0
    along = np.arange(9) * FRAME * 440 / RATE
    np.testing.assert_allclose(np.exp(2j * np.pi * start[3:12]), np.exp(2j * np.pi * along), atol=1e-4)


def test_a_repeated_note_is_struck_anew_and_one_that_sounds_from_the_first_frame_has_its_tone():
    number = 60 - LOWEST + 1
    start, step = network.told_of(conditions_of([(number, 7), (number, 4)]), RATE)["phases"][0].T
    assert start[0] == start[7] == 0 and start[1] == start[8] > 0 and (step > 0).all()


def rows_of(count=6, frames=200):
    codes = np.tile(np.repeat(np.arange(frames) % 251, FRAME).astype(np.uint8), (count, 1))
    frame = np.arange(frames, dtype=np.int32)
    return {"codes": codes, "conditions": np.tile(np.stack([frame, frame], axis=-1), (count, 1, 1))}


def test_windows_of_codes_and_conditions_are_of_the_same_frames_and_differ():
    config = network.Config(window=10, splices=0.0, batch=6)
    cut = network.windows_of(config, FRAME, epoch=lambda: 0)(rows_of(), np.random.default_rng(0))
    assert cut["codes"].shape == cut["counts"].shape == (6, 400) and cut["conditions"].shape == (6, 10, 2)
    np.testing.assert_array_equal(cut["codes"][:, ::FRAME], cut["conditions"][:, :, 0] % 251)
    assert (cut["counts"] == 1).all() and len(set(cut["conditions"][:, 0, 0])) > 3
    many = network.windows_of(config, FRAME, epoch=lambda: 0)(rows_of(2000), np.random.default_rng(1))
    assert (many["conditions"][:, 0, 0] == 0).mean() == pytest.approx(network.FROM_START, abs=0.03)


def test_splices_are_of_other_windows_do_not_count_and_begin_when_they_should():
    config = network.Config(window=100, splices=1.0, splices_from=3, batch=6)
    rows = {"codes": np.repeat(np.arange(6, dtype=np.uint8)[:, None], 8000, axis=1)}  # each excerpt one code
    before, after = (network.windows_of(config, FRAME, epoch=lambda n=n: n)(rows, np.random.default_rng(0)) for n in (2, 3))
    assert before["counts"].all() and (before["codes"] == np.arange(6)[:, None]).all()
    own = after["codes"] == np.arange(6)[:, None]
    np.testing.assert_array_equal(own, after["counts"] == 1)
    assert not own[:, 0].any() and 0.1 < own.mean() < 0.9
    assert rows["codes"].max() == 5 and (rows["codes"] == np.arange(6)[:, None]).all()  # the data themselves stay


def test_bits_of_an_untrained_network_are_about_eight_and_the_same_in_any_company(monkeypatch):
    config = network.Config(channels=8, longest=8, cycles=1, skip=8, conditions=4, harmonics=2)
    model = network.build(config, seed=1)
    rng = np.random.default_rng(0)
    arrays = {"codes": rng.integers(0, 256, (3, 400)).astype(np.uint8), **network.told_of(rng.integers(0, 9, (3, 10, 2)), RATE)}
    bits = network.bits_per_sample(model, arrays)
    assert bits.shape == (3, 400) and bits.mean() == pytest.approx(8, abs=0.5)
    monkeypatch.setattr(network, "AT_ONCE", 2)
    np.testing.assert_allclose(network.bits_per_sample(model, arrays), bits, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"variant": "loud"}, "variant: expected one of notes, style"),
        ({"sample_rate": 44100}, "sample_rate: expected 8000 or 16000"),
        ({"window": 0}, "window: expected"),
        ({"splices": 1.5}, "splices: expected a share"),
        ({"batch": 1}, "batch: expected two windows or more to splice"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, says):
    with pytest.raises(ParameterError, match=says):
        network.Config(**settings)


def test_a_run_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no run"):
        network.load(tmp_path)
