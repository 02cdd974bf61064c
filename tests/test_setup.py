"""pyproject.toml, requirements.lock and environment.yml say the same, and the Makefile sets up what they say.

conda itself is not to be had where these tests run: that it solves environment.yml is not shown here, only that the file is well
formed and adds nothing to pyproject.toml but Python, pip and FluidSynth.
"""

import importlib.metadata
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHONS = ["3.11.0", "3.12.0", "3.13.0"]
TEXT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(TEXT)["project"]
LOCK = (ROOT / "requirements.lock").read_text()
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text())

DIRECT = {
    requirement.name: requirement
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for requirement in map(Requirement, group)
    if requirement.name != PROJECT["name"]
}
PINS = [Requirement(line) for line in LOCK.splitlines() if line and not line.startswith("#")]


def pins(name, python):
    """Return the versions of `name` that the lock installs on `python`, on this kind of machine."""
    where = {**default_environment(), "python_version": python[:4], "python_full_version": python}
    chosen = [pin for pin in PINS if canonicalize_name(pin.name) == canonicalize_name(name)]
    return [next(iter(pin.specifier)).version for pin in chosen if pin.marker is None or pin.marker.evaluate(where)]


# ---------------------------------------------------------------- pyproject.toml


def test_every_dependency_says_what_needs_it():
    lines = re.search(r"^dependencies = \[.*?^\[project.scripts\]", TEXT, re.DOTALL | re.MULTILINE)[0].splitlines()
    named = [line for line in lines if re.match(r'\s+"', line)]
    assert len(named) == len(DIRECT) + 1  # and the one by which dev takes in the others
    assert [line for line in named if not re.search(r'",?\s+# \S', line)] == []


@pytest.mark.parametrize("python", ["3.10.9", "3.11.0", "3.13.9", "3.14.0"])
def test_the_pythons_of_the_makefile_are_those_of_the_package(python):
    bounds = re.search(r"not (\(\d+, \d+\)) <= sys.version_info\[:2\] <= (\(\d+, \d+\))", (ROOT / "Makefile").read_text())
    low, high = (tuple(map(int, re.findall(r"\d+", bound))) for bound in bounds.groups())
    minor = tuple(map(int, python.split(".")[:2]))
    assert (low <= minor <= high) == (python in SpecifierSet(PROJECT["requires-python"]))


# ---------------------------------------------------------------- requirements.lock


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", DIRECT)
def test_the_lock_pins_each_direct_dependency_within_its_range(name, python):
    (version,) = pins(name, python)
    assert version in DIRECT[name].specifier


def test_the_lock_pins_exactly_and_names_no_index():
    assert len(PINS) > len(DIRECT)
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) and pin.url is None for pin in PINS)
    assert not re.search(r"https?:|file:|--|@|index", LOCK)


def test_the_lock_is_the_same_set_for_every_python():
    """One version of a package for all Pythons, so that the stored notebooks fit them all."""
    names = [canonicalize_name(pin.name) for pin in PINS]
    assert len(names) == len(set(names))


def test_the_lock_holds_what_builds_the_package():
    (needed,) = map(Requirement, tomllib.loads(TEXT)["build-system"]["requires"])
    assert pins(needed.name, PYTHONS[0])[0] in needed.specifier  # the Makefile builds without another environment


def test_the_lock_brings_no_drivers_of_a_graphics_card():
    assert [pin.name for pin in PINS if pin.name.startswith(("nvidia", "jax-cuda", "triton"))] == []


def test_the_lock_is_closed():
    """What a locked package asks for is locked too; read from the packages that are installed here."""
    locked = {canonicalize_name(pin.name) for pin in PINS}
    seen = 0
    for pin in PINS:
        try:
            asked = importlib.metadata.requires(pin.name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or Python
        seen += 1
        wanted = {
            canonicalize_name(r.name) for r in map(Requirement, asked) if r.marker is None or r.marker.evaluate({"extra": ""})
        }
        assert wanted <= locked, pin.name
    assert seen > len(DIRECT)


# ---------------------------------------------------------------- environment.yml


def test_environment_yml_adds_only_python_pip_and_fluidsynth():
    *packages, pip = ENVIRONMENT["dependencies"]
    names = {re.match(r"[\w-]+", package)[0]: package for package in packages}
    assert set(names) == {"python", "pip", "fluidsynth"}
    assert SpecifierSet(names["python"].removeprefix("python")) == SpecifierSet(PROJECT["requires-python"])
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert pip == {"pip": ["-e .[dev]"]} and "dev" in PROJECT["optional-dependencies"]


# ---------------------------------------------------------------- Makefile


def make(folder, *arguments, **variables):
    # A make that this test runs under must not hand its own wishes on.
    environment = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder), **variables}
    return subprocess.run(["make", "-C", folder, *arguments], capture_output=True, text=True, env=environment)


@pytest.fixture
def bare(tmp_path):
    """A folder with the Makefile and a ``bin`` that hides the machine's Pythons."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        program(tmp_path / "bin" / name, '[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1')
    return tmp_path


def program(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


def test_a_python_that_does_not_fit_is_told_in_words(bare):
    done = make(bare, "music")
    assert done.returncode == 2
    assert "Python 3.11, 3.12 or 3.13 is needed; python3 is Python 3.9.2." in done.stderr
    assert not (bare / ".venv").exists()


def test_a_named_python_that_is_not_there_is_told_in_words(bare):
    done = make(bare, "music", PYTHON="python3.12.99")
    assert done.returncode == 2 and "python3.12.99 is" in done.stderr and "not found" in done.stderr


def test_a_python_without_venv_is_told_what_to_install(bare):
    program(bare / "bin" / "python3.12", 'if [ "$2" = venv ]; then mkdir .venv; exit 1; fi\nexit 0')
    done = make(bare, "music")
    assert done.returncode == 2 and "python3.12 cannot make a virtual environment" in done.stderr
    assert not (bare / ".venv").exists()


def test_help_lists_every_target(bare):
    listed = make(bare).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert [target for target in phony if f"make {target} " not in listed] == []


def test_set_up_is_done_once_for_a_lock(bare):
    program(bare / ".venv" / "bin" / "python", f'echo "$@" >>{bare}/calls')
    program(bare / ".venv" / "bin" / "uv", f'echo "uv $@" >>{bare}/calls')
    assert make(bare, ".venv/.ready").returncode == 0
    calls = (bare / "calls").read_text()
    assert f"uv=={pins('uv', PYTHONS[0])[0]}" in calls and "uv pip sync" in calls and "--editable ." in calls
    assert make(bare, ".venv/.ready").returncode == 0
    assert (bare / "calls").read_text() == calls


def test_python_may_keep_what_it_compiles(bare):
    program(bare / ".venv" / "bin" / "python", f'[ "$2" = lab_utils ] && env >{bare}/environment; exit 0')
    program(bare / ".venv" / "bin" / "uv", "exit 0")
    assert make(bare, "doctor", PYTHONDONTWRITEBYTECODE="1", LAB_CACHE="here").returncode == 0
    told = (bare / "environment").read_text()
    assert "LAB_CACHE=here" in told and "PYTHONDONTWRITEBYTECODE" not in told


# ---------------------------------------------------------------- README.md

README = (ROOT / "README.md").read_text()


def test_every_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\((?!https:)([^)#]+)", README)
    assert len(links) > 4 and [link for link in links if not (ROOT / link).exists()] == []


def test_every_target_that_the_readme_names_is_there():
    named = set(re.findall(r"(?:^|`)(?:[A-Z]+=\S+ )?make ([a-z]+)", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"music", "test"} <= named <= targets


# ---------------------------------------------------------------- the tests themselves


def test_a_test_cannot_reach_another_machine():
    with pytest.raises(socket.gaierror, match="tests fetch nothing"):
        socket.create_connection(("somewhere.invalid", 80), timeout=1)


def test_this_python_is_one_that_the_package_takes():
    assert ".".join(map(str, sys.version_info[:3])) in SpecifierSet(PROJECT["requires-python"])
