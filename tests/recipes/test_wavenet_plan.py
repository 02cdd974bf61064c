"""Excerpts: as many as are wanted, by fold and piece, over the whole range, the same for the same seed."""

import numpy as np
import pytest

from lab_utils.datasets import load_chorales
from lab_utils.recipes._wavenet_lines import HIGHEST, LOWEST
from lab_utils.recipes._wavenet_plan import SECONDS, chorale_lines, plan, stave_lines


@pytest.fixture(scope="module")
def notes():
    return plan("notes", minutes=36.0, seed=0)


def test_so_many_minutes_of_each_fold(notes):
    counts = {fold: sum(excerpt.fold == fold for excerpt in notes) for fold in ("train", "valid", "test")}
    assert counts == {"train": 540, "valid": 60, "test": 60}


def test_no_piece_is_in_two_folds(notes):
    chorales = load_chorales()
    for fold in ("train", "valid", "test"):
        mine = {excerpt.piece.rpartition("-")[0] for excerpt in notes if excerpt.fold == fold}
        others = {excerpt.piece.rpartition("-")[0] for excerpt in notes if excerpt.fold != fold}
        assert mine and not mine & others
        known = {piece.name for piece in chorales.fold(fold)}
        assert {name for name in mine if name.startswith("bwv")} <= known


def test_every_pitch_of_the_range_is_in_train_and_none_beyond(notes):
    heard = np.concatenate([excerpt.score.notes["pitch"] for excerpt in notes if excerpt.fold == "train"])
    assert set(heard.tolist()) == set(range(LOWEST, HIGHEST + 1))


def test_excerpts_are_single_lines_that_fit_into_their_time(notes):
    for excerpt in notes:
        onset, length = excerpt.score.notes["onset_quarter"], excerpt.score.notes["duration_quarter"]
        assert (onset[1:] >= (onset + length)[:-1] - 1e-9).all() and (onset + length).max() <= SECONDS + 1e-9


def test_the_same_for_the_same_seed_and_another_for_another(notes):
    few, other = plan("notes", minutes=2.0, seed=0), plan("notes", minutes=2.0, seed=1)
    train = [excerpt.score for excerpt in few if excerpt.fold == "train"]
    assert train == [excerpt.score for excerpt in notes[: len(train)]]  # fewer minutes are the first of more
    assert train != [excerpt.score for excerpt in other[: len(train)]]


def test_more_minutes_than_lines_take_a_second_turn():
    lines = sum(fold == "train" for fold, _, _ in chorale_lines() + stave_lines())
    planned = [excerpt for excerpt in plan("notes", minutes=42.0, seed=0) if excerpt.fold == "train"]
    assert len(planned) == 630 > lines
    first = next(excerpt for excerpt in planned if excerpt.piece == planned[lines].piece)
    assert first.score != planned[lines].score


def test_stave275_gives_lines_but_none_of_its_chorales_nor_of_pianos():
    names = {name.rpartition("-")[0] for _, name, _ in stave_lines()}
    assert any("maggie" in name for name in names) and not any(name.startswith("bwv") for name in names)
    assert all((read().notes["voice"] == 0).all() for _, _, read in stave_lines())


def test_style_takes_whole_pieces_in_their_own_sound():
    planned = plan("style", minutes=20.0, seed=0)
    assert {excerpt.fold for excerpt in planned} == {"train", "valid"}
    assert {excerpt.style for excerpt in planned} == {"madrigal", "chorale", "quartet", "salon", "tune"}
    assert sum(excerpt.fold == "train" for excerpt in planned) == 300
    assert {excerpt.score.program(0) for excerpt in planned} == {52, 19, 40, 0, 110}
    assert all(excerpt.start + SECONDS <= excerpt.score.duration_seconds for excerpt in planned)
