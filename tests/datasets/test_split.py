"""The split: exact sizes, whole groups, every label its share, the same for the same seed; and leaks that are found."""

import itertools

import numpy as np
import pytest

from lab_utils.datasets.split import check_split, find_leaks, split_by_group
from lab_utils.errors import ParameterError


def pieces(*sizes):
    """Items of groups 0, 1, 2 … of these sizes."""
    return np.repeat(np.arange(len(sizes)), sizes)


def test_five_styles_of_five_pieces_of_eleven_bars_give_220_and_55():
    groups = pieces(*[11] * 25)
    styles = groups // 5
    folds = split_by_group(groups, labels=styles, sizes={"train": 220, "valid": 55})
    assert (folds == "train").sum() == 220 and (folds == "valid").sum() == 55
    for style in range(5):
        assert len(set(groups[(styles == style) & (folds == "valid")])) == 1
    assert find_leaks(groups, folds) == {}


def test_shares_are_the_default_and_round():
    folds = split_by_group(pieces(*[1] * 11))
    assert (folds == "valid").sum() == 2 and (folds == "train").sum() == 9


def test_every_item_of_a_group_is_in_one_fold_whatever_the_order():
    groups = np.random.default_rng(1).permutation(pieces(7, 3, 9, 2, 2, 5, 12, 1))
    folds = split_by_group(groups, sizes={"train": 0.5, "valid": 0.25, "test": 0.25}, seed=3)
    assert find_leaks(groups, folds) == {}
    assert set(folds) == {"train", "valid", "test"}


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_size_is_reached_as_brute_force_says(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 40, 9)
    wanted = int(rng.integers(1, sizes.sum()))
    folds = split_by_group(pieces(*sizes), sizes={"a": int(sizes.sum()) - wanted, "b": wanted}, seed=seed)
    subsets = itertools.chain.from_iterable(itertools.combinations(sizes, n) for n in range(10))
    best = min(abs(sum(subset) - wanted) for subset in subsets)
    assert abs((folds == "b").sum() - wanted) == best


def test_the_whole_is_exact_even_where_one_label_must_give_way():
    groups, labels = pieces(3, 3, 5, 5), np.repeat(["x", "y"], [6, 10])
    folds = split_by_group(groups, labels=labels, sizes={"train": 11, "valid": 5})
    assert (folds == "valid").sum() == 5  # one group of 5 and none of 3: nearest to each share would give 3


def test_strata_keep_their_share():
    groups = np.arange(1000)
    labels = np.where(groups < 900, "common", "rare")
    folds = split_by_group(groups, labels=labels, sizes={"train": 0.7, "valid": 0.2, "test": 0.1})
    for label, count in (("common", 900), ("rare", 100)):
        assert (folds[labels == label] == "valid").sum() == count // 5
        assert (folds[labels == label] == "test").sum() == count // 10


def test_the_seed_decides():
    groups = pieces(*[4] * 30)
    assert (split_by_group(groups, seed=5) == split_by_group(groups, seed=5)).all()
    assert len({tuple(split_by_group(groups, seed=seed)) for seed in range(8)}) > 4


def test_a_fold_of_nothing_is_empty():
    assert set(split_by_group(pieces(2, 2), sizes={"train": 4, "valid": 0})) == {"train"}


def test_leaks_are_named():
    assert find_leaks(["a", "a", "b", "c"], ["train", "valid", "valid", "train"]) == {"a": ("train", "valid")}
    with pytest.raises(ParameterError, match="'a' in train and valid"):
        check_split(["a", "a", "b"], ["train", "valid", "valid"])
    check_split(["a", "a", "b"], ["train", "train", "valid"])
    with pytest.raises(ParameterError, match="'a' in train and valid"):  # and not np.str_('a')
        check_split(np.array(["a", "a", "b"]), np.array(["train", "valid", "valid"]))


def test_a_split_by_item_leaks_and_the_check_sees_it():
    groups = pieces(*[11] * 25)
    by_item = split_by_group(np.arange(275), sizes={"train": 220, "valid": 55})
    assert len(find_leaks(groups, by_item)) > 15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": []}, "groups: expected at least one item"),
        ({"groups": [1, 2], "sizes": {"train": 0.5, "valid": 0.2}}, "sizes: expected shares that add up to 1"),
        ({"groups": [1, 2], "sizes": {"train": 1, "valid": 2}}, "numbers that add up to 2"),
        ({"groups": [1, 2], "sizes": {"train": 3, "valid": -1}}, "sizes"),
        ({"groups": [1, 2], "sizes": {"train": float("nan"), "valid": 0.5}}, "sizes"),
        ({"groups": [1, 2], "labels": ["a"]}, "labels: expected one for each of 2 items, received 1"),
        ({"groups": [1, 1], "labels": ["a", "b"]}, "received 'a' and 'b' in group 1"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, message):
    with pytest.raises(ParameterError, match=message) as caught:
        split_by_group(arguments.pop("groups"), **arguments)
    assert "\n" not in str(caught.value)


def test_folds_of_another_length_are_refused():
    with pytest.raises(ParameterError, match="expected one for each of 2 items, received 1"):
        find_leaks([1, 2], ["train"])


def test_many_groups_take_no_time():
    groups = np.repeat(np.arange(5000), 20)
    folds = split_by_group(groups, labels=groups % 7, sizes={"train": 0.8, "valid": 0.1, "test": 0.1})
    assert (folds == "valid").sum() == 10_000
