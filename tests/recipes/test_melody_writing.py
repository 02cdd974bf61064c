"""New melodies: repeatable by their seed, and the text and Score of a tune's tokens."""

import numpy as np

from lab_utils import files
from lab_utils.encoding import chorale
from lab_utils.recipes import _melody_data as data_of
from lab_utils.recipes import melody


def test_the_same_seed_writes_the_same_melody(steps_run, tmp_path):
    model, form, _ = melody.load(steps_run)
    one, same, other = (melody.compose(model, form, seed=seed, bars=2)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any() and len(one) == 32
    score = melody.score_from_tokens(one, form)
    assert len(score) == (one >= chorale.FIRST_PITCH).sum()


def test_a_tune_has_its_text_and_its_score(jigs):
    material = data_of.prepare("tunes")
    tokens = material.train[0]["tokens"][:-1]
    text = melody.text_from_tokens(tokens, material.form, title="Again")
    assert "K:G" in text and "M:6/8" in text
    expected = files.from_abc(jigs[0])
    score = melody.score_from_tokens(tokens, material.form)
    np.testing.assert_array_equal(score.notes["pitch"], expected.notes["pitch"])
    np.testing.assert_array_equal(score.notes["onset_quarter"], expected.notes["onset_quarter"])
