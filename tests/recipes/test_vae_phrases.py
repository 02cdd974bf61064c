"""The phrases of the note VAE: where they are cut, what is left out, how they change key."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils import datasets
from lab_utils.encoding import melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, LOWEST, REST
from lab_utils.errors import DataError, ParameterError
from lab_utils.files import from_abc
from lab_utils.recipes import _vae_phrases as phrases

REEL = "X:1\nM:4/4\nL:1/8\nK:G\nD2|G2BG AGED|G2B2 d4|(3efe d2 B2 A2|G4 G2D2|G2BG AGED|G8|]\n"
POLKA = "X:1\nM:2/4\nL:1/8\nK:D\nF2 A2|d2 A2|F2 A2|d4|e4|f4|]\n"


def token(pitch):
    return pitch - LOWEST + FIRST_PITCH


def test_chorale_phrases_begin_at_bar_lines_of_pieces_in_four():
    folds = phrases.prepare("chorales")
    assert {fold: len(found) for fold, found in folds.items()} == {"train": 5388, "valid": 2928, "test": 3136}
    assert folds["train"].tokens.shape == (5388, 32) and (folds["train"].tokens[:, 0] != HOLD).all()
    first = next(piece for piece in datasets.load_chorales().fold("train") if piece.meter == (4, 4))
    start = first.pickup_steps + 16
    line, onsets = melody.line_from_tokens(folds["train"].tokens[1])
    np.testing.assert_array_equal(line, first.grid[start : start + 32, 0])
    np.testing.assert_array_equal(onsets[1:], first.onsets[start + 1 : start + 32, 0])


def test_a_tied_note_starts_with_the_phrase_and_silence_is_left_out():
    grid = np.full((64, 4), 60)
    grid[:, 3] = -1
    folds = phrases.from_grids([SimpleNamespace(tokens=phrases.chorale.tokens_from_grid(grid))])
    assert len(folds) == 9 and set(folds.voices) == {0, 1, 2}
    assert (folds.tokens[:, 0] == token(60)).all() and (folds.tokens[:, 1:] == HOLD).all()


def test_keys_stay_in_the_range_of_their_voice():
    folds = phrases.prepare("chorales")
    train = folds["train"]
    rng = np.random.default_rng(0)
    shifted = phrases.moved({"tokens": train.tokens, "ranges": train.ranges}, rng)
    np.testing.assert_array_equal(shifted["tokens"], shifted["target"])
    for voice in range(4):
        rows = train.voices == voice
        before, after = (tokens[rows][tokens[rows] >= FIRST_PITCH] for tokens in (train.tokens, shifted["tokens"]))
        assert (before.min(), before.max()) == (after.min(), after.max())
    assert (np.unique((shifted["tokens"] - train.tokens)[:, 0]).size) > 12
    assert ((shifted["tokens"] >= FIRST_PITCH) == (train.tokens >= FIRST_PITCH)).all()


def test_what_sounds_and_a_tidied_silence():
    tokens = np.array([[REST, REST, 9, REST, HOLD, REST, 9, 9] + [HOLD] * 24])
    np.testing.assert_array_equal(phrases.tidied(tokens)[0, :8], [REST, HOLD, 9, REST, HOLD, HOLD, 9, 9])
    np.testing.assert_array_equal(phrases.sounding(tokens)[0, :8], [REST, REST, 9, REST, REST, REST, 9, 9])
    grids, onsets = phrases.grids(tokens)
    assert grids.shape == onsets.shape == (1, 32, 1) and onsets.sum() == 3 and (grids == -1).sum() == 5


def test_bad_data_is_told_in_one_line(tmp_path):
    short = tmp_path / "short.json"
    short.write_text(json.dumps([[[60, 55, 50, 45]] * 20] * 2))
    with pytest.raises(DataError, match="no phrase of two whole bars"):
        phrases.prepare(str(short))
    with pytest.raises(ParameterError, match="take 'chorales'"):
        phrases.prepare("jsb16")
    with pytest.raises(ParameterError, match="songs"):
        phrases.prepare("songs")


def test_tunes_in_other_meters_are_left_out(monkeypatch):
    tunes = [SimpleNamespace(meter=meter, score=from_abc(text)) for meter, text in (((4, 4), REEL), ((2, 4), POLKA))]
    jig = SimpleNamespace(meter=(6, 8), score=None)  # not even looked at
    folds = {"train": [*tunes, jig], "valid": tunes[1:], "test": tunes[:1]}
    monkeypatch.setattr(datasets, "load_tunes", lambda: SimpleNamespace(fold=folds.__getitem__), raising=False)
    found = phrases.prepare("tunes")
    assert {fold: len(one) for fold, one in found.items()} == {"train": 6, "valid": 3, "test": 3}
    assert found["train"].pieces.tolist() == [0, 0, 0, 1, 1, 1] and found["train"].ranges.shape == (6, 2)
