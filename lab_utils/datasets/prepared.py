"""A prepared data set: spectrograms in [-1, 1] with their labels, folds, and all that turns them back into sound.

Conventions
-----------
* ``spectrograms`` is float32, shape (items, frames, bins), scaled by a scaler that has seen the train fold alone; values of
  other folds may lie a little outside [-1, 1].
* A label is a column of names; :meth:`Prepared.targets` numbers them by ``classes``, which a fold shares with the whole set.
* On disk: ``arrays.npz`` (no pickle), ``scaler.json``, and ``prepared.json``, written last, with the SHA-256 of the arrays.
  A folder without it, or with arrays that are not those, counts as not there.

Used by notebook 04 and by every recipe that trains on sound.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lab_utils import storage
from lab_utils.audio.scaling import Scaler
from lab_utils.audio.spectrogram import Transform
from lab_utils.errors import DataError, ParameterError


@dataclass(frozen=True, eq=False)
class Prepared:
    """Spectrograms with labels and folds.

    Parameters
    ----------
    spectrograms : np.ndarray of float32, shape (items, frames, bins)
    ids : np.ndarray of str, shape (items,)
    folds : np.ndarray of str, shape (items,)
    labels : dict of str → np.ndarray of str, shape (items,)
        For example ``{"style": …, "key": …, "meter": …}``.
    scaler : Scaler
        Its inverse gives the log magnitudes back.
    transform : Transform
        Its inverse gives the sound back.
    settings : dict
        How it was made: the synth that played (``engine``), the length in seconds, and more.
    waves : np.ndarray of float32, shape (items, samples), optional
        The sound that the spectrograms were taken of.
    classes : dict of str → tuple of str
        The names that each label takes, sorted; made here if left out.
    """

    spectrograms: np.ndarray
    ids: np.ndarray
    folds: np.ndarray
    labels: dict
    scaler: Scaler
    transform: Transform
    settings: dict
    waves: np.ndarray | None = None
    classes: dict = field(default_factory=dict)

    def __post_init__(self):
        if not self.classes:
            found = {name: tuple(sorted({str(value) for value in column})) for name, column in self.labels.items()}
            object.__setattr__(self, "classes", found)

    def __len__(self):
        return len(self.spectrograms)

    def fold(self, name):
        """Return the items of one fold.

        Parameters
        ----------
        name : str

        Returns
        -------
        Prepared

        Raises
        ------
        ParameterError
            If no item is in it.
        """
        inside = self.folds == name
        if not inside.any():
            raise ParameterError(f"name: expected one of {', '.join(sorted(set(self.folds)))}, received {name!r}.")
        return self._rows(inside)

    def _rows(self, inside):
        return replace(
            self,
            spectrograms=self.spectrograms[inside],
            ids=self.ids[inside],
            folds=self.folds[inside],
            labels={name: column[inside] for name, column in self.labels.items()},
            waves=None if self.waves is None else self.waves[inside],
        )

    def targets(self, label):
        """Return a label as numbers, positions in ``classes[label]``.

        Parameters
        ----------
        label : str

        Returns
        -------
        np.ndarray of int32, shape (items,)

        Raises
        ------
        ParameterError
            If there is no such label.
        """
        if label not in self.labels:
            raise ParameterError(f"label: expected one of {', '.join(self.labels)}, received {label!r}.")
        return np.searchsorted(self.classes[label], self.labels[label]).astype(np.int32)

    def sound(self, item, **options):
        """Return one item as sound again: unscaled, then inverted, by Griffin and Lim's method unless a phase is given.

        Parameters
        ----------
        item : int
        **options
            ``phase``, ``iterations``, ``seed`` and more, as in :meth:`Transform.inverse`.

        Returns
        -------
        np.ndarray of float32, shape (samples,)
            At ``transform.sample_rate``.
        """
        values = self.scaler.inverse(self.spectrograms[item])
        return self.transform.inverse(values, **options)

    def save(self, folder):
        """Write it to `folder`; :func:`load_prepared` is the inverse."""
        folder = Path(folder)
        arrays = {"spectrograms": self.spectrograms} | ({} if self.waves is None else {"waves": self.waves})
        write_arrays(folder / "arrays.npz", arrays)
        self.scaler.save(folder / "scaler.json")
        storage.write_json(
            {
                "arrays_sha256": storage.sha256(folder / "arrays.npz"),
                "ids": self.ids.tolist(),
                "folds": self.folds.tolist(),
                "labels": {name: column.tolist() for name, column in self.labels.items()},
                "classes": self.classes,
                "transform": self.transform.to_dict(),
                "settings": self.settings,
            },
            folder / "prepared.json",
        )


def load_prepared(folder):
    """Return what :meth:`Prepared.save` wrote to `folder`.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Prepared

    Raises
    ------
    DataError
        If it is not there, cut short or changed.
    """
    folder = Path(folder)
    told = storage.read_json(folder / "prepared.json")
    path = folder / "arrays.npz"
    try:
        if storage.sha256(storage.read_bytes(path)) != told["arrays_sha256"]:
            raise DataError(f"{path}: is cut short or changed, its SHA-256 is not the one noted; prepare it again.")
        arrays = read_arrays(path)
        return Prepared(
            spectrograms=arrays["spectrograms"],
            waves=arrays.get("waves"),
            ids=np.array(told["ids"]),
            folds=np.array(told["folds"]),
            labels={name: np.array(column) for name, column in told["labels"].items()},
            classes={name: tuple(names) for name, names in told["classes"].items()},
            scaler=Scaler.load(folder / "scaler.json"),
            transform=Transform.from_dict(told["transform"]),
            settings=told["settings"],
        )
    except (KeyError, TypeError, AttributeError, ParameterError) as error:
        raise DataError(
            f"{folder / 'prepared.json'}: does not tell of a prepared data set ({error}); prepare it again."
        ) from error


def write_arrays(path, arrays):
    """Write a dict of arrays as .npz without pickle, whole or not at all; :func:`read_arrays` is the inverse."""
    with storage.replacing(path) as beside:
        np.savez(beside, allow_pickle=False, **arrays)


def read_arrays(path):
    """Return the arrays of an .npz as a dict; a :class:`DataError` names the file if it is missing or cut short."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except Exception as error:  # a zip cut short fails in many ways: BadZipFile, EOFError, ValueError, zlib.error, OSError
        raise DataError(f"{path}: is not a whole .npz file ({error}); prepare it again.") from error
