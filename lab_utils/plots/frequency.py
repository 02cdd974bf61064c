"""Frequency axes: hertz on a linear, a logarithmic or the mel scale, and the borders between a spectrogram's bins.

The mel scale is Slaney's (Auditory Toolbox, 1998), librosa's default: linear up to 1000 Hz, logarithmic above.
"""

import numpy as np

LOWEST = 30.0  # Hz at the foot of a logarithmic axis: the lowest notes of a piano or an organ's 16-foot stop
_TICKS = {"log": (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000), "mel": (0, 250, 500, 1000, 2000, 4000, 8000, 16000)}


def mel(frequencies):
    """Return mels on Slaney's scale for frequencies in Hz; inverse: :func:`hertz`."""
    frequencies = np.asarray(frequencies, dtype=float)
    above = 15 + 27 * np.log(np.maximum(frequencies, 1000) / 1000) / np.log(6.4)
    return np.where(frequencies < 1000, frequencies * 3 / 200, above)


def hertz(mels):
    """Return frequencies in Hz for mels on Slaney's scale; inverse: :func:`mel`."""
    mels = np.asarray(mels, dtype=float)
    above = 1000 * np.exp((np.maximum(mels, 15) - 15) * np.log(6.4) / 27)
    return np.where(mels < 15, mels * 200 / 3, above)


def edges(bins, sample_rate, kind, middle=None):
    """Return where each bin of a spectrogram ends and the next begins.

    Parameters
    ----------
    bins : int
    sample_rate : int
        Hz.
    kind : {"stft", "mel"}
    middle : np.ndarray, shape (bins,), optional
        Centres of an STFT's bins in Hz, where a transform keeps only the low ones; up to half the sample rate if left out.

    Returns
    -------
    np.ndarray, shape (bins + 1,)
        Hz, ascending.
    """
    if kind == "mel":
        return hertz((np.arange(bins + 1) + 0.5) * mel(sample_rate / 2) / (bins + 1))
    middle = np.linspace(0, sample_rate / 2, bins) if middle is None else np.asarray(middle)
    between = (middle[1:] + middle[:-1]) / 2
    return np.concatenate([[0.0], between, [min(2 * middle[-1] - between[-1], sample_rate / 2)]])


def dress(ax, scale, borders, top):
    """Scale the y axis of `ax`, whose bins have these borders, up to `top` Hz, and number it in Hz."""
    if scale == "log":
        ax.set_yscale("log")
    elif scale == "mel":
        ax.set_yscale("function", functions=(mel, hertz))
    ax.set_ylim(borders[borders >= min(LOWEST, top / 2)][0] if scale == "log" else borders[0], top)
    if scale in _TICKS:
        ticks = [tick for tick in _TICKS[scale] if ax.get_ylim()[0] <= tick <= top]
        ax.set_yticks(ticks, [f"{tick}" for tick in ticks])
        ax.set_yticks([], minor=True)
        ax.set_ylabel(f"frequency (Hz, {scale} scale)")
