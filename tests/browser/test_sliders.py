"""Sliders, dropdowns and players of the course, moved in JupyterLab and in Voilà: the picture, the staff and the sound change."""

RECEPTIVE = "from lab_utils.widgets import explore_receptive_field\nexplore_receptive_field()"
CHOIR = """
from lab_utils.score import Score, note_array
from lab_utils.widgets import compose_chorales

def write(seed, temperature):
    return Score(note_array([(0, 4, 60 + seed, 80, 0), (0, 4, 57, 80, 1), (0, 4, 52, 80, 2), (0, 4, 45, 80, 3)]))

compose_chorales(seed=3, write=write)
"""


def test_a_slider_redraws_its_picture(show, place):
    notebook = show(RECEPTIVE)
    before = notebook.wait_for_picture()
    assert before.startswith("data:image/png;base64,")
    notebook.press("layers", times=2)
    notebook.page.get_by_alt_text("Picture for layers 6, repeats 1").first.wait_for()  # by way of 5
    assert notebook.widget("layers").locator(".widget-readout").inner_text() == "6"
    assert len(notebook.picture()) > len(before)  # a taller tree
    notebook.photograph(f"receptive_{place}")
    assert notebook.outside == []  # nothing was asked of the internet


def test_a_slider_changes_the_staff_and_the_sound(show, place):
    notebook = show(CHOIR)
    staff, sound = notebook.wait_for_picture(), notebook.wait_for_sound()
    assert notebook.play_seconds() > 1.5
    notebook.press("seed")
    assert notebook.wait_for_picture(other_than=staff) != staff
    assert notebook.wait_for_sound(other_than=sound).startswith("data:audio/mpeg;base64,")
    notebook.wait_for_text("seed 4, temperature 0.9")
    notebook.press("seed")  # once more: Lab hands later moves to another thread than the first
    notebook.wait_for_text("seed 5, temperature 0.9")
    notebook.photograph(f"composer_{place}")
