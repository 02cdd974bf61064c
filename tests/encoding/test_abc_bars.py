import pytest

from lab_utils.encoding.abc_bars import bars_right


def counted(text, meter="[M:2/4]"):
    return bars_right([meter, "[K:Cmaj]", *text.split()])


@pytest.mark.parametrize(
    ("text", "right", "all_bars"),
    [
        ("c4 | c2 d2 | c4 |]", 3, 3),
        ("c4 | c2 d | c4 |]", 2, 3),  # too short
        ("c4 | c2 d3 | c4 |]", 2, 3),  # too long
        ("c | c4 | c3 |]", 3, 3),  # an upbeat and the bar that completes it
        ("c | c4 | c4 |]", 2, 3),  # an upbeat that nothing completes
        ("c | c4 | c2 |]", 1, 3),  # or not quite
        ("c | c4 | c3 :: d | d4 | d3 :|", 6, 6),
        ("c4 | c4 :: d | d4 | d3 :|", 5, 5),  # the second part has an upbeat of its own
        ("c | c4 | c3 || d2 | d4 | d2 |]", 6, 6),  # each part back to its own start
        ("c | c4 | c2 || d2 | d4 | d3 |]", 6, 6),  # across the double bar, and from the end to the start
        ("c4 | c2 || d2 | c4 |]", 4, 4),  # a double bar inside a bar
        ("c | c4 | [1 c3 :| [2 c3 || d | d4 | d3 :|", 7, 7),
        ("c | c4 | [1 c3 :| [2 c4 |]", 4, 4),  # the upbeat is completed by the first ending
        ("|: c4 | [1 c4 :| [2 c2 |]", 2, 3),
        ("|: c4 | c2 :| d | c4 |]", 2, 4),  # two short bars that make no whole one
        ("c4 | | c4 |]", 2, 2),  # nothing between two bar lines is no bar
        ("c4 | c4", 2, 2),  # without a bar line at the end
        ("c2 |]", 0, 1),  # a half bar does not complete itself
        ("z4 | c2/3 c2/3 c2/3 c2 |]", 2, 2),
        ("|]", 0, 0),
    ],
)  # fmt: skip
def test_bars_by_construction(text, right, all_bars):
    assert counted(text) == (right, all_bars)


def test_the_meter_decides():
    assert counted("c3 d3 | c6 |]", "[M:6/8]") == (2, 2)
    assert counted("c3 d3 | c6 |]", "[M:4/4]") == (0, 2)
    assert bars_right(["c4", "|"]) == (0, 1)
    assert bars_right([]) == (0, 0)
