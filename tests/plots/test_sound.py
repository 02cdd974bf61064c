import io
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from lab_utils.audio import Transform
from lab_utils.errors import ParameterError
from lab_utils.plots import figure_bytes, plot_spectrogram, plot_spectrograms, plot_waveform
from lab_utils.plots.sound import _envelope

RATE = 8000


def sine(frequency, seconds=1.0):
    return np.sin(2 * np.pi * frequency * np.arange(int(RATE * seconds)) / RATE).astype(np.float32)


def spectrogram(samples, transform):
    return transform.forward(samples)


def brightest(ax):
    """(first and last second, lowest and highest Hz) of the brightest cell that is drawn."""
    if ax.images:
        values = ax.images[0].get_array()
        left, right, low, high = ax.images[0].get_extent()
        times, heights = (np.linspace(a, b, n + 1) for a, b, n in ((left, right, values.shape[1]), (low, high, values.shape[0])))
    else:
        corners = ax.collections[0].get_coordinates()
        times, heights = corners[0, :, 0], corners[:, 0, 1]
        values = ax.collections[0].get_array().reshape(len(heights) - 1, len(times) - 1)
    row, column = np.unravel_index(np.argmax(values), values.shape)
    return times[column], times[column + 1], heights[row], heights[row + 1]


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize("kind", ["stft", "mel"])
@pytest.mark.parametrize("frequency", [500, 1500, 3000])
def test_a_tone_is_drawn_at_its_frequency(kind, scale, frequency):
    transform = Transform(sample_rate=RATE, window=512, hop=128, kind=kind, bins=40 if kind == "mel" else None)
    _, _, low, high = brightest(plot_spectrogram(spectrogram(sine(frequency), transform), transform, scale=scale))
    assert low * 0.97 <= frequency <= high * 1.03


def test_a_transform_with_few_bins_has_its_own_top():
    transform = Transform(sample_rate=RATE, window=512, hop=128, bins=100)
    ax = plot_spectrogram(spectrogram(sine(1000), transform), transform)
    _, _, low, high = brightest(ax)
    assert low <= 1000 <= high and ax.get_ylim()[1] == pytest.approx(99.5 * RATE / 512)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("seconds", [2, 60])
def test_a_click_is_drawn_at_its_time(scale, seconds):
    samples = np.zeros(RATE * seconds, dtype=np.float32)
    samples[RATE * seconds // 4] = 1.0
    transform = Transform(sample_rate=RATE, window=128, hop=64)
    left, right, _, _ = brightest(plot_spectrogram(spectrogram(samples, transform), transform, scale=scale))
    assert left - 0.01 <= seconds / 4 <= right + 0.01 and right - left < seconds / 200


def test_a_pair_of_numbers_stands_for_a_transform():
    values = np.random.default_rng(0).normal(size=(30, 9))
    ax = plot_spectrogram(values, (16000, 400))
    assert ax.get_ylim() == (0, 8000) and ax.get_xlim() == (0, pytest.approx(29.5 * 400 / 16000))
    assert ax.get_xlabel() == "time (s)" and ax.get_ylabel() == "frequency (Hz)"
    assert "mel scale" in plot_spectrogram(values, (16000, 400), kind="mel").get_ylabel()


def test_colours_span_80_db_or_what_is_asked():
    values = np.linspace(-200, -3, 300).reshape(30, 10)
    assert plot_spectrogram(values, (8000, 64)).images[0].get_clim() == pytest.approx((-83, -3))
    scaled = plot_spectrogram(values / 200, (8000, 64), limits=(-1, 1), unit="scaled")
    assert scaled.images[0].get_clim() == (-1, 1) and scaled.figure.axes[1].get_ylabel() == "scaled"
    assert plot_spectrogram(values, (8000, 64)).figure.axes[1].get_ylabel() == "dB"
    assert len(plot_spectrogram(values, (8000, 64), colour_bar=False).figure.axes) == 1


def test_few_colours_keep_a_notebook_small():
    values = np.random.default_rng(2).normal(-60, 15, size=(800, 513))  # noise: the worst case
    ax = plot_spectrogram(values, (22050, 256), limits=(-100, -20))
    png = figure_bytes(ax)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[60:200, 200:600].reshape(-1, 3)
    assert 10 < len(np.unique(pixels, axis=0)) <= 20
    assert len(png) < 300_000


def test_top_cuts_the_axis():
    assert plot_spectrogram(np.zeros((9, 9)), (8000, 64), top=1000).get_ylim() == (0, 1000)


def test_spectrograms_side_by_side_share_colours_and_axes():
    named = {"true": np.full((30, 9), -20.0), "loud": np.full((40, 9), 5.0), "quiet": np.full((30, 9), -50.0)}
    axes = plot_spectrograms(named, (8000, 64))
    assert [ax.get_title(loc="left") for ax in axes] == ["true", "loud", "quiet"]
    assert {ax.images[0].get_clim() for ax in axes} == {(-75.0, 5.0)}
    assert len({ax.get_xlim() for ax in axes}) == len({ax.get_ylim() for ax in axes}) == 1
    assert axes[0].get_xlim()[1] == pytest.approx(39.5 * 64 / 8000)
    assert len(axes[0].figure.axes) == 4  # one colour bar for all


def test_spectrograms_need_as_many_axes_as_names():
    _, axes = pyplot.subplots(1, 2)
    named = {"a": np.zeros((9, 9)), "b": np.ones((9, 9))}
    assert plot_spectrograms(named, (8000, 64), axes=axes).tolist() == axes.tolist()
    with pytest.raises(ParameterError, match="axes: expected 3 of them"):
        plot_spectrograms(named | {"c": np.zeros((9, 9))}, (8000, 64), axes=axes)
    with pytest.raises(ParameterError, match="named: expected at least one spectrogram"):
        plot_spectrograms({}, (8000, 64))


def test_an_envelope_keeps_peaks_and_power():
    samples = np.array([0, 1, -1, 0, 0.5, 0.5, 0.5, 0.5, -3, 0, 0, 0])
    middle, low, high, rms = _envelope(samples, 3)
    assert middle.tolist() == [2, 6, 10]
    assert (low.tolist(), high.tolist()) == ([-1, 0.5, -3], [1, 0.5, 0])
    assert rms == pytest.approx([np.sqrt(0.5), 0.5, 1.5])


def test_an_envelope_of_uneven_stretches_counts_each_sample_once():
    samples = np.random.default_rng(1).normal(size=1003)
    _, low, high, rms = _envelope(samples, 10)
    parts = np.split(samples, np.arange(1, 10) * 1003 // 10)
    assert [part.min() for part in parts] == low.tolist() and [part.max() for part in parts] == high.tolist()
    assert rms == pytest.approx([np.sqrt((part**2).mean()) for part in parts])


def test_a_long_waveform_is_an_envelope_and_a_short_one_a_line():
    long = plot_waveform(sine(440, 2.0), RATE)
    assert len(long.collections) == 2 and long.get_xlim() == (0, 2)
    short = plot_waveform(sine(440, 0.2), RATE, start=1.5)
    assert not short.collections and short.get_xlim() == pytest.approx((1.5, 1.7))
    line = short.lines[-1]
    assert line.get_ydata().tolist() == sine(440, 0.2).tolist() and line.get_xdata()[800] == pytest.approx(1.6)
    assert line.get_marker() == "None" and plot_waveform(sine(440, 0.01), RATE).lines[-1].get_marker() == "o"


def test_an_envelope_stands_at_its_time():
    samples = np.zeros(RATE * 4, dtype=np.float32)
    samples[RATE] = 0.8
    pale = plot_waveform(samples, RATE, start=10.0).collections[0].get_paths()[0].vertices
    peak = pale[np.argmax(pale[:, 1])]
    assert peak == pytest.approx([11.0, 0.8], abs=0.01)


def test_amplitudes_are_true_to_scale():
    assert plot_waveform(0.1 * sine(440), RATE).get_ylim() == (-1, 1)
    assert plot_waveform(2 * sine(440), RATE).get_ylim() == pytest.approx((-2.1, 2.1), rel=1e-3)
    assert plot_waveform(0.1 * sine(440), RATE, limit=0.2).get_ylim() == (-0.2, 0.2)


def test_a_given_axis_is_used():
    _, axes = pyplot.subplots(2)
    assert plot_waveform(sine(440), RATE, ax=axes[0]) is axes[0]
    assert plot_spectrogram(np.zeros((9, 9)), (8000, 64), ax=axes[1]) is axes[1]
    assert len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.zeros((2, 800)), RATE, r"samples: expected mono, shape \(samples,\), received \(2, 800\)"),
        (np.zeros(0), RATE, "samples: expected at least one sample, received none"),
        (np.array([0, 0, np.nan, 0]), RATE, r"samples: expected finite numbers, received nan at \[2\], 1 in all"),
        (np.array([0, np.inf, np.inf]), RATE, r"received inf at \[1\], 2 in all"),
        (np.zeros(8), 0, "sample_rate: expected a positive number of Hz, received 0"),
        (np.zeros(8, dtype=complex), RATE, "samples: expected real numbers, received complex128"),
    ],
)
def test_bad_samples_are_told_in_words(samples, rate, message):
    with pytest.raises(ParameterError, match=message):
        plot_waveform(samples, rate)
    assert pyplot.get_fignums() == []


def nan_at(row, column):
    values = np.zeros((9, 9))
    values[row, column] = np.nan
    return values


@pytest.mark.parametrize(
    ("values", "transform", "options", "message"),
    [
        (np.zeros(9), (8000, 64), {}, r"values: expected real numbers of shape \(frames, bins\), received float64 \(9,\)"),
        (np.zeros((0, 9)), (8000, 64), {}, r"received float64 \(0, 9\)"),
        (np.zeros((9, 9), dtype=complex), (8000, 64), {}, "received complex128"),
        (nan_at(3, 4), (8000, 64), {}, r"values: expected finite numbers, received nan at \[3, 4\]"),
        (np.zeros((513, 30)), Transform(), {}, r"values: expected 513 bins.*received \(513, 30\); turn it round with \.T"),
        (np.zeros((30, 80)), Transform(), {}, r"expected 513 bins.*pass the transform that made it"),
        (np.zeros((9, 9)), (8000, 64), {"kind": "cqt"}, "kind: expected 'stft' or 'mel', received 'cqt'"),
        (np.zeros((9, 9)), (8000, 64), {"scale": "bark"}, "scale: expected 'linear', 'log' or 'mel', received 'bark'"),
        (np.zeros((9, 9)), (8000, 0), {}, "transform: expected a positive sample rate and hop, received 8000 and 0"),
        (np.zeros((9, 9)), 8000, {}, "transform: expected a Transform or .sample_rate, hop., received int"),
    ],
)
def test_bad_spectrograms_are_told_in_words(values, transform, options, message):
    with pytest.raises(ParameterError, match=message):
        plot_spectrogram(values, transform, **options)
    assert pyplot.get_fignums() == []


def test_anything_with_the_settings_is_a_transform():
    loose = SimpleNamespace(sample_rate=8000, hop=64, kind="mel")
    assert "mel scale" in plot_spectrogram(np.zeros((9, 9)), loose).get_ylabel()


def test_bins_that_are_larger_than_two_pixels_keep_their_edges():
    values = np.random.default_rng(0).uniform(-80, 0, (173, 513))
    assert plot_spectrogram(values, (22050, 256), top=2000).images[0].get_interpolation() == "nearest"
    assert plot_spectrogram(values, (22050, 256)).images[0].get_interpolation() == "auto"  # finer than the pixels: averaged
