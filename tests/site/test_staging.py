"""What is put where Sphinx reads it: links, widgets, assignments, cards."""

import shutil
from pathlib import Path

import nbformat
import pytest
import staging
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path):
    """A course of one notebook, one data set, one network, one assignment."""
    for name, text in (
        ("README.md", "# Course\n\n## The course\n\n| a |\n\n## Two\n"),
        ("LICENSE", "MIT"),
        ("datasets/tunes/README.md", "# tunes\n\n## Source\n"),
        ("datasets/checkpoints/vae_tunes/README.md", "# Checkpoint\n"),
        ("lab_utils/audio/__init__.py", ""),
        ("lab_utils/audio/scaling.py", ""),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    write(tmp_path / "notebooks/08_vae.ipynb", new_markdown_cell("# VAE"))
    write(tmp_path / "notebooks/solutions/08_vae.ipynb", new_markdown_cell("# Solutions"))
    write(tmp_path / "notebooks/assignments/source/vae/vae.ipynb", new_markdown_cell("# Assignment: a VAE"))
    return staging.Repository(tmp_path)


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)


def led(text, repository, path="notebooks/solutions/08_vae.ipynb", page=None):
    return staging.lead_links(text, path=path, page=page or path, repository=repository)


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("[the course](../08_vae.ipynb)", "[the course](../08_vae.ipynb)"),
        ("[there](../08_vae.ipynb#The-bound,-its-price)", "[there](../08_vae.ipynb#the-bound-its-price)"),
        ("[here](#Exercises)", "[here](#exercises)"),
        ("[`set`](../../README.md)", "[`set`](../../setup.md)"),
        ("[data](../../datasets/tunes/README.md)", "[data](#card-tunes)"),
        ("[data](../../datasets/tunes)", "[data](#card-tunes)"),
        ("[net](../../datasets/checkpoints/vae_tunes/)", "[net](#checkpoint-vae-tunes)"),
        ("[task](../assignments/source/vae/vae.ipynb)", "[task](../assignments/vae.ipynb)"),
        ("[room](../../lab_utils/audio)", "[room](../../api/audio.rst)"),
        ("[code](../../lab_utils/audio/scaling.py)", "[code](#api-lab_utils-audio-scaling)"),
        ("[MIT](../../LICENSE)", "MIT"),  # no page shows it
        ("[out](https://example.org/a#b)", "[out](https://example.org/a#b)"),
        ("`[code](nowhere.md)` and $p[1](x)$", "`[code](nowhere.md)` and $p[1](x)$"),
    ],
)
def test_links_lead_to_pages(link, wanted, repository):
    if link.startswith("`[code]"):
        link, wanted = link.split(" and ")[0], wanted.split(" and ")[0]
    assert led(f"See {link}, then.", repository) == f"See {wanted}, then."


def test_links_follow_a_page_that_moved(repository):
    text = led(
        "[08](../../../08_vae.ipynb)", repository, "notebooks/assignments/source/vae/vae.ipynb", "notebooks/assignments/vae.ipynb"
    )
    assert text == "[08](../08_vae.ipynb)"


def test_a_link_to_nothing_is_an_error(repository):
    with pytest.raises(staging.SiteError, match=r"08_vae.ipynb: a link leads to \.\./09\.ipynb, which does not exist"):
        led("[next](../09.ipynb)", repository)


def test_a_widget_gives_way_to_its_picture_and_a_note():
    output = new_output(
        "execute_result", data={staging.WIDGET: {"model_id": "1"}, "text/html": "<p>staff</p>", "text/plain": "W"}
    )
    staging.still(output, "<p>note</p>")
    assert output.data == {"text/html": "<p>staff</p><p>note</p>", "text/plain": "W"}
    plain = new_output("execute_result", data={"text/plain": "3"})
    staging.still(plain, "<p>note</p>")
    assert plain.data == {"text/plain": "3"}


def test_of_an_assignment_students_version_is_shown(repository, tmp_path):
    path = "notebooks/assignments/source/vae/vae.ipynb"
    mark = {"schema_version": 3, "grade_id": "sum", "task": False, "solution": True, "grade": False, "locked": False}
    answer = new_code_cell(
        "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION", metadata={"nbgrader": mark}
    )
    write(repository.root / path, new_markdown_cell("# Assignment: a VAE"), answer)
    shown = staging.stage_notebook(path, staging.page_of_assignment(path), repository, tmp_path / "out", release=True)
    assert "def add(a, b)" in shown.cells[1].source and "return a + b" not in nbformat.writes(shown)


def test_headings_go_down_and_code_stays():
    assert staging.lower("# a\n\n```sh\n# no heading\n```\n\n## b\n") == "## a\n\n```sh\n# no heading\n```\n\n### b\n"


def test_cards_on_one_page_each_with_its_anchor(repository):
    page = staging.cards(repository.data, "The data", "Opening.", "data.md", repository)
    assert page.startswith("# The data\n\nOpening.\n\n(card-tunes)=\n## tunes\n\n### Source")


def test_a_notebook_without_a_title_is_an_error():
    with pytest.raises(staging.SiteError, match="no title"):
        staging.heading(new_notebook(cells=[new_code_cell("# no title")]))


def test_what_is_not_there_yet_is_done_without(repository):
    shutil.rmtree(repository.root / "notebooks" / "solutions")
    bare = staging.Repository(repository.root)
    assert bare.solutions == [] and bare.classroom == []
    assert "notebooks/solutions" not in bare.places
