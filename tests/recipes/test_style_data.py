"""Bars as pictures: their size and way back, bands of a semitone, transposition, and that no piece is on both sides."""

import numpy as np
import pytest

from lab_utils.datasets import load_stave275
from lab_utils.errors import ParameterError
from lab_utils.recipes import _style_data as data
from lab_utils.score import Score, note_array

# 3/4: C4 a quarter, E4 struck twice in the second, a half G2 from the second on
BAR = Score(note_array([(0, 1, 60), (1, 0.5, 64), (1.5, 0.5, 64), (1, 2, 43)]), meters=((0.0, 3, 4),))


@pytest.fixture(scope="module")
def notes():
    return data.prepare("notes", progress=False)


def test_a_bar_is_stretched_to_48_steps_and_comes_back():
    (roll,) = data.pictures_of([BAR])
    assert roll.shape == (48, 88)
    assert np.flatnonzero(roll[:, 60 - 21]).tolist() == list(range(16))
    assert (roll[:16, 60 - 21] == [1] + [0.5] * 15).all()
    assert np.flatnonzero(roll[:, 64 - 21] == 1).tolist() == [16, 24] and (roll[16:, 43 - 21] > 0).all()
    score = data.score_of(roll[None], meter=(3, 4))
    notes = sorted(score.notes[["onset_quarter", "duration_quarter", "pitch", "voice"]].tolist())
    np.testing.assert_allclose(notes, [(0, 1, 60, 0), (1, 0.5, 64, 0), (1, 2, 43, 1), (1.5, 0.5, 64, 0)])


def test_every_sixth_bar_of_the_data_set_comes_back():
    scores = [bar.score for bar in load_stave275()[::6]]
    rolls = data.pictures_of(scores)
    again = data.pictures_of([data.score_of(roll[None]) for roll in rolls])
    np.testing.assert_array_equal(again, rolls)


def test_each_piece_is_held_out_once_and_never_on_both_sides(notes):
    assert notes.pictures.shape == (275, 48, 88) and notes.names == ("madrigal", "chorale", "quartet", "salon", "tune")
    seen = []
    for holdout in range(data.HOLDOUTS):
        train, valid = notes.train(holdout), notes.valid(holdout)
        assert (len(train), len(valid)) == (220, 55)
        assert not set(notes.pieces[train]) & set(notes.pieces[valid])
        assert np.bincount(notes.styles[valid]).tolist() == [11] * 5
        seen += list(valid)
    assert sorted(seen) == list(range(275))
    folds = np.array([bar.fold for bar in load_stave275()])
    assert (folds[notes.valid(0)] == "valid").all()


def test_every_piece_can_be_moved_to_a_common_key(notes):
    moves = {str(piece): int(move) for piece, move in zip(notes.pieces, notes.to_c, strict=True)}
    assert (moves["haydn_op74_1_i"], moves["mozart_k458_i"], moves["chopin_mazurka_op6_2"]) == (
        0,
        2,
        -4,
    )  # C, B flat, C sharp minor
    assert set(notes.to_c) <= set(range(-6, 6))


def test_shifting_moves_up_and_lets_silence_in():
    picture = np.arange(6.0).reshape(1, 6) + 1
    assert data.shifted(picture, 2).tolist() == [[0, 0, 1, 2, 3, 4]]
    assert data.shifted(picture, -1).tolist() == [[2, 3, 4, 5, 6, 0]]
    assert data.shifted(picture, 0).tolist() == picture.tolist()


def test_a_transposed_roll_is_the_roll_of_the_transposed_bar():
    moved = data.shifted(data.pictures_of([BAR])[0], 5)
    np.testing.assert_array_equal(moved, data.pictures_of([BAR.transpose(5)])[0])


def test_each_bar_of_a_batch_is_moved_by_its_own_chance():
    rolls = np.repeat(data.pictures_of([BAR]), 40, axis=0)
    rows = data.transposing(3)({"pictures": rolls, "styles": np.arange(40)}, np.random.default_rng(0))
    lowest = {int(np.flatnonzero(roll.any(axis=0))[0]) - (43 - 21) for roll in rows["pictures"]}
    assert lowest == set(range(-3, 4)) and rows["styles"].tolist() == list(range(40))


def test_a_tone_stands_in_the_band_of_its_pitch():
    frequencies = np.arange(513) * 22050 / 1024
    bands = data.semitone_bands(frequencies)
    np.testing.assert_allclose(bands.sum(axis=1), 1, atol=1e-5)
    spectrogram = np.full((1, 8, 513), -1.0)
    spectrogram[:, 4:, 90:95] = 0.9  # 1938 to 2024 Hz, round B6 (1975.5 Hz)
    picture = data.in_semitones(spectrogram, frequencies)
    assert picture.shape == (1, 2, 88) and (picture >= 0).all() and not picture[0, 0].any()
    assert picture[0, 1].argmax() + data.LOWEST["spectrogram"] == 95


def test_the_sound_of_a_bar_is_the_same_picture_as_in_the_set():
    few = data.prepare("spectrogram", bars=1, progress=False)
    assert few.pictures.shape == (25, 43, 88) and 0 < few.pictures.mean() < 0.5
    again = data.heard([few.scores[3], few.scores[20]], few.told)
    np.testing.assert_allclose(again, few.pictures[[3, 20]], atol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: data.prepare("text"), "notes, spectrogram; received 'text'"),
        (lambda m: data.prepare("notes", bars=0), "bars: expected a number from 1 on"),
        (lambda m: m.train(5), "holdout: expected a number from 0"),
        (lambda m: m.valid("valid"), "holdout: expected a number from 0"),
        (lambda m: data.score_of(np.zeros((2, 40, 88))), r"pictures: expected rolls of shape \(bars ≥ 1, 48, 88\)"),
        (lambda m: data.score_of(np.zeros((0, 48, 88))), "pictures: expected rolls"),
    ],
)
def test_bad_input_is_told_in_one_line(notes, call, words):
    with pytest.raises(ParameterError, match=words) as caught:
        call(notes)
    assert "\n" not in str(caught.value)
