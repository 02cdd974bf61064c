import numpy as np
import pytest

from lab_utils.audio import engine_library, soundfont_path
from lab_utils.audio.engine_common import BLOCK
from lab_utils.errors import DataError, ParameterError
from lab_utils.score import Score, note_array

MISSING = engine_library._look_for_fluidsynth()[1]
pytestmark = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
BELL = Score(note_array([(0, 0.25, 60)]), programs=(14,))


@pytest.fixture(scope="module")
def player():
    return engine_library.FluidSynth(soundfont_path())


def test_the_tail_is_whole(player):
    samples = player.render(BELL, 22050)
    assert len(samples) % BLOCK == 0
    assert np.abs(samples[-2000:]).max() <= 2e-4 * np.abs(samples).max()
    assert len(samples) > 2 * 22050


def test_it_stops_soon_after_what_is_wanted(player):
    whole, part = player.render(BELL, 22050), player.render(BELL, 22050, until=0.5)
    assert 0.5 * 22050 <= len(part) < 22050
    np.testing.assert_array_equal(part, whole[: len(part)])


def test_events_stand_at_the_nearest_block():
    score = Score(note_array([(0.1, 0.4, 60, 90, 3), (0.5, 1e-4, 60, 80, 3)]), tempos=((0.0, 60.0),))
    events = engine_library._events(score, score.voices, 22050)
    assert events == [
        (round(0.1 * 22050 / BLOCK), True, 0, 60, 90),
        (round(0.5 * 22050 / BLOCK), False, 0, 60, 90),  # an end stands before an onset
        (round(0.5 * 22050 / BLOCK), True, 0, 60, 80),
        (round(0.5 * 22050 / BLOCK) + 1, False, 0, 60, 80),  # and no note is shorter than a block
    ]


def test_low_rates_hold_nothing_that_folded_back(player):
    """A harpsichord's partials above half the rate are filtered, not mirrored between the others."""
    score = Score(note_array([(0, 4, 84)]), programs=(6,))
    low, high = player.render(score, 8000), player.render(score, 24000)
    part = slice(1000, 9000)
    power = np.abs(np.fft.rfft(low[part] * np.hanning(8000))) ** 2
    partials = np.abs((np.fft.rfftfreq(8000, 1 / 8000) + 523) % 1046.5 - 523) < 40
    assert power[~partials].sum() < 1e-3 * power.sum()
    assert len(high) / 24000 == pytest.approx(len(low) / 8000, abs=0.01)


def test_more_voices_than_channels(player):
    with pytest.raises(ParameterError, match="at most 256 voices, received 257"):
        player.render(Score(note_array([(0, 1, 60, 80, voice) for voice in range(257)])), 22050)


def test_a_program_that_the_soundfont_lacks(player, monkeypatch):
    before = player.render(BELL, 22050)
    with monkeypatch.context() as patch:
        patch.setattr(player.library.Synth, "program_select", lambda *arguments: player.library.FLUID_FAILED)
        with pytest.raises(DataError, match="TimGM6mb.sf2: has no program 14"):
            player.render(BELL, 22050)
    np.testing.assert_array_equal(player.render(BELL, 22050), before)  # and nothing is left behind


def test_the_library_is_told_to_be_silent(player, capfd):
    assert player.library.Synth().sfload("/nowhere.sf2") == player.library.FLUID_FAILED  # it would log an error here
    assert capfd.readouterr() == ("", "")
