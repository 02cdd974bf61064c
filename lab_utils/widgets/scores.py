"""Music that depends on choices, chosen by sliders: which phrase, which direction, which network, to be seen and heard.

Conventions
-----------
* Music comes from a function that is handed in, ``write(NAME=value, …) -> Score``, called with one value of each choice; so any
  notebook can put its own music under the sliders.
* All else is as in :mod:`lab_utils.widgets.choices`: one HTML widget and no Output widget, the first music as plain HTML too, for
  a page without a running kernel, and what was written once is kept.

Used by notebook ``10_cyclegan``.
"""

from lab_utils.widgets.choices import ChoiceExplorer, checked_first
from lab_utils.widgets.player import play

SAMPLE_RATE = 12_000  # Hz: enough for one voice, and the page carries the sound twice


class ScoreExplorer(ChoiceExplorer):
    """Sliders and the music that they choose; made by :func:`explore_scores`."""

    def _drawn(self, values):
        score = self._draw(**dict(zip(self.sliders, values, strict=True)))
        return play(score, SAMPLE_RATE, show="staff", title=score.title or self._caption())._repr_html_()


def explore_scores(write, *, first=None, **choices):
    """Return sliders and the music that they choose, its staff and its sound; as the last line of a cell it appears under it.

    Parameters
    ----------
    write : callable
        Called as ``write(NAME=value, …)`` with a value of each choice; returns a Score, whose title stands above the staff.
    first : dict of str to object, optional
        Where sliders stand first; the first value of those that are left out.
    **choices : sequence
        The values of each slider, by its name; they must be hashable.

    Returns
    -------
    ScoreExplorer

    Raises
    ------
    ParameterError
        No choices, one without values, a first value that is none of them.

    Examples
    --------
    >>> explore_scores(lambda phrase: score_from_numbers(phrases[phrase]), phrase=range(10))
    """
    return ScoreExplorer(write, choices, first=checked_first(first, choices), size=None)
