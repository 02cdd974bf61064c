"""What the recipes of both VAEs share: latent vectors checked, and a network asked for many rows a batch at a time."""

import numpy as np

from lab_utils.errors import ParameterError


def check_vectors(model, z):
    """Return latent vectors `z` as float32, shape (N, Z), with Z that of `model`.

    Raises
    ------
    ParameterError
        If there is no vector, or one of another length or with what is no number.
    """
    z = np.asarray(z, np.float32)
    if z.ndim != 2 or z.shape[1] != model.size or not len(z):
        raise ParameterError(
            f"z: expected latent vectors of {model.size} numbers, shape (N, {model.size}), received shape {z.shape}."
        )
    if not np.isfinite(z).all():
        raise ParameterError("z: expected finite numbers, received NaN or infinity.")
    return z


def in_batches(function, *arrays, at_once):
    """Return the arrays that `function` makes of the rows of `arrays`, `at_once` of them at a time.

    A batch is padded to a power of two, or JAX would compile for each number of rows.
    """
    from lab_utils.backend import keras

    made = []
    for first in range(0, len(arrays[0]), at_once):
        parts = [np.asarray(rows[first : first + at_once]) for rows in arrays]
        count = len(parts[0])
        size = 1 << (count - 1).bit_length()
        padded = [np.concatenate([part, np.repeat(part[:1], size - count, axis=0)]) for part in parts]
        made.append([keras.ops.convert_to_numpy(values)[:count] for values in function(*padded)])
    return [np.concatenate(column) for column in zip(*made, strict=True)]
