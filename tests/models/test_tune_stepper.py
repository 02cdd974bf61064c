"""The network of tunes step by step says what it says of a whole tune."""

import numpy as np

from lab_utils.models import TuneStepper
from lab_utils.recipes import melody
from lab_utils.recipes._melody_data import Form

NAMES = ("<end>", "[M:2/4]", "[M:6/8]", "[K:Cmaj]", "|", "|]", ":|", "-", "z2", "C", "C2", "E", "G2", "c4")
TUNE = ["[M:2/4]", "[K:Cmaj]", "C", "|", "C2", "E", "E", "|", "G2", "-", "G2", ":|", "c4", "|]"]


def test_step_by_step_is_the_whole():
    form = Form("symbols", symbols=NAMES)
    model = melody.build(melody.SIZES["tiny"], form, seed=3)
    stepper = TuneStepper(model, form.rule())
    ids = form.vocabulary.ids(TUNE)
    wanted, _ = melody.read(model, [{**form.inputs(ids), "tokens": ids}])[0]
    state, before = stepper.begin(3), np.zeros(3, np.int32)
    rows = np.arange(3)
    for token, logits in zip(ids, wanted, strict=True):
        found, state = stepper.step(state, np.stack([rows, before], axis=1).astype(np.int32))
        np.testing.assert_allclose(np.asarray(found)[1], logits, atol=1e-4)
        before = np.array([0, token, 9], np.int32)  # the other rows write something else
        rows = np.array([1, 1, 1])
