"""The figures of phrases: real ones are like themselves, notes of one 16th are counted, a missing fold is left out."""

import numpy as np
import pytest

from lab_utils.errors import DataError
from lab_utils.recipes import _gan_figures as figures
from lab_utils.recipes import _gan_rolls as rolls


@pytest.fixture(scope="module")
def phrases():
    grids, onsets = rolls.windows(rolls.pieces("chorales", "valid")[::4], bars=2)
    return grids[:60], onsets[:60]


def test_phrases_are_as_like_themselves_as_can_be_and_shuffled_ones_less(phrases):
    features = figures.reference(*phrases)
    assert figures.area(*phrases, features) == pytest.approx(1)
    rng = np.random.default_rng(0)
    order = rng.permuted(np.tile(np.arange(32), (60, 1)), axis=1)[..., None]
    shuffled = np.take_along_axis(phrases[0], order, axis=1)
    assert figures.area(shuffled, None, features) < 0.8
    rest = figures.reference(phrases[0][:30], phrases[1][:30])
    assert 0.6 < figures.area(phrases[0][30:], phrases[1][30:], rest) < 1


def test_onsets_make_repeated_notes(phrases):
    assert sum(map(len, figures.phrases(*phrases))) == phrases[1].sum()
    assert sum(map(len, figures.phrases(phrases[0], None))) < phrases[1].sum()


def test_data_without_a_test_fold_are_measured_on_the_other(monkeypatch):
    def none(data, fold):
        raise DataError("no fold")

    form = rolls.Form(2, (57, 53, 48, 36), (79, 74, 69, 64))
    assert figures._test("chorales", form)[0].shape[1:] == (32, 4)
    monkeypatch.setattr(rolls, "pieces", none)
    assert figures._test("jsb16", form) is None
