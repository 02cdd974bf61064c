"""The font of formulas: STIX Two Math, of which the letters and signs of formulas are kept; a third of its size.

The font (SIL Open Font License 1.1) comes with the wheel ``ziamath``; ``fontTools`` comes with matplotlib.
"""

from importlib.util import find_spec
from pathlib import Path

from fontTools import subset

KEPT = (  # Unicode blocks: Latin, accents, Greek, punctuation, letters like ℓ, arrows, operators, braces, alphabets
    (0x20, 0x250), (0x2C6, 0x2DE), (0x300, 0x33A), (0x370, 0x400), (0x2000, 0x2070), (0x2100, 0x2150), (0x2190, 0x2300),
    (0x2308, 0x230C), (0x23B0, 0x23E2), (0x27E6, 0x27F0), (0x2A00, 0x2AF0), (0x1D400, 0x1D800),
)  # fmt: skip


def write(path):
    """Write the font as WOFF to `path`."""
    options = subset.Options(flavor="woff", layout_features=["*"], notdef_outline=True)
    place = Path(find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
    font = subset.load_font(str(place), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, end in KEPT for code in range(first, end)])
    cutter.subset(font)
    subset.save_font(font, str(path), options)
