"""The figures of a trained note VAE: what comes back from the latent vectors, and what comes out of the prior.

Every reconstruction is read from the mean of q(z | x), and written freely: nothing of the original but z is seen. So are its
rivals:

* ``hold_everything``: nothing ever starts. ``mean_phrase``: in each step the token that is most frequent there in training.
* ``nearest_training_phrase``: that of the training phrases, moved by up to six semitones, that has the most tokens right.
* ``pca``: as many numbers as the VAE has, of the best linear code of the tokens (one-hot), the largest number of a step taken.

The prior's phrases are compared with the training fold by the overlapped area. Beside them stand the held-out phrases
(``ceiling``), those of a bigram sampler, which knows the token before and the place in the phrase, and phrases whose steps are
drawn each by itself. The reference is in its own keys; the network was trained in all of them.
"""

import numpy as np

from lab_utils.densities import PCA, NGram
from lab_utils.encoding import chorale, melody
from lab_utils.encoding.chorale import FIRST_PITCH, HOLD, VOCABULARY
from lab_utils.errors import ParameterError, check_whole
from lab_utils.evaluation import nearest, reconstruction, style
from lab_utils.recipes import _chorale_pieces as chorale_pieces
from lab_utils.recipes import _vae_network as network
from lab_utils.recipes import _vae_phrases as phrases_of
from lab_utils.storage import read_json

QUARTERS = 8.0
ACTIVE = 0.01  # variance of the means over the phrases (Burda et al., 2016)
COMPARED = 300  # phrases that look for their nearest one
KEYS = range(-6, 7)


def of_run(run, *, fold="valid", grid=None, samples=1000, seed=0):
    """Return the figures of one run; parameters as those of the recipe's ``evaluate``."""
    model, config = network.load(run)
    check_whole("samples", samples, 2, 100_000)
    folds = phrases_of.prepare(config["data"])
    if fold not in folds:
        raise ParameterError(f"fold: expected one of {', '.join(folds)}; received {fold!r}.")
    held, train = folds[fold], folds["train"]
    if grid:
        held = phrases_of.from_grids(chorale_pieces.pieces_from_grids(read_json(grid), grid))
    found = _rebuilt(model, held.tokens)
    drawn = network.sample(model, samples, seed=seed)
    prior = _prior(drawn, held.tokens, train.tokens, seed=seed)
    return {
        "step_accuracy": found.pop("step_accuracy"), "onset_f1": found.pop("onset_f1"), "kl": found.pop("kl"),
        "prior_overlapped_area": prior.pop("overlapped_area"), "data": config["data"], "fold": "of the file" if grid else fold,
        "phrases": len(held), "pieces": len(np.unique(held.pieces)), "weights": int(model.count_params()), **found,
        "floor": floors(train, held.tokens, model.size, seed=seed), "prior": prior,
    }  # fmt: skip


def measure(original, rebuilt):
    """Return how well phrases (N, 32) come back.

    Parameters
    ----------
    original, rebuilt : np.ndarray of int, shape (N, 32)

    Returns
    -------
    dict
        ``step_accuracy``, the share of the tokens that are right; ``onset_f1``, ``onset_precision``, ``onset_recall``, of starts
        of the right pitch in the right step; ``sounding_accuracy``, the share of the steps in which the right pitch sounds, or
        rightly nothing.
    """
    onsets = reconstruction.onset_f1([_starts(original)], [_starts(rebuilt)])
    return {
        "step_accuracy": float((original == rebuilt).mean()),
        **{f"onset_{name}": onsets[name] for name in ("f1", "precision", "recall")},
        "sounding_accuracy": float((phrases_of.sounding(original) == phrases_of.sounding(rebuilt)).mean()),
    }


def latent_use(means):
    """Return the number of active latent numbers: those whose mean moves over the phrases (N, Z) (Burda et al., 2016)."""
    return int((np.var(means, axis=0) > ACTIVE).sum())


def floors(train, held, size, *, seed=0):
    """Return the figures of the rivals at rebuilding, a dict of dicts; `size` is how many numbers PCA may have."""
    holds = np.zeros_like(held)
    counts = np.stack([(train.tokens == token).sum(axis=0) for token in range(VOCABULARY)])  # (V, 32)
    chosen = np.random.default_rng(seed).permutation(len(held))[:COMPARED]
    found = {
        "hold_everything": measure(held, np.where(np.arange(held.shape[1]) == 0, counts[:, 0].argmax(), holds)),
        "mean_phrase": measure(held, np.broadcast_to(counts.argmax(axis=0), held.shape)),
        "nearest_training_phrase": measure(held[chosen], _nearest(held[chosen], train.tokens)),
    }
    flat = _one_hot(phrases_of.moved({"tokens": train.tokens, "ranges": train.ranges}, np.random.default_rng(seed))["tokens"])
    if size < min(flat.shape):
        code = PCA(size).fit(flat, seed=seed)
        rebuilt = code.rebuild(_one_hot(held)).reshape(*held.shape, VOCABULARY).argmax(axis=-1)
        rebuilt[:, 0] = np.where(rebuilt[:, 0] == HOLD, held[:, 0], rebuilt[:, 0])
        found["pca"] = measure(held, phrases_of.tidied(rebuilt))
    return found


def _rebuilt(model, tokens):
    """Return the figures of reconstructions, and of the latent vectors."""
    means = network.encode(model, tokens)
    back = network.decode(model, means)
    nll, kl = network.bound(model, tokens)
    kinds = melody.kinds(tokens)
    by_kind = {
        name: {"share": float((kinds == i).mean()), "accuracy": float((back == tokens)[kinds == i].mean())}
        for i, name in enumerate(melody.KINDS)
        if (kinds == i).any()
    }
    return {
        **measure(tokens, back), "kl": float(kl.mean()), "nll": float(nll.mean()),
        "bound_per_step": float((nll + kl).mean() / tokens.shape[1]), "latent": model.size, "active": latent_use(means),
        "spread": float(means.var(axis=0).mean()), "by_kind": by_kind,
    }  # fmt: skip


def _prior(drawn, held, train, *, seed):
    """Return the figures of phrases drawn from the prior, with the floors and the ceiling of the overlapped area."""
    reference = style.features(_notes(train), quarters=QUARTERS)

    def area(tokens):
        found = style.overlapped_area(style.features(_notes(tokens), quarters=QUARTERS), reference, quarters=QUARTERS)
        return found.pop("mean_overlapped_area"), found

    mean, features = area(drawn)
    made, real = (style.evaluate(_notes(tokens), _notes(train), quarters=QUARTERS) for tokens in (drawn, held))
    grids = [phrases_of.grids(tokens)[0] for tokens in (drawn, held[: len(drawn)], train)]
    return {
        "overlapped_area": mean,
        "ceiling": area(held)[0],
        "bigram": area(bigram(train, len(drawn), seed=seed))[0],
        "independent_steps": area(independent(train, len(drawn), seed=seed))[0],
        "features": features,
        "style": made["generated"],
        "style_of_held_out": real["generated"],
        "nearest": nearest.evaluate(*grids, transpositions=6),
    }


def bigram(train, count, *, seed=0):
    """Return phrases (count, 32) of a bigram sampler: each token drawn by what sounded before and the place in the bar."""
    symbols = np.where(train == HOLD, phrases_of.sounding(train) + VOCABULARY, train)  # a hold alone would not tell its pitch
    model = NGram(1, 2 * VOCABULARY, beats=phrases_of.STEPS).fit(list(symbols))
    return _playable(model.sample(count, phrases_of.STEPS, seed=seed))


def independent(train, count, *, seed=0):
    """Return phrases (count, 32) whose steps are each that of some training phrase, drawn anew for every step."""
    rows = np.random.default_rng(seed).integers(len(train), size=(count, train.shape[1]))
    return phrases_of.tidied(np.take_along_axis(train, rows, axis=0))


def _playable(symbols):
    """Return the tokens of a bigram sampler's symbols; a hold of what does not sound starts it."""
    tokens = np.where(symbols >= VOCABULARY, HOLD, symbols)
    for step in range(tokens.shape[1]):
        held = symbols[:, step] - VOCABULARY
        before = phrases_of.sounding(tokens[:, :step])[:, -1] if step else np.zeros(len(tokens), int)
        tokens[:, step] = np.where((held >= 0) & (held != before), np.maximum(held, 1), tokens[:, step])
    return phrases_of.tidied(tokens)


def _nearest(tokens, train):
    best, found = np.full(len(tokens), -1), np.zeros_like(tokens)
    for shift in KEYS:
        moved = chorale.transpose_sounding(train, shift).astype(np.int8)
        for i, row in enumerate(tokens.astype(np.int8)):
            same = (moved == row).sum(axis=1)
            if same.max() > best[i]:
                best[i], found[i] = same.max(), moved[same.argmax()]
    return found


def _starts(tokens):
    """Return where notes start, bool (N · 32, pitches): phrases end to end, for nothing is moved in time."""
    return np.equal.outer(tokens.ravel(), np.arange(FIRST_PITCH, VOCABULARY))


def _one_hot(tokens):
    return np.eye(VOCABULARY, dtype=np.float32)[tokens].reshape(len(tokens), -1)


def _notes(tokens):
    return style.notes_from_grids(*phrases_of.grids(tokens))
