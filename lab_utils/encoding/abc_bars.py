"""Has every bar of a tune the length that its meter asks for? Upbeats, and the short bars that complete them, count as one bar.

A *bar* is what stands between two bar lines of any kind, if it has notes or rests. It is **right** if it is as long as the meter
says, or if it is a short bar at a joint and completed by the short bar on the joint's other side, both together being one bar.
Sections lie between section marks (``|:``, ``:|``, ``::``, ``||``, ``|]``, the tune's start and end). The joints lead

* from a section's last bar on to the first bar of the next section, unless that is a second ending;
* from a section's last bar back to its own first bar, as if it were repeated; a second ending goes back to where the section with
  the first one starts;
* from the tune's last bar back to its first, for a dance is played again.

A short bar anywhere else, an upbeat that nothing completes, and every bar that is too long are wrong. This is stricter than
musicians are: a printed tune may begin with an upbeat and end with a full bar.
"""

from lab_utils.encoding import abc_symbols as sym


def bars_right(symbols):
    """Return how many bars of a tune have the right length, and how many there are.

    Parameters
    ----------
    symbols : sequence of str
        Of one tune; without a meter among them no bar is right.

    Returns
    -------
    (int, int)
        Right ones and all. A tune is right where both are equal and not 0.
    """
    meters = [symbol for symbol in symbols if sym.kind(symbol) == "meter"]
    full = sym.bar_ticks(meters[0]) if meters else -1
    sections, bars = _sections(symbols)
    right = [length == full for length in bars]
    for end, start in _joints(sections):
        if bars[end] + bars[start] == full:
            right[end] = right[start] = True
    return sum(right), len(bars)


def _sections(symbols):
    """The sections that have bars, each as (numbers of its bars, begins with an ending?), and the lengths of all bars."""
    sections, lengths = [([], False)], []
    bar = 0
    for symbol in symbols:
        kind = sym.kind(symbol)
        bar += sym.ticks(symbol)
        if kind == "bar" and bar:
            sections[-1][0].append(len(lengths))
            lengths.append(bar)
            bar = 0
        if symbol in sym.SECTIONS and sections[-1][0]:
            sections.append(([], False))
        if kind == "ending" and not sections[-1][0] and not bar and len(sections) > 1:
            sections[-1] = ([], True)
    if bar:
        sections[-1][0].append(len(lengths))
        lengths.append(bar)
    return [section for section in sections if section[0]], lengths


def _joints(sections):
    """Pairs of bars, (the last one of a section, the first one that may follow it)."""
    joints = []
    start = 0
    for place, (bars, is_ending) in enumerate(sections):
        start = start if is_ending else bars[0]
        joints.append((bars[-1], start))
        if place + 1 < len(sections) and not sections[place + 1][1]:
            joints.append((bars[-1], sections[place + 1][0][0]))
    if sections:
        joints.append((sections[-1][0][-1], sections[0][0][0]))
    return [(end, following) for end, following in joints if end != following]
