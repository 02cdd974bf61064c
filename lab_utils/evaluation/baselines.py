"""Three baselines beside every likelihood of voices on a grid: counts of what came, after what, and where in the beat.

Each voice has its own unigram, bigram, and bigram by position in the beat, fitted on a run's own training fold and kept with the
run. They smooth by adding a constant to every count (Lidstone, 1920). A position counts the 16ths of a beat from the first frame.
The recipe ``chorale`` and the notebook ``05_recurrent_networks`` use them; for one voice ``densities.NGram`` is the stronger
rival. What they draw, :meth:`Baselines.sample` and :func:`bigram_grids`, is the floor under what networks generate (``09_gan``).
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

    def sample(self, name, count, *, steps, seed):
        """Return sequences drawn from the baseline `name`, one voice without the others: int, shape (count, steps, voices)."""
        if name not in self.NAMES:
            raise ParameterError(f"name: expected one of {', '.join(self.NAMES)}; received {name!r}.")
        rng = np.random.default_rng(seed)
        counts = self.counts[name]
        summed = np.cumsum(counts + self.added, axis=-1)  # (voices, beat, before, symbols)
        made = np.full((count, steps + 1, self.voices), self.symbols)  # the first frame is "nothing yet"
        voice = np.arange(self.voices)
        for step in range(steps):
            before = made[:, step] if counts.shape[2] > 1 else np.zeros((count, self.voices), int)
            row = summed[voice, step % BEAT if counts.shape[1] > 1 else 0, before]  # (count, voices, symbols)
            if (row[..., -1] <= 0).any():
                raise ParameterError("added: expected more than 0, for a symbol was drawn that nothing ever followed.")
            drawn = rng.random((count, self.voices, 1)) * row[..., -1:]
            made[:, step + 1] = (row <= drawn).sum(axis=-1)
        return made[:, 1:]

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


def bigram_grids(pieces, *, count, steps, seed):
    """Return grids that a bigram of each voice draws: the floor that generated music is set beside.

    Each voice's 16ths follow one another as in `pieces`, whatever the other voices and the place in the bar.

    Parameters
    ----------
    pieces : sequence of np.ndarray of int, each shape (T, voices)
        MIDI pitch, or −1 for a rest. What a piece begins with is what the drawn grids begin with.
    count, steps : int
    seed : int

    Returns
    -------
    np.ndarray of int16, shape (count, steps, voices)
    """
    pieces = [np.asarray(piece) for piece in pieces]
    if not pieces:
        raise ParameterError("pieces: expected grids to count in, received none.")
    symbols = np.unique(np.concatenate([piece.ravel() for piece in pieces]))
    model = Baselines(symbols=len(symbols), voices=pieces[0].shape[1], added=1e-9)  # so that a dead end has a way on
    model.fit([np.searchsorted(symbols, piece) for piece in pieces])
    return symbols[model.sample("bigram", count, steps=steps, seed=seed)].astype(np.int16)
