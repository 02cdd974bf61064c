"""Is one model really better than another? The paired bootstrap over pieces.

Conventions
-----------
* Both models are scored on the same notes of the same pieces; figures are the first's minus the second's, so with nats (less is
  better) a negative **difference** speaks for the first.
* The **difference** is that of the means over all notes. What is drawn anew, with replacement, is whole pieces with the notes of
  both models: notes within a piece depend on each other, and what is hard for one model is hard for the other.
* **share_better** is the share of draws in which the first is the better one (a tie counts half). It is no probability that the
  first model is better, but under 0.975 the two should not be called different.
* It covers the choice of pieces and nothing else: not the seed of the training. For that, train three times.

The bootstrap is Efron's (1979); paired, for comparing systems on a test set, Koehn's (2004). The notebooks ``07_testing`` and
``15_polyphony_benchmark`` use it.
"""

import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation.likelihood import check_pieces, piece_totals


def evaluate(first, second, *, counted=None, seed=0, draws=10_000):
    """Compare two models by the NLL of their notes.

    Parameters
    ----------
    first, second : list of np.ndarray, each shape (T,) or (T, voices)
        Nats of each note under each model; the same pieces in the same order.
    counted : list of np.ndarray of bool, of the same shapes, optional
        True where a note counts, for padded pieces; left out, all count.
    seed, draws : int
        Of the bootstrap over pieces.

    Returns
    -------
    dict
        ``first`` and ``second``, nats a note; ``difference``, first minus second; ``interval``, its 95 % bootstrap interval;
        ``share_better``, the share of draws in which the first has the lower NLL; ``pieces_better``, in how many
        pieces it has; ``pieces``, ``notes``, their numbers.

    Raises
    ------
    ParameterError
        If the pieces of both are not of the same shapes, or there are none.
    """
    second, _ = check_pieces(second, name="second")
    first, counted = check_pieces(first, counted, name="first")
    if [piece.shape for piece in first] != [piece.shape for piece in second]:
        raise ParameterError(
            f"first, second: expected the same pieces, received {len(first)} and {len(second)}, or pieces of other shapes."
        )
    (nats, notes), (other, _) = piece_totals(first, counted), piece_totals(second, counted)
    drawn = np.random.default_rng(seed).integers(len(notes), size=(draws, len(notes)))
    spread = (nats - other)[drawn].sum(axis=1) / notes[drawn].sum(axis=1)  # (draws,)
    return {
        "first": float(nats.sum() / notes.sum()),
        "second": float(other.sum() / notes.sum()),
        "difference": float((nats - other).sum() / notes.sum()),
        "interval": [float(q) for q in np.quantile(spread, (0.025, 0.975))],
        "share_better": float((spread < 0).mean() + (spread == 0).mean() / 2),
        "pieces_better": int((nats < other).sum()),
        "pieces": len(notes),
        "notes": int(notes.sum()),
    }
