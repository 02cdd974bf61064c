"""What a spectrogram VAE is held against: the plainest ways to rebuild a bar, fitted on the bars that it was trained on.

====================  =================================================================================================
``mean``              the mean spectrogram of the train fold, whatever the bar: the floor
``style_mean``        that of the bar's style
``pca``               :class:`~lab_utils.densities.pca.PCA` with as many components as the latent vector has numbers
``pca_by_style``      the mean of the bar's style, and PCA of what lies beside it: it is told the style, as the VAE is
====================  =================================================================================================

All see every rendering, as the network does. They are kept in the run's ``rivals.npz`` in 16 bits, which changes their figures by
less than a thousandth, so that nobody has to render thousands of bars to measure a network.
"""

import io
from pathlib import Path

import numpy as np

from lab_utils.datasets.stave275 import STYLES
from lab_utils.densities.pca import PCA
from lab_utils.errors import DataError
from lab_utils.storage import write_bytes

NAMES = ("mean", "style_means", "directions", "directions_by_style")


class Rivals:
    """The four rivals, fitted or read.

    Parameters
    ----------
    mean : np.ndarray, shape (T, F)
    style_means : np.ndarray, shape (styles, T, F)
    directions, directions_by_style : np.ndarray, shape (K, T, F)
        At right angles, of length 1.
    """

    def __init__(self, mean, style_means, directions, directions_by_style):
        self.mean, self.style_means = mean, style_means
        self.directions, self.directions_by_style = directions, directions_by_style

    @classmethod
    def fit(cls, spectrograms, styles, *, components):
        """Fit them on spectrograms (N, T, F) with styles (N,); `components` is K, less where there are too few bars for it."""
        count, *shape = spectrograms.shape
        flat, mean = spectrograms.reshape(count, -1), spectrograms.mean(axis=0)
        means = np.stack([spectrograms[styles == i].mean(axis=0) if (styles == i).any() else mean for i in range(len(STYLES))])
        components = min(components, count - 1)
        of_all, beside = PCA(components).fit(flat), PCA(components).fit(flat - means.reshape(len(means), -1)[styles])
        return cls(mean, means, *(model.directions.reshape(-1, *shape) for model in (of_all, beside)))

    @property
    def components(self):
        """K, how many numbers tell a bar."""
        return len(self.directions)

    def rebuild(self, spectrograms, styles):
        """Return what each makes of spectrograms (N, T, F) with styles (N,), a dict of name to (N, T, F)."""
        by_style, whole = self.style_means[styles], np.broadcast_to(self.mean, spectrograms.shape)
        return {
            "mean": whole,
            "style_mean": by_style,
            "pca": whole + _on_plane(spectrograms - whole, self.directions),
            "pca_by_style": by_style + _on_plane(spectrograms - by_style, self.directions_by_style),
        }

    def save(self, path):
        """Write them to `path`; :meth:`load` is the way back."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: np.asarray(getattr(self, name), np.float16) for name in NAMES})
        write_bytes(buffer.getvalue(), path)

    @classmethod
    def load(cls, path):
        """Return the rivals in a file; a :class:`DataError` names it if it is missing or none."""
        try:
            with np.load(Path(path), allow_pickle=False) as found:
                return cls(*(found[name].astype(np.float32) for name in NAMES))
        except Exception as error:  # a broken archive raises a different error for every way of being broken
            raise DataError(f"{path}: holds no rivals of a spectrogram VAE ({error}); train the run again.") from error


def _on_plane(beside, directions):
    """Return the nearest points (N, T, F) on the plane of `directions` (K, T, F) through 0."""
    flat = directions.reshape(len(directions), -1)
    return (beside.reshape(len(beside), -1) @ flat.T @ flat).reshape(beside.shape)
