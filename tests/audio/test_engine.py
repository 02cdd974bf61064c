import numpy as np
import pytest

from lab_utils.audio import engine, soundfont_path
from lab_utils.errors import DataError, ParameterError
from lab_utils.score import PERCUSSION, Score, note_array


def _rows(score):
    notes = score.notes
    names = ("onset_quarter", "duration_quarter", "pitch", "voice")
    return [tuple(float(note[name]) for name in names) for note in notes]


# ---------------------------------------------------------------- single strikes


def test_an_overlapped_note_ends_where_it_is_struck_again():
    score = Score(note_array([(0, 3, 60), (2, 3, 60)]))
    assert _rows(engine.single_strikes(score)) == [(0, 2, 60, 0), (2, 3, 60, 0)]


def test_doubled_notes_become_the_longer_one():
    score = Score(note_array([(0, 1, 60), (0, 2, 60), (0.001, 4, 60)]))
    assert _rows(engine.single_strikes(score)) == [(0.001, 4, 60, 0)]


@pytest.mark.parametrize(
    "rows",
    [
        [(0, 1, 60), (1, 1, 60)],  # repeated, not overlapping
        [(0, 4, 60), (1, 1, 61)],  # another pitch
        [(0, 4, 60, 80, 0), (1, 1, 60, 80, 1)],  # another voice
        [(0, 1, 60, 80, 0)],
    ],
)
def test_other_notes_stay(rows):
    score = Score(note_array(rows))
    assert engine.single_strikes(score) == score


# ---------------------------------------------------------------- voices on channels


def test_voices_keep_their_channels_where_there_are_enough():
    score = Score(note_array([(0, 1, 60, 80, 2), (0, 1, 60, 80, 5)]), programs=(0, 0, 19, 0, 0, 19), names=("a",) * 6)
    fitted = engine._fitting(score)
    assert fitted.voices == (0, 1)
    assert fitted.programs == (19, 19)


def test_voices_of_one_program_share_a_channel_where_there_are_too_few():
    score = Score(note_array([(0, 1, 40 + voice, 80, voice) for voice in range(20)]), programs=(3, 7) * 10)
    fitted = engine._fitting(score)
    assert fitted.programs == (3, 7)
    assert fitted.voice_notes(0)["pitch"].tolist() == list(range(40, 60, 2))


def test_drums_are_one_voice():
    score = Score(note_array([(0, 1, 36, 80, 0), (1, 1, 60, 80, 1), (2, 1, 38, 80, 2)]), programs=(PERCUSSION, 5, PERCUSSION))
    fitted = engine._fitting(score)
    assert fitted.programs == (PERCUSSION, 5)
    assert fitted.voice_notes(0)["pitch"].tolist() == [36, 38]


# ---------------------------------------------------------------- the engines themselves


@pytest.fixture(scope="module")
def embedded():
    return engine.Embedded(soundfont_path())


def test_what_clips_is_rendered_in_halves_and_added(embedded):
    loud = Score(note_array([(0, 2, pitch, 127, voice) for voice in range(12) for pitch in (45, 57, 64)]), programs=(61,) * 12)
    _, _, clipped = embedded._play(loud, 1.0)
    assert clipped
    whole, rate = embedded._whole(loud)
    assert np.abs(whole).max() > 1  # more than 16 bits hold
    thirds = [embedded._whole(loud.with_(notes=loud.notes[first::3]))[0] for first in range(3)]
    length = min(map(len, [whole, *thirds]))
    np.testing.assert_allclose(sum(third[:length] for third in thirds), whole[:length], atol=1e-3)


def test_what_is_faint_is_rendered_louder_with_the_same_balance(embedded):
    faint = Score(note_array([(0, 1, 60, 6), (2, 1, 60, 2)]), programs=(19,))
    raw, _, _ = embedded._play(faint, 1.0)
    assert np.abs(raw).max() < 30 / 2**15  # five bits of sixteen
    samples, rate = embedded._whole(faint)
    first, second = (np.abs(samples[round(start * rate) :][: rate // 2]).max() for start in (0, 1))
    assert first > 0.05
    assert first / second == pytest.approx((6 / 2) ** 2, rel=0.1)


def test_the_tail_is_whole(embedded):
    """A bell sounds on for seconds after its key is let go; the file that is played must stay open for it."""
    samples, rate = embedded._whole(Score(note_array([(0, 0.25, 60)]), programs=(14,)))
    assert np.abs(samples[-rate // 10 :]).max() < 1e-3 * np.abs(samples).max()
    assert np.abs(samples[rate:]).max() > 0.1 * np.abs(samples).max()


def test_fluidsynth_renders_whole_blocks_and_a_whole_tail():
    if not engine._look_for_fluidsynth()[0]:
        pytest.skip("fluidsynth is not installed here")
    player = engine.FluidSynth(soundfont_path())
    samples = player.render(Score(note_array([(0, 0.25, 60)]), programs=(14,)), 22050)
    assert len(samples) % engine.BLOCK == 0
    assert np.abs(samples[-2000:]).max() <= 2e-4 * np.abs(samples).max()
    with pytest.raises(ParameterError, match="at most 256 voices, received 257"):
        player.render(Score(note_array([(0, 1, 60, 80, voice) for voice in range(257)])), 22050)
    with pytest.raises(DataError, match="has no program"):
        player.soundfont, broken = soundfont_path(), Score(note_array([(0, 1, 60)]), programs=(127,))
        player.library, real = _without_programs(player.library), player.library
        try:
            player.render(broken, 22050)
        finally:
            player.library = real


def _without_programs(library):
    class Synth(library.Synth):
        def program_select(self, *arguments):
            return library.FLUID_FAILED

    return type("Library", (), {"Synth": Synth, "FLUID_OK": library.FLUID_OK, "FLUID_FAILED": library.FLUID_FAILED})
