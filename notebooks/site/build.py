"""Builds the site of the course: ``python notebooks/site/build.py``, or ``make site``; it lies in ``build/site`` then.

Two steps: everything that the site shows is written into a folder of its own (``staging``, ``home``, ``api``), and Sphinx makes
pages of it. Nothing is executed and nothing fetched. Whatever Sphinx warns of ends the build.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

import api
import home
import mathfont
from staging import (
    ASSIGNMENTS,
    SOLUTIONS,
    Repository,
    SiteError,
    cards,
    heading,
    lead_links,
    page_of_assignment,
    stage_notebook,
)

from lab_utils.classroom.assignments import points_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ORDER = [
    "neural_network", "notes_to_sound", "recurrent_cell", "training", "variational_autoencoder", "adversarial", "wavenet",
    "beam_search", "composition",
]  # fmt: skip
DATA = "What the networks of the course have read: for each data set its source, its licence, its folds, and how it was built."
NETWORKS = "The trained networks that ship with the course: what each was trained on, for how long, and how well it does."


def stage(folder, root=ROOT):
    """Write all that Sphinx reads into `folder`, which is made anew.

    Parameters
    ----------
    folder : Path
    root : Path
        The repository.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(HERE / "conf.py", folder)
    shutil.copytree(HERE / "static", folder / "static")
    mathfont.write(folder / "static" / "math.woff")
    repository = Repository(root)
    course = [stage_notebook(path, path, repository, folder) for path in repository.course]
    _solutions(repository, folder)
    _assignments(repository, folder)
    setup = lead_links((root / "README.md").read_text(), path="README.md", page="setup.md", repository=repository)
    (folder / "setup.md").write_text(home.without_course(setup))
    (folder / "data.md").write_text(cards(repository.data, "The data", DATA, "data.md", repository))
    networks = cards(repository.checkpoints, "The trained networks", NETWORKS, "checkpoints.md", repository)
    (folder / "checkpoints.md").write_text(networks)
    api.write(root, folder / "api")
    (folder / "index.md").write_text(home.page((HERE / "index.md").read_text(), repository, course))


def _solutions(repository, folder):
    rows = []
    for path in repository.solutions:
        notebook = stage_notebook(path, path, repository, folder)
        rows.append((heading(notebook), Path(path).name))
    if rows:
        text = "Each course notebook ends with exercises. Try them first: these solve them, with the outputs that you should get."
        _index(folder / SOLUTIONS / "index.md", "Exercises, solved", text, rows)


def _assignments(repository, folder):
    rows = []
    for path in sorted(repository.assignments, key=_place):
        page = page_of_assignment(path)
        notebook = stage_notebook(path, page, repository, folder, release=True)
        by_machine, by_hand = points_of(notebook)
        given = f"{by_machine:g} points by tests" + (f", {by_hand:g} by a reader" if by_hand else "")
        title = heading(notebook).removeprefix("Assignment: ")
        rows.append((title[0].upper() + title[1:], Path(page).name, given))
    if rows:
        text = (
            "What students are handed: the statements, with places to fill in and the tests that they may see. "
            "`python -m lab_utils check NAME` tries an answer and says what is right and what is next."
        )
        _index(folder / ASSIGNMENTS / "index.md", "Assignments", text, rows)
    if repository.classroom:
        path, page = repository.classroom[0], f"{ASSIGNMENTS}/classroom.md"
        text = lead_links((repository.root / path).read_text(), path=path, page=page, repository=repository)
        (folder / ASSIGNMENTS).mkdir(parents=True, exist_ok=True)
        (folder / page).write_text(text)


def _place(path):
    """Return an assignment's place in the course; those without one come last."""
    name = Path(path).stem
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _index(path, title, text, rows):
    """Write a page that lists others: (title, file) or (title, file, what to say of it)."""
    entries = "\n".join(f"* [{row[0]}]({row[1]})" + (f": {row[2]}" if row[2:] else "") for row in rows)
    names = "\n".join(f"{row[0]} <{Path(row[1]).stem}>" for row in rows)
    path.write_text(f"# {title}\n\n{text}\n\n{entries}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n")


def build(out, work):
    """Build the site into `out`, by way of the folder `work`.

    Parameters
    ----------
    out, work : Path

    Returns
    -------
    int
        0 if all went well, else what Sphinx says.
    """
    from sphinx.cmd.build import build_main

    stage(work / "source")
    shutil.rmtree(out, ignore_errors=True)
    return build_main(["-q", "-W", "--keep-going", "-b", "html", "-d", str(work / "doctrees"), str(work / "source"), str(out)])


def main(arguments=None):
    """Build, and say where the pages lie and what they weigh."""
    parser = argparse.ArgumentParser(description="Build the site of the course.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="where the pages go (default build/site)")
    options = parser.parse_args(arguments)
    started, out = time.perf_counter(), options.out.resolve()
    try:
        failed = build(out, out.with_name(out.name + "-work"))
    except SiteError as error:
        print(f"site: {error}", file=sys.stderr)
        return 1
    pages, size = len(list(out.rglob("*.html"))), sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out / 'index.html'}: {pages} pages, {size / 1e6:.0f} MB, {time.perf_counter() - started:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(main())
