"""Public files by address and SHA-256: an offline copy first, else fetched once and kept in the cache.

Conventions
-----------
* The folder that ``LAB_DATA`` names is looked in first; then the cache (``LAB_CACHE``); only then the network.
* Whatever is found is checked by SHA-256 (and by size, where it is known) before it is used, every time.
* A download is written beside and renamed when its checksum is right (pooch does so); nothing is left of one that fails.

Leaves out: archives, logins, and files without a checksum. Used by :mod:`lab_utils.datasets.jsb16`.
"""

from dataclasses import dataclass
from pathlib import Path

from lab_utils.errors import DataError
from lab_utils.progress import bar
from lab_utils.storage import cache_folder, offline_folder, sha256

TIMEOUT = 30  # seconds without an answer


@dataclass(frozen=True)
class PublicFile:
    """A file that everybody can fetch.

    Parameters
    ----------
    name : str
        Its name in the offline folder and in the cache.
    url : str
        Its public address; empty where it is only found offline.
    sha256 : str
        Of its content, 64 hexadecimal digits.
    size : int, optional
        In bytes, where it is known.
    """

    name: str
    url: str
    sha256: str
    size: int | None = None


def read_checked(path, *, digest, size=None, way_on="get it again"):
    """Return the content of a file whose checksum is known.

    Parameters
    ----------
    path : str or Path
    digest : str
        The SHA-256 that it must have.
    size : int, optional
        The bytes that it must have: a file cut short is told as such.
    way_on : str
        What to do about a wrong file, for the message.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        If the file cannot be read, is cut short, or was altered.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); {way_on}.") from error
    if size is not None and len(data) != size:
        raise DataError(f"{path}: expected {size:,} bytes, received {len(data):,}, so it is not whole; {way_on}.")
    received = sha256(data)
    if received != digest:
        raise DataError(f"{path}: expected SHA-256 {digest[:12]}…, received {received[:12]}…, so it was altered; {way_on}.")
    return data


def offline(file):
    """Return the path of the offline copy of `file` (PublicFile) in the folder ``LAB_DATA``, or None; it is not checked here."""
    folder = offline_folder()
    return folder / file.name if folder and (folder / file.name).is_file() else None


def at_hand(file):
    """Return whether `file` (PublicFile) can be read without the network: as an offline copy, or whole in the cache."""
    cached = cache_folder("downloads") / file.name
    return offline(file) is not None or (cached.is_file() and sha256(cached.read_bytes()) == file.sha256)


def fetch(file, *, progress=True):
    """Return the content of a public file, downloaded if it is not here yet.

    Parameters
    ----------
    file : PublicFile
    progress : bool
        A progress bar while it is downloaded.

    Returns
    -------
    path : Path
        Where it lies.
    data : bytes
        Its content, checked.

    Raises
    ------
    DataError
        If the copy in ``LAB_DATA`` is a wrong one (it is not passed over in silence), or there is none and the download fails.
    """
    path = offline(file)
    if path is None:
        path = _download(file, progress)
    return path, read_checked(path, digest=file.sha256, size=file.size)


def _download(file, progress):
    import pooch  # loads requests, so only here

    pooch.get_logger().setLevel("WARNING")  # the bar tells enough
    way_on = f"go online and try again, or set LAB_DATA to a folder that holds {file.name}"
    with bar(title=file.name, unit="B", show=progress, total=file.size or 0) as moving:
        try:
            path = pooch.retrieve(
                file.url,
                known_hash=f"sha256:{file.sha256}",
                fname=file.name,
                path=cache_folder("downloads"),
                downloader=pooch.HTTPDownloader(progressbar=moving, chunk_size=1 << 16, timeout=TIMEOUT),
            )
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None):  # the system's own error: the disk's, not the network's
                way_on = "free some space, or set LAB_CACHE to another folder"
            raise DataError(f"{file.name}: cannot be fetched from {file.url} ({_reason(error)}); {way_on}.") from error
    return Path(path)


REASONS = {  # by the kind of error, since the libraries' own texts run over several lines
    "Timeout": "no answer in time",
    "ChunkedEncodingError": "the connection broke off",
    "ConnectionError": "no connection",
    "ValueError": "what arrives has another SHA-256",
}


def _reason(error):
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"the server answers {status}"
    kinds = [kind.__name__ for kind in type(error).__mro__]
    known = (text for word, text in REASONS.items() if word in kinds)
    return getattr(error, "strerror", None) or next(known, type(error).__name__)
