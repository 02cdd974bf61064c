import csv
import shutil
from collections import Counter

import numpy as np
import pytest

from lab_utils.datasets import tunes as module
from lab_utils.datasets.split import find_leaks
from lab_utils.datasets.tune_folds import COLUMNS, group_tunes, read_folds
from lab_utils.datasets.tunes import build_tunes, load_tunes
from lab_utils.datasets.tunes_corpus import FEWEST_BARS, MOST_SYMBOLS, RARE, clean, corpus_folder, read_books
from lab_utils.encoding.abc_symbols import kind
from lab_utils.encoding.abc_tokens import bars_right, symbols_from_abc
from lab_utils.errors import DataError, ParameterError
from lab_utils.files.abc import from_abc
from lab_utils.storage import sha256, shipped_folder

COUNTS = {"train": 1764, "valid": 221, "test": 221}


@pytest.fixture(scope="module")
def tunes():
    return load_tunes()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Two tunes of the corpus in a folder of their own, a table that names them, and a cache of their own."""
    names = {"oneills1850": "0487-0500.abc", "ryansMammoth": "IrishWashWomanJig.abc"}
    for book, file in names.items():
        (tmp_path / "corpus" / book).mkdir(parents=True)
        shutil.copy(corpus_folder() / book / file, tmp_path / "corpus" / book / file)
    rows = [row for name, row in read_folds().items() if name in ("oneill-0491", "ryan-IrishWashWomanJig")]
    with open(tmp_path / "folds.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setattr(module, "read_folds", lambda: read_folds(tmp_path / "folds.csv"))
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_the_counts(tunes):
    assert {fold: len(tunes.fold(fold)) for fold in COUNTS} == COUNTS
    assert len(tunes) == 2206 == len({tune.name for tune in tunes}) == len({tune.symbols[2:] for tune in tunes})
    assert sum(len(tune) for tune in tunes) == 283_470
    assert Counter(tune.book for tune in tunes) == {"O'Neill": 1446, "Ryan": 760}


def test_every_tune_is_as_the_card_says(tunes):
    counts = Counter(symbol for tune in tunes for symbol in set(tune.symbols))
    assert min(counts.values()) >= RARE
    for tune in tunes:
        right, bars = bars_right(tune.symbols)
        assert right == bars >= FEWEST_BARS and len(tune) <= MOST_SYMBOLS
        assert [kind(symbol) for symbol in tune.symbols[:2]] == ["meter", "key"] and tune.symbols[-1] in ("|]", ":|")


def test_the_vocabulary(tunes):
    assert len(tunes.vocabulary) == 259
    train = {symbol for tune in tunes.fold("train") for symbol in tune.symbols}
    assert set(tunes.vocabulary.names[1:]) == train
    ids = tunes.vocabulary.ids(tunes.tunes[0].symbols)
    assert tuple(tunes.vocabulary.symbols(ids)) == tunes.tunes[0].symbols


def test_a_tune_that_everybody_knows(tunes):
    tune = tunes["ryan-IrishWashWomanJig"]
    assert (tune.title, tune.kind, tune.meter, tune.key) == ("Irish Wash-Woman", "jig", (6, 8), "Gmaj")
    assert tune.score.notes["pitch"][:9].tolist() == [74, 72, 71, 67, 67, 62, 67, 67, 71]


def test_a_sample_has_the_notes_of_its_book(tunes):
    """The pitches of the tunes without double stops, through the reader of the files."""
    sources = {source.name: source for source in read_books()}
    compared = 0
    for tune in tunes.tunes[::60]:
        score = from_abc(sources[tune.name].text)
        if len(np.unique(score.notes["onset_quarter"])) == len(score):
            for field in ("onset_quarter", "duration_quarter", "pitch"):
                np.testing.assert_array_equal(tune.score.notes[field], score.notes[field])
            assert tune.score.key == score.key and tune.score.meter == score.meter
            compared += 1
    assert compared > 25


def test_no_variant_is_in_two_folds(tunes):
    assert find_leaks(tunes.groups, tunes.folds) == {}
    sample = [tune for tune, group in zip(tunes, tunes.groups, strict=True) if group < 200]
    groups = [group for group in tunes.groups if group < 200]
    assert group_tunes(sample) == groups


def test_the_table_is_what_the_books_give(tmp_path):
    if sha256(shipped_folder("tunes", "folds.csv")) not in shipped_folder("tunes", "README.md").read_text():
        pytest.fail("the card has another checksum than folds.csv")
    assert build_tunes(tmp_path / "folds.csv") == 2206
    assert (tmp_path / "folds.csv").read_bytes() == shipped_folder("tunes", "folds.csv").read_bytes()


def test_the_card_has_the_figures(tunes):
    text = shipped_folder("tunes", "README.md").read_text()
    for fold in COUNTS:
        members = tunes.fold(fold)
        groups = {group for group, its in zip(tunes.groups, tunes.folds, strict=True) if its == fold}
        symbols, notes = sum(map(len, members)), sum(kind(symbol) == "note" for tune in members for symbol in tune.symbols)
        assert f"| {fold} | {len(members):,} | {len(groups):,} | {symbols:,} | {notes:,} |" in text
    reasons = Counter(
        row["reason"].split(" of ryan-")[0].split(" of oneill-")[0] for row in read_folds().values() if row["reason"]
    )
    for reason, count in reasons.items():
        assert any(line.startswith(f"| {reason}") and line.endswith(f"| {count} |") for line in text.splitlines()), reason
    for meter, count in Counter(tune.meter for tune in tunes).items():
        assert f"{count} in {meter[0]}/{meter[1]}" in text or f"{count} are in {meter[0]}/{meter[1]}" in text


# ---------------------------------------------------------------- loading


def test_the_cache_gives_the_same_and_a_broken_one_is_made_again(small):
    first = load_tunes(small / "corpus")
    (cached,) = (small / "cache" / "tunes").iterdir()
    content = cached.read_bytes()
    assert load_tunes(small / "corpus").tunes == first.tunes and len(first) == 2
    cached.write_bytes(content.replace(b"Irish Wash", b"Other Wash"))
    assert load_tunes(small / "corpus")["ryan-IrishWashWomanJig"].title == "Other Wash-Woman"  # it is the cache that is read
    for broken in (b"", b"[1]", b"[[1, 2]]", b"\xff"):
        cached.write_bytes(broken)
        assert load_tunes(small / "corpus").tunes == first.tunes and cached.read_bytes() == content


def test_other_books_than_the_table_was_made_from(small):
    load_tunes(small / "corpus")
    path = small / "corpus" / "ryansMammoth" / "IrishWashWomanJig.abc"
    path.write_text(path.read_text("latin-1").replace("GG", "GA"), "latin-1")
    with pytest.raises(DataError, match=r"ryan-IrishWashWomanJig: has other notes .*music21==10"):
        load_tunes(small / "corpus")
    path.rename(path.with_name("Other.abc"))
    with pytest.raises(DataError, match=r"ryan-IrishWashWomanJig: is not in the installed music21's corpus"):
        load_tunes(small / "corpus")


def test_unknown_names(tunes):
    with pytest.raises(ParameterError, match="expected one of train, valid, test, received 'left_out'"):
        tunes.fold("left_out")
    with pytest.raises(ParameterError, match="expected a tune such as 'oneill-0002', received 'x'"):
        tunes["x"]


def test_what_is_kept_reads_as_it_was(tunes):
    assert all(symbols_from_abc(tune.abc) == list(tune.symbols) for tune in tunes.tunes[::50])
    assert clean(source for source in read_books()[:3])[0] == []
