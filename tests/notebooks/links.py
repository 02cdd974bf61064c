"""Links inside the repository: where each stands, and whether what it points at is there.

Read are Markdown files and the Markdown cells of notebooks: ``[…](…)``, ``![…](…)``, ``href`` and ``src`` in HTML. A link is
relative to its own file. An anchor is the name of a heading, and each page has its own rule for it:

* in a file ``.md``, GitHub's: lower case, no punctuation, hyphens for spaces, ``-1`` behind a heading that was there before;
* in a notebook, JupyterLab's: the heading as it reads, hyphens for spaces (``createHeaderId``).

Left alone: addresses of the internet, for tests fetch nothing, and what is written in code.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from markdown_it import MarkdownIt

PAGES = ("README.md", "datasets/**/*.md", "notebooks/assignments/README.md")
NOTEBOOKS = ("notebooks/*.ipynb", "notebooks/solutions/*.ipynb", "notebooks/assignments/source/*/*.ipynb")
READ = MarkdownIt("commonmark").enable("table")
HTML = ("html_block", "html_inline")


def sources(root):
    """Return the pages and notebooks of the repository at `root` whose links are checked, a list of Path."""
    return sorted({path for pattern in (*PAGES, *NOTEBOOKS) for path in Path(root).glob(pattern)})


def links(path):
    """Yield every target that the file at `path` (Path) links to, as it is written."""
    for tokens, _ in texts(path):
        for token in flat(tokens):
            if token.type in ("link_open", "image"):
                yield token.attrGet("href") or token.attrGet("src") or ""
            elif token.type in HTML:
                yield from attributes(token.content, {"href", "src"})


def anchors(path):
    """Return the names that a link into the file at `path` may give, a set."""
    found, own = [], set()
    for tokens, _ in texts(path):
        found += [words(after) for before, after in zip(tokens, tokens[1:], strict=False) if before.type == "heading_open"]
        for token in flat(tokens):
            if token.type in HTML:
                own |= set(attributes(token.content, {"id", "name"}))
    return own | ({text.replace(" ", "-") for text in found} if path.suffix == ".ipynb" else set(github_names(found)))


def faults(path, root):
    """Yield a sentence for each link in the file at `path` that leads nowhere; `root` is the repository's folder."""
    kept = {f"attachment:{name}" for _, names in texts(path) for name in names}
    for target in links(path):
        parts = urlsplit(target)
        if target.startswith("attachment:"):
            if target not in kept:
                yield f"{target}: its cell has no such attachment"
        elif not (parts.scheme or parts.netloc):
            fault = fault_of(path, root, unquote(parts.path), unquote(parts.fragment))
            if fault:
                yield f"{target}: {fault}"


def fault_of(path, root, name, anchor):
    """Return what is wrong with a link from `path` to the file `name` and the heading `anchor`, None if nothing is."""
    if not (name or anchor):
        return "points at nothing"
    if name.startswith("/"):
        return "is no path from the file's own folder"
    aim = (path.parent / name).resolve() if name else path
    if not aim.is_relative_to(Path(root).resolve()):
        return "leaves the repository"
    if not aim.exists():
        return "there is no such file"
    if anchor and aim.suffix not in (".md", ".ipynb"):
        return "has no headings"
    if anchor and anchor not in anchors(aim):
        return f"no heading of {aim.name} is called so"
    return None


def texts(path):
    """Yield what the file at `path` says in Markdown: its tokens, and the names of what is attached to it."""
    if path.suffix == ".ipynb":
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                yield READ.parse(cell.source), list(cell.get("attachments", {}))
    else:
        yield READ.parse(path.read_text()), []


def flat(tokens):
    """Yield the tokens and all that they hold, in the order in which they are read."""
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def words(inline):
    """Return a heading as it reads, without its marks."""
    return "".join(token.content for token in flat(inline.children) if token.type in ("text", "code_inline"))


def github_names(headings):
    """Yield GitHub's name for each heading of a page (list of str)."""
    seen = {}
    for text in headings:
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        yield f"{name}-{seen[name]}" if name in seen else name
        seen[name] = seen.get(name, 0) + 1


def attributes(html, names):
    """Return the values of the attributes called `names` (set of str) in a piece of HTML."""
    found = []
    reader = HTMLParser()
    reader.handle_starttag = lambda _, pairs: found.extend(value or "" for name, value in pairs if name in names)
    reader.feed(html)
    return found
