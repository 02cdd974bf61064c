"""What this machine has, what it lacks, and what to do about it: ``python -m lab_utils doctor``.

Each check looks at one thing that the course needs and says what it found, in one of three states: "ok"; "optional", where
something useful is missing that music can be made without; "missing", where it cannot. Whatever goes wrong inside a check, a
library that does not load for example, is what the check found. Nothing is installed; the backend is loaded, which takes some
seconds.

It stands beside the command line on the roof of the package: it may look into every room.
"""

import importlib.metadata
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from lab_utils import storage
from lab_utils.errors import LabError

PYTHONS = (3, 11), (3, 13)
ENOUGH_DISK, LEAST_DISK = 1e9, 50e6  # bytes: every data set prepared; one piece written
SET_UP_AGAIN = "run `make music` again; if that does not help, `make distclean` first"
WORDS = {"ok": "ok", "optional": "could be", "missing": "MISSING"}


@dataclass(frozen=True)
class Check:
    """What was found: `state` is "ok", "optional" or "missing"; `advice` says what to do if it is not "ok"."""

    name: str
    state: str
    found: str
    advice: str = ""


def examine():
    """Look at everything that the course needs.

    Returns
    -------
    list of Check
        In the order in which they should be mended.
    """
    return [_looked(name, look) for name, look in CHECKS.items()]


def can_make_music(checks):
    """Return whether nothing that a piece needs is missing."""
    return all(check.state != "missing" for check in checks)


def as_text(checks):
    """Return `checks` (list of Check) as lines to read, each piece of advice under what it is about."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{WORDS[check.state]:<8}  {check.name:<{width}}  {check.found}")
        if check.advice:
            lines.append(f"{'':<8}  {'':<{width}}  -> {check.advice}")
    return "\n".join([*lines, "", "Music can be made." if can_make_music(checks) else "No music can be made yet."])


def as_json(checks):
    """Return `checks` (list of Check) as a dict for JSON: ``{"music": bool, "checks": [{name, state, found, advice}, …]}``."""
    return {"music": can_make_music(checks), "checks": [asdict(check) for check in checks]}


# ---------------------------------------------------------------- the checks: each returns (state, found[, advice])


def _looked(name, look):
    try:
        return Check(name, *look())
    except LabError as error:
        return Check(name, "missing", str(error), SET_UP_AGAIN)
    except Exception as error:  # a doctor tells what is broken, whatever it is
        return Check(name, "missing", f"{type(error).__name__}: {error}".splitlines()[0], SET_UP_AGAIN)


def _python():
    found = f"{platform.python_version()} in {sys.prefix}"
    if not PYTHONS[0] <= tuple(sys.version_info[:2]) <= PYTHONS[1]:
        wanted = " to ".join(".".join(map(str, version)) for version in PYTHONS)
        return "missing", found, f"install Python {wanted}, then `make distclean` and `PYTHON=… make music`"
    if sys.dont_write_bytecode:
        return (
            "optional",
            f"{found}, which keeps nothing of what it compiles",
            "unset PYTHONDONTWRITEBYTECODE: starts take half as long",
        )
    return "ok", found


def _backend():
    from lab_utils.training import device

    found = device.describe()
    return "ok", f"{found['keras']} on {found['backend']} {found['version']}, {', '.join(found['devices'])}"


def _synthesizer():
    from lab_utils.audio import synth

    engines = synth.engines().values()
    ready = ", ".join(engine.detail for engine in engines if engine.ready)
    lacking = " ".join(engine.detail for engine in engines if not engine.ready)
    if not ready:
        return "missing", "none can play", lacking
    return ("optional" if lacking else "ok"), ready, lacking


def _soundfont():
    from lab_utils.audio import synth

    path = synth.soundfont_path()
    return "ok", f"{path.name}, {_megabytes(path.stat().st_size)}"


def _engraver():
    from lab_utils.plots import staff  # noqa: F401

    return "ok", f"verovio {importlib.metadata.version('verovio')}"


def _models():
    folder = storage.shipped_folder("checkpoints")
    names = sorted(path.parent.name for path in folder.glob("*/weights.npz"))
    if "chorale" in names:
        return "ok", ", ".join(names)
    return "missing", f"{folder / 'chorale'} holds no weights", "restore it with `git checkout datasets/checkpoints`"


def _disk():
    free = shutil.disk_usage(Path.cwd()).free
    found = f"{_megabytes(free)} free here"
    if free >= ENOUGH_DISK:
        return "ok", found
    return ("optional" if free >= LEAST_DISK else "missing"), found, f"free some: {_megabytes(ENOUGH_DISK)} hold every data set"


def _cache():
    folder = storage.cache_folder()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return "ok", f"{_megabytes(size)} in {folder} (may be deleted)"


def _offline_copies():
    folder = storage.offline_folder()
    if folder is None:
        return "ok", "LAB_DATA is not set: public data is fetched when it is first used"
    if folder.is_dir():
        return "ok", f"LAB_DATA: {len(list(folder.iterdir()))} files in {folder}"
    return "optional", f"LAB_DATA names {folder}, which is no folder", "make it, name another, or unset LAB_DATA"


def _notebooks():
    lacking, have = [], []
    for package in ("jupyterlab", "ipywidgets", "nbval"):
        try:
            have.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            lacking.append(package)
    if not lacking:
        return "ok", ", ".join(have)
    return "optional", f"not installed: {', '.join(lacking)}", SET_UP_AGAIN


def _megabytes(size):
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


CHECKS = {
    "Python": _python,
    "Keras": _backend,
    "Synthesizer": _synthesizer,
    "SoundFont": _soundfont,
    "Engraver": _engraver,
    "Trained models": _models,
    "Free disk": _disk,
    "Cache": _cache,
    "Offline data": _offline_copies,
    "Notebooks": _notebooks,
}
