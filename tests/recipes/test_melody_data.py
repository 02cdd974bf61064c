"""What the melody recipe trains on: features by hand, the sampler's rule beside them, transposition, the form in its file."""

import json

import numpy as np
import pytest

from lab_utils.encoding import chorale, melody
from lab_utils.errors import DataError, ParameterError
from lab_utils.recipes import _melody_data as data_of

SYMBOLS = ("<end>", "[M:4/4]", "[M:6/8]", "[K:Cmaj]", "|", "|:", "z2", "C2", "D", "E4")


def test_symbols_show_the_clock():
    form = data_of.Form("symbols", symbols=data_of_vocabulary())
    ids = form.vocabulary.ids(["[M:6/8]", "[K:Cmaj]", "|:", "D", "C2", "|", "E4", "z2", "|", "D"])
    shown = form.inputs(ids)
    assert tuple(shown) == tuple(form.features)
    assert shown["left"].max() == 6 * form.tables["durations"][ids[3]]
    assert data_of.Form("steps").tables is None


def data_of_vocabulary():
    from lab_utils.encoding.abc_tokens import Vocabulary

    return Vocabulary(SYMBOLS).names


@pytest.mark.parametrize("kind", ["steps", "symbols"])
def test_the_rule_of_the_sampler_is_the_twin_of_the_features(kind):
    rng = np.random.default_rng(0)
    form = data_of.Form("symbols", symbols=data_of_vocabulary()) if kind == "symbols" else data_of.Form("steps", repeats=True)
    tokens = rng.integers(0, form.size, 200)
    tokens[0] = 5
    if kind == "steps":
        tokens[rng.random(200) < 0.6] = 0
        tokens[0] = 40
    shown, rule = form.inputs(tokens), form.rule()
    features = {name: np.zeros(1, np.int32) for name in form.features}
    for step, token in enumerate(tokens):
        features = rule.first(features, np.array([step % 16], np.int32))
        for name, value in features.items():
            assert int(np.asarray(value)[0]) == shown[name][step], (name, step)
        features = rule.next(features, np.array([token], np.int32))


def test_the_copy_task_knows_its_sources():
    material = data_of.prepare("copy")
    tokens, sources = material.valid[0]["tokens"], material.sources[0]
    copied = np.flatnonzero(sources >= 0)
    assert len(copied) == data_of.COPY_ITEMS
    assert (tokens[copied] == tokens[sources[copied]]).all()
    assert material.valid[0]["token"][0] == material.form.size
    assert not any((one["tokens"] == tokens).all() for one in material.train)


def test_transposition_stays_in_the_range_of_all():
    lines = [np.repeat(rows, 4) for rows in ([60, 62, 64], [70, 72, 71])]
    form = data_of.Form("steps", repeats=False)
    melodies = [{**form.inputs(t), "tokens": t} for t in map(melody.tokens_from_line, lines)]
    ranges = data_of.transpositions(melodies)
    assert ranges.tolist() == [[0, 8], [-10, 0]]
    rng = np.random.default_rng(0)
    for one, row in zip(melodies, ranges, strict=True):
        for _ in range(20):
            moved = data_of.transposed({**one, "ranges": row}, rng)
            line, _ = melody.line_from_tokens(moved["tokens"])
            assert line.min() >= 60 and line.max() <= 72
            np.testing.assert_array_equal(moved["sounding"], melody.inputs_from_tokens(moved["tokens"])["sounding"])


def test_a_silent_melody_cannot_be_moved():
    tokens = melody.tokens_from_line([-1] * 8)
    with pytest.raises(ParameterError, match="silent"):
        data_of.transpositions([{"tokens": tokens}])


def test_the_form_is_kept_in_json():
    for form in (data_of.Form("symbols", symbols=data_of_vocabulary()), data_of.Form("steps", repeats=False)):
        assert data_of.Form.from_dict(json.loads(json.dumps(form.to_dict())), "form.json") == form


@pytest.mark.parametrize(
    "content", [{}, [], {"kind": "song", "repeats": None, "symbols": []}, {"kind": "steps", "repeats": True}]
)
def test_a_broken_form_is_told_with_its_file(content):
    with pytest.raises(DataError, match="run/form.json"):
        data_of.Form.from_dict(content, "run/form.json")


def test_steps_of_chorales_are_their_sopranos():
    material = data_of.prepare("chorales")
    from lab_utils.datasets import load_chorales

    first = load_chorales().fold("valid")[0]
    line, onsets = melody.line_from_tokens(material.valid[0]["tokens"])
    np.testing.assert_array_equal(line, first.grid[:, 0])
    np.testing.assert_array_equal(onsets, chorale.tokens_from_grid(first.grid, first.onsets)[:, 0] >= chorale.FIRST_PITCH)
    assert material.form.repeats
