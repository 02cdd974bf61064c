"""music21, loaded when it is first used, and so that it leaves a notebook as it was; all of the package takes it from here.

Imported in a notebook, music21 (10.5) waits a second and then makes every later figure twice as wide and twice as high in
pixels, and pyplot interactive: a stored notebook gets three times the bytes, and how many figures it befalls hangs on the hurry
of the machine. It takes an error stream of Jupyter's kind for a notebook, so it is shown another one while it is imported; what
it writes there is passed on.
"""

import contextlib
import importlib
import io
import sys


class Music21:
    """The package music21; the first use of a name imports it, which takes 1.4 s."""

    def __getattr__(self, name):
        if not name.startswith("__") or name == "__file__":
            setattr(self, name, getattr(_load(), name))
            return self.__dict__[name]
        raise AttributeError(name)


def _load():
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        package = importlib.import_module("music21")
    if written.getvalue():
        print(written.getvalue(), end="", file=sys.stderr)
    return package


music21 = Music21()
