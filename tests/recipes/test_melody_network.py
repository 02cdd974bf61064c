"""The melody network loaded: its fold read whole, padding that changes nothing."""

import numpy as np

from lab_utils.recipes import _melody_data as data_of
from lab_utils.recipes import melody


def test_padding_changes_nothing(steps_run):
    model, form, config = melody.load(steps_run)
    pieces = data_of.prepare(config["data"]).valid
    short = {name: values[:20] for name, values in pieces[0].items()}
    alone, _ = melody.read(model, [short])[0]
    beside, _ = melody.read(model, [pieces[0], short])[1]
    np.testing.assert_allclose(alone, beside, atol=1e-4)
    looked = melody.read(model, [pieces[0], short], weights=True)[1][1]
    assert looked.shape == (20, 40)
