"""The figures of transfers, shown on rivals whose answers are known, and on judges that are made up."""

import json

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_figures as figures
from lab_utils.recipes import _cyclegan_judges as judges
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes import _cyclegan_rivals as rivals


@pytest.fixture(scope="module")
def few():
    """A few phrases of each style and fold, as prepare() returns them."""
    return {style: {fold: lines.every(30) for fold, lines in of.items()} for style, of in phrases.prepare().items()}


@pytest.fixture(scope="module")
def panel(few):
    """Judges that need no network: the n-grams, of which the first takes the top place."""
    return figures.Panel(names=("ngram", "intervals"), every=1, material=few)


def test_identity_keeps_all_and_moves_nothing(panel):
    found = figures.evaluate(rivals.identity, panel=panel, draws=20, floor=False)
    json.dumps(found)
    assert found["strength"] == found["intervals_only"]["strength"] == 0
    for name in ("content_f1", "content_f1_beat", "notes_kept", "notes_old", "steps_returned"):
        assert found[name] == 1, name
    for way, style in (("hymn_to_dance", "hymn"), ("dance_to_hymn", "dance")):
        of = found["by_direction"][way]
        assert of["density"] == found["real"][style]["density"]
        assert of["called_source"]["source"] == of["called_source"]["back"] == panel.accuracy("ngram")[style]
    assert found["nats"] > 2 * np.mean([found["real"][style]["nats"] for style in phrases.STYLES])  # each as of the other style
    assert "floor" not in found


def test_the_floor_holds_every_rival_and_what_it_is_known_for(panel):
    found = figures.evaluate(rivals.identity, panel=panel, draws=20)["floor"]
    assert tuple(found) == rivals.NAMES
    assert found["relabelled"]["strength"] > 0.9 and found["relabelled"]["content_f1"] < 0.2
    assert found["relabelled"]["content_f1"] < found["nearest"]["content_f1"] < 1 and found["nearest"]["strength"] > 0.9
    assert found["rule"]["strength"] > 0.5 > found["rule"]["intervals_only"]["strength"]  # whoever hears no rhythm is not fooled
    assert set(found["rule"]["by_direction"]) == {"hymn_to_dance", "dance_to_hymn"}


def test_figures_repeat_and_have_intervals(panel):
    one, again = (figures.evaluate(rivals.rule, panel=panel, draws=50, floor=False) for _ in range(2))
    assert one == again
    for name, (low, high) in one["interval"].items():
        assert low <= one[name] <= high, name
    low, high = one["intervals_only"]["interval"]["strength"]
    assert low < one["intervals_only"]["strength"] < high


def test_strength_follows_the_judge(panel, monkeypatch):
    """A judge who hears the first onset alone, and a transfer that moves it."""

    class First:
        def probability(self, numbers):
            return (numbers[:, 1, 1] == 0).astype(float)

    def transfer(numbers, to):
        made = np.array(numbers)
        made[:, 1, 1] = to == "dance"
        return made

    monkeypatch.setitem(panel.judges, "ngram", First())
    said = {style: panel._asked(panel.judges["ngram"], lines.numbers, style) for style, lines in panel.sources.items()}
    monkeypatch.setitem(panel.said, "ngram", said)
    monkeypatch.setattr(First, "nats", lambda self, numbers, style: np.zeros(len(numbers)), raising=False)
    found = panel.measure(transfer, draws=10)
    share = found["classifier_accuracy"]
    ways = [(said[style].mean() + 1) / 2 for style in phrases.STYLES]  # the way back is always called right, the transfer never
    assert found["strength"] == pytest.approx(np.mean(ways)) and share == pytest.approx(
        np.mean([s.mean() for s in said.values()])
    )


def test_what_cannot_be_measured_is_told(panel, few):
    with pytest.raises(ParameterError, match="transfer: expected numbers of shape"):
        figures.evaluate(lambda numbers, to: numbers[:, :32], panel=panel)
    with pytest.raises(ParameterError, match="panel: expected one of the fold 'test', received one of 'valid'"):
        figures.evaluate(rivals.identity, fold="test", panel=panel)
    with pytest.raises(ParameterError, match="every: expected a whole number"):
        figures.Panel(names=("counts",), every=0, material=few)
    with pytest.raises(ParameterError, match="fold: expected one of"):
        figures.Panel("all", names=("counts",), material=few)


def test_panels_take_any_judges(few):
    with pytest.raises(ParameterError, match="names: expected some of"):
        figures.Panel(names=("ear",), material=few)
    alone = figures.Panel("test", names=("rhythm",), every=2, material=few)
    found = alone.measure(rivals.rule, draws=10)
    assert "nats" not in found and "second_classifier" not in found and found["classifier_accuracy"] > 0.9
    assert isinstance(alone.judges["rhythm"], judges.NGramJudge)
