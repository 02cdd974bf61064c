import re
from base64 import b64decode

import ipywidgets
import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.widgets import explore_trials
from lab_utils.widgets.trials import TrialExplorer, told

CURVES = {
    "adam": {0.001: [4.0, 3.0, 2.0], 0.01: [4.0, 1.5, 1.0], 0.1: [4.0, 9.0, 7.0]},
    "sgd": {0.1: [4.0, 3.5, 3.0], 1.0: [4.0, 2.0, 1.5], 10.0: [4.0, np.nan, np.nan]},
}


def test_the_first_choice_is_shown():
    explorer = explore_trials(CURVES)
    assert isinstance(explorer, TrialExplorer)
    assert (explorer.optimizer.value, explorer.rate.value) == ("adam", 0.01)
    assert "mean of the last 3 losses: 2.17" in explorer.shown.value  # (4 + 1.5 + 1) / 3
    chosen = explore_trials(CURVES, optimizer="sgd", rate=10)
    assert repr(chosen) == "TrialExplorer: sgd, learning rate 10"


def test_every_curve_can_be_chosen_and_has_a_picture_of_its_own():
    explorer, pictures = explore_trials(CURVES), set()
    for explorer.optimizer.value in CURVES:
        for rate in CURVES[explorer.optimizer.value]:
            explorer.rate.value = rate
            assert f"Losses of {explorer.optimizer.value} with learning rate {rate:g}" in explorer.shown.value
            picture = b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', explorer.shown.value)[1])
            assert picture.startswith(b"\x89PNG")
            pictures.add(picture)
    assert len(pictures) == 6


def test_another_optimiser_brings_its_own_rates():
    explorer = explore_trials(CURVES, rate=0.1)
    explorer.optimizer.value = "sgd"
    assert explorer.rate.value == 1.0
    assert [rate for _, rate in explorer.rate.options] == [0.1, 1.0, 10.0]
    assert "Losses of sgd with learning rate 1" in explorer.shown.value


def test_what_is_told_of_a_curve():
    assert told(np.array([4.0, 2.0, np.nan, np.nan])) == "no number any more from step 3 on"
    assert told(np.arange(20.0)) == "mean of the last 10 losses: 14.50"


def test_a_page_without_widgets_gets_the_picture():
    explorer = explore_trials(CURVES)
    data = explorer._repr_mimebundle_()
    assert data["text/html"] == explorer.shown.value and "data:image/png" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.box.model_id
    assert explorer.shown in explorer.box.children and isinstance(explorer.shown, ipywidgets.HTML)


@pytest.mark.parametrize(
    ("curves", "options", "named"),
    [
        ({}, {}, "curves"),
        ({"adam": {}}, {}, "curves"),
        ({"adam": {0.1: [np.nan, 1.0]}}, {}, "'adam'"),
        (CURVES, {"optimizer": "lion"}, "'lion'"),
        (CURVES, {"rate": 10.0}, "received 10.0"),
    ],
)
def test_what_cannot_be_shown_is_refused(curves, options, named):
    with pytest.raises(ParameterError, match=named):
        explore_trials(curves, **options)
