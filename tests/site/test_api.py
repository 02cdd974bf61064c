"""The pages of the API: from source alone, with the signatures and words that are there."""

import ast
import sys
from pathlib import Path

import api
import pytest

ROOT = Path(__file__).parents[2]
ROOM = '''"""Sound.

Conventions
-----------
Level |x| in dB, as :func:`play` has it.
"""
from lab_utils.sound._hidden import borrowed
from lab_utils.sound._verbs import verbs

__all__ = ["borrowed", "play", "Place"]


def play(score, rate=22050, *, seed=0, **options):
    """Return sound. And more.

    Parameters
    ----------
    score : Score
        What is played.
    """


def _own():
    """Nobody's business."""


class Place:
    """A place."""

    def __init__(self, x, y=0):
        self.x, self.y = x, y

    @property
    def left(self):
        """What is left."""

    @classmethod
    def origin(cls):
        """Return the origin."""

    def go(self, *steps):
        """Go."""

    def _stay(self):
        """Stay."""


@dataclass
class Pair:
    """Two numbers."""

    first: int
    second: int = 2


train, resume = verbs("sound")
'''
VERBS = '''"""Verbs."""


def verbs(name):
    """Return two functions."""

    def train(*, size="lab"):
        """Train it."""

    def resume(run):
        """Go on."""

    return train, resume
'''


@pytest.fixture
def source(tmp_path):
    """A package of one room."""
    room = tmp_path / "lab_utils" / "sound"
    room.mkdir(parents=True)
    (tmp_path / "lab_utils" / "__init__.py").write_text('"""Package."""\n')
    (room / "__init__.py").write_text('"""The room."""\nx = attach(__name__, submod_attrs={"player": ["play"]})\n')
    (room / "player.py").write_text(ROOM)
    (room / "_hidden.py").write_text('"""Hidden."""\ndef borrowed(a):\n    """Borrowed."""\n')
    (room / "_verbs.py").write_text(VERBS)
    for name in api.FLOOR:
        (tmp_path / "lab_utils" / f"{name}.py").write_text('"""Floor."""\n')
    return tmp_path


def test_what_is_public(source):
    found = api.Source(source).public("lab_utils.sound.player")
    assert set(found) == {"play", "Place", "Pair", "borrowed", "train", "resume"}


def test_a_room_page(source, tmp_path):
    names = api.write(source, tmp_path / "pages")
    text = (tmp_path / "pages" / "sound.rst").read_text()
    assert names == ["sound", "floor", "index"]
    for line in (
        ".. py:module:: lab_utils.sound.player",
        ".. py:function:: play(score, rate=22050, *, seed=0, **options)",
        "   :canonical: lab_utils.sound.play",
        ".. py:class:: Place(x, y=0)",
        "   .. py:property:: left",
        "   .. py:method:: origin()",
        "   .. py:method:: go(*steps)",
        ".. py:class:: Pair(first, second=2)",
        ".. py:function:: train(*, size='lab')",
        ".. rubric:: Conventions",
        ":param score: What is played.",
    ):
        assert line in text
    assert "Nobody's business" not in text and "Stay" not in text
    assert r"Level \|x\| in dB, as :func:`play` has it." in text


def test_types_link_to_classes_and_to_nothing_else(source):
    classes = api.Source(source).classes()
    text = api.link_types("   :type a: array, shape (n,)\n   :type b: list of Place, optional\n   :param c: A Place.", classes)
    assert text.splitlines() == [
        "   :type a: :emphasis:`array, shape (n,)`",
        "   :type b: list of \\ :py:class:`~lab_utils.sound.player.Place`\\ , optional",
        "   :param c: A Place.",
    ]


def test_the_first_sentence_is_the_summary():
    assert api.summary("Return sound\nof a score. And more.\n\nDetails.") == "Return sound of a score."
    assert api.summary("") == ""


def test_a_long_default_is_cut_short():
    node = ast.parse(f"def f(a={'x' * 60!r}): pass").body[0]
    assert api._signature(node.args, skip=False) == "a=…"


def test_nothing_of_the_package_is_imported(tmp_path):
    before = {name for name in sys.modules if name.startswith("lab_utils")}
    api.write(ROOT, tmp_path)
    assert {name for name in sys.modules if name.startswith("lab_utils")} == before
    for room in (ROOT / "lab_utils").glob("*/__init__.py"):
        assert (tmp_path / f"{room.parent.name}.rst").is_file()
