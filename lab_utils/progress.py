"""One progress bar for the whole package: in a terminal, in a notebook, and silent when told or when nobody looks; and a line."""

import sys


def bar(steps=None, *, total=None, title="", unit="it", show=True):
    """Return a progress bar over `steps`, or one to be moved by hand with ``update``.

    Parameters
    ----------
    steps : iterable, optional
    total : int, optional
        The number of steps, where `steps` does not know its length.
    title : str
        What is being done.
    unit : str
        What one step is.
    show : bool
        False hides the bar. It is hidden as well where the error stream is no terminal and no notebook is there.

    Returns
    -------
    tqdm
        Leaves nothing behind when it is done, so that a stored notebook stays the same.
    """
    from tqdm.auto import tqdm

    seen = sys.stderr.isatty() or _in_notebook()
    return tqdm(steps, total=total, desc=title, unit=unit, leave=False, disable=not (show and seen), dynamic_ncols=True)


def tell(text, *, show=True):
    """Print a line to the error stream; not in a notebook, whose stored output must be the same on every machine."""
    if show and not _in_notebook():
        print(text, file=sys.stderr)


def _in_notebook():
    ipython = sys.modules.get("IPython")  # a notebook's kernel has loaded it long ago
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")
