"""Splits a data set into folds by group, so that nothing of a group is on two sides.

Why by group: the bars of one piece resemble each other (they share key, texture, often whole phrases). Bars dealt out one by
one put the same piece on both sides, and a model is then praised for what it has learnt by heart. So the unit that is dealt
out is the group (the piece, or everything that descends from one work), never the item.

Conventions
-----------
* An item belongs to one group and has, if wanted, one label; a fold is a name such as "train".
* ``sizes`` are shares (floats that add up to 1) or numbers of items (integers that add up to all of them).
* The first fold named takes what the others leave.
* Stratified: every label gets its share of each fold, as nearly as whole groups allow. The size of a fold is exact wherever
  groups can add up to it, even where that costs one label a little of its share.

Leaves out: cross-validation (call it with several seeds), items that belong to two groups (merge those groups first).
Notebook 04 teaches with it; ``stave275`` and every later data set is split by it.
"""

import numpy as np

from lab_utils.errors import ParameterError

NEAREST = 64  # sums kept for each label; more only cost time, for with many groups neighbouring sums are all reachable


def split_by_group(groups, *, sizes=None, labels=None, seed=0):
    """Deal groups of items out to folds.

    Parameters
    ----------
    groups : sequence of hashable, shape (items,)
        The group of each item.
    sizes : dict of fold → float or int
        Shares or numbers of items. Default ``{"train": 0.8, "valid": 0.2}``.
    labels : sequence of hashable, shape (items,), optional
        Stratify by this label; all items of a group must have the same.
    seed : int
        Decides which of the equally good splits is taken.

    Returns
    -------
    np.ndarray of str, shape (items,)
        The fold of each item.

    Raises
    ------
    ParameterError
        No items, sizes that do not add up, labels of another length, a group with two labels.
    """
    groups, labels = _columns(groups, labels)
    wanted = _counts(sizes, len(groups))
    strata = _strata(groups, labels, np.random.default_rng(seed))
    first, *others = wanted
    chosen = {}
    for fold in others:
        for group in _choose(strata, wanted[fold], wanted[fold] / len(groups)):
            chosen[group] = fold
        strata = [[(group, size) for group, size in stratum if group not in chosen] for stratum in strata]
    return np.array([chosen.get(group, first) for group in groups])


def find_leaks(groups, folds):
    """Return the groups that are in more than one fold.

    Give it more than the groups that the split was made by: the notes themselves as bytes, say, find a piece that came in
    twice under two names.

    Parameters
    ----------
    groups : sequence of hashable, shape (items,)
    folds : sequence of str, shape (items,)

    Returns
    -------
    dict of group → tuple of str
        The folds that each such group is in, sorted; empty where nothing leaks.

    Raises
    ------
    ParameterError
        If the two differ in length.
    """
    groups = groups.tolist() if isinstance(groups, np.ndarray) else list(groups)  # a message names 'bach', not np.str_('bach')
    folds = list(folds)
    if len(groups) != len(folds):
        raise ParameterError(f"folds: expected one for each of {len(groups)} items, received {len(folds)}.")
    seen = {}
    for group, fold in zip(groups, folds, strict=True):
        seen.setdefault(group, set()).add(str(fold))
    return {group: tuple(sorted(where)) for group, where in seen.items() if len(where) > 1}


def check_split(groups, folds):
    """Raise a :class:`ParameterError` that names a group which is in more than one fold, if there is one."""
    leaks = find_leaks(groups, folds)
    if leaks:
        group, where = next(iter(leaks.items()))
        raise ParameterError(
            f"folds: expected every group in one fold, received {len(leaks)} in several, {group!r} in {' and '.join(where)}; "
            "split with split_by_group()."
        )


def _columns(groups, labels):
    groups = list(groups)
    labels = [None] * len(groups) if labels is None else list(labels)
    if not groups:
        raise ParameterError("groups: expected at least one item, received none.")
    if len(labels) != len(groups):
        raise ParameterError(f"labels: expected one for each of {len(groups)} items, received {len(labels)}.")
    return groups, labels


def _counts(sizes, items):
    """Turn shares into numbers of items that add up to `items`; the first fold takes the rounding."""
    sizes = dict(sizes or {"train": 0.8, "valid": 0.2})
    shares = any(isinstance(size, float) for size in sizes.values())
    whole = 1 if shares else items
    if not sizes or any(not size >= 0 for size in sizes.values()) or abs(sum(sizes.values()) - whole) > 1e-6:
        raise ParameterError(f"sizes: expected shares that add up to 1 or numbers that add up to {items}, received {sizes}.")
    counts = {fold: round(size * items) if shares else size for fold, size in sizes.items()}
    first = next(iter(counts))
    return {**counts, first: items - sum(count for fold, count in counts.items() if fold != first)}


def _strata(groups, labels, rng):
    """Return for each label its groups in random order: a list of lists of (group, size)."""
    label_of, size_of = {}, {}
    for group, label in zip(groups, labels, strict=True):
        if label_of.setdefault(group, label) != label:
            raise ParameterError(
                f"labels: expected one label a group, received {label_of[group]!r} and {label!r} in group {group!r}; "
                "split that group in two or leave labels out."
            )
        size_of[group] = size_of.get(group, 0) + 1
    order = list(size_of)
    rng.shuffle(order)
    return [[(g, size_of[g]) for g in order if label_of[g] == label] for label in dict.fromkeys(labels)]


def _choose(strata, wanted, share):
    """Return groups of all strata that add up to `wanted` items, or as near as can be, each stratum near its `share`."""
    sums = [_sums([size for _, size in stratum]) for stratum in strata]
    goals = [share * sum(size for _, size in stratum) for stratum in strata]
    goals = [goal * wanted / (sum(goals) or 1) for goal in goals]  # earlier folds have taken their part out of the strata
    costs, picks = {0: 0.0}, []
    for reached, goal in zip(sums, goals, strict=True):
        near = sorted(reached, key=lambda total, goal=goal: abs(total - goal))[:NEAREST]
        costs, pick = _extend(costs, near, goal)
        picks.append(pick)
    total = min(costs, key=lambda total: (abs(total - wanted), costs[total]))
    chosen = []
    for stratum, reached, pick in reversed(list(zip(strata, sums, picks, strict=True))):
        part = pick[total]
        chosen += _groups_of(stratum, reached, part)
        total -= part
    return chosen


def _extend(costs, parts, goal):
    """One step over the strata: the cheapest way to each total, cost being the squared distance from the goals."""
    best, pick = {}, {}
    for total, cost in costs.items():
        for part in parts:
            new = cost + (part - goal) ** 2
            if new < best.get(total + part, np.inf):
                best[total + part], pick[total + part] = new, part
    return best, pick


def _sums(sizes):
    """Return every sum that a subset of `sizes` reaches → the index of the last one used (subset sum by dynamic programming)."""
    reached = {0: None}
    for index, size in enumerate(sizes):
        for total in list(reached):
            reached.setdefault(total + size, index)
    return reached


def _groups_of(stratum, reached, total):
    """Walk a sum of :func:`_sums` back to its groups."""
    groups = []
    while total:
        group, size = stratum[reached[total]]
        groups.append(group)
        total -= size
    return groups
