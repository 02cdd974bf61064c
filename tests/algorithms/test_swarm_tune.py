"""Slots of a rhythm, and the constraints on them, with a vocabulary by hand and a beam over chance."""

import numpy as np
import pytest

from lab_utils.algorithms._swarm_tune import Slot, Symbols, constraints_of, slots_of
from lab_utils.errors import DataError, ParameterError
from lab_utils.generation import beam_search

PITCHES = ["G,", "A,", "B,", "C", "D", "E", "F", "G", "A", "B", "c", "d"]
NAMES = ("<end>", "[M:4/4]", "[K:Dmaj]", "|", "|]", "-", "z2", "^F", "^F2", "e'4", "C/3")
NAMES += tuple(pitch + length for pitch in PITCHES for length in ("", "2", "4"))  # 2, 4 and 8 steps
SYMBOLS = Symbols(NAMES)


def mask_of(*starts, bars=2):
    mask = np.zeros(16 * bars, dtype=bool)
    mask[list(starts)] = True
    return mask


RHYTHM = mask_of(0, 4, 8, 16, 18, 20, 24)  # C2 D2 E4 | C D E2 F4


def fill(mask, form, *, seed=0, **options):
    rng, slots = np.random.default_rng(seed), slots_of(mask)
    logits = rng.normal(size=(len(slots) + 2, len(NAMES)))
    found = beam_search(
        lambda prefixes, state: (np.tile(logits[prefixes.shape[1]], (len(prefixes), 1)), None), len(slots), beams=4,
        start=[1, 2], constraints=constraints_of(slots, form, SYMBOLS, head=2, **options),
    )  # fmt: skip
    return [NAMES[token] for token in found.tokens[0]]


def test_slots_are_notes_and_bar_lines():
    assert slots_of(RHYTHM) == [
        Slot(0, 0, 4), Slot(0, 4, 4), Slot(0, 8, 8), Slot(0, 16, 0),
        Slot(1, 0, 2), Slot(1, 2, 2), Slot(1, 4, 4), Slot(1, 8, 8), Slot(1, 16, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("mask", [np.ones(17, dtype=bool), mask_of(0, 17), mask_of(0, 20), np.ones((2, 16), dtype=bool), []])
def test_what_has_no_slots(mask):
    with pytest.raises(ParameterError, match="mask: expected whole bars of 16 steps"):
        slots_of(mask)


def test_notes_without_accidental_within_the_range():
    assert SYMBOLS.notes[NAMES.index("G,2")] == (("G", 3), 4) and SYMBOLS.notes[NAMES.index("c")] == (("C", 5), 2)
    assert not {NAMES.index(name) for name in ("^F", "z2", "|", "e'4", "C/3")} & set(SYMBOLS.notes)
    moved = SYMBOLS.lengthened(2, 4)
    assert NAMES[moved[NAMES.index("E")]] == "E2" and moved[NAMES.index("E2")] == -1 and moved[NAMES.index("^F")] == -1


def test_every_constraint_holds_whatever_the_model_says():
    for seed in range(30):
        first, second = " ".join(fill(RHYTHM, "AA", seed=seed)).split(" | ")
        one, (*other, end) = first.split(), second.split()
        assert [len(one), len(other), end] == [3, 4, "|]"] and other[-1] in ("C4", "c4")
        assert [name[-1] for name in one] == ["2", "2", "4"] and other[2][-1] == "2"
        assert one[0] == other[0] + "2" and one[1] == other[2]  # both start together; E4 and F4 too
        assert one[2] == other[3]
        assert not any("^" in name or "z" in name for name in one + other)


def test_bars_of_different_letters_and_free_steps_are_not_tied():
    def apart(form, **options):
        pairs = [fill(RHYTHM, form, seed=seed, **options) for seed in range(20)]
        return sum(tune[2] != tune[7] for tune in pairs)  # the notes of eight steps

    assert apart("AA") == 0 and apart("AB") > 10 and apart("AA", free=8) > 10


def test_a_length_without_a_sign_is_told():
    with pytest.raises(ParameterError, match="mask: has a note of 14 steps"):
        fill(mask_of(0, 14, 16), "AA")
    with pytest.raises(DataError, match=r"run: its network does not know '\[M:3/4\]'"):
        SYMBOLS.number("[M:3/4]")
