import numpy as np
import pytest

from lab_utils.datasets.split import find_leaks
from lab_utils.datasets.tune import Tune
from lab_utils.datasets.tune_folds import (
    COLUMNS,
    FOLDS,
    assign_folds,
    checksum,
    group_tunes,
    melody,
    plain_title,
    read_folds,
    windows,
    write_folds,
)
from lab_utils.datasets.tunes_corpus import Source, clean
from lab_utils.encoding.abc_tokens import symbols_from_abc
from lab_utils.errors import DataError

LETTERS = "CDEFGABcdefgab"


def line(seed, notes=64):
    return "".join(LETTERS[number] for number in np.random.default_rng(seed).integers(0, len(LETTERS), notes))


def bars(letters, length=1):
    unit = "" if length == 1 else "2"
    size = 8 // length
    return "|".join("".join(letter + unit for letter in letters[at : at + size]) for at in range(0, len(letters), size))


def toy(name, music, *, title="", key="C", meter="4/4"):
    symbols = symbols_from_abc(f"X:1\nM:{meter}\nL:1/8\nK:{key}\n{music}|]\n")
    return Tune(name, title or name, "Ryan", "reel", tuple(symbols))


def together(*tunes):
    groups = group_tunes(list(tunes))
    return [groups[0] == group for group in groups[1:]]


# ---------------------------------------------------------------- comparing


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("The Boys of 25", "boysof25"),
        ("Boys of (2nd setting) 25!", "boysof25"),
        ("A Maid's", "maids"),
        ("“Äns”", "äns"),
        ("", ""),
    ],
)
def test_titles_are_compared_by_their_letters(title, plain):
    assert plain_title(title) == plain


def test_a_melody_by_hand():
    tune = toy("a", "G2|C4 D4-|D2E2 z4|C8", meter="4/4")
    assert melody(tune) == [(72, 4), (0, 0), (48, 1), (24, 2), (0, 0)]
    assert melody(toy("b", "C8|c8")) == [(0, 0), (0, 7)]


def test_windows_know_neither_key_nor_values():
    letters = line(1)
    own = windows(toy("a", bars(letters)))
    slow = windows(toy("b", bars(letters, 2)))
    other_key = windows(toy("c", bars(letters), key="Am"))
    assert own == other_key and own[0] == slow[0] and own[1] != slow[1]
    assert len(own[0]) == 64 - 7 and len(own[1]) == 16 - 7


def test_variants_are_found():
    letters = line(1)
    tune = toy("a", bars(letters))
    assert together(tune, toy("b", bars(letters, 2))) == [True]  # in doubled values
    assert together(tune, toy("c", bars(line(2)))) == [False]
    assert together(toy("d", bars(letters), title="Toy"), toy("e", bars(line(2)), title="The Toy!")) == [True]
    assert together(tune, toy("e", bars(letters[:16] + line(3, 112)))) == [True]  # by its opening
    assert together(tune, toy("f", bars(line(4, 32) + letters[:32]))) == [True]  # half of it
    assert together(tune, toy("g", bars(line(4, 56) + letters[:8]))) == [False]  # a bar of it


def test_passing_notes_do_not_hide_a_variant():
    letters, others = line(1, 128), line(2, 128)
    mixed = "".join(letters[at] if at % 4 == 0 else others[at] for at in range(128))
    assert together(toy("a", bars(letters)), toy("b", bars(mixed))) == [True]


def test_links_are_followed_on():
    one, other = line(1), line(2)
    tunes = [toy("a", bars(one)), toy("b", bars(line(3))), toy("c", bars(other)), toy("d", bars(one[32:] + other[:32]))]
    assert group_tunes(tunes) == [0, 1, 0, 0]


def test_folds_keep_groups_together():
    tunes = [toy(f"t{number}", bars(line(number // 2))) for number in range(100)]
    groups, folds = assign_folds(tunes)
    assert groups == [number // 2 for number in range(100)] and find_leaks(groups, folds) == {}
    assert {fold: folds.count(fold) for fold in FOLDS[:3]} == {"train": 80, "valid": 10, "test": 10}
    assert assign_folds(tunes) == (groups, folds) != assign_folds(tunes, seed=1)


# ---------------------------------------------------------------- the table


def test_the_table_comes_back(tmp_path):
    sources = [
        Source(f"ryan-{n}", "Ryan", f"X:1\nT:Tune {n}, big -- Jig\nM:4/4\nL:1/8\nK:C\n{bars(line(n))}|]\n") for n in range(12)
    ]
    sources.append(Source("ryan-bad", "Ryan", "X:1\nM:4/4\nK:C\nC|]\n"))
    tunes = [toy(one.name, one.text.split("K:C\n")[1].strip().removesuffix("|]")) for one in sources[:-1]]
    left_out = {"ryan-bad": "a bar of the wrong length"}
    write_folds(sources, tunes, left_out, tmp_path / "folds.csv")
    rows = read_folds(tmp_path / "folds.csv")
    assert list(rows) == [one.name for one in sources]
    assert rows["ryan-3"] == {
        "tune": "ryan-3", "title": "Tune 3, big", "kind": "jig", "group": "3", "fold": rows["ryan-3"]["fold"],
        "checksum": checksum(tunes[3]), "reason": "",
    }  # fmt: skip
    assert rows["ryan-bad"]["fold"] == "left_out" and rows["ryan-bad"]["reason"] == "a bar of the wrong length"
    assert clean(sources[-1:])[1] == left_out


@pytest.mark.parametrize("content", [None, b"", b"a,b\n1,2\n", b"\xff\xfe", ",".join(COLUMNS).encode() + b"\na,b,c,0,dev,x,\n"])
def test_a_broken_table(tmp_path, content):
    if content is not None:
        (tmp_path / "folds.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"folds\.csv: .*git checkout"):
        read_folds(tmp_path / "folds.csv")


def test_the_shipped_table():
    rows = read_folds()
    kept = [row for row in rows.values() if row["fold"] != "left_out"]
    assert len(rows) == 3068 and len(kept) == 2206
    assert find_leaks([row["group"] for row in kept], [row["fold"] for row in kept]) == {}
    titles = [(plain_title(row["title"]), row["fold"]) for row in kept]
    assert find_leaks(*zip(*[pair for pair in titles if pair[0]], strict=True)) == {}
    assert all(bool(row["reason"]) == (row["fold"] == "left_out") for row in rows.values())
