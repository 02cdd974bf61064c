"""nbgrader behind one door: its settings read from the course's own file, its log turned into one sentence."""

import os
import re
import sys
from pathlib import Path

from lab_utils.errors import MissingToolError

SETTINGS = "nbgrader_config.py"


def grader(folder):
    """Return nbgrader's API over a course folder, or raise a MissingToolError."""
    try:
        from nbgrader.apps.api import NbGraderAPI
    except ImportError as error:
        raise MissingToolError(
            "nbgrader is not installed: `pip install 'nbgrader>=0.9.5'`, or this package with its extra classroom."
        ) from error
    from traitlets.config import Config, PyFileConfigLoader

    folder, config = Path(folder).resolve(), Config()
    if (folder / SETTINGS).is_file():
        config = PyFileConfigLoader(SETTINGS, path=str(folder)).load_config()
    config.CourseDirectory.root = str(folder)
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):  # nbgrader calls alembic, which lies beside this Python
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", "")])
    made = NbGraderAPI(config=config)
    return made


def reason(result):
    """Return in one line why an operation of the API failed."""
    text = f"{result.get('log') or ''}\n{result.get('error') or ''}"
    for sign, words in (
        ("DeadKernelError", "the kernel died while it ran: too much memory, or a call that ends Python"),
        ("Kernel died", "the kernel died while it ran: too much memory, or a call that ends Python"),
        ("UnresponsiveKernelError", "a cell ran too long and could not be interrupted"),
        ("CellTimeoutError", "a cell ran too long and could not be interrupted"),
    ):
        if sign in text:
            return words
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?!.*NbGraderException)[\w.]+(Error|Exception|Invalid)\w*: ", line)]
    return (errors or lines or ["nbgrader gave no reason"])[-1][:200].rstrip(".")
