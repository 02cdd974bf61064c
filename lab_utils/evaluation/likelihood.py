"""How well a model predicts four voices on a grid: negative log-likelihood, accuracy, and three baselines beside them.

The contract
------------
1. **joint NLL** = all nats that are needed to rebuild the array, divided by the number of its notes. A note here is one voice in
   one frame, a rest and a held frame included; whatever else a model spends (holds, chord symbols, ends) is added to the nats
   and never to the notes.
2. Whole pieces from their first frame, weighted by note; the mean over pieces stands beside it. Padding changes nothing.
3. The baselines are fitted on the run's own training fold: each voice's unigram, its bigram, and its bigram by position in
   the beat. Copying the previous frame is right three times in four: an accuracy says little without them.

Units are nats. The baselines smooth by adding a constant to every count (Lidstone, 1920); the interval is the bootstrap's over
pieces (Efron, 1979). The notebook ``05_recurrent_networks`` uses it.
"""

import io

import numpy as np

from lab_utils.errors import DataError, ParameterError

BEAT = 4  # 16ths in a beat


def token_nll(logits, tokens):
    """Return the negative log-likelihood of each token, in nats.

    Parameters
    ----------
    logits : np.ndarray, shape (..., V)
        Before the softmax.
    tokens : np.ndarray of int, shape (...)

    Returns
    -------
    np.ndarray of float64, shape (...)
    """
    logits = np.asarray(logits, dtype=np.float64)
    if logits.shape[:-1] != np.shape(tokens):
        raise ParameterError(f"logits: expected shape {np.shape(tokens)} + (tokens,), received {logits.shape}.")
    peak = logits.max(axis=-1, keepdims=True)
    log_sum = peak[..., 0] + np.log(np.exp(logits - peak).sum(axis=-1))
    return log_sum - np.take_along_axis(logits, np.asarray(tokens)[..., None], axis=-1)[..., 0]


def summary(pieces, *, seed=0, draws=1000):
    """Return the figures of a set of pieces from the NLL of their notes.

    Parameters
    ----------
    pieces : list of np.ndarray, each shape (T, voices)
        Nats of each note; no padding.
    seed, draws : int
        Of the bootstrap over pieces.

    Returns
    -------
    dict
        ``joint_nll``, nats a note; ``per_piece_nll``, the mean over pieces; ``interval``, the 95 % bootstrap interval of
        joint_nll; ``by_beat_position``, joint NLL on each 16th of a beat; ``notes``, their number.
    """
    if not pieces or any(np.ndim(p) != 2 or not np.size(p) for p in pieces):
        raise ParameterError("pieces: expected at least one array of shape (frames, voices), received none or another shape.")
    nats, notes = np.array([p.sum() for p in pieces]), np.array([p.size for p in pieces])
    drawn = np.random.default_rng(seed).integers(len(pieces), size=(draws, len(pieces)))
    spread = nats[drawn].sum(axis=1) / notes[drawn].sum(axis=1)
    by_position = [np.concatenate([p[i::BEAT].ravel() for p in pieces]) for i in range(BEAT)]
    return {
        "joint_nll": float(nats.sum() / notes.sum()),
        "per_piece_nll": float((nats / notes).mean()),
        "interval": [float(q) for q in np.quantile(spread, (0.025, 0.975))],
        "by_beat_position": [float(p.mean()) if len(p) else None for p in by_position],
        "notes": int(notes.sum()),
    }


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


def evaluate(nll, right, symbols, baselines):
    """Return the figures of a model with its baselines beside it.

    Parameters
    ----------
    nll : list of np.ndarray, each shape (T, voices)
        The model's nats for each note.
    right : list of np.ndarray of bool, each shape (T, voices)
        Whether the model's first choice was the note.
    symbols : list of np.ndarray of int, each shape (T, voices)
        The pieces as the baselines read them.
    baselines : Baselines
        Fitted on the run's training fold.

    Returns
    -------
    dict
        What :func:`summary` returns, with ``accuracy``, ``pieces`` (their number) and ``baselines``, the joint NLL of each.
    """
    if not len(nll) == len(right) == len(symbols):
        raise ParameterError(f"nll, right, symbols: expected as many pieces, received {len(nll)}, {len(right)}, {len(symbols)}.")
    figures = summary(nll)
    figures["accuracy"] = float(sum(r.sum() for r in right) / figures["notes"])
    figures["pieces"] = len(nll)
    figures["baselines"] = {
        name: summary([baselines.nll(name, piece) for piece in symbols])["joint_nll"] for name in Baselines.NAMES
    }
    return figures
