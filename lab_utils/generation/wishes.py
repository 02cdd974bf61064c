"""Soft constraints: what a sequence of tokens had better be, as scores beside the log-probabilities of a search.

An object with a ``name`` and ``score(prefixes, step) -> float (B, V)``, in nats: what it adds for each token at `step` after
`prefixes` (B, step). It forbids nothing. What hard constraints are, and the words used here:
:mod:`lab_utils.generation.constraints`.

Left out: wishes about a whole piece. Used by the notebook ``13_restricted_beam_search``.
"""

from dataclasses import dataclass

import numpy as np

from lab_utils.generation.constraints import Alphabet


@dataclass(frozen=True, eq=False)
class Soft:
    """A wish for each step by itself: `table`, float (V,) or (T, V), nats."""

    name: str
    table: np.ndarray

    def score(self, prefixes, step):
        """Return float (B, V)."""
        table = np.asarray(self.table, dtype=float)
        row = table if table.ndim == 1 else table[step] if step < len(table) else np.zeros(table.shape[1])
        return np.broadcast_to(row, (len(prefixes), table.shape[-1]))


def prefer(alphabet, pitch_classes, *, weight=1.0):
    """Return the Soft wish for notes of these pitch classes: `weight` nats each time one starts."""
    fits = alphabet.starts & np.isin(alphabet.array % 12, np.asarray(pitch_classes) % 12)
    return Soft("preferred pitch classes", weight * fits)


@dataclass(frozen=True, eq=False)
class SmallLeaps:
    """A wish for small steps: each semitone between a note and the one before it costs `weight` nats."""

    alphabet: Alphabet
    weight: float = 0.1
    name: str = "small leaps"

    def score(self, prefixes, step):
        """Return float (B, V)."""
        sounds, pitch = self.alphabet.sounding(prefixes), self.alphabet.array
        both = (sounds >= 0)[:, None] & (pitch[sounds] >= 0)[:, None] & self.alphabet.starts
        return np.where(both, -self.weight * np.abs(pitch[None, :] - pitch[sounds][:, None]), 0.0)
