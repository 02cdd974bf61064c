"""The pad that morphs two tunes: in JupyterLab with the network of tunes, as a Voilà page with a writer made by hand."""

CELLS = {
    "lab": """
from lab_utils.algorithms import latent
from lab_utils.widgets import latent_pad

latent_pad(space=latent.open_space("vae"), stops=5)  # that of the chorales, whose data loads quickly
""",
    "voila": """
from lab_utils.score import Score, note_array
from lab_utils.widgets.pad import LatentPad

def write(stop, level, measure):
    return Score(note_array((i, 1, 60 + stop + 2 * level * i) for i in range(4))), "four notes"

LatentPad(write, stops=5, measures=("density", "range"), measure="density")
""",
}


def test_the_knob_moves_by_keys_by_the_pointer_and_by_the_sliders(show, place):
    notebook = show(CELLS[place])
    staff, sound = notebook.wait_for_picture(), notebook.wait_for_sound()
    plane = notebook.page.locator("svg.lab-pad-plane")

    plane.focus()
    plane.press("ArrowRight")
    notebook.wait_for_text("1/4 of the way")
    assert notebook.wait_for_picture(other_than=staff) != staff
    assert notebook.wait_for_sound(other_than=sound) != sound
    beside = notebook.picture()
    plane.press("ArrowUp")
    notebook.wait_for_text("1/4 of the way, density +1")
    assert notebook.picture() != beside
    assert notebook.widget("amount").locator(".widget-readout").inner_text() == "+1"
    notebook.photograph(f"pad_up_{place}")

    frame = plane.bounding_box()
    notebook.page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    notebook.page.mouse.down()
    notebook.page.mouse.move(frame["x"] + frame["width"] - 3, frame["y"] + frame["height"] / 2, steps=4)
    notebook.page.mouse.up()
    notebook.wait_for_text("tune B:")
    assert notebook.widget("morph").locator(".widget-readout").inner_text() == "B"
    assert notebook.play_seconds() > 1
    notebook.photograph(f"pad_end_{place}")

    knob = notebook.page.locator("circle.lab-pad-knob")
    right = float(knob.get_attribute("cx"))
    notebook.press("morph", "ArrowLeft")
    notebook.wait_for_text("3/4 of the way:")
    assert float(knob.get_attribute("cx")) < right
    assert notebook.outside == []
