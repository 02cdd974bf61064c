"""Run notebooks from their first cell to their last and store what comes out: ``make notebooks``.

Usage: ``python tests/notebooks/store.py FILE.ipynb …``

Each runs in its own folder with a fresh kernel. What differs from run to run and is no result is not stored: times, the version
of Python, the state of widgets. A notebook that fails is left as it was, and the exit code is 1.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SECONDS_A_CELL = 300
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python", "pygments_lexer": "ipython3"}


def store(path):
    """Execute the notebook at `path` and write it back with its outputs; return the number of seconds it took."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    start = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
    ).execute()
    seconds = time.perf_counter() - start
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n")
    return seconds


def main(names):
    """Store every notebook in `names` (list of str); return the exit code."""
    failed = False
    for path in map(Path, names):
        try:
            seconds = store(path)
        except CellExecutionError as error:
            failed = True
            print(f"{path}: failed, left as it was\n{error}", file=sys.stderr)
        else:
            print(f"{path}: {seconds:.0f} s, {path.stat().st_size / 1000:.0f} kB")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
