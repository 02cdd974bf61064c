"""For pytest alone (`make test`): what nbval leaves out when it compares a notebook's stored outputs with fresh ones."""

import json
from pathlib import Path


def pytest_collectstart(collector):
    """Leave out warnings, which name files of this machine, and SVG, whose ids change from run to run."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr", "image/svg+xml")


def pytest_terminal_summary(terminalreporter):
    """Say how many cells were run without comparing what came out; tests/notebooks/test_stored.py bounds their number."""
    paths = [Path(name) for name in terminalreporter.config.args if name.endswith(".ipynb")]
    cells = [cell for path in paths for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    ignored = sum("nbval-ignore-output" in cell["metadata"].get("tags", []) for cell in cells)
    terminalreporter.write_line(f"{ignored} of {len(cells)} cells go without comparison (nbval-ignore-output)")
