import pytest

from lab_utils.errors import ParameterError
from lab_utils.files import bar_lines
from lab_utils.score import Score, note_array

FOUR = {0.0: (4, 4)}


@pytest.mark.parametrize(
    ("starts", "pickup"),
    [([], 0.0), ([0.0], 0.0), ([0.0, 4.0, 8.0], 0.0), ([0.0, 1.0, 5.0], 1.0), ([0.0, 5.0, 9.0], 0.0)],
)
def test_a_short_first_bar_is_the_upbeat(starts, pickup):
    assert bar_lines.upbeat(starts, FOUR) == pickup


@pytest.mark.parametrize(
    ("starts", "told"),
    [
        ([0, 4, 8, 12], []),
        ([0, 1, 5, 9], []),
        ([0, 4, 7, 8, 12], []),  # three and one quarters, at a repeat sign
        ([0, 4, 7, 11, 15], [7]),
        ([0, 4, 12, 16], []),  # a bar line left out
        ([0, 4, 9, 13], [9]),  # a bar too long
        ([0, 4, 7, 9, 13], [7, 9]),
    ],
)
def test_the_meter_is_told_again_where_counting_would_miss(starts, told):
    starts = [float(start) for start in starts]
    pickup = bar_lines.upbeat(starts, FOUR)
    meters = bar_lines.told_again(starts, pickup, FOUR)
    assert sorted(meters) == [0, *told]
    listed = tuple((onset, *meters[onset]) for onset in sorted(meters))
    score = Score(note_array([(0, starts[-1] + 4, 60)]), meters=listed, pickup_quarter=pickup)
    assert set(told) <= set(score.bar_lines())
    assert score.bar_lines()[-2] == starts[-1]


@pytest.mark.parametrize("meter", [(0, 4), (4, 0)])
def test_a_meter_without_beats_is_refused(meter):
    with pytest.raises(ParameterError, match="meters"):
        bar_lines.told_again([0.0, 4.0], 0.0, {0.0: meter})


def test_a_meter_that_changes_is_not_told_again():
    meters = {0.0: (4, 4), 4.0: (3, 4)}
    assert bar_lines.told_again([0.0, 4.0, 7.0, 10.0], 0.0, meters) == meters
