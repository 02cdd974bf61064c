"""What led a network to its judgement: the falls of an occlusion map, in colour over the picture that it was shown.

Conventions
-----------
* A picture is float, shape (T, P): time to the right, pitch upwards, a row a semitone from the MIDI number `lowest` on; so a
  roll and a spectrogram whose bands are semitones look alike. It is drawn in greys, its lowest value white.
* The map has the picture's shape, as :mod:`lab_utils.evaluation.occlusion` makes it: red where blanking made the probability of
  the class fall (evidence for it), blue where it made it rise (evidence against it), clear where it made no difference.
* Colours reach as far to both sides of 0. Time counts the picture's length as 1, for bars of every meter fill it.

Used by the recipe ``style`` and the notebook ``02_generative_models``.
"""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from lab_utils.errors import ParameterError
from lab_utils.plots import style

AGAINST_FOR = LinearSegmentedColormap.from_list(
    "against_for",
    [
        (*_c, _a)
        for _c, _a in (
            ((0.10, 0.30, 0.70), 0.85),
            ((0.55, 0.65, 0.90), 0.0),
            ((0.95, 0.60, 0.50), 0.0),
            ((0.75, 0.10, 0.08), 0.85),
        )
    ],
)  # see-through in the middle


def plot_evidence(picture, falls, *, lowest=21, limit=None, ax=None, title=None, colour_bar=True):
    """Draw an occlusion map over its picture.

    Parameters
    ----------
    picture : array_like of float, shape (T, P)
    falls : array_like of float, shape (T, P)
        The map.
    lowest : int
        MIDI pitch of the first row.
    limit : float, optional
        The fall at which the colour is full; the largest of the map, but at least 0.05, if left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    title : str, optional
    colour_bar : bool

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ParameterError
        Arrays of different shapes or with what is no number.
    """
    picture, falls = np.asarray(picture, dtype=float), np.asarray(falls, dtype=float)
    for name, values in (("picture", picture), ("falls", falls)):
        if values.ndim != 2 or values.shape != picture.shape or not values.size or not np.isfinite(values).all():
            raise ParameterError(
                f"{name}: expected finite numbers of shape (steps, pitches), received {values.shape} beside {picture.shape}."
            )
    limit = max(float(np.abs(falls).max()), 0.05) if limit is None else limit
    ax = style.new_axes(height=3.2) if ax is None else ax
    style.dress(ax, title=title, x="place in the bar", y="pitch")
    look = {"origin": "lower", "aspect": "auto", "extent": (0, 1, lowest - 0.5, lowest + picture.shape[1] - 0.5)}
    ax.imshow(picture.T, cmap="Greys", interpolation="nearest", **look)
    image = ax.imshow(falls.T, cmap=AGAINST_FOR, vmin=-limit, vmax=limit, interpolation="bilinear", **look)
    cs = np.arange(-(-lowest // 12) * 12, lowest + picture.shape[1], 12)
    ax.set_yticks(cs, [f"C{c // 12 - 1}" for c in cs])
    if colour_bar:
        bar = ax.figure.colorbar(image, ax=ax, pad=0.015, aspect=28, fraction=0.05)
        bar.outline.set_visible(False)
        bar.ax.tick_params(color=style.LINE, labelcolor=style.SOFT, labelsize=style.TICK, width=0.8, length=3)
        bar.set_label("fall of p when blanked", color=style.SOFT, fontsize=style.LABEL)
    return ax
