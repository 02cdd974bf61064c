"""What the tests of sound share: a small chorale, tones whose spectrum is known, and the engines that this machine has."""

import numpy as np
import pytest

from lab_utils.audio import engines
from lab_utils.score import Score, note_array

READY = {name: found.ready for name, found in engines().items()}


@pytest.fixture(params=["fluidsynth", "embedded"])
def engine(request):
    """Each engine in turn; FluidSynth is left out where its library is not installed."""
    if not READY[request.param]:
        pytest.skip(f"{request.param} is not installed here")
    return request.param


@pytest.fixture(scope="session")
def chorale():
    """Two bars of four voices on the organ."""
    voices = ((67, 69, 71, 72, 74, 72, 71, 67), (62, 62, 62, 64, 65, 64, 62, 59), (59, 57, 55, 55, 57, 55, 55, 55), (43,) * 8)
    rows = [(quarter, 1, pitch, 80, voice) for voice, line in enumerate(voices) for quarter, pitch in enumerate(line)]
    return Score(note_array(rows), programs=(19,) * 4, title="Two bars")


@pytest.fixture(scope="session")
def tone():
    """A function: a sine of `hertz` and `amplitude`, float32 of shape (samples,)."""

    def sine(hertz, amplitude=0.5, *, seconds=1.0, sample_rate=22050):
        time = np.arange(round(seconds * sample_rate)) / sample_rate
        return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)

    return sine
