"""The figures of walks through a note VAE's space: morphs, attributes, reconstruction, prior, each beside its rivals.

* **Morphs**: the shipped way (on the arc, at even stops), and beside it the plain arc and the plain line at equal distances, and
  the crossfade of tokens, which never turns back, for it makes no music. What tells them apart are the phrases in the
  **middle**: how much of their notes lies in one scale, how wide their steps are, and the overlapped area with the training fold.
* **Attributes**: each phrase is moved up and down in each attribute. It counts where the attribute of what is decoded has risen
  or fallen *strictly* against that of the code unmoved. A phrase that cannot go further counts as not moved. Beside it stand
  the **control**, a random direction of the same length at each place, and both kinds of **global** vector.
"""

import numpy as np

from lab_utils.algorithms import _latent_space as space_of
from lab_utils.evaluation import morph as measured
from lab_utils.evaluation import style
from lab_utils.generation import attributes
from lab_utils.recipes import vae

QUARTERS = 8.0
MIDDLES = 200  # pairs whose middles are compared
DRAWN = 500
TEMPERATURES = (0.5, 1.0, 1.5)


def of_space(space, *, fold, samples, seed):
    """Return all figures; parameters as those of the algorithm's ``evaluate``."""
    phrases = space.fold(fold)
    chosen = space_of.pairs(phrases, samples, seed=seed)
    ends = phrases.tokens[chosen]  # (pairs, 2, 32)
    morphs = of_morphs(space, ends)
    moved = of_attributes(space, ends.reshape(-1, ends.shape[-1]), seed=seed)
    reference = style.features(_notes(space.fold("train").tokens), quarters=QUARTERS)
    return {
        "monotone": morphs["shipped"]["monotone"], "attribute_moves": moved["local"]["moves"], "run": space.run, "fold": fold,
        "pairs": len(ends), "stops": space_of.STOPS, "morph": morphs,
        "middle": of_middles(space, phrases, reference, seed=seed),
        "attributes": moved, "reconstruction": vae.measure(phrases.tokens, space.reconstruct(phrases.tokens)),
        "prior": {f"temperature_{one:g}": of_prior(space, reference, one, seed=seed) for one in TEMPERATURES},
    }  # fmt: skip


def of_morphs(space, ends):
    """Return the figures of :mod:`lab_utils.evaluation.morph` of the ways between `ends` (N, 2, 32), by way."""
    plain = np.linspace(0, 1, space_of.STOPS)
    kinds = {
        "shipped": lambda *pair: space.morph(*pair).decoded,
        "plain_arc": lambda *pair: space.morph(*pair, even=False).decoded,
        "plain_line": lambda *pair: space.morph(*pair, way="line", even=False).decoded,
        "even_line": lambda *pair: space.morph(*pair, way="line").decoded,
        "crossfade": lambda *pair: space_of.crossfade(*pair, plain),
    }
    return {name: measured.evaluate(np.stack([way(*pair) for pair in ends])) for name, way in kinds.items()}


def of_middles(space, phrases, reference, *, seed):
    """Return what the phrases half-way are like, by way, and held-out phrases beside them; ``length`` is of their codes."""
    first, second = (phrases.tokens[rows] for rows in space_of.pairs(phrases, MIDDLES, seed=seed + 1).T)
    one, other = space.encode(first), space.encode(second)
    found = {}
    for name, way in space_of.WAYS.items():
        codes = np.concatenate([way(a, b, [0.5]) for a, b in zip(one, other, strict=True)])
        found[name] = like(space.decode(codes), reference) | {"length": _length(codes)}
    mixed = [space_of.crossfade(a, b, [0.5], seed=i) for i, (a, b) in enumerate(zip(first, second, strict=True))]
    found["crossfade"] = like(np.concatenate(mixed), reference)
    found["held_out"] = like(first, reference) | {"length": _length(one)}
    return found


def _length(codes):
    return float(np.linalg.norm(codes, axis=1).mean())


def of_prior(space, reference, temperature, *, seed):
    """Return what phrases of the prior at a temperature are like."""
    return like(space.sample(DRAWN, seed=seed, temperature=temperature), reference)


def like(tokens, reference):
    """Return what phrases (N, 32) are like: notes a phrase, range, scale, step, overlapped area with the features `reference`."""
    notes = _notes(tokens)
    rates = style.rates(notes, quarters=QUARTERS)
    area = style.overlapped_area(style.features(notes, quarters=QUARTERS), reference, quarters=QUARTERS)
    found = style.features(notes, quarters=QUARTERS)
    return {
        "notes": float(space_of.density(tokens).mean()), "range": float(space_of.span(tokens).mean()),
        "in_scale": float(np.nanmean(rates["scale_consistency"])), "step": float(found["pitch_shift"].mean()),
        "overlapped_area": float(area["mean_overlapped_area"]),
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ attributes


def of_attributes(space, tokens, *, seed=0, by=space_of.BY):
    """Return how often attributes move as asked, of phrases (N, 32), by kind of vector, and how much else changes."""
    codes = space.encode(tokens)
    before = space.decode(codes)
    train = space.encode(space.fold("train").tokens)
    known = space.decode(train)
    noise = np.random.default_rng(seed).standard_normal(codes.shape)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    first = space.vectors(codes)
    kinds = {
        "local": lambda name, sign: space.change(codes, name, sign * by, first=first),
        "control": lambda name, sign: attributes.move(codes, noise, sign * by * space.spread),
    }
    for way in ("regression", "means"):
        vectors = {name: attributes.attribute_vector(train, of(known), way=way) for name, of in space_of.MEASURES.items()}
        kinds[f"global_{way}"] = lambda name, sign, vectors=vectors: attributes.move(
            codes, vectors[name], sign * by * space.spread
        )
    cases = 2 * len(space_of.MEASURES) * len(codes)
    return {"by": by, "spread": space.spread, "cases": cases} | {
        kind: _moves(space, before, moved) for kind, moved in kinds.items()
    }


def _moves(space, before, moved):
    """Return the shares of `moved` codes, ``moved(name, sign) -> (N, Z)``, whose attribute went the asked way."""
    found, changes, edits = {}, {}, []
    for name, measure in space_of.MEASURES.items():
        for word, sign in (("up", 1), ("down", -1)):
            after = space.decode(moved(name, sign))
            found[f"{name}_{word}"] = float(np.mean(sign * (measure(after) - measure(before)) > 0))
            changes[f"{name}_{word}"] = {other: float(np.mean(of(after) - of(before))) for other, of in space_of.MEASURES.items()}
            edits.append(measured.edit_distances(before, after).mean())
    each = {name: (found[f"{name}_up"] + found[f"{name}_down"]) / 2 for name in space_of.MEASURES}
    mean = float(np.mean(list(found.values())))
    return {"moves": mean, **each, **found, "edits": float(np.mean(edits)), "mean_change": changes}


def _notes(tokens):
    return style.notes_from_grids(*vae.grids(tokens))
