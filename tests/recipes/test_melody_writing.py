"""New melodies: repeatable by their seed, and the text and Score of a tune's tokens."""

import numpy as np
import pytest

from lab_utils import files
from lab_utils.encoding import chorale
from lab_utils.errors import ParameterError
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


def test_going_on_is_what_the_network_says_after_the_prompt(steps_run):
    from lab_utils.generation import sampling
    from lab_utils.recipes import _melody_writing as writing

    model, form, _ = melody.load(steps_run)
    prompt = np.array([40, 0, 0, 0, 42, 0, 0, 0], np.int32)
    made = writing.go_on(model, form, prompt, steps=12, seed=4, temperature=0.9)
    whole = np.concatenate([prompt, made])
    logits = melody.read(model, [{**form.inputs(whole), "tokens": whole}])[0][0]
    uniform = sampling.noise((writing.STRIDE,), seed=4)[len(prompt) : len(whole)]
    np.testing.assert_array_equal(made, sampling.pick(logits[len(prompt) :], uniform, temperature=0.9))


def test_going_on_from_nothing(steps_run):
    from lab_utils.recipes import _melody_writing as writing

    model, form, _ = melody.load(steps_run)
    for prompt in ([], [[1]], [-1], [form.size]):
        with pytest.raises(ParameterError, match="prompt: expected"):
            writing.go_on(model, form, prompt, steps=4)
