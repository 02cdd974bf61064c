"""The roll on which notes are pinned: in JupyterLab filled by the network, as a Voilà page by a writer made by hand."""

CELLS = {
    "lab": "from lab_utils.widgets import pin_roll\npin_roll(pins={0: 72, 16: 79}, bars=2)",
    "voila": """
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array
from lab_utils.widgets import pin_roll

def write(pins, key, seed):
    if key and 73 in pins.values():
        raise ParameterError("key: C major has no C♯5, which is pinned at step 8.")
    return Score(note_array((step / 4, 0.5, pins.get(step, 65 + seed)) for step in range(0, 32, 2)))

pin_roll(pins={0: 72, 16: 79}, bars=2, write=write)
""",
}
CELL, TALL, LEFT, HIGHEST = 18, 12, 34, 81  # as pins.js draws


def boxes(notebook, kind):
    """Return what the roll shows, (column, pitch) of each rectangle; each starts at a column."""
    read = "all => all.map(one => [one.x.baseVal.value, one.y.baseVal.value])"
    found = notebook.page.locator(f"rect.lab-pins-{kind}").evaluate_all(read)
    return sorted((round((x - LEFT) // CELL), round(HIGHEST - (y - 1) / TALL)) for x, y in found)


def pin(notebook, column, pitch):
    notebook.page.locator(f"rect[data-column='{column}'][data-pitch='{pitch}']").click()


def test_a_pin_changes_what_is_filled_in(show, place):
    roll = show(CELLS[place])
    staff, sound = roll.wait_for_picture(), roll.wait_for_sound()
    assert boxes(roll, "pin") == [(0, 72), (8, 79)]
    assert {(0, 72), (8, 79)} <= set(boxes(roll, "note"))
    pin(roll, 4, 74)
    roll.page.wait_for_function("() => document.querySelectorAll('rect.lab-pins-pin').length === 3")
    assert roll.picture() == staff  # nothing is written until it is asked for
    roll.click("fill")
    assert roll.wait_for_picture(other_than=staff) != staff
    assert roll.wait_for_sound(other_than=sound) != sound and roll.play_seconds() > 3
    assert {(0, 72), (4, 74), (8, 79)} <= set(boxes(roll, "note"))
    roll.photograph(f"pins_{place}")

    filled = roll.picture()
    roll.click("another")
    roll.wait_for_text("drawn by chance, no. 1")
    assert roll.picture() != filled
    pin(roll, 4, 73)  # takes the place of the other pin in its column
    roll.page.locator(".jupyter-widgets select").select_option(label="C major")
    roll.click("fill")
    roll.wait_for_text("Cannot be filled.")
    assert boxes(roll, "pin") == [(0, 72), (4, 73), (8, 79)]
    roll.photograph(f"pins_contradiction_{place}")
    roll.click("clear")
    roll.page.wait_for_function("() => document.querySelectorAll('rect.lab-pins-pin').length === 0")
    assert roll.outside == []
