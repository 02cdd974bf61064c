"""What a classroom needs: tests that help, an answer checked alone at home, a class graded.

May import the floor alone; owns nbformat, nbclient and nbgrader. The assignments themselves stand in ``notebooks/assignments``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[],
    submod_attrs={"judging": ["expect", "expect_array", "expect_number", "expect_same"]},
)
