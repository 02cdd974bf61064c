import subprocess
import sys

import pytest

IN_A_NOTEBOOK = """
import io, sys, threading
class OutStream(io.StringIO): pass  # by this name music21 knows Jupyter
sys.stderr = OutStream()
{load}
note = music21.note.Note("A4").pitch.midi
waiting = [thread.cancel() for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
print(note, len(waiting))
"""


@pytest.mark.parametrize(
    ("load", "waiting"),
    [("from lab_utils.files.library import music21", 0), ("import music21", 1)],  # the second shows what the first is for
)
def test_a_notebook_is_left_alone(load, waiting):
    done = subprocess.run([sys.executable, "-c", IN_A_NOTEBOOK.format(load=load)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["69", str(waiting)]


def test_it_is_loaded_when_it_is_first_used():
    code = (
        "import sys; from lab_utils.files.library import music21; before = 'music21' in sys.modules; "
        "music21.pitch; print(before, 'music21' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_what_it_writes_is_passed_on(monkeypatch, capsys):
    from lab_utils.files import library

    def speaks(name):
        print("a warning", file=sys.stderr)
        return sys

    monkeypatch.setattr(library.importlib, "import_module", speaks)
    assert library._load() is sys
    assert capsys.readouterr().err == "a warning\n"


def test_a_name_that_it_has_not_is_an_error():
    from lab_utils.files.library import music21

    with pytest.raises(AttributeError):
        music21.no_such_module  # noqa: B018  the look-up is the test
    assert music21.__file__.endswith("__init__.py")
