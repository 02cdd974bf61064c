"""Where files may be written, and how: beside, then renamed, so that no half-written file is ever seen.

A floor of the house, below every room, like :mod:`lab_utils.errors`: it knows paths and nothing of music.
The cache lies in the folder named by the variable ``LAB_CACHE``, else in the user's cache folder;
offline copies of public data lie in the folder named by ``LAB_DATA``.
"""

import hashlib
import json
import os
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from lab_utils.errors import DataError


@contextmanager
def replacing(path):
    """Yield a path beside `path` to write to; on success it takes the name `path`, on any error it is removed.

    Parameters
    ----------
    path : str or Path
        The final name. Missing parent folders are made.

    Yields
    ------
    Path
        A name in the same folder with the same suffix, so that writers which look at it still work.

    Raises
    ------
    DataError
        If the system refuses to write (no room, no permission, a folder in the way).
    """
    path = Path(path)
    if not path.name:
        raise DataError(f"{path}: is a folder; name a file in it.")
    beside = path.with_name(f".{path.stem}.{os.getpid()}-{threading.get_ident()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        os.replace(beside, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{path}: cannot be written ({reason}); free some space or choose another folder.") from error
    finally:
        with suppress(OSError):  # not there, or nothing can be there: a file stands where a folder should
            beside.unlink()


def write_bytes(data, path):
    """Write `data` (bytes) to `path`, all of it or nothing."""
    with replacing(path) as beside:
        beside.write_bytes(data)


def write_json(content, path):
    """Write `content` as indented JSON to `path`, all of it or nothing."""
    write_bytes((json.dumps(content, indent=1) + "\n").encode(), path)


def read_bytes(path):
    """Return the content of a file; a :class:`DataError` names it if it is missing, a folder or not readable."""
    path = Path(path)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file; check the name.") from error
    except IsADirectoryError as error:
        raise DataError(f"{path}: is a folder; name a file in it.") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error


def read_json(path):
    """Return the content of a JSON file; a :class:`DataError` names the file if it is missing or broken."""
    data = read_bytes(path)
    try:
        return json.loads(data)
    except ValueError as error:  # json's own error and a wrong encoding are both of this kind
        raise DataError(f"{path}: is not readable JSON ({error}); write it again.") from error


def sha256(data):
    """Return the SHA-256 of `data` (bytes) or of a file's content (str or Path), as hexadecimal digits."""
    if not isinstance(data, bytes):
        data = read_bytes(data)
    return hashlib.sha256(data).hexdigest()


def cache_folder(*parts):
    """Return a folder for things that can be made again, made if missing: ``LAB_CACHE`` or the user's cache."""
    base = os.environ.get("LAB_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lab_utils"
    folder = Path(base, *parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be made ({error.strerror}); set LAB_CACHE to a folder that can.") from error
    return folder


def offline_folder():
    """Return the folder of offline copies that ``LAB_DATA`` names, or None."""
    named = os.environ.get("LAB_DATA")
    return Path(named) if named else None


def shipped_folder(*parts):
    """Return a folder of the repository's ``datasets/``: the one beside the package.

    Raises
    ------
    DataError
        If the package was installed without its repository.
    """
    folder = Path(__file__).resolve().parent.parent / "datasets"
    if not folder.is_dir():
        raise DataError(f"{folder}: the shipped data is missing; install from a clone with `pip install -e .`.")
    return folder.joinpath(*parts)
