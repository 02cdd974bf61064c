"""The package's own errors: one line each that says what is wrong and what to do.

The command line turns every :class:`LabError` into that line and exit code 2, without a traceback.
A message names the file or the argument, what was expected, what was received, and a way on.
"""


class LabError(Exception):
    """What went wrong in words a user can act on; the parent of the three kinds below."""


class DataError(LabError):
    """A file or its content cannot be used: the message names the file."""


class ParameterError(LabError, ValueError):
    """An argument is outside what the function takes: the message names the argument."""


class MissingToolError(LabError):
    """A program, library or data file that is not installed: the message says how to get it."""
