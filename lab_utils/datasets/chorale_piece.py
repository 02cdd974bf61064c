"""Chorale: four voices on a grid of 16ths, with what the grid alone cannot say (onsets, fermatas, meter, key, upbeat).

It loads nothing but numpy, so that the shipped chorales are read without music21.
"""

from dataclasses import dataclass

import numpy as np

REST = -1


@dataclass(frozen=True, eq=False)
class Chorale:
    """A four-part chorale on a grid of 16ths; the voices are soprano, alto, tenor, bass.

    Parameters
    ----------
    name : str
        The corpus's name, "bwv269".
    title : str
        The hymn's first line; empty where no catalogue has it.
    grid : np.ndarray of int16, shape (frames, 4)
        MIDI pitch, -1 for a rest.
    onsets : np.ndarray of bool, shape (frames, 4)
        True where a note starts, so that a repeated note is not a long one.
    fermatas : np.ndarray of bool, shape (frames,)
    meter : tuple of (beats, beat_unit)
        The first one.
    key : tuple of (sharps, mode)
        Sharps from -7 to 7, mode "major" or "minor".
    pickup_steps : int
        Length of the upbeat in 16ths, 0 if there is none.
    tune : int
        Settings of one hymn tune share this number; -1 before the tunes are compared.
    """

    name: str
    title: str
    grid: np.ndarray
    onsets: np.ndarray
    fermatas: np.ndarray
    meter: tuple
    key: tuple
    pickup_steps: int
    tune: int = -1

    def __len__(self):
        return len(self.grid)

    @property
    def notes(self):
        """The number of notes in the four voices."""
        return int(self.onsets.sum())
