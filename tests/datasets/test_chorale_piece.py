import subprocess
import sys

import numpy as np

from lab_utils.datasets.chorale_piece import REST, Chorale


def test_length_and_notes():
    onsets = np.zeros((8, 4), dtype=bool)
    onsets[0], onsets[4, 0] = True, True
    piece = Chorale("bwv0", "", np.full((8, 4), REST, np.int16), onsets, np.zeros(8, bool), (4, 4), (0, "major"), 0)
    assert len(piece) == 8 and piece.notes == 5 and piece.tune == -1


def test_loading_the_chorales_does_not_load_music21():
    code = "import sys; from lab_utils.datasets import load_chorales; load_chorales(); print('music21' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
