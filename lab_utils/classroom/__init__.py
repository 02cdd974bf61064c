"""What a classroom needs: tests that help, an answer checked alone at home, a class graded.

A student's half is :func:`check`, a teacher's :func:`release`, :func:`collect` and :func:`grade`; the tests inside an assignment
speak through :mod:`lab_utils.classroom.judging`. The assignments themselves stand in ``notebooks/assignments``. May import the
floor alone; owns nbformat, nbclient and nbgrader.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "judging": ["expect", "expect_array", "expect_number", "expect_same"],
        "assignments": ["names"],
        "checking": ["check"],
        "releasing": ["release"],
        "collecting": ["collect"],
        "grading": ["grade"],
    },
)
