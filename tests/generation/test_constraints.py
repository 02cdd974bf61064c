"""Each constraint allows what its words say and nothing else, seen on sequences that can be read by eye."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.generation import constraints as made
from lab_utils.generation.lookahead import Constraints

LETTERS = made.Alphabet.of_steps(60, 72)  # 0 hold, 1 rest, 2 is C4
HOLD, REST = 0, 1


def keeps(constraint, *tokens):
    """Whether a sequence of tokens keeps a constraint."""
    return bool(Constraints([constraint], steps=len(tokens), size=LETTERS.size).hold(np.array([tokens]))[0])


def note(pitch):
    return LETTERS.token(pitch)


def test_an_alphabet_says_what_tokens_mean():
    assert LETTERS.size == 15 and note(60) == 2 and LETTERS.token(made.RESTS) == REST and LETTERS.token(made.HOLDS) == HOLD
    np.testing.assert_array_equal(np.flatnonzero(LETTERS.starts), np.arange(2, 15))
    with pytest.raises(ParameterError, match="60 to 72, received 59"):
        note(59)


def test_what_sounds_is_the_last_token_that_was_no_hold():
    prefixes = np.array([[HOLD, HOLD, HOLD], [5, HOLD, HOLD], [5, REST, HOLD], [5, 6, 7]])
    np.testing.assert_array_equal(LETTERS.sounding(prefixes), [-1, 5, 1, 7])
    np.testing.assert_array_equal(LETTERS.sounding(prefixes[:, :0]), [-1] * 4)


@pytest.mark.parametrize(
    ("key", "inside", "outside"),
    [((0, "major"), (60, 62, 64, 65, 67, 69, 71), (61, 66, 70)), ((-3, "major"), (60, 63, 68, 70), (64, 69, 71)),
     ((0, "minor"), (60, 64, 66, 68), (61, 63, 70)), ((7, "major"), (61, 63, 60), (62,)), ((-7, "minor"), (68, 71, 61), (60,))],
)  # fmt: skip
def test_a_key_has_its_notes(key, inside, outside):
    fits = made.in_key(LETTERS, *key).at(0)
    assert fits[[note(pitch) for pitch in inside]].all() and not fits[[note(pitch) for pitch in outside]].any()
    assert fits[[HOLD, REST]].all()


def test_a_range_has_its_ends():
    fits = made.in_range(LETTERS, 62, 64).at(9)
    np.testing.assert_array_equal(LETTERS.array[fits], [made.HOLDS, made.RESTS, 62, 63, 64])


def test_pins_fix_a_note_and_how_long_it_is_held():
    pinned = made.pins(LETTERS, {1: (64, 2), 4: made.RESTS})
    assert keeps(pinned, 5, note(64), HOLD, 7, REST)
    assert not keeps(pinned, 5, note(64), 7, 7, REST)  # not held
    assert not keeps(pinned, 5, note(65), HOLD, 7, REST)
    assert not keeps(pinned, 5, note(64), HOLD, 7, HOLD)


def test_a_rhythm_says_where_notes_start():
    onsets = [True, False, True]
    assert keeps(made.rhythm(LETTERS, onsets), 5, HOLD, 6)
    assert not keeps(made.rhythm(LETTERS, onsets), 5, 6, 6) and not keeps(made.rhythm(LETTERS, onsets), 5, HOLD, REST)
    assert keeps(made.rhythm(LETTERS, onsets, rests=True), 5, HOLD, REST)


def test_metre_keeps_to_the_grid_and_to_bar_lines():
    assert keeps(made.metre(LETTERS, 4, bar=4, grid=2), 5, HOLD, REST, HOLD)
    assert not keeps(made.metre(LETTERS, 4, bar=4, grid=2), 5, 6, HOLD, HOLD)
    upbeat = made.metre(LETTERS, 4, bar=4, pickup=1, over_bar_lines=False)
    assert keeps(upbeat, 5, 6, HOLD, 7) and not keeps(upbeat, 5, HOLD, 6, 7)
    assert keeps(made.metre(LETTERS, 4, bar=4, pickup=1), 5, HOLD, 6, 7)


def test_a_cadence_ends_on_a_long_note():
    ending = made.cadence(LETTERS, 4, [0], length=2)
    assert keeps(ending, 5, 6, note(72), HOLD)
    assert (
        not keeps(ending, 5, 6, note(62), HOLD) and not keeps(ending, 5, 6, note(60), 5) and not keeps(ending, 5, 6, HOLD, HOLD)
    )


def test_spelling_holds_no_nothing_and_rests_once():
    plain = made.spelling(LETTERS)
    assert keeps(plain, REST, HOLD, 5, 5, HOLD, REST)
    assert not keeps(plain, HOLD, 5) and not keeps(plain, 5, REST, REST) and not keeps(plain, 5, REST, HOLD, REST)
    changes = made.spelling(LETTERS, repeats=False)
    assert keeps(changes, 5, 6, 5, REST, 5) and not keeps(changes, 5, HOLD, 5)


def test_leaps_are_measured_from_the_last_note_across_rests():
    leaps = made.largest_leap(LETTERS, 2)
    assert keeps(leaps, note(60), HOLD, REST, note(62), note(64)) and not keeps(leaps, note(60), REST, HOLD, note(63))


def test_note_lengths_count_held_steps():
    lengths = made.note_lengths(LETTERS, [1, 3])
    assert keeps(lengths, 5, 6, HOLD, HOLD, 7) and keeps(lengths, REST, HOLD, 7, HOLD, HOLD)
    assert not keeps(lengths, 5, HOLD, 6) and not keeps(lengths, 5, HOLD, HOLD, HOLD) and not keeps(lengths, 6, 5, HOLD)


def test_a_motif_comes_again_moved():
    twice = made.motif(LETTERS, 0, 3, 4, semitones=2)
    assert keeps_all(twice, note(60), HOLD, note(62), REST, note(62), HOLD, note(64))
    assert not keeps_all(twice, note(60), HOLD, note(62), REST, note(62), HOLD, note(63))
    assert not keeps_all(twice, REST, HOLD, note(62), REST, HOLD, HOLD, note(64))


def keeps_all(constraints, *tokens):
    return all(keeps(one, *tokens) for one in constraints)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(lambda: made.in_key(LETTERS, 8), "sharps"), (lambda: made.in_key(LETTERS, 0, "dorian"), "minor"),
     (lambda: made.in_range(LETTERS, 70, 60), "lower end"), (lambda: made.pins(LETTERS, {0: 40}), "60 to 72"),
     (lambda: made.pins(LETTERS, {0: (60, 3), 2: 62}), "meet at step 2"),
     (lambda: made.pins(LETTERS, {0: (60, 0)}), "lengths from 1"),
     (lambda: made.given(LETTERS, {0: 15}), "tokens 0 to 14"), (lambda: made.rhythm(LETTERS, []), "one row"),
     (lambda: made.metre(LETTERS, 4, bar=0), "at least 1"), (lambda: made.cadence(LETTERS, 4, [0], length=5), "from 1 to 4"),
     (lambda: made.largest_leap(LETTERS, -1), "0 or more"), (lambda: made.note_lengths(LETTERS, []), "from 1"),
     (lambda: made.motif(LETTERS, 0, 4, 3), "after its end"),
     (lambda: made.Tie("t", np.array([0]), np.array([1]), np.zeros(15, int)), "one of its own")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong, words):
    with pytest.raises(ParameterError, match=words):
        wrong()
