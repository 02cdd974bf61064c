"""Formulas: LaTeX as MathML that a browser sets as TeX would."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import mathml
import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/[0-9]*.ipynb"), *ROOT.glob("notebooks/solutions/*.ipynb")])


def tree(latex, **options):
    return ET.fromstring(mathml.convert(latex, **options))


def words(latex, **options):
    """Return the tags and texts of the elements in the formula's row."""
    row = tree(latex, **options)[0]
    return [(one.tag, "".join(one.itertext())) for one in row]


def test_a_fraction_is_a_fraction():
    fraction = tree(r"\frac{a}{b}").find(".//mfrac")
    assert [part.text for part in fraction.iter("mi")] == ["a", "b"]


def test_a_function_stands_apart_from_what_it_is_of():
    assert words(r"\ln p") == [("mi", "ln"), ("mspace", ""), ("mi", "p")]
    assert words(r"2 \ln 2") == [("mn", "2"), ("mspace", ""), ("mi", "ln"), ("mspace", ""), ("mn", "2")]
    assert words(r"\max(0, z)")[:2] == [("mi", "max"), ("mo", "(")]  # a bracket keeps them apart
    assert [tag for tag, _ in words(r"\log_2 p")] == ["msub", "mspace", "mi"]


def test_what_is_minimised_over_stands_below_in_a_line_of_its_own():
    assert tree(r"\min_G x", display=True).find(".//munder") is not None
    assert tree(r"\min_G x").find(".//munder") is None


def test_bars_open_and_close():
    bars = [one for one in tree(r"|x| - \lVert y \rVert^2").iter("mo") if one.text in "|‖"]
    assert [bar.get("form") for bar in bars] == ["prefix", "postfix", "prefix", "postfix"]
    assert all(bar.get("stretchy") == "false" for bar in bars)
    assert [bar.get("form") for bar in tree(r"p(x \mid y)").iter("mo") if bar.text == "∣"] == [None]


def test_a_minus_that_subtracts_nothing_is_a_sign():
    assert [one.get("form") for one in tree("x = -y").iter("mo") if one.text == "−"] == ["prefix"]
    assert [one.get("form") for one in tree("x - y").iter("mo") if one.text == "−"] == [None]


def test_words_of_several_letters_are_one_word():
    assert ("mi", "KL") in words(r"\mathrm{KL}(q)")
    assert ("mi", "sign") in words(r"\operatorname{sign}(x)")
    assert ("mo", "+=") in words(r"x \mathrel{+}= W")


def test_letters_of_other_alphabets_need_no_braces():
    assert words(r"\mathbb E x")[0] == ("mi", "𝔼")
    assert words(r"\mathcal N(x)")[0] == ("mi", "𝒩")


def test_columns_are_aligned_at_the_sign():
    table = tree(r"\begin{aligned} z &= x \\ h &= y && \text{keep} \end{aligned}").find(".//mtable")
    assert [[cell.get("style").split(";")[0][-5:].strip() for cell in row] for row in table] == [
        ["right", "left"], ["right", "left", "right", "left"],
    ]  # fmt: skip
    assert "&" not in "".join(table.itertext())


@pytest.mark.parametrize("latex", [r"\unheardof{x}", r"\frac{a", r"x & y"])
def test_what_cannot_be_set_is_said(latex):
    with pytest.raises(ValueError, match=r"^the formula "):
        mathml.convert(latex)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_formula_of_the_course_is_set(path):
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown"]
    texts = [re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL) for text in cells]
    for text in texts:
        for display, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", text, re.DOTALL):
            assert mathml.convert(display or inline, display=bool(display)).startswith("<math")
