import pytest

from lab_utils import datasets
from lab_utils.datasets.catalogue import ENTRIES, card, entry, names, prepare
from lab_utils.datasets.chorales import SHA256, SIZE, load_chorales
from lab_utils.datasets.jsb16 import CANONICAL, REDUCED
from lab_utils.errors import DataError, ParameterError


def test_the_names():
    assert names() == ["stave275", "chorales", "jsb16", "tunes"]
    assert all(entry(name).name == name and entry(name).summary and entry(name).licence for name in names())


@pytest.mark.parametrize("ask", [entry, card, prepare])
def test_an_unknown_name_lists_the_known_ones(ask):
    with pytest.raises(ParameterError, match=r"expected a data set \(stave275, chorales, jsb16, tunes\), received 'maestro'"):
        ask("maestro")


@pytest.mark.parametrize("name", ["chorales", "jsb16", "tunes"])
def test_a_card_tells_source_licence_and_how_to_rebuild(name):
    text = card(name)
    assert text.startswith(f"# {name}\n")
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == ["Source", "Licence", "How it was built", "Counts", "Files", "Known flaws", "Build it again"]


def test_the_card_of_the_chorales_has_the_figures():
    text, chorales = card("chorales"), load_chorales()
    assert SHA256 in text and f"{SIZE:,}" in text and ENTRIES["chorales"].size == SIZE
    for fold in ("train", "valid", "test", "left_out"):
        pieces = chorales.fold(fold)
        frames, notes = sum(len(piece) for piece in pieces), sum(piece.notes for piece in pieces)
        assert f"| {fold} | {len(pieces)} | {frames:,} | {notes:,} |" in text


def test_the_card_of_the_benchmark_has_address_and_checksums():
    text = card("jsb16")
    assert all(word in text for word in (CANONICAL.url, CANONICAL.sha256, REDUCED.name, REDUCED.sha256))


def test_a_missing_card_names_the_file(monkeypatch, tmp_path):
    monkeypatch.setattr("lab_utils.datasets.catalogue.shipped_folder", lambda *parts: tmp_path.joinpath(*parts))
    with pytest.raises(DataError, match="README.md: cannot be read.*git checkout"):
        card("chorales")


def test_prepare_checks_what_ships():
    assert prepare("chorales", progress=False) == "chorales: 402 pieces, checked; they ship with the course"


def test_prepare_reads_the_tunes():
    assert prepare("tunes", progress=False) == "tunes: 2,206 tunes of the installed music21, checked, in the cache"
    assert "2,206" in entry("tunes").summary


def test_prepare_finds_the_offline_copy_or_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    (tmp_path / REDUCED.name).write_text("cut")
    with pytest.raises(DataError, match=f"{REDUCED.name}: expected"):
        prepare("jsb16", progress=False)


def test_the_face_offers_the_catalogue():
    assert datasets.names() == names() and datasets.card is card and datasets.entry is entry
