"""Real or made? A listening test: excerpts in a random order, two buttons for each, and at the end what the score says.

Conventions
-----------
* Half of the excerpts are real music and half were made by a model; which is which is drawn by `seed`. All are played by the same
  synthesizer, as loud, and without a picture, so that nothing but the notes tells them apart.
* The answer stays hidden until every excerpt has one; then it stands under the excerpts, with the figures of
  :mod:`lab_utils.evaluation.listening`. An answer may be changed, but who changes it after that tests nothing any more.
* All text is in HTML widgets; no Output widget, whose content a test cannot compare. In a notebook without a running kernel no
  button moves: what is displayed carries the players as plain HTML too, and the key folded away under them.

Used by notebook ``07_testing``.
"""

import ipywidgets
import numpy as np

from lab_utils.errors import ParameterError
from lab_utils.evaluation import listening
from lab_utils.widgets.player import gallery

SAMPLE_RATE = 16_000  # Hz: the page carries every excerpt
CHOICES = {"real": True, "made": False}


class ListeningTest:
    """Excerpts with two buttons each; made by :func:`listening_test`.

    Parameters
    ----------
    excerpts : list of (Score, bool)
        In the order in which they are heard; true where it is real.
    sample_rate : int
        In Hz.
    """

    def __init__(self, excerpts, *, sample_rate):
        self.key = [real for _, real in excerpts]
        names = [f"excerpt {number}" for number in range(1, len(excerpts) + 1)]
        self.players = gallery({name: score for name, (score, _) in zip(names, excerpts, strict=True)}, sample_rate)
        self.buttons = [
            ipywidgets.ToggleButtons(options=list(CHOICES), value=None, style={"button_width": "70px"}) for _ in names
        ]
        self.result = ipywidgets.HTML(self.html_of_result)
        rows = [
            ipywidgets.VBox([ipywidgets.HTML(player._repr_html_()), buttons])
            for player, buttons in zip(self.players.players, self.buttons, strict=True)
        ]
        self.box = ipywidgets.VBox([*rows, self.result])
        for buttons in self.buttons:
            buttons.observe(self._show, "value")

    @property
    def answers(self):
        """What was said of each excerpt: True for real, False for made, None where nothing was."""
        return [CHOICES.get(buttons.value) for buttons in self.buttons]

    @property
    def html_of_result(self):
        """How many answers are missing, or what they say, as HTML."""
        missing = self.answers.count(None)
        if missing:
            return f"<p>{len(self.key) - missing} of {len(self.key)} answered; the result comes with the last one.</p>"
        figures = listening.evaluate(np.array(self.answers), np.array(self.key))
        low, high = figures["interval"]
        called = {name: "none" if share is None else f"{share:.0%}" for name, share in figures["called_real"].items()}
        return (
            f"<p><b>{figures['right']} of {figures['trials']} right.</b> The share of right answers that you would give in the "
            f"long run lies between {low:.0%} and {high:.0%} (95 % interval). A guesser gets so many or more in "
            f"{figures['chance']:.0%} of all tests. You called {called['real']} of the real ones real, and {called['made']} of "
            f"the made ones.</p>{self._told}"
        )

    @property
    def _told(self):
        return f"<p>Real: {_numbers(self.key, True)}. Made: {_numbers(self.key, False)}.</p>"

    def __repr__(self):
        return f"ListeningTest: {len(self.key)} excerpts, {sum(self.key)} of them real"

    def _repr_mimebundle_(self, **_):
        folded = f"<details><summary>The answers, for readers without buttons: listen first</summary>{self._told}</details>"
        data = self.box._repr_mimebundle_()
        return {**data, "text/plain": repr(self), "text/html": self.players._repr_html_() + folded}

    def _show(self, _=None):
        self.result.value = self.html_of_result


def listening_test(real, made, *, count=8, seed=0, sample_rate=SAMPLE_RATE):
    """Return a listening test; as the last line of a cell it appears under it.

    Parameters
    ----------
    real, made : sequence of Score
        At least half of `count` of each. Give both the same length, tempo and instrument.
    count : int
        How many excerpts are heard, an even number.
    seed : int
        Of what is drawn from both, and of the order.
    sample_rate : int
        In Hz.

    Returns
    -------
    ListeningTest

    Raises
    ------
    ParameterError
        An odd `count`, or too few Scores for it.

    Examples
    --------
    >>> listening_test(sopranos_of_bach, sopranos_of_the_network, count=8)
    """
    if count < 2 or count % 2:
        raise ParameterError(f"count: expected an even number from 2 up, half real and half made, received {count!r}.")
    rng, excerpts = np.random.default_rng(seed), []
    for name, scores, is_real in (("real", real, True), ("made", made, False)):
        if len(scores) < count // 2:
            raise ParameterError(f"{name}: expected at least {count // 2} Scores for {count} excerpts, received {len(scores)}.")
        excerpts += [(scores[i], is_real) for i in rng.choice(len(scores), count // 2, replace=False)]
    return ListeningTest([excerpts[i] for i in rng.permutation(count)], sample_rate=sample_rate)


def _numbers(key, wanted):
    return ", ".join(str(number) for number, real in enumerate(key, 1) if real == wanted)
