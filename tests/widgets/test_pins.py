"""Pins on a roll: what the buttons ask for, what is shown, and what is said when nothing can be written."""

import pytest

from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array
from lab_utils.widgets import pin_roll
from lab_utils.widgets.pins import BAR, Roll

ASKED = []


def write(pins, key, seed):
    """Repeat each pin for a quarter, an octave lower when drawn; nothing without pins."""
    ASKED.append((pins, key, seed))
    if not pins:
        raise ParameterError("pins: expected some, <none> received; pin a note.")
    return Score(note_array([(step / 4, 1.0, pitch - (12 if seed else 0)) for step, pitch in pins.items()]))


def made(**options):
    ASKED.clear()
    return pin_roll(write=write, **options)


def test_it_is_filled_at_once():
    roll = made(pins={0: 72, 6: 76}, bars=1)
    assert ASKED == [({0: 72, 6: 76}, None, 0)]
    assert roll.roll.pins == [[0, 72], [3, 76]] and roll.roll.columns == BAR
    assert roll.roll.notes == [[0.0, 2.0, 72], [3.0, 2.0, 76]]
    assert "2 notes, the likeliest" in roll.shown.value and "<audio" in roll.shown.value and roll.told.value == ""


def test_the_first_pins_lie_on_any_roll():
    for bars in (1, 4, 8):
        assert all(column < bars * BAR for column, _ in made(bars=bars).roll.pins)


def test_pins_of_the_page_are_filled_when_the_button_says_so():
    roll = made(pins={0: 72}, bars=2)
    before = roll.shown.value
    roll.roll.pins = [[0, 72], [9, 67]]  # as the page sets it
    assert roll.shown.value == before and len(ASKED) == 1
    roll.fill.click()
    assert ASKED[-1] == ({0: 72, 18: 67}, None, 0) and roll.roll.notes[-1] == [9.0, 2.0, 67] and roll.shown.value != before


def test_another_is_drawn_anew_each_time_and_a_key_is_kept():
    roll = made(pins={0: 72}, key="G major")
    roll.another.click()
    roll.another.click()
    assert [seed for *_, seed in ASKED] == [0, 1, 2] and ASKED[-1][1] == (1, "major")
    assert roll.roll.notes[0][2] == 60 and "drawn by chance, no. 2" in roll.shown.value
    roll.key.value = "A minor"
    roll.fill.click()
    assert ASKED[-1][1:] == ((0, "minor"), 0)


def test_what_cannot_be_written_is_said_and_the_last_melody_stays():
    roll = made(pins={0: 72})
    shown, notes = roll.shown.value, roll.roll.notes
    roll.clear.click()
    assert roll.roll.pins == [] and roll.roll.notes == [] and "Click on the roll" in roll.told.value
    roll.fill.click()
    assert "Cannot be filled" in roll.told.value and "&lt;none>" in roll.told.value
    assert roll.shown.value == shown and notes


def test_it_shows_without_a_kernel_and_repeats():
    data = made(pins={0: 72})._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert "application/vnd.jupyter.widget-view+json" in data and "<audio" in data["text/html"]
    assert data["text/plain"] == "PinRoll: 1 pins in 4 bars, any key"


def test_the_page_has_its_script_and_asks_no_address():
    script = Roll._esm if isinstance(Roll._esm, str) else str(Roll._esm)
    assert "export default" in script and "https:" not in script


@pytest.mark.parametrize(
    ("options", "words"),
    [({"bars": 0}, "bars"), ({"key": "H major"}, "key: expected one of any key"), ({"pins": {1: 72}}, "even steps under 64"),
     ({"pins": {64: 72}}, "even steps"), ({"pins": {0: 40}}, "60 to 81")],
)  # fmt: skip
def test_what_does_not_fit_the_roll_is_refused(options, words):
    with pytest.raises(ParameterError, match=words):
        made(**options)
