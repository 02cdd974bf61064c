"""The package's own errors: one line each that says what is wrong and what to do.

The command line turns every :class:`LabError` into that line and exit code 2, without a traceback.
A message names the file or the argument, what was expected, what was received, and a way on.
"""

import numbers


class LabError(Exception):
    """What went wrong in words a user can act on; the parent of the three kinds below."""


class DataError(LabError):
    """A file or its content cannot be used: the message names the file."""


class ParameterError(LabError, ValueError):
    """An argument is outside what the function takes: the message names the argument."""


class MissingToolError(LabError):
    """A program, library or data file that is not installed: the message says how to get it."""


def check_whole(name, value, least, most=None):
    """Return `value` as an int if it is a whole number (int or NumPy's, no bool) from `least` on, and to `most` if that is given.

    Raises
    ------
    ParameterError
        If it is not; `name` is the argument's, for the message.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ParameterError(f"{name}: expected a whole number {allowed}, received {value!r}.")
    return int(value)
