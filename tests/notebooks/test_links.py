"""Every link inside the repository points at a file and a heading that exist; the rules stand in links.py, beside this file."""

import runpy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
LINKS = runpy.run_path(str(Path(__file__).with_name("links.py")))
SOURCES = LINKS["sources"](ROOT)
links, anchors, faults = LINKS["links"], LINKS["anchors"], LINKS["faults"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    assert list(faults(path, ROOT)) == []


def test_the_pages_are_found_and_their_links_read():
    assert {"README.md", "00_start_here.ipynb"} <= {path.name for path in SOURCES}
    assert sum(path.name == "README.md" for path in SOURCES) > 20  # the data cards too
    assert sum(not target.startswith("http") for path in SOURCES for target in links(path)) > 20


# ---------------------------------------------------------------- each rule finds its fault

PAGE = """# Four-part *chorales*, & `more`

## Bars

## Bars

Back to the [top](#four-part-chorales--more), [the second](#bars-1), <a href="tunes.ipynb">tunes</a>, <img src="a%20staff.png">,
[one](tunes.ipynb#Two-voices:-a-duet), [a folder](folder), [the world](https://example.org/nowhere), [a letter](mailto:a@b.c).
`[code](nowhere.md)` is left alone, and so is

    [indented](nowhere.md)

| a table | |
| --- | --- |
| [cell](#bars) | ![staff](a%20staff.png) |
"""


@pytest.fixture
def page(tmp_path):
    """A page in a small repository, with a notebook, a picture and a folder beside it; all of its links lead somewhere."""
    root = tmp_path / "repository"
    (root / "folder").mkdir(parents=True)
    (root / "a staff.png").write_bytes(b"")
    (tmp_path / "outside.md").write_text("# Outside")
    cells = [new_markdown_cell("# Tunes\n## Two voices: *a duet*\n![it](attachment:it.png) [page](page.md#bars) [up](#Tunes)")]
    cells[0].attachments = {"it.png": {"image/png": ""}}
    nbformat.write(new_notebook(cells=cells), root / "tunes.ipynb")
    (root / "page.md").write_text(PAGE)
    return root / "page.md"


def test_what_leads_somewhere_has_no_fault(page):
    assert len(list(links(page))) == 10
    assert list(faults(page, page.parent)) == []
    assert list(faults(page.with_name("tunes.ipynb"), page.parent)) == []


def test_the_names_of_headings(page):
    assert anchors(page) == {"four-part-chorales--more", "bars", "bars-1"}
    assert anchors(page.with_name("tunes.ipynb")) == {"Tunes", "Two-voices:-a-duet"}


BREAKS = {
    "[x](nowhere.md)": "nowhere.md: there is no such file",
    "![x](nowhere.png)": "nowhere.png: there is no such file",
    '<img src="nowhere.png">': "nowhere.png: there is no such file",
    "[x](folder/page.md)": "folder/page.md: there is no such file",
    "[x][1]\n\n[1]: nowhere.md": "nowhere.md: there is no such file",
    "[x](#chorales)": "#chorales: no heading of page.md is called so",
    "[x](#bars-2)": "#bars-2: no heading of page.md is called so",
    "[x](#Bars)": "#Bars: no heading of page.md is called so",
    "[x](tunes.ipynb#tunes)": "tunes.ipynb#tunes: no heading of tunes.ipynb is called so",
    "[x](a%20staff.png#bars)": "a%20staff.png#bars: has no headings",
    "[x](../outside.md)": "../outside.md: leaves the repository",
    "[x](/page.md)": "/page.md: is no path from the file's own folder",
    "[x]()": ": points at nothing",
    "![x](attachment:it.png)": "attachment:it.png: its cell has no such attachment",
}


@pytest.mark.parametrize("link", BREAKS)
def test_a_link_that_leads_nowhere_is_found(page, link):
    page.write_text(f"{PAGE}\n\n{link}\n")
    assert list(faults(page, page.parent)) == [BREAKS[link]]


def test_a_link_in_a_notebook_that_leads_nowhere_is_found(page):
    path = page.with_name("broken.ipynb")
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Tunes"), new_markdown_cell("[x](#tunes) [y](page.md#bars-7)")]), path)
    assert [fault.partition(":")[0] for fault in faults(path, page.parent)] == ["#tunes", "page.md#bars-7"]
