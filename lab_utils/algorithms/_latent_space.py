"""A trained note VAE as a space to walk in: phrases ↔ codes, and what of a phrase can be measured and moved.

Phrases are tokens int32, shape (N, 32): two bars of one voice in 16ths, see :mod:`lab_utils.recipes._vae_phrases`; codes are
float32, shape (N, Z), the means of q(z | x).

The unit of length is the **spread** of a space: the mean standard deviation of q(z | x). Nearer than this the decoder was trained
to write the same phrase, so a neighbourhood has to be about as wide, and a move several times as long.

The measures, each (N,) of phrases:

* ``density``: how many notes start.
* ``range``: semitones from the lowest pitch to the highest; 0 without a note.
* ``mode``: how much more major than minor, −2 to 2 (:mod:`lab_utils.evaluation.modality`).
"""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from lab_utils.encoding.chorale import FIRST_PITCH, HOLD
from lab_utils.errors import DataError, ParameterError, check_whole
from lab_utils.evaluation import morph as measured
from lab_utils.evaluation.modality import chroma_of_grid, modality
from lab_utils.generation import attributes
from lab_utils.generation import latent as ways
from lab_utils.recipes import vae

WAYS = {"arc": ways.slerp, "line": ways.lerp}
STOPS, FINE = 9, 65
BY, STEPS = 4.5, 2  # of a move along an attribute: how far, in spreads, and how often the direction is asked afresh
RADIUS = 0.8  # spreads: of the neighbourhood in which a direction is asked for
SPREAD_OF = 512  # phrases


def density(tokens):
    """Return how many notes start in phrases (N, T), int (N,)."""
    return (np.asarray(tokens) >= FIRST_PITCH).sum(axis=1)


def span(tokens):
    """Return the semitones from the lowest to the highest pitch of phrases (N, T), int (N,); 0 without a note."""
    tokens = np.asarray(tokens)
    notes = tokens >= FIRST_PITCH
    high, low = np.where(notes, tokens, -1).max(axis=1), np.where(notes, tokens, np.iinfo(np.int32).max).min(axis=1)
    return np.where(notes.any(axis=1), high - low, 0)


def mode(tokens):
    """Return how much more major than minor phrases (N, T) are, float (N,)."""
    return modality(chroma_of_grid(vae.grids(tokens)[0][..., 0]))


MEASURES = {"density": density, "range": span, "mode": mode}


@dataclass(eq=False)
class Space:
    """A trained VAE's space; made by :func:`open_space`.

    Parameters
    ----------
    run : str
    data : str
        What it was trained on, as :func:`lab_utils.recipes.vae.prepare` takes it.
    model : NoteVAE
    """

    run: str
    data: str
    model: object
    _folds: dict = field(default_factory=dict, repr=False)

    @property
    def size(self):
        """Z, how many latent numbers there are."""
        return self.model.size

    @cached_property
    def spread(self):
        """The mean standard deviation of q(z | x), a float."""
        return float(vae.encode(self.model, self.fold("train").tokens[:SPREAD_OF], spread=True)[1].mean())

    def encode(self, tokens):
        """Return the codes of phrases (N, 32): the means of q(z | x)."""
        return vae.encode(self.model, tokens)

    def decode(self, codes):
        """Return the phrases of codes (N, Z)."""
        return vae.decode(self.model, codes)

    def reconstruct(self, tokens):
        """Return phrases (N, 32) as they come back out of their codes."""
        return ways.reconstruct(self.encode, self.decode, tokens)

    def fold(self, name):
        """Return the :class:`~lab_utils.recipes.vae.Phrases` of a fold of the data that it was trained on."""
        if not self._folds:
            self._folds.update(vae.prepare(self.data))
        if name not in self._folds:
            raise ParameterError(f"fold: expected one of {', '.join(self._folds)}; received {name!r}.")
        return self._folds[name]

    def sample(self, count, *, seed=0, temperature=1.0):
        """Return phrases of the prior, (count, 32)."""
        return self.decode(ways.prior(count, self.size, seed=seed, temperature=temperature))

    def morph(self, first, second, *, count=STOPS, way="arc", even=True, fine=FINE):
        """Return the :class:`~lab_utils.generation.latent.Way` from one phrase (32,) to another; the ends are reconstructions.

        Parameters
        ----------
        first, second : array_like of int, shape (32,)
        count : int
            Stops, both ends included.
        way : {"arc", "line"}
        even : bool
            Of `fine` points on the way take those at which the phrase changes evenly and does not turn back, by edit distance;
            else the stops are equally far apart in the space.
        fine : int
        """
        if way not in WAYS:
            raise ParameterError(f"way: expected 'arc' or 'line', received {way!r}.")
        table = measured.distance_table if even else None
        return ways.interpolate(
            self.encode, self.decode, first, second, count=count, way=WAYS[way], distances=table, fine=max(fine, count)
        )

    def vectors(self, codes, *, radius=RADIUS, **options):
        """Return the local vectors of all measures at codes (N, Z), by name: :func:`lab_utils.generation.local_vectors`.

        Parameters
        ----------
        codes : array_like of float, shape (N, Z)
        radius : float
            Of the neighbourhood, in spreads.
        options
            ``neighbours`` and ``seed``.
        """
        return attributes.local_vectors(self.decode, MEASURES, codes, radius=radius * self.spread, **options)

    def change(self, codes, name, by=BY, *, steps=STEPS, radius=RADIUS, **options):
        """Return codes (N, Z) moved so that a measure rises, or falls where `by` is below 0; the others are to stay.

        Parameters
        ----------
        codes : array_like of float, shape (N, Z)
        name : {"density", "range", "mode"}
        by : float or array_like of float, shape (N,)
            In spreads.
        steps : int
            How often the direction is asked afresh.
        radius : float
            In spreads.
        options
            ``first``, ``neighbours`` and ``seed`` of :func:`lab_utils.generation.climb`.
        """
        by = np.asarray(by) * self.spread
        return attributes.climb(self.decode, MEASURES, codes, name, by, steps=steps, radius=radius * self.spread, **options)


@lru_cache(maxsize=4)
def open_space(run="vae_tunes"):
    """Return the :class:`Space` of a trained run: its folder, or "vae" or "vae_tunes", which ship. It is loaded once."""
    model, config = vae.load(run)
    return Space(str(run), config["data"], model)


def pairs(phrases, count, *, seed=0):
    """Return `count` pairs of different phrases from different pieces, their numbers, int (count, 2).

    Parameters
    ----------
    phrases : Phrases
    count : int
    seed : int
    """
    check_whole("count", count, 1, 10_000)
    if len(np.unique(phrases.pieces)) < 2:
        raise DataError("phrases: all are of one piece; a pair needs two.")
    rng, found = np.random.default_rng(seed), []
    for _ in range(100 * count):
        one, other = rng.integers(len(phrases), size=2)
        if phrases.pieces[one] != phrases.pieces[other] and (phrases.tokens[one] != phrases.tokens[other]).any():
            found.append((one, other))
        if len(found) == count:
            return np.array(found)
    raise DataError(f"phrases: not {count} pairs of different phrases were found; give more pieces.")


def crossfade(first, second, shares, *, seed=0):
    """Return phrases that take each 16th's token from the one or the other: the rival of a morph, which knows no music.

    Parameters
    ----------
    first, second : array_like of int, shape (32,)
    shares : array_like of float, shape (count,)
        So large a share of the 16ths is the second's; which are swapped first is drawn once, so none is swapped back.
    seed : int

    Returns
    -------
    np.ndarray of int32, shape (count, 32)
    """
    order = np.random.default_rng(seed).permutation(len(np.asarray(first)))
    swapped = order < np.round(np.asarray(shares)[:, None] * len(order))
    mixed = np.where(swapped, second, first).astype(np.int32)
    mixed[:, 0] = np.where(mixed[:, 0] == HOLD, np.asarray(first)[0], mixed[:, 0])
    return mixed
