"""The bars of the spectrogram VAE: their renderings, their scale, and bad input."""

import numpy as np
import pytest

from lab_utils.datasets.stave275 import STYLES, load_pieces
from lab_utils.errors import ParameterError
from lab_utils.recipes import _spectrogram_data as data


@pytest.fixture(scope="module")
def bars():
    return data.prepare(bars=1, renderings=2, progress=False, jobs=1)


def test_each_bar_of_the_train_fold_has_its_renderings_and_the_others_stand_as_written(bars):
    train, valid = bars.fold("train"), bars.fold("valid")
    assert (len(train), len(valid)) == (40, 5)
    assert train.spectrograms.shape[1:] == (data.FRAMES, data.TRANSFORM.bins)
    assert [name for name in train.ids if "+" not in name] == [name.split("+")[0] for name in train.ids if "+" in name]
    assert not any("+" in name for name in valid.ids)
    assert train.spectrograms.min() == -1 and train.spectrograms.max() == 1
    assert set(data.styles(bars)) == set(range(len(STYLES)))
    assert [STYLES[i] for i in data.styles(valid)] == valid.labels["style"].tolist()


def test_held_out_bars_are_those_of_the_training_in_its_scale(bars):
    found = data.held_out(bars.scaler, bars=1, progress=False)
    np.testing.assert_allclose(found.spectrograms, bars.fold("valid").spectrograms, atol=1e-6)
    assert found.ids.tolist() == bars.fold("valid").ids.tolist()


def test_a_stretch_is_one_bar_long_starts_on_a_beat_and_keeps_its_intervals():
    piece = next(one for one in load_pieces(style="chorale") if one.score.meter == (4, 4))
    bar, rng = piece.bars[3], np.random.default_rng(5)
    stretches = [data._stretch(piece, bar, rng) for _ in range(60)]
    assert all(len(stretch.bar_lines()) == 2 and stretch.bar_lines()[-1] == 4 for stretch in stretches)
    moved = set()
    for stretch in stretches:
        matches = [
            (beat, move)
            for beat in range(4)
            for move in range(-data.REACH, data.REACH + 1)
            if piece.score.between(12 + beat, 16 + beat).transpose(move).notes.tolist() == stretch.notes.tolist()
        ]
        assert matches
        moved.add(matches[0])
    assert {beat for beat, _ in moved} == {0, 1, 2, 3} and len({move for _, move in moved}) > 8


def test_a_splice_is_the_start_of_one_bar_and_the_end_of_another_of_its_style():
    style = np.array([0, 0, 0, 1, 1, 2])
    pictures = np.repeat(np.arange(6.0, dtype=np.float32), 64 * 3).reshape(6, 64, 3)  # each bar its own number
    made = [
        data.spliced({"spectrogram": pictures, "style": style}, np.random.default_rng(i), share=1)["spectrogram"]
        for i in range(40)
    ]
    cuts = set()
    for bars in made:
        for number, bar in enumerate(bars):
            start, end = bar[0, 0], bar[-1, 0]
            assert start == number and style[int(end)] == style[number] and set(np.unique(bar)) == {start, end}
            if start != end:
                cut = int(np.argmax(bar[:, 0] != start))
                assert cut % 4 == 0 and 8 <= cut <= 56
                cuts.add(cut)
    assert len(cuts) > 8
    none = data.spliced({"spectrogram": pictures, "style": style}, np.random.default_rng(0), share=0)["spectrogram"]
    np.testing.assert_array_equal(none, pictures)
    half = [
        data.spliced({"spectrogram": pictures[:3], "style": style[:3]}, np.random.default_rng(i), share=0.5) for i in range(200)
    ]
    changed = np.mean([(one["spectrogram"] != pictures[:3]).any(axis=(1, 2)).mean() for one in half])
    assert changed == pytest.approx(0.5 * 2 / 3, abs=0.07)  # a third is spliced with itself


def test_renderings_follow_from_the_seed():
    piece = load_pieces(style="tune")[0]
    first, again, other = ([s.notes.tolist() for s, _, _ in data._items(piece, 4, 2, seed)] for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("wrong", [{"data": "chorales"}, {"renderings": 0}, {"bars": 12}, {"bars": 1.5}, {"seed": -1}])
def test_bad_options_are_refused_in_one_line(wrong):
    with pytest.raises(ParameterError, match=f"^{next(iter(wrong))}: expected") as caught:
        data.prepare(**wrong)
    assert "\n" not in str(caught.value)
