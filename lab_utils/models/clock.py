"""What cannot come next in a tune, for networks: the twin of ``Clock.impossible`` in :mod:`lab_utils.encoding.abc_clock`.

The kinds of symbols are numbered as there; a test holds the two together. Axis letters: V vocabulary.
"""

from lab_utils.backend import keras

ops = keras.ops

END, METER, KEY, BAR, SECTION, ENDING, SOUND = range(7)


def impossible(features, kinds, durations):
    """Return which symbols cannot come, bool (..., V).

    Parameters
    ----------
    features : dict of str to tensor of int, each shape (...)
        ``token``, ``left``, ``bar`` and ``meter`` are looked at.
    kinds, durations : sequence of int, length V
        The tables of the clock.
    """
    table, lengths = ops.convert_to_tensor(kinds, dtype="int32"), ops.convert_to_tensor(durations, dtype="int32")
    before = ops.take(table, features["token"], axis=0)[..., None]
    left, bar, meter = (ops.cast(features[name], "int32")[..., None] for name in ("left", "bar", "meter"))
    start, behind_meter = meter == 0, before == METER
    # in the head: a meter and nothing else, a key and nothing else; neither of them later
    wanted = ops.where(start, METER, ops.where(behind_meter, KEY, -1))
    of_head = ops.logical_or(table == METER, table == KEY)
    cannot = ops.where(wanted < 0, of_head, table != wanted)
    cannot = ops.logical_or(cannot, lengths > left)
    cannot = ops.logical_or(cannot, ops.logical_and(table == BAR, ops.logical_and(left > 0, bar > 0)))
    behind_line = ops.logical_or(before == BAR, before == SECTION)
    cannot = ops.logical_or(cannot, ops.logical_and(table == ENDING, ops.logical_not(behind_line)))
    return ops.logical_or(cannot, ops.logical_and(table == END, before != SECTION))
