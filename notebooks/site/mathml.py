"""Formulas as MathML, which a browser draws by itself: no script, no pictures, nothing fetched.

A Sphinx extension. ``latex2mathml`` turns LaTeX into MathML; what it leaves rough is mended here, so that a formula looks as
TeX would set it: the blank around ``ln``, bars that open and close, aligned columns, capital Greek upright, labels on arrows.
A command that it does not know is a warning, and `make site` takes warnings for errors: no raw LaTeX gets onto a page.
"""

import html
import re
import xml.etree.ElementTree as ET

import latex2mathml.converter
from sphinx.util import logging

FUNCTIONS = set(
    ["arg", "cos", "det", "dim", "exp", "inf", "ker", "lim", "ln", "log", "max", "min", "sign", "sin", "sup", "tan", "tanh"]
)
UNDER = {"inf", "lim", "max", "min", "sup"}  # what a display formula writes below them
LONG = 45  # characters of LaTeX from which a formula in a line may be wider than a phone
SIGNS = {"−", "+", "±"}
CLOSING = {")", "]", "}", "|", "‖", "′", "…"}
BARS = {"|", "‖"}
MARKS = {";": ";", "~": "∼", "′": "′"}  # operators that the converter takes for letters
CLOSED = {"/", ".", "…", "⋯"}  # no blank on either side
NAMESPACE = "http://www.w3.org/1998/Math/MathML"
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
BEFORE = (  # LaTeX to LaTeX that the converter knows
    (re.compile(r"\\(mathcal|mathbb|mathbf|mathrm|text)\s+(\w)"), r"\\\1{\2}"),
    (re.compile(r"\\arg\s*\\(min|max)"), r"\\operatorname{arg}\\,\\\1"),
    (re.compile(r"\\arg(?![a-zA-Z])"), r"\\operatorname{arg}"),
    (re.compile(r"\\(begin|end)\{(aligned|align|align\*|split)\}"), r"\\\1{matrix}"),
    (re.compile(r"\\mathrel\{\+\}\s*="), r"\\mathrel{+=}"),
    (re.compile(r"\\operatorname\{(\w+)\}"), r"\\mathrm{\1}"),
)
log = logging.getLogger(__name__)


def convert(latex, *, display=False):
    r"""Return a formula as MathML.

    Parameters
    ----------
    latex : str
        Without dollars.
    display : bool, default=False
        Whether it stands in a line of its own.

    Returns
    -------
    str
        One ``<math>`` element.

    Raises
    ------
    ValueError
        A command that has no translation, or braces that do not close.

    Examples
    --------
    >>> convert(r"\ln 2")
    """
    aligned = re.search(r"\\begin\{(aligned|align\*?|split)\}", latex) is not None
    plain = latex.strip()
    bare = re.sub(r"\\[{}]", "", plain)
    if bare.count("{") != bare.count("}"):
        raise ValueError(f"the formula {latex!r} has braces that do not close.")
    for pattern, better in BEFORE:
        plain = pattern.sub(better, plain)
    try:
        rough = latex2mathml.converter.convert(plain, display="block" if display else "inline")
        math = ET.fromstring(rough.replace(f' xmlns="{NAMESPACE}"', ""))
    except Exception as error:  # the converter has a dozen classes of them
        raise ValueError(f"the formula {latex!r} cannot be read: {error!r}") from error
    for child in list(math.iter()):
        _settle(child)
    for parent in list(math.iter()):
        _mend(parent, display)
    for table in math.iter("mtable"):
        _align(table, ("right", "left") if aligned else ("left",))
    left = [piece for piece in math.itertext() if re.search(r"[\\&$]", piece)]
    if left:
        raise ValueError(f"the formula {latex!r} holds what has no translation: {left[0]}")
    math.set("alttext", " ".join(latex.split()))
    return ET.tostring(math, encoding="unicode", short_empty_elements=False)


def _settle(node):
    """Mend what one element is by itself: a word, an operator, a mark."""
    if node.tag == "mrow" and len(node) > 1 and all(one.tag == "mi" and one.get("mathvariant") == "normal" for one in node):
        _become(node, "mi", "".join(one.text for one in node))  # \mathrm{...}, whose letters come one by one
    elif node.tag == "mo" and len(node):  # \mathrel{...}: an operator that holds operators
        _become(node, "mo", "".join(node.itertext()))
    elif node.tag == "mo" and node.text in FUNCTIONS:
        node.tag = "mi"
    elif node.tag == "mi" and node.text in MARKS:
        _become(node, "mo", MARKS[node.text])
    elif node.tag == "mi" and len(node.text or "") == 1 and "Α" <= node.text <= "Ω":
        node.set("mathvariant", "normal")
    elif node.tag == "mrow" and len(node) == 1 and node[0].tag == "mo" and node[0].text == ",":  # 1{,}000
        node[0].attrib.update(lspace="0em", rspace="0em")
    if node.tag == "mo" and node.text in CLOSED:
        node.attrib.update(lspace="0em", rspace="0em")


def _become(node, tag, text):
    node.clear()
    node.tag, node.text = tag, text


def _mend(parent, display):
    """Mend how the children of one element stand to each other."""
    for child in list(parent):
        _under(child, display)
        _stretch_arrow(child)
    if parent.tag not in SCRIPTS and parent.tag != "mfrac":
        _pair_bars(parent)
        _settle_signs(parent)
        _space_functions(parent)


def _under(node, display):
    if display and node.tag == "msub" and node[0].text in UNDER:
        node.tag = "munder"


def _stretch_arrow(node):
    """Let an arrow grow as long as its label, and let the label have air."""
    if node.tag == "mover" and node[0].tag == "mstyle" and "→" in "".join(node[0].itertext()):
        label = ET.Element("mrow")
        label.extend(node[1].iter("mtext"))
        arrow = ET.Element("mo", stretchy="true")
        arrow.text = "→"
        node[:] = [arrow, label]


def _core(node):
    """Return what a script stands at; the node itself if it is none."""
    while node.tag in SCRIPTS and len(node):
        node = node[0]
    return node


def _pair_bars(row):
    """Tell each bar whether it opens or closes, so that the blanks fall outside."""
    bars = [one for one in map(_core, row) if one.tag == "mo" and one.text in BARS and one.get("fence") != "false"]
    if len(bars) % 2 == 0:
        for number, bar in enumerate(bars):
            bar.set("form", "postfix" if number % 2 else "prefix")
            bar.attrib.update({"fence": "true", "stretchy": bar.get("stretchy", "false")})


def _settle_signs(row):
    """Set a minus that follows an operator close to what it changes: it subtracts nothing."""
    children = [one for one in row if one.tag != "mspace"]
    for first, second in zip([None, *children], children, strict=False):
        if second.tag == "mo" and second.text in SIGNS and (first is None or (first.tag == "mo" and first.text not in CLOSING)):
            second.attrib.update(form="prefix", lspace="0em", rspace="0em")


def _is_function(node):
    core = _core(node)
    return core.tag == "mi" and core.text in FUNCTIONS


def _space_functions(row):
    """A thin blank between a function's name and what is no bracket, on both sides."""
    children = list(row)
    for first, second in zip(children, children[1:], strict=False):
        opens, closes = _core(second).tag == "mo", _core(first).tag == "mo" and _core(first).text not in CLOSING
        blank = first.tag == "mspace" or second.tag == "mspace"
        if not blank and ((_is_function(first) and not opens) or (_is_function(second) and not closes)):
            row.insert(list(row).index(second), ET.Element("mspace", width="0.167em"))


def _align(table, sides):
    """Set the columns of a table to the sides given, in turn."""
    for line in table.iter("mtr"):
        for place, cell in enumerate(line):
            cell.set("style", f"text-align: {sides[place % len(sides)]}; padding-left: {_gap(place, sides)}; padding-right: 0")


def _gap(place, sides):
    if place == 0 or (len(sides) == 2 and place % 2):
        return "0"
    return "2em" if len(sides) == 2 else "1em"


def _visit(translator, node, *, display):
    from docutils import nodes

    latex = node.astext()
    try:
        math = convert(latex, display=display)
    except ValueError as error:
        log.warning(str(error), location=node)
        math = f"<code>{html.escape(latex)}</code>"
    if display:
        translator.body.append(f'<div class="formula"{_ids(translator, node)}>{math}</div>')
    else:
        kind = "formula long" if len(latex) > LONG else "formula"
        translator.body.append(f'<span class="{kind}">{math}</span>')
    raise nodes.SkipNode


def _ids(translator, node):
    return "".join(f' id="{html.escape(name)}"' for name in node.get("ids", [])[:1])


def _inline(translator, node):
    _visit(translator, node, display=False)


def _block(translator, node):
    _visit(translator, node, display=True)


def setup(app):
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
