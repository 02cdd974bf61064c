"""What the tests of an assignment say: one sentence that helps, in place of a bare assert.

Each function returns nothing if the answer is right and raises an AssertionError if not. What is said goes from the plain to the
particular: nothing was returned, another kind of thing, another shape, not finite, other values and where. A `hint` is added to
what is said of shapes and values; it says where to look and never gives the answer away.

Conventions: `what` names what is judged as the student knows it, such as ``"stft(signal)"``; wanted values are exact or an
oracle's, and a tolerance is absolute and relative alike (of `numpy.isclose`). Used by the notebooks in
``notebooks/assignments``.
"""

import numbers

import numpy as np


def expect(right, words):
    """Say `words` unless `right`.

    Parameters
    ----------
    right : bool
    words : str
        One sentence: what came, what a right answer gives, where to look.
    """
    if not _truth(right):
        raise AssertionError(words)


def expect_number(what, got, wanted, *, tolerance=1e-6, hint=""):
    """Expect one finite number close to `wanted`.

    Parameters
    ----------
    what : str
    got : object
    wanted : float
    tolerance : float
        0 asks for the very number.
    hint : str
    """
    _returned(what, got)
    if isinstance(got, np.ndarray) and got.size == 1 and got.ndim <= 1:
        got = got.reshape(())[()]
    if isinstance(got, bool | np.bool_) or not isinstance(got, numbers.Real):
        raise AssertionError(_sentence(f"{what} is {_kind(got)}; one number was asked for", hint))
    if not np.isfinite(got) and not (np.isinf(wanted) and got == wanted):
        raise AssertionError(_sentence(f"{what} is {got}; a right answer is a finite number", hint))
    if not np.isclose(float(got), float(wanted), rtol=tolerance, atol=tolerance):
        raise AssertionError(_sentence(f"{what} is {_short(got)}; a right answer gives {_short(wanted)}", hint))


def expect_array(what, got, wanted, *, tolerance=1e-6, whole=False, hint=""):
    """Expect an array of the shape of `wanted` with close values.

    Parameters
    ----------
    what : str
    got : object
    wanted : array_like
    tolerance : float
        0 asks for the very numbers.
    whole : bool
        Whether the type must be a whole one.
    hint : str
    """
    _returned(what, got)
    got, wanted = _array(what, got), np.asarray(wanted)
    if got.shape != wanted.shape:
        raise AssertionError(_sentence(f"{what} has the shape {got.shape}; a right answer has {wanted.shape}", hint))
    if whole and got.dtype.kind not in "iu":
        raise AssertionError(_sentence(f"{what} holds numbers of type {got.dtype}; whole numbers were asked for", hint))
    if got.size and np.isfinite(wanted).all() and not np.isfinite(got).all():
        raise AssertionError(_sentence(f"{what} holds {np.size(got) - np.isfinite(got).sum()} values that are not finite", hint))
    off = ~np.isclose(got, wanted, rtol=tolerance, atol=tolerance, equal_nan=True)
    if off.any():
        first = np.unravel_index(int(np.argmax(off)), off.shape)
        place = ", ".join(map(str, first)) if first else ""
        raise AssertionError(
            _sentence(
                f"{what} differs in {int(off.sum())} of {off.size} places, first at [{place}]: "
                f"{_short(got[first])}, where a right answer gives {_short(wanted[first])}",
                hint,
            )
        )


def expect_same(what, got, wanted, *, hint=""):
    """Expect an equal text, whole number, truth value, tuple, list, dict or None.

    Lists and tuples may stand for each other, and NumPy's numbers for Python's.
    """
    if wanted is not None:
        _returned(what, got)
    if _plain(got) != _plain(wanted):
        raise AssertionError(_sentence(f"{what} is {_clipped(got)}; a right answer gives {_clipped(wanted)}", hint))


def _returned(what, got):
    if got is None:
        raise AssertionError(f"{what} returned None: end it with `return ...`; print shows a value, but hands nothing on.")


def _array(what, got):
    try:
        made = np.asarray(got)
    except ValueError:  # rows of different lengths
        made = None
    if made is None or made.dtype.kind not in "biufc":
        raise AssertionError(f"{what} is {_kind(got)}; an array of numbers was asked for.")
    return made


def _truth(value):
    return bool(value.all()) if isinstance(value, np.ndarray) else bool(value)


def _plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {_plain_key(key): _plain(one) for key, one in value.items()}
    return value


def _plain_key(key):
    made = _plain(key)
    return tuple(made) if isinstance(made, list) else made


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _short(value):
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def _clipped(value, most=120):
    text = repr(_plain(value))
    return text if len(text) <= most else text[: most - 3] + "..."


def _sentence(words, hint):
    return f"{words}. {hint}".rstrip() if hint else f"{words}."
