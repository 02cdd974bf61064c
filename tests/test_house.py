"""The rules of the house, read from the package's own source: who may import whom, who owns which library, what an import costs.

The rooms are the folders of ``lab_utils``; everybody may import the floor, the modules beside them. A change to the tables
below is a change of the design: make it on purpose.
"""

import ast
import graphlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lab_utils"

FLOOR = {"score", "errors", "storage", "progress"}
ROOF = {"__main__", "_options", "doctor"}  # may import every room, and nobody imports them but each other
BELOW_RECIPES = {
    "datasets", "densities", "generation", "files", "audio", "encoding", "evaluation", "plots", "models", "training", "backend",
}  # fmt: skip
ROOMS = {
    "widgets": {"algorithms", "recipes", *BELOW_RECIPES} - {"backend"},
    "algorithms": {"recipes", *BELOW_RECIPES},
    "recipes": BELOW_RECIPES,
    "datasets": {"files", "audio", "encoding"},
    "plots": {"files"},  # the engraver reads MusicXML
    "audio": {"files"},  # the embedded synthesizer plays the bytes of a MIDI file
    "generation": set(),
    "generation.pipeline": {"audio"},
    "files": set(),
    "encoding": set(),
    "evaluation": set(),
    "classroom": set(),
    "densities": set(),
    "models": {"backend"},
    "training": {"backend"},
    "backend": set(),  # a module, not a room: Keras itself, for those who build and train networks
}
OWNERS = {
    "numpy": None,  # None: everybody
    "lazy_loader": None,
    "tqdm": {"progress"},
    "music21": {"files", "datasets"},
    "symusic": {"files"},
    "soundfile": {"files"},
    "librosa": {"audio"},
    "soxr": {"audio"},
    "fluidsynth": {"audio"},
    "midirenderer": {"audio"},
    "pretty_midi": {"audio"},
    "matplotlib": {"plots"},
    "verovio": {"plots"},
    "resvg_py": {"plots"},
    "PIL": {"plots"},
    "IPython": {"widgets"},
    "ipywidgets": {"widgets"},
    "anywidget": {"widgets"},
    "traitlets": {"widgets", "classroom"},  # settings of anywidget's widgets, and of nbgrader
    "pooch": {"datasets"},
    "nbformat": {"classroom"},
    "nbclient": {"classroom"},
    "nbgrader": {"classroom"},
    "keras": {"backend"},
    "tensorflow": {"training.device"},
    "jax": {"training.device"},
    "tensorboard": {"training.callbacks"},
}
HEAVY = (
    "tensorflow keras jax numpy librosa numba scipy soundfile symusic music21 matplotlib verovio PIL IPython ipywidgets "
    "anywidget pooch"
)


def module_name(path):
    """Return the dotted name below the package: ``files.midi``; a face has its room's name, the package's own the empty one."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(), str(path)) for name, path in SOURCES.items()}


def imported(name):
    """Yield the absolute dotted name of everything that module `name` imports, inside its functions too."""
    here = ["lab_utils", *name.split(".")] if name else ["lab_utils"]
    package = here if SOURCES[name].name == "__init__.py" else here[:-1]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def inner(name):
    """Return the modules of the package that module `name` imports; a name taken from a face counts as that face."""
    found = set()
    for target in imported(name):
        if target.split(".")[0] == "lab_utils":
            below = target.split(".")[1:]
            while ".".join(below) not in SOURCES:
                below = below[:-1]
            found.add(".".join(below))
    return found


def outer(name):
    """Return the outside libraries that module `name` imports."""
    tops = {target.split(".")[0] for target in imported(name)}
    return tops - {"lab_utils"} - set(sys.stdlib_module_names)


def most_special(table, name):
    """Return the entry of `table` for the module, else for its room: ``generation.pipeline`` before ``generation``."""
    return table[name] if name in table else table[name.split(".")[0]]


def owns(name, library):
    owners = OWNERS[library]
    return owners is None or name in owners or name.split(".")[0] in owners


@pytest.mark.parametrize("name", SOURCES)
def test_imports_follow_the_arrows(name):
    room = name.split(".")[0]
    rooms_used = {target.split(".")[0] for target in inner(name)} - FLOOR
    if room in ROOF:
        assert rooms_used <= {"", *ROOMS, *ROOF}
    elif room in FLOOR or name == "":
        assert rooms_used == set()
    else:
        assert rooms_used <= {room, *most_special(ROOMS, name)}


def test_no_cycle():
    graph = {name: inner(name) - {name} for name in SOURCES}
    for name, path in SOURCES.items():
        if path.name == "__init__.py":  # a face hands out what its modules define, so it stands on them
            graph[name] |= {other for other in SOURCES if other.rpartition(".")[0] == name and other and other not in ROOF}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("name", SOURCES)
def test_each_library_has_its_owner(name):
    strangers = {library for library in outer(name) if library not in OWNERS}
    assert not strangers, "give it an owner in this test, and a line in pyproject.toml"
    assert {library for library in outer(name) if not owns(name, library)} == set()


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_asserted_in_the_package(name):
    assert [node.lineno for node in ast.walk(TREES[name]) if isinstance(node, ast.Assert)] == []


@pytest.mark.parametrize("name", SOURCES)
def test_every_module_says_what_it_is(name):
    assert ast.get_docstring(TREES[name])


WITH_FUNCTIONS = [name for name, tree in TREES.items() if any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))]


@pytest.mark.parametrize("name", WITH_FUNCTIONS)
def test_every_module_has_its_test_file(name):
    *rooms, module = name.split(".")
    assert Path(ROOT, "tests", *rooms, f"test_{module.strip('_')}.py").is_file()


def test_every_room_is_in_the_table():
    assert {name.split(".")[0] for name in SOURCES} - {""} <= set(ROOMS) | FLOOR | ROOF


def test_importing_the_faces_loads_nothing_heavy():
    faces = [f"lab_utils.{name}".rstrip(".") for name, path in SOURCES.items() if path.name == "__init__.py"]
    code = f"import sys, json, {', '.join(faces)}; print(json.dumps(sorted(set(sys.modules) & set({HEAVY.split()}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_the_readers_of_this_test_see_what_is_there():
    """The two readers of imports, shown on modules whose imports are known by eye."""
    assert inner("storage") == {"errors"}
    assert "numpy" in outer("score") and outer("errors") == set()
