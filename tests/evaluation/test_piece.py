import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.evaluation.piece import bars, copies, evaluate, longest_literal, melody, returning_bars
from lab_utils.score import Score, note_array

UP = (60, 62, 64, 65)  # C D E F, a quarter each
DOWN = (67, 65, 64, 62)
LEAPS = (60, 67, 60, 72)


def score(*passages, **about):
    return Score(note_array([(n, 1.0, pitch) for n, pitch in enumerate(np.concatenate(passages))]), **about)


def test_the_melody_is_the_first_voice_and_of_notes_at_once_the_highest():
    rows = [(0, 1, 60), (0, 1, 64), (1, 1, 62), (0, 2, 40, 80, 1)]
    assert melody(Score(note_array(rows)))["pitch"].tolist() == [64, 62]


def test_bars_are_told_in_16ths_behind_the_upbeat():
    rows, starts = bars(Score(note_array([(0, 1, 55), (1, 3, 60), (4, 2, 62)]), meters=((0, 3, 4),), pickup_quarter=1.0))
    assert rows.tolist() == [[60] * 12, [62] * 8 + [-1] * 4]
    assert np.argwhere(starts).tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("passages", "share"),
    [
        ((UP, DOWN, UP, DOWN), 0.5),
        ((UP, np.add(UP, 2), LEAPS), 1 / 3),  # a sequence comes back
        ((UP, (60, 62, 64, 67)), 0.5),  # a quarter of the bar differs: alike
        ((UP, (60, 62, 65, 67)), 0.0),  # half of it: not
        ((UP,), 0.0),
    ],
)
def test_bars_that_come_back(passages, share):
    assert returning_bars(bars(score(*passages))[0]) == pytest.approx(share)


@pytest.mark.parametrize(
    ("form", "share"),
    [("AAAA", 0.75), ("AABA", 0.25), ("ABAB", 0.5), ("ABCD", 0.0), ("A", 0.0)],
)
def test_the_longest_passage_that_is_repeated_note_for_note(form, share):
    letters = {"A": UP, "B": DOWN, "C": LEAPS, "D": (71, 60, 71, 60)}
    assert longest_literal(*bars(score(*(letters[letter] for letter in form)))) == pytest.approx(share)


def test_a_note_struck_again_is_no_literal_repeat_of_a_long_one_but_is_alike():
    rows, starts = bars(Score(note_array([(0, 4, 60), (4, 2, 60), (6, 2, 60)])))
    assert (returning_bars(rows), longest_literal(rows, starts)) == (0.5, 0.0)


def test_silent_bars_do_not_come_back():
    rows, starts = bars(Score(note_array([(0, 4, 60), (16, 4, 67)])))
    assert len(rows) == 5
    assert (returning_bars(rows), longest_literal(rows, starts)) == (0.2, 0.0)  # the last is the first, a fifth higher


def test_a_copy_is_found_in_another_key_and_with_other_durations():
    tune = np.array([60, 62, 64, 62, 67, 65, 60, 59, 60])
    known = [(np.array([70]), np.array([24])), (np.array([50, 52]), np.array([24, 24])), (tune, np.full(9, 24))]
    same = copies(melody(score(tune + 5)), known)
    assert same == {"longest_copy": 9, "longest_intervals": 9, "copied_from": 2}
    slower = copies(melody(Score(note_array([(2 * n, 2.0, pitch) for n, pitch in enumerate(tune)]))), known)
    assert slower == {"longest_copy": 0, "longest_intervals": 9, "copied_from": -1}


def test_everything_in_one_call():
    piece = score(UP, DOWN, UP, (61, 63, 66, 68))
    found = evaluate(piece, [(np.array(UP), np.full(4, 24))])
    assert found == {
        "bars": 4, "notes": 16, "in_key": 12 / 16, "returning_bars": 0.25, "longest_literal": 0.25,
        "longest_copy": 4, "longest_intervals": 4, "copied_from": 0,
    }  # fmt: skip
    assert "longest_copy" not in evaluate(piece)


def test_what_is_no_piece():
    with pytest.raises(ParameterError, match="expected a Score, received list"):
        evaluate([60, 62])
    with pytest.raises(ParameterError, match="two notes or more, received 1"):
        evaluate(Score(note_array([(0, 1, 60)])))
