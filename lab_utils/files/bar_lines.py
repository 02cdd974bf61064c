"""From the bar lines of a file to the upbeat and meters of a Score, whose own bar lines then fall on the same places.

A Score counts its bars by meter, from the upbeat on. Files have real bars: short ones before and after a repeat sign, long ones
by mistake. Where counting would miss a bar line, the meter is told again, which opens a bar.
"""

from lab_utils.errors import ParameterError
from lab_utils.files.notation import NEAR


def upbeat(starts, meters):
    """Return the length of the first bar in quarters if it is shorter than its meter and another bar follows, else 0.

    Parameters
    ----------
    starts : list of float
        Where the bars of a piece start, in quarters.
    meters : dict of float to (beats, beat_unit)
        By onset in quarters; one at 0.

    Raises
    ------
    ParameterError
        If a meter has no beats.
    """
    return starts[1] if len(starts) > 1 and starts[1] < _following(meters, 0.0) - NEAR else 0.0


def told_again(starts, pickup, meters):
    """Return `meters` with a meter told again where a Score's bars, counted by meter and upbeat, would miss bar lines.

    Bars cut short that make up a full one together (before and after a repeat sign) count as one; of a bar longer than its meter
    the rest counts as another.
    """
    told, here = dict(meters), pickup
    while later := [start for start in starts if start > here + NEAR]:
        following = _following(meters, here)
        if any(abs(start - following) < NEAR for start in later) or following < later[0]:
            here = following
        else:
            here = later[0]
            told.setdefault(here, _in_force(meters, here))
    return told


def _following(meters, here):
    beats, unit = _in_force(meters, here)
    if beats < 1 or unit < 1:
        raise ParameterError(f"meters: expected at least one beat of a whole or shorter, received {beats}/{unit}.")
    return here + beats * 4 / unit


def _in_force(changes, time):
    return changes[max(onset for onset in changes if onset <= time + NEAR)]
