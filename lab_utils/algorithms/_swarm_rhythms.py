"""The rhythms that the swarm's objective has learnt from: where notes start in whole bars, of the folk tunes and of hymns.

Conventions
-----------
* A mask is bool, shape (bars · bar,): True where a note starts, from a bar line on. A tied note does not start anew.
* **tunes**: the folk tunes in 4/4, 2/2 and 2/4, of which two bars are one of 16 steps; **chorales**: the sopranos of those in
  4/4. Left out is each bar with triplets, with anything else off the grid, or not whole.
* `bar` 16 counts 16ths, 8 eighths; of the coarser grid are the bars that stand on it.
* One mask begins at every bar line that whole bars follow, so neighbours share bars.
"""

from functools import lru_cache

import numpy as np

from lab_utils.encoding import abc_symbols as sym
from lab_utils.errors import ParameterError
from lab_utils.recipes._phrases import OF_16

DATA = ("tunes", "chorales")
GRIDS = (16, 8)
STEPS = 16  # of a bar as the data sets have it
TICKS = sym.TICKS_PER_QUARTER * 4 // STEPS


@lru_cache(maxsize=32)
def rhythms(data="tunes", fold="train", *, bar=16, bars=4):
    """Return the masks of a fold, bool (N, bars · bar), read-only.

    Parameters
    ----------
    data : str
        "tunes" or "chorales".
    fold : str
        "train", "valid" or "test".
    bar : int
        Steps of a bar: 16 or 8.
    bars : int
        How many bars a mask has.
    """
    if data not in DATA or bar not in GRIDS:
        raise ParameterError(f"data, bar: expected one of {', '.join(DATA)} and of {GRIDS}, received {data!r} and {bar!r}.")
    lines = _lines(data, fold)
    size = bars * STEPS
    found = [line[start : start + size] for line, step in lines for start in range(0, len(line) - size + 1, step)]
    masks = np.array(found, dtype=bool).reshape(-1, bars, STEPS)
    apart = STEPS // bar
    on_grid = ~np.delete(masks, np.s_[::apart], axis=2).any(axis=(1, 2))
    masks = masks[on_grid][:, :, ::apart].reshape(-1, bars * bar)
    masks.flags.writeable = False
    return masks


@lru_cache(maxsize=8)
def _lines(data, fold):
    """Runs of whole bars, each (bool (T,), steps from one bar line to the next)."""
    if data == "tunes":
        from lab_utils.datasets import load_tunes

        tunes = [tune for tune in load_tunes().fold(fold) if tune.meter in OF_16]
        return [(line, STEPS * tune.meter[0] // tune.meter[1]) for tune in tunes for line in onsets_of(tune.symbols)]
    from lab_utils.datasets import load_chorales

    pieces = [piece for piece in load_chorales().fold(fold) if piece.meter == (4, 4)]
    return [(piece.onsets[piece.pickup_steps :, 0], STEPS) for piece in pieces]


def onsets_of(symbols):
    """Return the runs of whole bars of a tune's symbols, a list of bool (T,): where notes start.

    Parameters
    ----------
    symbols : sequence of str
        As a :class:`~lab_utils.datasets.tune.Tune` has them.
    """
    full = sym.bar_ticks(symbols[0])
    lines, run, bar, place, tied, off = [], [], [], 0, False, False
    for symbol in [*symbols, "|"]:
        kind = sym.kind(symbol)
        if kind in ("note", "rest"):
            if kind == "note" and not tied:
                bar.append(place)
            place, tied = place + sym.ticks(symbol), False
            off |= place % TICKS > 0
        elif kind == "tie":
            tied = True
        elif kind == "bar" and place:
            if place == full and not off:
                run.append(np.isin(np.arange(0, full, TICKS), bar))
            else:
                lines, run = [*lines, run], []
            bar, place, off = [], 0, False
    return [np.concatenate(run) for run in [*lines, run] if run]
