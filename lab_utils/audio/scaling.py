"""Values moved to [-1, 1] for a network whose output is bounded, and exactly back.

Conventions
-----------
* :meth:`Scaler.fit` looks for the lowest and the highest value of the training data, of all bins together or of each bin
  (the last axis). The lowest becomes -1, the highest 1, linearly.
* **A constant** (a bin that is silent in all the training data) becomes -1, the bottom, and comes back exactly. Another value
  there counts as if the range were 2 wide, so that it comes back too.
* **Values beyond the fitted range**, as validation data may have, go beyond [-1, 1] and come back; with ``clip=True`` they are
  moved to the nearest end, and come back as that end.
* Coming back is exact but for the rounding of float32: off by at most a few 2⁻²⁴ of the largest magnitude of the range.
* On disk it is JSON with numbers in full: the scaler that is read back equals the one that was written.

What it leaves out: means and variances, logarithms (a spectrogram is one already). Used by the notebook
``04_from_midi_to_spectrogram`` and by every recipe that trains on sound.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.errors import DataError, ParameterError
from lab_utils.storage import read_json, write_json

FORMAT = "lab_utils scaler 1"


@dataclass(frozen=True, eq=False)
class Scaler:
    """A range of values that is mapped to [-1, 1]; made by :meth:`fit` or :meth:`load`.

    Parameters
    ----------
    low, high : np.ndarray of float64, shape () or (bins,)
        The lowest and highest value, of all bins or of each.

    Raises
    ------
    ParameterError
        For shapes that differ, numbers that are not finite, or a `low` above its `high`.

    Examples
    --------
    >>> scaler = Scaler.fit(spectrograms)
    >>> scaled = scaler.transform(spectrograms[0])  # in [-1, 1]
    >>> again = scaler.inverse(scaled)
    """

    low: np.ndarray
    high: np.ndarray

    def __post_init__(self):
        for name in ("low", "high"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.ndim > 1 or not values.size or not np.isfinite(values).all():
                raise ParameterError(f"{name}: expected a number or a row of finite numbers, received {values!r}.")
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if self.low.shape != self.high.shape or (self.low > self.high).any():
            raise ParameterError(f"low: expected numbers up to high's, received {self.low} and {self.high}.")

    def __eq__(self, other):
        if not isinstance(other, Scaler):
            return NotImplemented
        return np.array_equal(self.low, other.low) and np.array_equal(self.high, other.high)

    __hash__ = None

    @property
    def per_bin(self):
        """Whether each bin has a range of its own."""
        return self.low.ndim == 1

    @classmethod
    def fit(cls, arrays, *, per_bin=False):
        """Return the Scaler that maps the values of `arrays` to [-1, 1].

        Parameters
        ----------
        arrays : np.ndarray, or iterable of np.ndarray, each of float and shape (..., bins)
            An iterable, a generator too, is gone through once, one array at a time.
        per_bin : bool, default=False
            A range for each bin. Levels then no longer compare between bins, but quiet bins fill [-1, 1] too.

        Returns
        -------
        Scaler

        Raises
        ------
        ParameterError
            For no values at all, a NaN, or (per bin) arrays of different bins.
        """
        low = high = None
        for values in [arrays] if isinstance(arrays, np.ndarray) else arrays:
            values = _checked(values, per_bin)
            if not values.size:
                continue
            axes = tuple(range(values.ndim - 1)) if per_bin else None
            if low is None:
                low, high = values.min(axis=axes), values.max(axis=axes)
            elif np.shape(low) != values.shape[-1:] and per_bin:
                raise ParameterError(f"arrays: expected {len(low)} bins as in the first, received shape {values.shape}.")
            low, high = np.minimum(low, values.min(axis=axes)), np.maximum(high, values.max(axis=axes))
        if low is None:
            raise ParameterError("arrays: expected at least one value to fit, received none.")
        return cls(low, high)

    @property
    def _half(self):
        """Half the width of the range, shape of `low`; 1 for a constant."""
        half = self.high / 2 - self.low / 2  # halved first: the difference of two large numbers may overflow
        return np.where(half > 0, half, 1.0)

    def transform(self, values, *, clip=False):
        """Return `values` moved so that the fitted range becomes [-1, 1]; :meth:`inverse` is the way back.

        Parameters
        ----------
        values : np.ndarray of float, shape (..., bins)
        clip : bool, default=False
            Move what lies beyond the fitted range to its ends.

        Returns
        -------
        np.ndarray of float32, shape (..., bins)

        Raises
        ------
        ParameterError
            For a NaN, or other bins than were fitted.
        """
        scaled = (self._checked_bins(values) - self.low) / self._half - 1
        return (np.clip(scaled, -1, 1) if clip else scaled).astype(np.float32)

    def inverse(self, scaled):
        """Return `scaled` values in their own unit again; :meth:`transform` is the way there.

        Parameters
        ----------
        scaled : np.ndarray of float, shape (..., bins)

        Returns
        -------
        np.ndarray of float32, shape (..., bins)

        Raises
        ------
        ParameterError
            For a NaN, or other bins than were fitted.
        """
        return ((self._checked_bins(scaled) + 1) * self._half + self.low).astype(np.float32)

    def _checked_bins(self, values):
        values = _checked(values, self.per_bin)
        if self.per_bin and values.shape[-1:] != self.low.shape:
            raise ParameterError(f"values: expected {len(self.low)} bins as fitted, received shape {values.shape}.")
        return values

    def save(self, path):
        """Write the Scaler to `path` as JSON, whole or not at all; :meth:`load` is the inverse."""
        write_json({"format": FORMAT, "low": self.low.tolist(), "high": self.high.tolist()}, path)

    @classmethod
    def load(cls, path):
        """Return the Scaler in a JSON file; DataError if it is missing, broken or something else."""
        content = read_json(path)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise DataError(f"{path}: is not a saved Scaler (its format is not {FORMAT!r}); save it again.")
        try:
            return cls(content["low"], content["high"])
        except (KeyError, TypeError, ValueError) as error:  # ParameterError is a ValueError
            raise DataError(f"{path}: is not a whole Scaler ({error}); save it again.") from error


def _checked(values, per_bin):
    """`values` as float64, finite, with bins if there is a range for each."""
    values = np.asarray(values)
    if values.dtype.kind != "f" or (per_bin and not values.ndim):
        raise ParameterError(f"values: expected an array of floats, received {values.dtype} of shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ParameterError("values: expected numbers, received NaN or infinity; look for it with np.isnan().")
    return values.astype(np.float64)
