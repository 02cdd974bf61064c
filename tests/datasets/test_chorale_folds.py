import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lab_utils.datasets.chorale_folds import (
    COLUMNS,
    SAME_SETTING,
    SAME_TUNE,
    assign_folds,
    group_tunes,
    hymn_titles,
    melody_match,
    melody_windows,
    natural,
    read_folds,
    setting_windows,
    shared,
    write_folds,
)
from lab_utils.datasets.chorale_piece import Chorale
from lab_utils.datasets.chorales import load_chorales
from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import offline_folder


@pytest.fixture(scope="module")
def chorales():
    return load_chorales()


@pytest.fixture(scope="module")
def windows(chorales):
    return {piece.name: (melody_windows(piece), setting_windows(piece)) for piece in chorales}


def toy(name, *, tune, setting=0, title="", up=0):
    """A random piece of 40 quarters: `tune` seeds the soprano, `setting` the other voices."""
    soprano = np.random.default_rng(tune).integers(60, 80, (40, 1))
    lower = np.random.default_rng((tune, setting)).integers(40, 60, (40, 3))
    grid = np.repeat(np.concatenate([soprano, lower], axis=1) + up, 4, axis=0).astype(np.int16)
    onsets = np.tile(np.array([[True], [False], [False], [False]]), (40, 4))
    return Chorale(name, title, grid, onsets, np.zeros(160, bool), (4, 4), (0, "major"), 0)


def folds_of(pieces, claims):
    return dict(zip((piece.name for piece in pieces), assign_folds(pieces, claims, group_tunes(pieces)), strict=True))


# ---------------------------------------------------------------- comparing


def test_natural_order():
    assert sorted(["bwv10.7", "bwv9.7", "bwv248.9-s", "bwv248.9-1"], key=natural) == [
        "bwv9.7", "bwv10.7", "bwv248.9-1", "bwv248.9-s",
    ]  # fmt: skip


def test_a_transposed_melody_is_the_same_and_another_is_not():
    own, higher, other = (melody_windows(piece) for piece in (toy("a", tune=1), toy("b", tune=1, up=3), toy("c", tune=2)))
    assert melody_match(own, higher) == 1.0
    assert melody_match(own, other) == 0.0


def test_a_melody_in_doubled_values_is_the_same():
    piece = toy("a", tune=1)
    slow = replace(piece, grid=np.repeat(piece.grid, 2, axis=0), onsets=np.zeros((320, 4), bool))
    slow.onsets[::8] = True
    assert melody_match(melody_windows(piece), melody_windows(slow)) == 1.0


def test_passing_notes_do_not_hide_a_melody():
    piece = toy("a", tune=1)
    grid, onsets = piece.grid.copy(), piece.onsets.copy()
    grid[2::4, 0], grid[3::4, 0], onsets[2::4, 0] = 50, 50, True
    assert melody_match(melody_windows(piece), melody_windows(replace(piece, grid=grid, onsets=onsets))) == 1.0


def test_half_a_melody_shares_half():
    one, other = toy("a", tune=1), toy("b", tune=2)
    mixed = replace(one, grid=np.concatenate([one.grid[:80], other.grid[80:]]))
    assert 0.35 < melody_match(melody_windows(one), melody_windows(mixed)) < 0.5


def test_a_setting_is_known_by_all_four_voices():
    piece = toy("a", tune=1, setting=1)
    assert shared(setting_windows(piece), setting_windows(toy("b", tune=1, setting=1, up=-2))) == 1.0
    assert shared(setting_windows(piece), setting_windows(toy("c", tune=1, setting=2))) == 0.0


def test_a_piece_without_windows_matches_nothing():
    assert shared(set(), {b"x"}) == 0.0


def test_tunes_are_grouped_by_melody_and_by_title():
    pieces = [
        toy("a", tune=1, title="Ein’ feste Burg"),
        toy("b", tune=2),
        toy("c", tune=1, up=5),
        toy("d", tune=3, title="Ein feste Burg!"),
        toy("e", tune=3, up=1),
    ]
    assert group_tunes(pieces) == [0, 1, 0, 0, 0]


# ---------------------------------------------------------------- the rules


def test_no_setting_of_a_test_tune_is_trained_on():
    pieces = [toy("a", tune=1, setting=1), toy("b", tune=1, setting=2, up=2), toy("c", tune=2), toy("d", tune=1, setting=3)]
    folds = folds_of(pieces, {"a": "test", "b": "train", "c": "train", "d": "valid"})
    assert folds == {"a": ("test", ""), "b": ("left_out", "the tune of a in test"), "c": ("train", ""), "d": ("valid", "")}


def test_doubles_of_a_protected_piece_are_left_out():
    pieces = [toy("a", tune=1), toy("b", tune=1, up=2), toy("c", tune=2), toy("d", tune=2, up=1)]
    folds = folds_of(pieces, {"a": "valid", "b": "train", "c": "test", "d": "valid"})
    assert folds["b"] == ("left_out", "a double of a") and folds["d"] == ("left_out", "a double of c")
    assert folds["a"] == ("valid", "") and folds["c"] == ("test", "")


def test_what_no_fold_claims_is_left_out():
    pieces = [toy("a", tune=1), toy("b", tune=2), toy("c", tune=1, up=1)]
    folds = folds_of(pieces, {"a": "train"})
    assert folds == {"a": ("train", ""), "b": ("left_out", "no fold claims it"), "c": ("left_out", "a double of a")}


def test_an_unknown_claim():
    with pytest.raises(ParameterError, match="expected train, valid or test, received 'testing'"):
        assign_folds([toy("a", tune=1)], {"a": "testing"}, [0])


# ---------------------------------------------------------------- the shipped table


def test_the_shipped_folds_follow_from_the_claims(chorales):
    rows = read_folds()
    pieces = list(chorales)
    tunes = group_tunes(pieces)
    folds = assign_folds(pieces, {name: row["claim"] for name, row in rows.items()}, tunes)
    made = [(piece.name, str(tune), *fold) for piece, tune, fold in zip(pieces, tunes, folds, strict=True)]
    assert made == [(row["piece"], row["tune"], row["fold"], row["reason"]) for row in rows.values()]
    assert [piece.tune for piece in pieces] == tunes and chorales.folds == tuple(fold for fold, _ in folds)


def test_training_shares_no_tune_with_test(chorales, windows):
    """The closest of 142 × 70 pairs share 28 % of their melody (scales): under the threshold, and no title and no opening."""
    train, test = chorales.fold("train"), chorales.fold("test")
    assert not {piece.tune for piece in train} & {piece.tune for piece in test}
    assert not {piece.title for piece in train if piece.title} & {piece.title for piece in test}
    assert max(melody_match(windows[a.name][0], windows[b.name][0]) for a in train for b in test) < SAME_TUNE
    assert max(shared(windows[a.name][1], windows[b.name][1]) for a in train for b in test) < 0.35


def test_no_setting_is_in_two_folds(chorales, windows):
    folds = {name: chorales.fold(name) for name in ("train", "valid", "test")}
    for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        shares = [shared(windows[a.name][1], windows[b.name][1]) for a in folds[one] for b in folds[other]]
        assert max(shares) < SAME_SETTING


def test_training_pieces_are_claimed_by_the_benchmarks_training_fold():
    rows = read_folds().values()
    assert {row["claim"] for row in rows if row["fold"] == "train"} == {"train"}
    assert {row["fold"] for row in rows if row["claim"] == "test"} == {"test"}
    assert {row["fold"] for row in rows if not row["claim"]} == {"left_out"}


def _matches():
    path = offline_folder() and offline_folder() / "jsb_folds.csv"
    if not path or not path.is_file():
        pytest.skip("LAB_DATA names no folder with jsb_folds.csv")
    return list(csv.DictReader(path.read_text().splitlines()))


def test_the_claims_are_those_of_the_list_of_matches():
    rows = read_folds()
    for match in _matches():
        row = rows.get(match["music21_piece"])
        if row and match["fold"] == "test":
            assert row["fold"] == "test"
        elif row:
            assert row["claim"] == match["fold"] or row["claim"] == "valid"  # bwv414 is claimed by train and by valid


def test_titles_come_from_both_catalogues():
    titles = hymn_titles()
    assert titles["bwv269"] == "Aus meines Herzens Grunde" and titles["bwv153.1"].startswith("Ach Gott, vom Himmel")
    assert titles["bwv2.6"] == titles["bwv153.1"]  # music21 has an "AAch" there
    for name in ("bwv269", "bwv2.6"):
        assert read_folds()[name]["title"] == titles[name]
    assert read_folds()["bwv1.6"]["title"] == "Wie schön leuchtet der Morgenstern"  # in no catalogue: by its melody


# ---------------------------------------------------------------- the file


def test_the_table_round_trip(tmp_path):
    pieces = [toy("a", tune=1, title="Ach, Gott"), toy("b", tune=1, setting=2), toy("c", tune=2)]
    write_folds(pieces, {"a": ("test", "1.000"), "b": ("train", "0.8")}, tmp_path / "folds.csv")
    rows = read_folds(tmp_path / "folds.csv")
    assert list(rows["b"].values()) == ["b", "Ach, Gott", "train", "0.8", "0", "left_out", "the tune of a in test"]
    assert list(rows["c"].values()) == ["c", "", "", "", "1", "left_out", "no fold claims it"]


@pytest.mark.parametrize("text", ["", "piece,fold\nbwv1,train\n", ",".join(COLUMNS) + "\nbwv1,,,,0,training,\n"])
def test_a_broken_table_names_the_file(tmp_path, text):
    (tmp_path / "folds.csv").write_text(text)
    with pytest.raises(DataError, match="folds.csv: expected the columns"):
        read_folds(tmp_path / "folds.csv")


def test_a_missing_table_names_the_file():
    with pytest.raises(DataError, match="nowhere.csv: cannot be read"):
        read_folds(Path("nowhere.csv"))
