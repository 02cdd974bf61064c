"""Notebooks of the course as a student gets them: stored, in a JupyterLab that does not trust them, and as a Voilà page.

They are two that need no network, and so no TensorFlow, which takes long to import.
"""

from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TRUSTED = "() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.trusted).length"


def stored(path):
    """Return how many players and how many pictures the notebook at `path` stores."""
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    outputs = [output.get("data", {}) for cell in code for output in cell.outputs]
    html = "".join(data.get("text/html", "") for data in outputs)
    return html.count("<audio "), html.count("<img ") + sum("image/png" in data for data in outputs)


def shows_all(notebook, path):
    """Wait until the page shows as many players and pictures as the notebook at `path` stores, all of which can be decoded."""
    sounds, pictures = stored(path)
    assert sounds > 10 and pictures > 10
    lengths = notebook.cells().loaded(sounds=sounds, pictures=pictures)
    seen = notebook.cells().seen()
    assert (len(seen["sounds"]), len(seen["pictures"])) == (sounds, pictures)
    assert all(seconds > 0.5 for seconds in lengths)


@pytest.mark.parametrize("place", ["lab"], indirect=True)
def test_a_student_opens_a_notebook_that_lab_does_not_trust_and_runs_it(show, place):
    path = NOTEBOOKS / "03_music_as_data.ipynb"
    notebook = show(copy_of=path, run=False)
    assert notebook.page.evaluate(TRUSTED) == 0
    shows_all(notebook, path)  # the browser of bars too, which cannot move yet
    assert notebook.cells().play_seconds() > 5
    notebook.photograph("course_untrusted")
    notebook.run_all()
    assert notebook.page.evaluate(TRUSTED) > 20
    shows_all(notebook, path)
    bars = notebook.output(having="bar")
    before = bars.seen()
    bars.press("bar")
    bars.wait_until(", bar 2 · ", changed=before)
    assert bars.play_seconds() > 1
    bars.photograph("course_run")
    assert notebook.outside == []


@pytest.mark.parametrize("place", ["voila"], indirect=True)
def test_a_notebook_as_a_page(show, place):
    path = NOTEBOOKS / "04_from_midi_to_spectrogram.ipynb"
    notebook = show(copy_of=path)
    shows_all(notebook, path)
    assert notebook.page.locator(".jp-RenderedText[data-mime-type*='error'], .voila-cell-error").count() == 0
    windows = notebook.output(having="window")
    before = windows.seen()
    windows.press("window")
    windows.wait_until("a bin every", changed=before)
    notebook.photograph("course_voila")
    assert notebook.cells().play_seconds() > 1
    assert notebook.outside == []
