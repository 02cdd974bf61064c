"""Folk tunes as ABC text, cut into musical symbols: text → symbols → text (after Sturm et al., folk-rnn, 2016).

A character of ABC means little by itself; a *symbol* is a note with its length, a bar line, a key. What each one means, and how
every tune is written as if its tonic were C: :mod:`lab_utils.encoding.abc_symbols`.

Conventions
-----------
* A tune is ``[M:…]``, ``[K:…]``, then the body, which ends with ``|]`` or ``:|``. Lengths count eighths, whatever ``L:`` says.
* Every note has a length and an accidental of its own, so that a network need not look back to know them: broken rhythm ``A>B``
  is ``A3/2 B/2``, a triplet ``(3cde`` is ``c2/3 d2/3 e2/3``, and an accidental that lasts through the bar is told on each note.
  The writer makes triplets of them again.
* ``C`` is 4/4, ``C|`` is 2/2. Bar lines that meet are one, a plain one at the start is dropped, the last one is ``|]`` unless it
  repeats; other doubled or thick ones are ``||``. Ties that reach no note of their pitch are dropped.
* Sections are not played out: a repeat stays a sign.

What is dropped: grace notes, ornaments, bowing, slurs, chord names, words, tempo, and all fields but meter, length and key; of a
chord (a double stop) all but its top note. What is refused, with a :class:`~lab_utils.errors.DataError`: several voices, a change
of meter or key on the way, a key without a tonic, notes that are no whole number of ticks (quintuplets).

Text → symbols → text keeps every pitch, onset, length, the meter and the key. Used by the data set ``tunes`` and the recipe
``melody``.
"""

from fractions import Fraction
from itertools import pairwise

from lab_utils.encoding import abc_symbols as sym
from lab_utils.encoding.abc_bars import bars_right
from lab_utils.encoding.abc_reading import read_body, read_head
from lab_utils.encoding.abc_vocabulary import END, Vocabulary
from lab_utils.errors import ParameterError

__all__ = ["END", "Vocabulary", "abc_from_symbols", "bars_right", "symbols_from_abc"]

BARS_A_LINE = 4
MODE_NAMES = {"maj": "", "min": "m"}


def symbols_from_abc(text):
    """Return the symbols of the first tune in `text`.

    Parameters
    ----------
    text : str
        ABC; from the first ``X:`` on, if there is one.

    Returns
    -------
    list of str
        ``["[M:6/8]", "[K:Gmaj]", "G2", "A", …, "|]"]``.

    Raises
    ------
    DataError
        If there is no tune, or one of what this module refuses.
    """
    head, body = read_head(text)
    events = read_body(body, head)
    return [f"[M:{head.meter[0]}/{head.meter[1]}]", f"[K:{''.join(head.key)}]", *_listed(events)]


def abc_from_symbols(symbols, *, title="", number=1):
    """Return the ABC tune of `symbols`: the inverse of :func:`symbols_from_abc`.

    Parameters
    ----------
    symbols : sequence of str
        A meter and a key first, in any order, then at least one note.
    title : str
    number : int
        ``X:``, the tune's number in a book.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If the symbols do not make a tune.
    """
    meter, key = _head(symbols)
    kinds = [sym.kind(symbol) for symbol in symbols[2:]]
    for symbol, kind in zip(symbols[2:], kinds, strict=True):
        if kind in ("", "meter", "key"):
            raise ParameterError(f"symbols: expected notes and bar lines after the first two, received {symbol!r}.")
    if "note" not in kinds:
        raise ParameterError("symbols: expected at least one note, received none; there is nothing to write.")
    letter, accidental, mode = key
    beats, unit = meter
    name = letter + accidental + MODE_NAMES.get(mode, mode)
    title = " ".join(title.split()).replace("%", "\\%")
    head = [f"X:{number}", f"T:{title}", f"M:{beats}/{unit}", "L:1/8", f"K:{name}"]
    return "\n".join([*head, *_lines(symbols[2:], meter, key)]) + "\n"


# --- text to symbols -----------------------------------------------------------------------------------------------------------


def _listed(events):
    """The symbols of what was read; lengths are final only now, for broken rhythm changes a note behind it."""
    sounds = [event for event in events if event.what == "sound"]
    following = {id(one): other for one, other in pairwise(sounds)}
    symbols = []
    for event in events:
        if event.what != "sound":
            symbols.append(event.text)
        elif event.note is None:
            symbols.append("z" + sym.length_text(event.length))
        else:
            symbols.append(sym.note_symbol(*event.note, event.length))
            after = following.get(id(event))
            if event.tied and after is not None and after.pitch == event.pitch:
                symbols.append(sym.TIE)
    return symbols


# --- symbols to text -----------------------------------------------------------------------------------------------------------


def _head(symbols):
    found = {sym.kind(symbol): symbol for symbol in symbols[:2]}
    if set(found) != {"meter", "key"}:
        raise ParameterError(f"symbols: expected a meter and a key first, received {list(symbols[:2])}.")
    return sym.meter_of(found["meter"]), sym.key_of(found["key"])


def _lines(body, meter, key):
    """The body, some bars a line."""
    bars, line = [], []
    for symbol in body:
        line.append(symbol)
        if sym.kind(symbol) == "bar":
            bars.append(line)
            line = []
    written, tied = [], None
    for bar in [*bars, line]:
        text, tied = _bar(bar, meter, key, tied)
        written.append(text)
    rows = [" ".join(written[at : at + BARS_A_LINE]).strip() for at in range(0, len(written), BARS_A_LINE)]
    return [row for row in rows if row]


def _bar(bar, meter, key, tied):
    """One bar with its bar line; `tied` is (letter, octave) of the note tied into it, and out of it, or None."""
    text, altered = [], {}
    beat = _beat(meter)
    length, full = sum(sym.ticks(symbol) for symbol in bar), sym.bar_ticks(f"[M:{meter[0]}/{meter[1]}]")
    upbeat = bar[-1:] == ["|"] and length < full
    place = full - length if upbeat else 0
    marks = _triplets(bar)
    for at, symbol in enumerate(bar):
        kind = sym.kind(symbol)
        if kind in ("bar", "ending"):
            text.append(f" {symbol}" + " " * (kind == "ending"))
            continue
        if kind == "tie":
            text.append("-" if at and sym.kind(bar[at - 1]) == "note" else "")
            continue
        text.append(" " if place % beat == 0 and at and place else "")
        place += sym.ticks(symbol)
        written, tied = _sound(symbol, key, altered, tied, stretch=marks[at][1])
        text.append(marks[at][0] + written)
        tied = tied if at + 1 < len(bar) and bar[at + 1] == sym.TIE else None
    return "".join(text).strip(), tied


def _sound(symbol, key, altered, tied, *, stretch):
    """A note or rest as the real key has it, and (letter, octave) of a note.

    The accidental is written wherever the signature, the bar or a tie says otherwise, for programs differ in how long one lasts.
    """
    if symbol[0] == "z":
        return "z" + sym.length_text(sym.note_of(symbol.replace("z", "C", 1))[3] * stretch), None
    *written, length = sym.note_of(symbol)
    letter, octave, alter = sym.from_c(*written, key)
    usual = alter == sym.key_alter(letter, sym.key_sharps(*key))
    if abs(alter) > 2:
        raise ParameterError(f"symbols: expected at most a double sharp or flat, received {symbol!r} in the key {''.join(key)}.")
    told = not usual or letter in altered or tied == (letter, octave)
    if not usual:
        altered[letter] = alter
    return sym.note_symbol(letter, octave, alter if told else None, length * stretch), (letter, octave)


def _beat(meter):
    """How many ticks are beamed together."""
    beats, unit = meter
    if unit >= 8 and beats % 3 == 0:
        return 3 * 4 * sym.TICKS_PER_QUARTER // unit
    return 2 * sym.TICKS_PER_QUARTER if meter in ((4, 4), (2, 2)) else sym.TICKS_PER_QUARTER


def _triplets(bar):
    """For each symbol what is written before it and what its length is multiplied by: triplets fill up to whole 32nds."""
    marks = [("", Fraction(1))] * len(bar)
    group, total = [], Fraction(0)
    for at, symbol in enumerate([*bar, "|"]):
        kind = sym.kind(symbol) if at < len(bar) else "bar"
        length = Fraction(sym.ticks(symbol), sym.TICKS_PER_EIGHTH)
        third = kind in ("note", "rest") and length.denominator % 3 == 0
        if group and not third and kind in ("note", "rest", "bar", "ending"):
            _mark(marks, group)
            group, total = [], Fraction(0)
        if third:
            group.append(at)
            total += length
            if total.denominator % 3:
                _mark(marks, group)
                group, total = [], Fraction(0)
    return marks


def _mark(marks, group):
    for place, at in enumerate(group):
        opening = "(3" if len(group) == 3 else f"(3:2:{len(group)}"
        marks[at] = (opening if place == 0 else "", Fraction(3, 2))
