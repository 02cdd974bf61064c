import pytest

from lab_utils.errors import ParameterError
from lab_utils.recipes import _comparison as comparison


def test_variants_are_a_list_or_a_text_with_commas():
    assert comparison.wanted("gru,lstm", 1) == comparison.wanted(("gru", "lstm"), 2) == ["gru", "lstm"]
    for variants, seeds in (([], 1), ("gru", 0)):
        with pytest.raises(ParameterError, match="^variants, seeds: "):
            comparison.wanted(variants, seeds)


def test_what_was_begun_is_gone_on_with(tmp_path):
    asked = []

    def train(**options):
        asked.append(options)

    def resume(folder, **options):
        asked.append((folder, options))

    comparison.trained(train, resume, tmp_path, progress=False, seed=3)
    (tmp_path / "config.json").touch()
    comparison.trained(train, resume, tmp_path, progress=False, seed=3)
    assert asked == [{"out": tmp_path, "progress": False, "seed": 3}, (tmp_path, {"progress": False})]


def test_the_table_holds_every_row(tmp_path):
    rows = [{"variant": "gru", "nll": "0.5"}, {"variant": "a,b", "nll": "0.4"}]
    comparison.write_table(rows, rows[0], tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text() == 'variant,nll\ngru,0.5\n"a,b",0.4\n'
