"""Lines: notes on frames, conditions known by construction, their sound, and what is refused."""

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes._wavenet_lines import AGES, LOWEST, check_range, conditions_of, line_of, sound_of
from lab_utils.score import PERCUSSION, Score, note_array


def test_conditions_tell_pitch_and_age_frame_by_frame():
    line = line_of(Score(note_array([(0, 1, 60), (2, 1, 62), (3, 2, 62)]), tempos=((0, 120.0),)))
    found = conditions_of(line, seconds=3.0)
    assert found.shape == (600, 2) and found.dtype == np.int32
    assert found[:, 0].tolist() == [21] * 100 + [0] * 100 + [23] * 300 + [0] * 100
    assert found[:4, 1].tolist() == [0, 1, 2, 3]
    assert found[99:102, 1].tolist() == [99, 0, 1]  # silence has an age too
    assert found[299:302, 1].tolist() == [99, 0, 1]  # the same pitch, struck again
    assert found[:, 1].max() == AGES - 1 == found[499, 1]
    assert len(conditions_of(line)) == 500


def test_a_line_is_on_frames_and_in_seconds():
    line = line_of(Score(note_array([(0, 0.333, 60), (0.334, 0.001, 64)]), tempos=((0, 97.0),)))
    frames = line.notes["onset_quarter"] * 200
    np.testing.assert_allclose(frames, np.rint(frames))
    assert line.tempo == 60 and (line.notes["duration_quarter"] * 200).round().min() == 1


def test_a_line_of_a_line_is_the_same():
    line = line_of(Score(note_array([(0, 1, 60), (1, 2, 70), (4, 1, 70)])))
    assert line_of(line) == line


def test_the_highest_voice_and_in_it_the_highest_note():
    rows = [(0, 4, 50, 80, 0), (0, 2, 70, 80, 1), (0, 1, 74, 80, 1), (3, 1, 72, 80, 1), (0, 4, 80, 80, 2)]
    score = Score(note_array(rows), tempos=((0, 60.0),), programs=(0, 0, PERCUSSION))
    notes = line_of(score).notes
    assert notes["pitch"].tolist() == [74, 70, 72]
    np.testing.assert_allclose(notes["onset_quarter"], [0, 1, 3])
    np.testing.assert_allclose(notes["duration_quarter"], [1, 1, 1])


def test_seconds_cut_a_line():
    line = line_of(Score(note_array([(0, 4, 60), (4, 4, 62)]), tempos=((0, 60.0),)), seconds=5.0)
    assert line.duration_seconds == 5.0 and len(line) == 2


@pytest.mark.parametrize(
    ("score", "options", "says"),
    [
        (Score(note_array([])), {}, "received none"),
        (Score(note_array([(0, 1, 40)]), programs=(PERCUSSION,)), {}, "received none"),
        (Score(note_array([(0, 1, 60), (1, 1, 82)])), {}, r"40 to 81 \(E2 to A5\), received 60 to 82; transpose the line down"),
        (Score(note_array([(0, 1, 39)])), {}, "transpose the line up"),
        (Score(note_array([(4, 1, 60)])), {"seconds": 1.0}, "seconds"),
    ],
)
def test_refuses(score, options, says):
    with pytest.raises(ParameterError, match=says):
        line_of(score, **options)


def test_every_pitch_of_the_range_is_let_through():
    check_range(range(LOWEST, 82))
    with pytest.raises(ParameterError):
        check_range([LOWEST - 1])


def test_its_sound_is_as_loud_alone_as_beside_others_and_starts_with_its_note():
    low, high = (Score(note_array([(0, 0.5, pitch)]), tempos=((0, 60.0),)) for pitch in (45, 75))
    both = Score(note_array([(0, 0.5, 45), (1, 0.5, 75)]), tempos=((0, 60.0),))
    sounds = [sound_of(line_of(score), seconds=2.0) for score in (low, high, both)]
    assert all(len(sound) == 16000 for sound in sounds)
    np.testing.assert_allclose(sounds[2][:4000], sounds[0][:4000], atol=2e-3)
    np.testing.assert_allclose(np.abs(sounds[2][8000:12000]).max(), np.abs(sounds[1][:4000]).max(), rtol=0.1)
    assert 0.3 < np.abs(sounds[2]).max() < 1
    assert np.abs(sounds[2][7400:7990]).max() < 0.02 < np.abs(sounds[2][8000:8200]).max()


def test_another_rate_gives_more_samples():
    line = line_of(Score(note_array([(0, 1, 60)]), tempos=((0, 60.0),)))
    assert len(sound_of(line)) == 8000 and len(sound_of(line, sample_rate=16000)) == 16000
