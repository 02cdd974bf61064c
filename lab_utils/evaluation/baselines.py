"""Three baselines beside every likelihood of voices on a grid: counts of what came, after what, and where in the beat.

Each voice has its own unigram, bigram, and bigram by position in the beat, fitted on a run's own training fold and kept with the
run. They smooth by adding a constant to every count (Lidstone, 1920). A position counts the 16ths of a beat from the first frame.
The recipe ``chorale`` and the notebook ``05_recurrent_networks`` use them; for one voice ``densities.NGram`` is the stronger rival.
"""

import io

import numpy as np

from lab_utils.errors import DataError, ParameterError

BEAT = 4  # 16ths in a beat


class Baselines:
    """Unigram, bigram, and bigram by position in the beat of each voice, with added counts.

    Parameters
    ----------
    symbols : int
        How many symbols S a voice chooses from.
    voices : int
    added : float
        The constant added to each count.

    Notes
    -----
    A sequence is an int array, shape (T, voices). The first frame has no frame before it; the bigrams take one more symbol,
    S, for "nothing yet".
    """

    NAMES = ("unigram", "bigram", "bigram_beat")

    def __init__(self, *, symbols, voices=4, added=0.1):
        self.symbols, self.voices, self.added = symbols, voices, added
        self.counts = {
            "unigram": np.zeros((voices, 1, 1, symbols), np.int64),
            "bigram": np.zeros((voices, 1, symbols + 1, symbols), np.int64),
            "bigram_beat": np.zeros((voices, BEAT, symbols + 1, symbols), np.int64),
        }  # voice, position in the beat, symbol before, symbol

    def fit(self, pieces):
        """Count the symbols of `pieces`, a list of int arrays (T, voices); return self."""
        for piece in pieces:
            before, voice, beat = self._conditions(piece)
            np.add.at(self.counts["unigram"], (voice, 0, 0, piece), 1)
            np.add.at(self.counts["bigram"], (voice, 0, before, piece), 1)
            np.add.at(self.counts["bigram_beat"], (voice, beat, before, piece), 1)
        return self

    def nll(self, name, piece):
        """Return the nats of each note of `piece` (T, voices) under the baseline `name`, shape (T, voices)."""
        if name not in self.NAMES:
            raise ParameterError(f"name: expected one of {', '.join(self.NAMES)}; received {name!r}.")
        before, voice, beat = self._conditions(piece)
        counts = self.counts[name]
        index = (voice, beat if counts.shape[1] > 1 else 0, before if counts.shape[2] > 1 else 0)
        seen = np.broadcast_to(counts[index].astype(float), (*piece.shape, self.symbols))
        of_this = np.take_along_axis(seen, piece[..., None], axis=-1)[..., 0]
        return -np.log((of_this + self.added) / (seen.sum(axis=-1) + self.added * self.symbols))

    def _conditions(self, piece):
        piece = np.asarray(piece)
        if piece.ndim != 2 or piece.shape[1] != self.voices or piece.min() < 0 or piece.max() >= self.symbols:
            raise ParameterError(f"piece: expected (frames, {self.voices}) symbols 0–{self.symbols - 1}, received {piece.shape}.")
        before = np.vstack([np.full((1, self.voices), self.symbols), piece[:-1]])
        return before, np.arange(self.voices)[None, :], (np.arange(len(piece)) % BEAT)[:, None]

    def to_bytes(self):
        """Return the counts as the bytes of a compressed array file."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, added=self.added, **self.counts)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data, *, name="baselines"):
        """Return the Baselines that :meth:`to_bytes` wrote; `name` is the file's, for the message if it is broken."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                counts = {key: arrays[key] for key in cls.NAMES}
                added = float(arrays["added"])
        except Exception as error:  # a broken archive raises a different error for every way of being broken
            raise DataError(f"{name}: is no file of baselines ({error}); train the run again.") from error
        made = cls(symbols=counts["unigram"].shape[-1], voices=len(counts["unigram"]), added=added)
        made.counts = counts
        return made
