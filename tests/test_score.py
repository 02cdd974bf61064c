import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.score import NOTE_DTYPE, Score, key_name, note_array


@pytest.fixture
def score():
    """An upbeat, two bars of 3/4 and two of 2/4, in two voices; the tempo halves at quarter 4."""
    rows = [(0, 1, 67), (1, 2, 69), (3, 3, 71), (6, 1, 72, 100), (7, 2, 74), (9, 2, 76), (1, 6, 48, 60, 1), (7, 4, 50, 60, 1)]
    return Score(
        note_array(rows),
        tempos=((0.0, 60.0), (4.0, 120.0)),
        meters=((0.0, 3, 4), (7.0, 2, 4)),
        keys=((0.0, 1, "major"), (7.0, -2, "minor")),
        pickup_quarter=1.0,
        programs=(73, 42),
        names=("Flute", "Cello"),
        title="Piece",
    )


def test_all_keys_have_their_names():
    """Held against music21's, whose flats are written with a minus."""
    from music21.key import Key

    for mode in ("major", "minor"):
        for sharps in range(-7, 8):
            name = key_name(sharps, mode).replace("♭", "-").replace("♯", "#")
            assert Key(name.split()[0], mode).sharps == sharps
    assert key_name(0) == "C major" and key_name(-2) == "B♭ major" and key_name(7, "minor") == "A♯ minor"


# --- notes ------------------------------------------------------------------------------------------------------------


def test_notes_are_sorted_and_have_their_defaults():
    notes = note_array([(1, 2, 60), (0, 1, 64, 90), (0, 1, 60, 70, 1), (0, 1, 62)])
    assert notes.dtype == NOTE_DTYPE
    assert notes.tolist() == [(0, 1, 62, 80, 0), (0, 1, 64, 90, 0), (0, 1, 60, 70, 1), (1, 2, 60, 80, 0)]
    assert note_array([]).shape == (0,)


@pytest.mark.parametrize("row", [(0, 1), (0, 1, 60, 80, 0, 5), ()])
def test_rows_of_another_length_are_refused(row):
    with pytest.raises(ParameterError, match="^rows: expected onset, duration, pitch"):
        note_array([(0, 1, 60), row])


def test_a_score_sorts_its_notes_and_leaves_the_array_it_was_given_alone():
    given = note_array([(0, 1, 60), (1, 1, 62)])[::-1].copy()
    score = Score(given)
    assert score.notes["pitch"].tolist() == [60, 62] and given["pitch"].tolist() == [62, 60]
    given["pitch"] = 0
    assert score.notes["pitch"].tolist() == [60, 62]


def test_a_score_cannot_be_changed(score):
    with pytest.raises(ValueError):
        score.notes["pitch"] += 1
    with pytest.raises(AttributeError):
        score.title = "Other"
    with pytest.raises(TypeError):
        hash(score)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((0, 1, 128), "pitch expects MIDI numbers from 0 to 127, received 128 in note 1"),
        ((0, 1, -1), "pitch"),
        ((0, 1, 60, 0), "velocity expects 1 to 127, received 0"),
        ((0, 1, 60, 128), "velocity"),
        ((0, 1, 60, 80, -1), "voice expects numbers from 0"),
        ((-0.5, 1, 60), "onset_quarter"),
        ((float("nan"), 1, 60), "onset_quarter"),
        ((float("inf"), 1, 60), "onset_quarter"),
        ((0, 0, 60), "duration_quarter expects positive"),
        ((0, -1, 60), "duration_quarter"),
        ((0, float("nan"), 60), "duration_quarter"),
        ((0, float("inf"), 60), "duration_quarter"),
    ],
)
def test_a_note_that_there_is_not_is_refused(row, message):
    good = np.array([(0, 1, 60, 80, 0)], NOTE_DTYPE)
    with pytest.raises(ParameterError, match=rf"^notes: .*{message}"):
        Score(np.concatenate([good, note_array([row])]))


@pytest.mark.parametrize("notes", [np.zeros(3), [(0, 1, 60)], note_array([(0, 1, 60)]).reshape(1, 1)])
def test_notes_of_another_shape_are_refused(notes):
    with pytest.raises(ParameterError, match=r"^notes: expected a row of NOTE_DTYPE.*use note_array\(\)"):
        Score(notes)


# --- the frame --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"tempos": ()}, "tempos: .* the first at 0"),
        ({"tempos": ((1.0, 90.0),)}, "tempos: .* the first at 0"),
        ({"tempos": ((0.0, 0.0),)}, "tempos: .*positive"),
        ({"tempos": ((0.0, float("nan")),)}, "tempos"),
        ({"tempos": ((0.0, float("inf")),)}, "tempos"),
        ({"tempos": ((0.0, 90.0), (2.0, 60.0), (1.0, 70.0))}, "tempos: .*order of time"),
        ({"tempos": ((0.0, 90.0), (0.0, 60.0))}, "tempos: .*order of time"),
        ({"meters": ()}, "meters"),
        ({"meters": ((0.0, 0, 4),)}, "meters: .*beats"),
        ({"meters": ((0.0, 3, 5),)}, "meters"),
        ({"meters": ((0.0, 3),)}, "meters"),
        ({"keys": ((0.0, 8, "major"),)}, "keys: .*-7 to 7"),
        ({"keys": ((0.0, 1, "dorian"),)}, "keys"),
        ({"keys": ((-1.0, 1, "major"),)}, "keys: .*order of time"),
        ({"pickup_quarter": -1.0}, "pickup_quarter"),
        ({"pickup_quarter": float("nan")}, "pickup_quarter"),
        ({"programs": (129,)}, "programs"),
        ({"programs": (-1,)}, "programs"),
    ],
)
def test_a_frame_that_there_is_not_is_refused(score, frame, message):
    with pytest.raises(ParameterError, match=f"^{message}"):
        score.with_(**frame)


def test_lists_are_as_good_as_tuples(score):
    lists = {
        "tempos": [[0.0, 60.0], [4.0, 120.0]],
        "meters": [(0.0, 3, 4), [7.0, 2, 4]],
        "programs": [73, 42],
        "names": ["Flute", "Cello"],
    }
    assert score.with_(**lists) == score


def test_what_says_nothing_is_dropped(score):
    assert score.with_(programs=(73, 42, 0, 0), names=("Flute", "Cello", "")) == score
    assert score.with_(programs=(0, 0), names=("", "")) == score.with_(programs=(), names=())
    assert score.with_(programs=(0, 42)).programs == (0, 42)


def test_scores_are_equal_by_what_they_say(score):
    assert score == score.with_() and score != score.with_(title="Other")
    assert score != score.with_(notes=score.notes[1:]) and score != "score"


def test_what_a_score_tells_of_itself(score):
    assert (len(score), score.voices, score.tempo, score.meter, score.key) == (8, (0, 1), 60.0, (3, 4), (1, "major"))
    assert (score.duration_quarter, score.program(1), score.program(7)) == (11.0, 42, 0)
    assert score.voice_notes(1)["pitch"].tolist() == [48, 50]
    empty = Score(note_array([]))
    assert (len(empty), empty.voices, empty.duration_quarter, empty.key) == (0, (), 0.0, None)


# --- time -------------------------------------------------------------------------------------------------------------


def test_seconds_go_through_every_tempo(score):
    np.testing.assert_allclose(score.seconds([0, 1, 4, 5, 8]), [0, 1, 4, 4.5, 6])
    assert score.seconds(4.5) == 4.25
    assert score.duration_seconds == 4 + 7 * 0.5
    assert score.seconds(np.zeros((2, 3))).shape == (2, 3)


def test_bar_lines_and_numbers(score):
    assert score.bar_lines().tolist() == [0, 1, 4, 7, 9, 11]
    assert score.bar_numbers().tolist() == [0, 1, 2, 3, 4]
    without = score.with_(pickup_quarter=0.0, meters=((0.0, 6, 8),))
    assert without.bar_lines().tolist() == [0, 3, 6, 9, 12]
    assert without.bar_numbers().tolist() == [1, 2, 3, 4]


def test_a_meter_told_again_cuts_the_bar_short(score):
    told = score.with_(pickup_quarter=0.0, meters=((0.0, 4, 4), (7.0, 4, 4)))
    assert told.bar_lines().tolist() == [0, 4, 7, 11]


def test_an_empty_score_has_one_bar():
    assert Score(note_array([])).bar_lines().tolist() == [0, 4]


# --- changes ----------------------------------------------------------------------------------------------------------


def test_bars_are_cut_out_with_their_frame(score):
    cut = score.bars(2, 3)
    assert cut.notes[["onset_quarter", "duration_quarter", "pitch", "voice"]].tolist() == [
        (0, 2, 71, 0), (0, 3, 48, 1), (2, 1, 72, 0), (3, 2, 74, 0), (3, 2, 50, 1),
    ]  # fmt: skip
    assert cut.tempos == ((0.0, 120.0),)
    assert cut.meters == ((0.0, 3, 4), (3.0, 2, 4))
    assert cut.keys == ((0.0, 1, "major"), (3.0, -2, "minor"))
    assert (cut.pickup_quarter, cut.title, cut.names) == (0.0, "Piece", ("Flute", "Cello"))
    assert score.seconds(9) - score.seconds(4) == cut.duration_seconds


def test_a_stretch_between_bar_lines_opens_a_bar_of_its_own(score):
    cut = score.between(5, 8)
    assert cut.notes.tolist() == [note for note in cut.notes.tolist() if note[0] >= 0 and note[0] + note[1] <= 3]
    assert cut.meters[0] == (0.0, 3, 4) and cut.pickup_quarter == 0 and cut.bar_lines()[1] <= 3
    inside = score.notes[
        (score.notes["onset_quarter"] < 8) & (score.notes["onset_quarter"] + score.notes["duration_quarter"] > 5)
    ]
    assert sorted(cut.notes["pitch"]) == sorted(inside["pitch"]) and len(inside)
    assert score.between(4, 9) == score.bars(2, 3)
    for start, end in ((-1, 3), (3, 3), (4, 2)):
        with pytest.raises(ParameterError, match="^start: expected 0 or later"):
            score.between(start, end)


def test_all_bars_are_the_whole_score(score):
    assert score.bars(0, 4) == score
    assert score.bars(0, 1).pickup_quarter == 1.0
    assert score.bars(-3, 99) == score


def test_bars_that_there_are_not_are_refused(score):
    for first, last in ((5, 9), (-2, -1), (3, 2)):
        with pytest.raises(ParameterError, match="^bars: expected bars between 0 and 4"):
            score.bars(first, last)


@pytest.mark.parametrize("semitones", range(-11, 12))
def test_the_key_follows_a_transposition(score, semitones):
    moved = score.transpose(semitones)
    assert (moved.notes["pitch"] - score.notes["pitch"] == semitones).all()
    tonic = {mode: (sharps * 7 + (9 if mode == "minor" else 0)) % 12 for _, sharps, mode in score.keys}
    for _, sharps, mode in moved.keys:
        assert (sharps * 7 + (9 if mode == "minor" else 0) - tonic[mode] - semitones) % 12 == 0
        assert -6 <= sharps <= 6
    assert moved.transpose(-semitones) == score


def test_a_transposition_out_of_range_is_refused(score):
    with pytest.raises(ParameterError, match="pitch"):
        score.transpose(60)


def test_quantising_moves_to_the_nearest_step():
    score = Score(note_array([(0.02, 0.97, 60), (1.1, 0.05, 62), (1.49, 0.5, 64), (3.0, 0.3, 65)]))
    found = score.quantise(4).notes[["onset_quarter", "duration_quarter"]].tolist()
    assert found == [(0, 1), (1, 0.25), (1.5, 0.5), (3, 0.25)]
    thirds = score.quantise(3).notes
    np.testing.assert_array_equal(thirds["onset_quarter"], [0, 1, 4 / 3, 3])


def test_quantising_half_steps_keeps_equal_lengths_equal():
    score = Score(note_array([(place / 2 + 0.125, 0.5, 60) for place in range(6)]))
    quantised = score.quantise(4)
    assert quantised.notes["onset_quarter"].tolist() == [0.25, 0.75, 1.25, 1.75, 2.25, 2.75]
    assert set(quantised.notes["duration_quarter"].tolist()) == {0.5}


def test_quantising_twice_changes_nothing(score):
    jittered = score.notes.copy()
    jittered["onset_quarter"] += np.random.default_rng(0).uniform(0, 0.1, len(score))
    once = score.with_(notes=jittered).quantise(4)
    assert once.quantise(4) == once == once.quantise(8)
    assert once == score


@pytest.mark.parametrize("steps", [0, -4])
def test_a_grid_without_steps_is_refused(score, steps):
    with pytest.raises(ParameterError, match="steps_per_quarter"):
        score.quantise(steps)
