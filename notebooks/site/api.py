"""Pages of the API, a page for each room of ``lab_utils``, from the source alone: nothing of the package is imported.

So it takes a second, needs no TensorFlow, and the signatures are those in the source. Docstrings are numpydoc, which napoleon
turns into reStructuredText. A name that a room's face hands out can be referred to by both its names: ``lab_utils.audio.Scaler``
and ``lab_utils.audio.scaling.Scaler``.

What it leaves out: what begins with an underscore, and values that are no functions or classes.
"""

import ast
import re
from pathlib import Path

from sphinx.ext.napoleon import Config, NumpyDocstring

PACKAGE = "lab_utils"
FLOOR = ("score", "errors", "storage", "progress", "backend", "doctor")  # the modules beside the rooms
NAPOLEON = Config(napoleon_use_rtype=False, napoleon_use_ivar=True)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


class Source:
    """The package as its files say.

    Parameters
    ----------
    root : Path
        The folder that holds the package.
    """

    def __init__(self, root):
        self.root, self._trees = Path(root), {}

    def tree(self, module):
        """Return the syntax tree of a module, None where there is no such file."""
        if module not in self._trees:
            path = self.root.joinpath(*module.split("."))
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            self._trees[module] = ast.parse(path.read_text()) if path.is_file() else None
        return self._trees[module]

    def rooms(self):
        """Return the names of the rooms, in order."""
        return sorted(path.parent.name for path in (self.root / PACKAGE).glob("*/__init__.py"))

    def modules(self, room):
        """Return the public modules of a room, by their whole names."""
        files = sorted((self.root / PACKAGE / room).glob("[!_]*.py"))
        return [f"{PACKAGE}.{room}.{path.stem}" for path in files]

    def face(self, room):
        """Return what a room's face hands out: name to module, whole."""
        handed = {}
        for node in ast.walk(self.tree(f"{PACKAGE}.{room}")):
            for word in getattr(node, "keywords", []):
                if word.arg == "submod_attrs":
                    for module, names in ast.literal_eval(word.value).items():
                        handed |= {name: f"{PACKAGE}.{room}.{module}" for name in names}
        return handed

    def classes(self):
        """Return the classes whose name only one public module of the package has: name to whole name."""
        places = {}
        for module in [f"{PACKAGE}.{name}" for name in FLOOR] + [one for room in self.rooms() for one in self.modules(room)]:
            for node in self.tree(module).body:
                if isinstance(node, ast.ClassDef) and node.name[0] != "_":
                    places.setdefault(node.name, []).append(f"{module}.{node.name}")
        return {name: found[0] for name, found in places.items() if len(found) == 1}

    def public(self, module):
        """Return the public functions and classes of a module, name to node; with those that ``__all__`` takes from elsewhere."""
        tree = self.tree(module)
        found = {one.name: one for one in tree.body if isinstance(one, (*FUNCTION, ast.ClassDef)) and one.name[0] != "_"}
        for name in _listed(tree) - set(found):
            node = self._elsewhere(tree, name)
            if node is not None:
                found[name] = node
        for name, maker in _made(tree):
            for one in ast.walk(self._elsewhere(tree, maker) or ast.Pass()):
                if isinstance(one, FUNCTION) and one.name == name:
                    found[name] = one
        return found

    def _elsewhere(self, tree, name):
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and any((one.asname or one.name) == name for one in node.names):
                taken = self.tree(node.module) if (node.module or "").startswith(PACKAGE) else None
                original = next(one.name for one in node.names if (one.asname or one.name) == name)
                for one in taken.body if taken else ():
                    if isinstance(one, (*FUNCTION, ast.ClassDef)) and one.name == original:
                        return one
        return None


def _listed(tree):
    """Return the names in a module's ``__all__``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def _made(tree):
    """Yield (name, maker) of functions that another function makes: ``train, resume = training_verbs(…)``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Call):
            for target in node.targets[0].elts:
                yield getattr(target, "id", ""), getattr(node.value.func, "id", "")


def write(root, folder):
    """Write the pages into `folder`, ``index.rst`` and one for each room; return their names.

    Parameters
    ----------
    root : Path
        The folder that holds the package.
    folder : Path

    Returns
    -------
    list of str
    """
    source = Source(root)
    folder.mkdir(parents=True, exist_ok=True)
    pages = {room: _room(source, room) for room in source.rooms()}
    pages["floor"] = _floor(source)
    pages["index"] = _index(source, pages)
    classes = source.classes()
    for name, text in pages.items():
        (folder / f"{name}.rst").write_text(link_types(text, classes))
    return list(pages)


def link_types(text, classes):
    """Link the classes of the package in the types of parameters, and nothing else: Sphinx would take "shape" for a function.

    Parameters
    ----------
    text : str
        A page.
    classes : dict of str to str
        As :meth:`Source.classes` returns them.

    Returns
    -------
    str
    """

    def link(match):
        start, words = match.groups()
        linked = re.sub(
            r"\b[A-Z]\w+", lambda one: f"\\ :py:class:`~{classes[one[0]]}`\\ " if one[0] in classes else one[0], words
        )
        return start + (linked if linked != words else f":emphasis:`{words}`")

    return re.sub(r"^( *:type [^:\n]+: )(.+)$", link, text, flags=re.MULTILINE)


def _index(source, pages):
    rows = [(f":doc:`{room} <{room}>`", summary(ast.get_docstring(source.tree(f"{PACKAGE}.{room}")))) for room in source.rooms()]
    rows.append((":doc:`the floor <floor>`", "What every room stands on: the Score, errors, files, progress, Keras, the doctor."))
    opening = f"""The package
===========

Each folder of ``{PACKAGE}`` is a room. These pages are made of the docstrings in its source; in a notebook, ``help(…)`` says the
same.
"""
    return "\n".join([opening, *_table(rows), "", ".. toctree::", "   :hidden:", "", *(f"   {name}" for name in pages), ""])


def _room(source, room):
    whole = f"{PACKAGE}.{room}"
    lines = [f".. _room-{room}:", "", room, "=" * len(room), "", f".. py:module:: {whole}", ""]
    lines += _prose(ast.get_docstring(source.tree(whole)), "module") + [""]
    face = source.face(room)
    public = {module: source.public(module) for module in source.modules(room)}
    rows = []
    for name, module in sorted(face.items()):
        node = public.get(module, {}).get(name)
        if node is not None:
            rows.append((f":py:obj:`{name} <{module}.{name}>`", summary(ast.get_docstring(node))))
    if rows:
        lines += [f"From ``{whole}`` itself:", "", *_table(rows), ""]
    for module in public:
        lines += _module(source, module, public[module], face)
    return "\n".join(lines) + "\n"


def _floor(source):
    lines = ["The floor", "=========", "", "The modules beside the rooms; everybody stands on them.", ""]
    for name in FLOOR:
        module = f"{PACKAGE}.{name}"
        face = {"Score": f"{PACKAGE}.score", "note_array": f"{PACKAGE}.score"} if name == "score" else {}
        lines += _module(source, module, source.public(module), face)
    return "\n".join(lines) + "\n"


def _module(source, module, public, face):
    """Return the section of one module: its specification, then what is in it."""
    title = module.removeprefix(f"{PACKAGE}.")
    lines = ["", f".. _api-{module.replace('.', '-')}:", "", title, "~" * len(title), "", f".. py:module:: {module}", ""]
    lines += _prose(ast.get_docstring(source.tree(module)), "module") + [""]
    for name, node in public.items():
        room = module.rpartition(".")[0]
        canonical = f"{room}.{name}" if face.get(name) == module else ""
        lines += _class(node, name, canonical) if isinstance(node, ast.ClassDef) else _function(node, name, canonical)
    return lines


def _function(node, name, canonical="", kind="function", options=()):
    arguments = _signature(node.args, skip=kind == "method" and "staticmethod" not in options)
    extra = [f":canonical: {canonical}"] if canonical else []
    return _object(kind, f"{name}({arguments})", [*extra, *(f":{one}:" for one in options)], ast.get_docstring(node))


def _class(node, name, canonical=""):
    extra = [f":canonical: {canonical}"] if canonical else []
    lines = _object("class", f"{name}({_class_signature(node)})", extra, ast.get_docstring(node))
    for one in node.body:
        if isinstance(one, FUNCTION) and one.name[0] != "_" and ast.get_docstring(one):
            marks = {getattr(mark, "id", getattr(mark, "attr", "")) for mark in one.decorator_list}
            if marks & {"property", "cached_property"}:
                member = _object("property", one.name, [], ast.get_docstring(one))
            else:
                options = [mark for mark in ("classmethod", "staticmethod") if mark in marks]
                member = _function(one, one.name, kind="method", options=options)
            lines += ["   " + line if line else "" for line in member]
    return lines


def _object(kind, signature, options, docstring):
    body = [*options, "", *_prose(docstring, "function" if kind == "method" else kind)]
    return [f".. py:{kind}:: {signature}", *("   " + line if line else "" for line in body), ""]


def _class_signature(node):
    """Return what a class is called with: of its ``__init__``, or the fields of a dataclass."""
    for one in node.body:
        if isinstance(one, FUNCTION) and one.name == "__init__":
            return _signature(one.args, skip=True)
    if any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
        fields = [one for one in node.body if isinstance(one, ast.AnnAssign) and "ClassVar" not in ast.unparse(one.annotation)]
        return ", ".join(ast.unparse(one.target) + (f"={_short(one.value)}" if one.value else "") for one in fields)
    return ""


def _signature(arguments, *, skip):
    """Return arguments as Python writes them, the first one left out for a method; annotations stand in the docstring."""
    places = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(places) - len(arguments.defaults)) + arguments.defaults
    parts = [one.arg + (f"={_short(value)}" if value else "") for one, value in zip(places, defaults, strict=True)][skip:]
    if arguments.vararg:
        parts.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        parts.append("*")
    for one, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parts.append(one.arg + (f"={_short(value)}" if value else ""))
    if arguments.kwarg:
        parts.append(f"**{arguments.kwarg.arg}")
    return ", ".join(parts)


def _short(value):
    text = ast.unparse(value)
    return text if len(text) <= 40 else "…"


def _prose(docstring, what):
    """Return the lines of a docstring as reStructuredText."""
    if not docstring:
        return []
    text = str(NumpyDocstring(_rubrics(docstring) if what == "module" else docstring, NAPOLEON, what=what))
    return _bars(text).splitlines()


def _bars(text):
    """Keep upright bars for what they are, |x|: reStructuredText would look for something to put in their place."""
    pieces = re.split(r"(``.*?``|`[^`]*`)", text)
    return "".join(piece if place % 2 else piece.replace("|", "\\|") for place, piece in enumerate(pieces))


def _rubrics(docstring):
    """Turn underlined headings of a module's docstring into rubrics: they are no chapters of the page."""
    return re.sub(r"^(\S.*)\n-{3,}$", r".. rubric:: \1\n", docstring, flags=re.MULTILINE)


def summary(docstring):
    """Return the first sentence of a docstring, in one line."""
    first = " ".join((docstring or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s", first)[0]


def _table(rows):
    lines = [".. list-table::", "   :widths: 30 70", "   :class: summary", ""]
    for left, right in rows:
        lines += [f"   * - {left}", f"     - {right}"]
    return lines
