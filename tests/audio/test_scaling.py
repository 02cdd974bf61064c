import json
import weakref

import numpy as np
import pytest

from lab_utils.audio import Scaler
from lab_utils.errors import DataError, ParameterError


def _random_arrays(seed):
    """A few spectrogram-like arrays of one random number of bins, at a random level and spread, some bins constant."""
    random = np.random.default_rng(seed)
    bins = int(random.integers(1, 12))
    level, spread = random.uniform(-200, 200), 10.0 ** random.uniform(-6, 4)
    arrays = [
        (level + spread * random.standard_normal((int(random.integers(1, 30)), bins))).astype(np.float32)
        for _ in range(int(random.integers(1, 5)))
    ]
    for bin_ in np.flatnonzero(random.random(bins) < 0.2):
        for array in arrays:
            array[:, bin_] = np.float32(level)
    return arrays


def _rounding(scaler):
    """What float32 may lose on the way to [-1, 1] and back, shape of the scaler."""
    return 4 * 2.0**-24 * np.maximum(np.maximum(np.abs(scaler.low), np.abs(scaler.high)), (scaler.high - scaler.low) / 2)


@pytest.mark.parametrize("per_bin", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_there_and_back(seed, per_bin):
    arrays = _random_arrays(seed)
    scaler = Scaler.fit(arrays, per_bin=per_bin)
    for array in arrays:
        scaled = scaler.transform(array)
        assert scaled.dtype == np.float32 and scaled.shape == array.shape
        assert np.abs(scaled).max() <= 1
        again = scaler.inverse(scaled)
        assert again.dtype == np.float32
        assert (np.abs(again.astype(float) - array) <= _rounding(scaler)).all()


@pytest.mark.parametrize("per_bin", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_the_ends_of_the_range_are_reached(seed, per_bin):
    arrays = _random_arrays(seed)
    everything = np.concatenate([Scaler.fit(arrays, per_bin=per_bin).transform(array) for array in arrays])
    axis = 0 if per_bin else None
    assert (everything.min(axis=axis) == -1).all()
    varied = np.ptp(np.concatenate(arrays), axis=axis) > 0
    assert (everything.max(axis=axis) == np.where(varied, 1, -1)).all()


def test_known_answers():
    values = np.array([[-100.0, -60.0], [-20.0, 0.0]], np.float32)
    np.testing.assert_allclose(Scaler.fit(values).transform(values), [[-1, -0.2], [0.6, 1]], rtol=1e-6)
    assert Scaler.fit(values, per_bin=True).transform(values).tolist() == [[-1, -1], [1, 1]]


@pytest.mark.parametrize("value", [-100.0, 0.0, 1e-30, 3.3e38, -7.123456])
@pytest.mark.parametrize("per_bin", [False, True])
def test_a_constant_becomes_the_bottom_and_comes_back_exactly(value, per_bin):
    silence = np.full((4, 3), value, np.float32)
    scaler = Scaler.fit(silence, per_bin=per_bin)
    scaled = scaler.transform(silence)
    assert (scaled == -1).all()
    assert (scaler.inverse(scaled) == silence).all()


def test_a_silent_bin_beside_a_loud_one():
    values = np.array([[-100.0, -30.0], [-100.0, -10.0]], np.float32)
    scaler = Scaler.fit(values, per_bin=True)
    assert scaler.transform(values).tolist() == [[-1, -1], [-1, 1]]
    louder = np.array([[-99.0, -20.0]], np.float32)  # validation data that is not silent there
    assert scaler.transform(louder).tolist() == [[0, 0]]
    assert scaler.inverse(scaler.transform(louder)).tolist() == louder.tolist()


def test_values_beyond_the_range():
    scaler = Scaler(-80.0, 0.0)
    beyond = np.array([-120.0, -80.0, -40.0, 0.0, 20.0], np.float32)
    assert scaler.transform(beyond).tolist() == [-2, -1, 0, 1, 1.5]
    assert scaler.inverse(scaler.transform(beyond)).tolist() == beyond.tolist()
    assert scaler.transform(beyond, clip=True).tolist() == [-1, -1, 0, 1, 1]
    assert scaler.inverse(scaler.transform(beyond, clip=True)).tolist() == [-80, -80, -40, 0, 0]


def test_the_largest_range_that_float32_has():
    top = np.finfo(np.float32).max
    values = np.array([-top, 0, top], np.float32)
    scaled = Scaler.fit(values).transform(values)
    assert scaled.tolist() == [-1, 0, 1]
    np.testing.assert_array_equal(Scaler.fit(values).inverse(scaled), values)


def test_fitting_takes_one_array_a_list_or_a_stream():
    arrays = _random_arrays(3)
    whole = np.concatenate(arrays)
    for per_bin in (False, True):
        at_once = Scaler.fit(whole, per_bin=per_bin)
        assert Scaler.fit(arrays, per_bin=per_bin) == at_once
        assert Scaler.fit((array for array in arrays), per_bin=per_bin) == at_once
        assert at_once.per_bin == per_bin


def test_a_stream_is_gone_through_one_array_at_a_time():
    made, alive = [], []

    def stream():
        for step in range(5):
            array = np.full((2, 2), float(step))
            made.append(weakref.ref(array))
            yield array
            del array
            alive.append(sum(reference() is not None for reference in made))

    scaler = Scaler.fit(stream())
    assert alive == [0] * 5
    assert (scaler.low, scaler.high) == (0, 4)


def test_a_batch_scales_as_its_items():
    items = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)  # (B, T, F)
    scaler = Scaler.fit(items, per_bin=True)
    np.testing.assert_array_equal(scaler.transform(items)[1], scaler.transform(items[1]))
    np.testing.assert_array_equal(scaler.low, items.min(axis=(0, 1)))


def test_empty_arrays_add_nothing():
    assert Scaler.fit([np.zeros((0, 3)), np.ones((2, 3)), np.zeros((0, 3))]) == Scaler(1.0, 1.0)


@pytest.mark.parametrize("per_bin", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_saved_and_loaded_it_is_the_same(tmp_path, seed, per_bin):
    arrays = _random_arrays(seed)
    scaler = Scaler.fit(arrays, per_bin=per_bin)
    scaler.save(tmp_path / "folder" / "scaler.json")
    loaded = Scaler.load(tmp_path / "folder" / "scaler.json")
    assert loaded == scaler
    np.testing.assert_array_equal(loaded.transform(arrays[0]), scaler.transform(arrays[0]))
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["scaler.json"]


def test_scalers_differ():
    assert Scaler(0, 1) != Scaler(0, 2)
    assert Scaler(0, 1) != Scaler([0], [1])
    assert Scaler(0, 1) != "Scaler(0, 1)"


def test_it_cannot_be_changed():
    scaler = Scaler([0.0, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError):
        scaler.low[0] = 5
    with pytest.raises(AttributeError):
        scaler.high = 5


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity(bad):
    values = np.array([[0.0, bad]])
    for call in (Scaler.fit, Scaler(0, 1).transform, Scaler(0, 1).inverse):
        with pytest.raises(ParameterError, match="received NaN or infinity"):
            call(values)


@pytest.mark.parametrize("nothing", [[], np.zeros((0, 4)), [np.zeros((0, 4))]])
def test_nothing_to_fit(nothing):
    with pytest.raises(ParameterError, match="arrays: expected at least one value"):
        Scaler.fit(nothing)


def test_other_bins():
    with pytest.raises(ParameterError, match="expected 3 bins as in the first, received shape"):
        Scaler.fit([np.zeros((2, 3)), np.zeros((2, 4))], per_bin=True)
    with pytest.raises(ParameterError, match="expected 3 bins as fitted"):
        Scaler.fit(np.zeros((2, 3)), per_bin=True).transform(np.zeros((2, 4)))
    with pytest.raises(ParameterError, match="expected 3 bins as fitted"):
        Scaler.fit(np.zeros((2, 3)), per_bin=True).inverse(np.zeros((3, 1)))


def test_integers():
    with pytest.raises(ParameterError, match="expected an array of floats, received int64"):
        Scaler.fit(np.arange(4))


@pytest.mark.parametrize("ends", [(1, 0), (np.nan, 1), ([0, 0], [1]), ([], []), ([[0.0]], [[1.0]])])
def test_ends_that_are_no_range(ends):
    with pytest.raises(ParameterError, match="^(low|high): "):
        Scaler(*ends)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({"format": "lab_utils scaler 1"}),
        json.dumps({"format": "lab_utils scaler 1", "low": 0}),
        json.dumps({"format": "lab_utils scaler 1", "low": 1, "high": 0}),
        json.dumps({"format": "lab_utils scaler 1", "low": [0, 0], "high": [1]}),
        json.dumps({"format": "lab_utils scaler 1", "low": "zero", "high": 1}),
        json.dumps({"format": "lab_utils scaler 1", "low": None, "high": 1}),
        json.dumps({"format": "lab_utils scaler 1", "low": {}, "high": 1}),
        json.dumps({"format": "lab_utils scaler 1", "low": [[0], [0, 1]], "high": 1}),
        json.dumps({"format": "lab_utils scaler 1", "low": float("nan"), "high": 1}),
        json.dumps({"format": "lab_utils scaler 2", "low": 0, "high": 1}),
    ],
)
def test_broken_files(tmp_path, content):
    path = tmp_path / "scaler.json"
    path.write_text(content)
    with pytest.raises(DataError, match="scaler.json: ") as caught:
        Scaler.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(DataError, match="nowhere.json"):
        Scaler.load(tmp_path / "nowhere.json")
