"""The clock of a tune, counted by eye, and what may stand where."""

import numpy as np
import pytest

from lab_utils.encoding import abc_clock
from lab_utils.encoding.abc_vocabulary import Vocabulary

NAMES = ["[M:6/8]", "[M:4/4]", "[K:Cmaj]", "|", "|:", ":|", "|]", "[1", "[2", "-", "z2", "C2", "D", "E4", "F3"]
#           meter, key, |: upbeat |  a whole bar    | a short last bar :|
REPEATED = ["[M:6/8]", "[K:Cmaj]", "|:", "D", "|", "E4", "C2", "|", "F3", "C2", ":|"]
EIGHTH = 12  # ticks


@pytest.fixture(scope="module")
def clock():
    return abc_clock.Clock(Vocabulary(NAMES))


@pytest.fixture(scope="module")
def ids():
    return Vocabulary(NAMES).ids


def test_the_features_by_eye(clock, ids):
    shown = clock.features(ids(REPEATED))
    assert shown["token"].tolist() == [0, *ids(REPEATED)[:-1]]
    assert (shown["place"] / EIGHTH).tolist() == [0, 0, 0, 0, 1, 0, 4, 6, 0, 3, 5]
    assert (shown["left"] / EIGHTH).tolist() == [0, 6, 6, 6, 5, 6, 2, 0, 6, 3, 1]
    assert (shown["upbeat"] / EIGHTH).tolist() == [0] * 5 + [1] * 6
    assert (shown["close"] / EIGHTH).tolist() == [0, 6, 6, 6, 5, 5, 1, 0, 5, 2, 0]
    assert shown["bar"].tolist() == [0] * 5 + [1, 1, 1, 2, 2, 2]
    assert len(set(shown["meter"][1:])) == 1 and shown["meter"][0] == 0 < shown["meter"][1]
    assert tuple(shown) == abc_clock.FEATURES and all((shown[name] < size).all() for name, size in clock.sizes.items())


def test_a_second_ending_keeps_the_upbeat_of_its_section(clock, ids):
    tune = [*REPEATED[:-3], "[1", "F3", "C2", ":|", "[2", "E4", "C2", "|", "F3", "C2", "|]"]
    shown = clock.features(ids(tune))
    assert shown["upbeat"][-1] == EIGHTH and shown["close"][-1] == 0
    assert shown["bar"][tune.index("[2") + 1] == 1


def test_counting_ends_somewhere(clock, ids):
    shown = clock.features(ids(["[M:4/4]", "[K:Cmaj]", *["E4"] * 40, *["|"] * 40]))
    assert shown["place"].max() == clock.sizes["place"] - 1 and shown["bar"].max() == clock.sizes["bar"] - 1


@pytest.mark.parametrize(
    ("before", "can", "cannot"),
    [
        ([], ["[M:6/8]"], ["[K:Cmaj]", "D", "|", "<end>"]),
        (REPEATED[:1], ["[K:Cmaj]"], ["[M:4/4]", "D", "|:", "<end>"]),
        (REPEATED[:2], ["|:", "D", "E4", "z2"], ["[M:6/8]", "[K:Cmaj]", "<end>"]),
        (REPEATED[:4], ["|", "E4", ":|", "-"], ["[K:Cmaj]", "<end>"]),  # an upbeat may be of any length
        (REPEATED[:6], ["C2", "D", "z2", ":|"], ["|", "E4", "F3", "<end>"]),
        (REPEATED[:7], ["|", ":|", "|]"], ["D", "z2", "[1", "<end>"]),
        (REPEATED[:8], ["[1", "D", ":|"], ["[K:Cmaj]", "<end>"]),
        (REPEATED, ["<end>", "[2", "D"], ["[M:6/8]", "[K:Cmaj]"]),
    ],
)
def test_what_can_come_and_what_cannot(clock, ids, before, can, cannot):
    now = {name: values[-1:] for name, values in clock.features([*ids(before), 0]).items()}
    mask = clock.impossible(now)[0]
    assert not mask[ids([name for name in can if name != "<end>"])].any()
    assert mask[ids([name for name in cannot if name != "<end>"])].all()
    assert mask[0] == ("<end>" in cannot) or "<end>" not in [*can, *cannot]


def test_the_tunes_keep_the_rules(clock, ids):
    from lab_utils.datasets import load_tunes

    tunes = load_tunes().tunes[::40]
    vocabulary = Vocabulary(tune.symbols for tune in tunes)
    clock = abc_clock.Clock(vocabulary)
    for tune in tunes:
        row = np.append(vocabulary.ids(tune.symbols), 0)
        assert not clock.impossible(clock.features(row))[np.arange(len(row)), row].any(), tune.name
