"""The figures of the swarm, on the rhythms that ship, which are read at once."""

import numpy as np
import pytest

from lab_utils.algorithms import _swarm_figures, _swarm_search


@pytest.fixture
def on_chorales(monkeypatch):
    """The figures on the rhythms that ship, which are read at once."""
    from lab_utils.algorithms._swarm_rhythms import rhythms

    monkeypatch.setattr(_swarm_figures, "rhythms", lambda data, *rest, **options: rhythms("chorales", *rest, **options))
    model = _swarm_search.rhythm_model
    monkeypatch.setattr(_swarm_search, "rhythm_model", lambda data="tunes", *, bar=16: model("chorales", bar=bar))


def test_the_figures(on_chorales):
    made = _swarm_figures.figures(fold="valid", seeds=4, evaluations=2000)
    assert made["optimum_found"] >= made["optimum_found_worst"] > made["random_optimum"] and made["beats_random"] == 1
    assert made["optimum_found"] > 0.7 and 0 <= made["beats_hill_climb"] <= 1
    assert made["values"]["swarm"] > made["values"]["random"] and made["values"]["continuous"] > made["values"]["random"]
    assert 0.1 < made["nats_per_step"] < made["place_only"] < np.log(2)
    assert (made["seeds"], made["evaluations"], made["fold"]) == (4, 2000, "valid")
