"""The data set ``jsb16``: the public benchmark of Bach chorales, four voices on a grid of 16ths, in its canonical folds.

It is what published results on "JSB Chorales" are measured on (Boulanger-Lewandowski, Bengio and Vincent, 2012), in the
version with separate voices and a frame every 16th of ``github.com/czhuang/JSB-Chorales-dataset`` (Huang et al., 2017).

Conventions
-----------
* A frame is [soprano, alto, tenor, bass], MIDI pitch or -1 for a rest; repeats are played out.
* It marks neither repeated notes nor fermatas: for those see ``chorales``.
* 229 pieces train, 76 valid, 77 test. The file is not shipped: it is fetched by address and SHA-256, or found in the folder
  ``LAB_DATA``, whole or as the reduced file without its test fold. The pickled version of the data set is never opened.

Used by the recipe ``chorale``, the benchmark tests and the notebook ``15_polyphony_benchmark``.
"""

import json

import numpy as np

from lab_utils.datasets.download import PublicFile, at_hand, fetch, offline, read_checked
from lab_utils.errors import DataError, ParameterError

CANONICAL = PublicFile(
    name="Jsb16thSeparated.json",
    url="https://raw.githubusercontent.com/czhuang/JSB-Chorales-dataset/master/Jsb16thSeparated.json",
    sha256="79294cc374f9252e95ef4b703161524c1c53dc1f712c236f00f1c1f5d54af5a7",
)
REDUCED = PublicFile(
    name="jsb16_train_valid.json",
    url="",
    sha256="8b0d1bccb7d6b0d485ef2c69905b56f538afa180d47d091e9db35414593ba27f",
    size=1_031_535,
)
PIECES = {"train": 229, "valid": 76, "test": 77}


def load_jsb16(fold, *, progress=True):
    """Return the pieces of one fold.

    Parameters
    ----------
    fold : str
        "train", "valid" or "test".
    progress : bool
        A progress bar while the file is fetched.

    Returns
    -------
    list of np.ndarray of int16, shape (frames, 4)
        Soprano, alto, tenor, bass as MIDI pitch, -1 for a rest.

    Raises
    ------
    ParameterError
        An unknown fold.
    DataError
        A file that is cut short or altered, the test fold where only the reduced file is there, no file and no network.
    """
    if fold not in PIECES:
        raise ParameterError(f"fold: expected {', '.join(PIECES)}, received {fold!r}.")
    path, data = jsb16_file(progress=progress)
    folds = json.loads(data)
    if fold not in folds:
        raise DataError(
            f"{path}: it has no fold {fold!r}; put {CANONICAL.name} beside it (from {CANONICAL.url}), "
            "or unset LAB_DATA to fetch that file."
        )
    return [np.array(piece, dtype=np.int16).reshape(-1, 4) for piece in folds[fold]]


def jsb16_at_hand():
    """Return whether the folds "train" and "valid" can be loaded without fetching anything."""
    return at_hand(CANONICAL) or offline(REDUCED) is not None


def jsb16_file(*, progress=True):
    """Return where the data set's file lies and its checked content, as (Path, bytes).

    An offline copy in ``LAB_DATA`` goes first, the whole file before the reduced one; without either the whole one is fetched.
    """
    if offline(CANONICAL) is None and (reduced := offline(REDUCED)) is not None:
        return reduced, read_checked(reduced, digest=REDUCED.sha256, size=REDUCED.size)
    return fetch(CANONICAL, progress=progress)
