"""A real chorale, typed in, and no figure left open from one test to the next."""

import pytest

from lab_utils.score import Score, note_array

# Bach, BWV 66.6: the upbeat and three bars, as (pitch, quarters); None is a rest
VOICES = (
    "73:.5 71:.5 69:1 71:1 73:1 76:1 73:1 71:1 69:1 73:1 69:.5 71:.5 68:1 66:1 69:1",
    "64:1 66:1 64:1 64:1 64:1 64:.5 69:.5 68:1 64:1 68:1 66:.5 68:.5 65:1 61:1 66:1",
    "57:.5 59:.5 61:1 59:1 57:1 59:1 57:.5 64:.5 64:.5 62:.5 61:1 61:1 61:.5 62:.5 61:.5 59:.5 57:1 61:1",
    "57:.5 56:.5 54:1 56:1 57:1 56:1 57:.5 49:.5 52:1 45:1 53:1 54:.5 47:.5 49:1 42:1 54:1",
)


def rows():
    for voice, text in enumerate(VOICES):
        onset = 0.0
        for word in text.split():
            pitch, length = word.split(":")
            yield onset, float(length), int(pitch), 80, voice
            onset += float(length)


@pytest.fixture
def chorale():
    return Score(
        note_array(rows()),
        tempos=((0.0, 90.0),),
        keys=((0.0, 3, "minor"),),
        pickup_quarter=1.0,
        names=("Soprano", "Alto", "Tenor", "Bass"),
        title="Christ unser Herr zum Jordan kam",
    )


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    from matplotlib import pyplot

    pyplot.close("all")
