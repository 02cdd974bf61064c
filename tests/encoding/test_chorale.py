"""The chorale grid: tokens, inputs and Scores, each with its way back."""

import numpy as np
import pytest

from lab_utils.encoding import chorale
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array


def random_chorale(seed, steps=96):
    """A grid with rests, held, repeated and changing notes, and its onsets."""
    rng = np.random.default_rng(seed)
    grid = np.zeros((steps, 4), np.int16)
    onsets = np.zeros((steps, 4), bool)
    for voice, centre in enumerate((72, 66, 60, 50)):
        step = 0
        while step < steps:
            length = int(rng.integers(1, 9))
            pitch = int(rng.choice([chorale.SILENT, centre, centre, centre + 2, centre - 3]))
            grid[step : step + length, voice] = pitch
            onsets[step, voice] = pitch != chorale.SILENT
            step += length
    return grid, onsets


@pytest.mark.parametrize("seed", range(5))
def test_tokens_give_grid_and_onsets_back(seed):
    grid, onsets = random_chorale(seed)
    back_grid, back_onsets = chorale.grid_from_tokens(chorale.tokens_from_grid(grid, onsets))
    np.testing.assert_array_equal(back_grid, grid)
    np.testing.assert_array_equal(back_onsets, onsets)


@pytest.mark.parametrize("seed", range(5))
def test_without_onsets_every_change_is_one(seed):
    grid, _ = random_chorale(seed)
    back, onsets = chorale.grid_from_tokens(chorale.tokens_from_grid(grid))
    np.testing.assert_array_equal(back, grid)
    np.testing.assert_array_equal(onsets, chorale.onsets_of_changes(grid))


def test_tokens_of_a_small_case_written_by_hand():
    grid = [[60, -1, 55, 48], [60, -1, 55, 50], [60, 62, -1, 50]]
    onsets = np.array([[1, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 0]], bool)
    c, d, g, low_c, low_d = (p - 28 + 2 for p in (60, 62, 55, 48, 50))
    expected = [[c, 1, g, low_c], [c, 0, 0, low_d], [0, d, 1, 0]]
    np.testing.assert_array_equal(chorale.tokens_from_grid(grid, onsets), expected)


def test_inputs_show_what_stood_before_the_step():
    tokens = chorale.tokens_from_grid([[60, 60, 60, 60], [60, 60, 60, 62], [64, 60, 60, 62]])
    inputs = chorale.inputs_from_tokens(tokens)
    c, d, e = (p - 28 + 2 for p in (60, 62, 64))
    np.testing.assert_array_equal(inputs["sounding"], [[0] * 4, [c] * 4, [c, c, c, d]])
    np.testing.assert_array_equal(inputs["held"], [[0] * 4, [0] * 4, [1, 1, 1, 0]])
    np.testing.assert_array_equal(inputs["current"], [[c] * 4, [c, c, c, d], [e, c, c, d]])


def test_hold_counters_stop_at_their_largest():
    tokens = chorale.tokens_from_grid(np.full((100, 4), 60))
    assert chorale.inputs_from_tokens(tokens)["held"].max() == chorale.LONGEST_HOLD


@pytest.mark.parametrize("seed", range(3))
def test_scores_give_grid_and_onsets_back(seed):
    grid, onsets = random_chorale(seed)
    sounds_last = (grid[-1] != chorale.SILENT).any()
    score = chorale.score_from_chorale(grid, onsets, key=(1, "major"), pickup_steps=4)
    back_grid, back_onsets = chorale.chorale_from_score(score)
    steps = len(back_grid)
    assert steps == len(grid) or not sounds_last
    np.testing.assert_array_equal(back_grid, grid[:steps])
    np.testing.assert_array_equal(back_onsets, onsets[:steps])
    assert (score.key, score.pickup_quarter, score.names) == ((1, "major"), 1.0, chorale.VOICES)


def test_positions_follow_meter_and_upbeat():
    np.testing.assert_array_equal(chorale.positions(20)[[0, 15, 16]], [0, 15, 0])
    np.testing.assert_array_equal(chorale.positions(6, meter=(4, 4), pickup_steps=4), [12, 13, 14, 15, 0, 1])
    np.testing.assert_array_equal(chorale.positions(6, meter=(3, 4), pickup_steps=4), [24, 25, 26, 27, 16, 17])
    assert chorale.positions(500, meter=(3, 4)).max() == chorale.POSITIONS - 1


def test_phrases_count_quarters_to_the_next_fermata():
    fermatas = np.zeros(32, bool)
    fermatas[12:16] = True
    fermatas[28:32] = True
    numbers = chorale.phrases(fermatas)
    np.testing.assert_array_equal(numbers[[0, 4, 8, 12, 15, 16, 24, 28]], [4, 3, 2, 1, 1, 4, 2, 1])
    assert (chorale.phrases(np.zeros(8, bool)) == 0).all()
    fermatas[28:32] = False
    assert chorale.phrases(fermatas).max() == chorale.PHRASES - 1  # after the last one: far away


def test_transposition_moves_pitches_alone():
    numbers = np.array([0, 1, 2, 30])
    np.testing.assert_array_equal(chorale.transpose_sounding(numbers, 3), [0, 1, 5, 33])


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        ([[60, 60, 60]], "expected shape (frames, 4), received (1, 3)"),
        ([[60, 60, 60, 60, 60]], "received (1, 5)"),
        ([], "expected shape (frames, 4)"),
        ([[60, 60, 60, 60], [60]], "rows of other lengths"),
        ([[60, 60, 60, float("nan")]], "received nan in frame 0, bass"),
        ([[60, 60, 60, 60], [60, 120, 60, 60]], "received 120 in frame 1, alto"),
        ([[60, 60.5, 60, 60]], "received 60.5"),
        ([[60, 60, "C", 60]], "rows of other lengths"),
    ],
)
def test_bad_grids_are_refused_in_words(grid, says):
    with pytest.raises(ParameterError) as error:
        chorale.tokens_from_grid(grid)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_bad_tokens_are_refused():
    with pytest.raises(ParameterError, match="hold of nothing"):
        chorale.grid_from_tokens([[0, 5, 5, 5]])
    with pytest.raises(ParameterError, match="numbers 0–65"):
        chorale.grid_from_tokens([[5, 5, 5, 66]])
    with pytest.raises(ParameterError, match="shape"):
        chorale.grid_from_tokens([[5, 5, 5]])


def test_scores_that_are_no_chorale_are_refused():
    five = Score(note_array([(0, 1, 60 + v, 80, v) for v in range(5)]))
    with pytest.raises(ParameterError, match="four voices 0–3, received 5"):
        chorale.chorale_from_score(five)
    with pytest.raises(ParameterError, match="without notes"):
        chorale.chorale_from_score(Score(note_array([])))
    chord = Score(note_array([(0, 1, 60 + v, 80, v) for v in range(4)] + [(0, 1, 67, 80, 0)]))
    with pytest.raises(ParameterError, match="one note at a time"):
        chorale.chorale_from_score(chord)
    low = Score(note_array([(0, 1, p, 80, v) for v, p in enumerate((60, 55, 50, 20))]))
    with pytest.raises(ParameterError, match="received 20 in frame 0, bass"):
        chorale.chorale_from_score(low)
