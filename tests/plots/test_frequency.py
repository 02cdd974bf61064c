import librosa
import numpy as np
import pytest
from matplotlib.figure import Figure

from lab_utils.audio import Transform
from lab_utils.plots.frequency import dress, edges, hertz, mel

RATE = 8000


def test_mel_scale_is_librosas():
    frequencies = np.array([0, 20, 440, 999, 1000, 1001, 4000, 11025.0])
    assert mel(frequencies) == pytest.approx(librosa.hz_to_mel(frequencies))
    assert hertz(mel(frequencies)) == pytest.approx(frequencies)


@pytest.mark.parametrize("bins", [20, 64])
def test_mel_bands_lie_round_librosas_centres(bins):
    borders = edges(bins, 22050, "mel")
    centres = librosa.mel_frequencies(bins + 2, fmax=11025)[1:-1]
    assert ((borders[:-1] < centres) & (centres < borders[1:])).all()


def test_stft_bins_lie_round_their_frequencies():
    assert edges(5, 8000, "stft").tolist() == [0, 500, 1500, 2500, 3500, 4000]
    low = Transform(sample_rate=RATE, window=256, hop=64, bins=20)
    borders = edges(20, RATE, "stft", low.frequencies)
    assert borders[-1] == pytest.approx(19.5 * RATE / 256)
    assert ((borders[:-1] <= low.frequencies) & (low.frequencies < borders[1:])).all()


@pytest.mark.parametrize(("scale", "foot", "ticks"), [("log", 31.25, [50, 100, 200, 500]), ("mel", 0, [0, 250, 500, 1000])])
def test_axes_are_numbered_in_hertz(scale, foot, ticks):
    ax = Figure().subplots()
    dress(ax, scale, np.concatenate([[0], 31.25 * np.arange(1, 129)]), 1000)
    assert ax.get_ylim() == (foot, 1000) and [t for t in ax.get_yticks() if t < 1000 or scale == "mel"] == ticks
    assert ax.get_ylabel() == f"frequency (Hz, {scale} scale)"
