from dataclasses import replace

import pytest

from lab_utils.datasets import tunes_corpus as module
from lab_utils.datasets.tunes_corpus import Source, clean, corpus_folder, read_books, read_tune, title_and_kind
from lab_utils.errors import DataError

EIGHT_BARS = "CDEF|GABc|dcBA|GFED|CEGc|ecGE|DFAd|c2C2"


def source(name="ryan-Toy", *, head="T:Toy -- Reel", music=EIGHT_BARS, book="Ryan", meter="2/4", key="C", number=1):
    return Source(name, book, f"X:{number}\n{head}\nM:{meter}\nL:1/8\nK:{key}\n{music}|]\n")


@pytest.fixture
def common(monkeypatch):
    """No symbol is rare."""
    monkeypatch.setattr(module, "RARE", 1)


# ---------------------------------------------------------------- the books


def test_the_installed_books():
    sources = read_books()
    assert len(sources) == 3068 == len({one.name for one in sources})
    assert sum(one.book == "O'Neill" for one in sources) == 2009
    assert all(one.text.startswith("X:") for one in sources)
    assert corpus_folder().name == "corpus"


def test_books_by_hand(tmp_path):
    (tmp_path / "oneills1850").mkdir()
    (tmp_path / "ryansMammoth").mkdir()
    (tmp_path / "oneills1850" / "1-2.abc").write_bytes(b"%abc\nX: 7\r\nT:One\r\nK:C\r\nC\r\n\r\nX:8\nK:C\nD\n")
    (tmp_path / "oneills1850" / "2-3.abc").write_bytes("X:8\nT:É\nK:C\nE\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"ryansMammoth: has no \.abc files"):
        read_books(tmp_path)
    (tmp_path / "ryansMammoth" / "TheReel.abc").write_bytes(b"X:1\nK:C\nF")
    assert [(one.name, one.book, one.text.split("\n")[-2]) for one in read_books(tmp_path)] == [
        ("oneill-0007", "O'Neill", "C"), ("oneill-0008", "O'Neill", "D"),
        ("oneill-0008b", "O'Neill", "E"), ("ryan-TheReel", "Ryan", "F"),
    ]  # fmt: skip


def test_music21_without_books(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="music21: has no tune books; install music21"):
        read_books()


@pytest.mark.parametrize(
    ("head", "number", "title", "kind"),
    [
        ("T:Toy -- Reel", 900, "Toy", "reel"),
        ('T:"All the Go" -- Slipjig.', 900, "All the Go", "slip jig"),
        ("T: A\nR: double jig", 5, "A", "jig"),
        ("T:A -- Jig\nR:Highland Fling", 5, "A", "fling"),
        ("T:THE BOYS\nT:Other", 900, "The Boys", "jig"), ("T:Boys., The", 600, "The Boys", "air"),
        ("N:none", 1200, "", "reel"), ("T:A\nR:song", 1800, "A", "other"),
    ],
)  # fmt: skip
def test_titles_and_kinds(head, number, title, kind):
    assert title_and_kind(source("oneill-x", head=head, book="O'Neill", number=number)) == (title, kind)


def test_ryans_numbers_say_nothing():
    assert title_and_kind(source(head="T:Toy", number=900)) == ("Toy", "other")


# ---------------------------------------------------------------- which are kept


def test_a_tune():
    tune = read_tune(source(key="D", music=EIGHT_BARS))
    assert (tune.name, tune.title, tune.book, tune.kind, tune.key) == ("ryan-Toy", "Toy", "Ryan", "reel", "Dmaj")
    with pytest.raises(DataError, match="^ryan-Bad: changes its key to D on the way"):
        read_tune(source("ryan-Bad", music="C4|[K:D]D4"))


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("ryan-Key", {"music": "C4|[K:D]D4"}, "changes its key"),
        ("ryan-Meter", {"music": "C4|\nM:3/4\nD6"}, "changes its meter"),
        ("ryan-None", {"key": "none"}, "no plain key"),
        ("ryan-Five", {"music": "(5CDEFG" + EIGHT_BARS}, "a note of no whole number of ticks"),
        ("ryan-Empty", {"music": "z4"}, "not readable"),
        ("ryan-Bar", {"music": EIGHT_BARS + "|C3"}, "a bar of the wrong length"),
        ("ryan-Upbeat", {"music": "G|" + EIGHT_BARS}, "a bar of the wrong length"),
        ("ryan-Short", {"music": "C4|C4"}, "too short"),
        ("ryan-Long", {"music": "|".join([EIGHT_BARS] * 12)}, "too long"),
        (
            "ryan-Same",
            {"key": "G", "music": "GABc|defg|agfe|dcBA|GBdg|bgdB|Acea|g2G2"},
            "the music of ryan-Toy",
        ),
    ],
)
def test_what_is_left_out(common, name, changes, reason):
    tunes, left_out = clean([source(), source(name, **changes)])
    assert ([tune.name for tune in tunes], left_out) == (["ryan-Toy"], {name: reason})


def test_rare_symbols_go_until_none_is_left(monkeypatch):
    monkeypatch.setattr(module, "RARE", 2)
    music = {
        "ryan-A": EIGHT_BARS,
        "ryan-B": EIGHT_BARS.replace("C", "B,"),
        "ryan-C": EIGHT_BARS.replace("c2", "g2"),
        "ryan-D": "",
    }
    music["ryan-D"] = EIGHT_BARS.replace("CD", "DD")
    tunes, left_out = clean([source(name, music=text) for name, text in music.items()])
    assert [tune.name for tune in tunes] == ["ryan-A", "ryan-D"]
    assert left_out == {"ryan-B": "a rare symbol", "ryan-C": "a rare symbol"}


def test_sources_do_not_change(common):
    one = source()
    assert clean([one])[0] == clean([replace(one)])[0]
