"""Sopranos are read from all that may hold one; the network's harmonies keep every constraint and are as likely as is said."""

from types import SimpleNamespace

import numpy as np
import pytest

from lab_utils.algorithms import _beam_harmony as harmony
from lab_utils.algorithms._beam_figures import sung
from lab_utils.encoding import chorale as encoding
from lab_utils.errors import ParameterError
from lab_utils.score import Score, note_array

LINE = np.repeat([72, 74, 76, 74, 72, 71, 72, 72], 4)
STARTS = np.arange(len(LINE)) % 4 == 0


def test_a_row_of_pitches_is_a_soprano():
    melody = harmony.read_soprano(LINE, onsets=STARTS)
    assert melody.moved == 0 and melody.line.tolist() == LINE.tolist() and melody.onsets.tolist() == STARTS.tolist()
    changes = harmony.read_soprano(LINE)
    assert changes.onsets.sum() == 7 and not changes.onsets[28]
    assert (melody.tokens() > 1).sum() == 8 and (melody.tokens(onsets=False) > 1).sum() == 7
    four = harmony.read_soprano(np.stack([LINE, LINE - 5, LINE - 9, LINE - 21], axis=1))
    assert four.line.tolist() == LINE.tolist()


def test_a_chorale_brings_meter_and_fermatas():
    grid = np.stack([LINE, LINE - 5, LINE - 9, LINE - 21], axis=1).astype(np.int16)
    fermatas = np.arange(len(LINE)) >= 28
    piece = SimpleNamespace(
        grid=grid, onsets=np.stack([STARTS] * 4, axis=1), fermatas=fermatas, meter=(3, 4), pickup_steps=4, key=(1, "major"),
        title="", name="bwv0",
    )  # fmt: skip
    melody = harmony.read_soprano(piece)
    assert melody.position[:6].tolist() == [24, 25, 26, 27, 16, 17] and melody.phrase[-1] == 1 and melody.phrase[0] == 8
    assert melody.title == "bwv0" and melody.key == (1, "major")


def test_of_a_score_the_line_on_top_is_taken_and_moved_by_octaves():
    high = [(i, 1, pitch + 24, 80, 0) for i, pitch in enumerate((60, 62, 64, 65))]
    low = [(0, 4, 48, 80, 1)]
    score = Score(note_array(high + low), meters=((0.0, 3, 4),), tempos=((0.0, 90.0),), title="High")
    melody = harmony.read_soprano(score)
    assert melody.moved == -12 and melody.line[::4].tolist() == [72, 74, 76, 77] and len(melody.line) == 16
    assert melody.tempo == 90 and melody.meter == (3, 4) and melody.title == "High"
    assert harmony.read_soprano(LINE - 24).moved == 12


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(np.full(8, -1), "rests alone"), (np.zeros((4, 3)), "expected a Score"), ([], "expected a Score"),
     (["a"], "expected a Score"),
     (np.array([36, 100]), "narrower line"), (np.full(5000, 60), "4096 16ths, received 5000")],
)  # fmt: skip
def test_what_is_no_soprano_is_refused(wrong, words):
    with pytest.raises(ParameterError, match=words):
        harmony.read_soprano(wrong)
    with pytest.raises(ParameterError, match="onsets: expected shape"):
        harmony.read_soprano(LINE, onsets=STARTS[:3])


def test_the_network_harmonises():
    """One soprano in four ways, all constraints read from the notes, and the likelihood that the recipe measures."""
    from lab_utils.recipes import chorale
    from lab_utils.recipes._chorale_pieces import Piece

    options = {"onsets": STARTS, "beams": 4}
    found = harmony.harmonise(LINE, **options)
    assert found.tokens.shape == (32, 4) and sung(found) and found.score.voices == (0, 1, 2, 3) and found.calls == 128
    model = harmony.chorale_model("chorale")[0]
    piece = Piece(found.tokens, found.melody.position, found.melody.phrase)
    nll = chorale.score_pieces(model, [piece], batch=1)[0][0]
    assert found.log_probability == pytest.approx(-nll.sum(), rel=1e-3) and found.nats == pytest.approx(nll.mean(), rel=1e-3)

    bound = harmony.harmonise(LINE, grid=4, key=(0, "major"), price=np.inf, pins={(0, 1): 67, (16, 3): 53}, **options)
    grid, onsets = encoding.grid_from_tokens(bound.tokens)
    assert sung(bound) and not onsets[np.arange(32) % 4 != 0].any() and grid[0, 1] == 67 and grid[16, 3] == 53
    assert np.isin(grid % 12, [0, 2, 4, 5, 7, 9, 11]).all()

    drawn = harmony.harmonise(LINE, sampled=True, count=2, seed=3, **options)
    assert len(drawn) == 2 and all(map(sung, drawn)) and (drawn[0].tokens != drawn[1].tokens).any()
    with pytest.raises(ParameterError, match="voice ranges and pins contradict each other at step 9"):
        harmony.harmonise(LINE, pins={(2, 1): 80}, **options)
