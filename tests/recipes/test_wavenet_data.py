"""The sounds of WaveNet's data: shapes, what is heard where the notes say so, the cache, and what it refuses."""

import numpy as np
import pytest

from lab_utils.audio.mulaw import decode
from lab_utils.datasets import stave275
from lab_utils.datasets.stave275 import load_pieces
from lab_utils.errors import ParameterError
from lab_utils.recipes import _wavenet_data, _wavenet_plan
from lab_utils.recipes._wavenet_data import STYLES, prepare
from lab_utils.storage import cache_folder


@pytest.fixture(scope="module", autouse=True)
def chorales_alone():
    """Without what an empty cache must read from music21's corpus: of stave275 the tunes alone, and not as lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_wavenet_plan, "stave_lines", list)
        patch.setattr(stave275, "load_pieces", lambda **options: load_pieces(style="tune", **options))
        yield


@pytest.fixture(scope="module")
def notes(chorales_alone):
    return prepare("notes", minutes=0.27, progress=False)


@pytest.fixture(scope="module")
def style(chorales_alone):
    return prepare("style", minutes=0.1, progress=False)


def test_shapes(notes):
    assert list(notes) == ["train", "valid", "test"]
    train = notes["train"]
    assert train.codes.shape == (4, 32000) and train.codes.dtype == np.uint8
    assert train.conditions.shape == (4, 800, 2) and train.conditions.dtype == np.int32
    assert len(train) == len(train.scores) == len(train.pieces) == len(train.styles) == 4
    assert train.frame == 40 and train.minutes == pytest.approx(4 * 4 / 60)


def test_it_is_loud_where_notes_are_and_not_where_none_has_been_for_long(notes):
    for fold in notes.values():
        loudness = np.sqrt((decode(fold.codes).reshape(len(fold), 800, 40) ** 2).mean(axis=2))
        played, age = fold.conditions[..., 0] > 0, fold.conditions[..., 1]
        assert np.median(loudness[played & (age > 20)]) > 0.1
        assert (loudness[played & (age > 20)] > 0.02).all() and (loudness[~played & (age > 60)] < 0.02).all()
        assert not ((fold.codes == 0) | (fold.codes == 255)).any()  # nothing is clipped


def test_the_frequency_is_that_of_the_note(notes):
    fold = notes["train"]
    checked = 0
    for codes, conditions in zip(decode(fold.codes), fold.conditions, strict=True):
        for frame in np.flatnonzero((conditions[:, 1] == 100) & (conditions[:, 0] > 0)):
            if (conditions[frame - 80 : frame, 0] == conditions[frame, 0]).all() and frame >= 80:
                part = codes[(frame - 80) * 40 : frame * 40]
                asked = 440 * 2 ** ((conditions[frame, 0] + 39 - 69) / 12)
                power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 32000)) ** 2
                found = np.fft.rfftfreq(32000, 1 / 8000)[power[: int(1.5 * asked * 4)].argmax()]
                checked += abs(1200 * np.log2(found / asked)) < 50
                assert found == pytest.approx(asked, rel=0.03) or power[: int(1.5 * asked * 4)].max() < 0.05 * power.max()
    assert checked > 1


def test_style_has_labels_and_no_notes(style):
    assert list(style) == ["train", "valid"]
    assert set(style["train"].styles) == {STYLES.index("tune")}
    assert not style["train"].conditions.any() and style["train"].codes.std() > 5
    assert not set(style["train"].pieces) & set(style["valid"].pieces)


def test_the_second_time_nothing_is_played(notes, monkeypatch):
    monkeypatch.setattr(_wavenet_data, "_player", None)
    again = prepare("notes", minutes=0.27, progress=False)
    for fold in notes:
        np.testing.assert_array_equal(again[fold].codes, notes[fold].codes)


def test_a_run_that_was_killed_goes_on_and_a_file_cut_short_is_made_again(monkeypatch):
    monkeypatch.setattr(_wavenet_data, "PART", 2)
    played, player, stop = [], _wavenet_data._player, [3]

    def counting(*args):
        play = player(*args)

        def counted(excerpt):
            if len(played) == stop[0]:
                raise KeyboardInterrupt
            played.append(excerpt.piece)
            return play(excerpt)

        return counted

    def ready():
        return set((cache_folder("wavenet")).iterdir())

    monkeypatch.setattr(_wavenet_data, "_player", counting)
    options, before = {"minutes": 0.2, "seed": 5, "progress": False}, ready()
    with pytest.raises(KeyboardInterrupt):
        prepare("notes", **options)
    stop[0] = 99
    again = prepare("notes", **options)
    assert len(played) == 3 + 3  # of five the first two were kept
    (file,) = ready() - before
    file.write_bytes(file.read_bytes()[:-1000])
    once_more = prepare("notes", **options)
    assert len(played) == 6 + 5
    np.testing.assert_array_equal(again["train"].codes, once_more["train"].codes)


def test_16_khz():
    fold = prepare("notes", sample_rate=16000, minutes=0.07, progress=False)["train"]
    assert fold.codes.shape == (1, 64000) and fold.frame == 80 and fold.conditions.shape == (1, 800, 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"variant": "jazz"}, "notes, style"),
        ({"sample_rate": 44100}, "8000, 16000"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 10_000}, "600"),
        ({"minutes": "many"}, "minutes"),
        ({"seed": -1}, "seed"),
    ],
)
def test_refuses(options, says):
    with pytest.raises(ParameterError, match=says):
        prepare(**options)
