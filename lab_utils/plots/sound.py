"""Pictures of sound: waveforms and spectrograms on real axes, seconds and hertz.

Conventions
-----------
* samples: float, mono, shape (samples,), beside their `sample_rate` in Hz.
* spectrogram: float, shape (frames, bins), in dB unless said otherwise; frame i is centred on the time i · hop / sample_rate.
* The axes count seconds and hertz whatever the scale, so that notes or events can be drawn on them.
* A long waveform is drawn as its envelope: pale from the lowest to the highest sample of each pixel column, dark for the
  root mean square. A short one is a line, and a very short one shows its samples as dots.
* Colours come in 20 steps, 4 dB each: in the picture the eye sees no difference, and a PNG is less than half as large.

Used by ``03_music_as_data``, ``04_from_midi_to_spectrogram`` and every notebook about sound.
"""

import matplotlib
import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.plots import frequency, style

COLUMNS = 1600  # an envelope's columns: two a pixel
DECIBELS = 80.0  # shown below the loudest point
STEPS = 20  # colours


def plot_waveform(samples, sample_rate, *, ax=None, title=None, start=0.0, limit=None):
    """Draw samples over time.

    Parameters
    ----------
    samples : np.ndarray, shape (samples,)
        Mono, usually in [-1, 1].
    sample_rate : int
        Hz.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
    start : float
        The time of the first sample in seconds, for an excerpt.
    limit : float, optional
        The amplitude at the upper edge; 1, or more where the samples go beyond it, if left out.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        No samples, more than one channel, NaN or infinity among them.
    """
    samples = _checked_samples(samples, sample_rate)
    ax = style.new_axes(height=1.9) if ax is None else ax
    style.dress(ax, title=title, x="time (s)", y="amplitude")
    ax.axhline(0, color=style.LINE, linewidth=0.6, zorder=0.5)
    dark, pale = style.PALETTE[3], "#A9B6DD"
    if len(samples) > 2 * COLUMNS:
        times, low, high, rms = _envelope(samples, COLUMNS)
        ax.fill_between(start + times / sample_rate, low, high, color=pale, linewidth=0.4, zorder=1)
        ax.fill_between(start + times / sample_rate, -rms, rms, color=dark, linewidth=0, zorder=2)
    else:
        times = start + np.arange(len(samples)) / sample_rate
        dots = "o" if len(samples) <= 150 else None
        ax.plot(times, samples, color=dark, linewidth=0.8 if dots else 1.1, marker=dots, markersize=3, zorder=2)
    limit = limit or max(1.0, 1.05 * float(np.abs(samples).max()))
    ax.set(xlim=(start, start + len(samples) / sample_rate), ylim=(-limit, limit))
    return ax


def plot_spectrogram(
    values, transform, *, ax=None, kind=None, scale=None, title=None, limits=None, unit="dB", colour_bar=True, top=None
):
    """Draw a spectrogram.

    Parameters
    ----------
    values : np.ndarray, shape (frames, bins)
        Log magnitude in dB, or anything else that `limits` and `unit` tell.
    transform : audio.Transform or (int, int)
        What made the values; or the sample rate in Hz and the hop in samples.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    kind : {"stft", "mel"}, optional
        What the bins are: equally spaced from 0 Hz to half the sample rate, or mel bands. The transform's own if left out.
    scale : {"linear", "log", "mel"}, optional
        The frequency axis; "linear" for an STFT and "mel" for mel bands if left out.
    title : str, optional
    limits : (float, float), optional
        The values at both ends of the colours; the highest value and 80 below it if left out.
    unit : str
        Written beside the colour bar.
    colour_bar : bool
    top : float, optional
        The highest frequency to show, in Hz.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Values of another shape, with NaN, or not of this transform; an unknown kind or scale.
    """
    sample_rate, hop, kind = _settings(transform, kind)
    scale = scale or ("mel" if kind == "mel" else "linear")
    if scale not in ("linear", "log", "mel"):
        raise ParameterError(f"scale: expected 'linear', 'log' or 'mel', received {scale!r}.")
    values = _checked_values(values, transform)
    ax = style.new_axes(height=2.8) if ax is None else ax
    style.dress(ax, title=title, x="time (s)", y="frequency (Hz)")
    edges = frequency.edges(values.shape[1], sample_rate, kind, getattr(transform, "frequencies", None))
    times = (np.arange(len(values) + 1) - 0.5) * hop / sample_rate
    limits = limits or (float(values.max()) - DECIBELS, float(values.max()))
    top = top or edges[-1]
    image = _image(ax, values, times, edges, even=kind == "stft" and scale == "linear", limits=limits, top=top)
    frequency.dress(ax, scale, edges, top)
    ax.set_xlim(0, times[-1])
    if colour_bar:
        _colour_bar(ax, image, unit)
    return ax


def plot_spectrograms(named, transform, *, axes=None, limits=None, unit="dB", **options):
    """Draw spectrograms side by side, with the same colours and axes, to be compared.

    Parameters
    ----------
    named : dict of str to np.ndarray, shape (frames, bins)
        A title and the values for each.
    transform : audio.Transform or (int, int)
        As in :func:`plot_spectrogram`.
    axes : array of matplotlib.axes.Axes, shape (spectrograms,), optional
        Where to draw; a new figure if left out.
    limits : (float, float), optional
        The highest value of all and 80 below it if left out.
    unit : str
    **options
        `kind`, `scale` and `top` as in :func:`plot_spectrogram`.

    Returns
    -------
    np.ndarray of matplotlib.axes.Axes, shape (spectrograms,)

    Raises
    ------
    ParameterError
        Nothing to draw, another number of axes, or what :func:`plot_spectrogram` refuses.
    """
    if not named:
        raise ParameterError("named: expected at least one spectrogram, received none; there is nothing to draw.")
    axes = np.atleast_1d(style.new_axes(height=2.6, columns=len(named)) if axes is None else axes)
    if axes.shape != (len(named),):
        raise ParameterError(f"axes: expected {len(named)} of them, one a spectrogram, received shape {axes.shape}.")
    checked = {title: _checked_values(values, transform) for title, values in named.items()}
    loudest = max(float(values.max()) for values in checked.values())
    limits = limits or (loudest - DECIBELS, loudest)
    reached = []
    for ax, (title, values) in zip(axes, checked.items(), strict=True):
        plot_spectrogram(values, transform, ax=ax, title=title, limits=limits, colour_bar=False, **options)
        reached.append(ax.get_xlim()[1])
    for ax in axes:
        ax.set_xlim(0, max(reached))
    for ax in axes[1:]:
        ax.set_ylabel(None)
    _colour_bar(axes, [*axes[-1].images, *axes[-1].collections][-1], unit)
    return axes


def _envelope(samples, columns):
    """The middle (in samples), lowest, highest and root mean square of equal stretches, each of shape (columns,)."""
    starts = np.arange(columns) * len(samples) // columns
    lengths = np.diff(np.append(starts, len(samples)))
    rms = np.sqrt(np.add.reduceat(samples.astype(float) ** 2, starts) / lengths)
    return starts + lengths / 2, np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts), rms


def _image(ax, values, times, edges, *, even, limits, top):
    look = {"cmap": matplotlib.colormaps["magma"].resampled(STEPS), "vmin": limits[0], "vmax": limits[1], "zorder": 1}
    if even:  # one picture: quick, and averaged where pixels are scarce
        extent = (times[0], times[-1], edges[0], edges[-1])
        sharp = 2 * len(values) <= ax.bbox.width and 2 * np.sum(edges < top) <= ax.bbox.height  # smoothing would blur the bins
        way = {"interpolation": "nearest" if sharp else "auto", "interpolation_stage": "data"}
        return ax.imshow(values.T, origin="lower", aspect="auto", extent=extent, **way, **look)
    block = -(-len(values) // (2 * COLUMNS))  # frames a column: more than two columns a pixel would only cost time
    starts = np.arange(0, len(values), block)
    values = np.maximum.reduceat(values, starts)
    return ax.pcolormesh(np.append(times[starts], times[-1]), edges, values.T, rasterized=True, **look)


def _colour_bar(axes, image, unit):
    bar = np.ravel(axes)[0].figure.colorbar(image, ax=axes, pad=0.015, aspect=28, fraction=0.05)
    bar.outline.set_visible(False)
    bar.ax.tick_params(color=style.LINE, labelcolor=style.SOFT, labelsize=style.TICK, width=0.8, length=3)
    bar.set_label(unit, color=style.SOFT, fontsize=style.LABEL)


def _settings(transform, kind):
    """The sample rate, the hop and the kind of bins."""
    if isinstance(transform, tuple):
        sample_rate, hop = transform
    elif hasattr(transform, "sample_rate") and hasattr(transform, "hop"):
        sample_rate, hop = transform.sample_rate, transform.hop
        kind = kind or transform.kind
    else:
        raise ParameterError(f"transform: expected a Transform or (sample_rate, hop), received {type(transform).__name__}.")
    kind = kind or "stft"
    if kind not in ("stft", "mel"):
        raise ParameterError(f"kind: expected 'stft' or 'mel', received {kind!r}.")
    if not (sample_rate > 0 and hop > 0):
        raise ParameterError(f"transform: expected a positive sample rate and hop, received {sample_rate} and {hop}.")
    return sample_rate, hop, kind


def _checked_samples(samples, sample_rate):
    samples = np.asarray(samples)
    if samples.ndim != 1:
        raise ParameterError(f"samples: expected mono, shape (samples,), received {samples.shape}; take the channels' mean.")
    if samples.dtype.kind not in "fiu":
        raise ParameterError(f"samples: expected real numbers, received {samples.dtype}.")
    if not len(samples):
        raise ParameterError("samples: expected at least one sample, received none; there is nothing to draw.")
    if not sample_rate > 0:
        raise ParameterError(f"sample_rate: expected a positive number of Hz, received {sample_rate}.")
    _refuse_nan("samples", samples)
    return samples


def _checked_values(values, transform):
    values = np.asarray(values)
    if values.ndim != 2 or len(values) < 1 or values.shape[1] < 2 or values.dtype.kind not in "fiu":
        raise ParameterError(f"values: expected real numbers of shape (frames, bins), received {values.dtype} {values.shape}.")
    bins = getattr(transform, "bins", None)
    if isinstance(bins, int) and values.shape[1] != bins:
        hint = "turn it round with .T" if values.shape[0] == bins else "pass the transform that made it"
        raise ParameterError(f"values: expected {bins} bins, shape (frames, bins), received {values.shape}; {hint}.")
    _refuse_nan("values", values)
    return values


def _refuse_nan(name, array):
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        value, where = array[tuple(wrong[0])], ", ".join(str(i) for i in wrong[0])
        raise ParameterError(f"{name}: expected finite numbers, received {value} at [{where}], {len(wrong)} in all.")
