"""The clock of a folk tune: where in the bar, in the section and in the head each symbol stands, and what may stand there.

A player knows without counting how much of the bar is left, and that a section which began with an upbeat ends so much short of a
whole bar. A network that has to learn this from a few thousand tunes gets it wrong in every other tune; so it is told.

Conventions
-----------
* Symbols are the numbers of an :class:`~lab_utils.encoding.abc_vocabulary.Vocabulary`; times are ticks, 24 a quarter.
* The features say what stands *before* a symbol: ``token``, the symbol before; ``place``, ticks since the bar line; ``left``,
  ticks that the bar still takes, 0 before the meter is told; ``bar``, bars since the section began, at least 1 in a second
  ending; ``upbeat``, ticks of the section's first bar, 0 if that was a whole one; ``close``, ticks until the section can end,
  as ``left`` without the upbeat; ``meter``, a number, 0 before it is told.
* **What cannot be** (:meth:`Clock.impossible`): a note longer than what is left; a plain bar line in a bar that is not full, but
  after an upbeat; a meter elsewhere than at the start, a key elsewhere than behind it, anything else there; an ending's number
  elsewhere than behind a bar line, the end elsewhere than behind a section's last one. Every tune of the data set ``tunes``
  keeps these rules. That a section's last bar is completed by an upbeat is no such rule: it has exceptions, and is left to
  the network.

Used by the recipe ``melody``; :class:`lab_utils.models.melody_sampler.TuneRule` is the twin that runs inside a network.
"""

import numpy as np

from lab_utils.encoding import abc_symbols as sym
from lab_utils.encoding.abc_vocabulary import END, LAST_BAR, LAST_PLACE

FEATURES = ("token", "place", "left", "bar", "upbeat", "close", "meter")
KINDS = ("end", "meter", "key", "bar", "section", "ending", "sound")  # what a symbol is to the clock; a tie counts as a sound


class Clock:
    """The tables of a vocabulary, and the features of rows of its symbols.

    Parameters
    ----------
    vocabulary : Vocabulary

    Attributes
    ----------
    kinds : np.ndarray of int, shape (V,)
        Numbers into :data:`KINDS`.
    durations : np.ndarray of int, shape (V,)
        In ticks.
    meter_of : np.ndarray of int, shape (V,)
        The number of the meter that a symbol sets, −1 if it sets none.
    bar_ticks : np.ndarray of int, shape (meters + 1,)
        Length of a bar of each meter; 0 of meter 0, which is not told yet.
    sizes : dict of str to int
        How many values each feature takes.
    """

    def __init__(self, vocabulary):
        meters = [name for name in vocabulary.names if sym.kind(name) == "meter"]
        kinds = [self._kind(name, vocabulary.is_section[number]) for number, name in enumerate(vocabulary.names)]
        self.kinds = np.array([KINDS.index(kind) for kind in kinds])
        self.durations = vocabulary.durations
        self.meter_of = np.array([meters.index(name) + 1 if name in meters else -1 for name in vocabulary.names])
        self.bar_ticks = np.array([0, *(min(sym.bar_ticks(name), LAST_PLACE) for name in meters)])
        ticks = LAST_PLACE + 1
        self.sizes = {
            "token": len(vocabulary), "place": ticks, "left": ticks, "bar": LAST_BAR + 1, "upbeat": ticks, "close": ticks,
            "meter": len(meters) + 1,
        }  # fmt: skip

    @staticmethod
    def _kind(name, is_section):
        kind = "end" if name == END else sym.kind(name)
        if kind == "bar" and is_section:
            return "section"
        return kind if kind in KINDS else "sound"

    def features(self, ids):
        """Return the features of a tune, a dict of int32 (T,).

        Parameters
        ----------
        ids : array_like of int, shape (T,)
        """
        rows = np.zeros((len(ids), len(FEATURES)), np.int32)
        token = place = bar = upbeat = meter = 0
        for step, symbol in enumerate(np.asarray(ids).tolist()):
            full = self.bar_ticks[meter]
            left = max(full - place, 0)
            rows[step] = token, place, left, bar, upbeat, max(left - upbeat, 0), meter
            kind = KINDS[self.kinds[symbol]]
            if kind in ("bar", "section", "end"):
                if bar == 0:
                    upbeat = place if place < full else 0
                place, bar = 0, min(bar + 1, LAST_BAR) if kind == "bar" else 0
            else:
                place = min(place + int(self.durations[symbol]), LAST_PLACE)
                bar = max(bar, 1) if kind == "ending" else bar
                meter = int(self.meter_of[symbol]) if kind == "meter" else meter
            token = symbol
        return dict(zip(FEATURES, rows.T.copy(), strict=True))

    def impossible(self, features):
        """Return which symbols cannot come, bool (..., V), from a dict of features, each (...)."""
        before = self.kinds[features["token"]][..., None]
        left, bar, meter = (features[name][..., None] for name in ("left", "bar", "meter"))
        end, told, key, line, section = (self.kinds == KINDS.index(kind) for kind in KINDS[:5])
        start, behind_meter = meter == 0, before == KINDS.index("meter")
        cannot = (start & ~told) | (~start & told) | (behind_meter & ~key) | (~behind_meter & key & ~start)
        cannot |= self.durations > left
        cannot |= line & (left > 0) & (bar > 0)
        cannot |= (self.kinds == KINDS.index("ending")) & (before != KINDS.index("bar")) & (before != KINDS.index("section"))
        return cannot | (end & (before != KINDS.index("section")))
