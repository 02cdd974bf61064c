"""Variables to a file and back: named arrays, no pickle, written beside and renamed.

Why not Keras' own file: it drops the state of an optimiser that is not built yet with no more than a warning, and writes in
place, so that a killed run may leave half a file.

Conventions: one compressed or plain NumPy archive; each variable under "number:path" in the order of the list, so that a
file of another model is seen at once; ``about`` holds one JSON text with whatever else is to be kept.
"""

import io
import json
from pathlib import Path

import numpy as np

from lab_utils.backend import keras
from lab_utils.errors import DataError
from lab_utils.storage import write_bytes


def save_variables(variables, path, *, about=None, compress=False):
    """Write Keras variables to `path`.

    Parameters
    ----------
    variables : list of keras.Variable
    path : str or Path
    about : dict, optional
        Kept beside them; JSON.
    compress : bool
        Smaller and slower: for what is shipped.
    """
    arrays = {_key(i, variable): keras.ops.convert_to_numpy(variable) for i, variable in enumerate(variables)}
    buffer = io.BytesIO()
    save = np.savez_compressed if compress else np.savez
    save(buffer, about=np.array(json.dumps(about or {})), **arrays)
    write_bytes(buffer.getvalue(), path)


def load_variables(variables, path):
    """Assign to Keras variables what :func:`save_variables` wrote, and return its `about`.

    Nothing is assigned unless all of it fits.

    Raises
    ------
    DataError
        If the file is missing, cut short, or of another model.
    """
    about, arrays = _read(path)
    if len(arrays) != len(variables):
        raise DataError(f"{path}: holds {len(arrays)} arrays, this model has {len(variables)}; it is of another model.")
    for i, variable in enumerate(variables):
        stored = arrays.get(str(i))
        if stored is None or tuple(stored.shape) != tuple(variable.shape):
            found = "none" if stored is None else stored.shape
            raise DataError(f"{path}: {variable.path} expects shape {tuple(variable.shape)}, received {found}; of another model.")
    for i, variable in enumerate(variables):
        variable.assign(arrays[str(i)])
    return about


def read_about(path):
    """Return the `about` of a file that :func:`save_variables` wrote."""
    return _read(path)[0]


def count_weights(path):
    """Return how many numbers a file that :func:`save_variables` wrote holds, its `about` aside."""
    return sum(array.size for array in _read(path)[1].values())


def _key(number, variable):
    return f"{number}:{variable.path.replace('/', '.')}"


def _read(path):
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); name the folder of a run.") from error
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name.split(":")[0]: archive[name] for name in archive.files if name != "about"}
            return json.loads(str(archive["about"])), arrays
    except Exception as error:  # a broken archive raises a different error for every way of being broken
        raise DataError(f"{path}: is no checkpoint, or was cut short ({error}).") from error
