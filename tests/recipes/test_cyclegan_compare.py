"""The table over settings: a row for each, nothing trained twice; what is hidden in transfers, known by construction."""

import csv

import numpy as np
import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import _cyclegan_compare as comparison
from lab_utils.recipes import _cyclegan_phrases as phrases
from lab_utils.recipes._cyclegan_rivals import identity, rule


def dances(count=5):
    rng = np.random.default_rng(0)
    pitch = np.repeat(rng.integers(0, phrases.PITCHES, (count, 32)), 2, axis=1)
    return phrases.tidied(np.stack([pitch, np.zeros_like(pitch)], axis=-1).astype(np.uint8))


def test_what_a_rule_makes_hides_nothing_and_a_copy_hides_all():
    assert comparison.hidden(rule, dances()) == 0
    off = comparison.hidden(identity, dances())
    assert off == pytest.approx(1 - comparison._returned(dances(), rule(dances(), "hymn")))
    assert off > 0.9


def test_a_code_in_the_hymn_is_found():
    """A hymn that tells the note off the beat by its octave lets the dance come back; the rule's hymn does not."""

    def coded(numbers, to):
        numbers = np.array(numbers)
        if to == "hymn":
            made = rule(numbers, "hymn")
            made[..., 0] = made[..., 0] % 12 + 12 * np.repeat(numbers[:, 2::4, 0] % 2, 4, axis=1)
            return phrases.tidied(made)
        numbers[:, 2::4, 0] = numbers[:, 2::4, 0] // 12
        numbers[:, 2::4, 1] = 1
        return phrases.tidied(np.repeat(numbers[:, ::2], 2, axis=1))

    given = dances(50)
    given[..., 0] = np.where(np.arange(64) % 4 >= 2, given[..., 0] % 2, given[..., 0] % 12)
    assert comparison.hidden(coded, phrases.tidied(given)) > 0.3


def test_variants_are_settings():
    assert comparison.settings_of("cycle=1+content=0") == {"cycle": 1.0, "content": 0.0}
    assert comparison.settings_of("") == {}
    assert all(comparison.settings_of(variant) for variant in comparison.VARIANTS)
    for wrong in ("cycle", "cycle=much"):
        with pytest.raises(ParameterError, match=f"variants: expected settings such as cycle=0.3, .* received '{wrong}'"):
            comparison.settings_of(wrong)


def test_each_setting_is_trained_once(tmp_path, monkeypatch):
    trained, resumed = [], []

    def train(*, out, **options):
        trained.append(options)
        out.mkdir(parents=True)
        (out / "config.json").write_text("{}")

    monkeypatch.setattr(comparison.figures, "Panel", lambda fold: fold)
    monkeypatch.setattr(comparison, "row_of", lambda folder, panel: dict.fromkeys(comparison.COLUMNS[2:], len(trained)))
    for _ in range(2):
        comparison.compare(
            train, lambda folder, **options: resumed.append(folder.name), tmp_path, variants="cycle=0,cycle=1+content=0",
            seeds=2, progress=False, size="tiny",
        )  # fmt: skip
    assert trained == [
        {"seed": seed, "progress": False, "size": "tiny", **settings}
        for seed in (0, 1) for settings in ({"cycle": 0.0}, {"cycle": 1.0, "content": 0.0})
    ]  # fmt: skip
    assert resumed == ["cycle=0_0", "cycle=1+content=0_0", "cycle=0_1", "cycle=1+content=0_1"]
    with open(tmp_path / "table.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["variant"], row["seed"]) for row in rows] == [
        (v, str(s)) for s in (0, 1) for v in ("cycle=0", "cycle=1+content=0")
    ]


def test_no_variant_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="variants, seeds: expected at least one"):
        comparison.compare(None, None, tmp_path, variants=[], seeds=1)
