"""A student's notebook, run to its end whatever is in it: each cell has a time limit, an error stops nothing but its cell.

The cells run in a kernel of their own process, by nbclient. A cell past its limit is interrupted and counts as failed, and the
next one runs. If the kernel dies (no memory, ``os._exit``) the cell is named and those after it count as not run.

This bounds time, not harm: the code can read and write what its user can. How to grade code of people whom you do not know is in
``notebooks/assignments/README.md``.
"""

import subprocess
from dataclasses import dataclass
from queue import Empty

SECONDS = 60  # a cell
PATIENCE = 5  # seconds for a cell to heed its interruption


@dataclass(frozen=True)
class Ran:
    """What became of a cell.

    Parameters
    ----------
    state : str
        "done", "failed", "too slow", "died" or "not run".
    words : str
        What its error says, in one line.
    """

    state: str
    words: str = ""


def run_cells(notebook, *, folder, seconds=SECONDS, progress=True):
    """Run all code cells of `notebook`, whose outputs are then the fresh ones.

    Parameters
    ----------
    notebook : NotebookNode
    folder : str or Path
        In which it runs.
    seconds : float
        For each cell.
    progress : bool
        Whether a bar shows how far it is.

    Returns
    -------
    dict of int to Ran
        By the place of the cell in the notebook.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    from lab_utils.progress import bar

    client = NotebookClient(
        notebook, timeout=seconds, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    places = [place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    ran = {}
    with client.setup_kernel(stderr=subprocess.DEVNULL):  # the kernel's own words, not the student's
        for place in bar(places, title="running", unit="cell", show=progress):
            try:
                client.execute_cell(notebook.cells[place], place)
                ran[place] = _outcome(notebook.cells[place])
            except CellTimeoutError:
                ran[place] = Ran("too slow", f"the cell ran longer than {seconds:g} seconds: does a loop never end?")
                if not _interrupted(client):
                    ran[place] = Ran("died", f"the cell ran longer than {seconds:g} seconds and could not be interrupted")
                    break
            except DeadKernelError:
                ran[place] = Ran("died", "the kernel died in this cell: too much memory, or a call that ends Python")
                break
    for place in places:
        ran.setdefault(place, Ran("not run", "it was not run, for the kernel was gone"))
    return ran


def _interrupted(client):
    """Interrupt what runs and return whether the kernel then answers."""
    from nbclient.util import run_sync

    run_sync(client.km.interrupt_kernel)()
    asked = client.kc.kernel_info()
    try:
        while run_sync(client.kc.get_shell_msg)(timeout=PATIENCE)["parent_header"].get("msg_id") != asked:
            pass
    except Empty:
        return False
    return True


def _outcome(cell):
    errors = [one for one in cell.outputs if one.output_type == "error"]
    if not errors:
        return Ran("done")
    name, value = errors[-1].ename, errors[-1].evalue.strip()
    if name == "NotImplementedError" and not value:
        return Ran("failed", "not written yet")
    words = value if name == "AssertionError" and value else f"{name}: {value}" if value else name
    return Ran("failed", " ".join(words.split()))
