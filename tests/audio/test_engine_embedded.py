import numpy as np
import pytest

from lab_utils.audio import engine_embedded, soundfont_path
from lab_utils.score import PERCUSSION, Score, note_array


@pytest.fixture(scope="module")
def embedded():
    return engine_embedded.Embedded(soundfont_path())


def test_what_clips_is_rendered_in_halves_and_added(embedded):
    rows = [(0, 2, pitch, 127, voice) for voice in range(8) for pitch in (45, 57, 64)]
    loud = Score(note_array(rows), programs=(61,) * 8)
    _, _, clipped = embedded._play(loud, 1.0)
    assert clipped
    whole, rate = embedded._whole(loud)
    assert np.abs(whole).max() > 1  # more than 16 bits hold
    thirds = [embedded._whole(loud.with_(notes=loud.notes[first::3]))[0] for first in range(3)]
    length = min(map(len, [whole, *thirds]))
    np.testing.assert_allclose(sum(third[:length] for third in thirds), whole[:length], atol=1e-3)


def test_more_notes_than_it_has_tones(embedded):
    """A long low note under a hundred and thirty soft ones, which would take its tone away."""
    rows = [(0, 20, 40, 127, 0)] + [(2 + 0.01 * k, 16, 60 + k % 60, 5, 1 + k // 60) for k in range(130)]
    samples, rate = embedded._whole(Score(note_array(rows), programs=(73,) * 4))
    alone, _ = embedded._whole(Score(note_array(rows[:1]), programs=(73,)))
    later = slice(5 * rate, 8 * rate)
    assert np.linalg.norm(samples[later]) > 0.9 * np.linalg.norm(alone[later])


@pytest.mark.parametrize(
    "rows, together",
    [
        ([(0, 1, 60)], 1),
        ([(0, 1, 60), (1, 1, 60)], 1),
        ([(0, 2, 60), (1, 2, 62), (1.5, 1, 64)], 3),
        ([(0, 4, 60), (1, 1, 62), (2, 1, 64)], 2),
    ],
)
def test_notes_are_counted_together_while_they_sound(rows, together):
    assert engine_embedded._notes_together(Score(note_array(rows))) == together


def test_what_is_faint_is_rendered_louder_with_the_same_balance(embedded):
    faint = Score(note_array([(0, 1, 60, 6), (2, 1, 60, 2)]), programs=(19,))
    raw, _, _ = embedded._play(faint, 1.0)
    assert np.abs(raw).max() < 30 / 2**15  # five bits of sixteen
    samples, rate = embedded._whole(faint)
    first, second = (np.abs(samples[round(start * rate) :][: rate // 2]).max() for start in (0, 1))
    assert first > 0.05
    assert first / second == pytest.approx((6 / 2) ** 2, rel=0.1)


def test_the_tail_is_whole(embedded):
    """A glockenspiel sounds on for seven seconds after its key is let go; the file that is played must stay open for it."""
    samples, rate = embedded._whole(Score(note_array([(0, 0.25, 60)]), programs=(9,)))
    loudest = np.abs(samples).max()
    assert np.abs(samples[-rate // 10 :]).max() < 1e-3 * loudest
    assert np.abs(samples[6 * rate :]).max() > 1e-3 * loudest


def test_voices_keep_their_channels_where_there_are_enough():
    score = Score(note_array([(0, 1, 60, 80, 2), (0, 1, 60, 80, 5)]), programs=(0, 0, 19, 0, 0, 19), names=("a",) * 6)
    fitted = engine_embedded._fitting(score)
    assert fitted.voices == (0, 1)
    assert fitted.programs == (19, 19)


def test_voices_of_one_program_share_a_channel_where_there_are_too_few():
    score = Score(note_array([(0, 1, 40 + voice, 80, voice) for voice in range(20)]), programs=(3, 7) * 10)
    fitted = engine_embedded._fitting(score)
    assert fitted.programs == (3, 7)
    assert fitted.voice_notes(0)["pitch"].tolist() == list(range(40, 60, 2))


def test_drums_are_one_voice():
    score = Score(note_array([(0, 1, 36, 80, 0), (1, 1, 60, 80, 1), (2, 1, 38, 80, 2)]), programs=(PERCUSSION, 5, PERCUSSION))
    fitted = engine_embedded._fitting(score)
    assert fitted.programs == (PERCUSSION, 5)
    assert fitted.voice_notes(0)["pitch"].tolist() == [36, 38]
