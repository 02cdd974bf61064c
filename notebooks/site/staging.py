"""From the repository to what Sphinx reads: every page of the site is put into one folder, and nothing is executed.

* A course notebook comes as it is stored, but: a widget, which has no life without a kernel, gives way to the picture and sound
  that stand in for it, and to a line that says what to do; links are led to where the pages are.
* Of an assignment the version for students is shown: no solutions, no hidden tests.
* A link to a file of the repository becomes a link to the page that shows it, or plain text if none does. A link to a file
  that does not exist is an error.

Paths are those in the repository, as text, with ``/``.
"""

import os
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import nbformat

from lab_utils.classroom.assignments import released

COURSE, SOLUTIONS, ASSIGNMENTS = "notebooks", "notebooks/solutions", "notebooks/assignments"
CARDS, CHECKPOINTS = "datasets", "datasets/checkpoints"
WIDGET = "application/vnd.jupyter.widget-view+json"
MOVE = '<p class="move">Run the notebook to move this: see <a href="{setup}">Set up and use</a>.</p>'
LINK = re.compile(r"(?<![!\\])\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)


class SiteError(Exception):
    """Something of the repository cannot be shown; the message says what."""


class Repository:
    """What there is to show.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root):
        self.root = Path(root)
        self.course = self._names(f"{COURSE}/[0-9]*.ipynb")
        self.solutions = self._names(f"{SOLUTIONS}/*.ipynb")
        self.assignments = [path for path in self._names(f"{ASSIGNMENTS}/source/*/*.ipynb") if _own(path)]
        self.data = self._names(f"{CARDS}/*/README.md")
        self.checkpoints = self._names(f"{CHECKPOINTS}/*/README.md")
        self.classroom = self._names(f"{ASSIGNMENTS}/README.md")
        self.places = self._places()

    def _names(self, pattern):
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.glob(pattern))

    def _places(self):
        """Return path in the repository to (page, anchor): where each thing is shown."""
        places = {"README.md": ("setup.md", ""), ".": ("setup.md", ""), "notebooks": ("index.md", "")}
        places |= {path: (path, "") for path in [*self.course, *self.solutions]}
        for path in self.assignments:
            places |= {path: (page_of_assignment(path), ""), os.path.dirname(path): (page_of_assignment(path), "")}
        for pages, there, at in (
            (self.solutions, f"{SOLUTIONS}/index.md", SOLUTIONS),
            (self.assignments, f"{ASSIGNMENTS}/index.md", ASSIGNMENTS),
            (self.assignments, f"{ASSIGNMENTS}/index.md", f"{ASSIGNMENTS}/source"),
        ):
            if pages:
                places[at] = (there, "")
        if self.classroom:
            places[f"{ASSIGNMENTS}/README.md"] = (f"{ASSIGNMENTS}/classroom.md", "")
        for cards, page in ((self.data, "data.md"), (self.checkpoints, "checkpoints.md")):
            for path in cards:
                places |= {path: (page, label_of_card(path)), os.path.dirname(path): (page, label_of_card(path))}
        places |= {CARDS: ("data.md", ""), CHECKPOINTS: ("checkpoints.md", ""), "lab_utils": ("api/index.rst", "")}
        for room in sorted((self.root / "lab_utils").glob("*/__init__.py")):
            places[f"lab_utils/{room.parent.name}"] = (f"api/{room.parent.name}.rst", "")
            for module in room.parent.glob("[!_]*.py"):
                label = f"api-lab_utils-{room.parent.name}-{module.stem}"
                places[f"lab_utils/{room.parent.name}/{module.name}"] = (f"api/{room.parent.name}.rst", label)
        return places


def _own(path):
    """Whether a notebook is its folder's own: ``source/training/training.ipynb``."""
    return PurePosixPath(path).stem == PurePosixPath(path).parent.name


def page_of_assignment(path):
    """Return the page that shows an assignment's statement."""
    return f"{ASSIGNMENTS}/{PurePosixPath(path).name}"


def label_of_card(path):
    """Return the anchor of a card on its page: ``card-chorales``, ``checkpoint-vae``."""
    kind = "checkpoint" if path.startswith(CHECKPOINTS) else "card"
    return f"{kind}-{PurePosixPath(path).parent.name.replace('_', '-')}"


def lead_links(text, *, path, page, repository):
    """Lead the links of a Markdown text to the pages of the site.

    Parameters
    ----------
    text : str
    path : str
        Where the text stands in the repository.
    page : str
        Where it will stand in the site's source.
    repository : Repository

    Returns
    -------
    str

    Raises
    ------
    SiteError
        A link to a file that does not exist.
    """

    def lead(match):
        words, target = match.groups()
        if re.match(r"[a-z]+:", target):
            return match.group()
        file, _, anchor = target.partition("#")
        anchor = "#" + slug(anchor) if anchor else ""
        if not file:
            return f"[{words}]({anchor})"
        wanted = os.path.normpath(os.path.join(os.path.dirname(path), file))
        if wanted in repository.places:
            there, label = repository.places[wanted]
            if label:
                return f"[{words}](#{label})"
            return f"[{words}]({os.path.relpath(there, os.path.dirname(page) or '.')}{anchor})"
        if not (repository.root / wanted).exists():
            raise SiteError(f"{path}: a link leads to {target}, which does not exist.")
        return words

    pieces = CODE.split(text)
    # Words of a link may hold code, so a link is looked for in the whole; what lies within code is put back as it was.
    kept = {f"\x00{place}\x00": piece for place, piece in enumerate(pieces) if place % 2}
    veiled = "".join(f"\x00{place}\x00" if place % 2 else piece for place, piece in enumerate(pieces))
    led = LINK.sub(lead, veiled)
    return re.sub("\x00\\d+\x00", lambda mark: kept[mark.group()], led)


def slug(anchor):
    """Return how the site names the heading that JupyterLab, or GitHub, names `anchor`."""
    return re.sub(r"[^\w\- ]", "", unquote(anchor).lower()).replace(" ", "-")


def stage_notebook(path, page, repository, folder, *, release=False):
    """Write one notebook where Sphinx reads it; return it.

    Parameters
    ----------
    path, page : str
        In the repository, and in the site's source.
    repository : Repository
    folder : Path
        The site's source.
    release : bool
        Whether it is an assignment, of which students see a part.

    Returns
    -------
    nbformat.NotebookNode
    """
    notebook = nbformat.read(repository.root / path, as_version=4)
    if release:
        notebook = released(notebook)
    setup = os.path.relpath("setup.html", os.path.dirname(page))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = lead_links(cell.source, path=path, page=page, repository=repository)
        for output in cell.get("outputs", []):
            still(output, MOVE.format(setup=setup))
    notebook.metadata = {"kernelspec": notebook.metadata.get("kernelspec", {}), "language_info": {"name": "python"}}
    target = folder / page
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return notebook


def still(output, note):
    """Take the widget out of a cell's output: its picture and sound stay, and a note says how to get it moving."""
    if WIDGET in output.get("data", {}):
        del output.data[WIDGET]
        output.data["text/html"] = output.data.get("text/html", "") + note


def heading(notebook):
    """Return a notebook's title."""
    for cell in notebook.cells:
        found = re.search(r"^# +(.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if found:
            return found.group(1).strip()
    raise SiteError("a notebook has no title: its first cell has to begin with '# '.")


def cards(paths, title, opening, page, repository):
    """Return one page of the cards of many folders, each with its own anchor."""
    parts = [f"# {title}", opening]
    for path in paths:
        text = lead_links((repository.root / path).read_text(), path=path, page=page, repository=repository)
        parts.append(f"({label_of_card(path)})=\n{lower(text)}")
    return "\n\n".join(parts) + "\n"


def lower(text):
    """Move every heading of a Markdown text one step down; lines of code that begin with # stay."""
    pieces = re.split(r"(^```.*?^```)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(piece if place % 2 else re.sub(r"^#", "##", piece, flags=re.MULTILINE) for place, piece in enumerate(pieces))
