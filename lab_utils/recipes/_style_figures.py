"""How well styles are told apart: figures of a trained network, beside rivals that need no network.

Conventions
-----------
* **accuracy** is the share of held-out bars whose likeliest style is the right one. A bar of 2 seconds is little: people would
  not reach 1 either.
* **interval** is its 95 % bootstrap interval over *pieces* (Efron, 1979): bars of one piece are alike, so five held-out pieces
  are five cases and not 55. It is wide, and it is the honest one.
* **rotation**: five networks, each with other pieces held out, so that each of the 25 is judged once by a network that never
  saw it. Its mean is far better evidence than one split; ``spread`` is the standard deviation over the five.
* Rivals: **majority** names the commonest style of the training bars; **nearest_neighbour** the style of the training bar whose
  picture is closest (squared distance), in any of 13 transpositions; **counts** the style whose mean of four plain
  counts is closest: notes, sounding pitches a step, mean pitch, range.
"""

import csv

import numpy as np

from lab_utils.errors import DataError
from lab_utils.recipes._style_data import HOLDOUTS, Material, prepare, shifted
from lab_utils.recipes._style_network import RECIPE, SHIPPED, load, nll
from lab_utils.storage import shipped_folder

DRAWS = 10_000
TABLE = "rotation.csv"
SHIFTS = range(-6, 7)


def of_run(run, material=None):
    """Return the figures of one run on the bars that it was not trained on, a dict."""
    model, config = load(run)
    material = material or prepare(config.variant, bars=config.bars, progress=False)
    train, valid = material.train(config.holdout), material.valid(config.holdout)
    probabilities = model.probability(material.pictures[valid])
    return {
        "variant": config.variant, "holdout": config.holdout, "weights": int(model.count_params()),
        **judged(probabilities, material, valid), **rivals(material, train, valid),
    }  # fmt: skip


def judged(probabilities, material, bars):
    """Return what the probabilities (bars, styles) of some bars of a Material are worth, a dict."""
    called, styles, pieces = probabilities.argmax(axis=1), material.styles[bars], material.pieces[bars]
    right = called == styles
    confusion = counted(styles, called, len(material.names))
    by_piece = {str(piece): float(right[pieces == piece].mean()) for piece in dict.fromkeys(pieces)}
    votes = [probabilities[pieces == piece].mean(axis=0).argmax() == styles[pieces == piece][0] for piece in by_piece]
    return {
        "accuracy": float(right.mean()),
        "interval": interval(right, pieces),
        "nll": float(nll(probabilities, styles).mean()),
        "bars": len(bars),
        "pieces": len(by_piece),
        "piece_accuracy": float(np.mean(votes)),
        "styles": list(material.names),
        "per_style": {name: float(right[styles == i].mean()) for i, name in enumerate(material.names) if (styles == i).any()},
        "per_piece": by_piece,
        "confusion": confusion.tolist(),
    }


def counted(styles, called, classes):
    """Return the confusion matrix, int (classes, classes): rows what it is, columns what it was called."""
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (styles, called), 1)
    return confusion


def interval(right, pieces, *, seed=0, draws=DRAWS):
    """Return the 95 % bootstrap interval of the mean of `right` (bars,) over pieces, [low, high]."""
    groups = [right[pieces == piece] for piece in dict.fromkeys(pieces)]
    sums, sizes = np.array([group.sum() for group in groups]), np.array([len(group) for group in groups])
    drawn = np.random.default_rng(seed).integers(len(groups), size=(draws, len(groups)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return [float(q) for q in np.quantile(means, (0.025, 0.975))]


# ------------------------------------------------------------------------------------------------ rivals


def rivals(material: Material, train, valid):
    """Return the accuracies of the rivals on the bars `valid`, learnt from the bars `train`, a dict."""
    styles = material.styles
    common = np.bincount(styles[train]).argmax()
    return {
        "majority": float((styles[valid] == common).mean()),
        "nearest_neighbour": float((nearest(material, train, material.pictures[valid]) == styles[valid]).mean()),
        "counts": float((by_counts(material, train, valid) == styles[valid]).mean()),
    }


def nearest(material, train, pictures):
    """Return the styles of the nearest of the bars `train` to each of `pictures` (N, T, F), int (N,)."""
    known = material.pictures[train].reshape(len(train), -1)
    squares = (known**2).sum(axis=1)
    best, found = np.full(len(pictures), np.inf), np.zeros(len(pictures), int)
    for shift in SHIFTS:
        moved = np.stack([shifted(picture, shift) for picture in pictures]).reshape(len(pictures), -1)
        distances = squares - 2 * moved @ known.T + (moved**2).sum(axis=1, keepdims=True)  # (N, train)
        closest, chosen = distances.min(axis=1), distances.argmin(axis=1)
        nearer = closest < best
        best, found = np.where(nearer, closest, best), np.where(nearer, material.styles[train][chosen], found)
    return found


def by_counts(material, train, valid):
    """Return the styles whose mean counts are nearest, int (valid,); counts in units of their spread over the bars `train`."""
    counts = np.array([_counts(score) for score in material.scores])
    counts = (counts - counts[train].mean(axis=0)) / counts[train].std(axis=0)
    styles = material.styles[train]
    centres = np.stack([counts[train][styles == style].mean(axis=0) for style in range(len(material.names))])
    return ((counts[valid][:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)


def _counts(score):
    notes, length = score.notes, float(score.bar_lines()[-1])
    return len(notes), notes["duration_quarter"].sum() / length, notes["pitch"].mean(), np.ptp(notes["pitch"])


# ------------------------------------------------------------------------------------------------ the rotation


def rotation(path):
    """Return the figures of a table of the rotation, a dict by variant.

    Parameters
    ----------
    path : str or Path
        What ``compare`` wrote: a row a run and held-out piece, with a column for each style that its bars were called.

    Returns
    -------
    dict of str → dict
        ``mean``, ``spread`` (over the holdouts, their seeds averaged), ``per_holdout``, ``interval`` (bootstrap over the pieces),
        ``seed_spread`` (the widest of a holdout's seeds), ``per_style``, ``confusion`` (all seeds summed), ``pieces``, ``runs``.
    """
    try:
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); make it with `lab-utils compare style`.") from error
    names = list(dict.fromkeys(row["style"] for row in rows))
    by_variant = {}
    for row in rows:
        by_variant.setdefault(row["variant"], []).append(row)
    return {variant: _of_rows(found, names) for variant, found in by_variant.items()}


def _of_rows(rows, names):
    called = np.array([[int(row[name]) for name in names] for row in rows])  # (rows, styles)
    styles = np.array([names.index(row["style"]) for row in rows])
    right, bars = called[np.arange(len(rows)), styles], called.sum(axis=1)
    runs = {}  # (right, bars) of each run, added up over its pieces
    for row, of_row in zip(rows, np.stack([right, bars], axis=1), strict=True):
        run = int(row["holdout"]), int(row["seed"])
        runs[run] = runs.get(run, 0) + of_row
    shares = {}
    for (holdout, _), (hits, all_bars) in sorted(runs.items()):
        shares.setdefault(holdout, []).append(float(hits / all_bars))
    means = np.array([np.mean(of_seeds) for of_seeds in shares.values()])
    pieces = np.repeat([row["piece"] for row in rows], bars)
    each = np.concatenate([np.arange(n) < hits for n, hits in zip(bars, right, strict=True)])
    confusion = np.zeros((len(names), len(names)), int)
    np.add.at(confusion, styles, called)
    return {
        "mean": float(means.mean()), "spread": float(means.std()), "per_holdout": means.tolist(),
        "interval": interval(each, pieces), "seed_spread": max(max(of_seeds) - min(of_seeds) for of_seeds in shares.values()),
        "styles": names, "per_style": dict(zip(names, (np.diag(confusion) / confusion.sum(axis=1)).tolist(), strict=True)),
        "confusion": confusion.tolist(), "pieces": len(set(pieces)), "runs": len(runs),
    }  # fmt: skip


def rows_of(model, config, seed, material):
    """Return the rows of one run for the rotation's table, a list of dict."""
    valid = material.valid(config.holdout)
    called = model.probability(material.pictures[valid]).argmax(axis=1)
    made = []
    for piece in dict.fromkeys(material.pieces[valid]):
        inside = material.pieces[valid] == piece
        counts = np.bincount(called[inside], minlength=len(material.names))
        style = material.names[material.styles[valid][inside][0]]
        row = {"variant": config.variant, "holdout": config.holdout, "seed": seed, "piece": str(piece), "style": style}
        made.append({**row, **dict(zip(material.names, counts.tolist(), strict=True))})
    return made


def rivals_in_rotation(material):
    """Return the rivals' mean accuracy over all holdouts, a dict."""
    made = [rivals(material, material.train(holdout), material.valid(holdout)) for holdout in range(HOLDOUTS)]
    return {name: float(np.mean([figures[name] for figures in made])) for name in made[0]}


def report():
    """Return the figures of both shipped networks, those of the notes first; a dict."""
    figures = {}
    for run in SHIPPED:
        config = RECIPE.open(run)[1]
        material = prepare(config.variant, progress=False)
        found = of_run(run, material)
        table = shipped_folder("checkpoints", run, TABLE)
        turned = {**rotation(table)[config.variant], "rivals": rivals_in_rotation(material)}
        figures[config.variant] = {**found, "rotation": turned}
    return {**figures["notes"], "spectrogram": figures["spectrogram"]}
